//! The choice among routes: what stands in the way of each, and that no route is ever taken against it.

use super::*;
use crate::{CutOff, Doubt, adapters::digiflazz::CAPABILITIES};
use proptest::prelude::*;
use std::time::Duration;

/// 2026-11-22 23:50 WIB.
fn now() -> Timestamp {
    Timestamp::parse_wib("2026-11-22 23:50:00").unwrap()
}

fn wish() -> Wish {
    Wish { ceiling: Rupiah::new(18_000), may_try: true, may_buy_blind: true, now: now() }
}

fn candidate(rank: u32) -> Candidate {
    Candidate {
        rank,
        supplier: "digiflazz".into(),
        sku: format!("ml86-{rank}"),
        misfit: None,
        active: true,
        capabilities: Some(CAPABILITIES),
        listing: None,
        refused: None,
        troubled: false,
        supplier_health: Health::UNKNOWN,
        product_health: Health::UNKNOWN,
        empty_until: None,
        line_until: None,
        kept_off: None,
        tried: false,
        bought_today: false,
        refused_seller: None,
        probe: Probe::NotNeeded,
    }
}

fn listing() -> Listing {
    Listing {
        supplier: "digiflazz".into(),
        sku: "ml86".into(),
        name: "86 Diamond".into(),
        category: "Games".into(),
        brand: "MOBILE LEGENDS".into(),
        seller: "A seller".into(),
        description: String::new(),
        price: Rupiah::new(17_500),
        buyer_active: true,
        seller_active: true,
        stock: None,
        multi: true,
        cut_off: None,
        doubt: None,
        seen_at: now(),
    }
}

fn listed(listing: Listing) -> Candidate {
    Candidate { listing: Some(listing), ..candidate(1) }
}

fn open(why: Fault) -> Health {
    Health { circuit: Circuit::Open { until: later(), why }, ..Health::UNKNOWN }
}

fn later() -> Timestamp {
    now().plus(Duration::from_secs(60))
}

/// Everything that can stand in the way of a route, and what it is called.
fn barred() -> Vec<(Candidate, Obstacle)> {
    let one = || candidate(1);
    let wants_address = Capabilities { needs_end_user_ip: true, ..CAPABILITIES };
    let closed = Listing { cut_off: CutOff::read("23:45", "0:15"), ..listing() };
    let opens = Timestamp::parse_wib("2026-11-23 00:15:00").unwrap();
    let dear = Listing { price: Rupiah::new(18_001), ..listing() };
    let too_dear = Obstacle::TooDear { listed: dear.price, ceiling: wish().ceiling };
    let not_sold = |listing: Listing, trouble| (listed(listing), Obstacle::NotSold(trouble));
    vec![
        (Candidate { capabilities: None, ..one() }, Obstacle::NotConnected),
        (Candidate { active: false, ..one() }, Obstacle::SwitchedOff),
        (
            Candidate { refused_seller: Some("Toko Curang".into()), ..one() },
            Obstacle::RefusedSeller("Toko Curang".into()),
        ),
        (Candidate { misfit: Some("no zone".into()), ..one() }, Obstacle::Misfit("no zone".into())),
        (Candidate { capabilities: Some(wants_address), ..one() }, Obstacle::WantsAddress),
        (Candidate { tried: true, ..one() }, Obstacle::Tried),
        (Candidate { kept_off: Some("margin".into()), ..one() }, Obstacle::KeptOff("margin".into())),
        not_sold(Listing { stock: Some(0), ..listing() }, Unsellable::Empty),
        not_sold(Listing { seller_active: false, ..listing() }, Unsellable::SellerInactive),
        not_sold(Listing { buyer_active: false, ..listing() }, Unsellable::BuyerInactive),
        not_sold(Listing { doubt: Some(Doubt::Outlier), ..listing() }, Unsellable::Doubtful),
        not_sold(Listing { name: "Cek Username".into(), ..listing() }, Unsellable::AccountCheck),
        (listed(dear), too_dear),
        (
            Candidate { refused: Some(Unsellable::Gone), ..listed(listing()) },
            Obstacle::NotSold(Unsellable::Gone),
        ),
        (Candidate { refused: Some(Unsellable::Empty), ..one() }, Obstacle::NotSold(Unsellable::Empty)),
        (
            Candidate { bought_today: true, ..listed(Listing { multi: false, ..listing() }) },
            Obstacle::BoughtToday,
        ),
        (listed(closed), Obstacle::Closed(opens)),
        (Candidate { empty_until: Some(later()), ..one() }, Obstacle::Empty(later())),
        (
            Candidate { supplier_health: open(Fault::Silent), ..one() },
            Obstacle::LeftAlone(Fault::Silent, later()),
        ),
        (
            Candidate { product_health: open(Fault::CostsMore), ..one() },
            Obstacle::LeftAlone(Fault::CostsMore, later()),
        ),
        (Candidate { line_until: Some(later()), ..one() }, Obstacle::InLine(later())),
        (Candidate { probe: Probe::Undecided(later()), ..one() }, Obstacle::OnProbe(later())),
    ]
}

