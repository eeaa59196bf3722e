//! What Midtrans says about a transaction, field by field, in answers and in notifications.

use super::{
    answer::Action,
    books::{PaymentType, Refund, Status, Transaction},
    channel::{Numbers, Paid},
};
use crate::settings::{MIDTRANS_MERCHANT_ID, MIDTRANS_SERVER_KEY};
use serde::Serialize;
use sha2::{Digest, Sha512};
use vocabulary::Timestamp;

/// How the status is written; a fault may change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    Usual,
    UpperCase,
    Unknown,
}

/// Everything that a status answer or a notification may hold.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Body {
    pub(super) status_code: String,
    status_message: &'static str,
    pub(super) transaction_id: String,
    pub(super) order_id: String,
    pub(super) gross_amount: String,
    payment_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_option_type: Option<&'static str>,
    transaction_time: String,
    transaction_status: String,
    fraud_status: &'static str,
    merchant_id: &'static str,
    currency: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry_time: Option<String>,
    #[serde(flatten)]
    number: Numbers,
    #[serde(flatten)]
    paid: Paid,
    #[serde(skip_serializing_if = "Option::is_none")]
    acquirer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settlement_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_cross_reference_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_amount: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refunds: Vec<RefundBody>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<Action>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) signature_key: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct RefundBody {
    refund_chargeback_id: i64,
    refund_amount: String,
    created_at: String,
    reason: String,
    refund_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_confirmed_at: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Metadata {
    extra_info: ExtraInfo,
}

#[derive(Clone, Debug, Serialize)]
struct ExtraInfo {
    gross_amount_info: GrossAmountInfo,
}

#[derive(Clone, Debug, Serialize)]
struct GrossAmountInfo {
    original_amount: String,
}

/// An amount as every answer writes it: `275000.00`.
pub(super) fn amount_text(amount: i64) -> String {
    format!("{amount}.00")
}

/// `signature_key` over the strings exactly as they are sent.
pub(super) fn signature(order_id: &str, status_code: &str, gross_amount: &str, server_key: &str) -> String {
    hex::encode(Sha512::digest(format!("{order_id}{status_code}{gross_amount}{server_key}")))
}

/// `status_code` of a notification.
pub(super) fn notification_code(status: Status) -> &'static str {
    match status {
        Status::Pending => "201",
        Status::Settlement | Status::Refund | Status::PartialRefund => "200",
        Status::Expire | Status::Cancel | Status::Deny => "202",
    }
}

/// `status_code` of a status answer: as in a notification, but an expired transaction has its own.
pub(crate) fn status_answer_code(status: Status) -> &'static str {
    if status == Status::Expire { "407" } else { notification_code(status) }
}

impl Body {
    /// What a notification says.
    pub(super) fn notification(t: &Transaction, spelling: Spelling) -> Body {
        Body::of(t, notification_code(t.status), "midtrans payment notification", spelling)
    }

    /// What GET status says; DANA writes its `PENDING` large, and says how to go on
    /// (contracts/payments §1.6).
    pub(super) fn status(
        t: &Transaction,
        refunds: &[Refund],
        actions: Vec<Action>,
        spelling: Spelling,
    ) -> Body {
        let large =
            t.payment_type == PaymentType::Dana && t.status == Status::Pending && spelling == Spelling::Usual;
        let spelling = if large { Spelling::UpperCase } else { spelling };
        let mut body = Body::of(t, status_answer_code(t.status), "Success, transaction is found", spelling);
        body.actions = actions;
        body.expiry_time = Some(t.expires_at.wib());
        body.settlement_time = t.settled_at.map(Timestamp::wib);
        body.refunds(t, refunds, Some(t.transaction_at));
        body
    }

