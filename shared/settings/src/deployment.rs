//! What a configuration points to: the address of the service, the token and the organisation.

use std::fmt;
use std::net::Ipv6Addr;

/// The longest base URL accepted, in characters.
const MAX_BASE_URL: usize = 2_000;

/// The service as the clients of one organisation reach it. Its parts are validated here, so that all of them are
/// printable ASCII without quotes, backslashes, angle brackets, braces or spaces.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Deployment<'a> {
    base_url: &'a str,
    token: &'a str,
    generation: u64,
    org: &'a str,
}

/// Why a deployment cannot be put into a configuration. No message repeats the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeploymentError {
    /// The base URL is not valid: Claude Code silently switches its exporter off if the endpoint is invalid, and drops
    /// a query string.
    #[error(
        "base_url must be http:// or https://, a host, and optionally a port and a path, \
         in ASCII, without user name, query or fragment"
    )]
    BaseUrl,
    /// The token contains a character with a meaning in the header variable, such as `, ; = %` or a space.
    #[error("the token may only contain the characters A-Z a-z 0-9 _ -")]
    Token,
    /// The name is not that of an organisation.
    #[error("org must be 1 to 63 of the characters a-z 0-9 - and must not begin with -")]
    Org,
}

impl<'a> Deployment<'a> {
    /// Combines `base_url`, to which clients append `/v1/logs` and `/v1/metrics`, the organisation's ingest `token` in
    /// plain text, the `generation` of that token, and the name of the organisation.
    ///
    /// # Errors
    /// [`DeploymentError`] names the part that no configuration could carry safely.
    pub fn new(base_url: &'a str, token: &'a str, generation: u64, org: &'a str) -> Result<Self, DeploymentError> {
        if !is_base_url(base_url) {
            return Err(DeploymentError::BaseUrl);
        }
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)) {
            return Err(DeploymentError::Token);
        }
        if !is_org(org) {
            return Err(DeploymentError::Org);
        }
        Ok(Self { base_url, token, generation, org })
    }

    pub(super) fn base_url(&self) -> &'a str {
        self.base_url
    }

    pub(super) fn token(&self) -> &'a str {
        self.token
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    pub(super) fn org(&self) -> &'a str {
        self.org
    }
}

/// Omits the token.
impl fmt::Debug for Deployment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deployment")
            .field("base_url", &self.base_url)
            .field("generation", &self.generation)
            .field("org", &self.org)
            .finish_non_exhaustive()
    }
}

fn is_org(org: &str) -> bool {
    (1..=63).contains(&org.len())
        && !org.starts_with('-')
        && org.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_base_url(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else {
        return false;
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    url.len() <= MAX_BASE_URL && is_authority(authority) && path.bytes().all(is_path_byte)
}

fn is_authority(authority: &str) -> bool {
    let (host_is_good, after_host) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, after)) => (address.parse::<Ipv6Addr>().is_ok(), after),
        None => {
            let (host, after) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
            (is_host(host), after)
        }
    };
    host_is_good && (after_host.is_empty() || after_host.strip_prefix(':').is_some_and(is_port))
}

fn is_host(host: &str) -> bool {
    host.len() <= 253
        && host.strip_suffix('.').unwrap_or(host).split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        })
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|number| number > 0)
}

/// The characters allowed in a path by RFC 3986, section 3.3.
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_base_url(url: &str) -> Result<Deployment<'_>, DeploymentError> {
        Deployment::new(url, "cct_0a1B", 1, "acme")
    }

    #[test]
    fn addresses_a_client_can_use_are_taken() {
        for url in [
            "http://127.0.0.1:4318",
            "https://abc123.execute-api.eu-central-1.amazonaws.com/prod",
            "https://telemetry.example.com/a/b/",
            "http://[::1]:4318/x",
            "http://localhost",
        ] {
            assert!(with_base_url(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn addresses_that_would_switch_the_exporter_off_are_refused() {
        for url in [
            "",
            "telemetry.example.com",
            "ftp://example.com",
            "https://",
            "https:///path",
            "https://:443",
            "https://example.com:0",
            "https://example.com:65536",
            "https://example.com:+80",
            "https://example.com:",
            "https://user:secret@example.com",
            "https://example.com/?token=x",
            "https://example.com/#x",
            "https://example.com/a b",
            "https://example.com/\n",
            "https://exa mple.com",
            "https://-example.com",
            "https://a..b",
            "https://[::1",
            "https://[nonsense]",
            "https://[::1]x",
            "https://b\u{fc}cher.example",
            "https://example.com/${{secrets.X}}",
            "https://example.com/\"",
        ] {
            assert_eq!(with_base_url(url).map(|_| ()), Err(DeploymentError::BaseUrl), "{url}");
        }
        let long = format!("https://example.com/{}", "a".repeat(2_000));
        assert_eq!(with_base_url(&long).map(|_| ()), Err(DeploymentError::BaseUrl));
    }

    #[test]
    fn a_token_that_would_break_the_header_variable_is_refused_and_not_repeated() {
        for token in ["", "cct a", "cct,a", "cct=a", "cct%41", "cct;a", "cct'", "t\u{f6}ken"] {
            let error = Deployment::new("http://localhost", token, 1, "acme").unwrap_err();
            assert_eq!(error, DeploymentError::Token);
            assert!(token.is_empty() || !error.to_string().contains(token));
        }
    }

    #[test]
    fn a_name_that_is_no_organisations_is_refused() {
        for org in ["", "-a", "Acme", "a_b", "a b", "a/../b", "<x>", &"a".repeat(64)] {
            assert_eq!(Deployment::new("http://localhost", "t", 1, org).unwrap_err(), DeploymentError::Org, "{org}");
        }
        assert!(Deployment::new("http://localhost", "t", 1, "a--b-").is_ok());
    }

    #[test]
    fn printing_a_deployment_does_not_show_its_token() {
        let deployment = Deployment::new("http://localhost", "cct_verysecret", 1, "acme").unwrap();
        assert!(!format!("{deployment:?} {deployment:#?}").contains("verysecret"));
    }
}
