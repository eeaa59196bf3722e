//! What goes back at a gateway: whose it was, where the gateway lists its refunds by their keys; and what a bank
//! takes back of what had gone back before, step by step.

use super::*;
use crate::{ListedRefund, RefundOrigin};
use vocabulary::{Actor, Ids, Purpose, Reference, RefundId};

/// The `nth` refund of ours of a payment.
fn ours(payment: &Payment, nth: u32, state: RefundState, amount: i64) -> Refund {
    Refund {
        id: RefundId::new(&Ids::seeded(u64::from(nth)), NOW),
        order: payment.order.clone(),
        payment: payment.id.clone(),
        reference: Reference::new(payment.reference.order(), Purpose::Refund, nth),
        gateway: payment.gateway.clone(),
        amount: Rupiah::new(amount),
        origin: RefundOrigin::Wallet,
        state,
        reason: "asked for".into(),
        requested_by: Actor::system(),
        approved_by: None,
        refusal: None,
        refused_at: None,
        gateway_refund_id: None,
        note: None,
        sends: 1,
        asked: 1,
        nudges: 0,
        sent_at: Some(NOW),
        settled_at: None,
        created_at: NOW,
        fence: 1,
        due_at: Some(NOW),
    }
}

/// A part went back, and the gateway lists these refunds, by key: `R1` is our first.
fn listing(payment: &Payment, back: i64, listed: &[(&str, i64)]) -> StatusOutcome {
    let StatusOutcome::Found(seen) = partly(Some(back)) else { panic!("nothing was found") };
    let listed = listed.iter().map(|(key, amount)| ListedRefund {
        key: match key.strip_prefix('R') {
            Some(nth) => Some(format!("{}-R{nth}", payment.reference.order())),
            None => Some((*key).to_owned()).filter(|key| !key.is_empty()),
        },
        amount: Rupiah::new(*amount),
    });
    StatusOutcome::Found(Observation { refunds: Some(listed.collect()), ..seen })
}

#[test]
fn two_refunds_of_one_amount_are_told_apart_by_their_keys_where_the_gateway_lists_them() {
    use Happened as H;
    use RefundState as S;
    let before = with_refunds(PaymentState::Refunding, 5_000, 0);
    for (state, back, listed, happened, beside) in [
        // Another's is there, and ours is slow.
        (S::Unknown, 5_000, &[("by-hand", 5_000)][..], H::TakenBack, Some(5_000)),
        (S::Pending, 5_000, &[("", 5_000)][..], H::TakenBack, Some(5_000)),
        // Ours is there.
        (S::Unknown, 5_000, &[("R1", 5_000)][..], H::OwnRefund, None),
        // Both are.
        (S::Unknown, 10_000, &[("by-hand", 5_000), ("R1", 5_000)][..], H::TakenBack, Some(5_000)),
        (S::Unknown, 9_000, &[("R1", 5_000), ("by-hand", 3_000), ("", 1_000)][..], H::TakenBack, Some(4_000)),
        // A list of something else than all that went back tells nothing: the sum is ours.
        (S::Unknown, 5_000, &[("by-hand", 4_000)][..], H::OwnRefund, None),
        (S::Unknown, 5_000, &[][..], H::OwnRefund, None),
    ] {
        let refund = ours(&before, 1, state, 5_000);
        let says = listing(&before, back, listed);
        let (next, did) = super::super::after_status(&before, &[refund], says, NOW);
        let told = format!("{state}: {back} by {listed:?}");
        assert_eq!((did, next.given_back), (happened, beside.map(Rupiah::new)), "{told}");
        assert_eq!((next.refunding, next.refunded), (before.refunding, before.refunded), "{told}");
    }
    // Another's is known, and ours arrives: it is asked about.
    let known = Payment {
        given_back: Some(Rupiah::new(5_000)),
        state: PaymentState::PartlyRefunded,
        ..before.clone()
    };
    let says = listing(&before, 10_000, &[("by-hand", 5_000), ("R1", 5_000)]);
    let (next, did) = super::super::after_status(&known, &[ours(&before, 1, S::Unknown, 5_000)], says, NOW);
    assert_eq!((did, next.given_back), (H::OwnRefund, known.given_back));
    // By a sum alone they look alike.
    let refund = ours(&before, 1, S::Unknown, 5_000);
    let (next, did) = super::super::after_status(&before, &[refund], partly(Some(5_000)), NOW);
    assert_eq!((did, next.given_back), (H::OwnRefund, None));
}

