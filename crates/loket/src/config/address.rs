//! Which addresses production does not call: a simulator's, a vendor's sandbox, this machine.

use std::net::IpAddr;

/// Whether an address leads to a simulator, a vendor's sandbox or this machine, however it is spelled.
/// One that can be read in two ways (a host that ends in a dot, or that is a number in disguise, an
/// escaped character) counts as such, too.
pub(super) fn is_simulator(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]".contains(c);
    !rest.chars().all(is_plain)
        || is_unfit(host_of(authority))
        || path.split('/').any(|segment| segment == "sandbox")
}

/// The host of `host:port` and `[address]:port`.
fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_unfit(host: &str) -> bool {
    if host.is_empty() || host.ends_with('.') || host.contains("sandbox") {
        return true;
    }
    if let Ok(ip) = host.parse::<IpAddr>() {
        // `::ffff:127.0.0.1` is `127.0.0.1`.
        let ip = ip.to_canonical();
        return ip.is_loopback() || ip.is_unspecified();
    }
    // The names that this machine gives itself; and what HTTP clients read as a number: `127.1`,
    // `0x7f000001`, `2130706433`.
    let last = host.rsplit('.').next().unwrap_or_default();
    matches!(last, "localhost" | "localdomain" | "ip6-localhost" | "ip6-loopback")
        || last.starts_with("0x")
        || last.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: bool, urls: &[&str]) {
        for url in urls {
            assert_eq!(is_simulator(url), expected, "{url}");
        }
    }

    #[test]
    fn a_simulator_is_recognized_however_its_address_is_spelled() {
        check(
            true,
            &[
                "https://localhost/v2",
                "https://LOCALHOST/v2",
                "https://LocalHost:8443",
                "https://localhost./v2",
                "https://shop.localhost",
                "https://localhost.localdomain",
                "https://ip6-localhost",
                "https://api.sandbox.midtrans.com",
                "https://api.SANDBOX.midtrans.com",
                "https://api.sandbox.midtrans.com.",
                "https://pay.example/sandbox/midtrans",
                "https://pay.example/Sandbox/midtrans",
                "https://pay.example/SANDBOX",
                "https://pay.example/%73andbox/midtrans",
            ],
        );
    }

    #[test]
    fn this_machine_is_recognized_however_its_address_is_spelled() {
        check(
            true,
            &[
                "https://127.0.0.1",
                "https://127.8.9.10:8443/v1",
                "https://127.0.0.1.",
                "https://0.0.0.0",
                "https://127.1",
                "https://0x7F.1",
                "https://0x7f000001",
                "https://0177.0.0.1",
                "https://2130706433/v1",
                "https://[::1]",
                "https://[::1]:8443",
                "https://[0:0:0:0:0:0:0:1]",
                "https://[::]",
                "https://[::ffff:127.0.0.1]",
                "https://[::FFFF:7F00:1]",
                "https://[::1%25lo]",
            ],
        );
    }

    #[test]
    fn an_address_that_can_be_read_in_two_ways_is_not_taken() {
        check(
            true,
            &[
                "https://api.midtrans.com.",
                "https:///localhost/v2",
                "https://",
                "https://api.midtrans.com\\@localhost",
                "https://local\thost",
                "https://ｌｏｃａｌｈｏｓｔ",
                "https://loc%61lhost",
                "https://api.midtrans.com?x=/sandbox/",
            ],
        );
    }

    #[test]
    fn real_addresses_are_taken() {
        check(
            false,
            &[
                "https://api.midtrans.com",
                "https://API.Midtrans.com:443/",
                "https://app.midtrans.com/snap/v1",
                "https://api.digiflazz.com/v1",
                "https://api.saas.dana.id",
                "https://vip-reseller.co.id/api",
                "https://v1.apigames.id",
                "https://order-sg.codashop.com",
                "https://discord.com",
                "https://localhost.example/v1",
                "https://10.1.2.3:8443/midtrans",
                "https://[2001:db8::1]/v1",
            ],
        );
    }
}
