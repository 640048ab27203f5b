//! What whoever starts the gateway is told: where it is, how to get into the console, what to do next, and what is dangerous.

use std::net::SocketAddr;
use std::path::PathBuf;

use model::base_url::BaseUrl;

use crate::data_folder::{ADMIN_KEY, DataFolder, FolderError, SIGN_IN_LINK};
use crate::options::Options;

/// How whoever started the gateway gets into the console. The link signs in as the holder of the root key, and what is printed
/// where nobody sits is kept by whatever collects it.
#[derive(Debug)]
pub(crate) enum WayIn {
    /// A link that works once, shown at the terminal.
    Shown(String),
    /// The file that it is in, which its owner alone can read.
    Kept(PathBuf),
    /// There is no place for one.
    Key,
}

/// Whether there is a place for a link that signs in: somebody sits at a terminal, or its file is for its owner alone.
pub(crate) fn has_place_for_link(folder: Option<&DataFolder>, is_terminal: bool) -> bool {
    is_terminal || folder.is_some()
}

/// The link that signs in with a one-time code, and opens the page `opens` of the console if one is given.
pub(crate) fn link(base_url: &BaseUrl, code: &str, opens: Option<&str>) -> String {
    let to = opens.map(|page| format!("&to={page}")).unwrap_or_default();
    format!("{base_url}/sign-in?code={code}{to}")
}

/// Puts a link where whoever started the gateway finds it.
///
/// # Errors
/// Its file cannot be written.
pub(crate) fn way_in(
    link: Option<String>,
    folder: Option<&DataFolder>,
    is_terminal: bool,
) -> Result<WayIn, FolderError> {
    Ok(match (link, folder.filter(|_| !is_terminal)) {
        (None, _) => WayIn::Key,
        (Some(link), None) => WayIn::Shown(link),
        (Some(link), Some(folder)) => WayIn::Kept(folder.write_secret(SIGN_IN_LINK, &format!("{link}\n"))?),
    })
}

/// What is wrong with tokens, keys and sessions that travel in clear.
pub(crate) fn exposed(listening: SocketAddr, base_url: &BaseUrl) -> Option<&'static str> {
    let travels = !listening.ip().to_canonical().is_loopback() && !base_url.is_https();
    travels.then_some(
        "other machines reach this gateway over plain HTTP, so that everybody on the way can read tokens, keys and sessions. \
         Put a proxy with TLS in front and give its address with --public-url https://…",
    )
}

/// What is told at start. The key stands in it where it is nowhere else and somebody sits at a terminal.
pub(crate) fn guidance(
    options: &Options,
    base_url: &BaseUrl,
    way_in: &WayIn,
    settings: Option<PathBuf>,
    (folder, shown_key): (Option<&DataFolder>, Option<&str>),
) -> String {
    let mut lines = vec![
        format!("Claude Code telemetry is collected at {base_url}"),
        match way_in {
            WayIn::Shown(link) => format!("Console, signed in (this link works once, for ten minutes): {link}"),
            WayIn::Kept(file) => format!(
                "Console: {base_url}/ (a link that signs in once, within ten minutes, is in {})",
                file.display()
            ),
            WayIn::Key => format!("Console: {base_url}/"),
        },
    ];
    if let Some(file) = settings {
        lines.push(format!(
            "Organisation `{}`: its managed settings, with its token and this address, are in {}",
            options.org,
            file.display()
        ));
        lines.push("Next: deploy them (for this machine: copy them to /etc/claude-code/managed-settings.json,".into());
        lines.push("      or merge them into ~/.claude/settings.json), restart Claude Code, and use it.".into());
    } else if folder.is_none() {
        lines.push(format!(
            "Organisation `{}` is enabled; everything is in memory and gone when this stops.",
            options.org
        ));
    }
    let key = match (folder, shown_key) {
        _ if options.admin_key.is_some() => {
            lines.push("The admin key is the one given.".into());
            "$ADMIN_KEY".to_owned()
        }
        (Some(folder), _) => {
            let file = folder.secrets().join(ADMIN_KEY).display().to_string();
            lines.push(format!("The admin key: {file}"));
            format!("$(cat {})", quoted(&file))
        }
        (None, Some(key)) => {
            lines.push(format!("The admin key, to sign in again: {key}"));
            key.to_owned()
        }
        (None, None) => {
            lines.push("Give an admin key with --admin-key to use the API of an ephemeral gateway.".into());
            "$ADMIN_KEY".to_owned()
        }
    };
    lines.push(format!("API: curl -H \"Authorization: Bearer {key}\" {base_url}/api/orgs"));
    lines.join("\n")
}

/// A path as a shell takes it for one word.
fn quoted(path: &str) -> String {
    let is_plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    if is_plain { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn told(folder: Option<&DataFolder>, is_terminal: bool) -> String {
        let url: BaseUrl = "http://x".parse().unwrap();
        let has_place = has_place_for_link(folder, is_terminal);
        let link = has_place.then(|| link(&url, "abc", Some("/orgs/demo/analytics")));
        let way_in = way_in(link, folder, is_terminal).unwrap();
        let options = Options::parse_from(["local"]);
        guidance(&options, &url, &way_in, None, (folder, is_terminal.then_some("the key")))
    }

    #[test]
    fn the_link_into_the_console_is_shown_at_a_terminal_and_else_kept_for_its_owner() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(parent.path()).unwrap();
        for folder in [Some(&folder), None] {
            assert!(told(folder, true).contains("http://x/sign-in?code="));
        }
        assert_eq!(folder.read_secret(SIGN_IN_LINK).unwrap(), None);
        let text = told(Some(&folder), false);
        assert!(!text.contains("code=") && text.contains("secrets/sign-in-link"), "{text}");
        assert!(folder.read_secret(SIGN_IN_LINK).unwrap().unwrap().starts_with("http://x/sign-in?code="));
        assert!(!told(None, false).contains("sign-in"));
    }

    #[test]
    fn the_link_opens_the_page_that_is_to_be_seen_first() {
        let text = told(None, true);
        let link = text.lines().find_map(|line| line.split_once("ten minutes): ")).unwrap().1;
        assert!(link.ends_with("&to=/orgs/demo/analytics"), "{text}");
    }

    #[test]
    fn a_key_that_is_in_no_file_is_told_at_a_terminal_alone() {
        assert!(told(None, true).contains("The admin key, to sign in again: the key"));
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(parent.path()).unwrap();
        for text in [told(None, false), told(Some(&folder), true), told(Some(&folder), false)] {
            assert!(!text.contains("the key\n"), "{text}");
        }
    }

    #[test]
    fn the_command_for_the_api_can_be_pasted() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(&parent.path().join("it's here")).unwrap();
        let text = told(Some(&folder), true);
        assert!(text.contains("$(cat '") && text.contains("it'\\''s here/secrets/admin-key')"), "{text}");
        assert!(!text.contains('<'), "{text}");
    }

    #[test]
    fn who_serves_others_over_plain_http_is_warned() {
        let warned = |listening: &str, url: &str| exposed(listening.parse().unwrap(), &url.parse().unwrap()).is_some();
        assert!(warned("0.0.0.0:4318", "http://0.0.0.0:4318") && warned("[::]:4318", "http://telemetry.example.com"));
        assert!(!warned("0.0.0.0:4318", "https://telemetry.example.com"));
        assert!(!warned("127.0.0.1:4318", "http://127.0.0.1:4318") && !warned("[::1]:4318", "http://x"));
    }
}
