//! Every state of a payment of ours by every word of its gateway, and the amounts of both.

use super::{
    payment::{Judged, judge},
    report::DifferenceKind as Kind,
    scene_tests::*,
    view::*,
};
use payments::{ObservedState, PaymentState};
use vocabulary::{PaymentMethod, Rupiah};

#[test]
fn every_state_of_a_payment_meets_every_word_of_its_gateway() {
    use ObservedState as O;
    use PaymentState as P;
    let said = [
        settled(PRICE),
        settled(PRICE + 400),
        found(O::Settled, None),
        found(O::Pending, None),
        found(O::Expired, Some(PRICE)),
        found(O::Refunded, Some(PRICE)),
        found(O::PartlyRefunded, Some(PRICE)),
        found(O::Suspicious, Some(PRICE)),
        GatewaySays::NotFound,
        GatewaySays::Silent("down".into()),
    ];
    // Agreed `.`, noted `n`, not asked `?`; `!` after a difference about which the worker asks again.
    #[rustfmt::skip]
    let table: [(P, Option<i64>, [&str; 10]); 11] = [
        (P::Intended, None, ["missing_webhook!", "wrong_amount!", "wrong_amount!", ".", "n", "taken_back!", "taken_back!", "unclear_word", ".", "?"]),
        (P::Open, None, ["missing_webhook!", "wrong_amount!", "wrong_amount!", ".", "n", "taken_back!", "taken_back!", "unclear_word", "payment_not_found!", "?"]),
        (P::Unknown, None, ["missing_webhook!", "wrong_amount!", "wrong_amount!", ".", "n", "taken_back!", "taken_back!", "unclear_word", ".", "?"]),
        (P::Unknown, Some(PRICE + 400), ["wrong_amount!", "wrong_amount", "wrong_amount", "state_differs!", "state_differs!", "taken_back!", "wrong_amount", "unclear_word", "state_differs!", "?"]),
        (P::Settled, None, [".", "wrong_amount", "wrong_amount", "paid_here_only", "paid_here_only", "taken_back!", "taken_back!", "unclear_word", "payment_not_found", "?"]),
        (P::Refunding, None, [".", ".", ".", "paid_here_only", "paid_here_only", "state_differs!", ".", "unclear_word", "payment_not_found", "?"]),
        (P::PartlyRefunded, None, ["state_differs", "state_differs", "state_differs", "paid_here_only", "paid_here_only", "taken_back!", ".", "unclear_word", "payment_not_found", "?"]),
        (P::Refunded, None, ["state_differs", "state_differs", "state_differs", "state_differs", "state_differs", ".", "state_differs", "unclear_word", "payment_not_found", "?"]),
        (P::Denied, None, ["missing_webhook!", "wrong_amount!", "wrong_amount!", "still_payable!", ".", "taken_back!", "taken_back!", "unclear_word", ".", "?"]),
        (P::Expired, None, ["missing_webhook!", "wrong_amount!", "wrong_amount!", "still_payable!", ".", "taken_back!", "taken_back!", "unclear_word", ".", "?"]),
        (P::Cancelled, None, ["missing_webhook!", "wrong_amount!", "wrong_amount!", "still_payable!", ".", "taken_back!", "taken_back!", "unclear_word", ".", "?"]),
    ];
    let number = number(1);
    for (state, odd, expected) in table {
        let ours = OurPayment { odd_amount: odd.map(Rupiah::new), ..payment(&number, state) };
        for (says, expected) in said.iter().zip(expected) {
            let cell = match judge(&number, &ours, says, noon(60)) {
                Judged::Agrees => ".".to_owned(),
                Judged::Noted(_) => "n".to_owned(),
                Judged::NotAsked(_) => "?".to_owned(),
                Judged::Differs(found) => {
                    assert!(!found.cause.is_empty() && found.action.contains("loket order"), "{found:?}");
                    assert_eq!(found.subject, ours.reference);
                    format!("{}{}", found.kind, if found.asked_again { "!" } else { "" })
                }
            };
            assert_eq!(cell, expected, "{state} {odd:?} and {says:?}");
        }
    }
    // What the gateway has closed is a difference when it is not heard for an hour after its time.
    let open = payment(&number, P::Open);
    let late = judge(&number, &open, &found(O::Expired, None), noon(900 + 3_600));
    assert!(matches!(&late, Judged::Differs(found) if found.kind == Kind::StateDiffers), "{late:?}");
}

#[test]
fn row_books_and_gateway_name_one_amount() {
    let number = number(1);
    let paid = payment(&number, PaymentState::Settled);
    for (what, ours, theirs, agrees) in [
        ("nothing is wrong", paid.clone(), Some(PRICE), true),
        ("an accepted odd amount", odd(&paid, PRICE + 400, PRICE + 400), Some(PRICE + 400), true),
        ("an accepted amount that nobody can read", odd(&paid, 0, PRICE), None, true),
        ("booked at another amount", booked(&paid, PRICE - 1), Some(PRICE), false),
        ("not booked", booked(&paid, 0), Some(PRICE), false),
        (
            "a row that was changed",
            OurPayment { amount: Rupiah::new(PRICE + 1), ..paid.clone() },
            Some(PRICE),
            false,
        ),
        ("more at the gateway", paid.clone(), Some(PRICE + 1), false),
        ("an odd amount that is booked as ours", odd(&paid, PRICE + 400, PRICE), Some(PRICE + 400), false),
    ] {
        let judged = judge(&number, &ours, &found(ObservedState::Settled, theirs), noon(60));
        match &judged {
            Judged::Agrees => assert!(agrees, "{what}"),
            Judged::Differs(found) => {
                assert!(!agrees && found.kind == Kind::WrongAmount, "{what}: {found:?}")
            }
            other => panic!("{what}: {other:?}"),
        }
    }
}

