//! Calling an order off, while nobody has paid (contracts/payments §2.4).

use super::{
    books::{self, Order, Status},
    check_merchant,
    read::{self, Object, time_text},
    refusal::{Refusal, Service},
};
use crate::exchange::Reply;
use database::{Error, WriteTx};
use serde::Serialize;
use vocabulary::Timestamp;

/// Why an order was cancelled. The word is ours: what DANA says is UNVERIFIED.
const BY_MERCHANT: &str = "MERCHANT_CANCELLED";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    response_code: String,
    response_message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_reference_no: Option<&'a str>,
    original_partner_reference_no: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_time: Option<String>,
}

/// Cancels an order. One that is cancelled already gets the same answer again (UNVERIFIED).
pub(super) async fn cancel(
    tx: &mut WriteTx,
    body: &Object,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let reference = match read_request(body) {
        Ok(reference) => reference,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(wanted) = magic(reference) {
        return Ok(wanted);
    }
    let Some(mut order) = books::of_partner(tx, reference).await? else {
        return Ok(Err(Refusal::not_found()));
    };
    match order.status {
        Status::Init => {
            order.status = Status::Cancelled;
            order.closed_at = Some(now);
            order.close_reason = Some(BY_MERCHANT.to_owned());
            books::save(tx, &order).await?;
            Ok(Ok(cancelled(&order)))
        }
        Status::Cancelled => Ok(Ok(cancelled(&order))),
        Status::Closed => Ok(Err(Refusal::expired())),
        Status::Success => Ok(Err(Refusal::invalid_status().because("the order is paid"))),
    }
}

fn read_request(body: &Object) -> Result<&str, Refusal> {
    let field = "originalPartnerReferenceNo";
    let reference = read::required(body, field, field, 64)?;
    check_merchant(body, Refusal::invalid_merchant())?;
    read::text(body, "reason", "reason", 256)?;
    if body.get("amount").is_some_and(|amount| !amount.is_null()) {
        read::money(body, "amount")?;
    }
    Ok(reference)
}

/// A reference that is one of DANA's codes gets that code (contracts/payments §2.5).
fn magic(reference: &str) -> Option<Result<Reply, Refusal>> {
    Some(match reference {
        "2025700" => {
            let answer = Answer {
                response_code: Service::Cancel.code(202, "00"),
                response_message: "Request In Progress",
                original_reference_no: None,
                original_partner_reference_no: reference,
                cancel_time: None,
            };
            Ok(Reply::json(202, &answer))
        }
        "4035700" => Err(Refusal::expired()),
        "4035705" => Err(Refusal::do_not_honor()),
        "4035714" => Err(Refusal::insufficient_funds()),
        "4035715" => Err(Refusal::not_permitted()),
        "4045708" => Err(Refusal::invalid_merchant()),
        "5005701" => Err(Refusal::internal()),
        _ => return None,
    })
}

fn cancelled(order: &Order) -> Reply {
    let answer = Answer {
        response_code: Service::Cancel.code(200, "00"),
        response_message: "Successful",
        original_reference_no: Some(&order.reference_no),
        original_partner_reference_no: &order.partner_reference_no,
        cancel_time: order.closed_at.map(time_text),
    };
    Reply::json(200, &answer)
}
