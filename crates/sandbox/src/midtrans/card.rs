//! Cards, which the shop does not charge: authorised and captured, or captured at once, looked at again where
//! they are challenged, called off and given back. They are kept apart from the books that the shop is
//! compared with, and no notification tells of them. The contract has none of it; fields, words and states are
//! those of the vendor's reference (docs.midtrans.com, "Card Payment").

use super::{
    Refusal,
    body::{amount_text, signature},
    books::{self, Status},
    charge::duplicate,
    read, read_object,
    refund::{self, Asked},
    snap,
};
use crate::{
    exchange::{Incoming, Reply},
    settings::{MIDTRANS_MERCHANT_ID, MIDTRANS_SERVER_KEY},
    shelf::{self, Item},
    world::{Target, World},
};
use database::{Error, ReadTx, WriteTx};
use serde::Serialize;
use serde_json::{Map, Value};
use std::time::Duration;
use vocabulary::Timestamp;

const PRODUCT: &str = "card";
const PAYMENT_TYPE: &str = "credit_card";
/// The most that a card is charged. UNVERIFIED: the reference names it for subscriptions.
const HIGHEST: i64 = 99_999_999_999;
const DAY: Duration = Duration::from_secs(86_400);
/// How long what is authorised can be captured; then it is called off.
const HELD: Duration = DAY.saturating_mul(8);
/// How long after it was captured it is settled: "on the next day", the hour of which is UNVERIFIED.
const SETTLES_AFTER: Duration = DAY;

// `transaction_status`.
const AUTHORIZE: &str = "authorize";
const CAPTURE: &str = "capture";
const SETTLEMENT: &str = "settlement";
const DENY: &str = "deny";
const CANCEL: &str = "cancel";
const REFUND: &str = "refund";
const PARTIAL_REFUND: &str = "partial_refund";

// `fraud_status`; challenged is what a person has to look at.
const ACCEPT: &str = "accept";
const CHALLENGE: &str = "challenge";

struct Terms {
    order_id: String,
    amount: i64,
    status: &'static str,
    fraud_status: &'static str,
    masked_card: String,
}

/// What is said of a card's payment, in answers of every kind.
#[derive(Serialize)]
pub(super) struct Told<'a> {
    status_code: &'static str,
    status_message: &'static str,
    transaction_id: &'a str,
    order_id: &'a str,
    merchant_id: &'static str,
    gross_amount: String,
    currency: &'static str,
    payment_type: &'static str,
    transaction_time: String,
    transaction_status: &'a str,
    fraud_status: &'a str,
    masked_card: &'a str,
    approval_code: &'a str,
    bank: &'static str,
    card_type: &'static str,
    channel_response_code: &'static str,
    channel_response_message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    settlement_time: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_amount: Option<String>,
    #[serde(skip_serializing_if = "<[Value]>::is_empty")]
    refunds: &'a [Value],
    #[serde(skip_serializing_if = "Option::is_none")]
    signature_key: Option<String>,
}

#[derive(Serialize)]
struct Refunded<'a> {
    #[serde(flatten)]
    told: Told<'a>,
    refund_chargeback_id: i64,
    refund_key: &'a str,
}

/// Whether a charge is one of a card.
pub(super) fn is_charge(body: &Map<String, Value>) -> bool {
    body.get("payment_type").and_then(Value::as_str) == Some(PAYMENT_TYPE)
}

/// Whether a card was charged for this order id.
pub(super) async fn has_order(tx: &mut ReadTx, order_id: &str) -> Result<bool, Error> {
    Ok(!shelf::of_reference(tx, Target::Midtrans, PRODUCT, order_id).await?.is_empty())
}

/// The payment with this transaction id or order id, as it stands now.
pub(super) async fn find(tx: &mut ReadTx, id: &str, now: Timestamp) -> Result<Option<Item>, Error> {
    if let Some(card) = shelf::find(tx, Target::Midtrans, PRODUCT, id).await? {
        return Ok(Some(aged(card, now)));
    }
    let of_order = shelf::of_reference(tx, Target::Midtrans, PRODUCT, id).await?;
    Ok(of_order.into_iter().next().map(|card| aged(card, now)))
}

