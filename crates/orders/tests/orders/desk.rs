//! What staff find: exactly what fits, by whichever way it is looked for.

use crate::scene::{ITEM, Scene};
use database::sql;
use orders::{Attention, Order, OrderFilter, OrderKind, OrderState};
use testkit::on_both_shops;
use vocabulary::{OrderId, ProductCode};

const BIG: &str = "FF_BIG";

impl Scene {
    async fn stands(&self, order: Order, state: OrderState, attention: Option<Attention>) -> Order {
        let mut tx = self.shop.db.write("test").await.unwrap();
        sql!("UPDATE shop_order SET state = $2, attention = $3 WHERE id = $1")
            .bind(&order.id)
            .bind(state)
            .bind(attention)
            .run(&mut tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        Order { state, attention, ..order }
    }
}

fn fits(order: &Order, filter: &OrderFilter) -> bool {
    filter.state.is_none_or(|state| state == order.state)
        && filter.attention.is_none_or(|why| Some(why) == order.attention)
        && filter.kind.is_none_or(|kind| kind == order.kind)
        && filter.buyer.as_ref().is_none_or(|buyer| *buyer == order.buyer)
        && filter.product.as_ref().is_none_or(|product| *product == order.product)
        && filter.before.as_ref().is_none_or(|before| order.id < *before)
}

on_both_shops!(fn staff_find_what_fits_all_that_they_say_newest_first_and_nothing_else(db) {
    let scene = Scene::selling(&db, &[(ITEM, 10_000, 50), (BIG, 20_000, 50)]).await;
    let mut all = Vec::new();
    for (buyer, product, state, attention) in [
        ("budi", ITEM, OrderState::Delivered, None),
        ("budi", BIG, OrderState::Blocked, None),
        ("sari", ITEM, OrderState::Refunded, None),
        ("sari", BIG, OrderState::NeedsAttention, Some(Attention::OddMoney)),
        ("sari", ITEM, OrderState::NeedsAttention, Some(Attention::SupplierSlow)),
    ] {
        all.push(scene.stands(scene.bought(buyer, product).await, state, attention).await);
    }
    all.push(scene.stands(scene.deposited("budi", 50_000).await, OrderState::Refunded, None).await);
    all.push(scene.stands(scene.deposited("sari", 50_000).await, OrderState::Blocked, None).await);
    all.sort_by(|a, b| b.id.cmp(&a.id));
    let middle = all[3].id.clone();
    let states = [OrderState::Delivered, OrderState::Blocked, OrderState::Refunded, OrderState::NeedsAttention];
    let products: Vec<ProductCode> = [ITEM, BIG, "DEPOSIT"].map(|code| code.parse().unwrap()).to_vec();
    let mut looked = 0;
    for state in states.map(Some).into_iter().chain([None]) {
        for attention in [None, Some(Attention::OddMoney)] {
            for kind in [None, Some(OrderKind::Purchase), Some(OrderKind::Deposit)] {
                for buyer in [None, Some("budi"), Some("sari")] {
                    for product in products.iter().cloned().map(Some).chain([None]) {
                        for before in [None, Some(&middle)] {
                            let filter = OrderFilter {
                                state,
                                attention,
                                kind,
                                buyer: buyer.map(|buyer| buyer.parse().unwrap()),
                                product: product.clone(),
                                before: before.cloned(),
                            };
                            let (found, has_more) = scene.shop.find_orders(&filter, 50).await.unwrap();
                            let found: Vec<OrderId> = found.into_iter().map(|order| order.id).collect();
                            let wanted = all.iter().filter(|order| fits(order, &filter));
                            let wanted: Vec<OrderId> = wanted.map(|order| order.id.clone()).collect();
                            assert_eq!((found, has_more), (wanted, false), "{filter:?}");
                            looked += 1;
                        }
                    }
                }
            }
        }
    }
    assert_eq!(looked, 5 * 2 * 3 * 3 * 4 * 2);
    let some = OrderFilter { buyer: Some("sari".parse().unwrap()), ..OrderFilter::default() };
    let (found, has_more) = scene.shop.find_orders(&some, 2).await.unwrap();
    assert_eq!((found.len(), has_more), (2, true));
});
