//! What attempts say of a supplier, its products and the deposit there.

use super::*;
use crate::{FirstBuyRules, Listing, Probe, Unsellable, is_troubled, refused_since};
use vocabulary::{AttemptId, Ids, OrderId, OrderNumber, Purpose, Reference};

const NOW: Timestamp = Timestamp::from_millis(1_795_323_600_000);

fn ago(seconds: u64) -> Timestamp {
    NOW.minus(Duration::from_secs(seconds))
}

fn attempt(state: AttemptState, verdict: Option<Verdict>, seconds_ago: u64) -> Attempt {
    let ids = Ids::random();
    let ended = matches!(state, AttemptState::Succeeded | AttemptState::Failed | AttemptState::Reversed);
    let at = ago(seconds_ago);
    Attempt {
        id: AttemptId::new(&ids, at),
        order: OrderId::new(&ids, at),
        reference: Reference::new(&OrderNumber::new(&ids), Purpose::Fulfilment, 1),
        supplier: "digiflazz".into(),
        sku: "ml86".into(),
        customer_no: "1234567890".into(),
        max_price: Rupiah::new(18_000),
        state,
        number: None,
        earlier: None,
        code: None,
        message: None,
        serial_number: None,
        price: None,
        first_sent_at: (state != AttemptState::Intended).then_some(at),
        last_asked_at: (state != AttemptState::Intended).then_some(at),
        answered_at: verdict.map(|_| at),
        asked: 1,
        doubted_at: None,
        reminders: 0,
        remind_at: None,
        routing: None,
        verdict,
        ended_at: ended.then_some(at),
        failed_at: (state == AttemptState::Failed).then_some(at),
        created_at: at,
        nudges: 0,
        fence: 1,
        due_at: None,
    }
}

fn delivered(seconds_ago: u64) -> Attempt {
    attempt(AttemptState::Succeeded, Some(Verdict::Succeeded), seconds_ago)
}

fn failed(verdict: Verdict, seconds_ago: u64) -> Attempt {
    attempt(AttemptState::Failed, Some(verdict), seconds_ago)
}

fn silent(seconds_ago: u64) -> Attempt {
    attempt(AttemptState::Unknown, Some(Verdict::Unknown), seconds_ago)
}

fn circuit_of(scope: Scope, attempts: &[Attempt]) -> Circuit {
    Health::of(scope, attempts, NOW).circuit
}

#[test]
fn three_without_an_answer_leave_a_supplier_alone_for_a_minute_then_twice_as_long() {
    let supplier = |attempts: &[Attempt]| circuit_of(Scope::Supplier, attempts);
    assert_eq!(supplier(&[silent(30), silent(31)]), Circuit::Closed);
    let three = [silent(30), silent(31), silent(32)];
    assert_eq!(supplier(&three), Circuit::Open { until: ago(30).plus(PAUSE), why: Fault::Silent });
    let four = [three.to_vec(), vec![silent(33)]].concat();
    assert_eq!(supplier(&four), Circuit::Open { until: ago(30).plus(PAUSE * 2), why: Fault::Silent });
    // An answer in between, whatever it says of the product, and the count begins anew.
    for answer in [delivered(31), failed(Verdict::FailedProvider, 31), failed(Verdict::FailedCustomer, 31)] {
        let answered = [silent(30), answer, silent(32), silent(33), silent(34)];
        assert_eq!(supplier(&answered), Circuit::Closed);
    }
    let many: Vec<Attempt> = (0..60).map(silent).collect();
    assert_eq!(supplier(&many), Circuit::Open { until: NOW.plus(LONGEST_PAUSE), why: Fault::Silent });
}

#[test]
fn after_how_many_without_an_answer_somebody_is_left_alone_is_the_owners_to_say() {
    let three = [silent(30), silent(31), silent(32)];
    for scope in [Scope::Supplier, Scope::Product] {
        let circuit = |most: u32| Health::borne(scope, most, &three, NOW).circuit;
        assert_eq!(circuit(4), Circuit::Closed);
        assert_eq!(circuit(SILENT_IN_A_ROW), Health::of(scope, &three, NOW).circuit);
        assert!(matches!(circuit(1), Circuit::Open { why: Fault::Silent, .. }));
    }
}

