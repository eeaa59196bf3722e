//! Every kind of difference by what makes it, on a day on which all agree otherwise.

use super::{
    compare::compare,
    report::DifferenceKind as Kind,
    scene_tests::*,
    settled_tests::{entry, line, missing, ours, report},
    view::*,
};
use crate::{Attention, OrderState};
use payments::{Fee, LineKind, ListedBy, ObservedState, PaymentState, UnreadableLine};
use std::collections::BTreeSet;
use suppliers::{AttemptState, Verdict};
use vocabulary::{PaymentMethod, Rupiah};

/// What is done to a day on which all agree, and what is then found.
pub(super) type Lie = (&'static str, fn(&mut Sides), &'static [Kind]);

pub(super) const LIES: &[Lie] = &[
    ("nothing", |_| {}, &[]),
    (
        "delivered, and nobody paid",
        |sides| {
            let order = &mut sides.orders[0];
            order.payments[0].state = PaymentState::Expired;
            sides.gateways.insert(order.payments[0].reference.clone(), found(ObservedState::Expired, None));
        },
        &[Kind::DeliveredUnpaid],
    ),
    (
        "delivered, and there is no payment",
        |sides| sides.orders[0].payments.clear(),
        &[Kind::DeliveredUnpaid],
    ),
    (
        "delivered, and paid by our row alone",
        |sides| {
            let reference = sides.orders[0].payments[0].reference.clone();
            sides.gateways.insert(reference, found(ObservedState::Pending, None));
        },
        &[Kind::PaidHereOnly, Kind::DeliveredUnpaid],
    ),
    (
        "delivered, and its money went back, as both know",
        |sides| {
            let payment = &mut sides.orders[0].payments[0];
            (payment.state, payment.booked.held) = (PaymentState::Refunded, Rupiah::ZERO);
            sides.gateways.insert(payment.reference.clone(), found(ObservedState::Refunded, Some(PRICE)));
        },
        &[],
    ),
    (
        "paid from store credit",
        |sides| {
            let payment = &mut sides.orders[0].payments[0];
            payment.gateway = "wallet".into();
            sides.gateways.clear();
        },
        &[],
    ),
    (
        "store credit that was not taken",
        |sides| {
            let payment = &mut sides.orders[0].payments[0];
            (payment.gateway, payment.booked.pays) = ("wallet".to_owned(), false);
        },
        &[Kind::DeliveredUnpaid],
    ),
    (
        "the supplier failed it after it had delivered",
        |sides| {
            let failed = word(Verdict::FailedProvider, None, noon(30));
            sides.orders[0].attempts[0].words.push(failed);
        },
        &[Kind::NotDeliveredThere],
    ),
    (
        "the supplier took it back, and an older success followed",
        |sides| {
            let words = &mut sides.orders[0].attempts[0].words;
            words.push(word(Verdict::Reversed, None, noon(30)));
            words.push(word(Verdict::Succeeded, None, noon(31)));
        },
        &[Kind::NotDeliveredThere],
    ),
    (
        "a doubtful failure of before comes late",
        |sides| {
            let late = word(Verdict::FailedUnproven, None, noon(30));
            sides.orders[0].attempts[0].words.push(late);
        },
        &[],
    ),
    (
        "nobody ever said that it was delivered",
        |sides| {
            let attempt = &mut sides.orders[0].attempts[0];
            (attempt.code, attempt.words) = (None, Vec::new());
        },
        &[Kind::NotDeliveredThere],
    ),
    ("made before words were kept", |sides| sides.orders[0].attempts[0].words.clear(), &[]),
    (
        "delivered, and nothing was bought",
        |sides| sides.orders[0].attempts.clear(),
        &[Kind::NotDeliveredThere],
    ),
    (
        "failed here, delivered there",
        |sides| {
            let order = &mut sides.orders[0];
            order.state = OrderState::Refunded;
            order.attempts[0].state = AttemptState::Failed;
        },
        &[Kind::DeliveredThere],
    ),
    (
        "a supplier that can be asked says that it failed",
        |sides| {
            let reference = sides.orders[0].attempts[0].reference.clone();
            sides.suppliers.insert(reference, SupplierSays::Told(Verdict::FailedProvider, "02".into()));
        },
        &[Kind::NotDeliveredThere],
    ),
    (
        "a supplier that can be asked has decided",
        |sides| {
            at_work(sides);
            let reference = sides.orders[0].attempts[0].reference.clone();
            sides.suppliers.insert(reference, SupplierSays::Told(Verdict::Succeeded, "00".into()));
        },
        &[Kind::MissingWebhook],
    ),
    ("the supplier is at work", at_work, &[]),
    (
        "the supplier is at work and is asked no more",
        |sides| {
            at_work(sides);
            sides.orders[0].attempts[0].due_at = None;
        },
        &[Kind::Undecided],
    ),
    (
        "the supplier is at work for a day",
        |sides| {
            at_work(sides);
            sides.now = noon(86_400 + 60);
        },
        &[Kind::Undecided],
    ),
    (
        "another price than is booked",
        |sides| sides.orders[0].attempts[0].booked = Rupiah::new(COST - 1),
        &[Kind::WrongPrice],
    ),
    (
        "a delivery that is not booked",
        |sides| sides.orders[0].attempts[0].booked = Rupiah::ZERO,
        &[Kind::WrongPrice],
    ),
    (
        "paid for long, and not bought",
        |sides| {
            let order = &mut sides.orders[0];
            order.state = OrderState::Paid;
            order.attempts.clear();
        },
        &[Kind::PaidNotBought],
    ),
    (
        "paid a moment ago",
        |sides| {
            let order = &mut sides.orders[0];
            (order.state, order.updated_at) = (OrderState::Paid, sides.now);
            order.attempts.clear();
        },
        &[],
    ),
    (
        "refused by the supplier, and nobody has decided",
        |sides| {
            let order = &mut sides.orders[0];
            (order.state, order.attention) = (OrderState::NeedsAttention, Some(Attention::SupplierRefusesUs));
            order.attempts[0].state = AttemptState::Failed;
            order.attempts[0].words = vec![word(Verdict::RefusedBalance, Some(noon(11)), noon(12))];
        },
        &[Kind::PaidNotBought],
    ),
    (
        "never sent for long",
        |sides| {
            let order = &mut sides.orders[0];
            order.state = OrderState::Fulfilling;
            (order.attempts[0].state, order.attempts[0].first_sent_at) = (AttemptState::Intended, None);
            order.attempts[0].words.clear();
        },
        &[Kind::PaidNotBought],
    ),
    (
        "another rate",
        |sides| {
            *sides.rates.get_mut(&("midtrans".to_owned(), PaymentMethod::GopayQr)).unwrap() = Fee::share(250)
        },
        &[Kind::Fee],
    ),
    (
        "a payment that we do not know",
        |sides| sides.strangers.push(stranger(StrangerSays::Payment(settled(PRICE)))),
        &[Kind::UnknownPayment],
    ),
    (
        "a payment that we do not know and that nobody paid",
        |sides| sides.strangers.push(stranger(StrangerSays::Payment(found(ObservedState::Pending, None)))),
        &[],
    ),
    (
        "a payment that nobody knows",
        |sides| sides.strangers.push(stranger(StrangerSays::Payment(GatewaySays::NotFound))),
        &[],
    ),
    ("a test notification", |sides| sides.strangers.push(stranger(StrangerSays::NotOurForm)), &[]),
    (
        "a purchase that we do not know",
        |sides| sides.strangers.push(stranger(StrangerSays::Purchase(Verdict::Succeeded, "00".into()))),
        &[Kind::UnknownPurchase],
    ),
    (
        "a deposit that fell by something else",
        |sides| {
            let fell = deposit(sides, 100_000, 100_000 - COST - 5_000);
            sides.deposits.push(fell);
        },
        &[Kind::Deposit],
    ),
    (
        "a deposit that was filled",
        |sides| {
            let filled = deposit(sides, 100_000, 1_100_000 - COST);
            sides.deposits.push(filled);
        },
        &[Kind::Deposit],
    ),
    (
        "a deposit that fell by what we bought",
        |sides| {
            let bought = deposit(sides, 100_000, 100_000 - COST);
            sides.deposits.push(bought);
        },
        &[],
    ),
    (
        "a settlement report that says something else of each thing",
        |sides| {
            let paid = line(LineKind::Payment, PRICE, Some(FEE + 1));
            let settlement = &mut sides.settlement;
            settlement.entries = vec![
                entry(Some(ours(PaymentState::Settled)), vec![paid.clone(), paid]),
                entry(Some(ours(PaymentState::Settled)), vec![line(LineKind::Refund, 5_000, None)]),
                entry(Some(ours(PaymentState::Settled)), vec![line(LineKind::Chargeback, PRICE, None)]),
            ];
            settlement.expected = vec![missing(None, Vec::new()), missing(Some(5_000), Vec::new())];
            let bad = UnreadableLine { line: 7, reason: "no amount".into(), text: "x".into() };
            let days = ("2026-11-22", "2026-11-22");
            let mut unreadable = report(ListedBy::Settled, days, "2026-11-23 09:00:00");
            unreadable.unreadable = vec![bad];
            settlement.reports = vec![unreadable];
        },
        &[
            Kind::NotSettled,
            Kind::SettledTwice,
            Kind::UnknownRefund,
            Kind::RefundNotSettled,
            Kind::Chargeback,
            Kind::FeeKept,
            Kind::UnreadableLine,
        ],
    ),
];

