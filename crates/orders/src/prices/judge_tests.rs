//! What follows from a supplier's prices, guard by guard, and what holds whatever it says.

use super::judge::{self, Judged, Known, PriceRules, units};
use catalog::{KeptOff, Supplied};
use proptest::prelude::*;
use std::{collections::BTreeMap, time::Duration};
use suppliers::{Doubt, Listing, STALE_AFTER};
use vocabulary::{Rupiah, Timestamp};

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_795_323_600_000);

pub(super) fn product(code: &str, name: &str, price: i64, cost: i64) -> Supplied {
    Supplied {
        code: code.parse().unwrap(),
        category: "ML".parse().unwrap(),
        name: name.to_owned(),
        sku: code.to_lowercase(),
        price: Rupiah::new(price),
        cost: Rupiah::new(cost),
        wanted: true,
        kept_off: None,
    }
}

pub(super) fn listing(sku: &str, price: i64) -> Listing {
    Listing {
        supplier: "digiflazz".into(),
        sku: sku.to_lowercase(),
        name: format!("MOBILELEGEND {sku}"),
        category: "Games".into(),
        brand: "MOBILE LEGENDS".into(),
        seller: "A seller".into(),
        description: String::new(),
        price: Rupiah::new(price),
        buyer_active: true,
        seller_active: true,
        stock: None,
        multi: true,
        cut_off: None,
        doubt: None,
        seen_at: NOW,
    }
}

pub(super) fn map(listings: impl IntoIterator<Item = Listing>) -> BTreeMap<String, Listing> {
    listings.into_iter().map(|listing| (listing.sku.clone(), listing)).collect()
}

/// What follows for one product at Rp 20.000, cost 18.000, when this is asked for it.
fn asked(told: i64, rules: &PriceRules) -> (i64, i64, Option<KeptOff>, Option<Doubt>) {
    let products = vec![product("ML_86", "86 Diamond", 20_000, 18_000)];
    let judged = judge(&products, &map([listing("ML_86", told)]), rules, NOW);
    let judged = &judged[0];
    (judged.price.get(), judged.cost.get(), judged.kept_off, judged.doubt)
}

#[test]
fn the_cost_follows_and_the_price_stays() {
    let rules = PriceRules::default();
    assert_eq!(asked(18_000, &rules), (20_000, 18_000, None, None));
    assert_eq!(asked(17_000, &rules), (20_000, 17_000, None, None));
    assert_eq!(asked(19_400, &rules), (20_000, 19_400, None, None), "three percent are left, to the rupiah");
}

#[test]
fn a_margin_that_is_too_small_or_negative_keeps_it_off_and_moves_nothing() {
    let rules = PriceRules::default();
    for told in [19_401, 20_000, 20_001, 23_000] {
        assert_eq!(asked(told, &rules), (20_000, 18_000, Some(KeptOff::Margin), None), "{told}");
    }
    let none_wanted = PriceRules { least_margin_basis_points: 0, ..rules };
    assert_eq!(asked(20_000, &none_wanted), (20_000, 20_000, None, None));
    assert_eq!(asked(20_001, &none_wanted), (20_000, 18_000, Some(KeptOff::Margin), None), "never at a loss");
}

#[test]
fn a_price_that_jumps_is_not_believed_in_either_direction() {
    let rules = PriceRules::default();
    for (told, doubt) in [
        (25_714, None),
        (25_715, Some(Doubt::Jump)),
        (12_600, None),
        (12_599, Some(Doubt::Jump)),
        (1, Some(Doubt::Jump)),
        (i64::MAX, Some(Doubt::Jump)),
        (0, Some(Doubt::NotPositive)),
        (-18_000, Some(Doubt::NotPositive)),
        (i64::MIN, Some(Doubt::NotPositive)),
    ] {
        let (price, cost, kept_off, found) = asked(told, &rules);
        assert_eq!(found, doubt, "{told}");
        if doubt.is_some() {
            assert_eq!((price, cost, kept_off), (20_000, 18_000, Some(KeptOff::Doubtful)), "{told}");
        }
    }
}

