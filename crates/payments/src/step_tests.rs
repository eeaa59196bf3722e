//! Every kind of news in every state of a payment, and when it is asked about next.

use super::*;
use crate::PartBack;

#[path = "step/tests/back.rs"]
mod back;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

/// The payment after an answer, where none of its refunds is told by its key.
fn after_status(payment: &Payment, outcome: StatusOutcome, now: Timestamp) -> (Payment, Happened) {
    super::after_status(payment, &[], outcome, now)
}

fn payment(state: PaymentState) -> Payment {
    Payment::in_test(state, NOW)
}

fn saying(state: ObservedState, amount: Option<i64>) -> StatusOutcome {
    StatusOutcome::Found(Observation {
        state,
        stated: state.to_string(),
        amount: amount.map(Rupiah::new),
        given_back: None,
        refunds: None,
        opened: Opened::default(),
    })
}

/// A part went back, of which the gateway says so much.
fn partly(given_back: Option<i64>) -> StatusOutcome {
    let StatusOutcome::Found(observation) = saying(ObservedState::PartlyRefunded, Some(20_000)) else {
        panic!("nothing was found")
    };
    StatusOutcome::Found(Observation { given_back: given_back.map(Rupiah::new), ..observation })
}

#[expect(clippy::needless_pass_by_value, reason = "reads better at each call")]
fn check(from: PaymentState, says: StatusOutcome, to: PaymentState, happened: Happened) {
    let (next, did) = after_status(&payment(from), says.clone(), NOW);
    assert_eq!((next.state, did), (to, happened), "{from} hearing {says:?}");
}

#[test]
fn our_amount_settles_once_from_any_unpaid_state() {
    use PaymentState as S;
    for from in [S::Intended, S::Open, S::Unknown, S::Denied, S::Expired, S::Cancelled] {
        check(from, saying(ObservedState::Settled, Some(20_000)), S::Settled, Happened::Settled);
    }
    for from in [S::Settled, S::Refunded, S::PartlyRefunded, S::Refunding] {
        check(from, saying(ObservedState::Settled, Some(20_000)), from, Happened::Nothing);
    }
}

#[test]
fn an_amount_that_is_not_ours_never_settles() {
    for amount in [Some(19_999), Some(20_001), Some(20_071), Some(0), None] {
        check(
            PaymentState::Open,
            saying(ObservedState::Settled, amount),
            PaymentState::Unknown,
            Happened::OddAmount,
        );
    }
}

#[test]
fn older_news_after_the_money_came_changes_nothing() {
    for state in [
        ObservedState::Pending,
        ObservedState::Expired,
        ObservedState::Denied,
        ObservedState::Cancelled,
        ObservedState::Unrecognised,
    ] {
        check(PaymentState::Settled, saying(state, Some(20_000)), PaymentState::Settled, Happened::Nothing);
    }
}

