//! `GET …/users`: who uses Claude. [`list`] has the pages, [`search`] finds some of them, [`table`] writes them for spreadsheets.

use serde::Serialize;

pub mod list;
pub mod search;
pub mod table;

mod git_only;

use crate::people::directory::{Directory, Person};
use crate::people::state::UserState;
use identity::exclude::is_placeholder;
use identity::normal::Email;
use model::time::Timestamp;
use store::person::KnownAuthor;
use store::suggestion::SuggestionRecord;
use telemetry::sighting::{Fact, Seen};

/// A name under which telemetry came.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ClaudeName {
    /// `email`, `account`, `client`, `enduser`, `session` or `none`.
    pub kind: String,
    /// The name.
    pub value: String,
    /// When it was first seen.
    #[schema(value_type = String)]
    pub first_seen: Timestamp,
    /// When it was last seen.
    #[schema(value_type = String)]
    pub last_seen: Timestamp,
    /// Versions of Claude Code it was seen with.
    pub versions: Vec<String>,
}

/// A name in Git.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct GitName {
    /// The author's name.
    pub name: String,
    /// The author's e-mail address.
    pub email: String,
    /// The login.
    pub login: Option<String>,
}

/// A person, in full.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct UserView {
    /// The id.
    pub id: String,
    /// The name, if one is known.
    pub name: Option<String>,
    /// The e-mail address, if one is known.
    pub email: Option<String>,
    /// Since when the name is only kept: an import no longer has the Git users that gave it. Null for a name that is known now.
    #[schema(value_type = Option<String>)]
    pub name_kept_since: Option<Timestamp>,
    /// All e-mail addresses.
    pub emails: Vec<String>,
    /// `merged`, `unmatched`, `suggested` or `unattributed`.
    #[schema(value_type = String)]
    pub state: UserState,
    /// Whether this is no person, but a run of automation: it says so, or names nobody and was there for less than a day.
    pub automation: bool,
    /// The version of Claude Code that telemetry came with last.
    pub version: Option<String>,
    /// The generation of the settings that telemetry came with last.
    pub settings_generation: Option<u32>,
    /// The names under which telemetry came.
    pub claude: Vec<ClaudeName>,
    /// The names in Git.
    pub git: Vec<GitName>,
    /// When the person was first seen.
    #[schema(value_type = Option<String>)]
    pub first_seen: Option<Timestamp>,
    /// When the person was last seen.
    #[schema(value_type = Option<String>)]
    pub last_seen: Option<Timestamp>,
    /// When somebody last joined, of who is merged.
    #[schema(value_type = Option<String>)]
    pub merged_at: Option<Timestamp>,
    /// Why the state is what it is, and what can be done about it.
    pub reason: String,
}

impl UserView {
    /// A person of the directory.
    #[must_use]
    pub fn of(directory: &Directory, person: &Person, suggestion: Option<&SuggestionRecord>) -> Self {
        let seen = directory.seen(person);
        let record = directory.record(person);
        let lost = record.and_then(|record| record.lost.as_ref());
        let state = UserState::of(directory, person, suggestion);
        let reason = match (state, record, suggestion) {
            (UserState::Suggested, _, Some(suggestion)) => suggested(suggestion),
            (UserState::Merged, Some(record), _) if lost.is_none() || !record.git.is_empty() => record.reason.clone(),
            (UserState::Unattributed, ..) => unattributed(directory, person),
            _ if lost.is_some() => LOST.into(),
            _ => unmatched(person),
        };
        let git = record.into_iter().flat_map(|record| &record.git);
        Self {
            id: person.id.to_string(),
            name: person.name.clone(),
            name_kept_since: lost.filter(|_| record.is_some_and(|record| record.name.is_some())).map(|lost| lost.since),
            email: person.email.clone(),
            emails: person.emails.clone(),
            state,
            automation: directory.automation().contains(&person.id),
            version: directory.version(person).map(str::to_owned),
            settings_generation: directory.settings_generation(person),
            claude: names(directory, person),
            git: git
                .map(|KnownAuthor { name, email, login, .. }| GitName {
                    name: name.clone(),
                    email: email.clone(),
                    login: login.clone(),
                })
                .collect(),
            first_seen: seen.map(|s| s.first),
            last_seen: seen.map(|s| s.last),
            merged_at: record.filter(|_| state == UserState::Merged).map(|record| record.merged_at),
            reason,
        }
    }
}

