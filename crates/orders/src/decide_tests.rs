//! The life of an order: every state times every event, every way through a few payments, and random walks.

use super::*;
use std::collections::HashSet;
use vocabulary::Rupiah;

#[path = "decide/tests/walk.rs"]
mod walk;

/// A part of a payment that is known to have gone back.
const A_PART: PartBack = PartBack::Known(Rupiah::new(4_000));

const EVENTS: [Event; 68] = [
    Event::Approved,
    Event::Rejected,
    Event::HoldLapsed,
    Event::Cancelled,
    Event::WindowClosed,
    Event::MoneyArrived { still_possible: true },
    Event::MoneyArrived { still_possible: false },
    Event::OddMoney,
    Event::OddMoneyGone { another_left: false },
    Event::OddMoneyGone { another_left: true },
    Event::MoneyTakenBack { booked: Booked::ForOrder },
    Event::MoneyTakenBack { booked: Booked::AsCredit },
    Event::MoneyTakenBack { booked: Booked::Nothing },
    Event::SerialArrived,
    Event::DeliveryReplaced,
    Event::FulfilmentBegun { earlier: Earlier::Nothing },
    Event::FulfilmentBegun { earlier: Earlier::Open },
    Event::FulfilmentBegun { earlier: Earlier::Delivered },
    Event::Delivered { money_gone: false },
    Event::Delivered { money_gone: true },
    Event::Failed,
    Event::SupplierRefusesUs,
    Event::NextRoute { refused: false },
    Event::NextRoute { refused: true },
    Event::MustWait { empty: false },
    Event::MustWait { empty: true },
    Event::NobodySells,
    Event::SupplierSlow,
    Event::SupplierOdd,
    Event::Reversed { was_loss: false },
    Event::Reversed { was_loss: true },
    Event::ReversedUnpaid,
    Event::RefundBegun { part_back: false },
    Event::RefundBegun { part_back: true },
    Event::RefundDone { part_back: false },
    Event::RefundDone { part_back: true },
    Event::RefundSent,
    Event::RefundArrived,
    Event::RefundFellBack,
    Event::Retried { attempt_open: false, money_gone: false },
    Event::Retried { attempt_open: false, money_gone: true },
    Event::Retried { attempt_open: true, money_gone: false },
    Event::Retried { attempt_open: true, money_gone: true },
    Event::RefundOrdered { part_back: PartBack::Nothing },
    Event::RefundOrdered { part_back: A_PART },
    Event::RefundOrdered { part_back: PartBack::Unclear },
    Event::PartlyDelivered,
    Event::RestDelivered { settled: true },
    Event::DeliveredBeside,
    settled(Share::Nothing, WentBack::Nothing),
    settled(Share::Some, WentBack::Nothing),
    settled(Share::All, WentBack::Nothing),
    settled(Share::Some, WentBack::Less),
    settled(Share::All, WentBack::Less),
    settled(Share::Some, WentBack::Share),
    settled(Share::Nothing, WentBack::More),
    settled(Share::Some, WentBack::More),
    settled(Share::Nothing, WentBack::All),
    settled(Share::Some, WentBack::All),
    settled(Share::All, WentBack::All),
    Event::PartReversed { beside: Earlier::Nothing, money_gone: false },
    Event::PartReversed { beside: Earlier::Nothing, money_gone: true },
    Event::PartReversed { beside: Earlier::Open, money_gone: false },
    Event::PartReversed { beside: Earlier::Open, money_gone: true },
    Event::PartReversed { beside: Earlier::Delivered, money_gone: false },
    Event::PartReversed { beside: Earlier::Delivered, money_gone: true },
    Event::SettledReversed { unpaid: false },
    Event::SettledReversed { unpaid: true },
];

const fn settled(share: Share, back: WentBack) -> Event {
    Event::PartSettled { share, back }
}

