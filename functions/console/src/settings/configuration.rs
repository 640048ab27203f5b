//! What to deploy: every form of the configuration, where it goes and what to do next, with the options that rewrite it.

use ::settings::{Document, HIDDEN, OptionName, Selection, Variant};
use maud::{Markup, html};
use model::organisation::Organisation;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use service::organisations::settings::{self, ConfigurationError};
use store::issued::IssuedToken;

use super::address;
use crate::components::form;
use crate::context::PageContext;

/// The forms, as they are called on their tabs.
pub(super) fn title(variant: Variant) -> &'static str {
    match variant {
        Variant::Managed => "Managed Settings",
        Variant::User => "One user",
        Variant::DropIn => "Drop-in file",
        Variant::Bedrock => "Bedrock user",
        Variant::MacosProfile => "macOS profile",
        Variant::MacosPlist => "macOS plist",
        Variant::WindowsRegistry => "Windows registry",
        Variant::WindowsPowerShell => "PowerShell",
        Variant::Shell => "Shell",
        Variant::GithubActions => "GitHub Actions",
        Variant::HeadersHelper => "Other CI",
    }
}

/// What the address of the page asks for: a variant and its options.
pub(super) struct Wanted<'a> {
    variant: Variant,
    /// The options that are set to something, in their order.
    options: Vec<(OptionName, &'a str)>,
}

impl<'a> Wanted<'a> {
    /// What is asked for. A variant that there is not is the first; an empty field of the form is none.
    fn read(context: &'a PageContext<'_>) -> Self {
        let variant = context.query.get("variant").and_then(|name| name.parse().ok()).unwrap_or(Variant::Managed);
        let value =
            |option: OptionName| context.query.get(option.as_str()).map(str::trim).filter(|value| !value.is_empty());
        let options = OptionName::ALL.into_iter().filter(|option| takes(*option, variant));
        Self { variant, options: options.filter_map(|option| Some((option, value(option)?))).collect() }
    }

    fn value(&self, option: OptionName) -> Option<&str> {
        self.options.iter().find(|(name, _)| *name == option).map(|(_, value)| *value)
    }

