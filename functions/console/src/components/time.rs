//! Times as people speak of them, with the exact one to be looked at.

use maud::{Markup, html};
use model::time::{DAY, HOUR, MINUTE, SECOND, SignedDuration, Timestamp, from_days};

use super::number;

const MONTH: SignedDuration = from_days(30);
const YEAR: SignedDuration = from_days(365);

/// How long ago `at` was, or how long it is until then; the exact time on hover and for machines.
pub(crate) fn relative(at: Timestamp, now: Timestamp) -> Markup {
    html! { time datetime=(at) title=(exact(at)) { (words(at, now)) } }
}

/// [`relative`], or `otherwise` when it never happened.
pub(crate) fn relative_or(at: Option<Timestamp>, now: Timestamp, otherwise: &str) -> Markup {
    match at {
        Some(at) => relative(at, now),
        None => html! { span.never { (otherwise) } },
    }
}

/// `2026-11-22 06:13:29 UTC`.
pub(crate) fn exact(at: Timestamp) -> String {
    let shown = at.to_string();
    let seconds = shown.split('.').next().unwrap_or(&shown);
    format!("{} UTC", seconds.replacen('T', " ", 1))
}

/// `just now`, `4 minutes ago`, `in 3 hours`.
pub(crate) fn words(at: Timestamp, now: Timestamp) -> String {
    let distance = now.since(at);
    let size = distance.abs();
    if size < 5 * SECOND {
        return "just now".into();
    }
    let (unit, one, many) = match size {
        _ if size < MINUTE => (SECOND, "second", "seconds"),
        _ if size < HOUR => (MINUTE, "minute", "minutes"),
        _ if size < 2 * DAY => (HOUR, "hour", "hours"),
        _ if size < 2 * MONTH => (DAY, "day", "days"),
        _ if size < 2 * YEAR => (MONTH, "month", "months"),
        _ => (YEAR, "year", "years"),
    };
    let length = number::of(usize::try_from(size.as_secs() / unit.as_secs()).unwrap_or_default(), one, many);
    if distance.is_negative() { format!("in {length}") } else { format!("{length} ago") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::MILLISECOND;

    #[test]
    fn a_time_is_said_as_people_say_it() {
        let now = Timestamp(1_795_328_009_164);
        for (distance, said) in [
            (SignedDuration::ZERO, "just now"),
            (-4_999 * MILLISECOND, "just now"),
            (12 * SECOND, "12 seconds ago"),
            (MINUTE, "1 minute ago"),
            (HOUR - MILLISECOND, "59 minutes ago"),
            (47 * HOUR, "47 hours ago"),
            (3 * DAY, "3 days ago"),
            (70 * DAY, "2 months ago"),
            (3 * YEAR, "3 years ago"),
            (-3 * HOUR, "in 3 hours"),
        ] {
            assert_eq!(words(now.minus(distance), now), said);
        }
        let shown = relative(now.minus(MINUTE), now).into_string();
        assert_eq!(
            shown,
            "<time datetime=\"2026-11-22T06:12:29.164Z\" title=\"2026-11-22 06:12:29 UTC\">1 minute ago</time>"
        );
    }
}
