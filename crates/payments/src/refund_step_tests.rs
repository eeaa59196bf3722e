//! Every answer of a gateway in every state of a refund, and random conversations with one.

use super::*;
use crate::{Payment, PaymentState, RefundOrigin};
use proptest::prelude::*;
use vocabulary::{Actor, Ids, RefundId, Rupiah};

const NOW: Timestamp = Timestamp::from_millis(1_795_323_600_000);

/// A refund of ten thousand, created now and sent so often.
fn refund(state: RefundState, sends: i64) -> Refund {
    let payment = Payment::in_test(PaymentState::Refunding, NOW);
    Refund {
        id: RefundId::new(&Ids::seeded(2), NOW),
        order: payment.order,
        payment: payment.id,
        reference: "LK0123456789-R1".parse().unwrap(),
        gateway: "midtrans".into(),
        amount: Rupiah::new(10_000),
        origin: RefundOrigin::Escrow,
        state,
        reason: "refund".into(),
        requested_by: Actor::system(),
        approved_by: None,
        refusal: None,
        refused_at: None,
        gateway_refund_id: None,
        note: None,
        sends,
        asked: 0,
        nudges: 0,
        sent_at: (sends > 0).then_some(NOW),
        settled_at: None,
        created_at: NOW,
        fence: 1,
        due_at: Some(NOW),
    }
}

fn refused(reason: RefundRefusal) -> RefundOutcome {
    RefundOutcome::Refused { reason, code: "412".into(), message: "no".into() }
}

fn unknown() -> RefundOutcome {
    RefundOutcome::Unknown { reason: "no answer in time".into(), retry_after: None }
}

fn not_taken() -> RefundOutcome {
    RefundOutcome::NotTaken { reason: "not sent".into(), retry_after: None }
}

#[test]
fn whoever_asks_for_no_pause_gets_one_that_grows_to_a_minute() {
    for (asks, asked, pause) in [(0, 0, 2), (7, 0, 7), (900, 0, 300), (77, 40, 77), (0, 40, 60)] {
        assert_eq!(super::pause(Some(Duration::from_secs(asks)), asked), Duration::from_secs(pause));
    }
}

#[test]
fn every_answer_has_its_consequence() {
    use Called::{Asked, Sent};
    use RefundState as S;
    let done = || RefundOutcome::Done { refund_id: Some("7".into()) };
    let pending = || RefundOutcome::Pending { refund_id: None, stated: "in progress".into() };
    for (state, sends, called, outcome, expected, due) in [
        (S::Sent, 1, Sent, done(), S::Done, None),
        (S::Unknown, 1, Asked, done(), S::Done, None),
        (S::Pending, 1, Asked, done(), S::Done, None),
        (S::Sent, 1, Sent, pending(), S::Pending, Some(15)),
        (S::Pending, 2, Sent, pending(), S::Pending, Some(30)),
        (S::Sent, 1, Sent, unknown(), S::Unknown, Some(2)),
        (S::Pending, 1, Asked, unknown(), S::Pending, Some(2)),
        (S::Sent, 1, Asked, unknown(), S::Unknown, Some(2)),
        (S::Sent, 1, Sent, RefundOutcome::Exists, S::Unknown, Some(2)),
        // It did not arrive, and the same may be sent again.
        (S::Unknown, 1, Asked, RefundOutcome::NotFound, S::Intended, Some(0)),
        (S::Sent, 1, Asked, RefundOutcome::NotFound, S::Intended, Some(0)),
        (S::Sent, 1, Sent, RefundOutcome::NotFound, S::Unknown, Some(2)),
        // No connection: it certainly did not arrive.
        (S::Sent, 1, Sent, not_taken(), S::Intended, Some(2)),
        (S::Sent, 2, Sent, not_taken(), S::Unknown, Some(2)),
        (S::Unknown, 1, Asked, not_taken(), S::Unknown, Some(2)),
        // A refusal of the first is the end when it cannot mean that somebody has given the money back otherwise.
        (S::Sent, 1, Sent, refused(RefundRefusal::InsufficientBalance), S::Refused, None),
        (S::Sent, 1, Sent, refused(RefundRefusal::WindowOver), S::Refused, None),
        (S::Sent, 1, Sent, RefundOutcome::never_sent(RefundRefusal::NotRefundable), S::Refused, None),
        (S::Sent, 1, Sent, RefundOutcome::never_sent(RefundRefusal::Amount), S::Unknown, Some(2)),
        (S::Sent, 1, Sent, refused(RefundRefusal::NotRefundable), S::Unknown, Some(2)),
        (S::Sent, 1, Sent, refused(RefundRefusal::Other), S::Unknown, Some(2)),
        (S::Sent, 1, Sent, refused(RefundRefusal::WrongState), S::Unknown, Some(2)),
        (S::Sent, 1, Sent, refused(RefundRefusal::Amount), S::Unknown, Some(2)),
        // Of a repetition it says nothing about the first.
        (S::Sent, 2, Sent, refused(RefundRefusal::InsufficientBalance), S::Unknown, Some(2)),
        // Asked about, it has failed by the gateway's word.
        (S::Pending, 1, Asked, refused(RefundRefusal::Other), S::Refused, None),
    ] {
        let (next, happened) = after_refund(&refund(state, sends), called, outcome.clone(), NOW);
        let case = format!("{outcome:?} to {called:?} in {state} after {sends}");
        assert_eq!(next.state, expected, "{case}");
        assert_eq!(next.due_at, due.map(|s| NOW.plus(Duration::from_secs(s))), "{case}");
        assert_eq!(next.settled_at.is_some(), !expected.is_live(), "{case}");
        let ended = match expected {
            S::Done => RefundHappened::Done,
            S::Refused => RefundHappened::Refused(next.refusal.unwrap()),
            _ => RefundHappened::Nothing,
        };
        assert_eq!(happened, ended, "{case}");
    }
}

