//! The forms of a configuration, named as in the address they are served at.

use std::fmt;
use std::str::FromStr;

/// One form of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variant {
    /// `managed.json`: managed settings, for claude.ai or a machine's `managed-settings.json`.
    Managed,
    /// `user.json`: one person's `~/.claude/settings.json`.
    User,
    /// `drop-in.json`: a separate file next to existing managed settings.
    DropIn,
    /// `bedrock.json`: one person's settings with their e-mail address, which Claude Code does not know on Bedrock.
    Bedrock,
    /// `macos.mobileconfig`: a configuration profile.
    MacosProfile,
    /// `macos.plist`: the managed preferences only, for MDMs that build the profile themselves.
    MacosPlist,
    /// `windows.reg`: a registry file.
    WindowsRegistry,
    /// `windows.ps1`: a PowerShell script that writes the registry.
    WindowsPowerShell,
    /// `shell.sh`: exports for a POSIX shell.
    Shell,
    /// `github-actions.yml`: the environment of a workflow, which refers to a secret instead of the token.
    GithubActions,
    /// `headers-helper.json`: settings of any other CI, which ask a line of shell for the token.
    HeadersHelper,
}

impl Variant {
    /// All variants, in the order in which they are offered.
    pub const ALL: [Self; 11] = [
        Self::Managed,
        Self::User,
        Self::DropIn,
        Self::Bedrock,
        Self::MacosProfile,
        Self::MacosPlist,
        Self::WindowsRegistry,
        Self::WindowsPowerShell,
        Self::Shell,
        Self::GithubActions,
        Self::HeadersHelper,
    ];

    /// The last segment of the address at which this variant is served.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Managed => "managed.json",
            Self::User => "user.json",
            Self::DropIn => "drop-in.json",
            Self::Bedrock => "bedrock.json",
            Self::MacosProfile => "macos.mobileconfig",
            Self::MacosPlist => "macos.plist",
            Self::WindowsRegistry => "windows.reg",
            Self::WindowsPowerShell => "windows.ps1",
            Self::Shell => "shell.sh",
            Self::GithubActions => "github-actions.yml",
            Self::HeadersHelper => "headers-helper.json",
        }
    }

    /// How often clients send by default, in milliseconds: events, then metrics.
    ///
    /// People's sessions last hours. Events once a minute take a twelfth of the requests that the client's default of five seconds
    /// would, and stay far from filling its queue of 2,048 records; metrics repeat what events say, but for lines, commits and active
    /// time, which can wait for five minutes. Whatever is left is sent at exit. A run in CI may end within a minute, and its last
    /// export has to fit into the two seconds that the client takes at exit.
    #[must_use]
    pub fn intervals(self) -> (u32, u32) {
        if self.is_of_ci() { (5_000, 5_000) } else { (60_000, 300_000) }
    }

    /// Whether it is for runs of continuous integration, whose secrets hold the token in place of the configuration.
    #[must_use]
    pub fn is_of_ci(self) -> bool {
        matches!(self, Self::GithubActions | Self::HeadersHelper)
    }

    /// Whether it is a managed setting wherever it is deployed. `bedrock.json` may be a user's own.
    #[must_use]
    pub fn is_managed(self) -> bool {
        self.is_for_many_people()
    }

    /// Whether one copy is meant for many people, so that it must not name any of them.
    pub(super) fn is_for_many_people(self) -> bool {
        match self {
            Self::Managed
            | Self::DropIn
            | Self::MacosProfile
            | Self::MacosPlist
            | Self::WindowsRegistry
            | Self::WindowsPowerShell => true,
            Self::User | Self::Bedrock | Self::Shell | Self::GithubActions | Self::HeadersHelper => false,
        }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name is not that of a variant. The message lists all of them and does not repeat the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown variant; the variants are {}", Variant::ALL.map(Variant::name).join(", "))]
pub struct UnknownVariant;

impl FromStr for Variant {
    type Err = UnknownVariant;

    fn from_str(name: &str) -> Result<Self, UnknownVariant> {
        Self::ALL.into_iter().find(|variant| variant.name() == name).ok_or(UnknownVariant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_is_found_by_its_name_and_by_nothing_else() {
        for variant in Variant::ALL {
            assert_eq!(variant.to_string().parse(), Ok(variant));
            assert_eq!(variant.name().to_uppercase().parse::<Variant>(), Err(UnknownVariant));
        }
        assert_eq!(Variant::ALL.map(Variant::name).iter().collect::<std::collections::HashSet<_>>().len(), 11);
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_names_there_are() {
        let message = ".claude/settings.json".parse::<Variant>().unwrap_err().to_string();
        assert!(Variant::ALL.iter().all(|variant| message.contains(variant.name())), "{message}");
    }
}
