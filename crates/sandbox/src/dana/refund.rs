//! Giving money back: at once or later, in parts, at most what was paid (contracts/payments §2.4).

use super::{
    body::{Money, money},
    books::{self, Order, Refund, Status},
    check_merchant, create,
    read::{self, Object, time_text},
    refusal::{Refusal, Service},
};
use crate::{
    exchange::Reply,
    faults::{self, Fault},
    world::{Target, World},
};
use database::{Error, WriteTx};
use serde::Serialize;
use std::time::Duration;
use vocabulary::Timestamp;

const DAY: Duration = Duration::from_secs(86_400);
/// How long DANA's balance may be given back. UNVERIFIED: others that sell DANA say 30 or 45 days.
const WINDOW: Duration = DAY.saturating_mul(30);
/// How long what was paid in another party's app may be given back. UNVERIFIED for DANA; so others say.
const OTHERS_WINDOW: Duration = DAY.saturating_mul(7);
/// How long a refund that is not done at once takes. UNVERIFIED.
const ASYNC_TAKES: Duration = Duration::from_secs(30);
/// The amount that DANA's sandbox always leaves in progress at first.
const IN_PROGRESS_AMOUNT: i64 = 225_800;

struct Asked<'a> {
    order: &'a str,
    partner_refund_no: &'a str,
    amount: i64,
    reason: &'a str,
    later: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    response_code: String,
    response_message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_reference_no: Option<&'a str>,
    original_partner_reference_no: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_no: Option<&'a str>,
    partner_refund_no: &'a str,
    refund_amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_time: Option<String>,
}

/// Refunds an order. The same `partnerRefundNo` again asks what became of it.
pub(super) async fn refund(
    world: &World,
    tx: &mut WriteTx,
    body: &Object,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let asked = match read_request(body) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(refusal) = magic(asked.amount) {
        return Ok(Err(refusal));
    }
    let Some(order) = books::of_partner(tx, asked.order).await? else {
        let invented = asked.amount == IN_PROGRESS_AMOUNT;
        return Ok(if invented { Ok(in_progress(&asked)) } else { Err(Refusal::not_found()) });
    };
    if let Some(earlier) = books::refund(tx, asked.partner_refund_no).await? {
        let same = earlier.amount == asked.amount && earlier.reference_no == order.reference_no;
        return Ok(if same { Ok(answer(&order, &earlier)) } else { Err(Refusal::inconsistent()) });
    }
    let earlier = books::refunds(tx, &order.reference_no).await?;
    if let Err(refusal) = check(&order, &earlier, asked.amount, now) {
        return Ok(Err(refusal));
    }
    let occasion = ("refund", order.partner_reference_no.as_str());
    if faults::strike(tx, Target::Dana, Fault::InsufficientBalance, occasion).await?.is_some() {
        return Ok(Err(Refusal::insufficient_funds()));
    }
    let slow = faults::strike(tx, Target::Dana, Fault::RefundInProgress, occasion).await?.is_some();
    let later = asked.later || slow;
    let refund = Refund {
        partner_refund_no: asked.partner_refund_no.to_owned(),
        refund_no: create::reference_no(world, now),
        reference_no: order.reference_no.clone(),
        amount: asked.amount,
        reason: asked.reason.to_owned(),
        requested_at: now,
        finished_at: (!later).then_some(now),
        due_at: later.then(|| now.plus(ASYNC_TAKES)),
    };
    books::insert_refund(tx, &refund).await?;
    Ok(Ok(answer(&order, &refund)))
}

fn read_request(body: &Object) -> Result<Asked<'_>, Refusal> {
    let order = read::required(body, "originalPartnerReferenceNo", "originalPartnerReferenceNo", 64)?;
    check_merchant(body, Refusal::invalid_merchant())?;
    let partner_refund_no = read::required(body, "partnerRefundNo", "partnerRefundNo", 64)?;
    let amount = read::money(body, "refundAmount")?;
    let reason = read::text(body, "reason", "reason", 256)?.unwrap_or_default();
    let later = match read::object(body, "additionalInfo", "additionalInfo")? {
        None => None,
        Some(info) => read::text(info, "asyncRefund", "additionalInfo.asyncRefund", 5)?,
    };
    let later = match later {
        None | Some("false") => amount == IN_PROGRESS_AMOUNT,
        Some("true") => true,
        Some(_) => return Err(Refusal::format("additionalInfo.asyncRefund")),
    };
    Ok(Asked { order, partner_refund_no, amount, reason, later })
}

/// Amounts that DANA's sandbox refuses, whatever the order (contracts/payments §2.5).
fn magic(amount: i64) -> Option<Refusal> {
    match amount {
        435_815 => Some(Refusal::not_permitted()),
        435_814 => Some(Refusal::insufficient_funds()),
        505_801 => Some(Refusal::internal()),
        445_808 => Some(Refusal::invalid_merchant()),
        _ => None,
    }
}

/// Whether this much may be given back now. What is in progress counts as given.
fn check(order: &Order, earlier: &[Refund], amount: i64, now: Timestamp) -> Result<(), Refusal> {
    let paid_at = match (order.status, order.paid_at) {
        (Status::Success, Some(paid_at)) => paid_at,
        _ => return Err(Refusal::invalid_status().because("the order is not paid")),
    };
    let window = if order.pay_method == "BALANCE" { WINDOW } else { OTHERS_WINDOW };
    if order.pay_method == "VIRTUAL_ACCOUNT" {
        return Err(Refusal::not_permitted().because("what came by transfer goes back by transfer"));
    }
    if now.since(paid_at) > window {
        return Err(Refusal::not_permitted().because("the time for refunds of this order has passed"));
    }
    if order.pay_option == "NETWORK_PAY_PG_OVO" && amount != order.amount {
        return Err(Refusal::not_permitted().because("OVO is refunded in full or not at all"));
    }
    let given = earlier.iter().fold(0_i64, |sum, r| sum.saturating_add(r.amount));
    if amount > order.amount.saturating_sub(given) {
        return Err(Refusal::not_permitted().because("more than what is left of the payment"));
    }
    Ok(())
}

fn in_progress(asked: &Asked<'_>) -> Reply {
    let answer = Answer {
        response_code: Service::Refund.code(202, "00"),
        response_message: "Request In Progress",
        original_reference_no: None,
        original_partner_reference_no: asked.order,
        refund_no: None,
        partner_refund_no: asked.partner_refund_no,
        refund_amount: money(asked.amount),
        refund_time: None,
    };
    Reply::json(202, &answer)
}

fn answer(order: &Order, refund: &Refund) -> Reply {
    let (status, message) =
        if refund.finished_at.is_some() { (200, "Successful") } else { (202, "Request In Progress") };
    let answer = Answer {
        response_code: Service::Refund.code(status, "00"),
        response_message: message,
        original_reference_no: Some(&order.reference_no),
        original_partner_reference_no: &order.partner_reference_no,
        refund_no: Some(&refund.refund_no),
        partner_refund_no: &refund.partner_refund_no,
        refund_amount: money(refund.amount),
        refund_time: refund.finished_at.map(time_text),
    };
    Reply::json(status, &answer)
}
