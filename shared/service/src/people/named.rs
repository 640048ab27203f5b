//! Whom a source names, cleaned: by its own name, or by an organisation's own attribute.
//!
//! Sources are made of names as they were sent, and their ids never change. What a name means is decided here, when it is read.

use std::sync::Arc;

use super::wanted::person_id;
use model::order;
use model::text::naming::{self, Naming};
use telemetry::claude::source::{SourceId, SourceKind, normalised};
use telemetry::sighting::{Fact, Sighting};

/// Somebody who is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// By an e-mail address, as addresses are compared.
    Address(String),
    /// By a login, a staff number or another text.
    Name(String),
}

impl Named {
    /// The id that somebody so named has without any merge: that of the source which the name would make.
    #[must_use]
    pub fn id(&self) -> Arc<str> {
        match self {
            Self::Address(address) => person_id(address),
            Self::Name(name) => SourceId::new(SourceKind::EndUser, name).encoded().into(),
        }
    }
}

/// Whom a text names; nobody if it is a [placeholder](Naming::Placeholder). Anything else with an `@` is an address: sources are made so.
#[must_use]
pub fn named(text: &str) -> Option<Named> {
    let address = |text: &str| Some(Named::Address(normalised(SourceKind::Email, text)));
    match naming::read(text) {
        Naming::Address(text) => address(&text),
        Naming::Placeholder => None,
        Naming::Name(text) if text.contains('@') => address(text),
        Naming::Name(text) => Some(Named::Name(text.to_owned())),
    }
}

/// The name of a source that a person or an admin chose: not one that the client made up.
fn chosen(sighting: &Sighting) -> Option<&str> {
    let kind = sighting.kind.as_deref().and_then(SourceKind::parse)?;
    let is_chosen = matches!(kind, SourceKind::Email | SourceKind::EndUser);
    sighting.own_name().map(|name| &**name).filter(|_| is_chosen)
}

/// The e-mail address that is a source's own name.
#[must_use]
pub fn own_address(sighting: &Sighting) -> Option<String> {
    match named(chosen(sighting)?)? {
        Named::Address(address) => Some(address),
        Named::Name(_) => None,
    }
}

/// The name of a source that was meant to name somebody and names nobody.
#[must_use]
pub fn placeholder(sighting: &Sighting) -> Option<&str> {
    chosen(sighting).filter(|name| named(name).is_none())
}

/// Whom a source names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The e-mail address that is the source's own name.
    pub own: Option<Arc<str>>,
    /// Whom the organisation's own attribute names, in order and each once; nobody where the source has an address of its own.
    pub identities: Vec<Named>,
}

impl Names {
    /// Those of a sighting.
    #[must_use]
    pub fn of(sighting: &Sighting) -> Self {
        let own: Option<Arc<str>> = own_address(sighting).map(Arc::from);
        let values = own.is_none().then(|| sighting.values(Fact::Identity)).into_iter().flatten();
        let mut identities: Vec<Named> = values.filter_map(|(value, _)| named(value)).collect();
        order::sort_by(&mut identities, Ord::cmp);
        identities.dedup();
        Self { own, identities }
    }

    /// The addresses that the source itself says are its own.
    pub fn emails(&self) -> impl Iterator<Item = Arc<str>> {
        let address = |identity: &Named| match identity {
            Named::Address(address) => Some(Arc::from(address.as_str())),
            Named::Name(_) => None,
        };
        self.own.iter().cloned().chain(self.identities.iter().filter_map(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Timestamp;
    use telemetry::sighting::Seen;

    fn sighting(kind: SourceKind, name: &str, identities: &[&str]) -> Sighting {
        let mut sighting = Sighting { kind: Some(kind.name().into()), ..Sighting::default() };
        let facts = identities.iter().map(|value| (Fact::Identity, *value)).chain([(Fact::Name, name)]);
        for (fact, value) in facts {
            sighting.facts.note(fact, value, Seen { first: Timestamp(5), last: Timestamp(9) });
        }
        sighting
    }

    #[test]
    fn an_address_is_cleaned_whatever_kind_of_source_it_made() {
        for (kind, name) in [
            (SourceKind::Email, "Dana@Example.com"),
            (SourceKind::Email, "mailto:dana@example.com"),
            (SourceKind::Email, "dana%40example.com"),
            (SourceKind::EndUser, "dana%40example.com"),
        ] {
            assert_eq!(own_address(&sighting(kind, name, &[])).as_deref(), Some("dana@example.com"), "{name}");
        }
        for (kind, name) in [
            (SourceKind::Email, "dana"),
            (SourceKind::EndUser, "E12345"),
            (SourceKind::Email, "null"),
            (SourceKind::Client, "dana@example.com"),
        ] {
            assert_eq!(own_address(&sighting(kind, name, &[])), None, "{name}");
        }
    }

    #[test]
    fn a_placeholder_is_a_name_that_was_chosen() {
        assert_eq!(placeholder(&sighting(SourceKind::Email, "${USER}@acme.com", &[])), Some("${USER}@acme.com"));
        assert_eq!(placeholder(&sighting(SourceKind::EndUser, "unknown", &[])), Some("unknown"));
        assert_eq!(placeholder(&sighting(SourceKind::Client, "unknown", &[])), None);
        assert_eq!(placeholder(&sighting(SourceKind::Email, "dana@example.com", &[])), None);
    }

    #[test]
    fn an_attribute_names_people_by_address_and_by_number_and_nobody_by_a_placeholder() {
        let values = ["E12345", "mailto:dana@example.com", "Dana@example.com", "%USERNAME%"];
        let expected = [Named::Address("dana@example.com".into()), Named::Name("E12345".into())];
        assert_eq!(Names::of(&sighting(SourceKind::Client, "ci", &values)).identities, expected);
        assert_eq!(Names::of(&sighting(SourceKind::Email, "user@company.com", &values)).identities, expected);
        assert_eq!(Names::of(&sighting(SourceKind::Email, "eve@example.com", &values)).identities, []);
    }
}
