//! Refunds: by refund key, at most what was paid, within the window of the method.

use super::{
    Refusal, addressed,
    body::amount_text,
    books::{self, PaymentType, Refund, Status, Transaction},
    card, notify, read_optional_object,
};
use crate::{
    exchange::{Incoming, Reply},
    faults::{self, Fault},
    settings::MIDTRANS_MERCHANT_ID,
    world::{Target, World},
};
use database::{Error, WriteTx};
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;
use vocabulary::Timestamp;

const DAY: Duration = Duration::from_secs(86_400);
/// How long after its first try a refund may be tried again.
const RETRY_WINDOW: Duration = DAY.saturating_mul(7);

/// What a refund says.
pub(super) struct Asked {
    pub(super) key: Option<String>,
    pub(super) amount: Option<i64>,
    pub(super) reason: String,
}

#[derive(Serialize)]
struct Refunded {
    status_code: &'static str,
    status_message: &'static str,
    transaction_id: String,
    order_id: String,
    gross_amount: String,
    payment_type: &'static str,
    transaction_time: String,
    transaction_status: &'static str,
    fraud_status: &'static str,
    merchant_id: &'static str,
    currency: &'static str,
    refund_chargeback_id: i64,
    refund_amount: String,
    refund_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    payer_phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_invoice: Option<String>,
}

/// `POST /v2/{id}/refund`. The same key again is a retry, and gives nothing back a second time.
pub(super) async fn refund(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    id: &str,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let asked = match read(incoming) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(mut transaction) = addressed(tx, incoming, id).await? else {
        return card::refund(world, tx, id, asked, now).await;
    };
    let refunds = books::refunds(tx, &transaction.transaction_id).await?;
    if let Some(earlier) = refunds.iter().find(|r| asked.key.as_ref() == Some(&r.refund_key)) {
        let same = asked.amount.is_none_or(|amount| amount == earlier.amount);
        let in_time = now.since(earlier.requested_at) <= RETRY_WINDOW;
        let outcome = if same && in_time { Ok(answer(&transaction, earlier)) } else { Err(duplicate()) };
        return Ok(outcome);
    }
    let amount = match allowed(&transaction, &asked, now) {
        Ok(amount) => amount,
        Err(refusal) => return Ok(Err(refusal)),
    };
    // With which code Midtrans says it is UNVERIFIED; the words are known (contracts/payments §8).
    let occasion = ("refund", transaction.order_id.as_str());
    if faults::strike(tx, Target::Midtrans, Fault::InsufficientBalance, occasion).await?.is_some() {
        return Ok(Err(Refusal::new(412, "Insufficient merchant balance.")));
    }
    let refund = Refund {
        // Without a key Midtrans makes one, so that a repeated call gives the money back twice.
        refund_key: asked.key.unwrap_or_else(|| world.uuid()),
        number: i64::try_from(refunds.len()).unwrap_or(i64::MAX).saturating_add(1),
        amount,
        reason: asked.reason,
        requested_at: now,
    };
    transaction.refunded = transaction.refunded.saturating_add(amount);
    transaction.status = if transaction.refunded == transaction.shown_amount() {
        Status::Refund
    } else {
        Status::PartialRefund
    };
    books::insert_refund(tx, &transaction.transaction_id, &refund).await?;
    books::save(tx, &transaction).await?;
    notify::notify_refund(world, tx, &transaction, now).await?;
    Ok(Ok(answer(&transaction, &refund)))
}

/// A refund key that stands for another refund.
pub(super) fn duplicate() -> Refusal {
    Refusal::new(406, "Duplicate refund ID")
}

/// More than can be given back, or nothing.
pub(super) fn too_much() -> Refusal {
    let text = "Refund amount is invalid: it is more than what is left of the payment, or nothing.";
    Refusal::new(414, text)
}

fn read(incoming: &Incoming) -> Result<Asked, Refusal> {
    let body = read_optional_object(incoming)?;
    let key = match body.get("refund_key") {
        None | Some(Value::Null) => None,
        Some(Value::String(key)) => Some(key.clone()),
        Some(_) => return Err(Refusal::wrong_type("refund_key")),
    };
    let fits = |key: &String| {
        (1..=255).contains(&key.len())
            && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    if key.as_ref().is_some_and(|key| !fits(key)) {
        return Err(Refusal::invalid("refund_key must consist of letters, digits, hyphens and underscores"));
    }
    let amount = match body.get("amount") {
        None | Some(Value::Null) => None,
        Some(value) => Some(value.as_i64().ok_or_else(|| Refusal::wrong_type("amount"))?),
    };
    let reason = match body.get("reason") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(reason)) if reason.chars().count() <= 255 => reason.replace('\0', ""),
        Some(Value::String(_)) => return Err(Refusal::invalid("reason must have at most 255 characters")),
        Some(_) => return Err(Refusal::wrong_type("reason")),
    };
    Ok(Asked { key, amount, reason })
}

/// The amount that is given back, if anything may be.
fn allowed(t: &Transaction, asked: &Asked, now: Timestamp) -> Result<i64, Refusal> {
    let settled = match (t.status, t.settled_at) {
        (Status::Settlement | Status::PartialRefund, Some(settled)) => settled,
        _ => return Err(Refusal::cannot_modify()),
    };
    let Some(window) = window(t.payment_type) else { return Err(Refusal::cannot_modify()) };
    if now.since(settled) > window {
        return Err(Refusal::new(412, "Refund window of the transaction has passed."));
    }
    let left = t.shown_amount().saturating_sub(t.refunded);
    let amount = asked.amount.unwrap_or(left);
    if amount < 1 || amount > left {
        return Err(too_much());
    }
    if t.payment_type == PaymentType::Ovo && amount != left {
        return Err(Refusal::new(414, "Refund amount is invalid: ovo is refunded in full only."));
    }
    Ok(amount)
}

/// How long after the settlement it may be given back (contracts/payments §1.9; QRIS is on-us); never what
/// was paid at a bank or a till.
fn window(payment_type: PaymentType) -> Option<Duration> {
    match payment_type {
        PaymentType::Gopay | PaymentType::Qris | PaymentType::Dana => Some(DAY.saturating_mul(45)),
        PaymentType::Ovo => Some(DAY.saturating_mul(7)),
        PaymentType::BankTransfer | PaymentType::Cstore => None,
    }
}

/// `merchant_invoice` of an OVO payment. The contract names the field, not its form.
fn merchant_invoice(t: &Transaction) -> String {
    let digits: String = t.transaction_id.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    format!("OVO-{}", digits.to_ascii_uppercase())
}

fn answer(t: &Transaction, refund: &Refund) -> Reply {
    let body = Refunded {
        status_code: "200",
        status_message: "Success, refund request is approved",
        transaction_id: t.transaction_id.clone(),
        order_id: t.order_id.clone(),
        gross_amount: amount_text(t.shown_amount()),
        payment_type: t.payment_type.as_str(),
        transaction_time: t.transaction_at.wib(),
        transaction_status: t.status.as_str(),
        fraud_status: "accept",
        merchant_id: MIDTRANS_MERCHANT_ID,
        currency: "IDR",
        refund_chargeback_id: refund.number,
        refund_amount: amount_text(refund.amount),
        refund_key: refund.refund_key.clone(),
        payer_phone_number: t.payer_phone.clone(),
        merchant_invoice: (t.payment_type == PaymentType::Ovo).then(|| merchant_invoice(t)),
    };
    Reply::json(200, &body)
}
