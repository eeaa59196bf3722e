//! Parts that several answers and the notification share.

use super::{
    books::{Order, Status},
    read::{amount_text, time_text},
};
use crate::faults::{self, Fault, Occasion};
use crate::world::Target;
use database::{Error, WriteTx};
use serde::Serialize;

/// An amount with its currency.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Money {
    value: String,
    currency: &'static str,
}

/// One way that was paid with.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PayOption {
    pay_method: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pay_option: Option<String>,
    pay_amount: Money,
    trans_amount: Money,
    charge_amount: Money,
    extend_info: &'static str,
}

/// A payment of an order: `paymentInfo` of a notification, `paymentViews` of a query.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payment {
    cashier_request_id: String,
    paid_time: String,
    pub(super) pay_option_infos: Vec<PayOption>,
    extend_info: &'static str,
}

/// How the state of an order is told.
pub(super) struct Told {
    /// `latestTransactionStatus`.
    pub(super) code: &'static str,
    /// `transactionStatusDesc`, and `acquirementStatus`.
    pub(super) word: &'static str,
}

/// Whole rupiah as DANA writes them.
pub(super) fn money(amount: i64) -> Money {
    Money { value: amount_text(amount), currency: "IDR" }
}

impl Payment {
    /// The payment of an order, once it is paid.
    pub(super) fn of(order: &Order) -> Option<Payment> {
        let paid_at = order.paid_at?;
        let option = PayOption {
            pay_method: order.pay_method.clone(),
            pay_option: Some(order.pay_option.clone()).filter(|option| !option.is_empty()),
            pay_amount: money(order.amount),
            trans_amount: money(order.amount),
            charge_amount: money(0),
            extend_info: "{}",
        };
        Some(Payment {
            cashier_request_id: order.cashier_request_id.clone(),
            paid_time: time_text(paid_at),
            pay_option_infos: vec![option],
            extend_info: r#"{"topupAndPay":"false","paymentStatus":"SUCCESS"}"#,
        })
    }
}

/// How an order's state is told in this operation or event; a fault may make it a word that nobody knows.
pub(super) async fn told<'a>(
    tx: &mut WriteTx,
    status: Status,
    occasion: impl Into<Occasion<'a>>,
) -> Result<Told, Error> {
    if faults::strike(tx, Target::Dana, Fault::UnknownStatus, occasion).await?.is_some() {
        return Ok(Told { code: "99", word: "UNDER_INVESTIGATION" });
    }
    let code = match status {
        Status::Init => "01",
        Status::Success => "00",
        Status::Closed | Status::Cancelled => "05",
    };
    Ok(Told { code, word: status.as_str() })
}
