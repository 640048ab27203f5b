//! The source: the installation or person that records are filed under.
//!
//! It is part of a pack's key, so it is frozen with the key's version and depends on the decoded request alone: never
//! on settings. An organisation's own identity attributes are applied later, when packs are read.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use sha2::{Digest, Sha256};

/// What kind of name a source has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// An e-mail address, lower case.
    Email,
    /// `enduser.id`, `user_email` or `work_email` that is no e-mail address.
    EndUser,
    /// `user.account_uuid`, else `user.account_id`.
    Account,
    /// `user.id`: random, one an installation.
    Client,
    /// `session.id`.
    Session,
    /// Nothing at all.
    None,
}

impl SourceKind {
    /// The name that the source's digest is made with.
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

    /// The kind that has this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::Email, Self::EndUser, Self::Account, Self::Client, Self::Session, Self::None];
        all.into_iter().find(|kind| kind.name() == name)
    }
}

/// A source as keys carry it: the first 128 bits of SHA-256 over kind and normalised value, in base64url. Fixed width,
/// nothing from outside in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId([u8; 16]);

impl SourceId {
    /// The id of the source of `kind` named `value`.
    #[must_use]
    pub fn new(kind: SourceKind, value: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(kind.name());
        hasher.update(b"\0");
        hasher.update(normalised(kind, value).as_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize()[..16]);
        Self(id)
    }

    /// 22 characters of base64url.
    #[must_use]
    pub fn encoded(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The 128 bits themselves.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Reads what [`SourceId::encoded`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
    }
}

/// E-mail addresses are compared without ASCII case and surrounding space, everything else without surrounding space. (Case
/// beyond ASCII changes with Unicode's versions; a frozen key must not.)
#[must_use]
pub fn normalised(kind: SourceKind, value: &str) -> String {
    let value = value.trim();
    if kind == SourceKind::Email { value.to_ascii_lowercase() } else { value.to_owned() }
}

/// Attributes that name the person where the client itself knows no e-mail, in order of preference.
const END_USER: [&str; 3] = ["enduser.id", "user_email", "work_email"];

/// The source of a record: the first of record e-mail, resource e-mail, `enduser.id`, `user_email`, `work_email` (each on
/// the record, then on the resource), account, client id, session id.
#[must_use]
pub fn source<'a>(record: &'a [KeyValue], resource: &'a [KeyValue]) -> (SourceKind, &'a str) {
    let either = |name: &str| text(record, name).or_else(|| text(resource, name));
    if let Some(email) = either("user.email") {
        return (SourceKind::Email, email);
    }
    if let Some(value) = END_USER.iter().find_map(|name| either(name)) {
        return (if value.contains('@') { SourceKind::Email } else { SourceKind::EndUser }, value);
    }
    let rest = [
        ("user.account_uuid", SourceKind::Account),
        ("user.account_id", SourceKind::Account),
        ("user.id", SourceKind::Client),
        ("session.id", SourceKind::Session),
    ];
    rest.iter().find_map(|(name, kind)| Some((*kind, either(name)?))).unwrap_or((SourceKind::None, ""))
}

fn text<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a str> {
    attributes.iter().filter(|a| a.key == name).find_map(|a| match a.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) if !text.trim().is_empty() => Some(text.as_str()),
        _ => None,
    })
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

    #[test]
    fn the_records_own_email_wins_over_the_resources() {
        let record = attributes(&[("user.id", "c"), ("user.email", "Dana@Example.com")]);
        let resource = attributes(&[("user.email", "other@example.com")]);
        assert_eq!(source(&record, &resource), (SourceKind::Email, "Dana@Example.com"));
        assert_eq!(source(&[], &resource), (SourceKind::Email, "other@example.com"));
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
            assert_eq!(source(&attributes(&all[..n]), &[]).0, kinds[n - 1]);
        }
        assert_eq!(source(&attributes(&[("user.id", "  ")]), &[]).0, SourceKind::None);
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
