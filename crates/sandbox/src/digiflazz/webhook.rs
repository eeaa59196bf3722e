//! Webhooks of Digiflazz: the body of a transaction, signed over its exact bytes.

use super::{
    Data,
    books::Transaction,
    codes::{self, Status},
};
use crate::{
    deliveries::{self, Webhook},
    faults::{self, Fault},
    world::{Target, World},
};
use database::{Error, WriteTx};
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha1::Sha1;
use std::time::Duration;
use vocabulary::Timestamp;

/// A response code that is not in the table (contracts/suppliers §1.4).
const UNDOCUMENTED: &str = "77";

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
#[derive(Clone, Copy, Serialize)]
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
        tele: "@telegram",
        wa: "081234512345",
    }
}

/// The same with a response code that no document has.
pub(super) fn undocumented(shown: Shown<'_>) -> Shown<'_> {
    Shown { rc: UNDOCUMENTED, message: "", ..shown }
}

/// Queues the webhook of a transaction's present state.
pub(super) async fn notify(
    world: &World,
    tx: &mut WriteTx,
    t: &Transaction,
    event: Event,
    now: Timestamp,
) -> Result<(), Error> {
    let occasion = (event.as_str(), t.ref_id.as_str());
    let unknown = faults::strike(tx, Target::Digiflazz, Fault::UnknownStatus, occasion).await?;
    let data = if unknown.is_some() { undocumented(shown(t)) } else { shown(t) };
    let webhook = Webhook {
        target: Target::Digiflazz,
        reference: t.ref_id.clone(),
        event: event.to_string(),
        url: t.cb_url.clone(),
        headers: vec![("X-Digiflazz-Event".into(), event.to_string())],
        body: serde_json::to_string(&Data { data }).unwrap_or_default(),
    };
    queue(world, tx, webhook, now).await
}

/// Puts the headers on that every webhook has, the signature among them, and queues it.
pub(super) async fn queue(
    world: &World,
    tx: &mut WriteTx,
    mut webhook: Webhook,
    now: Timestamp,
) -> Result<(), Error> {
    for (name, value) in [("Content-Type", "application/json"), ("User-Agent", "Digiflazz-Hookshot")] {
        webhook.headers.push((name.into(), value.into()));
    }
    let event = (webhook.event.as_str(), webhook.body.as_str());
    let forged = faults::strike(tx, Target::Digiflazz, Fault::ForgeSignature, event).await?.is_some();
    let missing = faults::strike(tx, Target::Digiflazz, Fault::MissingSignature, event).await?.is_some();
    let ours = &world.settings.digiflazz_account.webhook_secret;
    let secret = if forged { world.settings.ids.token() } else { ours.clone() };
    // "Only when a secret is configured" (contracts/suppliers §1.5).
    if !missing && !secret.is_empty() {
        let signature = format!("sha1={}", signature(webhook.body.as_bytes(), &secret));
        webhook.headers.push(("X-Hub-Signature".into(), signature));
    }
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

    /// The official sample, byte for byte (contracts/suppliers §1.5).
    const SAMPLE: &str = include_str!("../../tests/fixtures/digiflazz/webhook.json");

    #[test]
    fn the_official_sample_is_written_byte_for_byte_and_signed_as_the_contract_says() {
        let shown = Shown {
            ref_id: "30467470",
            customer_no: "081280556115",
            buyer_sku_code: "ovo100",
            message: "Sukses",
            status: Status::Success.as_str(),
            rc: "00",
            buyer_last_saldo: 326_719_460,
            sn: "SEPTIAPAR/20190401214753214742",
            price: 199_800,
            tele: "@telegram",
            wa: "081234512345",
        };
        let body = serde_json::to_string(&Data { data: shown }).unwrap();
        assert_eq!(body, SAMPLE);
        assert_eq!(body.len(), 253);
        assert_eq!(signature(body.as_bytes(), "somesecretvalue"), "ca76ad2f32bec78a4211e6eda6bde1c2dab57a73");
        assert_ne!(signature(body.as_bytes(), "another"), "ca76ad2f32bec78a4211e6eda6bde1c2dab57a73");
    }
}
