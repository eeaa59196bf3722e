//! What DANA is asked to collect by: its names for each of our methods, and what it demands of it
//! (`contracts/payments.md` §2.3). We choose, always: on a page on which the buyer chooses, a card or a bank could
//! be taken, and neither its fee nor how it is given back would be what is told of the balance. The balance alone is
//! paid on a page of theirs.

use crate::{ChargeRequest, Life, MethodTerms};
use std::time::Duration;
use vocabulary::{PaymentMethod, Timestamp};

/// The shortest time that is worth a payment of DANA's.
const SHORTEST: Duration = Duration::from_secs(20);
/// With less than this left nobody is given a number to transfer to: typing it takes a while, and money that
/// comes after its end comes for nothing.
const SHORTEST_TRANSFER: Duration = Duration::from_secs(120);
/// How long a push to the buyer's OVO app is asked to live: as long as one lives by any other way, of which the
/// buyer has 55 s (§1.5). How long DANA would let it live by itself is not known.
const PUSH: Duration = Duration::from_secs(65);
/// And so much may be left at least when one is sent.
const SHORTEST_PUSH: Duration = Duration::from_secs(70);
/// How far `validUpTo` may lie ahead.
const LONGEST: Duration = Duration::from_secs(7 * 86_400);

/// All that DANA is asked for. Its own ways come first; the others are a second rail for what is collected
/// elsewhere as well, and five banks that nobody else collects at here.
pub(super) const METHODS: &[PaymentMethod] = &[
    PaymentMethod::DanaQr,
    PaymentMethod::DanaLink,
    PaymentMethod::Qris,
    PaymentMethod::VaBca,
    PaymentMethod::VaBni,
    PaymentMethod::VaBri,
    PaymentMethod::VaPermata,
    PaymentMethod::VaMandiri,
    PaymentMethod::VaBsi,
    PaymentMethod::VaCimb,
    PaymentMethod::VaBtpn,
    PaymentMethod::VaPanin,
    PaymentMethod::OvoPush,
];

/// `payMethod` and `payOption`, which the balance has none of; `None` for what DANA is not asked.
pub(super) fn named(method: PaymentMethod) -> Option<(&'static str, &'static str)> {
    Some(match method {
        PaymentMethod::DanaQr | PaymentMethod::Qris => ("NETWORK_PAY", "NETWORK_PAY_PG_QRIS"),
        PaymentMethod::DanaLink => ("BALANCE", ""),
        PaymentMethod::OvoPush => ("NETWORK_PAY", "NETWORK_PAY_PG_OVO"),
        PaymentMethod::VaBca => ("VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_BCA"),
        PaymentMethod::VaBni => ("VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_BNI"),
        PaymentMethod::VaBri => ("VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_BRI"),
        PaymentMethod::VaPermata => ("VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_PERMATA"),
        PaymentMethod::VaMandiri => ("VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_MANDIRI"),
        PaymentMethod::VaBsi => ("VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_BSI_PAYMENT"),
        PaymentMethod::VaCimb => ("VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_CIMB"),
        PaymentMethod::VaBtpn => ("VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_BTPN"),
        // Their word for Panin.
        PaymentMethod::VaPanin => ("VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_PANI"),
        PaymentMethod::GopayQr
        | PaymentMethod::GopayLink
        | PaymentMethod::OvoLink
        | PaymentMethod::CstoreIndomaret
        | PaymentMethod::CstoreAlfamart
        | PaymentMethod::Wallet => return None,
    })
}

/// Whether it is paid by a QR code, which needs the store's id.
pub(super) fn is_code(method: PaymentMethod) -> bool {
    matches!(method, PaymentMethod::DanaQr | PaymentMethod::Qris)
}

/// The table's terms, but that nothing lives longer with DANA than `validUpTo` may lie ahead, and a push as
/// long as it is asked to.
pub(super) fn terms(method: PaymentMethod) -> MethodTerms {
    let life = match method {
        PaymentMethod::OvoPush => Life::Fixed(PUSH),
        other => Life::Asked { shortest: shortest(other), longest: LONGEST },
    };
    MethodTerms { life, ..MethodTerms::of(method) }
}

/// The shortest time that a payment by this method can be given.
pub(super) fn shortest(method: PaymentMethod) -> Duration {
    match method {
        PaymentMethod::OvoPush => SHORTEST_PUSH,
        other if other.pay_point().is_some() => SHORTEST_TRANSFER,
        _ => SHORTEST,
    }
}

/// Until when it can be paid. A push counts from the moment in which it is sent, so one that is sent again
/// has another content: a lost one is asked about instead.
pub(super) fn valid_up_to(request: &ChargeRequest) -> Timestamp {
    match request.method {
        PaymentMethod::OvoPush => request.now.plus(PUSH).min(request.expires_at),
        _ => request.expires_at,
    }
}
