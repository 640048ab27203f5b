//! Reasons for refusing an option.

use super::OptionName;
use crate::attribute::AttributeError;
use crate::variant::Variant;

/// Why a query does not describe a configuration. Every message names the option and its allowed values; none repeats a
/// value, except for an attribute at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// There is no such option.
    #[error("{name:?} is not an option; the options are {}", OptionName::ALL.map(OptionName::as_str).join(", "))]
    Unknown {
        /// The beginning of the name.
        name: String,
    },
    /// The same option a second time.
    #[error("{0} is given more than once")]
    Twice(OptionName),
    /// The value is not allowed.
    #[error("{} must be {}", .0, .0.allowed())]
    Invalid(OptionName),
    /// An attribute cannot be sent.
    #[error("attributes: {0}")]
    Attributes(#[from] AttributeError),
    /// `bedrock.json` without an e-mail address.
    #[error("user_email is missing: bedrock.json is for one person and needs {}", OptionName::UserEmail.allowed())]
    NoEmail,
    /// An e-mail address for another variant.
    #[error("user_email is only allowed for {}", Variant::Bedrock)]
    EmailElsewhere,
}

impl OptionError {
    /// The option at fault, as it was given.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::Unknown { name } => name,
            Self::Twice(option) | Self::Invalid(option) => option.as_str(),
            Self::Attributes(_) => OptionName::Attributes.as_str(),
            Self::NoEmail | Self::EmailElsewhere => OptionName::UserEmail.as_str(),
        }
    }

    /// The allowed values of the option at fault.
    #[must_use]
    pub fn allowed(&self) -> String {
        match self {
            Self::Unknown { .. } => OptionName::ALL.map(OptionName::as_str).join(", "),
            Self::Twice(option) | Self::Invalid(option) => option.allowed().to_owned(),
            Self::Attributes(_) => OptionName::Attributes.allowed().to_owned(),
            Self::NoEmail => OptionName::UserEmail.allowed().to_owned(),
            Self::EmailElsewhere => format!("no value, except for {}", Variant::Bedrock),
        }
    }
}