#[test]
fn a_refusal_of_a_repetition_is_believed_when_it_is_said_again_a_minute_later() {
    let no = || refused(RefundRefusal::WrongState);
    let (first, _) = after_refund(&refund(RefundState::Sent, 2), Called::Sent, no(), NOW);
    assert_eq!((first.state, first.refused_at), (RefundState::Unknown, Some(NOW)));
    let (asked, _) =
        after_refund(&first, Called::Asked, RefundOutcome::NotFound, NOW.plus(Duration::from_secs(2)));
    assert_eq!(asked.state, RefundState::Intended);
    assert_eq!(asked.due_at, Some(NOW.plus(BETWEEN_REFUSALS)), "not before a minute is over");
    let again = Refund { sends: 3, state: RefundState::Sent, ..asked };
    let early = NOW.plus(BETWEEN_REFUSALS - Duration::from_millis(1));
    assert_eq!(after_refund(&again, Called::Sent, no(), early).0.state, RefundState::Unknown);
    let (next, happened) = after_refund(&again, Called::Sent, no(), NOW.plus(BETWEEN_REFUSALS));
    assert_eq!(next.state, RefundState::Refused);
    assert_eq!(happened, RefundHappened::Refused(RefundRefusal::WrongState));
}

#[test]
fn nothing_is_sent_again_after_six_days_and_what_was_never_taken_is_given_up_after_one() {
    let sent = refund(RefundState::Unknown, 1);
    let late = NOW.plus(REPEATABLE);
    assert!(may_be_sent(&sent, late.minus(Duration::from_millis(1))) && !may_be_sent(&sent, late));
    assert!(may_be_sent(&refund(RefundState::Intended, 0), late), "it was never sent");
    let (next, _) = after_refund(&sent, Called::Asked, RefundOutcome::NotFound, late);
    assert_eq!(next.state, RefundState::Unknown, "it is asked about, and sent no more");
    let day = NOW.plus(NEVER_TAKEN);
    let unsent = refund(RefundState::Sent, 1);
    let (next, happened) = after_refund(&unsent, Called::Sent, not_taken(), day);
    assert_eq!((next.state, happened), (RefundState::Refused, RefundHappened::Refused(RefundRefusal::Other)));
    let twice = refund(RefundState::Sent, 2);
    assert_eq!(after_refund(&twice, Called::Sent, not_taken(), day).0.state, RefundState::Unknown);
}

#[test]
fn a_refund_that_takes_an_hour_calls_a_person_and_goes_on() {
    let hour = NOW.plus(SLOW);
    let (next, happened) = after_refund(&refund(RefundState::Pending, 1), Called::Asked, unknown(), hour);
    assert_eq!((next.state, happened), (RefundState::Pending, RefundHappened::Slow));
    assert!(next.due_at.is_some());
}