#[test]
fn what_asks_for_another_amount_is_forgotten_closed_and_told_once() {
    let shown = Opened {
        transaction_id: "t1".into(),
        qr_string: Some("0002".into()),
        qr_image_url: Some("https://gateway.example/qr".into()),
        deep_link: Some("gojek://x".into()),
        redirect_url: Some("https://gateway.example/page".into()),
        payment_code: Some("1111".into()),
        expires_at: None,
    };
    let nothing = Opened { transaction_id: "t1".into(), ..Opened::default() };
    let unfit = || ChargeOutcome::Unfit { transaction_id: "t1".into(), reason: "10.071".into() };
    for lost in [LostCharge::Ask, LostCharge::SendAgain, LostCharge::GiveUp] {
        let (next, did) = after_charge(&payment(PaymentState::Unknown), unfit(), lost, NOW);
        assert_eq!(
            (next.state, next.closing, did),
            (PaymentState::Open, Some(Closing::Cancel), Happened::Unfit)
        );
        assert_eq!((&next.opened, next.due_at, next.payable_until(NOW)), (&nothing, Some(NOW), None));
        // It is asked about until it is closed, and told no second time.
        let (again, did) = after_status(&next, saying(ObservedState::Unfit, None), NOW);
        assert_eq!((again.state, did), (PaymentState::Open, Happened::Nothing));
        assert!(again.due_at.is_some_and(|due| due > NOW));
        let (closed, did) = after_status(&again, saying(ObservedState::Cancelled, None), NOW);
        assert_eq!((closed.state, closed.due_at, did), (PaymentState::Cancelled, None, Happened::Closed));
    }
    for from in [PaymentState::Open, PaymentState::Unknown, PaymentState::Intended] {
        let before = Payment { opened: shown.clone(), ..payment(from) };
        let (next, did) = after_status(&before, saying(ObservedState::Unfit, Some(10_071)), NOW);
        assert_eq!((next.state, next.opened, did), (PaymentState::Open, nothing.clone(), Happened::Unfit));
    }
    // Withdrawn for another reason, it stays withdrawn for that.
    let expiring = Payment { closing: Some(Closing::Expire), ..payment(PaymentState::Unknown) };
    let (next, did) = after_status(&expiring, saying(ObservedState::Unfit, None), NOW);
    assert_eq!((next.closing, did), (Some(Closing::Expire), Happened::Unfit));
    // The money came before, or is a question to a person.
    check(
        PaymentState::Settled,
        saying(ObservedState::Unfit, None),
        PaymentState::Settled,
        Happened::Nothing,
    );
    let odd = Payment { odd_amount: Some(Rupiah::new(20_071)), ..payment(PaymentState::Unknown) };
    let (next, did) = after_status(&odd, saying(ObservedState::Unfit, None), NOW);
    assert_eq!((next.state, next.closing, did), (PaymentState::Unknown, None, Happened::Nothing));
}

#[test]
fn how_much_of_a_payment_went_back_is_kept_and_is_news_whenever_it_grows() {
    let known = |back: i64| PartBack::Known(Rupiah::new(back));
    let mut paid = payment(PaymentState::Settled);
    assert_eq!(paid.part_back(), PartBack::Nothing);
    for (back, part, happened) in [
        (Some(4_000), known(4_000), Happened::TakenBack),
        (Some(4_000), known(4_000), Happened::Nothing),
        (Some(19_999), known(19_999), Happened::TakenBack),
        // What it does not say, or says in a way that cannot be, nobody knows.
        (None, PartBack::Unclear, Happened::TakenBack),
        (Some(20_000), PartBack::Unclear, Happened::TakenBack),
    ] {
        let (next, did) = after_status(&paid, partly(back), NOW);
        assert_eq!((next.state, next.part_back(), did), (PaymentState::PartlyRefunded, part, happened));
        paid = next;
    }
    let all = after_status(&paid, saying(ObservedState::Refunded, Some(20_000)), NOW).0;
    assert_eq!((all.state, all.part_back()), (PaymentState::Refunded, PartBack::Nothing));
    // It was stored before parts were kept.
    assert_eq!(payment(PaymentState::PartlyRefunded).part_back(), PartBack::Unclear);
    // Of an odd amount it is a part of what came in.
    let more = Payment { odd_amount: Some(Rupiah::new(20_070)), ..payment(PaymentState::Settled) };
    let (more, _) = after_status(&more, partly(Some(20_000)), NOW);
    assert_eq!(more.part_back(), known(20_000));
    // We hear of it before we heard that it was paid.
    let (odd, did) = after_status(&payment(PaymentState::Open), partly(Some(4_000)), NOW);
    assert_eq!((odd.state, did), (PaymentState::Unknown, Happened::OddAmount));
    assert_eq!((odd.odd_amount, odd.part_back()), (Some(Rupiah::ZERO), known(4_000)));
}

