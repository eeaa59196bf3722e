//! Whom to believe about where a request comes from: the reverse proxies that the owner names. Anybody can
//! send `X-Forwarded-For`, so it is believed from them alone, and read from the right, hop by hop.

use axum::http::HeaderMap;
use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Addresses and networks of reverse proxies; by default none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

/// Every address whose first bits are these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u32,
}

/// A text in the list that is no address and no network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAProxy(String);

impl TrustedProxies {
    /// Where a request comes from whose connection is with `peer`: the last hop that is no proxy of ours, as
    /// far as proxies of ours tell.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let values = headers.get_all(FORWARDED_FOR).iter().rev();
        let mut hops = values.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
        let mut client = peer.to_canonical();
        while self.trusts(client) {
            // A hop that cannot be read was told by somebody whom we know, and hides whoever is behind it.
            let Some(hop) = hops.next().and_then(address_of) else { break };
            client = hop;
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

impl FromStr for TrustedProxies {
    type Err = NotAProxy;

    /// Reads addresses and networks (`10.0.0.0/8`) with commas between.
    fn from_str(text: &str) -> Result<Self, NotAProxy> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let read = |part: &str| Network::read(part).ok_or_else(|| NotAProxy(part.to_owned()));
        let networks: Result<Vec<Network>, NotAProxy> = parts.map(read).collect();
        networks.map(TrustedProxies)
    }
}

impl Network {
    /// `None` also for all addresses there are: who trusts everybody believes everything.
    fn read(text: &str) -> Option<Network> {
        let Some((address, bits)) = text.split_once('/') else {
            let address = text.parse::<IpAddr>().ok()?.to_canonical();
            return Some(Network { address, bits: longest(address) });
        };
        let address = address.parse::<IpAddr>().ok()?;
        let plain = bits.bytes().all(|b| b.is_ascii_digit());
        let bits = bits.parse::<u32>().ok().filter(|bits| plain && (1..=longest(address)).contains(bits))?;
        Some(Network { address, bits })
    }

    fn contains(&self, address: IpAddr) -> bool {
        let in_common = match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(other)) => (ours.to_bits() ^ other.to_bits()).leading_zeros(),
            (IpAddr::V6(ours), IpAddr::V6(other)) => (ours.to_bits() ^ other.to_bits()).leading_zeros(),
            _ => return false,
        };
        in_common >= self.bits
    }
}

fn longest(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The address of a hop, which some proxies write with a port or in brackets.
fn address_of(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

impl std::fmt::Display for NotAProxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` is neither an IP address nor a network such as 10.0.0.0/8", self.0)
    }
}

impl std::error::Error for NotAProxy {}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    /// Who the client is, for a peer and the values of the header.
    fn client(trusted: &str, peer: &str, values: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let trusted: TrustedProxies = trusted.parse().unwrap();
        trusted.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn nobody_is_believed_who_was_not_named() {
        for trusted in ["", "10.0.0.2", "10.0.1.0/24, 2001:db8::/32"] {
            assert_eq!(client(trusted, "10.0.0.1", &["203.0.113.7"]), "10.0.0.1", "{trusted}");
        }
        assert_eq!(client("", "::ffff:10.0.0.1", &["203.0.113.7"]), "10.0.0.1");
    }

    #[test]
    fn the_last_hop_that_is_no_proxy_of_ours_is_the_client() {
        for (values, expected) in [
            (vec!["203.0.113.7"], "203.0.113.7"),
            (vec![" 203.0.113.7 "], "203.0.113.7"),
            // Whatever the client wrote itself stands further left.
            (vec!["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
            (vec!["127.0.0.1, 10.0.0.9, 203.0.113.7, 10.0.0.2"], "203.0.113.7"),
            (vec!["198.51.100.1", "203.0.113.7", "10.0.0.2"], "203.0.113.7"),
            (vec!["203.0.113.7:51422"], "203.0.113.7"),
            (vec!["::ffff:203.0.113.7"], "203.0.113.7"),
            (vec!["2001:db8:1::7"], "2001:db8:1::7"),
            (vec!["[2001:db8:1::7]:443"], "2001:db8:1::7"),
            (vec!["[2001:db8:1::7]"], "2001:db8:1::7"),
            // Nobody but ours: somebody inside.
            (vec!["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            (vec![], "10.0.0.1"),
            // What cannot be read is not skipped.
            (vec!["203.0.113.7, unknown"], "10.0.0.1"),
            (vec!["203.0.113.7, "], "10.0.0.1"),
            (vec!["203.0.113.7, unknown, 10.0.0.2"], "10.0.0.2"),
            (vec!["203.0.113.7", "\u{e9}"], "10.0.0.1"),
        ] {
            assert_eq!(client("10.0.0.0/8", "10.0.0.1", &values), expected, "{values:?}");
            assert_eq!(client("10.0.0.0/8", "::ffff:10.0.0.1", &values), expected, "{values:?}");
        }
    }

    #[test]
    fn a_network_is_its_first_bits() {
        for (network, inside, outside) in [
            ("192.168.4.0/22", "192.168.7.255", "192.168.8.0"),
            ("192.168.5.77/22", "192.168.4.1", "192.168.3.255"),
            ("10.0.0.1", "10.0.0.1", "10.0.0.2"),
            ("10.0.0.1/32", "10.0.0.1", "10.0.0.0"),
            ("128.0.0.0/1", "255.255.255.255", "127.0.0.1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("::1", "::1", "::2"),
            ("::ffff:10.0.0.1", "10.0.0.1", "10.0.0.2"),
            ("10.0.0.0/8", "10.1.2.3", "::a00:1"),
        ] {
            let trusted: TrustedProxies = network.parse().unwrap();
            assert!(trusted.trusts(inside.parse().unwrap()), "{network} {inside}");
            assert!(!trusted.trusts(outside.parse().unwrap()), "{network} {outside}");
        }
    }

    #[test]
    fn what_is_no_address_and_no_network_is_named() {
        for text in [
            "proxy",
            "10.0.0",
            "10.0.0.0/33",
            "::/129",
            "0.0.0.0/0",
            "::/0",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "a,10.0.0.1",
        ] {
            let error = text.parse::<TrustedProxies>().unwrap_err();
            assert!(error.to_string().contains(text.split(',').next().unwrap()), "{error}");
        }
        assert_eq!(" , ".parse::<TrustedProxies>(), Ok(TrustedProxies::default()));
    }
}