    /// Adds the refunds so far; they are confirmed from `confirmed` on.
    pub(super) fn refunds(&mut self, t: &Transaction, refunds: &[Refund], confirmed: Option<Timestamp>) {
        if refunds.is_empty() {
            return;
        }
        self.refund_amount = Some(amount_text(t.refunded));
        self.refunds = refunds
            .iter()
            .map(|r| RefundBody {
                refund_chargeback_id: r.number,
                refund_amount: amount_text(r.amount),
                created_at: r.requested_at.wib(),
                reason: r.reason.clone(),
                refund_key: r.refund_key.clone(),
                bank_confirmed_at: confirmed.map(|at| at.max(r.requested_at).wib()),
            })
            .collect();
    }

    fn of(t: &Transaction, code: &str, message: &'static str, spelling: Spelling) -> Body {
        let paid = t
            .settled_at
            .filter(|_| matches!(t.status, Status::Settlement | Status::Refund | Status::PartialRefund));
        let (qris, gopay) = (t.payment_type == PaymentType::Qris, t.payment_type == PaymentType::Gopay);
        let gross_amount = amount_text(t.shown_amount());
        Body {
            status_code: code.to_owned(),
            status_message: message,
            transaction_id: t.transaction_id.clone(),
            order_id: t.order_id.clone(),
            payment_type: t.payment_type.as_str(),
            payment_option_type: paid.filter(|_| gopay).map(|_| "GOPAY_WALLET"),
            transaction_time: t.transaction_at.wib(),
            transaction_status: spelled(t.status, spelling),
            fraud_status: "accept",
            merchant_id: MIDTRANS_MERCHANT_ID,
            currency: "IDR",
            expiry_time: t.channel.map(|_| t.expires_at.wib()),
            number: Numbers::of(t),
            paid: Paid::of(t, paid),
            acquirer: t.acquirer.clone(),
            transaction_type: paid.filter(|_| qris).map(|_| "on-us"),
            issuer: paid.filter(|_| qris).map(|_| "gopay"),
            settlement_time: paid.filter(|_| qris || t.channel.is_some()).map(Timestamp::wib),
            merchant_cross_reference_id: paid.filter(|_| qris).map(|_| t.transaction_id.clone()),
            refund_amount: None,
            refunds: Vec::new(),
            actions: Vec::new(),
            metadata: (t.imposed_fee > 0).then(|| Metadata {
                extra_info: ExtraInfo {
                    gross_amount_info: GrossAmountInfo { original_amount: amount_text(t.amount) },
                },
            }),
            signature_key: Some(signature(&t.order_id, code, &gross_amount, MIDTRANS_SERVER_KEY)),
            gross_amount,
        }
    }
}

fn spelled(status: Status, spelling: Spelling) -> String {
    match spelling {
        Spelling::Usual => status.to_string(),
        Spelling::UpperCase => status.as_str().to_ascii_uppercase(),
        Spelling::Unknown => "under_investigation".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../tests/fixtures/midtrans_signatures.json")).unwrap()
    }

    fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
        vector[name].as_str().unwrap()
    }

    #[test]
    fn signatures_are_those_of_the_vectors() {
        for v in vectors()["midtrans_signature_key"].as_array().unwrap() {
            let ours = signature(
                text(v, "order_id"),
                text(v, "status_code"),
                text(v, "gross_amount"),
                text(v, "server_key"),
            );
            assert_eq!(ours, text(v, "signature_key"));
        }
        let negative = &vectors()["midtrans_signature_key_negative"][0];
        let exact = signature(text(negative, "order_id"), "200", "25000", text(negative, "server_key"));
        assert_eq!(exact, text(negative, "digest"), "the digest is over the text as given");
        let collision = &vectors()["midtrans_signature_key_negative"][1];
        for (side, digest) in [("a", "digest_a"), ("b", "digest_b")] {
            let v = &collision[side];
            let key = text(negative, "server_key");
            let ours = signature(text(v, "order_id"), text(v, "status_code"), text(v, "gross_amount"), key);
            assert_eq!(ours, text(collision, digest), "nothing separates the parts");
        }
    }

    #[test]
    fn amounts_are_whole_rupiah_with_two_zeros() {
        assert_eq!(amount_text(275_000), "275000.00");
    }
}