#[test]
fn what_a_cashier_takes_back_is_no_older_news() {
    use PaymentState as S;
    let denied = saying(ObservedState::Denied, Some(20_000));
    for method in [PaymentMethod::CstoreIndomaret, PaymentMethod::CstoreAlfamart] {
        for (from, did) in [(S::Settled, Happened::TakenBack), (S::Refunded, Happened::Nothing)] {
            let paid = Payment { method, ..payment(from) };
            let (next, happened) = after_status(&paid, denied.clone(), NOW);
            assert_eq!((next.state, next.due_at, happened), (S::Refunded, None, did), "{method}");
        }
    }
    let transfer = Payment { method: PaymentMethod::VaBca, ..payment(S::Settled) };
    let (next, happened) = after_status(&transfer, denied, NOW);
    assert_eq!((next.state, happened), (S::Settled, Happened::Nothing));
}

#[test]
fn the_number_that_was_shown_stays() {
    let number = |code: &str| Opened { payment_code: Some(code.into()), ..Opened::default() };
    let open = Payment { opened: number("1111"), ..payment(PaymentState::Open) };
    let mut says = saying(ObservedState::Pending, Some(20_000));
    if let StatusOutcome::Found(seen) = &mut says {
        seen.opened = number("2222");
    }
    assert_eq!(after_status(&open, says, NOW).0.opened.payment_code.as_deref(), Some("1111"));
}

#[test]
fn an_unknown_word_is_pending_and_reported() {
    check(
        PaymentState::Open,
        saying(ObservedState::Unrecognised, Some(20_000)),
        PaymentState::Open,
        Happened::Odd,
    );
}

#[test]
fn a_charge_that_never_arrived_is_sent_again_and_one_that_did_is_adopted() {
    check(PaymentState::Unknown, StatusOutcome::NotFound, PaymentState::Intended, Happened::Nothing);
    check(
        PaymentState::Unknown,
        saying(ObservedState::Pending, Some(20_000)),
        PaymentState::Open,
        Happened::Opened,
    );
    check(PaymentState::Open, StatusOutcome::NotFound, PaymentState::Open, Happened::Nothing);
}

#[test]
fn a_time_out_is_unknown_and_asked_about() {
    let (next, happened) = after_charge(
        &payment(PaymentState::Unknown),
        ChargeOutcome::Unknown { reason: "time-out".into(), retry_after: None },
        LostCharge::Ask,
        NOW,
    );
    assert_eq!((next.state, happened), (PaymentState::Unknown, Happened::Nothing));
    assert!(next.due_at.is_some_and(|due| due > NOW));
}

#[test]
fn a_refusal_ends_the_payment_and_says_what_the_buyer_can_do() {
    for reason in [RefusalReason::UnknownPhone, RefusalReason::ThisPayment, RefusalReason::Other] {
        let (code, message) = ("404".into(), "nobody by that number".into());
        let refused = ChargeOutcome::Refused { code, message, reason };
        let (next, did) = after_charge(&payment(PaymentState::Unknown), refused, LostCharge::Ask, NOW);
        assert_eq!((next.state, next.due_at, did), (PaymentState::Denied, None, Happened::Refused(reason)));
        assert_eq!(next.note.as_deref(), Some("refused with 404: nobody by that number"));
    }
}

/// The seconds after [`NOW`] at which a gateway that says this each time is asked.
fn asked_at(mut payment: Payment, says: &StatusOutcome, until: u64) -> Vec<u64> {
    let mut seconds = Vec::new();
    while let Some(due) = payment.due_at.filter(|due| due.since(NOW).as_secs() <= until) {
        seconds.push(due.since(NOW).as_secs());
        payment = after_status(&payment, says.clone(), due).0;
    }
    seconds
}

