//! Whom a request came from, as far as an address tells.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use http::Extensions;

/// The bits of an IPv6 address that its holder cannot choose: who is given any network is given a /64 at least (RFC 4291, 2.5.1).
const NETWORK: u128 = !(u64::MAX as u128);

/// Whoever holds an address: one of IPv4, or all of IPv6 that share their first 64 bits.
///
/// Whoever takes the connection puts it into the request's extensions: API Gateway's `sourceIp`, or the address of the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Peer(IpAddr);

impl Peer {
    /// Whoever holds this address.
    #[must_use]
    pub fn new(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => Self(Ipv6Addr::from_bits(address.to_bits() & NETWORK).into()),
            address => Self(address),
        }
    }

    /// Whom a request with these extensions came from; `None` if it came over no network.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get().copied()
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(network) => write!(f, "{network}/64"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_one_holder_chooses_from_are_one_peer() {
        let peer = |text: &str| Peer::new(text.parse().unwrap());
        assert_eq!(peer("2001:db8:0:1::1"), peer("2001:db8:0:1:ffff:ffff:ffff:ffff"));
        assert_ne!(peer("2001:db8:0:1::1"), peer("2001:db8:0:2::1"));
        assert_eq!(peer("::ffff:192.0.2.1"), peer("192.0.2.1"), "IPv4 as a socket of IPv6 shows it");
        assert_ne!(peer("192.0.2.1"), peer("192.0.2.2"));
        assert_eq!(peer("2001:db8:0:1::7").to_string(), "2001:db8:0:1::/64");
        assert_eq!(peer("::ffff:192.0.2.1").to_string(), "192.0.2.1");
    }
}
