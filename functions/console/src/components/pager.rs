//! The way through the pages of a list.

use maud::{Markup, html};

/// Links to the pages before and after, where there are any; `to` gives the address of a page, from 1.
pub(crate) fn pager(page: usize, pages: usize, to: &dyn Fn(usize) -> String) -> Markup {
    html! {
        @if pages > 1 {
            nav.pager aria-label="Pages" {
                @if page > 1 { a.button href=(to(page - 1)) rel="prev" { "Previous" } }
                span { "Page " (page) " of " (pages) }
                @if page < pages { a.button href=(to(page + 1)) rel="next" { "Next" } }
            }
        }
    }
}