#[test]
fn the_way_back_from_a_price_that_was_believed_is_no_jump() {
    let rules = PriceRules::default();
    let jumps = |cost: i64, told: i64| {
        let products = vec![product("ML_86", "86 Diamond", 20_000, cost)];
        judge(&products, &map([listing("ML_86", told)]), &rules, NOW)[0].doubt
    };
    for cost in [18_000, 13_500, 12_600] {
        assert_eq!((jumps(18_000, cost), jumps(cost, 18_000)), (None, None), "{cost}");
    }
    assert_eq!((jumps(18_000, 12_599), jumps(12_599, 18_000)), (Some(Doubt::Jump), Some(Doubt::Jump)));
}

#[test]
fn where_the_owner_wants_it_the_price_keeps_its_share_of_the_cost() {
    let rules = PriceRules { price_follows: true, ..PriceRules::default() };
    assert_eq!(asked(19_350, &rules), (21_500, 19_350, None, None));
    assert_eq!(asked(16_200, &rules), (18_000, 16_200, None, None));
    assert_eq!(asked(19_351, &rules).0, 21_502, "a fraction of a rupiah is for the shop");
    assert_eq!(asked(18_000, &rules).0, 20_000, "a price set by hand stays while the cost does");
}

#[test]
fn a_unit_far_below_its_like_is_bait_and_one_far_above_is_none_of_ours() {
    // The survey's own: 257 at Rp 206 each among Rp 225 to 255 is within the trend.
    let names = [(86, 19_350), (172, 43_969), (344, 88_200), (429, 107_359), (514, 126_432), (706, 173_366)];
    let code = |n: i64| format!("ML_{n}");
    let at = |told: i64, cost: i64| {
        let mut products: Vec<_> = names
            .iter()
            .map(|(n, cost)| product(&code(*n), &format!("{n} Diamond"), cost * 2, *cost))
            .collect();
        products.push(product("ML_257", "257 Diamonds", 200_000, cost));
        let mut listings: Vec<_> = names.iter().map(|(n, cost)| listing(&code(*n), *cost)).collect();
        listings.push(listing("ML_257", told));
        let judged = judge(&products, &map(listings), &PriceRules::default(), NOW);
        let found = judged.into_iter().find(|judged| judged.product.code.as_str() == "ML_257").unwrap();
        (found.doubt, found.kept_off)
    };
    assert_eq!(at(52_825, 54_000), (None, None), "Rp 206 each");
    assert_eq!(at(37_000, 40_000), (Some(Doubt::Outlier), Some(KeptOff::Doubtful)), "Rp 144 each");
    assert_eq!(at(110_000, 108_000), (Some(Doubt::Outlier), Some(KeptOff::Doubtful)), "Rp 428 each");
    assert_eq!(at(37_000, 37_000), (None, None), "a person has said that this is its cost");
}

#[test]
fn of_few_and_of_other_things_nobody_says_what_is_usual() {
    let mut products = vec![product("ML_86", "86 Diamond", 20_000, 18_000)];
    products.extend((1..=3).map(|n| product(&format!("ML_{n}"), &format!("{n} Diamond"), 9_000, 3_000)));
    products.extend((4..=7).map(|n| product(&format!("ML_{n}"), &format!("{n} Crystal"), 9_000, 3_000)));
    let listings = products.iter().map(|product| listing(product.code.as_str(), product.cost.get() - 1));
    let judged = judge(&products, &map(listings), &PriceRules::default(), NOW);
    assert!(judged.iter().all(|judged| judged.doubt.is_none()), "{judged:?}");
}