fn odd(paid: &OurPayment, named: i64, held: i64) -> OurPayment {
    OurPayment { odd_amount: Some(Rupiah::new(named)), ..booked(paid, held) }
}

fn booked(paid: &OurPayment, held: i64) -> OurPayment {
    let booked = BookedMoney { held: Rupiah::new(held), ..paid.booked };
    OurPayment { booked, ..paid.clone() }
}

#[test]
fn what_a_cashier_took_back_went_back_and_is_asked_about_when_it_was_not_heard() {
    let number = number(1);
    let denied = found(ObservedState::Denied, Some(PRICE));
    for (method, state, expected) in [
        (PaymentMethod::CstoreIndomaret, PaymentState::Settled, "taken_back!"),
        (PaymentMethod::CstoreIndomaret, PaymentState::Refunded, "."),
        (PaymentMethod::CstoreAlfamart, PaymentState::Denied, "."),
        (PaymentMethod::VaBca, PaymentState::Settled, "paid_here_only"),
    ] {
        let ours = OurPayment { method, ..payment(&number, state) };
        let cell = match judge(&number, &ours, &denied, noon(60)) {
            Judged::Agrees => ".".to_owned(),
            Judged::Differs(found) => format!("{}{}", found.kind, if found.asked_again { "!" } else { "" }),
            _ => "?".to_owned(),
        };
        assert_eq!(cell, expected, "{method} {state}");
    }
}

#[test]
fn how_much_went_back_is_one_sum_on_both_sides() {
    use ObservedState as O;
    use PaymentState as P;
    let back = |by_us: i64, on_its_way: i64, otherwise: i64| WentBack {
        by_us: Rupiah::new(by_us),
        on_its_way: Rupiah::new(on_its_way),
        otherwise: Rupiah::new(otherwise),
        ..WentBack::default()
    };
    let in_part = |much: i64| gave_back(O::PartlyRefunded, much);
    let charged = WentBack { charged_back: Rupiah::new(PRICE), ..back(PRICE, 0, 0) };
    let unclear = WentBack { is_unclear: true, ..back(5_000, 0, 0) };
    let number = number(1);
    for (what, state, back, says, expected) in [
        ("a part by us", P::PartlyRefunded, back(5_000, 0, 0), in_part(5_000), "."),
        (
            "a part by us and one that we heard of",
            P::PartlyRefunded,
            back(5_000, 0, 4_000),
            in_part(9_000),
            ".",
        ),
        ("more than we heard of", P::PartlyRefunded, back(5_000, 0, 0), in_part(9_000), "taken_back!"),
        ("less than we gave", P::PartlyRefunded, back(5_000, 0, 4_000), in_part(5_000), "wrong_amount"),
        ("how much is not told", P::PartlyRefunded, back(5_000, 0, 0), found(O::PartlyRefunded, None), "."),
        ("nobody here knows how much", P::PartlyRefunded, unclear, in_part(9_000), "."),
        ("one on its way that shows", P::Refunding, back(0, 5_000, 0), in_part(5_000), "."),
        ("one on its way that does not show yet", P::Refunding, back(0, 5_000, 0), settled(PRICE), "."),
        ("one on its way and more", P::Refunding, back(0, 5_000, 0), in_part(5_001), "taken_back!"),
        (
            "one on its way, and the one before is gone",
            P::Refunding,
            back(4_000, 5_000, 0),
            settled(PRICE),
            "wrong_amount",
        ),
        ("all by us", P::Refunded, back(PRICE, 0, 0), gave_back(O::Refunded, PRICE), "."),
        (
            "all by us, and less there",
            P::Refunded,
            back(PRICE, 0, 0),
            gave_back(O::Refunded, PRICE - 1),
            "wrong_amount",
        ),
        (
            "all by us, and more",
            P::Refunded,
            back(PRICE, 0, 0),
            gave_back(O::Refunded, PRICE + 1),
            "taken_back!",
        ),
        ("all by us, and by the bank", P::Refunded, charged, gave_back(O::Refunded, 2 * PRICE), "."),
        (
            "all by us, and a bank that is not counted",
            P::Refunded,
            charged,
            gave_back(O::Refunded, PRICE),
            ".",
        ),
        // More than ours came in, and we never heard of it: that the whole went back is all that counts.
        ("all by somebody else", P::Refunded, back(0, 0, PRICE), gave_back(O::Refunded, PRICE + 400), "."),
    ] {
        let ours = OurPayment { back, ..payment(&number, state) };
        let cell = match judge(&number, &ours, &says, noon(60)) {
            Judged::Agrees => ".".to_owned(),
            Judged::Differs(found) => {
                assert!(found.ledger.contains("back by us"), "{what}: {found:?}");
                format!("{}{}", found.kind, if found.asked_again { "!" } else { "" })
            }
            other => panic!("{what}: {other:?}"),
        };
        assert_eq!(cell, expected, "{what}");
    }
    let unreadable =
        OurPayment { back: back(5_000, 0, 0), ..odd(&payment(&number, P::PartlyRefunded), 0, PRICE) };
    assert_eq!(judge(&number, &unreadable, &in_part(9_000), noon(60)), Judged::Agrees);
}