#[test]
fn our_own_questions_about_old_silence_keep_no_healthy_supplier_shut() {
    let asked_again = |state| Attempt {
        first_sent_at: Some(ago(7_200)),
        last_asked_at: Some(ago(1)),
        answered_at: Some(ago(1)),
        asked: 9,
        ..attempt(state, Some(Verdict::Unknown), 7_200)
    };
    for state in [AttemptState::Unknown, AttemptState::Sent] {
        let three = vec![asked_again(state); 3];
        assert_eq!(circuit_of(Scope::Supplier, &three), Circuit::HalfOpen, "{state}: its pause is long over");
        let served = [three, vec![delivered(60)]].concat();
        assert_eq!(circuit_of(Scope::Supplier, &served), Circuit::Closed, "{state}");
    }
}

#[test]
fn what_is_on_its_way_is_not_silence_until_it_takes_too_long() {
    let sent = |seconds| attempt(AttemptState::Sent, None, seconds);
    let fresh = [sent(5), sent(6), sent(7)];
    assert_eq!(circuit_of(Scope::Supplier, &fresh), Circuit::Closed);
    let old = [sent(61), sent(62), sent(63)];
    assert_ne!(circuit_of(Scope::Supplier, &old), Circuit::Closed);
}

#[test]
fn after_the_pause_one_order_at_a_time_is_a_trial() {
    let three = vec![silent(100), silent(101), silent(102)];
    assert_eq!(circuit_of(Scope::Supplier, &three), Circuit::HalfOpen);
    let trial = |state| [three.clone(), vec![attempt(state, None, 2)]].concat();
    for state in [AttemptState::Intended, AttemptState::Sent] {
        let circuit = circuit_of(Scope::Supplier, &trial(state));
        assert!(matches!(circuit, Circuit::Open { why: Fault::OnTrial, .. }), "{circuit:?}");
    }
    assert_eq!(circuit_of(Scope::Supplier, &[three.clone(), vec![delivered(2)]].concat()), Circuit::Closed);
    let failed_again = circuit_of(Scope::Supplier, &[three, vec![silent(2)]].concat());
    assert_eq!(failed_again, Circuit::Open { until: ago(2).plus(PAUSE * 2), why: Fault::Silent });
}

#[test]
fn one_refusal_of_ours_leaves_a_supplier_alone_and_says_nothing_of_its_products() {
    let refused = [failed(Verdict::RefusedConfiguration, 10), delivered(11)];
    let open = Circuit::Open { until: ago(10).plus(PAUSE_REFUSED), why: Fault::Refuses };
    assert_eq!(circuit_of(Scope::Supplier, &refused), open);
    assert_eq!(circuit_of(Scope::Product, &refused), Circuit::Closed);
    let mended = [delivered(5), failed(Verdict::RefusedConfiguration, 10)];
    assert_eq!(circuit_of(Scope::Supplier, &mended), Circuit::Closed);
}

#[test]
fn a_product_that_fails_five_times_is_left_alone_and_its_supplier_is_not() {
    let five: Vec<Attempt> = (0..5).map(|n| failed(Verdict::FailedProvider, 10 + n)).collect();
    let open = Circuit::Open { until: ago(10).plus(PAUSE), why: Fault::Fails };
    assert_eq!(circuit_of(Scope::Product, &five), open);
    assert_eq!(circuit_of(Scope::Product, &five[..4]), Circuit::Closed);
    assert_eq!(circuit_of(Scope::Supplier, &five), Circuit::Closed);
    // A wrong account, a price that moved, and an empty deposit say nothing of the product.
    for verdict in [Verdict::FailedCustomer, Verdict::FailedPrice, Verdict::RefusedBalance] {
        let others: Vec<Attempt> = (0..9).map(|n| failed(verdict, 10 + n)).collect();
        assert_eq!(circuit_of(Scope::Product, &others), Circuit::Closed, "{verdict}");
        assert_eq!(circuit_of(Scope::Supplier, &others), Circuit::Closed, "{verdict}");
    }
}

