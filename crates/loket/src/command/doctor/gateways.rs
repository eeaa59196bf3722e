//! The gateways: whether each takes our key. They are asked about a payment that does not exist, which one
//! that knows us says.

use super::Check;
use crate::{
    config::{Config, Dana, Xendit},
    wiring,
};
use outside::Http;
use payments::{
    Gateway, Sent, StatusOutcome,
    gateways::{dana, midtrans},
};
use vocabulary::{Clock, Ids, OrderNumber, PaymentMethod, Purpose, Reference, Rupiah};

pub(crate) async fn midtrans(config: &Config, http: &Http) -> Vec<Check> {
    const WHAT: &str = "midtrans";
    let Some(base_url) = config.midtrans.base_url.clone() else {
        return vec![Check::inside(WHAT, config, "LOKET_MIDTRANS__BASE_URL")];
    };
    let settings = midtrans::Settings {
        base_url: base_url.clone(),
        snap_url: config.midtrans.snap_url.clone(),
        server_key: config.midtrans.server_key.clone(),
        previous_server_key: None,
        previous_until: None,
    };
    let gateway = midtrans::Midtrans::new(http.clone(), settings);
    match gateway.status(&nothing(PaymentMethod::GopayQr)).await {
        StatusOutcome::NotFound | StatusOutcome::Found(_) => {
            vec![Check::fine(WHAT, format!("{base_url} takes our key")), snap(config, &gateway).await]
        }
        StatusOutcome::Unknown { reason, .. } => vec![Check::wrong(
            WHAT,
            format!("{base_url}: {reason}"),
            "check LOKET_MIDTRANS__SERVER_KEY (dashboard: Settings, Access Keys) and the way out of this machine",
        )],
    }
}

/// The pages on which buyers pay with OVO have an address of their own.
async fn snap(config: &Config, gateway: &midtrans::Midtrans) -> Check {
    const WHAT: &str = "snap";
    let (Some(url), Some(tried)) = (&config.midtrans.snap_url, gateway.try_snap().await) else {
        return Check::note(
            WHAT,
            "no address: `ovo_link` is not offered",
            "set LOKET_MIDTRANS__SNAP_URL; in production it is https://app.midtrans.com/snap/v1",
        );
    };
    match tried {
        Ok(()) => Check::fine(WHAT, format!("{url} takes our key")),
        Err(reason) => Check::wrong(
            WHAT,
            format!("{url}: {reason}"),
            "check LOKET_MIDTRANS__SNAP_URL, and that Snap is active for this account (dashboard: Settings, Snap Preferences)",
        ),
    }
}

pub(crate) async fn dana(config: &Config, http: &Http) -> Vec<Check> {
    const WHAT: &str = "dana";
    let Some(account) = &config.dana else {
        return vec![Check::note(
            WHAT,
            "no account: its methods are not offered",
            "set LOKET_DANA__PARTNER_ID, __MERCHANT_ID, __STORE_ID, __PRIVATE_KEY_FILE and __GATEWAY_PUBLIC_KEY_FILE",
        )];
    };
    let Some(base_url) = account.base_url.clone() else {
        return vec![Check::inside(WHAT, config, "LOKET_DANA__BASE_URL")];
    };
    let origin = config.public_url.clone().unwrap_or_else(|| base_url.clone());
    let parts = (Clock::system(), Ids::random());
    // What matters is whether the key of today is taken.
    let account = &Dana { previous_private_key_file: None, ..account.clone() };
    let gateway =
        match wiring::dana(account, http.clone(), (base_url.clone(), origin), (parts.0, parts.1, None)) {
            Ok(gateway) => gateway,
            Err(error) => {
                return vec![Check::wrong(
                    WHAT,
                    format!("{error:#}"),
                    "give the key files in PEM, readable by this user",
                )];
            }
        };
    let asked = match gateway.status(&nothing(PaymentMethod::DanaQr)).await {
        StatusOutcome::NotFound | StatusOutcome::Found(_) => {
            Check::fine(WHAT, format!("{base_url} takes our key"))
        }
        StatusOutcome::Unknown { reason, .. } => Check::wrong(
            WHAT,
            format!("{base_url}: {reason}"),
            "check LOKET_DANA__PARTNER_ID and __MERCHANT_ID, that DANA has the public half of __PRIVATE_KEY_FILE, and the way out of this machine",
        ),
    };
    vec![asked, dana_key(&gateway)]
}

pub(crate) async fn xendit(config: &Config, http: &Http) -> Check {
    const WHAT: &str = "xendit";
    let Some(account) = &config.xendit else {
        return Check::note(
            WHAT,
            "no account: there is no second way to OVO and DANA",
            "set LOKET_XENDIT__SECRET_KEY and LOKET_XENDIT__CALLBACK_TOKEN",
        );
    };
    let Some(base_url) = account.base_url.clone() else {
        return Check::inside(WHAT, config, "LOKET_XENDIT__BASE_URL");
    };
    // What matters is whether the key of today is taken.
    let account = &Xendit { previous_secret_key: None, ..account.clone() };
    let gateway = wiring::xendit(account, http.clone(), base_url.clone(), None);
    match gateway.status(&nothing(PaymentMethod::OvoPush)).await {
        StatusOutcome::NotFound | StatusOutcome::Found(_) => {
            Check::fine(WHAT, format!("{base_url} takes our key"))
        }
        StatusOutcome::Unknown { reason, .. } => Check::wrong(
            WHAT,
            format!("{base_url}: {reason}"),
            "check LOKET_XENDIT__SECRET_KEY (dashboard: Settings, API keys; it may write Money-in) and the way out of this machine",
        ),
    }
}

/// Only our own pair can be looked at: which public key DANA has of us is seen in its dashboard.
fn dana_key(gateway: &dana::Dana) -> Check {
    const WHAT: &str = "dana key";
    if gateway.believes_our_own_key() {
        return Check::wrong(
            WHAT,
            "our own public key stands where DANA's belongs: what DANA sends would not be believed",
            "set LOKET_DANA__GATEWAY_PUBLIC_KEY_FILE to the public key that DANA gave you",
        );
    }
    match gateway.key_fingerprint() {
        Some(fingerprint) => {
            Check::fine(WHAT, format!("SHA-256 of the public key that DANA needs: {fingerprint}"))
        }
        None => Check::wrong(WHAT, "the public half of our key cannot be told", "make a new key pair"),
    }
}

/// A payment that does not exist.
fn nothing(method: PaymentMethod) -> Sent {
    let now = Clock::system().real_now();
    Sent {
        reference: Reference::new(&OrderNumber::new(&Ids::random()), Purpose::Payment, 1),
        method,
        amount: Rupiah::new(1),
        transaction_id: None,
        was_open: false,
        closing: None,
        expires_at: now,
        now,
    }
}
