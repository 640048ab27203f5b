//! The source: the installation or person under which records are filed.
//!
//! It is part of a pack's key, so it is frozen with the key's version and depends on the decoded request alone, never
//! on settings. An organisation's own identity attributes are applied later, when packs are read.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use model::attributes;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use sha2::{Digest, Sha256};

/// What kind of name a source has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// An e-mail address, in lower case.
    Email,
    /// `enduser.id`, `user_email` or `work_email`, if it is not an e-mail address.
    EndUser,
    /// `user.account_uuid`, else `user.account_id`.
    Account,
    /// `user.id`: random, one per installation.
    Client,
    /// `session.id`.
    Session,
    /// No name at all.
    None,
}

impl SourceKind {
    /// The name that goes into the source's digest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::EndUser => "enduser",
            Self::Account => "account",
            Self::Client => "client",
            Self::Session => "session",
            Self::None => "none",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::Email, Self::EndUser, Self::Account, Self::Client, Self::Session, Self::None];
        all.into_iter().find(|kind| kind.name() == name)
    }
}

/// How much of an address is converted to lower case at a time, in bytes: a hostile one may be as long as an export.
const LOWERED_AT_ONCE: usize = 64;

/// A source as written in keys: the first 128 bits of SHA-256 over kind and normalised value, in base64url. It has a
/// fixed width and contains nothing that a client sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId([u8; 16]);

impl SourceId {
    /// The id of the source of `kind` named `value`.
    #[must_use]
    pub fn new(kind: SourceKind, value: &str) -> Self {
        let mut hasher = Sha256::new_with_prefix(kind.name());
        hasher.update(b"\0");
        let value = value.trim().as_bytes();
        if kind == SourceKind::Email {
            for piece in value.chunks(LOWERED_AT_ONCE) {
                let mut lower = [0; LOWERED_AT_ONCE];
                lower[..piece.len()].copy_from_slice(piece);
                lower.make_ascii_lowercase();
                hasher.update(&lower[..piece.len()]);
            }
        } else {
            hasher.update(value);
        }
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize()[..16]);
        Self(id)
    }

    /// The id as 22 characters of base64url.
    #[must_use]
    pub fn encoded(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The 128 bits.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The source with these 128 bits; `None` if they are more or fewer.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    /// Reads what [`SourceId::encoded`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
    }
}

/// Normalises a name: e-mail addresses are compared without surrounding space and ASCII case, other names without
/// surrounding space. (Case beyond ASCII depends on the version of Unicode; a frozen key must not.)
#[must_use]
pub fn normalised(kind: SourceKind, value: &str) -> String {
    let value = value.trim();
    if kind == SourceKind::Email { value.to_ascii_lowercase() } else { value.to_owned() }
}

/// The attributes that name a source, in order of preference. Where the client itself knows no e-mail address, admins
/// name the person in one of those of [`SourceKind::EndUser`], which may hold an address too.
pub const NAMES: [(&str, SourceKind); 8] = [
    ("user.email", SourceKind::Email),
    (attributes::PERSON[0], SourceKind::EndUser),
    (attributes::PERSON[1], SourceKind::EndUser),
    (attributes::PERSON[2], SourceKind::EndUser),
    ("user.account_uuid", SourceKind::Account),
    ("user.account_id", SourceKind::Account),
    ("user.id", SourceKind::Client),
    ("session.id", SourceKind::Session),
];

/// The kind of source that a value of one of [`NAMES`] names.
pub fn named(kind: SourceKind, value: &str) -> SourceKind {
    if kind == SourceKind::EndUser && value.contains('@') { SourceKind::Email } else { kind }
}

/// The longest name of a source that is kept to be compared with the next record's, in bytes; the longest e-mail
/// address has 254.
const LONGEST_REMEMBERED: usize = 256;

/// For each of [`NAMES`], the first text among some attributes that is not blank.
#[derive(Debug, Default, Clone, Copy)]
struct Names<'a>([Option<&'a str>; NAMES.len()]);

impl<'a> Names<'a> {
    fn of(attributes: &'a [KeyValue]) -> Self {
        let mut names = Self::default();
        for attribute in attributes {
            let Some(index) = NAMES.iter().position(|(name, _)| *name == attribute.key) else { continue };
            if let Some(Value::StringValue(text)) = attribute.value.as_ref().and_then(|v| v.value.as_ref())
                && names.0[index].is_none()
                && !text.trim().is_empty()
            {
                names.0[index] = Some(text);
            }
        }
        names
    }
}

/// Finds the sources of the records of one resource, whose own names are read once and hashed at most once each.
#[derive(Debug, Default)]
pub struct Sources<'a> {
    resource: Names<'a>,
    ids: [Option<SourceId>; NAMES.len()],
    nobody: Option<SourceId>,
    /// The last record that named its source itself: records of one person tend to be adjacent.
    last: Option<(SourceKind, String, SourceId)>,
}

