//! The public URL: its form and its name. Whether the shop is behind it is tried in `door.rs`.

use super::{Check, door::Door};
use crate::config::{Config, Mode};
use outside::Http;
use std::{net::IpAddr, time::Duration};

const WHAT: &str = "public url";
/// How long the name may take.
const PATIENCE: Duration = Duration::from_secs(8);

pub(super) async fn check(config: &Config, http: &Http) -> Vec<Check> {
    let Some(url) = &config.public_url else { return vec![missing(config.mode)] };
    let (host, port) = match place(url, config.mode) {
        Ok(place) => place,
        Err((found, fix)) => return vec![Check::wrong(WHAT, found, fix)],
    };
    if let Err(why) = resolve(host, port).await {
        return vec![Check::wrong(
            WHAT,
            format!("{url}: the name {host} leads nowhere ({why})"),
            format!("make a DNS record (A or AAAA) of {host} for this machine's public address"),
        )];
    }
    let door = Door { url, listen: &config.listen, http };
    let mut checks = vec![Check::fine(WHAT, url.clone())];
    let reached = door.reached().await;
    let is_open = reached.is_fine();
    checks.push(reached);
    if is_open {
        let of_dana = config.dana.is_some().then_some("/v1.0/debit/notify");
        let of_xendit = config.xendit.is_some().then_some("/webhooks/xendit");
        let (vip, apigames) = (&config.validation.vip_reseller, &config.validation.apigames);
        let of_vip = vip.as_ref().and_then(|vip| vip.base_url.as_ref()).map(|_| "/webhooks/vip-reseller");
        let of_apigames =
            apigames.as_ref().and_then(|own| own.base_url.as_ref()).map(|_| "/webhooks/apigames");
        let always = ["/webhooks/midtrans", "/webhooks/digiflazz"];
        let of_suppliers = of_vip.into_iter().chain(of_apigames);
        let paths: Vec<_> = always.into_iter().chain(of_dana).chain(of_xendit).chain(of_suppliers).collect();
        checks.push(door.webhooks(&paths).await);
        // In the sandbox there is no desk on Discord without the simulator's key.
        if config.discord.as_ref().is_some_and(|account| account.settings().is_ok()) {
            checks.push(door.interactions().await);
        }
    }
    checks
}

fn missing(mode: Mode) -> Check {
    match mode {
        Mode::Sandbox => Check::note(
            WHAT,
            "none: pay pages and webhooks use the listening address",
            "for others to reach the shop set LOKET_SERVER__PUBLIC_URL=https://…",
        ),
        Mode::Production => Check::wrong(WHAT, "none", "set LOKET_SERVER__PUBLIC_URL=https://…"),
    }
}

/// Host and port; or what is wrong with the address, and how to mend it.
fn place(url: &str, mode: Mode) -> Result<(&str, u16), (String, &'static str)> {
    let Some((host, port)) = host_and_port(url) else {
        return Err((
            format!("{url} is not just a scheme and a name"),
            "set LOKET_SERVER__PUBLIC_URL to https://NAME alone: gateways and Discord call fixed paths right below it",
        ));
    };
    if mode == Mode::Production && is_inside(host) {
        return Err((
            format!(
                "{url} is an address of this machine or of its own network, which nobody outside reaches"
            ),
            "set LOKET_SERVER__PUBLIC_URL=https://… with a name that the internet knows",
        ));
    }
    Ok((host, port))
}

/// Host and port of an address; none when there is more to it.
fn host_and_port(url: &str) -> Option<(&str, u16)> {
    let (scheme, authority) = url.split_once("://")?;
    let (host, port) = match authority.rsplit_once(':') {
        // Not a colon within `[::1]`.
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (authority, if scheme == "https" { 443 } else { 80 }),
    };
    let is_plain = |c: char| c.is_alphanumeric() || "-._[]:".contains(c);
    (!host.is_empty() && host.chars().all(is_plain)).then_some((host, port))
}

/// Whether this is the machine itself or a place in its own network.
fn is_inside(host: &str) -> bool {
    match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => {
            ip.is_loopback() || ip.is_unspecified() || ip.is_private() || ip.is_link_local()
        }
        Ok(IpAddr::V6(ip)) => {
            ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local()
        }
        Err(_) => {
            let host = host.trim_end_matches('.').to_ascii_lowercase();
            let of_a_network = [".localhost", ".local", ".lan", ".internal", ".home.arpa"];
            !host.contains('.') || of_a_network.iter().any(|end| host.ends_with(end))
        }
    }
}

/// Whether the name has an address.
async fn resolve(host: &str, port: u16) -> Result<(), String> {
    let looked_up = tokio::net::lookup_host(format!("{host}:{port}"));
    match tokio::time::timeout(PATIENCE, looked_up).await {
        Ok(Ok(mut addresses)) => match addresses.next() {
            Some(_) => Ok(()),
            None => Err("it has no address".into()),
        },
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer in time".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_is_a_scheme_and_a_name() {
        for (url, expected) in [
            ("https://toko.example", Some(("toko.example", 443))),
            ("https://toko.example:8443", Some(("toko.example", 8_443))),
            ("http://127.0.0.1:8080", Some(("127.0.0.1", 8_080))),
            ("http://localhost", Some(("localhost", 80))),
            ("https://[2001:db8::1]", Some(("[2001:db8::1]", 443))),
            ("https://[2001:db8::1]:8443", Some(("[2001:db8::1]", 8_443))),
            ("https://toko.example/loket", None),
            ("https://toko.example:8443/loket", None),
            ("https://toko.example?x=1", None),
            ("https://toko.example#x", None),
            ("https://toko.example:https", None),
            ("https://toko example", None),
            ("https://:443", None),
            ("https://", None),
            ("toko.example", None),
        ] {
            assert_eq!(host_and_port(url), expected, "{url}");
        }
    }

    #[test]
    fn production_wants_an_address_that_others_reach() {
        for (host, inside) in [
            ("toko.example", false),
            ("203.0.113.7", false),
            ("[2001:db8::1]", false),
            ("localhost", true),
            ("LOCALHOST", true),
            ("toko.localhost", true),
            ("server", true),
            ("server.local", true),
            ("127.0.0.1", true),
            ("0.0.0.0", true),
            ("10.1.2.3", true),
            ("192.168.1.10", true),
            ("169.254.1.1", true),
            ("[::1]", true),
            ("[fd00::1]", true),
            ("[fe80::1]", true),
        ] {
            assert_eq!(is_inside(host), inside, "{host}");
            let url = format!("https://{host}");
            assert_eq!(place(&url, Mode::Production).is_err(), inside, "{host}");
            assert!(place(&url, Mode::Sandbox).is_ok(), "{host}");
        }
    }
}
