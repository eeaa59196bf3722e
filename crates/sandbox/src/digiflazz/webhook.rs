//! Webhooks of Digiflazz: the body of a transaction, signed over its exact bytes.

use super::{
    Data,
    books::Transaction,
    codes::{self, Status},
};
use crate::{
    deliveries::{self, Webhook},
    faults::{self, Fault},
    settings::DIGIFLAZZ_WEBHOOK_SECRET,
    world::{Target, World},
};
use database::{Error, WriteTx};
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha1::Sha1;
use std::time::Duration;
use vocabulary::Timestamp;

vocabulary::text_enum!(
    /// `X-Digiflazz-Event`.
    pub(super) enum Event {
        /// A transaction is new.
        Create = "create",
        /// A transaction has changed.
        Update = "update",
    }
);

/// A transaction as answers and webhooks show it.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    pub(super) ref_id: &'a str,
    pub(super) customer_no: &'a str,
    pub(super) buyer_sku_code: &'a str,
    pub(super) message: &'a str,
    pub(super) status: &'static str,
    pub(super) rc: &'a str,
    pub(super) buyer_last_saldo: i64,
    pub(super) sn: &'a str,
    pub(super) price: i64,
    pub(super) tele: &'static str,
    pub(super) wa: &'static str,
}

/// How a transaction is shown.
pub(super) fn shown(t: &Transaction) -> Shown<'_> {
    Shown {
        ref_id: &t.ref_id,
        customer_no: &t.customer_no,
        buyer_sku_code: &t.sku,
        message: codes::message(&t.rc),
        status: t.status.as_str(),
        rc: &t.rc,
        buyer_last_saldo: t.last_deposit,
        sn: if t.status == Status::Success { &t.sn } else { "" },
        price: t.price,
        tele: "@seller_sandbox",
        wa: "080000000000",
    }
}

/// Queues the webhook of a transaction's present state.
pub(super) async fn notify(
    world: &World,
    tx: &mut WriteTx,
    t: &Transaction,
    event: Event,
    now: Timestamp,
) -> Result<(), Error> {
    let body = serde_json::to_string(&Data { data: shown(t) }).unwrap_or_default();
    let mut headers: Vec<(String, String)> = vec![
        ("Content-Type".into(), "application/json".into()),
        ("User-Agent".into(), "Digiflazz-Hookshot".into()),
        ("X-Digiflazz-Event".into(), event.to_string()),
    ];
    let forged =
        faults::strike(tx, Target::Digiflazz, Fault::ForgeSignature, event.as_str()).await?.is_some();
    let missing =
        faults::strike(tx, Target::Digiflazz, Fault::MissingSignature, event.as_str()).await?.is_some();
    let secret = if forged { world.settings.ids.token() } else { DIGIFLAZZ_WEBHOOK_SECRET.to_owned() };
    if !missing {
        headers.push(("X-Hub-Signature".into(), format!("sha1={}", signature(body.as_bytes(), &secret))));
    }
    let webhook = Webhook {
        target: Target::Digiflazz,
        reference: t.ref_id.clone(),
        event: event.to_string(),
        url: t.cb_url.clone(),
        headers,
        body,
    };
    deliveries::enqueue(tx, &webhook, Duration::ZERO, now).await
}

/// Lowercase hex HMAC-SHA1 of the bytes.
fn signature(body: &[u8], secret: &str) -> String {
    // A key of any length fits HMAC.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_hmac_sha1() {
        // RFC 2202, test case 2.
        let expected = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79";
        assert_eq!(signature(b"what do ya want for nothing?", "Jefe"), expected);
    }

    #[test]
    fn a_body_has_the_fields_of_the_contract_in_their_order() {
        let shown = Shown {
            ref_id: "some1d",
            customer_no: "087800001233",
            buyer_sku_code: "xld10",
            message: "Transaksi Sukses",
            status: "Sukses",
            rc: "00",
            buyer_last_saldo: 990_000,
            sn: "1234567890",
            price: 10_000,
            tele: "@telegram",
            wa: "081234512345",
        };
        let text = serde_json::to_string(&Data { data: shown }).unwrap();
        let order = [
            "ref_id",
            "customer_no",
            "buyer_sku_code",
            "message",
            "status",
            "rc",
            "buyer_last_saldo",
            "sn",
            "price",
            "tele",
            "wa",
        ];
        let places: Vec<usize> =
            order.iter().map(|name| text.find(&format!("\"{name}\":")).unwrap()).collect();
        assert!(places.is_sorted(), "{text}");
        // Computed with Python's hmac over the same 236 bytes.
        assert_eq!(text.len(), 236);
        assert_eq!(signature(text.as_bytes(), "somesecretvalue"), "584582008d921705960c97b5f0421175c92ee6ea");
    }
}