#[test]
fn a_push_is_asked_about_ten_seconds_after_its_own_expiry() {
    let opened = Opened {
        transaction_id: "t".into(),
        expires_at: Some(NOW.plus(Duration::from_secs(65))),
        ..Opened::default()
    };
    let unknown = payment(PaymentState::Unknown);
    let (open, did) = after_charge(&unknown, ChargeOutcome::Opened(opened), LostCharge::Ask, NOW);
    assert_eq!((open.state, did), (PaymentState::Open, Happened::Opened));
    assert_eq!(open.expires_at, NOW.plus(Duration::from_secs(65)), "and not ours, which is later");
    let asked = asked_at(open, &saying(ObservedState::Pending, Some(20_000)), 120);
    assert_eq!(asked, [10, 20, 30, 50, 70, 75, 95, 115]);
}

#[test]
fn a_lost_push_is_not_sent_again_before_the_gateway_has_nothing_of_it() {
    let lost = ChargeOutcome::Unknown { reason: "no answer in time".into(), retry_after: None };
    let (mut payment, _) = after_charge(&payment(PaymentState::Unknown), lost, LostCharge::Ask, NOW);
    for outcome in [
        StatusOutcome::Unknown { reason: "no answer in time".into(), retry_after: None },
        StatusOutcome::Unknown { reason: "HTTP 502".into(), retry_after: None },
    ] {
        assert_eq!(payment.state, PaymentState::Unknown, "which is asked about, never charged");
        payment = after_status(&payment, outcome, NOW).0;
    }
    let (again, _) = after_status(&payment, StatusOutcome::NotFound, NOW);
    assert_eq!((again.state, again.due_at), (PaymentState::Intended, Some(NOW)));
    let (adopted, did) = after_status(&payment, saying(ObservedState::Pending, Some(20_000)), NOW);
    assert_eq!((adopted.state, did), (PaymentState::Open, Happened::Opened));
}

#[test]
fn a_charge_that_was_sent_again_and_differs_is_given_up_and_not_sent_for_ever() {
    for (lost, expected) in [
        (LostCharge::Ask, Happened::Nothing),
        (LostCharge::SendAgain, Happened::GivenUp),
        (LostCharge::GiveUp, Happened::GivenUp),
    ] {
        let before = payment(PaymentState::Unknown);
        let (next, happened) = after_charge(&before, ChargeOutcome::Exists, lost, NOW);
        assert_eq!((next.state, &happened), (PaymentState::Unknown, &expected), "{lost:?}");
        // One that is given up is asked about, so that it can be closed, and not sent again.
        assert_eq!(next.closing, (happened == Happened::GivenUp).then_some(Closing::Cancel));
        assert!(next.due_at.is_some());
    }
}

#[test]
fn whoever_asks_for_no_pause_gets_one_that_grows_to_a_minute() {
    for (asks, asked, pause) in
        [(0, 0, 2), (0, 2, 15), (7, 0, 7), (7, 3, 30), (77, 40, 77), (900, 0, 300), (0, 40, 60)]
    {
        let retry_after = Some(Duration::from_secs(asks));
        let outcome = ChargeOutcome::Unknown { reason: "HTTP 503".into(), retry_after };
        let payment = Payment { asked, ..payment(PaymentState::Unknown) };
        let (next, _) = after_charge(&payment, outcome, LostCharge::SendAgain, NOW);
        assert_eq!(next.due_at, Some(NOW.plus(Duration::from_secs(pause))), "{asks} s, asked {asked} times");
    }
}

#[test]
fn a_repetition_that_did_not_get_through_leaves_the_first_unknown() {
    let reason = || "no connection".to_owned();
    let retry_after = Some(Duration::from_secs(7));
    let lost = of_repetition(ChargeOutcome::NotOpened { reason: reason(), retry_after });
    assert_eq!(lost, ChargeOutcome::Unknown { reason: reason(), retry_after });
    let refused =
        |reason| ChargeOutcome::Refused { code: "402".into(), message: "switched off".into(), reason };
    let reason = "refused with 402: switched off; what became of the first is not known".to_owned();
    for why in [RefusalReason::Other, RefusalReason::ThisPayment] {
        assert_eq!(
            of_repetition(refused(why)),
            ChargeOutcome::Unknown { reason: reason.clone(), retry_after: None }
        );
    }
    for outcome in [
        ChargeOutcome::Exists,
        ChargeOutcome::Opened(Opened::default()),
        refused(RefusalReason::UnknownPhone),
    ] {
        assert_eq!(of_repetition(outcome.clone()), outcome);
    }
}

