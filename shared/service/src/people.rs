//! The people behind the sources of telemetry.
//!
//! * [`owners`] is whose identities are by the merge and by what admins decided. Stored activity is never rewritten.
//! * [`directory`] makes people of both: the one place where readers learn who is behind a source.
//! * [`roster`] has what the directory says of each, so that a page of people does not take everybody.
//! * `git_groups` is who is one person in Git, with Claude or without.
//! * [`clients`] is what people work with: which version and settings.
//! * [`state`] is what is known of who somebody is, and [`place`] where they stand in a list.
//! * [`named`] is whom a source names, cleaned.
//! * [`lookup`] finds whoever has an id or an e-mail address, also among those who are known from Git only; [`wanted`] is the rule.
//!
//! Names in telemetry are claims of whoever has the ingest token. What came without an e-mail address counts for a person only
//! if exactly one address was ever seen with the same client or account.

mod addresses;
pub mod clients;
pub mod directory;
mod git_groups;
pub mod lookup;
pub mod named;
pub mod owners;
pub mod place;
pub mod roster;
pub mod state;
pub mod view;
pub mod wanted;

use store::StoreError;

/// Nobody has this id or e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such person in this organisation")]
pub struct UnknownPerson;

/// Why a person is not shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    /// There is none.
    #[error(transparent)]
    Unknown(#[from] UnknownPerson),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
