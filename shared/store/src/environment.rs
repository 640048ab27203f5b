//! Environment variables, by name, with errors that help to correct them.
//!
//! A missing or invalid value stops the process at start with one sentence that names the variable. The environment
//! never holds secrets, only the names of secrets.

use std::fmt;
use std::str::FromStr;

/// A variable that stops the process from starting.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadVariable {
    /// It is not set, or is empty.
    #[error("the environment variable {0} must be set")]
    Missing(&'static str),
    /// Its value is invalid.
    #[error("the environment variable {name} is invalid: {reason}")]
    Wrong {
        /// Its name.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// Displays the sentence, because Rust prints an error returned from `main` with `Debug`.
impl fmt::Debug for BadVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Looks up the value of a variable.
type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// A source of variables: the process's own, or a map in tests.
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

    /// Variables from any other source.
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
    /// [`BadVariable::Missing`] if it is not set or empty.
    pub fn required(&self, name: &'static str) -> Result<String, BadVariable> {
        self.optional(name).ok_or(BadVariable::Missing(name))
    }

    /// The value of `name` as a `T`, or `default` if it is not set.
    ///
    /// # Errors
    /// [`BadVariable::Wrong`] if it cannot be parsed as a `T`.
    pub fn parsed<T: FromStr<Err: fmt::Display>>(&self, name: &'static str, default: T) -> Result<T, BadVariable> {
        match self.optional(name) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|e: T::Err| BadVariable::Wrong {
                name,
                reason: format!("{text:?} is not a valid value ({e})"),
            }),
        }
    }
}