#[test]
fn whatever_stands_in_the_way_of_a_route_is_named_and_the_next_one_is_taken() {
    for (barred, obstacle) in barred() {
        let choice = choose(&[barred.clone(), candidate(2)], wish());
        assert_eq!(choice.obstacles, [Some(obstacle.clone()), None]);
        assert_eq!(choice.taken, Some(1), "{obstacle}");
        assert_eq!(choice.considered[0].why, obstacle.to_string());
        let alone = choose(&[barred], wish());
        assert_eq!((alone.taken, alone.passing().len()), (None, usize::from(obstacle.until().is_some())));
    }
}

#[test]
fn what_is_not_known_or_was_said_too_long_ago_stands_against_nobody() {
    assert_eq!(choose(&[candidate(1)], wish()).taken, Some(0));
    let long_ago = now().minus(crate::STALE_AFTER);
    let stale = Listing {
        seen_at: long_ago,
        price: Rupiah::new(99_000),
        stock: Some(0),
        cut_off: CutOff::read("23:45", "0:15"),
        ..listing()
    };
    let unsure = Candidate { bought_today: true, ..candidate(1) };
    for candidate in [listed(stale), unsure] {
        assert_eq!(choose(&[candidate], wish()).taken, Some(0));
    }
}

#[test]
fn nothing_is_taken_when_no_attempt_or_no_money_is_left_for_it() {
    let used_up = choose(&[candidate(1)], Wish { may_try: false, ..wish() });
    assert_eq!(used_up.obstacles, [Some(Obstacle::UsedUp)]);
    for ceiling in [0, -1] {
        let none = choose(&[candidate(1)], Wish { ceiling: Rupiah::new(ceiling), ..wish() });
        assert_eq!(none.obstacles, [Some(Obstacle::NoMargin)]);
    }
}

#[test]
fn a_route_that_delivers_badly_comes_after_all_that_do_not() {
    let poor = Health { delivered: 2, failed: 3, ..Health::UNKNOWN };
    let slow = Health { delivered: 5, middle: Some(Duration::from_secs(301)), ..Health::UNKNOWN };
    for health in [poor, slow] {
        let first = Candidate { product_health: health, ..candidate(1) };
        let choice = choose(&[first.clone(), candidate(2), candidate(3)], wish());
        assert_eq!(choice.taken, Some(1));
        assert!(choice.considered[0].why.starts_with("another delivers better"), "{choice:?}");
        assert_eq!(choose(&[first], wish()).taken, Some(0), "better than nobody");
    }
    let troubled = Candidate { troubled: true, ..candidate(1) };
    let choice = choose(&[troubled.clone(), candidate(2)], wish());
    assert_eq!((choice.taken, choice.considered[0].why.as_str()), (Some(1), "it has trouble at its seller"));
    assert_eq!(choose(&[troubled], wish()).taken, Some(0), "better than nobody");
    let few = Health { delivered: 1, failed: 3, ..Health::UNKNOWN };
    let few = Candidate { product_health: few, ..candidate(1) };
    assert_eq!(choose(&[few, candidate(2)], wish()).taken, Some(0), "four say nothing");
}

