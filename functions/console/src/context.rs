//! A request of somebody who is signed in: what every page works with.

use model::base_url::BaseUrl;
use std::borrow::Cow;

use bytes::Bytes;
use http::{Method, Request};
use model::organisation::{Organisation, State};
use model::time::Timestamp;
use service::auth::admin::Admin;
use service::auth::session::Session;
use service::http::query::Query;
use store::Store;

use crate::components::form::{self, Sent};
use crate::parameters::{self, Ignored};
use crate::refusal::Refusal;
use crate::route::{Page, Route};
use service::app::App;

/// Most organisations that the switcher shows; the page of all has the rest.
const SWITCHER: usize = 50;

/// A request that was let in.
#[derive(Debug)]
pub(crate) struct PageContext<'a> {
    /// What the function works with.
    pub(crate) app: &'a App,
    /// The request.
    pub(crate) request: &'a Request<Bytes>,
    /// The page asked for.
    pub(crate) page: Page,
    /// The values of the path's parameters.
    pub(crate) values: Vec<Cow<'a, str>>,
    /// The parameters of the address that the page knows.
    pub(crate) query: Query<'a>,
    /// Those that it does not know, which it names.
    pub(crate) ignored: Vec<Ignored>,
    /// The fields of the form that was sent; none of a GET.
    pub(crate) form: Query<'a>,
    /// The file that was sent with the form, or what was pasted instead.
    pub(crate) upload: Bytes,
    /// Who asks.
    pub(crate) session: Session,
    /// The organisation in the path, if the page is of one.
    pub(crate) organisation: Option<Organisation>,
    /// The organisations to switch to, in order of name.
    pub(crate) organisations: Vec<Organisation>,
    /// The address that browsers and clients reach the service at.
    pub(crate) base_url: &'a BaseUrl,
    /// When the request arrived.
    pub(crate) now: Timestamp,
}

impl<'a> PageContext<'a> {
    /// Reads what every page needs. A form has to be one of this session.
    ///
    /// # Errors
    /// There is no such organisation, the form is somebody else's, a file is asked for with a parameter that nobody knows, or the database
    /// failed.
    pub(crate) async fn begin(
        app: &'a App,
        request: &'a Request<Bytes>,
        (route, page): (&'static Route, Page),
        values: Vec<Cow<'a, str>>,
        session: Session,
        base_url: &'a BaseUrl,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let is_post = request.method() == Method::POST;
        let Sent { fields: form, upload } = if is_post { form::take(request).await? } else { Sent::default() };
        if is_post && !form.get(form::TOKEN).is_some_and(|token| session.is_form_token(token)) {
            return Err(Refusal::StaleForm);
        }
        let is_of_organisation = route.path.starts_with("/orgs/{org}");
        let own = async {
            let org = values.first().map_or("", AsRef::as_ref);
            match is_of_organisation {
                true => session.admin.organisation(org, &app.store).await.map(Some).map_err(Refusal::of_organisation),
                false => Ok(None),
            }
        };
        let (organisation, organisations) = tokio::join!(own, listed(&session.admin, &app.store, is_post));
        let (organisation, organisations) = (organisation?, organisations?);
        let mut query = Query::read(request.uri().query());
        let ignored = parameters::sift(page, &mut query);
        if let Some(first) = ignored.first().filter(|_| !page.is_whole()) {
            return Err(first.clone().into());
        }
        Ok(Self {
            app,
            request,
            page,
            values,
            query,
            ignored,
            form,
            upload,
            organisation,
            organisations,
            session,
            base_url,
            now,
        })
    }

    /// The organisation that the page is of.
    ///
    /// # Errors
    /// The path of the page has none.
    pub(crate) fn organisation(&self) -> Result<&Organisation, Refusal> {
        self.organisation.as_ref().ok_or(Refusal::NoOrganisation)
    }

    /// The tables.
    pub(crate) fn store(&self) -> &Store {
        &self.app.store
    }
}

/// The organisations that an admin can switch between. An answer to a POST shows none.
async fn listed(admin: &Admin, store: &Store, is_post: bool) -> Result<Vec<Organisation>, Refusal> {
    match admin.own() {
        Some(own) => Ok(vec![own.clone()]),
        None if is_post => Ok(Vec::new()),
        None => {
            let mut found = store.organisations(None, SWITCHER).await?;
            found.retain(|organisation| organisation.state != State::Enabling);
            Ok(found)
        }
    }
}
