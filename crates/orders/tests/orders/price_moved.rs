//! A paid order whose supplier asks more by then: its buyer is told so, and what it costs now (`contracts/suppliers.md`
//! §6 row 11).

use crate::market::{B1, ELSEWHERE, Market, OWN, listed, told};
use crate::routes_open::only_its_own;
use crate::scene::{ITEM, Scene};
use database::Sql;
use notifications::MessageKind;
use orders::{Order, OrderState, PriceMoved, Rules};
use suppliers::{Listing, Verdict, adapters::digiflazz::CAPABILITIES};
use testkit::on_both_shops;
use vocabulary::{PaymentMethod, Rupiah};

const ROUTES: [(&str, &str); 3] = [("digiflazz", OWN), ("digiflazz", B1), ("second", ELSEWHERE)];

/// What the buyer reads about the price.
async fn moved(market: &Market, order: &Order) -> Option<PriceMoved> {
    market.scene.shop.order_view(&order.number, &order.owner).await.unwrap().unwrap().price_moved
}

/// What the buyer of an order whose price moved is offered it at now.
async fn price_now(market: &Market, order: &Order) -> Option<i64> {
    moved(market, order).await.unwrap().price_now.map(Rupiah::get)
}

async fn product_becomes(market: &Market, change: &'static str) {
    let mut tx = market.scene.shop.db.write("test").await.unwrap();
    Sql::same(change).query().run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

async fn lists_at(market: &Market, (supplier, sku): (&str, &str), price: i64) {
    market.lists(Listing { price: Rupiah::new(price), ..listed(supplier, sku) }).await;
}

on_both_shops!(fn whose_price_moved_is_told_so_and_what_it_costs_where_that_helps(db) {
    let market = Market::open(&db).await;
    ROUTES.iter().for_each(|(_, sku)| market.says(sku, Verdict::FailedPrice));
    let order = market.bought("a").await;
    let file = market.until_state(&order, OrderState::Refunded).await;
    assert_eq!(told(&file, MessageKind::PriceMoved), [None]);
    assert_eq!(told(&file, MessageKind::Refunded), [Some("Rp 10.000".into())]);
    assert_eq!(price_now(&market, &order).await, None, "at what the shop knows it would come to nothing again");
    for (change, costs) in [
        ("UPDATE product SET price = 11000", None),
        ("UPDATE product SET cost = 9500", Some(11_000)),
        ("UPDATE product SET active = 0", None),
        ("UPDATE product SET active = 1, price = 10000", Some(10_000)),
        ("UPDATE stock SET reserved = on_hand", None),
        ("UPDATE stock SET reserved = 0", Some(10_000)),
    ] {
        product_becomes(&market, change).await;
        assert_eq!(price_now(&market, &order).await, costs, "{change}");
    }
    // The money that came back buys it.
    ROUTES.iter().for_each(|(_, sku)| market.says(sku, Verdict::Succeeded));
    let mut wish = market.scene.wish("a", ITEM);
    wish.method = PaymentMethod::Wallet;
    let placed = market.scene.shop.place(&wish).await.unwrap();
    let again = market.scene.order(&placed.number).await;
    let bought = market.until_state(&again, OrderState::Delivered).await;
    assert_eq!(bought.attempts[0].max_price, Rupiah::new(9_500));
    assert_eq!(moved(&market, &again).await, None);
    // What comes after all is not offered once more.
    market.webhook("digiflazz", &file.attempts[0], Verdict::Succeeded).await;
    assert_eq!(moved(&market, &order).await, None);
    market.end().await;
});

on_both_shops!(fn what_costs_too_much_only_because_the_owner_wants_more_is_not_said_to_have_moved(db) {
    // Of Rp 10.000 the owner wants Rp 2.000, where a cost of Rp 9.000 was promised.
    let rules = Rules { min_margin_basis_points: 2_000, ..Scene::rules() };
    let market = Market::with(&db, rules, CAPABILITIES).await;
    only_its_own(&market).await;
    market.says(OWN, Verdict::FailedPrice);
    let refused = market.bought("a").await;
    let (listed, moves) = (market.unpaid("b").await, market.unpaid("c").await);
    let file = market.until_state(&refused, OrderState::Refunded).await;
    assert_eq!(file.attempts[0].max_price, Rupiah::new(8_000));
    assert_eq!(told(&file, MessageKind::PriceMoved), []);
    lists_at(&market, ROUTES[0], 9_000).await;
    market.pay(&listed).await;
    let file = market.until_state(&listed, OrderState::Refunded).await;
    assert_eq!(told(&file, MessageKind::PriceMoved), []);
    lists_at(&market, ROUTES[0], 9_001).await;
    market.pay(&moves).await;
    let file = market.until_state(&moves, OrderState::Refunded).await;
    assert_eq!(told(&file, MessageKind::PriceMoved), [None]);
    assert_eq!(market.asked(), [OWN], "the first alone");
    market.end().await;
});

on_both_shops!(fn only_where_the_price_is_why_it_is_said_to_have_moved(db) {
    let market = Market::open(&db).await;
    // Nobody knows that these were ever cheaper.
    lists_at(&market, ROUTES[1], 9_500).await;
    lists_at(&market, ROUTES[2], 9_500).await;
    for (buyer, verdict) in [("a", Verdict::FailedProvider), ("b", Verdict::FailedCustomer)] {
        market.says(OWN, verdict);
        let order = market.bought(buyer).await;
        let file = market.until_state(&order, OrderState::Refunded).await;
        assert_eq!(told(&file, MessageKind::PriceMoved), []);
        assert_eq!(moved(&market, &order).await, None, "{verdict}");
        // What failed is not sent for the same number again within a minute.
        market.passes(61);
    }
    // Listed above what it may cost by the time it is paid: nobody is asked.
    let order = market.unpaid("c").await;
    lists_at(&market, ROUTES[0], 9_001).await;
    market.pay(&order).await;
    let file = market.until_state(&order, OrderState::Refunded).await;
    assert_eq!(told(&file, MessageKind::PriceMoved), [None]);
    assert_eq!(market.asked(), [OWN, OWN], "the two before");
    assert_eq!(price_now(&market, &order).await, None);
    product_becomes(&market, "UPDATE product SET cost = 9001").await;
    assert_eq!(price_now(&market, &order).await, Some(10_000));
    market.end().await;
});
