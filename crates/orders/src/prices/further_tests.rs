//! What is to be thought of what is asked for further routes: a bait is none the better for being on one.

use super::{
    further::{JudgedRoute, judge_routes, told},
    judge::PriceRules,
    judge_tests::{NOW, listing, map, product},
};
use catalog::Supplied;
use std::collections::BTreeMap;
use suppliers::{Doubt, Listing, STALE_AFTER};
use vocabulary::Rupiah;

/// A further route of the product of this code, name and cost, at `sku`.
fn route(code: &str, name: &str, cost: i64, sku: &str) -> Supplied {
    Supplied { sku: sku.to_owned(), ..product(code, name, cost * 2, cost) }
}

/// What is thought of these, where nothing is the supplier's own.
fn judged(routes: &[Supplied], listings: &[Listing], accepted: &[(&str, i64)]) -> Vec<JudgedRoute> {
    let accepted: BTreeMap<String, Rupiah> =
        accepted.iter().map(|(sku, price)| ((*sku).to_owned(), Rupiah::new(*price))).collect();
    judge_routes((&[], routes), &map(listings.to_vec()), &accepted, &PriceRules::default())
}

fn doubts(judged: &[JudgedRoute]) -> Vec<Option<Doubt>> {
    judged.iter().map(|route| route.doubt).collect()
}

#[test]
fn what_is_asked_there_is_held_against_what_the_product_costs_or_a_person_has_said() {
    let routes = [route("ML_86", "86 Diamond", 18_000, "b1")];
    let asked =
        |price: i64, accepted: &[(&str, i64)]| doubts(&judged(&routes, &[listing("b1", price)], accepted))[0];
    for (price, doubt) in [
        (18_000, None),
        (12_600, None),
        (12_599, Some(Doubt::Jump)),
        (1, Some(Doubt::Jump)),
        (25_714, None),
        (25_715, Some(Doubt::Jump)),
        (0, Some(Doubt::NotPositive)),
    ] {
        assert_eq!(asked(price, &[]), doubt, "{price}");
    }
    // Whoever says that it is right says so of about that price, and not of any other.
    assert_eq!(asked(6_000, &[("b1", 6_000)]), None);
    assert_eq!(asked(5_000, &[("b1", 6_000)]), None);
    assert_eq!(asked(18_500, &[("b1", 6_000)]), None, "what it costs elsewhere is right as well");
    assert_eq!(asked(3_000, &[("b1", 6_000)]), Some(Doubt::Jump));
    assert_eq!(asked(6_000, &[("b2", 6_000)]), Some(Doubt::Jump));
    assert_eq!(asked(0, &[("b1", 6_000)]), Some(Doubt::NotPositive));
}

#[test]
fn a_unit_is_compared_with_other_packs_whichever_route_they_are_on() {
    let counts: [i64; 4] = [86, 172, 344, 429];
    let own: Vec<Supplied> = counts
        .iter()
        .map(|n| product(&format!("ML_{n}"), &format!("{n} Diamond"), n * 500, n * 225))
        .collect();
    let further = [route("ML_257", "257 Diamonds", 40_000, "b257")];
    let at = |told: i64, own: &[Supplied]| {
        let mut listings: Vec<Listing> =
            counts.iter().map(|n| listing(&format!("ml_{n}"), n * 225)).collect();
        listings.push(listing("b257", told));
        doubts(&judge_routes((own, &further), &map(listings), &BTreeMap::new(), &PriceRules::default()))
    };
    assert_eq!(at(32_000, &own), [Some(Doubt::Outlier)], "Rp 125 each among Rp 225");
    assert_eq!(at(39_000, &own), [None], "Rp 152 each");
    assert_eq!(at(32_000, &own[..3]), [None], "of few nobody says what is usual");
}

#[test]
fn what_is_a_products_own_is_judged_as_that_and_what_several_share_is_believed_for_all_or_none() {
    let own = [product("ML_86", "86 Diamond", 20_000, 18_000)];
    let shared = [route("ML_5", "5 Diamond", 1_500, "ml_86")];
    let listings = map([listing("ml_86", 18_000)]);
    let rules = PriceRules::default();
    assert_eq!(judge_routes((&own, &shared), &listings, &BTreeMap::new(), &rules), []);

    let routes = [route("ML_86", "86 Diamond", 18_000, "b1"), route("ML_87", "87 Diamond", 6_000, "b1")];
    let judged = |accepted: &[(&str, i64)]| doubts(&judged(&routes, &[listing("b1", 6_000)], accepted));
    assert_eq!(judged(&[]), [Some(Doubt::Jump); 2]);
    assert_eq!(judged(&[("b1", 6_000)]), [None; 2]);
}

#[test]
fn staff_are_told_of_what_is_wanted_and_was_listed_lately_once_for_each_code() {
    let off = Supplied { wanted: false, ..route("ML_3", "3 Diamond", 18_000, "off") };
    let routes = [
        route("ML_1", "1 Diamond", 18_000, "b1"),
        route("ML_2", "2 Diamond", 18_000, "b1"),
        off,
        route("ML_4", "4 Diamond", 18_000, "gone"),
        route("ML_5", "5 Diamond", 18_000, "good"),
        route("ML_6", "6 Diamond", 18_000, "nothing"),
    ];
    let gone = Listing { seen_at: NOW.minus(STALE_AFTER), ..listing("gone", 900) };
    let listings =
        [listing("b1", 900), listing("off", 900), gone, listing("good", 18_000), listing("nothing", 0)];
    let told = told(&judged(&routes, &listings, &[]), "second", NOW);
    assert_eq!(told.keys().collect::<Vec<_>>(), ["b1", "nothing"]);
    let b1 = &told["b1"];
    assert!(b1.starts_with("ML_1, ML_2 is not bought") && b1.contains("second asks Rp 900 for b1"), "{b1}");
    assert!(b1.ends_with("`loket supplier accept second b1 900`"), "{b1}");
    assert!(told["nothing"].contains("which cannot be"), "{told:?}");
}