#[test]
fn a_missed_webhook_is_made_good_ten_seconds_after_expiry() {
    let mut open = payment(PaymentState::Open);
    open.asked = 20;
    let late = open.expires_at.minus(Duration::from_secs(5));
    assert_eq!(next_question(&open, late), open.expires_at.plus(Duration::from_secs(10)));
}

/// An open payment with OVO on a page.
fn page() -> Payment {
    Payment { method: PaymentMethod::OvoLink, ..payment(PaymentState::Open) }
}

fn lost() -> ChargeOutcome {
    ChargeOutcome::Unknown { reason: "no answer in time".into(), retry_after: None }
}

#[test]
fn a_payment_of_which_nobody_knows_how_it_ended_is_asked_about_for_ever() {
    const DAY_S: u64 = 24 * 3600;
    for state in [PaymentState::Open, PaymentState::Unknown] {
        let moving = saying(ObservedState::Unrecognised, Some(20_000));
        let asked = asked_at(payment(state), &moving, 40 * DAY_S);
        let later: Vec<u64> = asked.iter().copied().filter(|at| *at > 2 * DAY_S).collect();
        assert!((37..=39).contains(&later.len()), "once a day: {later:?}");
        assert!(asked.iter().any(|at| *at > 39 * DAY_S), "{state}: {asked:?}");
    }
    let pending = saying(ObservedState::Pending, Some(20_000));
    assert!(asked_at(payment(PaymentState::Open), &pending, 9 * DAY_S).iter().any(|at| *at > 8 * DAY_S));
    // What has ended is not: a gateway that has forgotten it is asked for a day.
    for state in [PaymentState::Settled, PaymentState::Expired, PaymentState::Denied] {
        let asked = asked_at(payment(state), &StatusOutcome::NotFound, 9 * DAY_S);
        let last = asked.last().copied().unwrap_or_default();
        assert!((DAY_S..DAY_S + 3 * 3600).contains(&last), "{state}: {asked:?}");
    }
}

#[test]
fn a_page_that_has_ended_is_asked_about_now_and_then_for_a_day_and_can_still_settle() {
    for said in [ObservedState::Expired, ObservedState::Denied, ObservedState::Cancelled] {
        let open = Payment { asked: 12, ..page() };
        let (ended, did) = after_status(&open, saying(said, None), open.expires_at);
        assert_eq!(did, Happened::Closed);
        let last = 900 + 24 * 3600;
        let asked = asked_at(ended.clone(), &saying(said, None), 5 * last);
        assert!((5..=8).contains(&asked.len()), "{asked:?}");
        assert!(asked.iter().all(|at| *at <= last + 4 * 3600), "{asked:?}");
        let late = after_status(&ended, saying(ObservedState::Settled, Some(20_000)), open.expires_at);
        assert_eq!((late.0.state, late.1), (PaymentState::Settled, Happened::Settled));
        // What can be closed is closed: nobody asks again.
        let code = payment(PaymentState::Open);
        assert_eq!(after_status(&code, saying(said, None), code.expires_at).0.due_at, None);
    }
    // Somebody pays on it all the same, and nobody wants it: it is closed at once.
    let unwanted = Payment { closing: Some(Closing::Expire), ..payment(PaymentState::Expired) };
    let (again, did) = after_status(&unwanted, saying(ObservedState::Pending, Some(20_000)), NOW);
    assert_eq!((again.state, again.due_at, did), (PaymentState::Open, Some(NOW), Happened::Nothing));
}

