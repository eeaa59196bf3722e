//! A price on a further route that is far below what the product is worth: the sign of a seller that does not deliver.

use crate::{
    market::{B1, ELSEWHERE, Market, OWN, listed, reasons},
    scene::ITEM,
};
use catalog::KeptOff;
use database::sql;
use notifications::AlertKind;
use orders::{OrderState, PriceWord};
use std::{collections::BTreeSet, time::Duration};
use suppliers::{Doubt, Listing};
use testkit::on_both_shops;
use vocabulary::{Actor, Rupiah};

/// The subjects of the alerts about what is kept off sale, after the prices of both suppliers were looked at.
async fn kept_off(market: &Market) -> BTreeSet<String> {
    for supplier in ["digiflazz", "second"] {
        market.scene.shop.follow_prices(supplier).await.unwrap();
    }
    let open = market.alerts().await.into_iter();
    open.filter(|(kind, _)| *kind == AlertKind::ProductKeptOff).map(|(_, subject)| subject).collect()
}

fn named(subjects: &[&str]) -> BTreeSet<String> {
    subjects.iter().map(|subject| (*subject).to_owned()).collect()
}

on_both_shops!(fn a_bait_on_a_further_route_is_bought_by_nobody_and_told(db) {
    let market = Market::open(&db).await;
    let (shop, rina) = (&market.scene.shop, Actor::staff("rina"));
    let accept = async |supplier: &str, sku: &str, price: i64| {
        shop.accept_price(supplier, (sku, Rupiah::new(price)), &rina).await.unwrap()
    };
    assert_eq!(accept("second", ELSEWHERE, 900).await, PriceWord::NotListed);
    // Its own supplier leaves too little, and everybody else is a bargain.
    market.lists(Listing { price: Rupiah::new(9_900), ..listed("digiflazz", OWN) }).await;
    for (supplier, sku) in [("digiflazz", B1), ("second", ELSEWHERE)] {
        market.lists(Listing { price: Rupiah::new(900), ..listed(supplier, sku) }).await;
    }
    let (b1, elsewhere) = (format!("doubt:digiflazz/{B1}"), format!("doubt:second/{ELSEWHERE}"));
    assert_eq!(kept_off(&market).await, named(&[ITEM, &b1, &elsewhere]));
    let mut tx = shop.db.read("test").await.unwrap();
    let kept = suppliers::listing(&mut tx, "digiflazz", B1).await.unwrap().unwrap();
    assert_eq!(kept.doubt, Some(Doubt::Jump));
    let product = catalog::product(&mut tx, &ITEM.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((product.cost, product.kept_off), (Rupiah::new(9_000), Some(KeptOff::Margin)));
    drop(tx);
    assert_eq!(market.offered().await, 0);
    let quoted = shop.quote(&ITEM.parse().unwrap()).await;
    assert!(quoted.is_err(), "{quoted:?}");
    let refused = market.place("a", "123456789").await;
    assert!(refused.is_err(), "{refused:?}");
    // Whoever looks after alerts leaves them open.
    market.passes(61);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(kept_off(&market).await.len(), 3);

    // A person has looked at the seller, and says that it is right: of that code there, and of no other.
    assert_eq!(accept("digiflazz", OWN, 9_900).await, PriceWord::IsOwn(ITEM.parse().unwrap()));
    assert_eq!(accept("digiflazz", "b9", 900).await, PriceWord::NoRoute);
    for _ in 0..2 {
        assert_eq!(accept("digiflazz", B1, 900).await, PriceWord::Accepted);
    }
    let audited = sql!("SELECT COUNT(*) FROM audit_entry WHERE action = 'supplier.price_accepted'");
    assert_eq!(market.scene.count(audited).await, 1);
    assert_eq!(kept_off(&market).await, named(&[ITEM, &elsewhere]));
    let order = market.place("b", "223456789").await.unwrap();
    let file = market.until_state(&order, OrderState::Delivered).await;
    assert_eq!(market.asked(), [B1]);
    let why = reasons(&file.attempts[0]);
    assert!(why[2].contains("the supplier does not sell it now"), "{why:?}");

    // It is over when the price is one that can be, without anybody.
    market.lists(Listing { seen_at: shop.clock.now(), ..listed("second", ELSEWHERE) }).await;
    assert_eq!(kept_off(&market).await, named(&[ITEM]));
    market.end().await;
});

on_both_shops!(fn of_two_who_accept_a_price_at_once_one_has_the_word_of_the_other_before_it(db) {
    let market = Market::open(&db).await;
    let (shop, rina, budi) = (&market.scene.shop, Actor::staff("rina"), Actor::staff("budi"));
    market.lists(Listing { price: Rupiah::new(900), ..listed("second", ELSEWHERE) }).await;
    let (one, other) = tokio::join!(
        shop.accept_price("second", (ELSEWHERE, Rupiah::new(900)), &rina),
        shop.accept_price("second", (ELSEWHERE, Rupiah::new(1_000)), &budi),
    );
    assert_eq!((one.unwrap(), other.unwrap()), (PriceWord::Accepted, PriceWord::Accepted));
    let mut tx = shop.db.read("test").await.unwrap();
    let said: Vec<(String, String)> = sql!(
        "SELECT COALESCE(before_state, ''), after_state FROM audit_entry
         WHERE action = 'supplier.price_accepted' ORDER BY 1"
    )
    .query()
    .all(&mut tx)
    .await
    .unwrap();
    drop(tx);
    assert_eq!((said.len(), said[0].0.as_str()), (2, ""), "{said:?}");
    assert_eq!(said[1].0, said[0].1, "{said:?}");
    market.end().await;
});
