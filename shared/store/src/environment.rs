//! Every environment variable that the service reads, by name, with an error that helps.
//!
//! A missing or wrong value stops the start with one sentence that names the variable. Secrets are never in the
//! environment: it holds the names of secrets.

use std::fmt;
use std::str::FromStr;

/// A variable that stops the start.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadVariable {
    /// It is not set, or empty.
    #[error("the environment variable {0} is missing: the function's configuration must set it")]
    Missing(&'static str),
    /// It is set to something that makes no sense.
    #[error("the environment variable {name} is wrong: {reason}")]
    Wrong {
        /// Its name.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// The sentence: it is how Rust prints the error that ends a `main`.
impl fmt::Debug for BadVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where a variable's value comes from.
type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// A look-up of variables: the process's own, or a map in tests.
pub struct Environment<'a> {
    lookup: Box<Lookup<'a>>,
}

impl fmt::Debug for Environment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}

impl<'a> Environment<'a> {
    /// The environment of this process.
    #[must_use]
    pub fn process() -> Self {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Variables from anywhere else.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String> + 'a) -> Self {
        Self { lookup: Box::new(lookup) }
    }

    /// The value of `name`, unless it is missing or empty.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    /// The value of `name`.
    ///
    /// # Errors
    /// It is missing or empty.
    pub fn required(&self, name: &'static str) -> Result<String, BadVariable> {
        self.optional(name).ok_or(BadVariable::Missing(name))
    }

    /// The value of `name` as a `T`, or `default` when it is missing.
    ///
    /// # Errors
    /// It is no `T`.
    pub fn parsed<T: FromStr<Err: fmt::Display>>(&self, name: &'static str, default: T) -> Result<T, BadVariable> {
        match self.optional(name) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .map_err(|e: T::Err| BadVariable::Wrong { name, reason: format!("{text:?} is not accepted ({e})") }),
        }
    }
}