#[test]
fn a_gateway_that_finds_out_late_is_asked_on_for_a_day_and_its_late_word_counts() {
    let of_xendit =
        Payment { gateway: "xendit".into(), method: PaymentMethod::OvoPush, ..payment(PaymentState::Open) };
    for said in [ObservedState::Expired, ObservedState::Denied, ObservedState::Cancelled] {
        let (ended, did) = after_status(&of_xendit, saying(said, None), of_xendit.expires_at);
        assert_eq!(did, Happened::Closed);
        let asked = asked_at(ended.clone(), &saying(said, None), 5 * 86_400);
        assert!((5..=8).contains(&asked.len()) && asked.iter().any(|at| *at > 20 * 3_600), "{asked:?}");
        let late = after_status(&ended, saying(ObservedState::Settled, Some(20_000)), of_xendit.expires_at);
        assert_eq!((late.0.state, late.1), (PaymentState::Settled, Happened::Settled));
    }
}

#[test]
fn the_end_of_a_page_is_known_from_its_charge() {
    let end = NOW.plus(Duration::from_secs(780));
    let opened = Opened {
        redirect_url: Some("https://pay.example/".into()),
        expires_at: Some(end),
        ..Opened::default()
    };
    let unknown = Payment { method: PaymentMethod::OvoLink, ..payment(PaymentState::Unknown) };
    let (open, did) = after_charge(&unknown, ChargeOutcome::Opened(opened), LostCharge::GiveUp, NOW);
    assert_eq!((open.state, open.expires_at, did), (PaymentState::Open, end, Happened::Opened));
}

#[test]
fn nothing_there_is_no_proof_before_the_payments_own_time_is_over() {
    for (closing, closed) in
        [(Closing::Cancel, PaymentState::Cancelled), (Closing::Expire, PaymentState::Expired)]
    {
        let unwanted = Payment { closing: Some(closing), ..payment(PaymentState::Unknown) };
        let (waits, did) = after_status(&unwanted, StatusOutcome::NotFound, NOW);
        assert_eq!((waits.state, did), (PaymentState::Unknown, Happened::Nothing), "right after the charge");
        let asked = asked_at(unwanted.clone(), &StatusOutcome::NotFound, 86_400);
        assert_eq!(asked.last(), Some(&910), "ten seconds after its time: {asked:?}");
        assert!(asked.len() < 25, "{asked:?}");
        let over = unwanted.expires_at.plus(AFTER_EXPIRY);
        let (gone, did) = after_status(&waits, StatusOutcome::NotFound, over);
        assert_eq!((gone.state, gone.due_at, did), (closed, None, Happened::Closed));
        // It did arrive: it is closed at once.
        let (there, did) = after_status(&waits, saying(ObservedState::Pending, Some(20_000)), NOW);
        assert_eq!((there.state, there.due_at, did), (PaymentState::Open, Some(NOW), Happened::Opened));
    }
}

#[test]
fn what_was_tried_before_is_asked_about_before_it_counts_as_closed() {
    let shortest = Duration::from_secs(70);
    let untouched = Payment { closing: Some(Closing::Cancel), ..payment(PaymentState::Intended) };
    let closed = never_sent(&untouched, shortest, NOW).unwrap();
    assert_eq!((closed.state, closed.due_at), (PaymentState::Cancelled, None));
    let tried = Payment { asked: 2, ..untouched };
    let asked = never_sent(&tried, shortest, NOW).unwrap();
    assert_eq!((asked.state, asked.due_at), (PaymentState::Unknown, Some(NOW)));
    assert_eq!(asked.closing, Some(Closing::Cancel));
    let late = Payment { asked: 2, ..payment(PaymentState::Intended) };
    let asked = never_sent(&late, shortest, late.expires_at.minus(Duration::from_secs(69))).unwrap();
    assert_eq!((asked.state, asked.closing), (PaymentState::Unknown, Some(Closing::Expire)));
    assert_eq!(never_sent(&late, shortest, late.expires_at.minus(shortest)), None);
}

