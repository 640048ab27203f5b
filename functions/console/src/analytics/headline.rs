//! The figures that a page begins with, the most important one first.

use maud::{Markup, html};

/// A figure.
pub(super) struct Headline {
    /// What it is of.
    pub(super) title: &'static str,
    /// The figure, as it is written.
    pub(super) value: String,
    /// What has to be known beside it.
    pub(super) note: Markup,
}

/// The figures.
pub(super) fn headlines(all: &[Headline]) -> Markup {
    html! {
        section.totals.headlines aria-label="Totals" {
            @for headline in all {
                div.total {
                    h2 { (headline.title) }
                    p.value { (headline.value) }
                    p.note { (headline.note) }
                }
            }
        }
    }
}