#[test]
fn a_product_that_loses_money_is_closed_for_a_day() {
    let dear = Attempt { price: Some(Rupiah::new(18_001)), ..delivered(3_600) };
    let fair = Attempt { price: Some(Rupiah::new(18_000)), ..delivered(10) };
    let closed = Circuit::Open { until: ago(3_600).plus(LOSS_PAUSE), why: Fault::CostsMore };
    assert_eq!(circuit_of(Scope::Product, &[fair.clone(), dear.clone()]), closed);
    assert_eq!(circuit_of(Scope::Product, &[fair]), Circuit::Closed);
    assert_eq!(circuit_of(Scope::Supplier, &[dear]), Circuit::Closed);
    let late = |seconds| Attempt { failed_at: Some(ago(seconds + 60)), ..delivered(seconds) };
    assert_eq!(circuit_of(Scope::Product, &[late(10)]), Circuit::Closed, "it can happen once");
    let twice = circuit_of(Scope::Product, &[late(10), late(20)]);
    assert_eq!(twice, Circuit::Open { until: ago(10).plus(LOSS_PAUSE), why: Fault::DeliversLate });
}

#[test]
fn shares_and_times_are_those_of_what_is_decided() {
    let slow = Attempt { first_sent_at: Some(ago(700)), ..delivered(100) };
    let of = [delivered(1), slow.clone(), slow, failed(Verdict::FailedProvider, 5), silent(4)];
    let health = Health::of(Scope::Product, &of, NOW);
    assert_eq!((health.delivered, health.failed), (3, 1));
    assert_eq!(health.middle, Some(Duration::from_secs(600)));
    assert!(!health.is_poor(), "four are not enough");
}

fn seen(left: i64, seconds_ago: u64) -> DepositSeen {
    DepositSeen { supplier: "digiflazz".into(), left: Rupiah::new(left), seen_at: ago(seconds_ago) }
}

const NEED: Rupiah = Rupiah::new(18_000);

#[test]
fn an_empty_deposit_is_tried_ever_more_rarely_until_it_is_known_to_be_filled() {
    let refused = |seconds| failed(Verdict::RefusedBalance, seconds);
    let until =
        |attempts: &[Attempt], seen: Option<&DepositSeen>| deposit_empty_until(attempts, seen, NEED, NOW);
    assert_eq!(until(&[], None), None);
    assert_eq!(until(&[refused(10)], None), Some(ago(10).plus(DEPOSIT_PAUSE)));
    assert_eq!(until(&[refused(61)], None), None, "one order is a trial");
    assert_eq!(until(&[refused(61), refused(200)], None), Some(ago(61).plus(DEPOSIT_PAUSE * 2)));
    let trial = attempt(AttemptState::Sent, None, 0);
    assert!(until(&[trial, refused(61)], None).is_some(), "one at a time");
    // A word that is older than the refusal, or names too little, changes nothing; a newer one does.
    assert!(until(&[refused(10)], Some(&seen(1_000_000, 11))).is_some());
    assert!(until(&[refused(10)], Some(&seen(17_999, 5))).is_some());
    assert_eq!(until(&[refused(10)], Some(&seen(18_000, 5))), None);
    // Whoever is served after a refusal shows that it is filled.
    assert_eq!(until(&[delivered(5), refused(10)], None), None);
    assert!(until(&[refused(5), delivered(10)], None).is_some());
}

#[test]
fn what_is_on_its_way_is_reserved_and_an_old_word_keeps_nobody_from_buying() {
    let sent = attempt(AttemptState::Sent, None, 2);
    let until =
        |attempts: &[Attempt], seen: &DepositSeen| deposit_empty_until(attempts, Some(seen), NEED, NOW);
    assert_eq!(until(&[], &seen(18_000, 60)), None);
    assert!(until(&[], &seen(17_999, 60)).is_some());
    assert!(until(std::slice::from_ref(&sent), &seen(35_999, 60)).is_some());
    assert_eq!(until(std::slice::from_ref(&sent), &seen(36_000, 60)), None);
    assert_eq!(until(&[sent], &seen(18_000, 1)), None, "sent before that word, and in it");
    assert_eq!(until(&[], &seen(0, 15 * 60)), None);
}

