//! What lines can be made by and filtered by, as requests name it.

use telemetry::activity::dimensions::Dimension;
use telemetry::activity::ledger::Grouping;

/// How the names of attributes begin that an organisation can group by: see
/// [`report_attributes`](model::organisation::Settings::report_attributes).
pub const OWN: &str = "attribute.";

/// What lines are made by, as a request names it.
pub type Named = (String, Grouping);

/// A name, and what it stands for.
type Known = (&'static str, fn() -> Grouping);

/// Everything that every organisation can group and filter by.
pub const NAMED: [Known; 31] = [
    ("day", || Grouping::Day),
    ("user", || Grouping::User),
    ("model", || Grouping::By(Dimension::Model)),
    ("team", || Grouping::By(Dimension::Team)),
    ("repository", || Grouping::By(Dimension::Repository)),
    ("tool", || Grouping::By(Dimension::Tool)),
    ("version", || Grouping::By(Dimension::Version)),
    ("terminal", || Grouping::By(Dimension::Terminal)),
    ("hour", || Grouping::Hour),
    ("week", || Grouping::Week),
    ("month", || Grouping::Month),
    ("service", || Grouping::By(Dimension::Service)),
    ("entrypoint", || Grouping::By(Dimension::Entrypoint)),
    ("provider", || Grouping::By(Dimension::Provider)),
    ("model_as_sent", || Grouping::ModelAsSent),
    ("query_source", || Grouping::By(Dimension::QuerySource)),
    ("agent", || Grouping::By(Dimension::Agent)),
    ("skill", || Grouping::By(Dimension::Skill)),
    ("plugin", || Grouping::By(Dimension::Plugin)),
    ("mcp_server", || Grouping::By(Dimension::McpServer)),
    ("command", || Grouping::By(Dimension::Command)),
    ("effort", || Grouping::By(Dimension::Effort)),
    ("speed", || Grouping::By(Dimension::Speed)),
    ("language", || Grouping::By(Dimension::Language)),
    ("branch", || Grouping::By(Dimension::Branch)),
    ("plan", || Grouping::By(Dimension::Plan)),
    ("os", || Grouping::By(Dimension::Os)),
    ("error", || Grouping::By(Dimension::Error)),
    ("department", || Grouping::Attribute("department".into())),
    ("cost_center", || Grouping::Attribute("cost_center".into())),
    ("group", || Grouping::Attribute("group".into())),
];

/// What a name stands for in an organisation that names these attributes itself.
#[must_use]
pub fn find(name: &str, report_attributes: &[String]) -> Option<Grouping> {
    if let Some((_, grouping)) = NAMED.iter().find(|(known, _)| *known == name) {
        return Some(grouping());
    }
    let own = name.strip_prefix(OWN)?;
    report_attributes.iter().any(|known| known == own).then(|| Grouping::Attribute(own.into()))
}

/// Every name that [`find`] knows.
#[must_use]
pub fn names(report_attributes: &[String]) -> Vec<String> {
    let own = report_attributes.iter().map(|name| format!("{OWN}{name}"));
    NAMED.iter().map(|(name, _)| (*name).to_owned()).chain(own).collect()
}

/// Whether it is a time: a day, or one of the others that days are put together or divided by.
#[must_use]
pub fn is_time(grouping: &Grouping) -> bool {
    matches!(grouping, Grouping::Hour | Grouping::Day | Grouping::Week | Grouping::Month)
}

/// Every name that [`find`] knows and that is no time.
#[must_use]
pub fn untimed(report_attributes: &[String]) -> Vec<String> {
    let is_untimed = |name: &String| find(name, report_attributes).is_some_and(|grouping| !is_time(&grouping));
    names(report_attributes).into_iter().filter(is_untimed).collect()
}