#[test]
fn every_kind_of_difference_is_found_and_named() {
    let mut seen = BTreeSet::new();
    for (what, lie, expected) in LIES {
        let mut sides = day_of(vec![delivered(1)]);
        lie(&mut sides);
        let found = compare(&sides);
        assert_eq!(kinds(&found), *expected, "{what}: {found:#?}");
        assert_eq!(found.not_asked, [], "{what}");
        for difference in &found.differences {
            assert!(!difference.ledger.is_empty() && !difference.cause.is_empty(), "{what}: {difference:?}");
            assert!(difference.gateway.is_some() || difference.supplier.is_some(), "{what}: {difference:?}");
            assert!(!difference.action.is_empty(), "{what}: {difference:?}");
            assert!(found.looked_at.contains(&difference.subject), "{what}: {difference:?}");
            seen.insert(difference.kind);
        }
    }
    // The rest is made of the words of gateways, in the table above.
    let of_words = [
        Kind::PaymentNotFound,
        Kind::WrongAmount,
        Kind::TakenBack,
        Kind::StillPayable,
        Kind::StateDiffers,
        Kind::UnclearWord,
    ];
    let missing: Vec<&Kind> = Kind::ALL.iter().filter(|kind| !seen.contains(*kind)).collect();
    assert_eq!(missing, of_words.iter().collect::<Vec<_>>(), "a kind without a lie");
}
