//! A purchase that is refused for its price: what the product costs now is asked at once, followed, and shown to whoever
//! looks at the order.

use crate::market::{Market, OWN};
use crate::routes_open::only_its_own;
use crate::scene::{NOON, Scene};
use database::{Database, sql};
use notifications::NewScreen;
use orders::{ListOutcome, Order, OrderState, PriceRules, Rules};
use std::{sync::Arc, time::Duration};
use suppliers::{Verdict, adapters::digiflazz::CAPABILITIES};
use testkit::on_both_shops;
use tokio::sync::Semaphore;
use vocabulary::Rupiah;

/// A shop whose one product is refused at its price.
async fn market(db: &Database, rules: Rules) -> Market {
    let market = Market::with(db, rules, CAPABILITIES).await;
    only_its_own(&market).await;
    market.says(OWN, Verdict::FailedPrice);
    // So that the answer is later than the question.
    *market.sellers.takes.lock().unwrap() = Duration::from_millis(20);
    market
}

fn costs(market: &Market, cost: i64) {
    market.sellers.costs.lock().unwrap().insert(OWN.into(), cost);
}

/// Its supplier tells its list, and asks more after that.
async fn listed_before(market: &Market) {
    costs(market, 9_000);
    let supplier = market.scene.shop.suppliers[0].clone();
    let synced = market.scene.shop.sync_prices(&supplier).await.unwrap();
    assert_eq!(synced.list, ListOutcome::Kept { entries: 1, unreadable: 0 });
    costs(market, 9_500);
}

/// An order that somebody looks at, paid and refused.
async fn refused(market: &Market) -> Order {
    let order = market.unpaid("a").await;
    let mut tx = market.scene.shop.db.write("test").await.unwrap();
    let screen = NewScreen {
        once_key: "1",
        courier: "nobody",
        surface: "i:1",
        order: Some(&order.id),
        address: "",
        task: "",
        live_until: NOON.plus(Duration::from_secs(3_600)),
        due_at: None,
        last_at: None,
    };
    assert!(notifications::show(&mut tx, &market.scene.shop.ids, NOON, &screen).await.unwrap());
    tx.commit().await.unwrap();
    market.pay(&order).await;
    market.until_state(&order, OrderState::Refunded).await;
    order
}

async fn price_now(market: &Market, order: &Order) -> Option<Rupiah> {
    let view = market.scene.shop.order_view(&order.number, &order.owner).await.unwrap().unwrap();
    view.price_moved.unwrap().price_now
}

fn priced(market: &Market) -> Vec<String> {
    market.sellers.priced.lock().unwrap().clone()
}

async fn until(what: &str, done: impl AsyncFn() -> bool) {
    for _ in 0..2_000 {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    panic!("not {what}");
}

on_both_shops!(fn what_a_refused_product_costs_now_is_asked_at_once_and_shown_to_whoever_looks(db) {
    let market = market(&db, Scene::rules()).await;
    listed_before(&market).await;
    let lets_tell = Arc::new(Semaphore::new(0));
    *market.sellers.lets_tell.lock().unwrap() = Some(lets_tell.clone());
    let order = refused(&market).await;
    until("asked", async || !priced(&market).is_empty()).await;
    assert_eq!(price_now(&market, &order).await, None, "nobody knows it, and the money is back already");
    let nudges = sql!("SELECT nudges FROM screen");
    let before = market.scene.count(nudges).await;
    lets_tell.add_permits(1);
    until("shown anew", async || market.scene.count(nudges).await > before).await;
    assert_eq!(price_now(&market, &order).await, Some(Rupiah::new(10_000)));
    assert_eq!(market.scene.count(sql!("SELECT cost FROM product")).await, 9_500, "the next one may cost that");
    assert_eq!(priced(&market), [OWN], "and once is enough");
    market.end().await;
});

on_both_shops!(fn nobody_is_asked_what_one_costs_where_the_owner_has_no_prices_asked_for(db) {
    let prices = PriceRules { every: None, ..PriceRules::default() };
    let market = market(&db, Rules { prices, ..Scene::rules() }).await;
    listed_before(&market).await;
    nobody_is_asked(market).await;
});

on_both_shops!(fn nobody_is_asked_what_one_costs_before_a_list_has_told_what_is_usual(db) {
    let market = market(&db, Scene::rules()).await;
    // The list is read after the refusal, and is silent.
    nobody_is_asked(market).await;
});

/// A purchase is refused, and nobody asks what the product costs.
async fn nobody_is_asked(market: Market) {
    let order = refused(&market).await;
    // Another one that is done after it: what was to be asked has been by then.
    market.says(OWN, Verdict::Succeeded);
    market.passes(61);
    let later = market.bought("b").await;
    market.until_state(&later, OrderState::Delivered).await;
    assert_eq!(price_now(&market, &order).await, None);
    assert_eq!(priced(&market), Vec::<String>::new());
    market.end().await;
}
