//! Text that git compares without regard to the case of ASCII letters.

use std::cmp::Ordering;

/// Text as written, equal to and ordered with every other spelling of it in ASCII case.
#[derive(Debug, Clone, Copy)]
pub(super) struct AnyCase<T>(pub(super) T);

impl<T: AsRef<str>> AnyCase<T> {
    fn folded(&self) -> impl Iterator<Item = u8> {
        self.0.as_ref().bytes().map(|byte| byte.to_ascii_lowercase())
    }
}

impl<T: AsRef<str>> Ord for AnyCase<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded().cmp(other.folded())
    }
}

impl<T: AsRef<str>> PartialOrd for AnyCase<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: AsRef<str>> PartialEq for AnyCase<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_ref().eq_ignore_ascii_case(other.0.as_ref())
    }
}

impl<T: AsRef<str>> Eq for AnyCase<T> {}