/// Charges a card: authorises it, or captures at once.
pub(super) async fn charge(
    world: &World,
    tx: &mut WriteTx,
    body: &Map<String, Value>,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let terms = match read_terms(body) {
        Ok(terms) => terms,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let order_id = terms.order_id.as_str();
    if has_order(tx, order_id).await?
        || !books::of_order(tx, order_id).await?.is_empty()
        || snap::page_of_order(tx, order_id).await?.is_some()
    {
        return Ok(Err(duplicate()));
    }
    let kept = [
        ("gross_amount", Value::from(terms.amount)),
        ("fraud_status", Value::from(terms.fraud_status)),
        ("masked_card", Value::from(terms.masked_card)),
        ("approval_code", Value::from(now.millis().to_string())),
    ];
    let card = Item {
        party: Target::Midtrans,
        product: PRODUCT.to_owned(),
        id: world.uuid(),
        reference: terms.order_id,
        status: terms.status.to_owned(),
        body: kept.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        created_at: now,
        updated_at: now,
    };
    shelf::insert(tx, &card).await?;
    let told = Told::of(&card, code(&card), "Success, Credit Card transaction is successful");
    Ok(Ok(Reply::json(200, &told)))
}

/// `POST /v2/capture`: takes what was authorised, or a part of it; the rest is the buyer's again.
pub(super) async fn capture(
    tx: &mut WriteTx,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let (id, asked) = match read_object(incoming).and_then(|body| read_capture(&body)) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(card) = shelf::find(tx, Target::Midtrans, PRODUCT, &id).await? else {
        return Ok(Err(Refusal::not_found()));
    };
    let mut card = aged(card, now);
    if card.status != AUTHORIZE || word(&card, "fraud_status") != ACCEPT {
        return Ok(Err(Refusal::cannot_modify()));
    }
    let authorised = number(&card, "gross_amount");
    let amount = asked.unwrap_or(authorised);
    if !(1..=authorised).contains(&amount) {
        // With which code Midtrans says it is UNVERIFIED.
        return Ok(Err(Refusal::invalid("gross_amount must not be more than what was authorized")));
    }
    card.body.insert("gross_amount".to_owned(), Value::from(amount));
    change(tx, &mut card, CAPTURE, now).await?;
    Ok(Ok(done(&card, "Success, Credit Card capture transaction is successful")))
}

/// `POST /v2/{id}/approve` and `/deny`: what becomes of a challenged card. Nobody looks at other ways to pay.
pub(super) async fn review(
    tx: &mut WriteTx,
    id: &str,
    approved: bool,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let Some(mut card) = find(tx, id, now).await? else {
        let found = books::find(tx, id).await?.is_some();
        return Ok(Err(if found { Refusal::cannot_modify() } else { Refusal::not_found() }));
    };
    if !is_open(&card) || word(&card, "fraud_status") != CHALLENGE {
        return Ok(Err(Refusal::cannot_modify()));
    }
    let fraud_status = if approved { ACCEPT } else { DENY };
    card.body.insert("fraud_status".to_owned(), Value::from(fraud_status));
    let status = if approved { card.status.clone() } else { DENY.to_owned() };
    change(tx, &mut card, &status, now).await?;
    let message =
        if approved { "Success, transaction is approved" } else { "Success, transaction is denied" };
    Ok(Ok(done(&card, message)))
}

/// Calls a payment off that is not settled. None of them waits for a buyer, so none can be made to expire.
pub(super) async fn call_off(
    tx: &mut WriteTx,
    id: &str,
    wanted: Status,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let Some(mut card) = find(tx, id, now).await? else {
        return Ok(Err(Refusal::not_found()));
    };
    if wanted != Status::Cancel || !is_open(&card) {
        return Ok(Err(Refusal::cannot_modify()));
    }
    change(tx, &mut card, CANCEL, now).await?;
    Ok(Ok(done(&card, "Success, transaction is canceled")))
}

/// Gives back what is settled; until then it is called off instead. For how long, and for how long a key may
/// be tried again, is UNVERIFIED: there is no limit here.
pub(super) async fn refund(
    world: &World,
    tx: &mut WriteTx,
    id: &str,
    asked: Asked,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let Some(mut card) = find(tx, id, now).await? else {
        return Ok(Err(Refusal::not_found()));
    };
    let key = asked.key.as_deref();
    if let Some(earlier) = refunds(&card).iter().find(|r| key.is_some() && text(r, "refund_key") == key) {
        let told = text(earlier, "refund_amount");
        let same = asked.amount.is_none_or(|amount| told == Some(amount_text(amount).as_str()));
        return Ok(if same { Ok(refunded(&card, earlier)) } else { Err(refund::duplicate()) });
    }
    if !matches!(card.status.as_str(), SETTLEMENT | PARTIAL_REFUND) {
        return Ok(Err(Refusal::cannot_modify()));
    }
    let left = number(&card, "gross_amount").saturating_sub(number(&card, "refunded"));
    let amount = asked.amount.unwrap_or(left);
    if !(1..=left).contains(&amount) {
        return Ok(Err(refund::too_much()));
    }
    let refund = serde_json::json!({
        "refund_chargeback_id": refunds(&card).len().saturating_add(1),
        "refund_amount": amount_text(amount),
        "created_at": now.wib(),
        "reason": asked.reason,
        "refund_key": asked.key.unwrap_or_else(|| world.uuid()),
        "bank_confirmed_at": now.wib(),
    });
    let mut all = refunds(&card).to_vec();
    all.push(refund.clone());
    card.body.insert("refunds".to_owned(), Value::Array(all));
    let given = number(&card, "refunded").saturating_add(amount);
    card.body.insert("refunded".to_owned(), Value::from(given));
    change(tx, &mut card, if amount == left { REFUND } else { PARTIAL_REFUND }, now).await?;
    Ok(Ok(refunded(&card, &refund)))
}

/// What a status says of it.
pub(super) fn in_full(card: &Item) -> Told<'_> {
    let mut told = Told::of(card, code(card), "Success, transaction is found");
    let key = signature(told.order_id, told.status_code, &told.gross_amount, MIDTRANS_SERVER_KEY);
    told.signature_key = Some(key);
    told.settlement_time = card.body.get("settlement_time").and_then(Value::as_str);
    told.refunds = refunds(card);
    told.refund_amount = (!told.refunds.is_empty()).then(|| amount_text(number(card, "refunded")));
    told
}

