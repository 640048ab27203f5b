//! Why an option is refused.

use super::OptionName;
use crate::attribute::AttributeError;
use crate::variant::Variant;

/// Why a query asks for no configuration. Every message names the option and what it may be; none repeats a value
/// other than the attribute at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// No such option.
    #[error("{name:?} is no option; the options are {}", OptionName::ALL.map(OptionName::as_str).join(", "))]
    Unknown {
        /// The beginning of the name.
        name: String,
    },
    /// The same option a second time.
    #[error("{0} is given twice")]
    Twice(OptionName),
    /// A value outside of what is allowed.
    #[error("{} must be {}", .0, .0.allowed())]
    Invalid(OptionName),
    /// An attribute that cannot be sent.
    #[error("attributes: {0}")]
    Attributes(#[from] AttributeError),
    /// `bedrock.json` without an e-mail.
    #[error("user_email is missing: bedrock.json is for one person; give {}", OptionName::UserEmail.allowed())]
    NoEmail,
    /// An e-mail for another variant.
    #[error("user_email is for {} alone", Variant::Bedrock)]
    EmailElsewhere,
}

impl OptionError {
    /// The name of the option at fault, as it was given.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::Unknown { name } => name,
            Self::Twice(option) | Self::Invalid(option) => option.as_str(),
            Self::Attributes(_) => OptionName::Attributes.as_str(),
            Self::NoEmail | Self::EmailElsewhere => OptionName::UserEmail.as_str(),
        }
    }

    /// What the option at fault may be.
    #[must_use]
    pub fn allowed(&self) -> String {
        match self {
            Self::Unknown { .. } => OptionName::ALL.map(OptionName::as_str).join(", "),
            Self::Twice(option) | Self::Invalid(option) => option.allowed().to_owned(),
            Self::Attributes(_) => OptionName::Attributes.allowed().to_owned(),
            Self::NoEmail => OptionName::UserEmail.allowed().to_owned(),
            Self::EmailElsewhere => format!("nothing, except for {}", Variant::Bedrock),
        }
    }
}
