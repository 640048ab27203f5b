//! A JSON array, element by element: no more than one element is held at a time.

use std::fmt;
use std::io::Read;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer as _, Error as _, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::clean::{self, Cleaned, Row};
use super::meter::{Budget, Metered};
use super::tally::Tally;
use super::{Field, ParseError, Reason};

pub(super) fn read(input: impl Read, tally: &mut Tally<'_>) -> Result<(), ParseError> {
    let limit = tally.limits().record_bytes;
    let budget = Budget::new(limit);
    let mut json = serde_json::Deserializer::from_reader(Metered::new(input, budget.clone()));
    let mut elements = Elements { tally, budget: &budget, opened: false, stopped: None };
    let read = json.deserialize_seq(&mut elements).and_then(|()| json.end());
    let Err(error) = read else {
        return Ok(());
    };
    if let Some(stopped) = elements.stopped {
        return Err(stopped);
    }
    let element = elements.tally.received() + 1;
    Err(match error.classify() {
        Category::Io if budget.is_spent() => ParseError::RecordTooLong { line: element, limit },
        Category::Io => ParseError::Read(error.into()),
        Category::Eof if !elements.opened => ParseError::Empty,
        Category::Data => ParseError::NotAnArray,
        Category::Eof | Category::Syntax => ParseError::Json { element },
    })
}

struct Elements<'a, 'l> {
    tally: &'a mut Tally<'l>,
    budget: &'a Budget,
    opened: bool,
    stopped: Option<ParseError>,
}

impl<'de> Visitor<'de> for &mut Elements<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of Git users")
    }

    /// Elements are taken as text first: one that does not fit then costs nothing but itself.
    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        self.opened = true;
        self.budget.refill();
        while let Some(element) = array.next_element::<Box<RawValue>>()? {
            let line = self.tally.received() + 1;
            let user = user(&element, self.tally.limits().emails_per_user);
            if let Err(error) = self.tally.row(line, user) {
                self.stopped = Some(error);
                return Err(A::Error::custom("stopped"));
            }
            self.budget.refill();
        }
        Ok(())
    }
}

/// The fields as text, so that the one of a wrong type can be named.
#[derive(Deserialize)]
struct Element<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    email: Option<&'a RawValue>,
    #[serde(borrow)]
    login: Option<&'a RawValue>,
    #[serde(borrow)]
    emails: Option<&'a RawValue>,
    #[serde(borrow)]
    last_commit_at: Option<&'a RawValue>,
}

fn user(element: &RawValue, emails_per_user: usize) -> Result<Cleaned, Reason> {
    // An array would be read as the fields in order.
    if !element.get().starts_with('{') {
        return Err(Reason::NotAnObject);
    }
    let element: Element<'_> = serde_json::from_str(element.get()).map_err(|_| Reason::NotAnObject)?;
    let name: String = required(element.name, Field::Name)?;
    let email: String = required(element.email, Field::Email)?;
    // An optional field of another type costs nobody the person.
    let (login, no_login) = lenient::<String>(element.login, Field::Login);
    let (emails, no_emails) = lenient::<Vec<String>>(element.emails, Field::Emails);
    let (last_commit_at, no_time) = lenient::<String>(element.last_commit_at, Field::LastCommitAt);
    let row = Row {
        name: &name,
        email: &email,
        login: login.as_deref(),
        emails: emails.iter().flatten().map(String::as_str),
        last_commit_at: last_commit_at.as_deref(),
    };
    let mut cleaned = clean::user(row, emails_per_user)?;
    cleaned.ignored = [no_login, no_emails, no_time].into_iter().flatten().next().or(cleaned.ignored);
    Ok(cleaned)
}

fn lenient<T: DeserializeOwned>(raw: Option<&RawValue>, field: Field) -> (Option<T>, Option<Reason>) {
    match optional(raw, field) {
        Ok(value) => (value, None),
        Err(reason) => (None, Some(reason)),
    }
}

fn required<T: DeserializeOwned>(raw: Option<&RawValue>, field: Field) -> Result<T, Reason> {
    optional(raw, field)?.ok_or(Reason::Missing(field))
}

fn optional<T: DeserializeOwned>(raw: Option<&RawValue>, field: Field) -> Result<Option<T>, Reason> {
    let Some(raw) = raw else {
        return Ok(None);
    };
    serde_json::from_str(raw.get()).map_err(|_| Reason::FieldType(field))
}

#[cfg(test)]
mod tests;
