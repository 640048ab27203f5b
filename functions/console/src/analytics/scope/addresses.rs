//! Addresses of the same numbers on other pages, of other days, in another order, or of a part of them.

use service::report::adoption::Who;

use super::super::about::MAIN;
use super::super::column::Column;
use super::super::order::BY_NAME;
use super::super::period::Period;
use super::{DAY, Scope};
use crate::answer;
use crate::components::link;
use crate::context::PageContext;
use crate::refusal::Refusal;

impl<'a> Scope<'a> {
    /// What the lines of the table are about.
    pub(in super::super) fn table_by(&self, context: &PageContext<'_>) -> &'a str {
        if context.query.get("by").is_some() { self.by } else { DAY }
    }

    /// What the name of a file says of what alone it has.
    pub(in super::super) fn narrowed_name(&self) -> String {
        answer::narrowed(self.filters.iter().copied().chain([("find", self.find), ("who", self.who_name())]))
    }

    /// The address of the page without parameters.
    pub(in super::super) fn path(&self, context: &PageContext<'_>) -> Result<String, Refusal> {
        Ok(format!("/orgs/{}/analytics", context.organisation()?.org))
    }

    /// What else stands in the address of this page than the period.
    pub(in super::super) fn beside_period(&self) -> Vec<(&'a str, &'a str)> {
        // What goes without saying is not said: each name on the page has an address.
        let by = if self.by == MAIN[0] { "" } else { self.by };
        let is_usual = std::ptr::eq(self.sort, Column::of(self.by)[0]);
        let (sort, order) = (if is_usual { "" } else { self.sort.id }, if self.ascending { "up" } else { "" });
        let said = self.asked_sort.filter(|asked| self.table.is_some() || *asked == BY_NAME);
        let (table, sort) = (self.table.unwrap_or_default(), said.unwrap_or(sort));
        let who = if table.is_empty() { "" } else { self.who_name() };
        let all = [("by", by), ("table", table), ("who", who), ("sort", sort), ("order", order), ("find", self.find)];
        all.into_iter().chain(self.filters.iter().copied()).filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The address of the same numbers in another period, for links of this page: what comes after its path.
    pub(in super::super) fn with_period(&self, period: &Period) -> String {
        let (from, to) = (period.from.to_string(), period.to.to_string());
        let ends = [("from", from.as_str()), ("to", to.as_str())];
        link::with("", ends.into_iter().chain(self.beside_period()))
    }

    /// The same days and filters and nothing else, for links to the other pages of analytics: what comes after their path.
    pub(in super::super) fn kept(&self) -> String {
        self.alone("", "", false, 1)
    }

    /// The same for links to a person, whose page is about nobody else.
    pub(in super::super) fn kept_of_person(&self) -> String {
        self.without("user").kept()
    }

    /// The address of a table of this page that stands alone, in order of a column.
    pub(in super::super) fn alone(&self, table: &str, sort: &str, ascending: bool, page: usize) -> String {
        let (from, to) = (self.period.from.to_string(), self.period.to.to_string());
        let page = if page > 1 { page.to_string() } else { String::new() };
        let order = if ascending { "up" } else { "" };
        let by = if table.is_empty() || self.by == MAIN[0] { "" } else { self.by };
        let days = [("from", from.as_str()), ("to", to.as_str())].into_iter();
        let (find, who) = if table.is_empty() { ("", "") } else { (self.find, self.who_name()) };
        let lines = [("sort", sort), ("order", order), ("find", find), ("page", &page)];
        let own = [("by", by), ("table", table), ("who", who)].into_iter().chain(lines);
        link::with("", days.chain(self.filters.iter().copied()).chain(own))
    }

    /// Which people alone are listed, as addresses name it.
    fn who_name(&self) -> &'static str {
        self.who.map_or("", Who::name)
    }

    /// The address of this page.
    pub(in super::super) fn here(&self) -> String {
        self.with_period(&self.period)
    }

    /// The same of a breakdown by something else.
    pub(in super::super) fn by<'b>(&self, by: &'b str) -> Scope<'b>
    where
        'a: 'b,
    {
        Scope { by, sort: Column::of(by)[0], ascending: false, page: 1, find: "", ..self.clone() }
    }

    /// The address of a page of the breakdown.
    pub(in super::super) fn with_page(&self, page: usize) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        let (from, to) = (self.period.from.to_string(), self.period.to.to_string());
        let own = [("from", from.as_str()), ("to", to.as_str()), ("page", page.as_str())];
        link::with("", own.into_iter().chain(self.beside_period()))
    }

    /// This alone of what the breakdown is about, beside what is shown alone already. By something else then: it would be one line.
    pub(in super::super) fn narrowed<'b>(&self, value: &'b str) -> Scope<'b>
    where
        'a: 'b,
    {
        self.by(if self.by == "user" { "model" } else { "user" }).with(self.by, value)
    }

    /// This alone of what has a name, beside what is shown alone already.
    pub(in super::super) fn with<'b>(&self, name: &'b str, value: &'b str) -> Scope<'b>
    where
        'a: 'b,
    {
        let mut narrowed: Scope<'b> = Scope { page: 1, find: "", ..self.clone() };
        narrowed.filters.retain(|(known, _)| *known != name);
        narrowed.filters.push((name, value));
        narrowed
    }

    /// The same without a filter.
    pub(in super::super) fn without(&self, name: &str) -> Self {
        let mut widened = Self { page: 1, ..self.clone() };
        widened.filters.retain(|(known, _)| *known != name);
        widened
    }

    /// The address of the same period as a table by day or by what the breakdown is about.
    pub(in super::super) fn table_address(&self, context: &PageContext<'_>, by: &str) -> Result<String, Refusal> {
        let (from, to) = (self.period.from.to_string(), self.period.to.to_string());
        let by = if by == DAY { "" } else { by };
        let mut own = vec![("from", from.as_str()), ("to", to.as_str()), ("by", by)];
        if !by.is_empty() {
            let (sort, order) = (self.asked_sort.unwrap_or_default(), if self.ascending { "up" } else { "" });
            own.extend([("sort", sort), ("order", order), ("find", self.find)]);
        }
        let path = format!("/orgs/{}/analytics.csv", context.organisation()?.org);
        Ok(link::with(&path, own.into_iter().chain(self.filters.iter().copied())))
    }
}
