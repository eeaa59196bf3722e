//! Orders that are due go to one worker each.

use crate::scene::{ITEM, NOON, Scene};
use database::{Claim, Database, queue_sql, sql};
use std::{collections::HashSet, time::Duration};
use testkit::on_both_shops;
use tokio::task::JoinSet;

async fn claim(db: &Database, limit: i64) -> Vec<Claim> {
    let mut tx = db.write("test.claim").await.unwrap();
    let lease_until = NOON.plus(Duration::from_secs(60));
    let claims = queue_sql!("shop_order").claim(&mut tx, (NOON, NOON, lease_until), limit).await;
    tx.commit().await.unwrap();
    claims.unwrap()
}

on_both_shops!(fn eight_workers_claim_six_hundred_due_orders_once_each(db) {
    let scene = Scene::with_ten(&db).await;
    scene.bought("buyer", ITEM).await;
    let mut tx = db.write("test.fill").await.unwrap();
    for n in 0..600_i64 {
        // A copy of the real one with keys of its own, due a moment after the one before.
        sql!(
            "INSERT INTO shop_order (id, number, pay_token, state, owner, buyer, quote_id, product_code, product_name,
                 category_code, user_id, supplier, supplier_sku, customer_no, amount, cost, method, locale, risk_score,
                 risk_action, risk_findings, placed_at, updated_at, due_at)
             SELECT id || $1, number || $1, pay_token || $1, state, owner, buyer, quote_id, product_code, product_name,
                 category_code, user_id, supplier, supplier_sku, customer_no, amount, cost, method, locale, risk_score,
                 risk_action, risk_findings, placed_at, updated_at, $2
             FROM shop_order WHERE buyer = 'buyer' AND due_at > $3"
        )
        .bind(format!("-{n}"))
        .bind(n)
        .bind(NOON)
        .run(&mut tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let mut workers = JoinSet::new();
    for _ in 0..8 {
        let own = db.second().await;
        workers.spawn(async move {
            let (mut mine, mut empty) = (Vec::new(), 0);
            while empty < 3 {
                let claims = claim(&own, 16).await;
                empty = if claims.is_empty() { empty + 1 } else { 0 };
                mine.extend(claims);
            }
            mine
        });
    }
    let all: Vec<Claim> = workers.join_all().await.concat();
    assert_eq!(all.len(), 600);
    assert!(all.iter().all(|c| (c.fence, c.claims) == (1, 1)));
    assert_eq!(all.iter().map(|c| &c.id).collect::<HashSet<_>>().len(), 600);
});