#[test]
fn a_first_purchase_is_a_trial_and_one_that_stays_undecided_comes_after_every_other_route() {
    let of = |probe: Probe| Candidate { probe, ..candidate(1) };
    assert!(!candidate(1).is_on_trial());
    let first = choose(&[of(Probe::ThisOrder), candidate(2)], wish());
    assert!(of(Probe::ThisOrder).is_on_trial());
    assert_eq!(first.taken, Some(0));
    assert!(first.considered[0].why.ends_with("so this order is the probe"), "{first:?}");

    // What another order bought there first is waited for, to the moment and no longer.
    let waits = of(Probe::Undecided(later()));
    assert_eq!(choose(&[waits.clone(), candidate(2)], wish()).taken, Some(1));
    let just_before = Wish { now: later().minus(Duration::from_millis(1)), ..wish() };
    assert_eq!(
        choose(std::slice::from_ref(&waits), just_before).obstacles,
        [Some(Obstacle::OnProbe(later()))]
    );
    let over = Wish { now: later(), ..wish() };
    assert_eq!(choose(std::slice::from_ref(&waits), over).taken, Some(0), "better than nobody");
    let poor = Health { delivered: 2, failed: 3, ..Health::UNKNOWN };
    for (second, taken) in [
        (candidate(2), 1),
        (of(Probe::ThisOrder), 1),
        (Candidate { product_health: poor, ..candidate(2) }, 0),
    ] {
        let second = Candidate { rank: 2, ..second };
        let choice = choose(&[waits.clone(), second], over);
        assert_eq!(choice.taken, Some(taken), "{choice:?}");
        if taken == 1 {
            assert_eq!(choice.considered[0].why, "its first purchase there is not decided");
        }
    }
}

#[test]
fn the_choice_is_kept_with_a_reason_for_each_route() {
    let second = Candidate { tried: true, ..candidate(2) };
    let choice = choose(&[candidate(1), second], wish());
    let kept: serde_json::Value = serde_json::from_str(&choice.explained()).unwrap();
    assert_eq!((&kept[0]["taken"], &kept[1]["taken"]), (&true.into(), &false.into()));
    assert_eq!(kept[1]["why"], "it has failed for this order");
    assert_eq!((&kept[0]["rank"], &kept[0]["sku"]), (&1.into(), &"ml86-1".into()));
}

fn health() -> impl Strategy<Value = Health> {
    let circuit = prop_oneof![
        4 => Just(Circuit::Closed),
        1 => Just(Circuit::HalfOpen),
        1 => Just(Circuit::Open { until: later(), why: Fault::Silent }),
    ];
    (0..9_usize, 0..9_usize, proptest::option::of(0..900_u64), circuit).prop_map(
        |(delivered, failed, middle, circuit)| Health {
            delivered,
            failed,
            middle: middle.map(Duration::from_secs),
            circuit,
        },
    )
}

prop_compose! {
    fn any_listing()(
        price in 15_000..20_000_i64, buyer in prop::bool::weighted(0.9), seller in prop::bool::weighted(0.9),
        stock in proptest::option::of(0..3_i64), multi: bool, age in 0..30_u64, closes in 0..24_u32, closed: bool,
    ) -> Listing {
        let hours = |hour: u32| hour % 24 * 60;
        Listing {
            price: Rupiah::new(price), buyer_active: buyer, seller_active: seller, stock, multi,
            cut_off: closed.then(|| CutOff::between(hours(closes), hours(closes + 2))).flatten(),
            seen_at: now().minus(Duration::from_secs(age * 3_600)), ..listing()
        }
    }
}