fn positions() -> Vec<Position> {
    let plain = OrderState::ALL.iter().filter(|s| **s != OrderState::NeedsAttention);
    let calm = plain.map(|state| Position { state: *state, attention: None });
    let called = Attention::ALL
        .iter()
        .map(|attention| Position { state: OrderState::NeedsAttention, attention: Some(*attention) });
    calm.chain(called).collect()
}

/// One character for each cell: what follows for a state (row) from an event (column).
fn cell(position: Position, event: Event) -> String {
    match decide(position, event) {
        Decision::Nothing => "·".into(),
        Decision::Refused => "×".into(),
        Decision::Go { to, .. } if to == position.state => "=".into(),
        Decision::Go { to, .. } => to.to_string(),
    }
}

/// What is done when this happens; nothing when it is refused or old news.
fn effects(position: Position, event: Event) -> Vec<Effect> {
    match decide(position, event) {
        Decision::Go { effects, .. } => effects,
        Decision::Nothing | Decision::Refused => Vec::new(),
    }
}

/// The whole table, in words. A change of any cell has to be made here too.
///
/// What a supplier delivers is nothing (`·` in the columns of `Delivered`) only where no attempt can be: an
/// order has attempts from the first time that it is paid, and nothing leads back from there to these rows
/// (`whatever_is_delivered_is_booked`).
#[test]
fn every_event_in_every_state() {
    let mut table = String::new();
    for position in positions() {
        let name =
            position.attention.map_or(position.state.to_string(), |a| format!("{}/{a}", position.state));
        let cells: Vec<String> = EVENTS.iter().map(|event| cell(position, *event)).collect();
        table.push_str(&format!("{name}: {}\n", cells.join(" ")));
    }
    let expected = "\
awaiting_verification: awaiting_payment cancelled expired cancelled · = = = · · = = = · · · · · · · · · · · · · · · · · = · · · · · · · · × × × × × × × · · · × × × × × × × × × × × · · · · · · · ·
in_review: awaiting_payment cancelled expired cancelled · = = = · · = = = · · · · · · · · · · · · · · · · · = · · · · · · · · × × × × × × × · · · × × × × × × × × × × × · · · · · · · ·
blocked: × × · × · = = = · · = = = · · · · · · · · · · · · · · · · · = · · · · · · · · × × × × × × × · · · × × × × × × × × × × × · · · · · · · ·
awaiting_payment: × × · cancelled expired paid paid needs_attention · · = = = · · · · · · · · · · · · · · · · · = · · · · · · · · × × × × × × × · · · × × × × × × × × × × × · · · · · · · ·
paid: × × · × · = = = · · cancelled = = · · fulfilling needs_attention delivered delivered delivered · · · · needs_attention needs_attention failed · · · = · · · · · · · · × × × × × × × needs_attention = = × × × × × × × × × × × · · · · · · · ·
fulfilling: × × · × · = = = · · = = = · · · · · delivered delivered failed needs_attention = = needs_attention needs_attention · needs_attention needs_attention · = · · · · · · · · × × × × × × × needs_attention = = × × × × × × × × × × × · · · · · · · ·
delivered: × × · × · = = = · · = = = = = · · · = = · · · · · · · · · refunding = cancelled · · · · · · · × × × × × × × = = = × × × × × × × × × × × · · · · · · refunded refunded
failed: × × · × · = = = · · cancelled = = · · · · · delivered delivered · · · · · · · · · · = · refunding needs_attention · · · · · × × × × × × × needs_attention = = × × × × × × × × × × × · · · · · · · ·
refunding: × × · × · = = = · · cancelled = = · · · · · = = · · · · · · · · · · = · · · refunded needs_attention = refunded refunded × × × × × × × = = = × × × × × × × × × × × · · · · · · · ·
refunded: × × · × · = = = · · = = = · · · · · = = · · · · · · · · · · = · · · · · · · · × × × × × × × = = = × × × × × × × × × × × · · · · · · = =
expired: × × · × · paid = needs_attention · · = = = · · · · · · · · · · · · · · · · · = · · · · · · · · × × × × × × × · · · × × × × × × × × × × × · · · · · · · ·
cancelled: × × · · · paid = needs_attention · · = = = · · · · · = = · · · · · · · · · · = · · · · · · · · × × × × × × × = = = × × × × × × × × × × × · · · · · · · ·
needs_attention/odd_money: paid cancelled · × · paid cancelled = cancelled = = = = · · · · · = = · · · · · · · · · · = · · · · · · · · × × × × × × × = = = × × × × × × × × × × × · · · · · · · ·
needs_attention/supplier_slow: × × · × · = = = · · = = = · · · · · delivered delivered failed = fulfilling fulfilling = = · · · · = · · · · · · · · fulfilling × × × refunding refunded × = = = × × × × × × × × × × × · · · · · · · ·
needs_attention/supplier_refuses_us: × × · × · = = = · · = = = · · · · · delivered delivered failed = fulfilling fulfilling = = · · · · = · · · · · · · · fulfilling × × × refunding refunded × = = = × × × × × × × × × × × · · · · · · · ·
needs_attention/supplier_odd: × × · × · = = = · · = = = · · · · · delivered delivered failed = fulfilling fulfilling = = · · · · = · · · · · · · · fulfilling × × × refunding refunded × = = = × × × × × × × × × × × · · · · · · · ·
needs_attention/waits_for_supplier: × × · × · = = = · · cancelled = = · · · · · delivered delivered failed = fulfilling fulfilling = = failed · · · = · · · · · · · · fulfilling × × × refunding refunded × = = = × × × × × × × × × × × · · · · · · · ·
needs_attention/partly_delivered: × × · × · = = = · · = = = · · · · · delivered delivered · · · · · · · · · · = · · · · · · · · × × × × × × × = = = delivered delivered refunded delivered refunded delivered delivered delivered delivered delivered refunded failed failed = = delivered delivered · ·
needs_attention/partly_refunded: × × · × · = = = · · cancelled = = · · · · · delivered delivered · · · · · · · · · · = · · · · · · · · × × × × refunding refunded × = = = × × × × × × × × × × × · · · · · · · ·
";
    assert_eq!(table, expected);
}