#[test]
fn a_refund_that_ended_counts_as_it_ended_whatever_key_it_went_back_under() {
    use RefundState as S;
    let back = |payment: &Payment, refunds: &[Refund], listed: &[(&str, i64)]| {
        let sum = listed.iter().map(|(_, amount)| amount).sum();
        let (next, did) = super::super::after_status(payment, refunds, listing(payment, sum, listed), NOW);
        (did, next.given_back.map(Rupiah::get))
    };
    // A person has said that what was given back by hand was ours: nothing else went back.
    let done = Payment {
        given_back: Some(Rupiah::new(5_000)),
        ..with_refunds(PaymentState::PartlyRefunded, 0, 5_000)
    };
    let first = ours(&done, 1, S::Done, 5_000);
    assert_eq!(back(&done, std::slice::from_ref(&first), &[("by-hand", 5_000)]), (Happened::Nothing, None));
    // The next of ours is known by its key all the same.
    let second = ours(&done, 2, S::Unknown, 5_000);
    let two = Payment { given_back: None, ..with_refunds(PaymentState::Refunding, 5_000, 5_000) };
    let both = [first, second.clone()];
    assert_eq!(back(&two, &both, &[("by-hand", 5_000), ("R2", 5_000)]), (Happened::OwnRefund, None));
    assert_eq!(back(&two, &both, &[("by-hand", 5_000)]), (Happened::OwnRefund, None));
    let three = [("by-hand", 5_000), ("R2", 5_000), ("more", 1_000)];
    assert_eq!(back(&two, &both, &three), (Happened::TakenBack, Some(1_000)));
    // One that had become store credit, and arrives after that, is beside ours: the buyer has it twice.
    let refused = ours(&two, 1, S::Refused, 4_000);
    let live = with_refunds(PaymentState::Refunding, 5_000, 0);
    let told = back(&live, &[refused, second], &[("R1", 4_000)]);
    assert_eq!(told, (Happened::TakenBack, Some(4_000)));
    // Of another payment of the same order it says nothing.
    let other = Payment { id: vocabulary::PaymentId::new(&Ids::seeded(9), NOW), ..live.clone() };
    let of_other = ours(&other, 1, S::Unknown, 5_000);
    assert_eq!(back(&live, &[of_other], &[("R1", 5_000)]), (Happened::TakenBack, Some(5_000)));
}

#[test]
fn when_all_of_it_is_gone_a_refund_on_its_way_has_nothing_left_to_come_from() {
    let before = with_refunds(PaymentState::Refunding, 5_000, 0);
    let StatusOutcome::Found(seen) = saying(ObservedState::Refunded, Some(20_000)) else {
        panic!("nothing was found")
    };
    let by_hand = ListedRefund { key: Some("by-hand".into()), amount: Rupiah::new(20_000) };
    let (given_back, refunds) = (Some(Rupiah::new(20_000)), Some(vec![by_hand]));
    let says = StatusOutcome::Found(Observation { given_back, refunds, ..seen });
    let refund = ours(&before, 1, RefundState::Unknown, 5_000);
    let (next, did) = super::super::after_status(&before, &[refund], says, NOW);
    assert_eq!((next.state, did), (PaymentState::Refunded, Happened::TakenBack));
    assert_eq!(next.given_back, Some(Rupiah::new(15_000)), "and the rest is what ours was to be");
}

/// A bank took something, and the gateway says so much of what went back in all.
fn by_bank(state: ObservedState, back: Option<i64>) -> StatusOutcome {
    let StatusOutcome::Found(seen) = saying(state, Some(20_000)) else { panic!("nothing was found") };
    let given_back = back.map(Rupiah::new);
    StatusOutcome::Found(Observation { stated: "00 chargeback".into(), given_back, ..seen })
}