#[test]
fn what_a_product_is_of_is_read_from_its_name() {
    for (name, expected) in [
        ("86 Diamond", Some((86, "diamond"))),
        ("1.000 Diamonds", Some((1_000, "diamond"))),
        ("60 UC", Some((60, "uc"))),
        ("330 Genesis Crystal", Some((330, "genesi"))),
        ("Weekly Diamond Pass", None),
        ("Rp 20.000", None),
        ("0 Diamond", None),
        ("86", None),
        ("99999999999 Diamond", None),
        ("5 2x", None),
    ] {
        assert_eq!(units(name).as_ref().map(|(n, of)| (*n, of.as_str())), expected, "{name}");
    }
}

#[test]
fn what_is_not_listed_is_kept_off_once_the_list_is_ours() {
    let products =
        vec![product("ML_86", "86 Diamond", 20_000, 18_000), product("ML_5", "5 Diamond", 1_900, 1_500)];
    let standing = |listings: Vec<Listing>, now: Timestamp| {
        let judged = judge(&products, &map(listings), &PriceRules::default(), now);
        judged.into_iter().map(|judged| judged.kept_off).collect::<Vec<_>>()
    };
    assert_eq!(standing(vec![], NOW), [None, None], "nothing was ever told");
    assert_eq!(standing(vec![listing("xl10", 10_000)], NOW), [None, None], "it is not our list");
    assert_eq!(standing(vec![listing("ML_86", 18_000)], NOW), [None, Some(KeptOff::NotListed)]);
    // Listed yesterday, and not since.
    let gone = Listing { seen_at: NOW.minus(STALE_AFTER), ..listing("ML_5", 1_500) };
    assert_eq!(standing(vec![listing("ML_86", 18_000), gone], NOW), [None, Some(KeptOff::NotListed)]);
    let checks = Listing { name: "Mobile Legends Cek Username".into(), ..listing("ML_5", 1_500) };
    assert_eq!(standing(vec![listing("ML_86", 18_000), checks], NOW), [None, Some(KeptOff::AccountCheck)]);
}

#[test]
fn a_list_that_has_grown_old_moves_nothing() {
    let mut off = product("ML_86", "86 Diamond", 20_000, 18_000);
    off.kept_off = Some(KeptOff::Margin);
    let on = product("ML_5", "5 Diamond", 1_900, 1_500);
    let listings = map([listing("ML_86", 15_000), listing("ML_5", 1_850)]);
    let later = NOW.plus(STALE_AFTER);
    let standing = |judged: &[Judged]| {
        judged.iter().map(|j| (j.price.get(), j.cost.get(), j.kept_off)).collect::<Vec<_>>()
    };
    let judged = judge(&[off.clone(), on.clone()], &listings, &PriceRules::default(), later);
    assert_eq!(standing(&judged), [(20_000, 18_000, Some(KeptOff::Margin)), (1_900, 1_500, None)]);
    // Whoever follows no prices is not held to those of long ago.
    let never = PriceRules { every: None, ..PriceRules::default() };
    let judged = judge(&[off, on], &listings, &never, later);
    assert_eq!(standing(&judged), [(20_000, 18_000, None), (1_900, 1_500, None)]);
}

/// What follows from a list that was told as a whole.
fn judge(
    products: &[Supplied],
    listings: &BTreeMap<String, Listing>,
    rules: &PriceRules,
    now: Timestamp,
) -> Vec<Judged> {
    let list_at = listings.values().map(|listing| listing.seen_at).max();
    judge::judge(products, Known { listings, list_at }, rules, now)
}