#[test]
fn an_order_that_stays_where_it_is_keeps_its_reason_for_attention() {
    for position in positions() {
        for event in EVENTS {
            if let Decision::Go { to, attention, .. } = decide(position, event) {
                assert_eq!(attention.is_some(), to == OrderState::NeedsAttention, "{position:?} {event:?}");
            }
        }
    }
}

#[test]
fn a_refused_supplier_call_in_every_unfinished_state_leaves_the_money_in_escrow() {
    for event in [Event::SupplierRefusesUs, Event::SupplierSlow, Event::SupplierOdd] {
        for position in positions() {
            if let Decision::Go { effects, .. } = decide(position, event) {
                assert!(!effects.contains(&Effect::BookRefund) && !effects.contains(&Effect::CreditWallet));
            }
        }
    }
}

#[test]
fn odd_money_waits_for_a_person_while_the_order_is_unpaid_and_is_credited_at_once_after() {
    use OrderState as S;
    for position in positions() {
        let Decision::Go { to, attention, effects } = decide(position, Event::OddMoney) else {
            panic!("nothing is done about odd money at {position:?}");
        };
        let unpaid = matches!(position.state, S::AwaitingPayment | S::Expired | S::Cancelled);
        let alert = Effect::Alert(AlertKind::AmountMismatch);
        if unpaid || position.attention == Some(Attention::OddMoney) {
            assert_eq!((to, attention), (S::NeedsAttention, Some(Attention::OddMoney)), "{position:?}");
            assert_eq!(effects, [alert], "{position:?}: a person decides");
        } else {
            assert_eq!((to, attention), (position.state, position.attention), "{position:?}");
            assert_eq!(effects, [Effect::CreditOddMoney, alert], "{position:?}: nobody can decide");
        }
    }
}

