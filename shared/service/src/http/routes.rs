//! Tables of routes: which of their entries a method and a path are.

use std::borrow::Cow;

use http::Method;
use matchit::{Match, Router};
use percent_encoding::percent_decode_str;

/// A route that was found, with the values of its path's parameters, percent-decoded and in their order.
pub type Found<'a, T> = (&'static T, Vec<Cow<'a, str>>);

/// The entries of a table, by path and method.
#[derive(Debug)]
pub struct Routes<T: 'static> {
    router: Router<Vec<(Method, &'static T)>>,
}

/// Why a table has no entry for a method and a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// The path is in no entry.
    #[error("there is no such path")]
    Path,
    /// The path is there, and takes these methods only.
    #[error("the path takes other methods only")]
    Method(Vec<Method>),
}

impl<T> Routes<T> {
    /// The routes of a table whose paths have their parameters in braces: `/api/orgs/{org}`.
    ///
    /// A path that contradicts an earlier one is left out, which the tests of each table would find.
    pub fn new(table: impl Iterator<Item = (Method, &'static str, &'static T)>) -> Self {
        let mut paths: Vec<(&'static str, Vec<(Method, &'static T)>)> = Vec::new();
        for (method, path, entry) in table {
            match paths.iter_mut().find(|(known, _)| *known == path) {
                Some((_, entries)) => entries.push((method, entry)),
                None => paths.push((path, vec![(method, entry)])),
            }
        }
        let mut router = Router::new();
        for (path, entries) in paths {
            let inserted = router.insert(path, entries);
            debug_assert!(inserted.is_ok(), "{path}: {inserted:?}");
        }
        Self { router }
    }

    /// The entry for a method and a path.
    ///
    /// # Errors
    /// [`RouteError`] if there is none; of a known path it has the methods.
    pub fn find<'a>(&self, method: &Method, path: &'a str) -> Result<Found<'a, T>, RouteError> {
        let found = self.at(path).ok_or(RouteError::Path)?;
        let decoded = found.params.iter().map(|(_, value)| percent_decode_str(value).decode_utf8());
        let values = decoded.collect::<Result<Vec<_>, _>>().map_err(|_| RouteError::Path)?;
        match found.value.iter().find(|(taken, _)| taken == method) {
            Some((_, entry)) => Ok((entry, values)),
            None => Err(RouteError::Method(found.value.iter().map(|(taken, _)| taken.clone()).collect())),
        }
    }

    /// Whether any method is taken at this path.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.at(path).is_some()
    }

    /// The entries at a path none of whose parameters is empty.
    fn at<'a>(&self, path: &'a str) -> Option<Match<'_, 'a, &Vec<(Method, &'static T)>>> {
        self.router.at(path).ok().filter(|found| found.params.iter().all(|(_, value)| !value.is_empty()))
    }
}
