//! Pages of lists: `?limit=&cursor=`.
//!
//! A cursor holds a position in a sort order and nothing else. Which partition it is a position in follows from the route and
//! the organisation that the gate let in, so that a cursor made up by hand, or one of another organisation, can only ever skip
//! within what its bearer may see.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

use super::Problem;
use super::query::Query;
use store::keys::LONGEST_SK;

/// Items of a page unless the request says otherwise.
const LIMIT: usize = 100;
/// Most items of a page.
const MAX_LIMIT: usize = 1_000;

/// Which page is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Most items wanted.
    pub limit: usize,
    /// The position of the last item of the page before.
    pub after: Option<String>,
}

/// A page, as it is answered.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// What to ask the next page with; null when this is the last.
    pub next_cursor: Option<String>,
}

impl PageRequest {
    /// Reads `limit` and `cursor`.
    ///
    /// # Errors
    /// The limit is out of range, or the cursor none that was given out.
    pub fn read(query: &Query<'_>) -> Result<Self, Problem> {
        let limit = match query.get("limit") {
            None => LIMIT,
            Some(text) => text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit)).ok_or_else(|| {
                Problem::invalid("limit", "it is out of range", format!("a number from 1 to {MAX_LIMIT}"))
            })?,
        };
        let after = query.get("cursor").map(|text| position(text).ok_or_else(bad_cursor)).transpose()?;
        Ok(Self { limit, after })
    }

    /// How many items to look for: one more than wanted, to know whether there is a next page.
    #[must_use]
    pub fn look_for(&self) -> usize {
        self.limit + 1
    }

    /// Makes the page of what was found, of which `position` gives each item's place in the order.
    pub fn page<I, T>(&self, mut found: Vec<I>, position: impl Fn(&I) -> &str, show: impl Fn(I) -> T) -> Page<T> {
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        let last = found.last().filter(|_| more);
        let next_cursor = last.map(|item| URL_SAFE_NO_PAD.encode(position(item)));
        Page { items: found.into_iter().map(show).collect(), next_cursor }
    }
}

fn position(cursor: &str) -> Option<String> {
    let position = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    (1..=LONGEST_SK).contains(&position.len()).then_some(position)
}

pub(super) fn bad_cursor() -> Problem {
    Problem::invalid("cursor", "it is not a cursor of this list", "the next_cursor of the page before, unchanged")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(query: &str) -> Result<PageRequest, Problem> {
        PageRequest::read(&Query::read(Some(query)))
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let all = ["a", "b", "c"];
        let mut cursor = String::new();
        let mut seen = Vec::new();
        loop {
            let request = request(&format!("limit=1{cursor}")).unwrap();
            let after = request.after.clone().unwrap_or_default();
            let found: Vec<_> = all.into_iter().filter(|n| *n > after.as_str()).take(request.look_for()).collect();
            let page = request.page(found, |n| n, |n| n);
            seen.extend(page.items);
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn a_limit_or_cursor_that_makes_no_sense_is_named() {
        for (query, name) in [
            ("limit=0", "limit"),
            ("limit=1001", "limit"),
            ("limit=x", "limit"),
            ("cursor=%21", "cursor"),
            ("cursor=", "cursor"),
            ("cursor=_w", "cursor"),
        ] {
            match request(query) {
                Err(Problem::Invalid { field, .. }) => assert_eq!(field, name),
                other => panic!("{query}: {other:?}"),
            }
        }
        assert_eq!(request("").unwrap(), PageRequest { limit: 100, after: None });
    }
}
