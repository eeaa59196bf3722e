//! What DANA's answer to a question says of a payment (`contracts/payments.md` §2.4). Paid is only
//! what every part of the answer calls paid; an amount is compared, never credited.

use super::{
    body::{Body, Money, clip, said},
    codes::{self, Asked},
    wire::{Merchant, id, names},
};
use crate::{Observation, ObservedState, Opened, Sent, StatusOutcome};
use outside::Answer;
use vocabulary::{Rupiah, Timestamp};

/// Where an answer names how much the order is for.
const OF_ORDER: [&[&str]; 3] =
    [&["amount"], &["transAmount"], &["additionalInfo", "amountDetail", "orderAmount"]];
/// Where it names how much was paid. Told of what is not paid yet, too, then as nothing.
const OF_PAYMENT: &[&str] = &["additionalInfo", "amountDetail", "payAmount"];
/// Where it names what went back to the buyer.
const GIVEN_BACK: [&[&str]; 3] = [
    &["additionalInfo", "amountDetail", "refundAmount"],
    &["additionalInfo", "amountDetail", "voidAmount"],
    BY_BANK,
];
/// Where it names what the buyer's bank took back of that.
const BY_BANK: &[&str] = &["additionalInfo", "amountDetail", "chargebackAmount"];

/// What an answer to a question about the state means.
pub(super) fn status_outcome(sent: &Sent, merchant: &Merchant, answer: &Answer) -> StatusOutcome {
    let body = Body::parse(&answer.body);
    let unknown = |why: &str| StatusOutcome::Unknown {
        reason: format!("{why}{}", said(answer, body.as_ref())),
        retry_after: answer.retry_after,
    };
    let Some((body, code)) = body.as_ref().and_then(|b| Some((b, b.code()?))) else {
        return unknown("");
    };
    match codes::asked(&code) {
        Some(Asked::NotFound) => return StatusOutcome::NotFound,
        Some(Asked::Answered) => {}
        None => return unknown(""),
    }
    let Some(word) = body.text(&["latestTransactionStatus"]) else { return unknown("") };
    let named = body.string(&["originalPartnerReferenceNo"]).is_some_and(|r| !r.is_empty());
    // What is not found has no reference to name.
    if word == "07" && !named {
        return StatusOutcome::NotFound;
    }
    if !names(body, "originalPartnerReferenceNo", &sent.reference) || !is_ours(body, merchant) {
        return unknown("the answer is about another order: ");
    }
    if word == "07" { StatusOutcome::NotFound } else { StatusOutcome::Found(observation(sent, body, &word)) }
}

/// Whether the merchant, when one is named, is us. The contract does not promise that it is named;
/// the question was for ours alone.
fn is_ours(body: &Body, merchant: &Merchant) -> bool {
    let named = [body.text(&["merchantId"]), body.text(&["additionalInfo", "merchantId"])];
    named.into_iter().flatten().all(|named| named == merchant.merchant_id)
}

fn observation(sent: &Sent, body: &Body, word: &str) -> Observation {
    let (state, amount) = state(sent, body, word);
    let given_back = given_back(body).filter(|back| back.is_positive() && state != ObservedState::Suspicious);
    let also = |name: &str| body.text(&["additionalInfo", "statusDetail", name]);
    // What a bank took is no refund of ours, and is told apart by this word.
    let is_by_bank = matches!(body.money(BY_BANK), Money::Rupiah(back) if back.is_positive());
    let by_bank = is_by_bank.then(|| "chargeback".to_owned());
    let described = body.text(&["transactionStatusDesc"]);
    let stated = [Some(word.to_owned()), by_bank, described, also("acquirementStatus")];
    let stated: Vec<String> = stated.into_iter().flatten().collect();
    // Of a push whose answer was lost, how long it lives is told here alone.
    let ends =
        || Timestamp::parse_rfc3339(body.string(&["additionalInfo", "timeDetail", "expiryTime"])?).ok();
    let expires_at = if sent.method.needs_phone() { ends() } else { None };
    let opened = Opened { transaction_id: id(body, "originalReferenceNo"), expires_at, ..Opened::default() };
    // DANA tells sums and no refunds one by one (contracts/payments §2.4).
    Observation { state, stated: clip(&stated.join(" ")), amount, given_back, refunds: None, opened }
}

fn state(sent: &Sent, body: &Body, word: &str) -> (ObservedState, Option<Rupiah>) {
    let acquired = body.text(&["additionalInfo", "statusDetail", "acquirementStatus"]);
    let acquired = acquired.map(|word| word.to_ascii_uppercase());
    let acquired = acquired.as_deref();
    let paid = word == "00";
    let amounts = OF_ORDER.into_iter().chain(paid.then_some(OF_PAYMENT));
    let amounts: Vec<Money> = amounts.map(|path| body.money(path)).collect();
    let Some(back) = given_back(body).filter(|_| !amounts.contains(&Money::Foreign)) else {
        return (ObservedState::Suspicious, None);
    };
    let amount = odd_or_ours(sent.amount, &amounts);
    let state = match (word, acquired) {
        _ if back.is_positive() && back >= amount.unwrap_or(sent.amount) => ObservedState::Refunded,
        _ if back.is_positive() => ObservedState::PartlyRefunded,
        ("00", None | Some("SUCCESS" | "MERCHANT_ACCEPT")) => ObservedState::Settled,
        // In 02 the money is moving: never closed, and not paid yet.
        ("01" | "02", _) => ObservedState::Pending,
        ("05", Some("SUCCESS" | "MERCHANT_ACCEPT" | "PAYING")) => ObservedState::Suspicious,
        ("05", _) => closed(sent, body),
        // The two words contradict each other.
        ("00", _) => ObservedState::Suspicious,
        _ => ObservedState::Unrecognised,
    };
    (state, amount)
}