#[test]
fn every_further_step_in_which_a_bank_takes_back_what_we_gave_back_is_news_once() {
    use ObservedState::{PartlyRefunded as Part, Refunded as Whole};
    let all_ours = || with_refunds(PaymentState::Refunded, 0, 20_000);
    for steps in [
        // By what went back in all, which grows; the bank takes no more than came in.
        &[
            (Whole, Some(25_000), 5_000, true),
            (Whole, Some(25_000), 5_000, false),
            (Whole, Some(32_000), 12_000, true),
            (Whole, Some(31_000), 12_000, false),
            (Whole, Some(40_000), 20_000, true),
            (Whole, Some(60_000), 20_000, false),
        ][..],
        // By its words alone: of a part nobody knows how much it is, and a whole is the whole.
        &[
            (Part, None, 0, true),
            (Part, None, 0, false),
            (Whole, None, 20_000, true),
            (Part, None, 20_000, false),
        ],
    ] {
        let mut payment = all_ours();
        for (state, back, known, is_news) in steps {
            let (next, did) = after_status(&payment, by_bank(*state, *back), NOW);
            let happened = if *is_news { Happened::ChargedBack } else { Happened::Nothing };
            assert_eq!((did, next.charged_back), (happened, Some(Rupiah::new(*known))), "{state} {back:?}");
            assert_eq!((next.state, next.given_back), (PaymentState::Refunded, None), "{state} {back:?}");
            payment = next;
        }
    }
    // While one of ours is on its way nobody knows; when it has arrived, it is known.
    let on_its_way = with_refunds(PaymentState::Refunding, 20_000, 0);
    let (heard, did) = after_status(&on_its_way, by_bank(Whole, Some(20_000)), NOW);
    assert_eq!((did, heard.charged_back), (Happened::ChargedBack, Some(Rupiah::ZERO)));
    let arrived = Payment { charged_back: heard.charged_back, ..all_ours() };
    let (known, did) = after_status(&arrived, by_bank(Whole, Some(40_000)), NOW);
    assert_eq!((did, known.charged_back), (Happened::ChargedBack, Some(Rupiah::new(20_000))));
}

#[test]
fn what_a_bank_takes_beyond_a_part_that_went_back_is_known_where_the_gateway_says_how_much_went_back() {
    use ObservedState::{PartlyRefunded as Part, Refunded as Whole};
    // So much went back by refunds of ours; so much did in all; what of it is not ours, and what went back twice.
    for (refunded, state, back, beside, twice) in [
        (5_000, Whole, Some(25_000), 15_000, Some(5_000)),
        (5_000, Whole, Some(22_000), 15_000, Some(2_000)),
        (5_000, Whole, Some(20_000), 15_000, None),
        (15_000, Whole, Some(23_000), 5_000, Some(3_000)),
        (5_000, Part, Some(12_000), 7_000, None),
        // It takes no more than came in.
        (5_000, Whole, Some(900_000), 15_000, Some(20_000)),
        // A word without an amount may mean the rest alone.
        (5_000, Whole, None, 15_000, None),
        // Nothing went back by us, and the owner gave back a part in the dashboard.
        (0, Whole, Some(24_000), 20_000, Some(4_000)),
    ] {
        let from = if refunded > 0 { PaymentState::PartlyRefunded } else { PaymentState::Settled };
        let before = with_refunds(from, 0, refunded);
        let (next, did) = after_status(&before, by_bank(state, back), NOW);
        let told = format!("{refunded} by us, {back:?} in all");
        assert_eq!((did, next.given_back), (Happened::TakenBack, Some(Rupiah::new(beside))), "{told}");
        assert_eq!(next.charged_back, twice.map(Rupiah::new), "{told}");
        let (again, did) = after_status(&next, by_bank(state, back), NOW);
        assert_eq!((did, again.charged_back), (Happened::Nothing, next.charged_back), "{told}, told again");
    }
    // What it takes after that is told by itself.
    let before = with_refunds(PaymentState::PartlyRefunded, 0, 5_000);
    let (some, _) = after_status(&before, by_bank(Whole, Some(22_000)), NOW);
    let (more, did) = after_status(&some, by_bank(Whole, Some(25_000)), NOW);
    assert_eq!((did, more.charged_back), (Happened::ChargedBack, Some(Rupiah::new(5_000))));
    // Nobody but a bank gives back more than came in; and while one of ours is on its way nobody knows.
    let StatusOutcome::Found(seen) = by_bank(Whole, Some(25_000)) else { panic!("nothing was found") };
    let no_bank = StatusOutcome::Found(Observation { stated: "00 SUCCESS".into(), ..seen });
    assert_eq!(after_status(&before, no_bank, NOW).0.charged_back, None);
    let moving = with_refunds(PaymentState::Refunding, 5_000, 5_000);
    assert_eq!(after_status(&moving, by_bank(Whole, Some(25_000)), NOW).0.charged_back, None);
}