fn names(directory: &Directory, person: &Person) -> Vec<ClaudeName> {
    let mut names: Vec<ClaudeName> = Vec::new();
    for sighting in directory.sightings_of(person) {
        let versions: Vec<String> = sighting.values(Fact::Version).map(|(version, _)| version.to_owned()).collect();
        let own = sighting.kind.clone().unwrap_or_else(|| "none".into());
        let mut add = |kind: &str, value: &str, seen: Seen| {
            let (first_seen, last_seen) = (seen.first, seen.last);
            match names.iter_mut().find(|n| n.kind == kind && n.value == value) {
                Some(name) => {
                    name.first_seen = name.first_seen.min(first_seen);
                    name.last_seen = name.last_seen.max(last_seen);
                    let new: Vec<String> = versions.iter().filter(|v| !name.versions.contains(v)).cloned().collect();
                    name.versions.extend(new);
                }
                None => {
                    let (kind, value, versions) = (kind.to_owned(), value.to_owned(), versions.clone());
                    names.push(ClaudeName { kind, value, first_seen, last_seen, versions });
                }
            }
        };
        let whole = sighting.seen.unwrap_or(Seen { first: Timestamp(0), last: Timestamp(0) });
        add(&own, sighting.own_name().map_or("", |name| name), whole);
        for (kind, fact) in [("account", Fact::Account), ("client", Fact::Client)] {
            sighting.values(fact).for_each(|(value, seen)| add(kind, value, seen));
        }
    }
    names
}

/// Why nobody in Git is the person any more.
const LOST: &str = "the Git users that were matched are not in the current import: bring those from before back, or import a complete list";

/// Why nobody in Git is the person.
fn unmatched(person: &Person) -> String {
    let is_sample = |email: &String| Email::parse(email).is_some_and(|email| is_placeholder(&email));
    if !person.emails.is_empty() && person.emails.iter().all(is_sample) {
        // The same address in Git may be of anybody who never set one.
        return "addresses like this are excluded from matching: nobody gets mail there, so tools and machines fill them in; \
                merge by hand, or link a real address"
            .to_owned();
    }
    "no Git author is known to be the same person".to_owned()
}

/// Who somebody may be, in a sentence.
fn suggested(suggestion: &SuggestionRecord) -> String {
    let count = suggestion.candidates.len();
    let best = suggestion.candidates.first().map_or("", |candidate| candidate.reason.as_str());
    if count == 1 { format!("one candidate: {best}") } else { format!("{count} candidates, the likeliest: {best}") }
}

/// Why nobody knows whose this is, and how to say it.
fn unattributed(directory: &Directory, person: &Person) -> String {
    format!(
        "{}. Say whose it is with POST /api/orgs/{{org}}/users/{}/link, or put user.email=<address> into OTEL_RESOURCE_ATTRIBUTES \
         of that machine",
        why_unattributed(directory, person),
        person.id
    )
}

/// Why nobody knows whose the telemetry of somebody without an e-mail address is.
#[must_use]
pub fn why_unattributed(directory: &Directory, person: &Person) -> String {
    let clients = || directory.sightings_of(person).flat_map(|s| s.values(Fact::Client)).map(|(value, _)| value);
    let provider = directory.sightings_of(person).flat_map(|s| s.values(Fact::Provider)).map(|(value, _)| value).last();
    match provider {
        Some(provider) if provider != "firstParty" => {
            format!("Claude Code on {provider} does not report an e-mail address")
        }
        _ if clients().next().is_none() => "the telemetry names no person and no installation".to_owned(),
        _ => "this telemetry names no e-mail address, as with an API key, or more than one was seen with its client"
            .into(),
    }
}
