//! A supplier that calls failed what it had called delivered. Who has a word for a delivery that it took back takes it
//! back by that word alone. Who has none means just that, and is believed when it says so again.

use crate::{Attempt, AttemptState, Capabilities, Outcome, Source, Verdict, step::SHORTEST_PAUSE};
use std::time::Duration;
use vocabulary::Timestamp;

/// Whether it says that nothing was delivered, finally.
pub(crate) fn is_denial(verdict: Verdict) -> bool {
    verdict.is_failure()
}

/// Since when a delivery is denied; none when it is not. A failure that was doubted before it turned out a delivery
/// is none.
pub(crate) fn denied_at(attempt: &Attempt) -> Option<Timestamp> {
    let delivered = attempt.state == AttemptState::Succeeded;
    attempt.doubted_at.filter(|at| delivered && attempt.ended_at.is_none_or(|ended| *at >= ended))
}

/// What was delivered, after it was called failed: `next` is the attempt with the words of that.
pub(crate) fn after_denial(
    (attempt, mut next): (&Attempt, Attempt),
    source: Source,
    capabilities: Capabilities,
    now: Timestamp,
    jitter_ms: u64,
) -> (Attempt, Outcome) {
    if capabilities.names_reversals {
        // Webhooks come in any order: one about a failure that was heard of before the delivery is older than that.
        let is_old = source == Source::Webhook && attempt.failed_at.is_some();
        return (attempt.clone(), if is_old { Outcome::Nothing } else { Outcome::Denied });
    }
    let pause = capabilities.min_requery.max(SHORTEST_PAUSE);
    // What was asked before the first denial came says nothing that is new.
    let said_again = source == Source::Answer
        && denied_at(attempt)
            .zip(attempt.last_asked_at)
            .is_some_and(|(since, asked)| asked >= since.plus(pause));
    if said_again {
        (next.state, next.ended_at, next.doubted_at) = (AttemptState::Reversed, Some(now), None);
        (next.due_at, next.remind_at) = (None, None);
        return (next, Outcome::Reversed);
    }
    // Until then its words stay those of the delivery.
    let mut next = attempt.clone();
    next.doubted_at = denied_at(attempt).or(Some(now));
    next.due_at = Some(now.plus(pause).plus(Duration::from_millis(jitter_ms % 6_000)));
    (next, Outcome::Denied)
}

