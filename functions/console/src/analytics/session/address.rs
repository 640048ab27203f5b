//! Where the page of a session and its files are, and what its names lead to: numbers of the days and with the filters that it was found
//! with.

use std::sync::Arc;

use model::bucket::Bucket;
use model::calendar::Calendar;
use model::time::MILLISECOND;
use service::http::query::Query;
use service::people::directory::Directory;
use service::report::sessions::SessionSum;
use telemetry::activity::dimensions::Label;

use crate::analytics::naming::Name;
use crate::analytics::order::Order;
use crate::analytics::period::Period;
use crate::analytics::scope::Scope;
use crate::components::link;
use crate::context::PageContext;
use crate::refusal::Refusal;

/// What is asked of a table: its order, what it is searched for, and which page of it.
type Lines<'a> = (Order<'a>, &'a str, usize);

/// The addresses of a session.
pub(super) struct Address<'a> {
    pub(super) org: &'a str,
    /// The days and filters that it was found with; its own days, if the address does not say any.
    pub(super) scope: Scope<'a>,
    id: Arc<str>,
    /// Its person, and when it began and ended, so that nobody else's records are read to find it.
    own: [(&'static str, String); 3],
    /// The way back, as the address has it.
    back: &'a str,
}

impl<'a> Address<'a> {
    /// Those of a session, whose page leads back to what `back` asks for.
    pub(super) fn of(context: &'a PageContext<'_>, session: &SessionSum, back: &'a Query<'_>) -> Result<Self, Refusal> {
        let organisation = context.organisation()?;
        let (found, _) = Scope::of(back, organisation, context.now);
        let day = |at| Calendar::of(organisation).date(Bucket::of(at));
        let (first, last) = (session.span.first, session.span.last);
        let own_days = Period { from: day(first), to: day(last) };
        let period = if back.get("from").is_some() { found.period } else { own_days };
        Ok(Self {
            org: organisation.org.as_str(),
            scope: Scope { period, ..found },
            id: Arc::clone(&session.id),
            own: [
                ("user", session.user.to_string()),
                ("from", first.to_string()),
                ("to", last.plus(MILLISECOND).to_string()),
            ],
            back: context.query.get("back").unwrap_or_default(),
        })
    }

    /// The name of a label, which leads to its numbers.
    pub(super) fn name(&self, by: &str, label: &Label, directory: &Directory) -> Name {
        let named = Name::of(by, label, &self.scope, directory);
        Name { href: named.href.map(|kept| format!("/orgs/{}/analytics{kept}", self.org)), ..named }
    }

    /// Where a table of the page is in this order, with this search, and on which page of it.
    pub(super) fn page(&self, table: &str, lines: Lines<'_>) -> String {
        format!("{}#{table}", self.with("", "", table, lines))
    }

    /// Where the same is as a file.
    pub(super) fn file(&self, table: &str, lines: Lines<'_>) -> String {
        self.with(&format!("/orgs/{}/session.csv", self.org), &self.id, table, lines)
    }

    /// Where the API has all its events.
    pub(super) fn api(&self) -> String {
        let asked = [("session", &*self.id), ("signal", "logs")];
        link::with(&format!("/api/orgs/{}/events", self.org), asked.into_iter().chain(self.own()))
    }

    fn own(&self) -> impl Iterator<Item = (&str, &str)> {
        self.own.iter().map(|(name, value)| (*name, value.as_str()))
    }

    fn with(&self, path: &str, session: &str, table: &str, (order, find, page): Lines<'_>) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        let up = if order.ascending { "up" } else { "" };
        let back = if session.is_empty() { self.back } else { "" };
        let sort = order.column.unwrap_or_default();
        let asked = [("back", back), ("table", table), ("sort", sort), ("order", up), ("find", find), ("page", &page)];
        link::with(path, [("session", session)].into_iter().chain(self.own()).chain(asked))
    }
}