impl<'a> Told<'a> {
    fn of(card: &'a Item, status_code: &'static str, status_message: &'static str) -> Told<'a> {
        Told {
            status_code,
            status_message,
            transaction_id: &card.id,
            order_id: &card.reference,
            merchant_id: MIDTRANS_MERCHANT_ID,
            gross_amount: amount_text(number(card, "gross_amount")),
            currency: "IDR",
            payment_type: PAYMENT_TYPE,
            transaction_time: card.created_at.wib(),
            transaction_status: &card.status,
            fraud_status: word(card, "fraud_status"),
            masked_card: word(card, "masked_card"),
            approval_code: word(card, "approval_code"),
            bank: "bni",
            card_type: "credit",
            channel_response_code: "00",
            channel_response_message: "Approved",
            settlement_time: None,
            refund_amount: None,
            refunds: &[],
            signature_key: None,
        }
    }
}

/// The answer to what was done about it.
fn done(card: &Item, message: &'static str) -> Reply {
    Reply::json(200, &Told::of(card, "200", message))
}

fn refunded(card: &Item, refund: &Value) -> Reply {
    let mut told = Told::of(card, "200", "Success, refund request is approved");
    told.refund_amount = text(refund, "refund_amount").map(str::to_owned);
    let refund_chargeback_id = refund.get("refund_chargeback_id").and_then(Value::as_i64).unwrap_or_default();
    let refund_key = text(refund, "refund_key").unwrap_or_default();
    Reply::json(200, &Refunded { told, refund_chargeback_id, refund_key })
}

fn text<'a>(of: &'a Value, name: &str) -> Option<&'a str> {
    of.get(name).and_then(Value::as_str)
}

/// `status_code` of a charge or a status. That of a challenged one is UNVERIFIED.
fn code(card: &Item) -> &'static str {
    match card.status.as_str() {
        DENY | CANCEL => "202",
        _ if word(card, "fraud_status") == CHALLENGE => "201",
        _ => "200",
    }
}

