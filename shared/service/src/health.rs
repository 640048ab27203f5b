//! What is wrong with an organisation's telemetry, as far as the server can tell: the client itself says nothing to its user when
//! an export fails.
//!
//! Pure: everything is decided from what was stored and the time. [`sources`] looks at what single people send, [`versions`] at the
//! clients that they send it with, [`names`] at how they are named, [`gaps`] at what is missing in it, [`sessions`] at what its two
//! signals tell, [`limits`] at what was too much, [`strangers`] at what came from nobody known, [`lost`] at who has no match in Git any
//! more, [`services`] at what other programs send, [`silence`] at whom nothing comes from, `uncounted` at what arrived and does not
//! count, [`tokens`] at the keys they send it with and [`rollout`] at how far a new one has got.
//! [`checklist`] goes through the steps of setting it up.
//!
//! One cause gives one finding. A finding about people accuses nobody of what is no fault of theirs yet: silence at a weekend, a token
//! that still works.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use crate::people::directory::{Directory, Person};
use crate::people::view::PersonView;
use identity::git_users::GitUser;
use model::calendar::Calendar;
use model::order;
use model::organisation::Organisation;
use model::time::{SignedDuration, Timestamp, from_days};
use sessions::Disagreement;
use store::damaged::DamagedPack;
use store::hours::{Grown, HourKey};
use store::issued::IssuedToken;
use store::refusal::Refusals;
use store::rejection::Rejection;
use store::token_use::TokenUse;
use telemetry::sighting::{Seen, Sighting};

pub mod checklist;
pub mod gaps;
pub mod left_behind;
pub mod limits;
pub mod lost;
pub mod names;
pub mod rollout;
pub mod services;
pub mod sessions;
pub mod silence;
pub mod sources;
pub mod strangers;
pub mod tokens;
mod uncounted;
pub mod versions;

/// What happened less than this long ago still matters.
pub(crate) const RECENT: SignedDuration = from_days(7);

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Telemetry is lost now.
    Error,
    /// Numbers are incomplete or wrong.
    Warning,
    /// Worth knowing.
    Info,
}

/// Something that is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Finding {
    /// What it is; never changes its meaning.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The cause, in a sentence.
    pub message: String,
    /// What to do, in a sentence.
    pub remedy: String,
    /// Who is concerned; nobody in particular if it is empty.
    pub users: Vec<PersonView>,
}

/// What is looked at.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The organisation.
    pub organisation: &'a Organisation,
    /// Everybody who was seen.
    pub directory: &'a Directory,
    /// The packs that cannot be read.
    pub damaged: &'a [DamagedPack],
    /// Who has a session of late with prompts and no tokens.
    pub without_tokens: &'a BTreeSet<Arc<str>>,
    /// Sessions of late of which events and metrics tell different costs.
    pub disagreements: &'a [Disagreement],
    /// Who commits, as far as it is known.
    pub git: &'a [GitUser],
    /// Whether the Git users before these can be brought back.
    pub has_git_before: bool,
    /// The newest tokens, the newest of all first.
    pub tokens: &'a [IssuedToken],
    /// Who used which replaced token.
    pub uses: &'a [TokenUse],
    /// Exports of late that were nobody's, for whoever may know of all organisations.
    pub strangers: &'a [Refusals],
    /// What was rejected because its numbers cannot be.
    pub rejections: &'a [Rejection],
    /// How much came within the hours of late, with which token.
    pub hours: &'a [(HourKey, Grown)],
    /// The present.
    pub now: Timestamp,
}

