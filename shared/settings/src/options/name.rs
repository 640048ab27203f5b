//! The names of the options, and the values they take.

use std::fmt;

use super::OptionError;

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
    /// `user_email`, only for `bedrock.json`.
    UserEmail,
}

impl OptionName {
    /// All options.
    pub const ALL: [Self; 9] = [
        Self::Protocol,
        Self::LogsInterval,
        Self::MetricsInterval,
        Self::LogPrompts,
        Self::LogToolDetails,
        Self::Repository,
        Self::Attributes,
        Self::Gzip,
        Self::UserEmail,
    ];

    /// The name as it is written in a query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Protocol => "protocol",
            Self::LogsInterval => "logs_interval",
            Self::MetricsInterval => "metrics_interval",
            Self::LogPrompts => "log_prompts",
            Self::LogToolDetails => "log_tool_details",
            Self::Repository => "repository",
            Self::Attributes => "attributes",
            Self::Gzip => "gzip",
            Self::UserEmail => "user_email",
        }
    }

    /// The allowed values, worded to follow "must be".
    pub(super) fn allowed(self) -> &'static str {
        match self {
            Self::Protocol => "http/protobuf or http/json",
            Self::LogsInterval | Self::MetricsInterval => "a whole number of milliseconds from 1000 to 600000",
            Self::LogPrompts | Self::LogToolDetails | Self::Repository | Self::Gzip => "true or false",
            Self::Attributes => "a list such as team=core,cost_center=x",
            Self::UserEmail => "one e-mail address of at most 254 characters",
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
