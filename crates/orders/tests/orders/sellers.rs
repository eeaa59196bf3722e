//! Sellers that are not bought from, by the owner's note or by the supplier's list (`contracts/suppliers.md` §6 row 23).

use crate::market::{B1, ELSEWHERE, Market, listed, reasons};
use crate::scene::Scene;
use database::{Database, Sql, sql};
use orders::{ActionError, OrderState, PlaceError, Rules, StaffAction};
use suppliers::{Listing, RefusedSellers, Verdict, adapters::digiflazz::CAPABILITIES};
use testkit::on_both_shops;
use vocabulary::Actor;

async fn refusing(db: &Database) -> Market {
    let refused_sellers = RefusedSellers::new(["toko curang"]);
    Market::with(db, Rules { refused_sellers, ..Scene::rules() }, CAPABILITIES).await
}

/// Notes the refused seller with what the statement names.
async fn noted(market: &Market, statement: Sql) {
    let mut tx = market.scene.shop.db.write("test").await.unwrap();
    assert!(statement.bind("Toko CURANG").run(&mut tx).await.unwrap() > 0);
    tx.commit().await.unwrap();
}

on_both_shops!(fn nothing_is_bought_from_a_seller_that_is_refused_whoever_names_the_seller(db) {
    let market = refusing(&db).await;
    noted(&market, sql!("UPDATE product SET seller = $1")).await;
    let order = market.bought("a").await;
    let file = market.until_state(&order, OrderState::Delivered).await;
    assert_eq!(market.asked(), [B1]);
    assert_eq!(reasons(&file.attempts[0])[0], "its seller, Toko CURANG, is not bought from");

    // Nobody noted it here; the supplier's own list says so, and goes on doing so when it has grown old.
    market.lists(Listing { seller: "toko  curang".into(), ..listed("digiflazz", B1) }).await;
    for (buyer, later) in [("b", 0), ("c", 2 * 86_400)] {
        market.passes(later);
        let order = market.bought(buyer).await;
        let file = market.until_state(&order, OrderState::Delivered).await;
        assert_eq!(file.attempts[0].sku, ELSEWHERE);
        assert_eq!(reasons(&file.attempts[0])[1], "its seller, toko  curang, is not bought from");
    }

    // Staff see who sells where, by whose word, and who is refused.
    let routes = market.scene.shop.routes(None).await.unwrap();
    let sellers: Vec<_> =
        routes.iter().map(|view| (view.route.seller.as_str(), view.listed_seller.as_str(), view.is_refused)).collect();
    assert_eq!(sellers, [("Toko CURANG", "", true), ("", "toko  curang", true), ("", "", false)]);

    noted(&market, sql!("UPDATE product_route SET seller = $1 WHERE supplier = 'second'")).await;
    assert_eq!(market.offered().await, 0);
    let refused = market.place("d", "223456789").await;
    assert!(matches!(refused, Err(PlaceError::NotSetUp(_))), "{refused:?}");
    market.end().await;
});

on_both_shops!(fn who_has_paid_is_refunded_when_every_seller_is_refused_and_a_person_cannot_buy_there(db) {
    let market = refusing(&db).await;
    market.all_say(Verdict::RefusedBalance);
    let order = market.bought("a").await;
    let asked = market.until_waiting(&order).await.attempts.len();
    noted(&market, sql!("UPDATE product SET seller = $1")).await;
    noted(&market, sql!("UPDATE product_route SET seller = $1")).await;
    let retried = market.scene.shop.decide(&order.number, StaffAction::Retry, &Actor::staff("rina")).await;
    assert!(matches!(retried, Err(ActionError::NoRoute(_))), "{retried:?}");
    market.passes(3_600);
    market.until_state(&order, OrderState::Refunded).await;
    assert_eq!(market.asked().len(), asked, "nobody was asked any more");
    market.end().await;
});