#[test]
fn a_day_is_one_in_wib_and_what_may_yet_be_delivered_counts() {
    let today = NOW.wib_day().start();
    let before = Attempt {
        first_sent_at: Some(today.minus(Duration::from_secs(2))),
        ended_at: Some(today.minus(Duration::from_secs(1))),
        ..delivered(1)
    };
    assert!(!is_bought_today(std::slice::from_ref(&before), NOW));
    assert!(is_bought_today(&[Attempt { ended_at: Some(today), ..before.clone() }], NOW));
    assert!(is_bought_today(&[before, silent(1)], NOW));
    assert!(!is_bought_today(&[failed(Verdict::FailedProvider, 1)], NOW));
}

#[test]
fn the_same_number_is_sent_again_a_minute_after_it_failed_and_not_before() {
    let minute = Duration::from_secs(60);
    let of = |attempts: &[Attempt]| not_before(attempts, minute);
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[failed(Verdict::FailedProvider, 20), delivered(1)]), Some(ago(20).plus(minute)));
    assert_eq!(
        of(&[
            failed(Verdict::RefusedBalance, 20),
            failed(Verdict::RefusedConfiguration, 3),
            failed(Verdict::FailedPrice, 3)
        ]),
        None
    );
}

#[test]
fn who_does_not_even_answer_a_question_is_left_alone_also_when_what_was_to_be_sent_is_given_up() {
    let given_up = |seconds_ago| {
        let tried = attempt(AttemptState::Failed, Some(Verdict::NotSent), seconds_ago);
        // Given up long after it was last tried: nothing was heard by that.
        Attempt { first_sent_at: None, last_asked_at: None, ended_at: Some(ago(0)), ..tried }
    };
    let three = [given_up(30), given_up(40), given_up(50)];
    let left_alone = circuit_of(Scope::Supplier, &three);
    assert_eq!(left_alone, Circuit::Open { until: ago(30).plus(PAUSE), why: Fault::Silent });
    let long_ago = [given_up(90), given_up(100), given_up(110)];
    assert_eq!(circuit_of(Scope::Supplier, &long_ago), Circuit::HalfOpen);
    assert_eq!(circuit_of(Scope::Supplier, &three[..2]), Circuit::Closed);
}

#[test]
fn who_answers_and_does_not_tell_of_one_product_is_left_alone_with_that_one_only() {
    let untold = |seconds_ago| attempt(AttemptState::Intended, Some(Verdict::NotTold), seconds_ago);
    let three = [untold(5), untold(6), untold(7)];
    let left_alone = circuit_of(Scope::Product, &three);
    assert_eq!(left_alone, Circuit::Open { until: ago(5).plus(PAUSE), why: Fault::Silent });
    assert_eq!(circuit_of(Scope::Supplier, &three), Circuit::Closed);
    // Nor does it end a silence.
    let silence = [untold(5), silent(30), silent(31), silent(32)];
    let left_alone = circuit_of(Scope::Supplier, &silence);
    assert_eq!(left_alone, Circuit::Open { until: ago(30).plus(PAUSE), why: Fault::Silent });
    // Given up, it was never sent: the same number may be sent at once.
    let given_up = failed(Verdict::NotTold, 5);
    assert_eq!(not_before(&[given_up], Duration::from_secs(60)), None);
}

