//! People for spreadsheets.

use super::{UserState, UserView};
use crate::report::csv;

const COLUMNS: [&str; 9] =
    ["id", "name", "email", "state", "automation", "version", "settings_generation", "first_seen", "last_seen"];

/// A line for each of them.
///
/// # Errors
/// See [`csv::table`].
pub fn as_table(people: &[UserView]) -> Result<Vec<u8>, ::csv::Error> {
    let text = |text: &Option<String>| text.as_deref().map(csv::text).unwrap_or_default();
    let state = |state: UserState| match state {
        UserState::Merged => "merged",
        UserState::Unmatched => "unmatched",
        UserState::Suggested => "suggested",
        UserState::Unattributed => "unattributed",
    };
    let row = |user: &UserView| {
        vec![
            csv::text(&user.id),
            text(&user.name),
            text(&user.email),
            state(user.state).to_owned(),
            user.automation.to_string(),
            text(&user.version),
            user.settings_generation.map(|generation| generation.to_string()).unwrap_or_default(),
            user.first_seen.map(|at| at.to_string()).unwrap_or_default(),
            user.last_seen.map(|at| at.to_string()).unwrap_or_default(),
        ]
    };
    csv::table(&COLUMNS, people.iter().map(row))
}
