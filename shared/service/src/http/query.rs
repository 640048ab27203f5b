//! The query of a request, as decoded names and values in their order.

use std::borrow::Cow;

use super::Problem;

/// The names and values of a query.
#[derive(Debug, Clone, Default)]
pub struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> FromIterator<(Cow<'a, str>, Cow<'a, str>)> for Query<'a> {
    fn from_iter<I: IntoIterator<Item = (Cow<'a, str>, Cow<'a, str>)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl<'a> Query<'a> {
    /// Reads a query; none is an empty one.
    #[must_use]
    pub fn read(query: Option<&'a str>) -> Self {
        Self(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect())
    }

    /// The value of `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref())
    }

    /// Keeps the names and values that `keep` says, which is asked in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &str) -> bool) {
        self.0.retain(|(name, value)| keep(name, value));
    }

    /// The names and values.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// Rejects parameters that are not in `known`, and those given more than once. A known one that ends with `*` is any that begins
    /// like it.
    ///
    /// # Errors
    /// [`Problem::Invalid`] naming the parameter.
    pub fn only(&self, known: &[&str]) -> Result<(), Problem> {
        for (at, (name, _)) in self.0.iter().enumerate() {
            let allowed = if known.is_empty() { "no parameters".into() } else { known.join(", ") };
            let is_it = |known: &&str| match known.strip_suffix('*') {
                Some(begin) => name.starts_with(begin),
                None => **known == **name,
            };
            if !known.iter().any(is_it) {
                let name: String = name.chars().take(64).collect();
                let detail = format!("there is no parameter {name}");
                return Err(Problem::invalid(name, detail, allowed));
            }
            if self.0[..at].iter().any(|(earlier, _)| earlier == name) {
                let detail = format!("{name} is given more than once");
                return Err(Problem::invalid(name.as_ref(), detail, "each parameter once"));
            }
        }
        Ok(())
    }

    /// The truth value of `name`; false when it is missing.
    ///
    /// # Errors
    /// It is something else.
    pub fn flag(&self, name: &str) -> Result<bool, Problem> {
        match self.get(name) {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(_) => Err(Problem::invalid(name, "it is neither true nor false", "true or false")),
        }
    }
}