/// The amount: ours when every one that is named is ours, else the first that is not; `None` when one
/// cannot be read or none is named.
fn odd_or_ours(ours: Rupiah, named: &[Money]) -> Option<Rupiah> {
    let mut amount = None;
    for money in named {
        match money {
            Money::Absent => {}
            Money::Rupiah(theirs) if *theirs == ours => amount = amount.or(Some(ours)),
            Money::Rupiah(theirs) => return Some(*theirs),
            Money::Unreadable | Money::Foreign => return None,
        }
    }
    amount
}

/// How much went back to the buyer; `None` when that cannot be read.
pub(super) fn given_back(body: &Body) -> Option<Rupiah> {
    GIVEN_BACK.into_iter().try_fold(Rupiah::ZERO, |sum, path| match body.money(path) {
        Money::Absent => Some(sum),
        Money::Rupiah(back) => Some(Rupiah::new(sum.get().checked_add(back.get())?)),
        Money::Unreadable | Money::Foreign => None,
    })
}

/// Why it is closed: by the reason that is given, or else by the time.
fn closed(sent: &Sent, body: &Body) -> ObservedState {
    let reason = body.text(&["additionalInfo", "closeReason"]).or_else(|| body.text(&["closeReason"]));
    let expired = match reason.map(|reason| reason.to_ascii_lowercase()) {
        Some(reason) => ["expir", "timeout", "time out"].iter().any(|word| reason.contains(word)),
        None => sent.now >= sent.expires_at,
    };
    if expired { ObservedState::Expired } else { ObservedState::Cancelled }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;
    use vocabulary::PaymentMethod;

    fn sent() -> Sent {
        Sent {
            reference: "LK0123456789-P1".parse().unwrap(),
            method: PaymentMethod::DanaQr,
            amount: Rupiah::new(25_000),
            transaction_id: None,
            was_open: true,
            closing: None,
            expires_at: Timestamp::from_millis(2_000),
            now: Timestamp::from_millis(1_000),
        }
    }

    fn read(status: u16, body: &[u8]) -> StatusOutcome {
        let merchant = Merchant { merchant_id: "m".into(), store_id: "s".into() };
        status_outcome(
            &sent(),
            &merchant,
            &Answer { status, retry_after: None, headers: Vec::new(), body: body.to_vec() },
        )
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_payment(status in 100u16..600, body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let is_unknown = matches!(read(status, &body), StatusOutcome::Unknown { .. });
            prop_assert!(is_unknown);
        }

        #[test]
        fn only_one_shape_of_answer_is_settled(
            http in 100u16..600,
            code in "2005500|2005400|4045501|[0-9]{7}",
            reference in "LK0123456789-P1|LK0123456789-P2|.{0,12}",
            merchant in proptest::option::of("m|.{0,3}"),
            word in "0[0-7]|.{0,3}",
            acquired in proptest::option::of("SUCCESS|success|CLOSED|.{0,6}"),
            amounts in proptest::collection::vec("25000.00|25000.50|1.00", 4),
            currency in "IDR|USD",
            back in proptest::option::of("0.00|25000.00|x"),
        ) {
            let money = |value: &str| json!({"value": value, "currency": currency});
            let body = json!({
                "responseCode": code, "originalPartnerReferenceNo": reference, "latestTransactionStatus": word,
                "amount": money(&amounts[0]), "transAmount": money(&amounts[1]),
                "additionalInfo": {
                    "merchantId": merchant, "statusDetail": {"acquirementStatus": acquired},
                    "amountDetail": {
                        "orderAmount": money(&amounts[2]), "payAmount": money(&amounts[3]),
                        "refundAmount": back.as_deref().map(money),
                    },
                },
            });
            if let StatusOutcome::Found(Observation { state: ObservedState::Settled, amount, .. }) =
                read(http, body.to_string().as_bytes())
            {
                prop_assert_eq!((code.as_str(), reference.as_str(), word.trim()), ("2005500", "LK0123456789-P1", "00"));
                let ours = merchant.is_none_or(|m| m.trim().is_empty() || m.trim() == "m");
                let acquired = acquired.is_none_or(|a| a.trim().is_empty() || a.trim().eq_ignore_ascii_case("SUCCESS"));
                let nothing_back = back.is_none_or(|b| b == "0.00");
                prop_assert!(ours && acquired && nothing_back && currency == "IDR");
                let all_ours = amounts.iter().all(|a| a == "25000.00");
                prop_assert_eq!(amount == Some(Rupiah::new(25_000)), all_ours);
            }
        }
    }
}