/// How often a payment is charged in its quarter of an hour, when every charge is answered so and
/// every question with "nothing there".
fn charged_in_vain(answer: &ChargeOutcome) -> usize {
    let (mut row, mut now, mut charges) = (payment(PaymentState::Intended), NOW, 0);
    while now < row.expires_at {
        row = if row.state == PaymentState::Intended {
            charges += 1;
            let sent = Payment { state: PaymentState::Unknown, ..row };
            after_charge(&sent, answer.clone(), LostCharge::Ask, now).0
        } else {
            after_status(&row, StatusOutcome::NotFound, now).0
        };
        now = row.due_at.unwrap();
    }
    charges
}

#[test]
fn a_gateway_that_loses_every_charge_is_charged_ever_more_rarely() {
    for answer in [lost(), ChargeOutcome::Exists] {
        let charges = charged_in_vain(&answer);
        assert!((4..=12).contains(&charges), "{charges} charges, each answered {answer:?}");
    }
    // The first time it is sent again at once.
    let (unknown, _) = after_charge(&payment(PaymentState::Unknown), lost(), LostCharge::Ask, NOW);
    assert_eq!(unknown.due_at, Some(NOW.plus(Duration::from_secs(2))));
    let (again, _) = after_status(&unknown, StatusOutcome::NotFound, NOW);
    assert_eq!((again.state, again.due_at, again.asked), (PaymentState::Intended, Some(NOW), 2));
    // What comes of it is progress: it is asked about as often as any other.
    let opened = after_charge(&again, ChargeOutcome::Opened(Opened::default()), LostCharge::Ask, NOW).0;
    let adopted = after_status(&unknown, saying(ObservedState::Pending, Some(20_000)), NOW).0;
    assert_eq!((opened.asked, adopted.asked), (0, 0));
}

/// A payment of twenty thousand of which so much is on its way back by a refund of ours, and so much is back.
fn with_refunds(state: PaymentState, refunding: i64, refunded: i64) -> Payment {
    Payment { refunding: Rupiah::new(refunding), refunded: Rupiah::new(refunded), ..payment(state) }
}

#[test]
fn a_refund_of_ours_is_not_taken_for_money_that_somebody_took_back() {
    use PaymentState as S;
    let whole = || saying(ObservedState::Refunded, Some(20_000));
    for (from, refunding, refunded, says, to, happened) in [
        // On its way, and it shows: whole, in part, or without an amount.
        (S::Refunding, 20_000, 0, whole(), S::Refunding, Happened::OwnRefund),
        (S::Refunding, 5_000, 0, partly(Some(5_000)), S::Refunding, Happened::OwnRefund),
        (S::Refunding, 5_000, 5_000, partly(Some(10_000)), S::Refunding, Happened::OwnRefund),
        (S::Refunding, 15_000, 5_000, whole(), S::Refunding, Happened::OwnRefund),
        (S::Refunding, 5_000, 0, partly(None), S::Refunding, Happened::OwnRefund),
        // The one before still shows, and the new one does not yet.
        (S::Refunding, 5_000, 5_000, partly(Some(5_000)), S::Refunding, Happened::OwnRefund),
        // Over, and told again.
        (S::Refunded, 0, 20_000, whole(), S::Refunded, Happened::Nothing),
        (S::PartlyRefunded, 0, 5_000, partly(Some(5_000)), S::PartlyRefunded, Happened::Nothing),
        // More than ours went back, or something else than ours.
        (S::PartlyRefunded, 0, 5_000, partly(Some(8_000)), S::PartlyRefunded, Happened::TakenBack),
        (S::PartlyRefunded, 0, 5_000, whole(), S::Refunded, Happened::TakenBack),
        (S::Refunding, 5_000, 0, partly(Some(3_000)), S::PartlyRefunded, Happened::TakenBack),
        (S::Refunding, 5_000, 0, partly(Some(9_000)), S::PartlyRefunded, Happened::TakenBack),
    ] {
        let before = with_refunds(from, refunding, refunded);
        let (next, did) = after_status(&before, says.clone(), NOW);
        assert_eq!((next.state, did), (to, happened), "{refunding} and {refunded} hearing {says:?}");
        assert_eq!((next.refunding, next.refunded), (before.refunding, before.refunded));
    }
}