prop_compose! {
    fn any_candidate()(
        rank in 1..6_u32, misfit in prop::bool::weighted(0.1), active in prop::bool::weighted(0.9),
        connected in prop::bool::weighted(0.9), listing in proptest::option::of(any_listing()),
        supplier_health in health(), product_health in health(), empty in prop::bool::weighted(0.1),
        line in prop::bool::weighted(0.1), tried in prop::bool::weighted(0.2), bought_today: bool,
    ) -> Candidate {
        Candidate {
            misfit: misfit.then(|| "it does not fit".into()), active, listing, supplier_health, product_health,
            capabilities: connected.then_some(CAPABILITIES), empty_until: empty.then(later),
            line_until: line.then(later), tried, bought_today, ..candidate(rank)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_route_is_taken_against_what_is_known(
        candidates in proptest::collection::vec(any_candidate(), 0..6), may_try: bool, ceiling in 0..20_000_i64,
    ) {
        let wish = Wish { ceiling: Rupiah::new(ceiling), may_try, ..wish() };
        let choice = choose(&candidates, wish);
        prop_assert_eq!(choice.obstacles.len(), candidates.len());
        prop_assert_eq!(choice.considered.len(), candidates.len());
        prop_assert_eq!(choice.considered.iter().filter(|one| one.taken).count(), usize::from(choice.taken.is_some()));
        prop_assert!(choice.considered.iter().all(|one| !one.why.is_empty()));
        prop_assert_eq!(choice.taken.is_some(), choice.obstacles.iter().any(Option::is_none));
        if let Some(taken) = choice.taken.map(|place| &candidates[place]) {
            prop_assert!(may_try && ceiling > 0 && taken.active && !taken.tried && taken.misfit.is_none());
            prop_assert!(taken.capabilities.is_some_and(|can| !can.needs_end_user_ip));
            prop_assert!(taken.empty_until.is_none() && taken.line_until.is_none());
            for health in [&taken.supplier_health, &taken.product_health] {
                prop_assert!(!matches!(health.circuit, Circuit::Open { .. }), "{:?}", health);
            }
            let fresh = taken.listing.as_ref().filter(|l| wish.now.since(l.seen_at) < crate::STALE_AFTER);
            if let Some(listing) = fresh {
                prop_assert_eq!(listing.trouble(wish.now), None);
                prop_assert!(listing.price <= wish.ceiling);
                prop_assert!(listing.multi || !taken.bought_today);
            }
        }
    }

    #[test]
    fn the_order_in_which_routes_are_read_does_not_matter(
        candidates in proptest::collection::vec(any_candidate(), 1..6).prop_shuffle(),
    ) {
        let mut candidates = candidates;
        for (rank, candidate) in (1..).zip(&mut candidates) {
            candidate.rank = rank;
        }
        let sku = |choice: &Choice, of: &[Candidate]| choice.taken.map(|place| of[place].rank);
        let choice = choose(&candidates, wish());
        let mut turned = candidates.clone();
        turned.reverse();
        let again = choose(&turned, wish());
        prop_assert_eq!(sku(&choice, &candidates), sku(&again, &turned));
        prop_assert_eq!(choice.considered, again.considered);
    }

    /// Of those on which nothing stands in the way, one that delivers well is never passed over for one that does
    /// not, nor for a later one of its kind.
    #[test]
    fn nobody_better_is_passed_over(candidates in proptest::collection::vec(any_candidate(), 1..6)) {
        let choice = choose(&candidates, wish());
        let poor = |c: &Candidate| c.product_health.is_poor() || c.supplier_health.is_poor();
        if let Some(taken) = choice.taken.map(|place| &candidates[place]) {
            for (other, obstacle) in candidates.iter().zip(&choice.obstacles) {
                let before = (poor(other), other.rank) < (poor(taken), taken.rank);
                prop_assert!(obstacle.is_some() || !before);
            }
        }
    }
}

#[test]
fn a_supplier_that_takes_no_limit_wants_a_fresh_price_or_something_to_spare() {
    let unguarded = Capabilities { price_guard: false, ..CAPABILITIES };
    let of = |listing: Option<Listing>, can: Capabilities, may_buy_blind: bool| {
        let candidate = Candidate { capabilities: Some(can), listing, ..candidate(1) };
        choose(&[candidate], Wish { may_buy_blind, ..wish() }).obstacles[0].clone()
    };
    let seen =
        |minutes: u64| Some(Listing { seen_at: now().minus(Duration::from_secs(minutes * 60)), ..listing() });
    for may_buy_blind in [false, true] {
        assert_eq!(of(seen(59), unguarded, may_buy_blind), None);
        assert_eq!(of(seen(60), unguarded, may_buy_blind), Some(Obstacle::Blind), "it tells, and has not");
        for guarded in [CAPABILITIES, Capabilities { reads_price_first: true, ..unguarded }] {
            assert_eq!(
                (of(seen(60), guarded, may_buy_blind), of(None, guarded, may_buy_blind)),
                (None, None)
            );
        }
    }
    assert_eq!(of(None, unguarded, true), None);
    assert_eq!(of(None, unguarded, false), Some(Obstacle::Blind));
}
