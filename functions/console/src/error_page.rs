//! Refusals as pages that say what to do.

use bytes::Bytes;
use http::header::{ALLOW, REFRESH, RETRY_AFTER};
use http::{Method, Request, Response, StatusCode};
use maud::html;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use service::http::Problem;

use crate::refusal::Refusal;
use crate::{answer, layout, route};

/// The page for a refusal.
pub(crate) fn show(refusal: Refusal, request: &Request<Bytes>) -> Response<Bytes> {
    let (status, title, what_to_do) = match &refusal {
        Refusal::SignedOut { expired } => return to_sign_in(request, *expired),
        Refusal::Foreign => (
            StatusCode::FORBIDDEN,
            "The request's address does not match this console",
            "Nothing was changed. Either another site sent it: then open the console yourself and do it there. Or a proxy in between changes \
             the Host header, which has to be what the browser shows: whoever runs the service has the proxy pass it on, \
             or starts it with --public-url (on AWS: deploys it with DomainName) as \
             the browser has it."
                .into(),
        ),
        Refusal::StaleForm => (
            StatusCode::FORBIDDEN,
            "This form is out of date",
            "Nothing was changed: you signed in again after the page was opened. Go back, reload the page and send it again."
                .into(),
        ),
        Refusal::NoPage => {
            (StatusCode::NOT_FOUND, "No such page", "The address may be mistyped, or the page has moved.".into())
        }
        Refusal::NoOrganisation => (
            StatusCode::NOT_FOUND,
            "No such organisation",
            "It does not exist, or your admin key belongs to another one. Choose one of yours from the list of organisations."
                .into(),
        ),
        Refusal::Problem(problem) => of_problem(problem),
    };
    let mut response = answer::page(
        status,
        layout::bare(
            title,
            html! {
                h1 { (title) }
                p { (what_to_do) }
                p.actions { a.button href="/" { "Go to the console" } }
            },
        ),
    );
    match &refusal {
        Refusal::Problem(Problem::Method(allowed)) => {
            let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
            if let Ok(names) = names.join(", ").parse() {
                response.headers_mut().insert(ALLOW, names);
            }
        }
        Refusal::Problem(Problem::Contended | Problem::Throttled | Problem::Unavailable) => {
            response.headers_mut().insert(RETRY_AFTER, 1.into());
        }
        _ => {}
    }
    response
}

fn of_problem(problem: &Problem) -> (StatusCode, &'static str, String) {
    let (title, what_to_do) = match problem {
        Problem::NotFound(what) => ("Not found", sentence(what)),
        Problem::Unauthorized(_) => ("Sign in again", "Your admin key is not known any more.".into()),
        Problem::Invalid { field, detail, allowed } => {
            ("Something in the form is not right", format!("{field}: {detail}. Possible: {allowed}."))
        }
        Problem::TooLarge(limit) => ("That is too much at once", format!("At most {limit} bytes can be sent here.")),
        Problem::Method(_) => ("Not possible here", "The page cannot be used in this way. Open it from the console.".into()),
        Problem::Contended | Problem::Throttled => {
            ("Busy", "Others change the same thing at this moment. Wait a second and try again.".into())
        }
        Problem::Unavailable => (
            "The service cannot do this at the moment",
            "Its database or secret store does not answer. Nothing is lost; try again in a minute, and look at the service's log if it stays."
                .into(),
        ),
        Problem::Internal => {
            ("The service has a defect, or is configured wrongly", "Its log says more. Trying again will not help.".into())
        }
        other => ("This cannot be done", sentence(&other.detail())),
    };
    (problem.status(), title, what_to_do)
}

/// `text` as a sentence.
pub(crate) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

/// The way to the sign-in page, and from there back to where somebody wanted to go.
fn to_sign_in(request: &Request<Bytes>, expired: bool) -> Response<Bytes> {
    let wanted = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let back = Some(wanted).filter(|wanted| request.method() != Method::POST && *wanted != "/").and_then(route::local);
    let mut parameters = Vec::new();
    if expired {
        parameters.push("expired=1".to_owned());
    }
    if let Some(back) = back {
        parameters.push(format!("to={}", utf8_percent_encode(back, NON_ALPHANUMERIC)));
    }
    let query = if parameters.is_empty() { String::new() } else { format!("?{}", parameters.join("&")) };
    let path = format!("/sign-in{query}");
    if expired || request.method() == Method::POST || !is_from_elsewhere(request) {
        return answer::see(&path);
    }
    // A link on another site brings no cookie along, and neither does where it is redirected to. A step of the page itself does.
    let content = html! { h1 { "Opening the console" } p.actions { a.button href=(path) { "Continue" } } };
    let mut response = answer::page(StatusCode::OK, layout::bare("Opening", content));
    if let Ok(value) = format!("0; url={path}").parse() {
        response.headers_mut().insert(REFRESH, value);
    }
    response
}

fn is_from_elsewhere(request: &Request<Bytes>) -> bool {
    request.headers().get("sec-fetch-site").is_some_and(|site| site == "cross-site" || site == "same-site")
}