#[test]
fn what_a_bank_takes_back_after_we_gave_back_all_of_it_is_told_once() {
    use PaymentState as S;
    let by_bank = |status: StatusOutcome, stated: &str| {
        let StatusOutcome::Found(seen) = status else { panic!("nothing was found") };
        StatusOutcome::Found(Observation { stated: stated.into(), ..seen })
    };
    let whole = by_bank(saying(ObservedState::Refunded, Some(20_000)), "chargeback");
    let part = by_bank(partly(None), "partial_chargeback");
    // A gateway that names what went back in all names our own refund with it.
    let named = |back: i64| {
        let StatusOutcome::Found(seen) = saying(ObservedState::Refunded, Some(20_000)) else {
            panic!("nothing was found")
        };
        let given_back = Some(Rupiah::new(back));
        by_bank(StatusOutcome::Found(Observation { given_back, ..seen }), "05 chargeback")
    };
    let (as_much, less) = (named(40_000), named(25_000));
    for (state, refunding, refunded, says, lost) in [
        (S::Refunded, 0, 20_000, &whole, 20_000),
        (S::Refunded, 0, 20_000, &part, 0),
        (S::Refunded, 0, 20_000, &as_much, 20_000),
        (S::Refunded, 0, 20_000, &less, 5_000),
        // One of ours is on its way, and nobody knows whether it arrives as well.
        (S::Refunding, 15_000, 5_000, &whole, 0),
    ] {
        let before = with_refunds(state, refunding, refunded);
        let (next, did) = after_status(&before, says.clone(), NOW);
        assert_eq!((did, next.charged_back), (Happened::ChargedBack, Some(Rupiah::new(lost))), "{says:?}");
        assert_eq!((next.state, next.given_back, next.due_at), (state, None, None), "{says:?}");
        // Told again, it is no news, and what became of it stays.
        for again in [says, &part] {
            let (after, did) = after_status(&next, again.clone(), NOW);
            assert_eq!((did, after.charged_back), (Happened::Nothing, next.charged_back), "{again:?}");
        }
    }
    // While something of it is not ours, it is money that was taken back like any other.
    let some = with_refunds(S::PartlyRefunded, 0, 5_000);
    let (next, did) = after_status(&some, whole, NOW);
    assert_eq!(
        (did, next.charged_back, next.given_back),
        (Happened::TakenBack, None, Some(Rupiah::new(15_000)))
    );
}

#[test]
fn what_somebody_else_took_back_is_counted_without_what_we_gave_back() {
    let before = with_refunds(PaymentState::PartlyRefunded, 0, 5_000);
    let (next, _) = after_status(&before, partly(Some(8_000)), NOW);
    assert_eq!(next.given_back, Some(Rupiah::new(3_000)));
    assert_eq!(next.part_back(), PartBack::Known(Rupiah::new(3_000)));
    assert!(!next.is_taken_back());
    let (gone, _) = after_status(&next, saying(ObservedState::Refunded, Some(20_000)), NOW);
    assert!(gone.is_taken_back() && gone.given_back == Some(Rupiah::new(15_000)));
    let ours = with_refunds(PaymentState::Refunded, 0, 20_000);
    assert!(!ours.is_taken_back(), "it went back, and we did it");
    assert_eq!(before.part_back(), PartBack::Nothing);
    // A bank's word about a part has no amount.
    let StatusOutcome::Found(by_bank) = partly(None) else { panic!("nothing was found") };
    let by_bank = StatusOutcome::Found(Observation { stated: "partial_chargeback".into(), ..by_bank });
    let (next, did) = after_status(&before, by_bank, NOW);
    assert_eq!((did, next.part_back()), (Happened::TakenBack, PartBack::Unclear));
}
