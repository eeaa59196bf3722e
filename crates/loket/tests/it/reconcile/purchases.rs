//! Purchases that this shop did not make, at a supplier that lists them.

use crate::harness::{Rows, World};
use serde_json::json;

#[tokio::test]
async fn a_purchase_by_hand_at_a_supplier_that_lists_is_found_on_sqlite() {
    by_hand(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_purchase_by_hand_at_a_supplier_that_lists_is_found_on_postgres() {
    by_hand(Rows::postgres().await).await;
}

async fn by_hand(rows: Rows) {
    let mut world = World::announced(rows).await;
    world.open_shop(&[]).await.unwrap();
    world.change_catalog("digiflazz,ml86,{user_id}{zone_id}", "vip-reseller,ml86,{user_id}|{zone_id}").await;
    let script = json!({"target": "vip-reseller", "outcome": "success"});
    assert!(world.simulate("supplier", script).await.0.is_success());
    world.delivered("one", json!({})).await;
    world.all_agree().await;
    // Somebody buys in the member area.
    let key = "key=loket-sandbox&sign=8179e4bb934000b48ab4cdc3504792f9";
    let body = format!("{key}&type=order&service=ml172&data_no=5123456&data_zone=1234");
    let url = format!("{}/sandbox/vip-reseller/api/game-feature", world.simulators.base());
    let form = "application/x-www-form-urlencoded";
    let answer = world.http.post(url).header("Content-Type", form).body(body).send().await.unwrap();
    assert!(answer.text().await.unwrap().contains("\"result\":true"));
    let day = world.now().await.wib_day();
    let subject = format!("vip-reseller/purchases/{day}");
    let report = world.differs("unknown_purchase", &subject, "member area of vip-reseller").await;
    let all = report["differences"].as_array().unwrap();
    let found = all.iter().find(|d| d["subject"] == subject).unwrap();
    assert!(found["supplier"].as_str().unwrap().contains("for 5123456|1234"), "{found:#}");
    assert!(
        found["supplier"].as_str().unwrap().starts_with("1 purchases"),
        "ours is not among them: {found:#}"
    );
}