    /// The options as a query, which begins with `prefix` unless it is empty.
    fn query(&self, prefix: &str, variant: Variant) -> String {
        let pairs = self.options.iter().filter(|(option, _)| takes(*option, variant));
        let pairs: Vec<String> =
            pairs.map(|(option, value)| format!("{option}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))).collect();
        if pairs.is_empty() { String::new() } else { format!("{prefix}{}", pairs.join("&")) }
    }
}

/// Whether a variant has the option at all.
fn takes(option: OptionName, variant: Variant) -> bool {
    match option {
        OptionName::UserEmail => variant == Variant::Bedrock,
        OptionName::ModelPricing => variant.is_managed(),
        _ => true,
    }
}

pub(super) async fn section(
    context: &PageContext<'_>,
    organisation: &Organisation,
    newest: Option<&IssuedToken>,
) -> Result<Markup, ConfigurationError> {
    let wanted = Wanted::read(context);
    let shown = document(context, organisation, newest, &wanted).await;
    let (base, active) = (address(organisation), wanted.variant);
    let generated = match shown {
        Ok(document) => generated(context, organisation, &wanted, &document),
        Err(error) => missing(context, organisation, error)?,
    };
    Ok(html! {
        section.card #configuration aria-labelledby="configuration-title" {
            h2 #configuration-title { "Configuration to deploy" }
            div.notice.warn {
                p {
                    strong { "Deploying interrupts running sessions. " }
                    "Claude Code stops where managed settings change. Users start it again, approve the settings and can resume. \
                     Deploy outside working hours."
                }
            }
            @if let Some(warning) = ::settings::warning(context.base_url) {
                div.notice.bad { p { (warning) } }
            }
            nav.tabs.wrap aria-label="Form of the configuration" {
                @for variant in Variant::ALL {
                    a href={ (base) "?variant=" (variant) (wanted.query("&", variant)) "#configuration" }
                        aria-current=[(variant == active).then_some("true")] { (title(variant)) }
                }
            }
            div #generated { (generated) }
            (options(&base, &wanted))
        }
    })
}

async fn document(
    context: &PageContext<'_>,
    organisation: &Organisation,
    newest: Option<&IssuedToken>,
    wanted: &Wanted<'_>,
) -> Result<Document, ConfigurationError> {
    let pairs = || wanted.options.iter().map(|(option, value)| (option.as_str(), *value));
    let selection = Selection::from_query(wanted.variant, pairs())?;
    if context.query.get("show").is_none() {
        return settings::preview(organisation, newest, &selection, context.base_url);
    }
    settings::document(context.store(), &context.app.secrets, organisation, &selection, context.base_url).await
}

fn generated(
    context: &PageContext<'_>,
    organisation: &Organisation,
    wanted: &Wanted<'_>,
    document: &Document,
) -> Markup {
    let (base, variant) = (address(organisation), wanted.variant);
    let file = format!("{base}/download/{variant}{}", wanted.query("?", variant));
    let this = format!("{base}?variant={variant}{}", wanted.query("&", variant));
    let is_shown = context.query.get("show").is_some();
    html! {
        div.columns {
            div {
                pre.code tabindex="0" aria-label={ "Configuration: " (title(variant)) } {
                    code { (masked(&document.body)) }
                }
                p.actions {
                    button.primary.scripted type="button" data-copy=(file) hidden { "Copy" }
                    a.button href=(file) download=(document.file_name) { "Download " (document.file_name) }
                    @if !variant.is_of_ci() {
                        @if is_shown { a.button href={ (this) "#configuration" } { "Hide the token" } }
                        @else { a.button href={ (this) "&show=token#configuration" } { "Show the token" } }
                    }
                    span.hint role="status" data-copied {}
                }
            }
            div.guide {
                h3 { "Where it goes" }
                p { (document.target_path) }
                h3 { "What to do" }
                ol { @for step in document.next_steps { li { (step) } } }
            }
        }
    }
}

/// The text, with dots where the token would be.
fn masked(body: &str) -> Markup {
    let mut parts = body.split(HIDDEN);
    let first = parts.next().unwrap_or_default();
    html! {
        (first)
        @for part in parts { span.secret title="The ingest token; Copy and Download put it in" { "cct_••••••••••••" } (part) }
    }
}

/// Why there is nothing to deploy, and what to do about it.
fn missing(
    context: &PageContext<'_>,
    organisation: &Organisation,
    error: ConfigurationError,
) -> Result<Markup, ConfigurationError> {
    let base = address(organisation);
    match error {
        ConfigurationError::Disabled => Ok(html! {
            div.empty {
                h3 { "The integration is disabled" }
                p { "Every export is refused and lost. Enabling it again makes a new ingest token; what was collected is still there." }
                form method="post" action={ (base) "/enable" } {
                    (form::token(&context.session))
                    p.actions { button.primary type="submit" { "Enable OpenTelemetry" } }
                }
            }
        }),
        ConfigurationError::Revoked => Ok(html! {
            div.empty {
                h3 { "All ingest tokens are revoked" }
                p { "There is no configuration that would work. " a href="#token" { "Rotate" } " to make a new token." }
            }
        }),
        ConfigurationError::Option(error) if error.field() == OptionName::UserEmail.as_str() => Ok(html! {
            div.empty {
                h3 { "Enter the user's e-mail address" }
                p { "Claude Code on Bedrock does not report an e-mail address. Enter it below: " (error.allowed()) "." }
            }
        }),
        ConfigurationError::Option(error) => Ok(
            html! { div.notice.bad role="alert" { p { strong { "These options cannot be used. " } (crate::error_page::sentence(&error.to_string())) } } },
        ),
        other => Err(other),
    }
}

/// The options, as a form that asks for the page again.
fn options(base: &str, wanted: &Wanted<'_>) -> Markup {
    let is_bedrock = wanted.variant == Variant::Bedrock;
    let value = |option: OptionName| wanted.value(option);
    let is_on = |option: OptionName| value(option) == Some("true");
    let (events, metrics) = wanted.variant.intervals();
    let interval = |option: OptionName, label: &str, usual: u32| {
        html! {
            div {
                label for=(option) { (label) }
                input id=(option) name=(option) type="number" inputmode="numeric" min="1000" max="600000" step="1"
                    placeholder=(usual) value=[value(option)];
                p.hint { "Milliseconds, 1,000 to 600,000" }
            }
        }
    };
    html! {
        details.options open[is_bedrock || !wanted.options.is_empty()] {
            summary { "Options" @if !wanted.options.is_empty() { " " span.badge { (wanted.options.len()) " set" } } }
            form method="get" action={ (base) "#configuration" } data-rewrites="#generated" {
                input type="hidden" name="variant" value=(wanted.variant);
                div.fields {
                    @if is_bedrock {
                        div {
                            label for="user_email" { "E-mail address of the user" }
                            input #user_email name="user_email" type="email" maxlength="254" autocomplete="off" spellcheck="false"
                                placeholder="user@example.com" value=[value(OptionName::UserEmail)];
                        }
                    }
                    div {
                        label for="protocol" { "Protocol" }
                        select #protocol name="protocol" {
                            @for (name, label) in [("http/protobuf", "http/protobuf (half the size)"), ("http/json", "http/json (readable)")] {
                                option value=(name) selected[value(OptionName::Protocol) == Some(name)] { (label) }
                            }
                        }
                    }
                    (interval(OptionName::LogsInterval, "Events every", events))
                    (interval(OptionName::MetricsInterval, "Metrics every", metrics))
                    div {
                        label for="attributes" { "Attributes" }
                        input #attributes name="attributes" autocomplete="off" spellcheck="false" autocapitalize="none"
                            placeholder="team=core,cost_center=x" value=[value(OptionName::Attributes)];
                        p.hint { "For reports by team or cost centre" }
                    }
                    @if wanted.variant.is_managed() {
                        div {
                            label for="model_pricing" { "Your prices" }
                            input #model_pricing name="model_pricing" autocomplete="off" spellcheck="false" autocapitalize="none"
                                placeholder="{\"multiplier\":0.85}" value=[value(OptionName::ModelPricing)];
                            p.hint { "Claude Code's modelPricing, in place of list prices" }
                        }
                    }
                }
                fieldset {
                    legend.hidden { "More" }
                    @for (option, label) in [
                        (OptionName::Gzip, "Compress exports with gzip (http/protobuf only)"),
                        (OptionName::Repository, "Send the repository with metrics"),
                        (OptionName::LogPrompts, "Send the text of prompts (kept only if the organisation stores content)"),
                        (OptionName::LogToolDetails, "Send details of tools: commands, skill and server names"),
                    ] {
                        div.choice {
                            input id=(option) name=(option) type="checkbox" value="true" checked[is_on(option)];
                            label for=(option) { (label) }
                        }
                    }
                }
                p.actions {
                    button type="submit" { "Update" }
                    a href={ (base) "?variant=" (wanted.variant) "#configuration" } { "Reset" }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_stand_where_the_token_would_be() {
        let shown = masked("a\": \"Bearer cct_HIDDEN\", <b>").into_string();
        assert!(shown.starts_with("a&quot;: &quot;Bearer <span class=\"secret\""), "{shown}");
        assert!(shown.ends_with("</span>&quot;, &lt;b&gt;") && !shown.contains(HIDDEN), "{shown}");
    }
}