#[test]
fn a_person_says_how_a_refund_ended_only_when_it_takes_too_long_and_once() {
    let hour = NOW.plus(SLOW);
    for (state, said, expected) in [
        (RefundState::Unknown, ByHand::GivenBack, RefundState::Done),
        (RefundState::Pending, ByHand::GivenBack, RefundState::Done),
        (RefundState::Intended, ByHand::NotGivenBack, RefundState::Refused),
    ] {
        let open = refund(state, 1);
        assert_eq!(settled_by_hand(&open, said, hour.minus(Duration::from_millis(1))), None, "{state}");
        let ended = settled_by_hand(&open, said, hour).unwrap();
        assert_eq!((ended.state, ended.due_at, ended.settled_at), (expected, None, Some(hour)));
        assert_eq!(ended.refusal.is_some(), expected == RefundState::Refused);
        assert_eq!(settled_by_hand(&ended, said, hour), None, "it has ended");
    }
    let taken_on = refund(RefundState::Pending, 1);
    assert_eq!(settled_by_hand(&taken_on, ByHand::NotGivenBack, hour), None, "it may come yet");
}

/// A gateway that has given back or not, and whose answers get lost.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It acts and answers.
    Answers,
    /// It acts, and its answer is lost.
    AnswerLost,
    /// What is sent is lost.
    RequestLost,
    /// It takes nothing now.
    NotTaken,
    /// It refuses what it has not done yet.
    Refuses,
    /// It refuses whatever it is asked, as if it knew nothing of it.
    RefusesAll,
    /// It takes it on and is slow.
    Slow,
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = prop_oneof![
        Just(Fate::Answers),
        Just(Fate::AnswerLost),
        Just(Fate::RequestLost),
        Just(Fate::NotTaken),
        Just(Fate::Refuses),
        Just(Fate::RefusesAll),
        Just(Fate::Slow),
    ];
    proptest::collection::vec(fate, 0..40)
}

proptest! {
    /// Whatever a gateway does that gives back once under one key and tells the truth when it is asked:
    /// what we call done is given back once, and what we call refused was never given back.
    #[test]
    fn no_conversation_gives_back_twice_or_credits_what_went_back(fates in fates()) {
        let (mut row, mut now) = (refund(RefundState::Intended, 0), NOW);
        let (mut given, mut taken_on) = (false, false);
        for fate in fates.into_iter().chain([Fate::Answers; 8]) {
            if !row.state.is_live() {
                break;
            }
            now = now.max(row.due_at.unwrap());
            let is_sent = row.state == RefundState::Intended && may_be_sent(&row, now);
            let (called, outcome) = if is_sent {
                row = Refund { state: RefundState::Sent, sends: row.sends + 1, sent_at: row.sent_at.or(Some(now)), ..row };
                let outcome = match fate {
                    Fate::RequestLost => unknown(),
                    Fate::NotTaken => not_taken(),
                    Fate::RefusesAll => refused(RefundRefusal::WrongState),
                    Fate::Refuses if !given && !taken_on => refused(RefundRefusal::InsufficientBalance),
                    Fate::Slow if !given => {
                        taken_on = true;
                        RefundOutcome::Pending { refund_id: None, stated: "in progress".into() }
                    }
                    Fate::AnswerLost => {
                        given = true;
                        unknown()
                    }
                    _ => {
                        given = true;
                        RefundOutcome::Done { refund_id: None }
                    }
                };
                (Called::Sent, outcome)
            } else {
                let outcome = match fate {
                    Fate::AnswerLost | Fate::RequestLost | Fate::NotTaken => unknown(),
                    _ if given => RefundOutcome::Done { refund_id: None },
                    // What is in progress does not show.
                    _ => RefundOutcome::NotFound,
                };
                (Called::Asked, outcome)
            };
            row = after_refund(&row, called, outcome, now).0;
            prop_assert!(row.state != RefundState::Done || given, "{row:?}");
            // One that was taken on, and is refused twice with a minute between, is the gateway's word.
            prop_assert!(row.state != RefundState::Refused || !given, "{row:?}");
            prop_assert_eq!(row.state.is_live(), row.due_at.is_some());
        }
    }
}