impl<'a> Sources<'a> {
    /// For a resource with these attributes.
    #[must_use]
    pub fn new(resource: &'a [KeyValue]) -> Self {
        Self { resource: Names::of(resource), ..Self::default() }
    }

    /// The source of a record, by the first of: record e-mail, resource e-mail, `enduser.id`, `user_email`,
    /// `work_email` (each on the record, then on the resource), account, client id, session id.
    pub fn of(&mut self, record: &[KeyValue]) -> SourceId {
        let own = Names::of(record);
        for (index, (_, kind)) in NAMES.iter().enumerate() {
            if let Some(value) = own.0[index] {
                return self.own(named(*kind, value), value);
            }
            if let Some(value) = self.resource.0[index] {
                return *self.ids[index].get_or_insert_with(|| SourceId::new(named(*kind, value), value));
            }
        }
        *self.nobody.get_or_insert_with(|| SourceId::new(SourceKind::None, ""))
    }

    fn own(&mut self, kind: SourceKind, value: &str) -> SourceId {
        if let Some((last, text, id)) = &self.last
            && *last == kind
            && text == value
        {
            return *id;
        }
        let id = SourceId::new(kind, value);
        if value.len() <= LONGEST_REMEMBERED {
            self.last = Some((kind, value.to_owned(), id));
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::common::v1::AnyValue;

    use super::*;

    fn attributes(pairs: &[(&str, &str)]) -> Vec<KeyValue> {
        pairs
            .iter()
            .map(|(key, value)| KeyValue {
                key: (*key).into(),
                value: Some(AnyValue { value: Some(Value::StringValue((*value).into())) }),
                ..KeyValue::default()
            })
            .collect()
    }

    fn source(record: &[(&str, &str)], resource: &[(&str, &str)]) -> SourceId {
        Sources::new(&attributes(resource)).of(&attributes(record))
    }

    #[test]
    fn the_records_own_email_wins_over_the_resources() {
        let record = [("user.id", "c"), ("user.email", "Dana@Example.com")];
        let resource = [("user.email", "other@example.com")];
        assert_eq!(source(&record, &resource), SourceId::new(SourceKind::Email, "dana@example.com"));
        assert_eq!(source(&[], &resource), SourceId::new(SourceKind::Email, "other@example.com"));
    }

    #[test]
    fn whatever_settings_name_a_person_by_names_a_source() {
        let people = NAMES.iter().filter(|(_, kind)| *kind == SourceKind::EndUser).map(|(name, _)| *name);
        assert_eq!(people.collect::<Vec<_>>(), attributes::PERSON);
    }

    #[test]
    fn without_an_email_the_next_best_name_is_taken() {
        let all = [
            ("session.id", "s"),
            ("user.id", "c"),
            ("user.account_id", "user_1"),
            ("work_email", "d@example.com"),
            ("enduser.id", "dana"),
        ];
        let kinds =
            [SourceKind::Session, SourceKind::Client, SourceKind::Account, SourceKind::Email, SourceKind::EndUser];
        for n in 1..=all.len() {
            let expected = SourceId::new(kinds[n - 1], all[n - 1].1);
            assert_eq!((source(&all[..n], &[]), source(&[], &all[..n])), (expected, expected));
        }
        assert_eq!(source(&[("user.id", "  ")], &[]), SourceId::new(SourceKind::None, ""));
        assert_eq!(source(&[("user.id", "  "), ("user.id", "c")], &[]), SourceId::new(SourceKind::Client, "c"));
    }

    #[test]
    fn records_of_one_resource_keep_their_sources_apart() {
        let resource = attributes(&[("enduser.id", "dana")]);
        let mut sources = Sources::new(&resource);
        let records = ["a@example.com", "a@example.com", "", "b@example.com", "", "a@example.com"];
        for email in records {
            let expected = match email {
                "" => SourceId::new(SourceKind::EndUser, "dana"),
                _ => SourceId::new(SourceKind::Email, email),
            };
            assert_eq!(sources.of(&attributes(&[("user.email", email)])), expected);
        }
    }

    #[test]
    fn an_address_longer_than_a_piece_is_lower_case_in_all_of_it() {
        let long = format!("{}@EXAMPLE.com", "D".repeat(3 * LOWERED_AT_ONCE));
        assert_eq!(SourceId::new(SourceKind::Email, &long), SourceId::new(SourceKind::Email, &long.to_lowercase()));
    }

    #[test]
    fn the_id_of_a_source_never_changes() {
        let id = SourceId::new(SourceKind::Email, " Dana@Example.com ");
        assert_eq!(id, SourceId::new(SourceKind::Email, "dana@example.com"));
        assert_eq!(id.encoded(), "ip9BQre17h18nEqSOtppWQ");
        assert_eq!(SourceId::parse(&id.encoded()), Some(id));
        assert_ne!(id, SourceId::new(SourceKind::EndUser, "dana@example.com"));
    }
}
