//! What a supplier has refused to sell is not tried again with the next buyer's order, until the supplier lists it anew.

use crate::{
    market::{B1, Market, OWN, listed, reasons},
    routes_open::only_its_own,
};
use database::Database;
use notifications::AlertKind;
use orders::OrderState;
use std::time::Duration;
use suppliers::{Listing, Verdict};
use testkit::on_both_shops;

/// The supplier's list, asked for a minute later, has the product.
async fn is_listed_anew(market: &Market) {
    market.passes(61);
    let seen_at = market.scene.shop.clock.now();
    market.lists(Listing { seen_at, ..listed("digiflazz", OWN) }).await;
}

on_both_shops!(fn what_is_not_sold_to_us_is_bought_elsewhere_until_it_is_listed_anew(db) {
    let market = Market::open(&db).await;
    market.lists(listed("digiflazz", OWN)).await;
    market.passes(1);
    market.says(OWN, Verdict::FailedGone);
    let first = market.bought("a").await;
    market.until_state(&first, OrderState::Delivered).await;
    assert_eq!(market.asked(), [OWN, B1]);
    assert_eq!(market.alerts().await, [(AlertKind::ProductKeptOff, format!("digiflazz/{OWN}"))]);
    let second = market.place("b", "223456789").await.unwrap();
    let file = market.until_state(&second, OrderState::Delivered).await;
    assert_eq!(market.asked(), [OWN, B1, B1], "the next buyer's order is not sent there");
    assert!(reasons(&file.attempts[0])[0].contains("refused"), "{:?}", reasons(&file.attempts[0]));
    market.says(OWN, Verdict::Succeeded);
    is_listed_anew(&market).await;
    let third = market.place("c", "323456789").await.unwrap();
    market.until_state(&third, OrderState::Delivered).await;
    assert_eq!(market.asked(), [OWN, B1, B1, OWN]);
    market.end().await;
});

/// What a person is to look at because it is kept off sale.
async fn kept_off(market: &Market) -> Vec<String> {
    let open = market.alerts().await.into_iter();
    open.filter(|(kind, _)| *kind == AlertKind::ProductKeptOff).map(|(_, subject)| subject).collect()
}

async fn until_nobody_need_look(market: &Market) {
    for _ in 0..2_000 {
        if kept_off(market).await.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    panic!("still open: {:?}", kept_off(market).await);
}

on_both_shops!(fn who_has_to_look_at_what_is_not_sold_to_us_is_called_anew_when_it_was_sold_in_between(db) {
    let market = Market::open(&db).await;
    let called = [format!("digiflazz/{OWN}")];
    market.says(OWN, Verdict::FailedGone);
    let first = market.bought("a").await;
    market.until_state(&first, OrderState::Delivered).await;
    market.passes(61);
    let second = market.place("b", "223456789").await.unwrap();
    market.until_state(&second, OrderState::Delivered).await;
    assert_eq!(market.asked(), [OWN, B1, B1]);
    assert_eq!(kept_off(&market).await, called, "it is looked at, and not over");
    // No list has it, and after a day it is tried again.
    market.passes(86_400);
    until_nobody_need_look(&market).await;
    let third = market.place("c", "323456789").await.unwrap();
    market.until_state(&third, OrderState::Delivered).await;
    assert_eq!(market.asked(), [OWN, B1, B1, OWN, B1]);
    assert_eq!(kept_off(&market).await, called);
    is_listed_anew(&market).await;
    until_nobody_need_look(&market).await;
    market.end().await;
});

/// Nobody else has what the supplier refuses to sell, in this word.
async fn is_offered_to_nobody(db: &Database, verdict: Verdict) {
    let market = Market::open(db).await;
    only_its_own(&market).await;
    assert_eq!(market.offered().await, 1);
    market.says(OWN, verdict);
    let first = market.bought("a").await;
    market.until_state(&first, OrderState::Refunded).await;
    assert_eq!(market.offered().await, 0);
    assert!(market.place("b", "223456789").await.is_err(), "nobody pays for it");
    assert_eq!(market.asked(), [OWN]);
    market.says(OWN, Verdict::Succeeded);
    is_listed_anew(&market).await;
    assert_eq!(market.offered().await, 1);
    let later = market.place("c", "323456789").await.unwrap();
    market.until_state(&later, OrderState::Delivered).await;
    market.end().await;
}

on_both_shops!(fn what_is_not_sold_to_us_and_nobody_else_has_is_offered_to_nobody(db) {
    is_offered_to_nobody(&db, Verdict::FailedGone).await;
});

on_both_shops!(fn what_has_run_out_and_nobody_else_has_is_offered_to_nobody(db) {
    is_offered_to_nobody(&db, Verdict::FailedEmpty).await;
});

on_both_shops!(fn what_has_trouble_at_its_seller_is_bought_elsewhere_for_a_while(db) {
    let market = Market::open(&db).await;
    market.says(OWN, Verdict::FailedTroubled);
    let first = market.bought("a").await;
    market.until_state(&first, OrderState::Delivered).await;
    let second = market.place("b", "223456789").await.unwrap();
    market.until_state(&second, OrderState::Delivered).await;
    assert_eq!(market.asked(), [OWN, B1, B1]);
    market.says(OWN, Verdict::Succeeded);
    market.passes(15 * 60);
    let third = market.place("c", "323456789").await.unwrap();
    market.until_state(&third, OrderState::Delivered).await;
    assert_eq!(market.asked(), [OWN, B1, B1, OWN]);
    market.end().await;
});
