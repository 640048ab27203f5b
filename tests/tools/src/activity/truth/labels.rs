//! Which label of a dimension a record has, by rules of its own: what the documentation of Claude Code says of its attributes.

use super::{Flat, model, tool};

/// Where what needs no more than reading stands, the best first: on the record, else on its resource.
const READ: [(&str, &[&str]); 21] = [
    ("service", &["service.name"]),
    ("os", &["os.type"]),
    ("version", &["app.version", "service.version"]),
    ("terminal", &["terminal.type"]),
    ("entrypoint", &["app.entrypoint"]),
    ("plan", &["anthropic.plan"]),
    ("provider", &["anthropic.provider"]),
    ("effort", &["effort"]),
    ("speed", &["speed"]),
    ("query_source", &["query_source"]),
    ("agent", &["agent.name", "agent_type"]),
    ("skill", &["skill.name"]),
    ("plugin", &["plugin.name"]),
    ("mcp_server", &["mcp_server.name"]),
    ("command", &["command_name"]),
    ("language", &["language"]),
    ("branch", &["vcs.ref.head.name"]),
    ("team", &["team", "team.id"]),
    ("department", &["department"]),
    ("cost_center", &["cost_center"]),
    ("group", &["group", "user.groups"]),
];

/// The label that a record has in a dimension that is neither a time nor a person.
///
/// # Panics
/// Nothing is known of the dimension, or of what the record says.
#[must_use]
pub fn label(dimension: &str, record: &Flat) -> Option<String> {
    let says = |key: &str| record.attributes.get(key).or_else(|| record.resource.get(key)).cloned();
    if let Some(name) = dimension.strip_prefix("attribute.") {
        return says(name);
    }
    match dimension {
        "model" => model(record),
        "model_as_sent" => model(record).and_then(|_| says("model")),
        "tool" => tool(record).cloned(),
        "error" => error(record),
        "repository" => match (says("vcs.owner.name"), says("vcs.repository.name")) {
            (Some(owner), Some(name)) => Some(format!("{owner}/{name}")),
            (_, name) => name.or_else(|| says("vcs.repository.url.full")),
        },
        _ => {
            let known = READ.iter().find(|(name, _)| *name == dimension);
            let (_, keys) = known.unwrap_or_else(|| panic!("where does {dimension} stand?"));
            keys.iter().find_map(|key| says(key))
        }
    }
}

/// Why a request failed. That 529 is what an overloaded service answers, the documentation of Anthropic's API says.
fn error(record: &Flat) -> Option<String> {
    let says = record.attributes.get("error").filter(|_| record.name.starts_with("api_"))?;
    assert!(says.contains("529"), "what kind of error is {says:?}?");
    Some("overloaded".into())
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The hour, day, week or month of a record where clocks are so many minutes ahead of UTC. An hour is called by its first instant,
/// a week by its Monday.
///
/// # Panics
/// It is called something else.
#[must_use]
pub fn time(dimension: &str, record: &Flat, ahead: i64) -> String {
    let local = record.time + ahead * MINUTE;
    let day = local.div_euclid(DAY);
    match dimension {
        "hour" => {
            let begun = local.div_euclid(HOUR) * HOUR - ahead * MINUTE;
            let (hour, minute) = (begun.rem_euclid(DAY) / HOUR, begun.rem_euclid(HOUR) / MINUTE);
            format!("{}T{hour:02}:{minute:02}:00.000Z", date(begun.div_euclid(DAY)))
        }
        "day" => date(day),
        // The epoch was a Thursday.
        "week" => date(day - (day + 3).rem_euclid(7)),
        "month" => date(day)[..7].to_owned(),
        _ => panic!("{dimension} is no time"),
    }
}

/// The date of the day that is so many days after the first of 1970, counted off year by year and month by month.
fn date(mut day: i64) -> String {
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while day >= 365 + i64::from(is_leap(year)) {
        day -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let mut lengths = [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].into_iter();
    let mut month = 1;
    while let Some(length) = lengths.next().filter(|length| day >= *length) {
        day -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", day + 1)
}