impl Evidence<'_> {
    /// The newest token, unless none was ever issued.
    fn token(&self) -> Option<&IssuedToken> {
        self.tokens.first()
    }

    /// The generation of the replaced token that is still good, and until when, if there is one.
    fn overlap(&self) -> Option<(u32, Timestamp)> {
        self.tokens.iter().find_map(|token| token.overlap(self.now))
    }

    /// A moment as the organisation's people write it.
    fn moment(&self, at: Timestamp) -> String {
        Calendar::of(self.organisation).moment(at)
    }

    fn is_recent(&self, seen: Seen) -> bool {
        seen.last >= self.now.minus(RECENT)
    }

    /// The people for whom `is_concerned` holds.
    fn people(&self, is_concerned: impl Fn(&Person) -> bool) -> Concerned {
        self.directory.people().filter(|person| is_concerned(person)).map(PersonView::from).collect()
    }
}

/// Most people whom a finding names: whoever has a token can invent any number.
const NAMED_PEOPLE: usize = 100;

/// Whom a finding is about.
#[derive(Debug, Default)]
struct Concerned {
    /// The first of them.
    named: Vec<PersonView>,
    /// How many they are.
    count: usize,
}

impl FromIterator<PersonView> for Concerned {
    fn from_iter<I: IntoIterator<Item = PersonView>>(people: I) -> Self {
        people.into_iter().fold(Self::default(), |mut all, person| {
            if all.named.len() < NAMED_PEOPLE {
                all.named.push(person);
            }
            all.count += 1;
            all
        })
    }
}

/// Whoever used Claude Code of late, runs of automation among them.
fn of_late(directory: &Directory, now: Timestamp) -> impl Iterator<Item = &Person> {
    let is_recent = move |seen: Seen| seen.last >= now.minus(RECENT);
    let uses_it = |person: &&Person| person.uses_claude_code();
    directory.people().filter(uses_it).filter(move |person| directory.seen(person).is_some_and(is_recent))
}

/// The people who used Claude Code of late.
fn people_at_work(directory: &Directory, now: Timestamp) -> impl Iterator<Item = &Person> {
    of_late(directory, now).filter(|person| !directory.automation().contains(&person.id))
}

/// The people of whom a sighting says so.
fn people(evidence: &Evidence<'_>, says: impl Fn(&Sighting) -> bool) -> Concerned {
    evidence.people(|person| evidence.directory.sightings_of(person).any(&says))
}

/// Values, of which clients may invent any number, in a sentence: the first few.
fn some_of<T: AsRef<str>>(values: &[T]) -> String {
    let named: Vec<&str> = values.iter().take(NAMED).map(AsRef::as_ref).collect();
    let more = if values.len() > NAMED { format!(" and {} more", values.len() - NAMED) } else { String::new() };
    format!("{}{more}", named.join(", "))
}

/// Everything that is wrong, the worst first.
#[must_use]
pub fn findings(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut findings = tokens::findings(evidence);
    findings.extend(strangers::finding(evidence));
    findings.extend(services::finding(evidence));
    findings.extend(silence::findings(evidence));
    findings.extend(gaps::findings(evidence));
    findings.extend(sources::findings(evidence));
    findings.extend(names::findings(evidence));
    findings.extend(lost::finding(evidence));
    findings.extend(versions::finding(evidence));
    findings.extend(limits::findings(evidence));
    findings.extend(uncounted::findings(evidence));
    order::sort_by_key(&mut findings, |finding| finding.severity);
    findings
}

/// How many values a message names, or stored exports that cannot be read.
const NAMED: usize = 3;

/// A finding about people, unless nobody is concerned.
fn about(
    code: &'static str,
    severity: Severity,
    users: Concerned,
    message: impl Into<String>,
    remedy: impl Into<String>,
) -> Option<Finding> {
    (users.count > 0).then(|| finding(code, severity, users, message, remedy))
}

/// A finding, whoever is concerned.
fn finding(
    code: &'static str,
    severity: Severity,
    users: Concerned,
    message: impl Into<String>,
    remedy: impl Into<String>,
) -> Finding {
    let Concerned { named: users, count } = users;
    let mut message = message.into();
    if count > users.len() {
        message = format!(
            "{message} The first {} of them are named, and {} more are concerned.",
            users.len(),
            count - users.len()
        );
    }
    Finding { code, severity, message, remedy: remedy.into(), users }
}
