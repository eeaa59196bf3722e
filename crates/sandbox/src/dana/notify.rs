//! The finish notify: what it says, how it is signed, and when it counts as received (contracts/payments §2.6).

use super::{
    body::{self, Money, Payment, money},
    books::{Order, Status},
    read::time_text,
    signature,
};
use crate::{
    deliveries::{self, Delivery, Webhook},
    faults::{self, Fault},
    settings::DANA_MERCHANT_ID,
    world::{Target, World},
};
use database::{Error, WriteTx};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use vocabulary::Timestamp;

/// The path that is signed, wherever the notification goes.
const SIGNED_PATH: &str = "/v1.0/debit/notify";
/// What the merchant has to answer, with HTTP 200.
const RECEIVED: &str = "2005600";
const TIMESTAMP: &str = "X-TIMESTAMP";
const SIGNATURE: &str = "X-SIGNATURE";
/// Options that the vendor's own parser of notifications does not know; what a notification says instead is
/// UNVERIFIED, so it says nothing.
const UNTOLD_OPTIONS: [&str; 3] =
    ["NETWORK_PAY_PG_QRIS", "VIRTUAL_ACCOUNT_BSI_PAYMENT", "VIRTUAL_ACCOUNT_PANI"];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    original_partner_reference_no: &'a str,
    original_reference_no: &'a str,
    merchant_id: &'static str,
    sub_merchant_id: &'static str,
    amount: Money,
    latest_transaction_status: &'static str,
    transaction_status_desc: &'static str,
    created_time: String,
    finished_time: String,
    additional_info: BodyInfo,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BodyInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_info: Option<Payment>,
    /// JSON within a text.
    extend_info: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExtendInfo<'a> {
    closed_reason: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Received {
    response_code: String,
}

/// Queues the notification of an order that is paid or closed.
pub(super) async fn notify(
    world: &World,
    tx: &mut WriteTx,
    order: &Order,
    now: Timestamp,
) -> Result<(), Error> {
    let event = if order.status == Status::Success { "success" } else { "closed" };
    let occasion = (event, order.partner_reference_no.as_str());
    let told = body::told(tx, order.status, occasion).await?;
    let reason = ExtendInfo { closed_reason: order.close_reason.as_deref().unwrap_or_default() };
    let body = Body {
        original_partner_reference_no: &order.partner_reference_no,
        original_reference_no: &order.reference_no,
        merchant_id: DANA_MERCHANT_ID,
        sub_merchant_id: "",
        amount: money(order.amount),
        latest_transaction_status: told.code,
        transaction_status_desc: told.word,
        created_time: time_text(order.created_at),
        finished_time: time_text(order.paid_at.or(order.closed_at).unwrap_or(now)),
        additional_info: BodyInfo {
            payment_info: Payment::of(order).map(without_untold),
            extend_info: serde_json::to_string(&reason).unwrap_or_default(),
        },
    };
    let text = serde_json::to_string(&body).unwrap_or_default();
    let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let time = time_text(world.clock().real_now());
    if faults::strike(tx, Target::Dana, Fault::ForgeSignature, occasion).await?.is_some() {
        let forged = signature::sign(&world.dana_keys, &format!("forged:{time}"));
        headers.extend([(TIMESTAMP.to_owned(), time), (SIGNATURE.to_owned(), forged)]);
    } else if faults::strike(tx, Target::Dana, Fault::MissingSignature, occasion).await?.is_some() {
        headers.push((TIMESTAMP.to_owned(), time));
    }
    let webhook = Webhook {
        target: Target::Dana,
        reference: order.partner_reference_no.clone(),
        event: event.to_owned(),
        url: order.notify_url.clone(),
        headers,
        body: text,
    };
    deliveries::enqueue(tx, &webhook, Duration::ZERO, now).await
}

/// The headers that a notification gets as it leaves: its signature, at the real time, since each try is a
/// request of its own. One that a fault has spoiled has its time stamp already, and gets none.
pub(crate) fn departing_headers(world: &World, delivery: &Delivery) -> Vec<(String, String)> {
    if delivery.headers.iter().any(|(name, _)| name == TIMESTAMP) {
        return Vec::new();
    }
    let time = time_text(world.clock().real_now());
    let signed = signature::string_to_sign("POST", SIGNED_PATH, delivery.body.as_bytes(), &time);
    let signature = signature::sign(&world.dana_keys, &signed);
    vec![(TIMESTAMP.to_owned(), time), (SIGNATURE.to_owned(), signature)]
}

/// Whether an answer says that the notification was received.
pub(crate) fn accepts(status: u16, body: &[u8]) -> bool {
    let received = serde_json::from_slice(body).is_ok_and(|r: Received| r.response_code == RECEIVED);
    status == 200 && received
}

fn without_untold(mut payment: Payment) -> Payment {
    for option in &mut payment.pay_option_infos {
        option.pay_option = option.pay_option.take().filter(|o| !UNTOLD_OPTIONS.contains(&o.as_str()));
    }
    payment
}
