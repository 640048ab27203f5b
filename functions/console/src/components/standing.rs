//! Whether an organisation's telemetry is taken, in a word.

use maud::{Markup, html};
use model::organisation::{Organisation, Standing};

/// The word, as a badge.
pub(crate) fn badge(organisation: &Organisation) -> Markup {
    let (class, word) = match organisation.standing() {
        Standing::Enabling => ("badge", "Being enabled"),
        Standing::Enabled => ("badge good", "Enabled"),
        Standing::Revoked => ("badge bad", "Tokens revoked"),
        Standing::Disabled => ("badge bad", "Disabled"),
    };
    html! { span class=(class) { (word) } }
}
