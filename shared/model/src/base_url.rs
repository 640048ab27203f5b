//! The address that clients and browsers reach the service at.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use url::{Host, Url};

/// Longest address that is accepted, in bytes.
const LONGEST: usize = 2_000;

/// An address such as `https://telemetry.example.com/prod`, without a slash at its end: clients append `/v1/logs` and `/v1/metrics`.
///
/// It is parsed once, when a process starts, and is plain enough for every form of configuration: printable ASCII without quotes,
/// backslashes, angle brackets, braces or spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

/// Who can reach an address, as far as it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nobody: it stands for every address of the machine that listens (`0.0.0.0`, `[::]`).
    Nobody,
    /// The machine that listens alone.
    ThisMachine,
    /// Others, and whoever is on the way can read along: plain HTTP.
    InClear,
    /// Others.
    Others,
}

/// A text that is no such address. Claude Code switches its exporter off, and says nothing, when its endpoint is not a valid URL; and it
/// drops a query string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "it has to be http:// or https://, a host, and if need be a port and a path, in ASCII and without user name, query or fragment, \
     such as https://telemetry.example.com"
)]
pub struct BadBaseUrl;

impl FromStr for BaseUrl {
    type Err = BadBaseUrl;

    fn from_str(text: &str) -> Result<Self, BadBaseUrl> {
        let text = text.trim_end_matches('/');
        let url = Url::parse(text).map_err(|_| BadBaseUrl)?;
        let is_web = matches!(url.scheme(), "http" | "https") && url.port() != Some(0);
        let is_plain = text.len() <= LONGEST && text.bytes().all(is_plain);
        if is_web && is_plain && is_as_written(text, &url) { Ok(Self(text.to_owned())) } else { Err(BadBaseUrl) }
    }
}

/// Whether an address is what it is read as: the parser mends what a client may read in another way.
fn is_as_written(text: &str, url: &Url) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = url.host_str().unwrap_or_default();
    let port = authority.get(host.len()..).unwrap_or_default();
    let port_is_read = match port.strip_prefix(':') {
        Some(digits) => {
            digits.parse().ok() == url.port_or_known_default() && digits.bytes().all(|b| b.is_ascii_digit())
        }
        None => port.is_empty(),
    };
    let has_labels = host.starts_with('[')
        || host
            .trim_end_matches('.')
            .split('.')
            .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    scheme.eq_ignore_ascii_case(url.scheme())
        && authority.get(..host.len()).is_some_and(|written| written.eq_ignore_ascii_case(host))
        && port_is_read
        && has_labels
        && url.path().trim_end_matches('/') == path
}

/// The characters of a host, a port and a path (RFC 3986, 3.2 and 3.3), but for `@`, which ends a user name.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@%[]".contains(&byte)
}

impl BaseUrl {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is reached over HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
    }
}

impl BaseUrl {
    /// Who can reach it.
    #[must_use]
    pub fn reach(&self) -> Reach {
        let url = Url::parse(&self.0).ok();
        let address = url.as_ref().and_then(|url| match url.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address).to_canonical()),
        });
        let name = url.as_ref().and_then(Url::domain).map(|name| name.trim_end_matches('.'));
        // RFC 6761, 6.3: names below localhost are of the machine itself.
        let is_localhost = name.is_some_and(|name| name == "localhost" || name.ends_with(".localhost"));
        match address {
            Some(address) if address.is_unspecified() => Reach::Nobody,
            Some(address) if address.is_loopback() => Reach::ThisMachine,
            _ if is_localhost => Reach::ThisMachine,
            _ if self.is_https() => Reach::Others,
            _ => Reach::InClear,
        }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_a_client_can_use_are_taken() {
        for (text, read) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318"),
            (
                "https://abc123.execute-api.eu-central-1.amazonaws.com/prod",
                "https://abc123.execute-api.eu-central-1.amazonaws.com/prod",
            ),
            ("https://telemetry.example.com/a/b/", "https://telemetry.example.com/a/b"),
            ("http://[::1]:4318/x", "http://[::1]:4318/x"),
            ("http://localhost", "http://localhost"),
            ("https://example.com:443", "https://example.com:443"),
            ("https://example.com/a@b:c", "https://example.com/a@b:c"),
        ] {
            assert_eq!(text.parse::<BaseUrl>().as_ref().map(BaseUrl::as_str), Ok(read));
        }
    }

    #[test]
    fn who_can_reach_an_address_is_known_by_its_host_and_scheme() {
        for (text, reach) in [
            ("http://0.0.0.0:4318", Reach::Nobody),
            ("https://[::]:4318", Reach::Nobody),
            ("http://127.0.0.1:4318", Reach::ThisMachine),
            ("https://127.8.8.8", Reach::ThisMachine),
            ("http://[::1]:4318", Reach::ThisMachine),
            ("http://[::ffff:7f00:1]:4318", Reach::ThisMachine),
            ("http://LOCALHOST:4318", Reach::ThisMachine),
            ("http://localhost.:4318", Reach::ThisMachine),
            ("http://telemetry.localhost", Reach::ThisMachine),
            ("http://192.168.1.7:4318", Reach::InClear),
            ("HTTP://telemetry.example.com", Reach::InClear),
            ("https://telemetry.example.com", Reach::Others),
            ("https://localhost.example.com", Reach::Others),
        ] {
            assert_eq!(text.parse::<BaseUrl>().unwrap().reach(), reach, "{text}");
        }
    }

    #[test]
    fn addresses_that_would_switch_the_exporter_off_are_refused() {
        for text in [
            "",
            "telemetry.example.com",
            "telemetry.example.com:443",
            "ftp://example.com",
            "https://",
            "https:///path",
            "https://:443",
            "https://example.com:0",
            "https://example.com:65536",
            "https://example.com:+80",
            "https://example.com:",
            "https://user:secret@example.com",
            "https://user@example.com",
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
            "https://example.com/a/../b",
            "https://example.com\\a",
            "https:example.com",
            "http://1",
        ] {
            assert_eq!(text.parse::<BaseUrl>(), Err(BadBaseUrl), "{text}");
        }
        assert_eq!(format!("https://example.com/{}", "a".repeat(LONGEST)).parse::<BaseUrl>(), Err(BadBaseUrl));
    }
}