#[test]
fn an_order_leaves_odd_money_with_none_of_it_undecided_no_stock_kept_from_others_and_nothing_to_pay() {
    let position = Position { state: OrderState::NeedsAttention, attention: Some(Attention::OddMoney) };
    let mut ways = 0;
    for event in EVENTS {
        let Decision::Go { to, effects, .. } = decide(position, event) else { continue };
        if to == OrderState::NeedsAttention {
            continue;
        }
        ways += 1;
        assert!(effects.contains(&Effect::Resolve(AlertKind::AmountMismatch)), "{event:?}: {effects:?}");
        let none_left = event == Event::OddMoneyGone { another_left: false };
        assert_eq!(effects.contains(&Effect::CreditOddMoney), !none_left, "{event:?}: {effects:?}");
        let released = effects.iter().filter(|effect| **effect == Effect::ReleaseStock).count();
        assert_eq!(released, usize::from(to.is_final()), "{event:?}: {effects:?}");
        // What is decided in the same step is not asked about again.
        assert_eq!(effects.last(), Some(&CLOSE_THE_OTHERS), "{event:?}: {effects:?}");
    }
    assert_eq!(ways, 5, "approved, rejected, our amount twice, and the last odd amount gone");
}

#[test]
fn what_was_taken_back_is_booked_by_what_it_had_become_whatever_else_paid_the_order() {
    use OrderState as S;
    let alert = Effect::Alert(AlertKind::PaymentTakenBack);
    let told = Effect::TellBuyer(MessageKind::MoneyReturned);
    for position in positions() {
        let taken_back = |booked| decide(position, Event::MoneyTakenBack { booked });
        let as_credit = stay(position, [Effect::TakeCreditBack]);
        assert_eq!(taken_back(Booked::AsCredit), as_credit, "{position:?}");
        assert_eq!(taken_back(Booked::Nothing), stay(position, [alert]), "{position:?}");
        let expected = match (position.state, position.attention) {
            (S::Paid | S::Failed, _) => {
                go(S::Cancelled, [Effect::ReleaseStock, Effect::BookTakenBack, told, alert])
            }
            (S::Refunding, _) => go(S::Cancelled, [Effect::BookTakenBack, told, alert]),
            (S::Fulfilling, _) => stay(position, [alert]),
            // Nothing is being delivered: it waits for a person who refunds it, or for its turn.
            (S::NeedsAttention, Some(Attention::PartlyRefunded | Attention::WaitsForSupplier)) => {
                go(S::Cancelled, [DECIDED, Effect::ReleaseStock, Effect::BookTakenBack, told, alert])
            }
            (S::NeedsAttention, Some(why)) if why != Attention::OddMoney => stay(position, [alert]),
            _ => stay(position, [Effect::BookChargeback, alert]),
        };
        assert_eq!(taken_back(Booked::ForOrder), expected, "{position:?}");
    }
}

#[test]
fn what_is_delivered_after_its_money_was_taken_back_is_earned_and_lost() {
    for position in positions() {
        let paid = effects(position, Event::Delivered { money_gone: false });
        let gone = effects(position, Event::Delivered { money_gone: true });
        assert!(!paid.contains(&Effect::BookChargeback), "{position:?}");
        let earned = gone.contains(&Effect::BookDelivery);
        assert_eq!(gone.contains(&Effect::BookChargeback), earned, "{position:?}: {gone:?}");
        assert_eq!(paid.contains(&Effect::BookDelivery), earned, "{position:?}: {paid:?}");
    }
}

/// Everywhere an order can get from here, whatever happens.
fn reachable(from: Position) -> HashSet<Position> {
    let (mut seen, mut ahead) = (HashSet::from([from]), vec![from]);
    while let Some(position) = ahead.pop() {
        for event in EVENTS {
            if let Decision::Go { to, attention, .. } = decide(position, event) {
                let next = Position { state: to, attention };
                if seen.insert(next) {
                    ahead.push(next);
                }
            }
        }
    }
    seen
}

