//! The finding about people whose match in Git is gone, because an import of Git users no longer has it.

use super::{Evidence, Finding, Severity, about};
use crate::people::directory::Person;
use model::time::{SignedDuration, from_days};

/// How long it is worth knowing: by then it is no mistake, or nobody minds.
const REMEMBERED: SignedDuration = from_days(30);

pub(super) fn finding(evidence: &Evidence<'_>) -> Option<Finding> {
    let since = |person: &Person| {
        let since = evidence.directory.record(person)?.lost.as_ref()?.since;
        (since >= evidence.now.minus(REMEMBERED)).then_some(since)
    };
    let users = evidence.people(|person| since(person).is_some());
    let moments = || evidence.directory.people().filter_map(since);
    let (first, last) = (moments().min()?, moments().max()?);
    let who = if users.count == 1 { "1 person has".to_owned() } else { format!("{} people have", users.count) };
    let since = match (evidence.moment(first), evidence.moment(last)) {
        (first, last) if first == last => format!("since {first}"),
        (first, last) => format!("the first since {first}, the last since {last}"),
    };
    let remedy = if evidence.has_git_before {
        "Bring back the Git users from before (Users, Git users; POST …/git-users/restore in the API), or import a complete list. Then \
         merge. If they are meant to be gone, there is nothing to do: this is shown for 30 days."
    } else {
        "Import a complete list (Users, Git users; PUT …/git-users in the API), then merge. If they are meant to be gone, there is nothing \
         to do: this is shown for 30 days."
    };
    about(
        "git_match_lost",
        Severity::Warning,
        users,
        format!(
            "{who} no match in Git any more, {since}: the Git users that were matched are not in the current import. They keep \
             the names that these Git users gave."
        ),
        remedy,
    )
}
