//! The names of the options, the values they take, and why one is refused.

use std::fmt;

use crate::attribute::AttributeError;
use crate::pricing::{self, PricingError};
use crate::variant::Variant;

/// The name of an option in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionName {
    /// `protocol`.
    Protocol,
    /// `logs_interval`.
    LogsInterval,
    /// `metrics_interval`.
    MetricsInterval,
    /// `log_prompts`.
    LogPrompts,
    /// `log_tool_details`.
    LogToolDetails,
    /// `repository`.
    Repository,
    /// `attributes`.
    Attributes,
    /// `gzip`.
    Gzip,
    /// `model_pricing`, only for managed settings.
    ModelPricing,
    /// `user_email`, only for `bedrock.json`.
    UserEmail,
}

impl OptionName {
    /// All options.
    pub const ALL: [Self; 10] = [
        Self::Protocol,
        Self::LogsInterval,
        Self::MetricsInterval,
        Self::LogPrompts,
        Self::LogToolDetails,
        Self::Repository,
        Self::Attributes,
        Self::Gzip,
        Self::ModelPricing,
        Self::UserEmail,
    ];

    /// The name as it is written in a query.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Protocol => "protocol",
            Self::LogsInterval => "logs_interval",
            Self::MetricsInterval => "metrics_interval",
            Self::LogPrompts => "log_prompts",
            Self::LogToolDetails => "log_tool_details",
            Self::Repository => "repository",
            Self::Attributes => "attributes",
            Self::Gzip => "gzip",
            Self::ModelPricing => "model_pricing",
            Self::UserEmail => "user_email",
        }
    }

    /// What it does, in a sentence or two of Markdown.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Protocol => "`http/protobuf` (default) or `http/json`.",
            Self::LogsInterval => {
                "Milliseconds between exports of events, 1000 to 600000; 60000 unless given, 5000 in CI."
            }
            Self::MetricsInterval => {
                "Milliseconds between exports of metrics, 1000 to 600000; 300000 unless given, 5000 in CI."
            }
            Self::LogPrompts => "`true` sends the text of prompts; `false` unless given.",
            Self::LogToolDetails => "`true` sends the names of tools and their inputs; `false` unless given.",
            Self::Repository => "`true` names the repository on metrics; `false` unless given.",
            Self::Attributes => {
                "Resource attributes, `team=core,cost_center=x`; at most 11, of which some variants need up to two."
            }
            Self::Gzip => "`true` compresses exports, not those of `http/json`; `false` unless given.",
            Self::ModelPricing => {
                "Prices in place of Anthropic's list, as Claude Code's `modelPricing`: `{\"multiplier\":0.85}`. For managed settings alone."
            }
            Self::UserEmail => {
                "The person's e-mail address, `+` written as `%2B`; for `bedrock.json` alone, which needs it."
            }
        }
    }

    /// The allowed values, worded to follow "must be".
    pub(super) fn allowed(self) -> &'static str {
        match self {
            Self::Protocol => "http/protobuf or http/json",
            Self::LogsInterval | Self::MetricsInterval => "a whole number of milliseconds from 1000 to 600000",
            Self::LogPrompts | Self::LogToolDetails | Self::Repository | Self::Gzip => "true or false",
            Self::Attributes => "a list such as team=core,cost_center=x",
            Self::ModelPricing => pricing::ALLOWED,
            Self::UserEmail => "one e-mail address of at most 254 characters, its + written as %2B",
        }
    }

    pub(super) fn find(name: &str) -> Result<Self, OptionError> {
        let found = Self::ALL.into_iter().find(|option| option.as_str() == name);
        found.ok_or_else(|| OptionError::Unknown { name: name.chars().take(64).collect() })
    }
}

impl fmt::Display for OptionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

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
    /// Compressed JSON, which does not arrive as it was sent.
    #[error(
        "gzip cannot be combined with protocol http/json: API Gateway hands JSON on as text, which damages compressed exports; choose \
         http/protobuf"
    )]
    JsonWithGzip,
    /// The prices cannot be written.
    #[error("model_pricing: {0}")]
    Pricing(#[from] PricingError),
    /// Prices for a variant that is not a managed setting.
    #[error("model_pricing is only allowed in managed settings: Claude Code ignores it elsewhere")]
    PricingElsewhere,
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
            Self::JsonWithGzip => OptionName::Gzip.as_str(),
            Self::Pricing(_) | Self::PricingElsewhere => OptionName::ModelPricing.as_str(),
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
            Self::JsonWithGzip => "false, or true with protocol http/protobuf".to_owned(),
            Self::Pricing(_) => OptionName::ModelPricing.allowed().to_owned(),
            Self::PricingElsewhere => {
                let managed = Variant::ALL.into_iter().filter(|variant| variant.is_managed());
                format!("no value, except for {}", managed.map(Variant::name).collect::<Vec<_>>().join(", "))
            }
            Self::NoEmail => OptionName::UserEmail.allowed().to_owned(),
            Self::EmailElsewhere => format!("no value, except for {}", Variant::Bedrock),
        }
    }
}