#[test]
fn who_is_the_probe_of_a_product_and_how_long_others_wait_for_it() {
    let minute = Duration::from_secs(60);
    let order = delivered(0).order;
    let of = |attempts: &[Attempt], paid_ago: u64| Probe::of(attempts, &order, ago(paid_ago));
    let decided = [failed(Verdict::FailedProvider, 5), attempt(AttemptState::Reversed, None, 6)];
    assert_eq!(of(&[], 0), Probe::ThisOrder);
    assert_eq!(of(&decided, 0), Probe::ThisOrder, "what has failed is no probe any more");
    for state in [AttemptState::Intended, AttemptState::Sent, AttemptState::Pending, AttemptState::Unknown] {
        let other = attempt(state, None, 20);
        let own = Attempt { order: order.clone(), ..other.clone() };
        assert_eq!(of(&[own], 0), Probe::ThisOrder, "nobody waits for the own purchase");
        assert_eq!(of(std::slice::from_ref(&other), 0), Probe::Undecided(ago(20).plus(minute)), "{state}");
        assert_eq!(of(&[other], 50), Probe::Undecided(ago(20).plus(minute)), "paid before it was begun");
    }
    let two = [attempt(AttemptState::Pending, None, 90), attempt(AttemptState::Sent, None, 10)];
    for paid_ago in [0, 120, 250] {
        assert_eq!(of(&two, paid_ago), Probe::Undecided(ago(10).plus(minute)), "the newest is waited for");
    }
    assert_eq!(of(&two, 290), Probe::Undecided(ago(290).plus(5 * minute)), "five minutes at most in all");

    let vouched = vec![("digiflazz".to_owned(), "ml86".to_owned())];
    let rules = FirstBuyRules { probe: true, vouched };
    for (supplier, sku, wanted) in
        [("digiflazz", "ml86", false), ("digiflazz", "ml87", true), ("vip-reseller", "ml86", true)]
    {
        assert_eq!(rules.wants_probe(supplier, sku), wanted, "{supplier} {sku}");
        assert!(!FirstBuyRules { probe: false, ..rules.clone() }.wants_probe(supplier, sku));
    }
}

#[test]
fn what_was_refused_is_not_bought_again_until_it_is_listed_anew_or_delivered() {
    let listed_at = |seconds_ago: u64| Listing {
        supplier: "digiflazz".into(),
        sku: "ml86".into(),
        name: "86 Diamond".into(),
        category: String::new(),
        brand: String::new(),
        seller: String::new(),
        description: String::new(),
        price: Rupiah::new(17_500),
        buyer_active: true,
        seller_active: true,
        stock: None,
        multi: true,
        cut_off: None,
        doubt: None,
        seen_at: ago(seconds_ago),
    };
    for (verdict, why) in [(Verdict::FailedGone, Unsellable::Gone), (Verdict::FailedEmpty, Unsellable::Empty)]
    {
        let refused = failed(verdict, 60);
        let of = |more: &[Attempt], listing: Option<Listing>| {
            let all: Vec<Attempt> = more.iter().cloned().chain([refused.clone()]).collect();
            refused_since(&all, listing.as_ref())
        };
        assert_eq!(of(&[], None), Some(why));
        assert_eq!(of(&[], Some(listed_at(61))), Some(why), "a list of before");
        assert_eq!(of(&[], Some(listed_at(60))), Some(why), "one that was asked for in the same moment");
        assert_eq!(of(&[], Some(listed_at(59))), None, "a list of after");
        assert_eq!(of(&[delivered(100), failed(Verdict::FailedProvider, 90)], None), Some(why));
        assert_eq!(
            of(&[failed(Verdict::FailedPrice, 30), silent(20)], None),
            Some(why),
            "they say nothing of it"
        );
        for later in [delivered(30), failed(Verdict::FailedCustomer, 30), failed(Verdict::FailedProvider, 30)]
        {
            assert_eq!(of(&[later], None), None);
        }
    }
    assert_eq!(refused_since(&[failed(Verdict::FailedProvider, 1)], None), None);
    assert_eq!(refused_since(&[], None), None);
}

#[test]
fn what_has_trouble_at_its_seller_comes_after_others_for_a_quarter_of_an_hour() {
    let troubled = |seconds: u64| failed(Verdict::FailedTroubled, seconds);
    assert!(is_troubled(&[troubled(899)], NOW));
    assert!(!is_troubled(&[troubled(900)], NOW));
    assert!(!is_troubled(&[troubled(60), delivered(30)], NOW));
    assert!(is_troubled(&[troubled(30), delivered(60)], NOW));
    assert!(!is_troubled(&[failed(Verdict::FailedProvider, 1)], NOW));
}