/// What was taken back, after its supplier says that it was delivered: `next` is the attempt with the words of that. A
/// word for a reversal is the last one, and a webhook may be older than it. Who has no word was believed because it said
/// twice that nothing was delivered: if it answers otherwise now, the buyer may have both, and a person must see it,
/// once. Nothing else follows: it has said too much to be believed a third time.
pub(crate) fn after_reversal(
    (attempt, next): (&Attempt, Attempt),
    source: Source,
    capabilities: Capabilities,
) -> (Attempt, Outcome) {
    let said_before = attempt.verdict == Some(Verdict::Succeeded);
    if capabilities.names_reversals || source == Source::Webhook || said_before {
        return (attempt.clone(), Outcome::Nothing);
    }
    (next, Outcome::Alarm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::{apigames::CAPABILITIES as APIGAMES, digiflazz, vip_reseller};
    use crate::{Report, after_report, askable, step::Askable};
    use vocabulary::{AttemptId, Ids, OrderId, OrderNumber, Purpose, Reference, Rupiah};

    const DIGIFLAZZ: Capabilities = digiflazz::CAPABILITIES;
    const VIP: Capabilities = vip_reseller::CAPABILITIES;
    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

    fn later(secs: u64) -> Timestamp {
        NOW.plus(Duration::from_secs(secs))
    }

    /// Delivered at `NOW`, asked about `asked` times.
    fn delivered(asked: i64) -> Attempt {
        let ids = Ids::seeded(1);
        Attempt {
            id: AttemptId::new(&ids, NOW),
            order: OrderId::new(&ids, NOW),
            reference: Reference::new(&OrderNumber::new(&ids), Purpose::Fulfilment, 1),
            supplier: "apigames".into(),
            sku: "ml86".into(),
            customer_no: "1|2".into(),
            max_price: Rupiah::new(18_000),
            state: AttemptState::Succeeded,
            code: None,
            message: Some("delivered".into()),
            serial_number: Some("SN".into()),
            price: Some(Rupiah::new(18_000)),
            number: Some("A".into()),
            earlier: None,
            first_sent_at: Some(NOW),
            last_asked_at: Some(NOW),
            answered_at: Some(NOW),
            asked,
            doubted_at: None,
            reminders: 0,
            remind_at: None,
            routing: None,
            verdict: Some(Verdict::Succeeded),
            ended_at: Some(NOW),
            failed_at: None,
            created_at: NOW,
            nudges: 0,
            fence: 1,
            due_at: None,
        }
    }

    /// The answer to a question that is asked at this moment.
    fn asked(attempt: &Attempt, verdict: Verdict, can: Capabilities, at: Timestamp) -> (Attempt, Outcome) {
        let asked = Attempt { last_asked_at: Some(at), due_at: None, ..attempt.clone() };
        after_report(&asked, (&Report::bare(verdict, "said"), Source::Answer), can, at, 0)
    }

    #[test]
    fn a_failure_after_a_delivery_is_a_reversal_when_it_is_said_again_a_minute_later() {
        for can in [VIP, APIGAMES] {
            for verdict in [Verdict::FailedProvider, Verdict::FailedCustomer] {
                let (denied, did) = asked(&delivered(9), verdict, can, later(3_600));
                assert_eq!((denied.state, did), (AttemptState::Succeeded, Outcome::Denied));
                assert_eq!(
                    (denied.verdict, denied.message.as_deref()),
                    (Some(Verdict::Succeeded), Some("delivered"))
                );
                let due = later(3_660);
                assert_eq!(denied.due_at, Some(due), "however often it was asked before");
                assert_eq!(askable(&denied, can, due), Askable::Now);
                // Sooner, because of a callback.
                let (sooner, did) = asked(&denied, verdict, can, later(3_659));
                assert_eq!((sooner.state, did), (AttemptState::Succeeded, Outcome::Denied));
                assert_eq!(sooner.doubted_at, denied.doubted_at);
                let (reversed, did) = asked(&denied, verdict, can, due);
                assert_eq!((reversed.state, did), (AttemptState::Reversed, Outcome::Reversed));
                assert_eq!((reversed.due_at, reversed.ended_at), (None, Some(due)));
                // And that is the end of it.
                let (over, did) = asked(&reversed, verdict, can, later(9_000));
                assert_eq!((over.state, over.due_at, did), (AttemptState::Reversed, None, Outcome::Nothing));
            }
        }
    }

    #[test]
    fn a_denial_is_asked_about_until_it_is_said_again_or_taken_back() {
        let (denied, _) = asked(&delivered(1), Verdict::FailedProvider, VIP, later(10));
        for verdict in [Verdict::Unknown, Verdict::Pending, Verdict::UnknownWord, Verdict::NotSent] {
            let (open, did) = asked(&denied, verdict, VIP, later(80));
            assert_eq!((open.state, did), (AttemptState::Succeeded, Outcome::Nothing), "{verdict}");
            assert!(open.due_at.is_some_and(|due| due >= later(140)), "{verdict}: {:?}", open.due_at);
            assert_eq!(
                asked(&open, Verdict::FailedProvider, VIP, later(200)).1,
                Outcome::Reversed,
                "{verdict}"
            );
        }
        let (again, did) = asked(&denied, Verdict::Succeeded, VIP, later(80));
        assert_eq!((again.state, again.doubted_at, again.due_at), (AttemptState::Succeeded, None, None));
        assert_eq!(did, Outcome::Nothing);
        assert_eq!(
            asked(&again, Verdict::FailedProvider, VIP, later(200)).1,
            Outcome::Denied,
            "the first anew"
        );
    }

    #[test]
    fn who_answers_that_it_delivered_what_it_had_denied_twice_is_seen_by_a_person_once() {
        for can in [VIP, APIGAMES] {
            let (denied, _) = asked(&delivered(1), Verdict::FailedProvider, can, later(10));
            let (reversed, _) = asked(&denied, Verdict::FailedProvider, can, later(80));
            assert_eq!(reversed.state, AttemptState::Reversed);
            // Nobody knows when a webhook was true: it may be that of the delivery.
            let webhook = (&Report::bare(Verdict::Succeeded, ""), Source::Webhook);
            let (told, did) = after_report(&reversed, webhook, can, later(200), 0);
            assert_eq!((told.state, told.verdict, did), (reversed.state, reversed.verdict, Outcome::Nothing));
            let (again, did) = asked(&reversed, Verdict::Succeeded, can, later(200));
            assert_eq!((again.state, again.due_at, did), (AttemptState::Reversed, None, Outcome::Alarm));
            assert_eq!(asked(&again, Verdict::Succeeded, can, later(300)).1, Outcome::Nothing, "once");
        }
        let named =
            Attempt { state: AttemptState::Reversed, verdict: Some(Verdict::Reversed), ..delivered(1) };
        let (still, did) = asked(&named, Verdict::Succeeded, DIGIFLAZZ, later(200));
        assert_eq!((still.state, did), (AttemptState::Reversed, Outcome::Nothing));
    }

    #[test]
    fn what_comes_by_webhook_is_no_second_answer() {
        let webhook = (&Report::bare(Verdict::FailedProvider, ""), Source::Webhook);
        let (told, did) = after_report(&delivered(1), webhook, VIP, later(10), 0);
        assert_eq!((told.due_at, did), (Some(later(70)), Outcome::Denied));
        let (told, did) = after_report(&told, webhook, VIP, later(600), 0);
        assert_eq!((told.state, did), (AttemptState::Succeeded, Outcome::Denied));
    }

    #[test]
    fn a_failure_that_was_doubted_before_it_was_delivered_is_no_denial() {
        let before = Attempt { doubted_at: Some(NOW.minus(Duration::from_secs(300))), ..delivered(1) };
        assert_eq!(asked(&before, Verdict::FailedProvider, VIP, later(600)).1, Outcome::Denied);
        let doubted = Attempt { state: AttemptState::Unknown, ended_at: None, ..before };
        let (delivered, _) = asked(&doubted, Verdict::Succeeded, VIP, later(1));
        assert_eq!((delivered.state, delivered.doubted_at), (AttemptState::Succeeded, None));
    }

    #[test]
    fn who_has_a_word_for_a_reversal_is_contradicting_itself_with_any_other() {
        for source in [Source::Answer, Source::Webhook] {
            for at in [10, 600] {
                let report = Report::bare(Verdict::FailedProvider, "");
                let (next, did) = after_report(&delivered(1), (&report, source), DIGIFLAZZ, later(at), 0);
                assert_eq!((next.state, did), (AttemptState::Succeeded, Outcome::Denied));
                assert_eq!((next.due_at, next.doubted_at), (None, None), "nothing is asked about it");
            }
        }
        // It failed first, and was delivered after all: the webhook about the failure comes late.
        let late = Attempt { failed_at: Some(NOW), ..delivered(1) };
        let webhook = (&Report::bare(Verdict::FailedProvider, ""), Source::Webhook);
        assert_eq!(after_report(&late, webhook, DIGIFLAZZ, later(10), 0).1, Outcome::Nothing);
        let unproven = (&Report::bare(Verdict::FailedUnproven, ""), Source::Webhook);
        assert_eq!(after_report(&delivered(1), unproven, DIGIFLAZZ, later(10), 0).1, Outcome::Nothing);
    }
}
