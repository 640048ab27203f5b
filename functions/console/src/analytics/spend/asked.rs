//! What the address of a month's costs asks for, and the addresses of others like it.

use jiff::civil::Date;
use model::calendar::Calendar;
use model::currency::Currency;
use model::organisation::Organisation;
use service::report::figures::dollars;
use service::report::filters::{Filters, WITHOUT};
use service::report::spend::month::Month;
use service::report::spend::{self, SpendRequest};
use telemetry::activity::dimensions::Label;

use crate::analytics::mistake::Mistake;
use crate::analytics::naming::is_askable;
use crate::analytics::order::{self, Order};
use crate::analytics::scope::filters_but;
use crate::components::{link, number};
use crate::context::PageContext;

/// What the address asks for.
pub(super) struct Asked<'a> {
    pub(super) org: &'a str,
    pub(super) request: SpendRequest,
    pub(super) currency: Currency,
    pub(super) by: &'a str,
    pub(super) filters: Vec<(&'a str, &'a str)>,
    /// The days that other pages show, if the address has them: a month has its own.
    pub(super) days: Vec<(&'a str, &'a str)>,
    pub(super) page: usize,
    pub(super) order: Order<'a>,
    /// What the names of lines are searched for; empty for every line.
    pub(super) find: &'a str,
}

impl<'a> Asked<'a> {
    /// Reads the address; what makes no sense is as if it were not there.
    pub(super) fn read(
        context: &'a PageContext<'_>,
        organisation: &'a Organisation,
    ) -> Result<(Self, Option<Mistake>), Mistake> {
        let (query, calendar) = (&context.query, Calendar::of(organisation));
        let mut mistake = None;
        let month = Month::read(query.get("month"), &calendar, context.now).or_else(|error| {
            mistake = Some(Mistake::from(error));
            Month::read(None, &calendar, context.now)
        })?;
        let (filters, in_filters) = filters_but(query, organisation, "month");
        mistake = mistake.or(in_filters);
        let read = Filters::of(filters.iter().copied(), organisation)?;
        let mut by = query.get("by").unwrap_or(spend::USUAL);
        let request = SpendRequest::of(month, by, read.clone(), organisation).or_else(|error| {
            mistake.get_or_insert(error.into());
            by = spend::USUAL;
            SpendRequest::of(month, by, read, organisation)
        })?;
        let (org, currency) = (organisation.org.as_str(), organisation.settings.currency);
        let (order, find, page) = (Order::read(query), order::find(query), order::page(query));
        let days = ["from", "to"].into_iter().filter_map(|name| Some((name, query.get(name)?))).collect();
        Ok((Self { org, request, currency, by, filters, days, page, order, find }, mistake))
    }

    /// Nano-dollars as they are shown.
    pub(super) fn money(&self, nanos: i64) -> String {
        number::money(self.currency.of_dollars(dollars(nanos)), self.currency)
    }

    /// A change with its sign: `+$310.00`.
    pub(super) fn change(&self, nanos: i64) -> String {
        number::change(self.currency.of_dollars(dollars(nanos)), self.currency)
    }

    /// The address of a month by something, with these filters; below the page's own or that of its table.
    pub(super) fn address(&self, path: &str, month: &str, by: &str, filters: &[(&str, &str)]) -> String {
        let month = if self.request.month.today.is_some() && month == self.request.month.name() { "" } else { month };
        let by = if by == spend::USUAL { "" } else { by };
        let own = [("month", month), ("by", by)];
        let all = own.into_iter().chain(self.days.iter().copied()).chain(filters.iter().copied());
        link::with(&format!("/orgs/{}/analytics/{path}", self.org), all)
    }

    pub(super) fn month(&self, first: Date) -> String {
        self.address("spend", &first.strftime("%Y-%m").to_string(), self.by, &self.filters)
    }

    /// What goes along to other pages: the days that the address has, else those of a month that is over.
    pub(super) fn kept(&self) -> String {
        let Month { first, last, today, .. } = self.request.month;
        let (from, to) = (first.to_string(), last.to_string());
        let month = [("from", from.as_str()), ("to", to.as_str())];
        let is_past = self.days.is_empty() && today.is_none();
        let days = self.days.iter().copied().chain(month.into_iter().filter(|_| is_past));
        link::with("", days.chain(self.filters.iter().copied()))
    }

    /// The same for links to a person.
    pub(super) fn kept_of_person(&self) -> String {
        let all = self.days.iter().chain(&self.filters).filter(|(name, _)| *name != "user");
        link::with("", all.copied())
    }

    pub(super) fn by(&self, by: &str) -> String {
        self.address("spend", &self.request.month.name(), by, &self.filters)
    }

    /// The address of a page of the lines in an order, below the page's own path or that of its table.
    pub(super) fn page(&self, path: &str, order: Order<'_>, page: usize) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        let (sort, up) = (order.column.unwrap_or_default(), if order.ascending { "up" } else { "" });
        let asked = [("sort", sort), ("order", up), ("find", self.find), ("page", page.as_str())];
        let asked: Vec<(&str, &str)> = self.filters.iter().copied().chain(asked).collect();
        self.address(path, &self.request.month.name(), self.by, &asked)
    }

    /// The address of the numbers of the month about these values alone.
    pub(super) fn numbers(&self, values: &[(&str, &Label)]) -> Option<String> {
        let Month { first, last, today, .. } = self.request.month;
        let (from, to) = (first.to_string(), today.unwrap_or(last).to_string());
        let mut asked = vec![("from", from.as_str()), ("to", to.as_str())];
        asked.extend(self.filters.iter().copied().filter(|(name, _)| values.iter().all(|(by, _)| by != name)));
        for (by, value) in values {
            match value.as_deref() {
                None => asked.push((by, WITHOUT)),
                Some(value) if is_askable(value) => asked.push((by, value)),
                Some(_) => return None,
            }
        }
        Some(link::with(&format!("/orgs/{}/analytics", self.org), asked))
    }
}
