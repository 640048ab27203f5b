//! Person by person: what became of somebody, and whether their settings and their version are the newest.

use std::sync::Arc;

use serde::Serialize;

use super::scene::{Became, Scene};
use crate::http::page::{Page, PageRequest};
use crate::people::clients::Newest;
use crate::people::directory::{Directory, Person};
use crate::people::view::PersonView;
use crate::report::error::{QuestionError, UnknownCursor};
use crate::report::labels;
use model::order;
use model::time::Timestamp;

/// Somebody who was active in a range or in the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The id of the person.
    pub id: Arc<str>,
    /// What became of them.
    pub became: Became,
    /// The generation of the settings that they sent with last, if their telemetry says it.
    pub settings: Option<u32>,
    /// Whether there are newer settings.
    pub has_older_settings: bool,
    /// The version of Claude Code that they sent with last, if their telemetry says it.
    pub version: Option<String>,
    /// Whether somebody sends with a newer version.
    pub has_older_version: bool,
    /// When anything last arrived from them.
    pub last_seen: Option<Timestamp>,
}

/// Which of the people are listed alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Those of whom this became.
    Became(Became),
    /// Those active ones who do not have the newest settings.
    OlderSettings,
    /// Those active ones who do not have the newest version.
    OlderVersion,
}

impl Who {
    /// All that can be asked for.
    pub const ALL: [Self; 6] = [
        Self::Became(Became::New),
        Self::Became(Became::Retained),
        Self::Became(Became::Returned),
        Self::Became(Became::Lapsed),
        Self::OlderSettings,
        Self::OlderVersion,
    ];

    /// As addresses name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Became(became) => became.name(),
            Self::OlderSettings => "older-settings",
            Self::OlderVersion => "older-version",
        }
    }

    /// Reads what an address names.
    ///
    /// # Errors
    /// It names none of [`Self::ALL`].
    pub fn named(name: &str) -> Result<Self, QuestionError> {
        let unknown = || QuestionError::UnknownWho { known: Self::ALL.map(Self::name).to_vec() };
        Self::ALL.into_iter().find(|who| who.name() == name).ok_or_else(unknown)
    }

    /// Whether somebody is one of them. Who lapsed is missing nothing: a roll-out is counted among the active.
    #[must_use]
    pub fn has(self, member: &Member) -> bool {
        let is_active = member.became != Became::Lapsed;
        match self {
            Self::Became(became) => member.became == became,
            Self::OlderSettings => is_active && member.has_older_settings,
            Self::OlderVersion => is_active && member.has_older_version,
        }
    }
}

/// Somebody, as they are answered.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = AdoptionPerson)]
pub struct MemberView {
    /// Who it is.
    pub user: PersonView,
    /// `new`, `retained`, `returned` or `lapsed`.
    pub state: &'static str,
    /// The generation of the settings that they sent with last; null if their telemetry does not say it.
    pub settings_generation: Option<u32>,
    /// Whether there are no newer ones, or nothing says theirs.
    pub latest_settings: bool,
    /// The version of Claude Code that they sent with last; null if their telemetry does not say it.
    pub version: Option<String>,
    /// Whether nobody sends with a newer one, or nothing says theirs.
    pub newest_version: bool,
    /// When anything last arrived from them.
    #[schema(value_type = Option<String>)]
    pub last_seen: Option<Timestamp>,
}

impl MemberView {
    fn of(member: Member, directory: &Directory) -> Self {
        Self {
            user: PersonView::of(directory, &member.id),
            state: member.became.name(),
            settings_generation: member.settings,
            latest_settings: !member.has_older_settings,
            version: member.version,
            newest_version: !member.has_older_version,
            last_seen: member.last_seen,
        }
    }
}

/// A page of those whom `who` says, in their order; of everybody if it says nobody.
///
/// # Errors
/// The cursor is not one of this list.
pub(super) fn page(
    members: Vec<Member>,
    who: Option<Who>,
    directory: &Directory,
    page: &PageRequest,
) -> Result<Page<MemberView>, UnknownCursor> {
    let members = members.into_iter().filter(|member| who.is_none_or(|who| who.has(member)));
    let lines = members.map(|member| ([Some(Arc::clone(&member.id))], member));
    let Page { items, next_cursor } = labels::page(lines, |(id, _)| id, page)?;
    Ok(Page { items: items.into_iter().map(|(_, member)| MemberView::of(member, directory)).collect(), next_cursor })
}

impl Scene<'_> {
    /// Everybody of both ranges, who lapsed first, then by id.
    pub(super) fn members(&self) -> Vec<Member> {
        let mut members: Vec<Member> = self.active.union(self.before).map(|id| self.member(id)).collect();
        order::sort_by(&mut members, |a, b| a.became.cmp(&b.became).then_with(|| a.id.cmp(&b.id)));
        members
    }

    fn member(&self, id: &Arc<str>) -> Member {
        let (directory, person) = (self.directory, self.directory.find(id));
        let is = |what: fn(&Newest, &Directory, &Person) -> bool| {
            person.is_some_and(|person| what(&self.newest, directory, person))
        };
        Member {
            id: Arc::clone(id),
            became: self.became(id),
            settings: person.and_then(|person| directory.settings_generation(person)),
            has_older_settings: is(Newest::has_older_settings),
            version: person.and_then(|person| directory.version(person)).map(str::to_owned),
            has_older_version: is(Newest::has_older_version),
            last_seen: person.and_then(|person| directory.seen(person)).map(|seen| seen.last),
        }
    }
}
