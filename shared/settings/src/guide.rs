//! Where each configuration goes and what to do with it.

use super::variant::Variant;

/// Instructions shown next to a configuration, and within it if its format has comments. ASCII without `--`, so that it
/// fits every kind of comment.
pub(super) struct Guide {
    pub(super) content_type: &'static str,
    pub(super) file_name: &'static str,
    pub(super) target_path: &'static str,
    pub(super) next_steps: &'static [&'static str],
}

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

const RESTART: &str = "Quit Claude Code completely and start it again: it reads telemetry settings only at start.";
const VERIFY: &str = "Use it for two minutes; then Last Activity is updated in Settings > AI Tools > Claude Code > OpenTelemetry. \
     Of whoever was seen shortly before it is right to a quarter of an hour.";

const CLAUDE_AI: &str = "Settings deployed from claude.ai arrive within an hour, and each user has to approve them in a \
     dialog, which interrupts running sessions: deploy outside working hours. They do not reach users of Bedrock, \
     Vertex AI or Foundry.";
const ONE_SOURCE: &str = "Keep all OTEL variables in this one source: a managed source of higher precedence that \
     sets one of them replaces the rest.";
const MERGE_JSON: &str =
    "If the file already exists, add the variables to its env block instead of replacing the file.";
const NOT_IN_REPOSITORY: &str =
    "Do not commit it to a repository as .claude/settings.json: telemetry settings there are ignored.";
const ONE_PROFILE: &str = "If your MDM already manages com.anthropic.claudecode, add the env dictionary to that \
     profile: two profiles for one domain conflict.";
const MACOS_STATUS: &str =
    "Check that /status in Claude Code lists Enterprise managed settings (plist); it is read every 30 minutes.";
const REPLACES_POLICY: &str = "It replaces the value Settings: if you already deploy a policy there, add the env \
     block to that policy's JSON instead.";
const WINDOWS_STATUS: &str =
    "Check that /status in Claude Code lists Enterprise managed settings (HKLM); it is read every 30 minutes.";

const REGISTRY_VALUE: &str = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\ClaudeCode, value Settings (REG_SZ)";

impl Guide {
    pub(super) fn of(variant: Variant) -> Self {
        match variant {
            Variant::Managed => managed(),
            Variant::User => user(),
            Variant::DropIn => drop_in(),
            Variant::Bedrock => bedrock(),
            Variant::MacosProfile => macos_profile(),
            Variant::MacosPlist => macos_plist(),
            Variant::WindowsRegistry => windows_registry(),
            Variant::WindowsPowerShell => windows_script(),
            Variant::Shell => shell(),
            Variant::GithubActions => github_actions(),
            Variant::HeadersHelper => headers_helper(),
        }
    }

    /// The guide as lines of a comment.
    pub(super) fn comment(&self) -> impl Iterator<Item = String> {
        let target = format!("Goes to: {}", self.target_path);
        let steps = self.next_steps.iter().enumerate().map(|(i, step)| format!("{}. {step}", i + 1));
        ["Claude Code telemetry.".to_owned(), target].into_iter().chain(steps)
    }
}

fn managed() -> Guide {
    Guide {
        content_type: JSON,
        file_name: "managed-settings.json",
        target_path: "claude.ai, Admin settings > Claude Code > Managed settings (Team and Enterprise); or as a file: \
             /Library/Application Support/ClaudeCode/managed-settings.json (macOS), \
             /etc/claude-code/managed-settings.json (Linux, WSL), \
             C:\\Program Files\\ClaudeCode\\managed-settings.json (Windows)",
        next_steps: &[
            "If managed settings already exist, add the variables to their env block instead of replacing them.",
            ONE_SOURCE,
            CLAUDE_AI,
            RESTART,
            VERIFY,
        ],
    }
}

fn user() -> Guide {
    Guide {
        content_type: JSON,
        file_name: "settings.json",
        target_path: "~/.claude/settings.json (Windows: %USERPROFILE%\\.claude\\settings.json)",
        next_steps: &[MERGE_JSON, NOT_IN_REPOSITORY, RESTART, VERIFY],
    }
}

fn drop_in() -> Guide {
    Guide {
        content_type: JSON,
        file_name: "10-telemetry.json",
        target_path: "/etc/claude-code/managed-settings.d/10-telemetry.json (Linux, WSL), \
             /Library/Application Support/ClaudeCode/managed-settings.d/10-telemetry.json (macOS), \
             C:\\Program Files\\ClaudeCode\\managed-settings.d\\10-telemetry.json (Windows)",
        next_steps: &[
            "Put the file next to your managed-settings.json unchanged: Claude Code 2.1.83 and later merge the two.",
            ONE_SOURCE,
            RESTART,
            VERIFY,
        ],
    }
}

/// A managed `OTEL_RESOURCE_ATTRIBUTES` overrides the user's, so an e-mail address in the user's own file would
/// silently be lost. That is why the document is complete, and can be put next to the managed settings instead.
fn bedrock() -> Guide {
    Guide {
        content_type: JSON,
        file_name: "settings.json",
        target_path: "~/.claude/settings.json (Windows: %USERPROFILE%\\.claude\\settings.json) of the person whose \
             e-mail it holds",
        next_steps: &[
            MERGE_JSON,
            "If the machine has managed settings as files, their OTEL_RESOURCE_ATTRIBUTES takes precedence and the \
             e-mail is lost: install this document there, with the same attributes, as \
             managed-settings.d/20-user.json, which is merged last.",
            "If an MDM profile or the registry carries the telemetry, add user.email to OTEL_RESOURCE_ATTRIBUTES there, \
             from the MDM's own variable for the user's e-mail.",
            RESTART,
            VERIFY,
        ],
    }
}