/// What time alone has made of it. What is authorised is called off in the end, challenged or not; one that
/// was captured and is challenged waits for somebody to look at it (UNVERIFIED).
fn aged(mut card: Item, now: Timestamp) -> Item {
    let (at, status) = match card.status.as_str() {
        AUTHORIZE => (card.created_at.plus(HELD), CANCEL),
        CAPTURE if word(&card, "fraud_status") == ACCEPT => (card.updated_at.plus(SETTLES_AFTER), SETTLEMENT),
        _ => return card,
    };
    if now >= at {
        card.status = status.to_owned();
        card.updated_at = at;
        if status == SETTLEMENT {
            card.body.insert("settlement_time".to_owned(), Value::from(at.wib()));
        }
    }
    card
}

async fn change(tx: &mut WriteTx, card: &mut Item, status: &str, now: Timestamp) -> Result<(), Error> {
    card.status = status.to_owned();
    card.updated_at = now;
    shelf::save(tx, card).await
}

/// Whether the money has not moved yet.
fn is_open(card: &Item) -> bool {
    matches!(card.status.as_str(), AUTHORIZE | CAPTURE)
}

fn word<'a>(card: &'a Item, name: &str) -> &'a str {
    card.body.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn number(card: &Item, name: &str) -> i64 {
    card.body.get(name).and_then(Value::as_i64).unwrap_or_default()
}

fn refunds(card: &Item) -> &[Value] {
    card.body.get("refunds").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn read_terms(body: &Map<String, Value>) -> Result<Terms, Refusal> {
    let details = read::details(body)?;
    let order_id = read::order_id(details)?;
    let amount = read::amount(details, &(1..=HIGHEST))?;
    read::check_items(body, amount)?;
    let card =
        read::object(body, "credit_card")?.ok_or_else(|| Refusal::invalid("credit_card is required"))?;
    let status = match read::text(card, "type")? {
        Some("authorize") => AUTHORIZE,
        None | Some("authorize_capture") => CAPTURE,
        Some(_) => return Err(Refusal::invalid("credit_card.type must be authorize or authorize_capture")),
    };
    let token =
        read::text(card, "token_id")?.ok_or_else(|| Refusal::invalid("credit_card.token_id is required"))?;
    let masked_card = masked(token)
        .ok_or_else(|| Refusal::new(411, "credit_card.token_id is not a token, or no longer one."))?;
    // Who gets challenged is UNVERIFIED: here it is whose token says so.
    let fraud_status = if token.contains("challenge") { CHALLENGE } else { ACCEPT };
    Ok(Terms { order_id: order_id.to_owned(), amount, status, fraud_status, masked_card })
}

/// `48111111-1114` of `48111111sHfSakAvHvFQFEjTivUV1114`, the kind of token that the reference shows whole.
fn masked(token: &str) -> Option<String> {
    let (first, last) = (token.get(..8)?, token.get(token.len().checked_sub(4)?..)?);
    let are_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    (token.len() >= 12 && are_digits(first) && are_digits(last)).then(|| format!("{first}-{last}"))
}

fn read_capture(body: &Map<String, Value>) -> Result<(String, Option<i64>), Refusal> {
    let id =
        read::text(body, "transaction_id")?.ok_or_else(|| Refusal::invalid("transaction_id is required"))?;
    let amount = match body.get("gross_amount") {
        None | Some(Value::Null) => None,
        Some(Value::Number(number)) => {
            Some(number.as_i64().ok_or_else(|| Refusal::invalid("gross_amount must be a whole number"))?)
        }
        Some(_) => return Err(Refusal::wrong_type("gross_amount")),
    };
    Ok((id.to_owned(), amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_shows_the_ends_of_its_card_and_no_more() {
        assert_eq!(masked("48111111sHfSakAvHvFQFEjTivUV1114").as_deref(), Some("48111111-1114"));
        assert_eq!(masked("481111111114").as_deref(), Some("48111111-1114"));
        for token in ["", "4811", "48111111114", "481111-1114-token", "48111111token", "é48111111111111"] {
            assert_eq!(masked(token), None, "{token:?}");
        }
    }
}