#[test]
fn whatever_is_delivered_is_booked() {
    use OrderState as S;
    let before = [S::AwaitingVerification, S::InReview, S::Blocked, S::AwaitingPayment, S::Expired];
    let after = reachable(Position { state: S::Paid, attention: None });
    assert_eq!(after.len(), positions().len() - before.len(), "{after:?}");
    for position in positions() {
        let never_paid = before.contains(&position.state);
        assert_eq!(after.contains(&position), !never_paid, "{position:?}");
        for money_gone in [false, true] {
            let done = effects(position, Event::Delivered { money_gone });
            let booked = done.iter().filter(|e| matches!(e, Effect::BookDelivery | Effect::BookLoss)).count();
            assert_eq!(booked, usize::from(!never_paid), "{position:?}: {done:?}");
        }
        // A part is booked as a loss, or when a person has said what it is worth.
        let part = decide(position, Event::PartlyDelivered);
        let waits = matches!(&part, Decision::Go { attention: Some(Attention::PartlyDelivered), .. });
        let lost = effects(position, Event::PartlyDelivered).contains(&Effect::BookLoss);
        let one_waits_already = position.attention == Some(Attention::PartlyDelivered);
        assert_eq!(waits ^ lost, !never_paid && !one_waits_already, "{position:?}: {part:?}");
        assert_eq!(waits && lost, one_waits_already, "{position:?}: {part:?}");
    }
}

#[test]
fn what_comes_late_of_a_part_is_told_to_whoever_has_the_money_or_was_told_that_it_is_missing() {
    use OrderState as S;
    for position in positions() {
        let back = matches!(position.state, S::Refunding | S::Refunded | S::Cancelled);
        let late = Effect::TellBuyer(MessageKind::LatePart);
        assert_eq!(effects(position, Event::PartlyDelivered).contains(&late), back, "{position:?}");
        for settled in [true, false] {
            let mut told = effects(position, Event::RestDelivered { settled });
            told.retain(|effect| matches!(effect, Effect::TellBuyer(_)));
            let expected = match position.state {
                S::Delivered if settled => vec![Effect::TellBuyer(MessageKind::RestDelivered)],
                _ if back => vec![Effect::TellBuyer(MessageKind::LateDelivery)],
                _ => Vec::new(),
            };
            assert_eq!(told, expected, "{position:?} {settled}");
        }
    }
}

#[test]
fn what_was_given_back_in_part_is_refunded_by_a_person_and_never_whole() {
    use OrderState as S;
    let waits = a_person_refunds();
    for position in positions() {
        for event in [Event::RefundBegun { part_back: true }, Event::RefundDone { part_back: true }] {
            let ended = matches!(
                (position.state, event),
                (S::Failed, Event::RefundBegun { .. }) | (S::Refunding, Event::RefundDone { .. })
            );
            let expected = if ended { waits.clone() } else { Decision::Nothing };
            assert_eq!(decide(position, event), expected, "{position:?} {event:?}");
        }
        let whole = decide(position, Event::RefundOrdered { part_back: PartBack::Nothing });
        let rest = decide(position, Event::RefundOrdered { part_back: A_PART });
        let unclear = decide(position, Event::RefundOrdered { part_back: PartBack::Unclear });
        assert_eq!(unclear, Decision::Refused, "{position:?}: nobody knows how much is left");
        assert_eq!(rest == Decision::Refused, whole == Decision::Refused, "{position:?}");
        let done = effects(position, Event::RefundOrdered { part_back: A_PART });
        assert!(!done.contains(&Effect::BookRefund), "{position:?}: {done:?}");
        assert_eq!(done.contains(&Effect::BookRestRefund), rest != Decision::Refused, "{position:?}");
    }
}

#[test]
fn nothing_is_bought_again_while_it_may_be_delivered_or_for_money_that_is_gone() {
    for position in positions() {
        let may = position.attention.is_some_and(Attention::is_about_supplier);
        for (attempt_open, money_gone) in [(false, false), (false, true), (true, false), (true, true)] {
            let decision = decide(position, Event::Retried { attempt_open, money_gone });
            let bought = may && !attempt_open && !money_gone;
            assert_eq!(decision != Decision::Refused, bought, "{position:?} {attempt_open} {money_gone}");
        }
    }
}