fn macos_profile() -> Guide {
    Guide {
        content_type: "application/x-apple-aspen-config",
        file_name: "claude-code-telemetry.mobileconfig",
        target_path: "your MDM, as a custom configuration profile for the device channel",
        next_steps: &[
            ONE_PROFILE,
            "Upload it to the MDM (Jamf, Intune, Kandji) and assign it to your Macs; for a trial on one Mac, open it \
             and confirm it in System Settings > Device Management.",
            MACOS_STATUS,
            RESTART,
            VERIFY,
        ],
    }
}

fn macos_plist() -> Guide {
    Guide {
        content_type: "application/xml",
        file_name: "com.anthropic.claudecode.plist",
        target_path: "your MDM, as custom settings for the preference domain com.anthropic.claudecode",
        next_steps: &[
            ONE_PROFILE,
            "Upload it to the MDM (Jamf: Application and Custom Settings) and assign it to your Macs; macOS itself \
             manages /Library/Managed Preferences, so a file copied there by hand does not last.",
            MACOS_STATUS,
            RESTART,
            VERIFY,
        ],
    }
}

fn windows_registry() -> Guide {
    Guide {
        content_type: TEXT,
        file_name: "claude-code-telemetry.reg",
        target_path: REGISTRY_VALUE,
        next_steps: &[
            REPLACES_POLICY,
            "Import it as an administrator: reg import claude-code-telemetry.reg",
            WINDOWS_STATUS,
            RESTART,
            VERIFY,
        ],
    }
}

fn windows_script() -> Guide {
    Guide {
        content_type: TEXT,
        file_name: "Set-ClaudeCodeTelemetry.ps1",
        target_path: REGISTRY_VALUE,
        next_steps: &[
            "It adds the variables to the policy that the machine has, and keeps everything else in it.",
            "Run it as an administrator, or as an Intune platform script with system credentials.",
            WINDOWS_STATUS,
            RESTART,
            VERIFY,
        ],
    }
}

fn shell() -> Guide {
    Guide {
        content_type: TEXT,
        file_name: "claude-code-telemetry.sh",
        target_path: "/etc/profile.d/claude-code-telemetry.sh in a container or virtual machine, or ~/.profile",
        next_steps: &[
            "Source it before Claude Code starts; an env block in any settings file overrides these variables.",
            RESTART,
            VERIFY,
        ],
    }
}

fn github_actions() -> Guide {
    Guide {
        content_type: "application/yaml",
        file_name: "claude-code-telemetry.yml",
        target_path: "the top level of a workflow in .github/workflows, or one of its jobs or steps",
        next_steps: &[
            "Save the ingest token as the repository or organization secret CLAUDE_CODE_OTEL_TOKEN: the console shows it \
             in the forms for people's machines.",
            "Its runs are counted as automation of the repository, not as a person: enduser.id says so.",
            "Copy the env block into each workflow that runs Claude Code.",
            "Runs for pull requests from forks get no secrets, so their telemetry is refused.",
            VERIFY,
        ],
    }
}

fn headers_helper() -> Guide {
    Guide {
        content_type: JSON,
        file_name: "settings.json",
        target_path: "~/.claude/settings.json of the account that GitLab CI, Jenkins or another CI runs as",
        next_steps: &[
            "Save the ingest token as the secret variable CLAUDE_CODE_OTEL_TOKEN of the CI: the console shows it in the \
             forms for people's machines. A line of shell, otelHeadersHelper, puts it into the headers of each export.",
            "The file holds no token, so a rotation changes the secret alone. A run that is under way has the token that it began \
             with; the line is run again every 29 minutes, so one that reads a secret store follows a rotation within them.",
            "Its runs are counted as automation, not as a person: enduser.id says so. Give attributes=enduser.id=ci/NAME to tell \
             workflows apart.",
            "If the file already exists, add otelHeadersHelper and the variables of the env block to it.",
            VERIFY,
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_says_where_it_goes_and_what_to_do_next() {
        for variant in Variant::ALL {
            let guide = Guide::of(variant);
            assert!(!guide.target_path.is_empty() && guide.next_steps.contains(&VERIFY), "{variant}");
            for line in guide.comment() {
                let fits = line.bytes().all(|b| (0x20..0x7f).contains(&b)) && !line.contains("--");
                assert!(fits, "{variant}: {line}");
            }
        }
    }

    #[test]
    fn no_variant_goes_into_a_repositorys_settings() {
        for variant in Variant::ALL {
            let target = Guide::of(variant).target_path.replace("~/.claude", "").replace("%\\.claude", "");
            assert!(!target.contains(".claude/") && !target.contains(".claude\\"), "{target}");
        }
    }

    #[test]
    fn a_dead_windows_folder_is_not_named() {
        assert!(Variant::ALL.into_iter().all(|variant| !Guide::of(variant).target_path.contains("ProgramData")));
    }
}
