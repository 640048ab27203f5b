//! Who is at the other end: by what address limits are held against them.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use service::auth::peer::Peer;

/// The header in which a proxy says whom it forwards for, the nearest last.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Whoever holds an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The address.
    pub peer: Peer,
    /// Whether many stand behind the address, so that it is no measure of one of them.
    pub is_many: bool,
}

/// The addresses that many stand behind: proxies.
#[derive(Debug, Clone)]
pub struct Proxies {
    /// Addresses besides those of this machine.
    pub others: Vec<IpAddr>,
    /// Whether this machine's own addresses are proxies': whoever is on it could take any of them.
    pub loopback: bool,
}

impl Default for Proxies {
    fn default() -> Self {
        Self { others: Vec::new(), loopback: true }
    }
}

impl Proxies {
    /// Who opened a connection from `address`.
    #[must_use]
    pub fn caller(&self, address: IpAddr) -> Caller {
        let address = address.to_canonical();
        let is_many = self.loopback && address.is_loopback() || self.others.contains(&address);
        Caller { peer: Peer::new(address), is_many }
    }

    /// Who sent a request over a connection of `caller`: whom a proxy says that it forwards for. Of anybody else the header is
    /// worth nothing.
    #[must_use]
    pub fn sender(&self, caller: Caller, headers: &HeaderMap) -> Caller {
        let last = headers.get_all(FORWARDED_FOR).iter().next_back().filter(|_| caller.is_many);
        let last = last.and_then(|value| value.to_str().ok()?.rsplit(',').next().map(str::trim));
        let address = last.and_then(|text| text.parse().or_else(|_| text.parse().map(|a: SocketAddr| a.ip())).ok());
        address.map_or(caller, |address| Caller { peer: Peer::new(address), is_many: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forwarded(lines: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, http::HeaderValue::from_static(line));
        }
        headers
    }

    #[test]
    fn a_proxy_says_whom_it_forwards_for_and_nobody_else_is_believed() {
        let proxies = Proxies { others: vec!["192.0.2.1".parse().unwrap()], loopback: true };
        let peer = |text: &str| Peer::new(text.parse().unwrap());
        for proxy in ["192.0.2.1", "::ffff:192.0.2.1", "127.0.0.1", "::1"] {
            let caller = proxies.caller(proxy.parse().unwrap());
            assert!(caller.is_many, "{proxy}");
            assert_eq!(proxies.sender(caller, &HeaderMap::new()), caller);
            assert_eq!(proxies.sender(caller, &forwarded(&["unknown"])), caller);
            for lines in [&["198.51.100.1, 203.0.113.7"][..], &["198.51.100.1", "203.0.113.7"], &["203.0.113.7:4711"]] {
                let sender = proxies.sender(caller, &forwarded(lines));
                assert_eq!(
                    sender,
                    Caller { peer: peer("203.0.113.7"), is_many: false },
                    "what a client claims comes first"
                );
            }
        }
        let stranger = proxies.caller("198.51.100.9".parse().unwrap());
        assert_eq!(proxies.sender(stranger, &forwarded(&["203.0.113.7"])), stranger);
        assert!(!Proxies { loopback: false, ..proxies }.caller("127.0.0.1".parse().unwrap()).is_many);
    }
}