#[test]
fn of_what_was_delivered_in_part_nothing_is_bought_waited_for_or_given_back_by_itself() {
    let part = Some(Attention::PartlyDelivered);
    let position = Position { state: OrderState::NeedsAttention, attention: part };
    let mut ways = 0;
    for event in EVENTS {
        let Decision::Go { to, attention, effects } = decide(position, event) else { continue };
        assert!(!effects.contains(&Effect::BeginAttempt), "{event:?}: {effects:?}");
        if (to, attention) == (position.state, position.attention) {
            continue;
        }
        ways += 1;
        assert!(effects.contains(&DECIDED), "{event:?}: {effects:?}");
        // The supplier has taken the part back: the buyer has what another attempt delivered, or nothing.
        if let Event::PartReversed { beside, .. } = event {
            let stands_in = effects.contains(&Effect::BookStandIn);
            assert_eq!(stands_in, beside == Earlier::Delivered, "{event:?}: {effects:?}");
            assert_eq!(to == OrderState::Delivered, stands_in, "{event:?}: {to}");
            assert!(effects.contains(&Effect::Alert(AlertKind::DeliveryReversed)), "{event:?}: {effects:?}");
            continue;
        }
        // It has delivered the rest, or a person has said what the part is worth.
        let over = matches!(event, Event::Delivered { .. } | Event::PartSettled { .. });
        assert!(over && matches!(to, OrderState::Delivered | OrderState::Refunded), "{event:?}: {to}");
        let booked = effects.contains(&Effect::BookDelivery) || effects.contains(&Effect::BookPart);
        assert!(booked, "{event:?}: {effects:?}");
    }
    assert_eq!(ways, 19, "delivered twice, settled eleven times, taken back six times");
}

#[test]
fn what_the_gateway_has_given_back_is_told_as_it_is_when_a_part_is_settled() {
    use MessageKind as M;
    use OrderState as S;
    let part = Position { state: S::NeedsAttention, attention: Some(Attention::PartlyDelivered) };
    for (share, back, to, told) in [
        (Share::Nothing, WentBack::Nothing, S::Delivered, M::Delivered),
        (Share::Some, WentBack::Nothing, S::Delivered, M::ShareGivenBack),
        (Share::All, WentBack::Nothing, S::Refunded, M::Refunded),
        (Share::Some, WentBack::Less, S::Delivered, M::ShareWentBack),
        (Share::All, WentBack::Less, S::Refunded, M::Refunded),
        (Share::Some, WentBack::Share, S::Delivered, M::ShareWentBack),
        // Who has got the rest in another way hears that it is there, whatever the shop has lost.
        (Share::Nothing, WentBack::More, S::Delivered, M::Delivered),
        (Share::Some, WentBack::More, S::Delivered, M::ShareWentBack),
        (Share::Nothing, WentBack::All, S::Delivered, M::MoneyReturned),
        (Share::Some, WentBack::All, S::Delivered, M::MoneyReturned),
        (Share::All, WentBack::All, S::Refunded, M::MoneyReturned),
    ] {
        let Decision::Go { to: went, effects, .. } = decide(part, settled(share, back)) else {
            panic!("{share:?} {back:?} settles nothing");
        };
        assert_eq!(went, to, "{share:?} {back:?}");
        let messages: Vec<_> = effects.iter().filter(|e| matches!(e, Effect::TellBuyer(_))).collect();
        assert_eq!(messages, [&Effect::TellBuyer(told)], "{share:?} {back:?}");
        // What may be lost is told to staff anew: what was said when it went back does not tell how much.
        let lost = matches!(back, WentBack::More | WentBack::All);
        let alert = AlertKind::PaymentTakenBack;
        assert_eq!(
            effects.ends_with(&[Effect::Resolve(alert), Effect::Alert(alert)]),
            lost,
            "{share:?} {back:?}"
        );
    }
}
