//! What a request wants to be shown alone: every name that lines can be [grouped](super::groupings) by is also a filter.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::error::QuestionError;
use super::groupings;
use super::window::Shards;
use crate::http::query::Query;
use crate::people::directory::{Directory, Person};
use crate::people::lookup::{GitSide, Lookup};
use crate::people::{PersonError, UnknownPerson};
use model::organisation::{Organisation, Uid};
use store::Store;
use telemetry::activity::dimensions::{Dimension, Label};
use telemetry::activity::ledger::{Filter, Grouping};

/// Stands for what has no label.
pub const WITHOUT: &str = "none";
/// The most values of a filter.
const VALUES: usize = 100;

/// Conditions, as a request gives them. One of several values has to fit each.
#[derive(Debug, Clone, Default)]
pub struct Filters(Vec<(Grouping, Vec<Option<String>>)>);

impl Filters {
    /// Reads those of a query.
    ///
    /// # Errors
    /// One has no value, too many, or is of an attribute that the organisation does not group by.
    pub fn read(query: &Query<'_>, organisation: &Organisation) -> Result<Self, QuestionError> {
        Self::of(query.pairs(), organisation)
    }

    /// Reads those of names and values. What is no filter is passed over.
    ///
    /// # Errors
    /// As of [`Self::read`].
    pub fn of<'p>(
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
        organisation: &Organisation,
    ) -> Result<Self, QuestionError> {
        let own = &organisation.settings.report_attributes;
        let mut filters = Self::default();
        for (name, values) in pairs {
            let Some(grouping) = groupings::find(name, own) else {
                if name.starts_with(groupings::OWN) {
                    return Err(QuestionError::UnknownAttribute { name: name.to_owned(), known: own.clone() });
                }
                continue;
            };
            let values: Vec<&str> = values.split(',').map(str::trim).filter(|value| !value.is_empty()).collect();
            if values.is_empty() || values.len() > VALUES {
                return Err(QuestionError::Values { name: name.to_owned(), most: VALUES });
            }
            let value = |value: &str| (value != WITHOUT).then(|| value.to_owned());
            filters.0.push((grouping, values.into_iter().map(value).collect()));
        }
        Ok(filters)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is one of these.
    #[must_use]
    pub fn is_by(&self, grouping: &Grouping) -> bool {
        self.0.iter().any(|(known, _)| known == grouping)
    }

    /// Checks that everybody is known who is asked for, if only from Git.
    ///
    /// # Errors
    /// Somebody is not, or the database failed.
    pub async fn check(&self, store: &Store, uid: &Uid, directory: &Directory) -> Result<(), PersonError> {
        let unknown: Vec<&String> = self.users().flatten().filter(|user| find(directory, user).is_none()).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let git = GitSide::read(store, uid).await?;
        let lookup = Lookup::new(directory, &git).await?;
        for user in unknown {
            lookup.find(user).or_else(|| lookup.find(&user.replace(' ', "+"))).ok_or(UnknownPerson)?;
        }
        Ok(())
    }

    fn users(&self) -> impl Iterator<Item = &Option<String>> {
        self.0.iter().filter(|(grouping, _)| *grouping == Grouping::User).flat_map(|(_, users)| users)
    }

    /// The ids of the people who are asked for; `None` if everybody is.
    #[must_use]
    pub fn people(&self, directory: &Directory) -> Option<BTreeSet<Arc<str>>> {
        if !self.is_by(&Grouping::User) {
            return None;
        }
        let mut people = BTreeSet::new();
        for user in self.users() {
            match user {
                Some(user) => people.extend(find(directory, user).map(|person| person.id.clone())),
                None => people.extend(directory.people().filter(|p| p.email.is_none()).map(|p| p.id.clone())),
            }
        }
        Some(people)
    }

    /// Where the sources are whose rows can be of the people who are asked for.
    #[must_use]
    pub fn shards(&self, directory: &Directory) -> Shards {
        match self.people(directory) {
            Some(people) => Shards::of(directory.attribution().sources_of(&people)),
            None => Shards::ALL,
        }
    }

    /// The filter of rows. Somebody who is not known has none.
    #[must_use]
    pub fn filter(&self, directory: &Directory) -> Filter {
        let mut filter = Filter::default();
        for (grouping, values) in self.0.iter().filter(|(grouping, _)| *grouping != Grouping::User) {
            let labels = values.iter().map(|value| value.as_deref().map(Arc::from)).collect();
            filter = filter.and(grouping.clone(), labels);
        }
        match self.people(directory) {
            Some(people) => {
                let labels: Vec<Label> = people.into_iter().map(Some).collect();
                filter.and(Grouping::User, labels)
            }
            None => filter,
        }
    }

    /// The same for numbers, which are Claude Code's alone unless services are asked for or told apart.
    #[must_use]
    pub fn of_numbers(&self, directory: &Directory, grouping: &[Grouping]) -> Filter {
        let service = Grouping::By(Dimension::Service);
        let filter = self.filter(directory);
        if grouping.contains(&service) || self.is_by(&service) { filter } else { filter.and_claude_code() }
    }
}

/// The person with this id or e-mail address. In a query, a plus that was not escaped is a space.
fn find<'d>(directory: &'d Directory, user: &str) -> Option<&'d Person> {
    directory.find(user).or_else(|| directory.find(&user.replace(' ', "+")))
}
