//! What numbers can be about, as people name it.

use std::borrow::Cow;

use model::organisation::Organisation;
use service::report::groupings::{self, OWN};

/// What is one click away, by its name in addresses.
pub(super) const MAIN: [&str; 5] = ["user", "model", "team", "repository", "tool"];

/// Everything that every organisation can look at or narrow to, by its name in addresses.
const TITLES: [(&str, &str); 31] = [
    ("user", "Person"),
    ("model", "Model"),
    ("team", "Team"),
    ("repository", "Repository"),
    ("tool", "Tool"),
    ("department", "Department"),
    ("cost_center", "Cost center"),
    ("group", "Group"),
    ("branch", "Branch"),
    ("language", "Language"),
    ("skill", "Skill"),
    ("agent", "Agent"),
    ("plugin", "Plugin"),
    ("mcp_server", "MCP server"),
    ("command", "Command"),
    ("query_source", "Source of requests"),
    ("provider", "Provider"),
    ("model_as_sent", "Model as sent"),
    ("effort", "Effort"),
    ("speed", "Speed"),
    ("error", "Error"),
    ("version", "Version"),
    ("terminal", "Terminal"),
    ("os", "Operating system"),
    ("entrypoint", "Entry point"),
    ("service", "Service"),
    ("plan", "Plan"),
    ("hour", "Hour of the day"),
    ("day", "Day"),
    ("week", "Week"),
    ("month", "Month"),
];

/// The title of a name; of an attribute of the organisation's own, the attribute.
pub(super) fn title(name: &str) -> &str {
    let known = TITLES.iter().find(|(known, _)| *known == name).map(|(_, title)| *title);
    known.unwrap_or_else(|| name.strip_prefix(OWN).unwrap_or(name))
}

/// What the first columns of a table are called that is about it, of which a page shows one.
pub(super) fn columns(name: &str) -> Vec<String> {
    let title = title(name).to_owned();
    if name == "user" { vec![title, "E-mail".into(), "Id".into()] } else { vec![title] }
}

/// What else than [`MAIN`] the numbers of an organisation can be looked at by. Days have charts.
pub(super) fn others(organisation: &Organisation) -> Vec<Cow<'static, str>> {
    let own = organisation.settings.report_attributes.iter().map(|name| Cow::Owned(format!("{OWN}{name}")));
    let known = TITLES.iter().map(|(name, _)| *name).filter(|name| !MAIN.contains(name) && *name != "day");
    known.map(Cow::Borrowed).chain(own).collect()
}

/// Whether it is said by requests to models or calls of tools, and neither by prompts nor by what becomes of them.
pub(super) fn is_rarely_said(name: &str) -> bool {
    const RARE: [&str; 13] = [
        "model",
        "model_as_sent",
        "provider",
        "query_source",
        "agent",
        "skill",
        "plugin",
        "effort",
        "speed",
        "tool",
        "mcp_server",
        "error",
        "language",
    ];
    RARE.contains(&name)
}

/// Whether most records have nothing to do with it: what does not say one is no line of a breakdown then.
pub(super) fn is_of_few(name: &str) -> bool {
    matches!(name, "tool" | "mcp_server" | "error" | "command" | "language" | "agent" | "skill" | "plugin")
}

/// Whether one record can be of several of them, so that their numbers add up to more than the whole.
pub(super) fn can_overlap(name: &str) -> bool {
    matches!(name, "group" | "attribute.group")
}

/// What has to be known of lines that [can overlap](can_overlap).
pub(super) const OVERLAP: &str = "Whoever is in several groups counts in each of them.";

/// Whether it is a time.
pub(super) fn is_time(name: &str) -> bool {
    matches!(name, "hour" | "day" | "week" | "month")
}

/// Whether an organisation can look at numbers by this.
pub(super) fn is_known(name: &str, organisation: &Organisation) -> bool {
    name != "day" && groupings::find(name, &organisation.settings.report_attributes).is_some()
}

/// Everything that numbers can be looked at by, as a refusal tells it.
pub(super) fn allowed(organisation: &Organisation) -> String {
    let names: Vec<Cow<'_, str>> = MAIN.into_iter().map(Cow::Borrowed).chain(others(organisation)).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn everything_that_reports_can_be_grouped_by_has_a_title() {
        let titled: BTreeSet<&str> = TITLES.iter().map(|(name, _)| *name).collect();
        assert_eq!(titled, groupings::NAMED.iter().map(|(name, _)| *name).collect());
        assert_eq!((title("cost_center"), title("attribute.site")), ("Cost center", "site"));
    }
}
