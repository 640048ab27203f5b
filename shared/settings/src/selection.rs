//! One request for a configuration: the variant and its options, validated together.

use std::fmt;

use model::text::email::is_address;

use super::attribute::{self, AttributeError};
use super::options::{OptionError, OptionName, Options, Query};
use super::pricing::ModelPricing;
use super::variant::Variant;

/// A variant with its options. [`Variant::Bedrock`] always comes with an e-mail address, the others never do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    variant: Variant,
    options: Options,
    user_email: Option<UserEmail>,
}

/// The e-mail address of the only person a configuration is for.
#[derive(Clone, PartialEq, Eq)]
struct UserEmail(String);

/// Omits the address, which must not reach a log.
impl fmt::Debug for UserEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserEmail")
    }
}

impl Selection {
    /// Parses the query of a request for `variant`, given as decoded names and values.
    ///
    /// # Errors
    /// [`OptionError`] if an option is unknown, repeated or out of range; if an attribute cannot be sent, or names one
    /// person in a configuration for many; if there are too many attributes; if prices are given for a variant that is not
    /// managed; if `user_email` is missing for `bedrock.json`, or given for another variant.
    pub fn from_query<K: AsRef<str>, V: AsRef<str>>(
        variant: Variant,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, OptionError> {
        let Query { options, user_email } = Query::read(pairs)?;
        let user_email = match (variant, user_email) {
            (Variant::Bedrock, Some(email)) => Some(UserEmail::parse(email)?),
            (Variant::Bedrock, None) => return Err(OptionError::NoEmail),
            (_, Some(_)) => return Err(OptionError::EmailElsewhere),
            (_, None) => None,
        };
        // On Bedrock, user_email names the person, and a second name could contradict it.
        let names_nobody_else = variant.is_for_many_people() || variant == Variant::Bedrock;
        let person = options.attributes.iter().find(|attribute| attribute.names_a_person());
        if let Some(attribute) = person
            && names_nobody_else
        {
            let key = attribute.key().to_owned();
            return Err(AttributeError::OnePerson { key }.into());
        }
        if options.model_pricing.is_some() && !variant.is_managed() {
            return Err(OptionError::PricingElsewhere);
        }
        attribute::check_count(options.attributes.len(), variant)?;
        Ok(Self { variant, options, user_email })
    }

    /// The same with these prices where the variant can have some and the request names none.
    #[must_use]
    pub fn or_prices(mut self, prices: ModelPricing) -> Self {
        if self.variant.is_managed() {
            self.options = self.options.or_prices(Some(prices));
        }
        self
    }

    /// The requested variant.
    #[must_use]
    pub fn variant(&self) -> Variant {
        self.variant
    }

    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    pub(super) fn user_email(&self) -> Option<&str> {
        self.user_email.as_ref().map(|email| email.0.as_str())
    }
}

impl UserEmail {
    fn parse(email: String) -> Result<Self, OptionError> {
        if is_address(&email) && attribute::fits(&email) {
            Ok(Self(email))
        } else {
            Err(OptionError::Invalid(OptionName::UserEmail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bedrock(email: &str) -> Result<Selection, OptionError> {
        Selection::from_query(Variant::Bedrock, [("user_email", email)])
    }

    #[test]
    fn bedrock_needs_an_e_mail_and_nothing_else_takes_one() {
        for variant in Variant::ALL {
            let without = Selection::from_query(variant, [("gzip", "true")]).map(|_| ());
            let with = Selection::from_query(variant, [("user_email", "jane@example.com")]).map(|_| ());
            if variant == Variant::Bedrock {
                assert_eq!((without, with), (Err(OptionError::NoEmail), Ok(())));
            } else {
                assert_eq!((without, with), (Ok(()), Err(OptionError::EmailElsewhere)));
            }
        }
    }

    #[test]
    fn what_is_no_e_mail_address_is_refused() {
        for email in ["jane@example.com", "j.d+x%y@sub.example.org", "j\u{f6}rg@example.com"] {
            assert_eq!(bedrock(email).unwrap().user_email(), Some(email));
        }
        let long = format!("{}@example.com", "a".repeat(250));
        let encoded_too_long = format!("{}@example.com", "+".repeat(100));
        for email in [
            "",
            "jane",
            "@example.com",
            "jane@",
            "a@b@c",
            "jane@example.com,joe@example.com",
            "jane doe@example.com",
            "Jane <jane@example.com>",
            "jane@example.com\n",
            &long,
            &encoded_too_long,
        ] {
            assert_eq!(bedrock(email), Err(OptionError::Invalid(OptionName::UserEmail)), "{email}");
        }
    }

    #[test]
    fn a_configuration_for_many_people_names_none_of_them() {
        for variant in Variant::ALL.into_iter().filter(|variant| *variant != Variant::Bedrock) {
            for key in ["enduser.id", "user_email", "Work_Email"] {
                let pairs = [("attributes", format!("team=core,{key}=jane@example.com"))];
                let result = Selection::from_query(variant, pairs).map(|_| ());
                let refused = OptionError::Attributes(AttributeError::OnePerson { key: key.to_owned() });
                assert_eq!(result, if variant.is_for_many_people() { Err(refused) } else { Ok(()) });
            }
        }
    }

    #[test]
    fn printing_a_selection_does_not_show_the_e_mail() {
        assert!(!format!("{:?}", bedrock("jane@example.com").unwrap()).contains("jane"));
    }
}