#[test]
fn one_product_that_is_told_by_itself_is_followed_and_makes_no_list_new() {
    let products =
        [product("ML_86", "86 Diamond", 20_000, 18_000), product("ML_5", "5 Diamond", 1_900, 1_500)];
    let standing = |listings: Vec<Listing>, list_at: Option<Timestamp>| {
        let listings = map(listings);
        let known = Known { listings: &listings, list_at };
        let judged = judge::judge(&products, known, &PriceRules::default(), NOW);
        judged.iter().map(|j| (j.cost.get(), j.kept_off)).collect::<Vec<_>>()
    };
    let one = || listing("ML_86", 18_500);
    let old = || Listing { seen_at: NOW.minus(STALE_AFTER), ..listing("ML_5", 1_550) };
    let long_ago = Some(NOW.minus(STALE_AFTER));
    assert_eq!(standing(vec![one(), old()], long_ago), [(18_500, None), (1_500, None)], "the list is silent");
    assert_eq!(standing(vec![one()], long_ago), [(18_500, None), (1_500, None)], "and lacked the other one");
    let gone = Some(KeptOff::NotListed);
    assert_eq!(
        standing(vec![one(), old()], Some(NOW)),
        [(18_500, None), (1_500, gone)],
        "a newer list lacks it"
    );
}

prop_compose! {
    fn any_rules()(
        jump in 0..300_u32, trend in 0..=95_u32, margin in 0..=5_000_u32, price_follows: bool,
    ) -> PriceRules {
        PriceRules {
            every: Some(Duration::from_secs(900)),
            most_jump_percent: jump,
            most_off_trend_percent: trend,
            least_margin_basis_points: margin,
            price_follows,
        }
    }
}

prop_compose! {
    /// Up to a dozen products with what is asked for them, around the cost and far from it.
    fn any_shop()(rows in prop::collection::vec(
        (1..5_000_u32, 1..1_000_000_i64, 0..300_000_i64, prop_oneof![any::<i64>(), -10..2_000_000_i64], 0..4_u8), 1..12,
    )) -> (Vec<Supplied>, Vec<Listing>) {
        let mut products = Vec::new();
        let mut listings = Vec::new();
        for (n, (count, cost, above, told, kind)) in rows.into_iter().enumerate() {
            let code = format!("P_{n}");
            products.push(product(&code, &format!("{count} Diamond"), cost + above, cost));
            match kind {
                0 => {}
                1 => listings.push(listing(&code, cost)),
                2 => listings.push(listing(&code, told)),
                _ => listings.push(listing(&code, cost.saturating_add(told.rem_euclid(cost) / 4))),
            }
        }
        (products, listings)
    }
}

proptest! {
    #[test]
    fn whatever_is_told_nothing_is_offered_at_a_loss_and_no_doubted_price_is_taken_over(
        (products, listings) in any_shop(), rules in any_rules(),
    ) {
        let listings = map(listings);
        for judged in judge(&products, &listings, &rules, NOW) {
            let (before, told) = (&judged.product, judged.listing.as_ref().map(|listing| listing.price));
            prop_assert!(judged.cost.is_positive() && judged.price >= judged.cost);
            if judged.kept_off.is_some() {
                prop_assert_eq!((judged.price, judged.cost), (before.price, before.cost));
            } else if let Some(told) = told {
                prop_assert_eq!(judged.cost, told);
                let margin = i128::from(judged.price.get() - judged.cost.get()) * 10_000;
                prop_assert!(margin >= i128::from(judged.price.get()) * i128::from(rules.least_margin_basis_points));
            }
            if judged.doubt.is_some() {
                prop_assert_eq!(judged.kept_off, Some(KeptOff::Doubtful));
            }
            if !rules.price_follows {
                prop_assert_eq!(judged.price, before.price);
            }
        }
    }

    #[test]
    fn judging_again_changes_nothing((products, listings) in any_shop(), rules in any_rules()) {
        let listings = map(listings);
        let first = judge(&products, &listings, &rules, NOW);
        let taken_over: Vec<Supplied> = first
            .iter()
            .map(|j| Supplied { price: j.price, cost: j.cost, kept_off: j.kept_off, ..j.product.clone() })
            .collect();
        for again in judge(&taken_over, &listings, &rules, NOW) {
            prop_assert!(!again.changes(), "{again:?}");
        }
    }
}
