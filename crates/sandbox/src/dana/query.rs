//! What became of an order (contracts/payments §2.4).

use super::{
    body::{self, Money, Payment, money},
    books::{self, Order, Refund},
    check_merchant,
    read::{self, Object, time_text},
    refusal::{Refusal, Service},
};
use crate::{exchange::Reply, settings::DANA_MERCHANT_ID};
use database::{Error, WriteTx};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    response_code: String,
    response_message: &'static str,
    original_partner_reference_no: &'a str,
    original_reference_no: &'a str,
    service_code: &'static str,
    latest_transaction_status: &'static str,
    transaction_status_desc: &'static str,
    trans_amount: Money,
    amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    additional_info: AnswerInfo<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerInfo<'a> {
    amount_detail: AmountDetail,
    time_detail: TimeDetail,
    payment_views: Vec<Payment>,
    status_detail: StatusDetail,
    #[serde(skip_serializing_if = "Option::is_none")]
    close_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_account_info: Option<VirtualAccountInfo<'a>>,
    merchant_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AmountDetail {
    order_amount: Money,
    pay_amount: Money,
    void_amount: Money,
    refund_amount: Money,
    chargeback_amount: Money,
    charge_amount: Money,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TimeDetail {
    created_time: String,
    expiry_time: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    paid_times: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_time: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusDetail {
    acquirement_status: &'static str,
    frozen: &'static str,
    cancelled: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VirtualAccountInfo<'a> {
    virtual_account_code: &'a str,
    virtual_account_expiry_time: String,
}

/// Tells about one order. A refund shows in its amounts; its status stays that of a paid order.
pub(super) async fn query(tx: &mut WriteTx, body: &Object) -> Result<Result<Reply, Refusal>, Error> {
    let asked = match read_question(body) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let found = match asked {
        Asked::Partner(reference) => books::of_partner(tx, reference).await?,
        Asked::Dana(reference) => books::find(tx, reference).await?.filter(|o| o.reference_no == reference),
    };
    let Some(order) = found else {
        return Ok(Err(Refusal::not_found()));
    };
    let refunds = books::refunds(tx, &order.reference_no).await?;
    let told = body::told(tx, order.status, ("query", order.partner_reference_no.as_str())).await?;
    Ok(Ok(answer(&order, &refunds, &told)))
}

enum Asked<'a> {
    Partner(&'a str),
    Dana(&'a str),
}

fn read_question(body: &Object) -> Result<Asked<'_>, Refusal> {
    let partner =
        read::text(body, "originalPartnerReferenceNo", "originalPartnerReferenceNo", 64)?.map(Asked::Partner);
    let dana = read::text(body, "originalReferenceNo", "originalReferenceNo", 64)?.map(Asked::Dana);
    let asked = partner.or(dana).ok_or_else(|| Refusal::mandatory("originalPartnerReferenceNo"))?;
    // The kind of order that is asked about; there are none of another kind here.
    let service = read::required(body, "serviceCode", "serviceCode", 2)?;
    check_merchant(body, Refusal::not_found())?;
    if service == Service::Create.digits() { Ok(asked) } else { Err(Refusal::not_found()) }
}

fn answer(order: &Order, refunds: &[Refund], told: &body::Told) -> Reply {
    let refunded = refunds.iter().filter(|r| r.finished_at.is_some()).map(|r| r.amount).sum();
    let account = order.payment_code.as_deref().filter(|_| order.pay_method == "VIRTUAL_ACCOUNT");
    let answer = Answer {
        response_code: Service::Query.code(200, "00"),
        response_message: "Successful",
        original_partner_reference_no: &order.partner_reference_no,
        original_reference_no: &order.reference_no,
        service_code: Service::Create.digits(),
        latest_transaction_status: told.code,
        transaction_status_desc: told.word,
        trans_amount: money(order.amount),
        amount: money(order.amount),
        paid_time: order.paid_at.map(time_text),
        title: Some(order.title.as_str()).filter(|title| !title.is_empty()),
        additional_info: AnswerInfo {
            amount_detail: AmountDetail {
                order_amount: money(order.amount),
                pay_amount: money(if order.paid_at.is_some() { order.amount } else { 0 }),
                void_amount: money(0),
                refund_amount: money(refunded),
                chargeback_amount: money(0),
                charge_amount: money(0),
            },
            time_detail: TimeDetail {
                created_time: time_text(order.created_at),
                expiry_time: time_text(order.expires_at),
                paid_times: order.paid_at.map(time_text).into_iter().collect(),
                cancelled_time: order.closed_at.map(time_text),
            },
            payment_views: Payment::of(order).into_iter().collect(),
            status_detail: StatusDetail {
                acquirement_status: told.word,
                frozen: "false",
                cancelled: if order.closed_at.is_some() { "true" } else { "false" },
            },
            close_reason: order.close_reason.as_deref(),
            virtual_account_info: account.map(|code| VirtualAccountInfo {
                virtual_account_code: code,
                virtual_account_expiry_time: time_text(order.expires_at),
            }),
            merchant_id: DANA_MERCHANT_ID,
        },
    };
    Reply::json(200, &answer)
}
