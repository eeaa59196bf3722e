//! What was never delivered is tried with one order first, and who is not bought from: by configuration and catalog
//! file, through the public doors.

use super::bought;
use crate::harness::{Rows, World};
use serde_json::json;

async fn one_order_tries(rows: Rows) {
    let mut world = World::new(rows).await;
    world.configure("LOKET_RULES__FIRST_BUY_PROBE", "true");
    world.open_shop(&[]).await.unwrap();
    world.another_seller().await;
    let probe = bought(&world, "pending", json!({})).await;
    world.until_attempt(&probe, "pending").await;
    let other = world.placed("other", json!({"buyer": "ani"})).await;
    world.paid(&other).await;
    world.until(&other, "delivered").await;
    assert_eq!(world.purchases(&probe).await, [("ml86".into(), format!("{probe}-F1"), 0)]);
    assert_eq!(world.purchases(&other).await, [("ml86b1".into(), format!("{other}-F1"), 1)]);
    let (_, text) = world.command(&["order", "show", &other]).await;
    let expected = ["what another order bought first is not decided", "so this order is the probe"];
    assert!(expected.iter().all(|words| text.contains(words)), "{text}");
    world.assert_proofs().await;
}

#[tokio::test]
async fn what_was_never_delivered_is_tried_with_one_order_and_the_next_goes_elsewhere_on_sqlite() {
    one_order_tries(Rows::Sqlite).await;
}

#[tokio::test]
async fn what_was_never_delivered_is_tried_with_one_order_and_the_next_goes_elsewhere_on_postgres() {
    one_order_tries(Rows::postgres().await).await;
}

async fn a_seller_is_refused(rows: Rows) {
    let mut world = World::new(rows).await;
    world.configure("LOKET_SUPPLIERS__REFUSED_SELLERS", "Toko Lain; toko curang");
    world.open_shop(&[]).await.unwrap();
    let (code, catalog) = world.command(&["catalog", "export"]).await;
    assert_eq!(code, Some(0), "{catalog}");
    let lines = catalog.lines().map(|line| match line {
        header if header.starts_with("category_code") => format!("{header},routes,seller"),
        ml_86 if ml_86.contains(",ML_86,") => {
            format!("{ml_86},digiflazz ml86b1 [Toko Jujur],Toko Curang")
        }
        other => format!("{other},,"),
    });
    let path = world.folder().join("sellers.csv");
    std::fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let (code, text) = world.command(&["catalog", "import", path.to_str().unwrap()]).await;
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("ML_86: seller  -> Toko Curang"), "{text}");
    let (_, again) = world.command(&["catalog", "export"]).await;
    assert!(again.contains("digiflazz ml86b1 {user_id}{zone_id} [Toko Jujur],Toko Curang"), "{again}");

    let number = bought(&world, "success", json!({})).await;
    world.until(&number, "delivered").await;
    assert_eq!(world.purchases(&number).await, [("ml86b1".into(), format!("{number}-F1"), 1)]);
    let (_, text) = world.command(&["order", "show", &number]).await;
    assert!(text.contains("its seller, Toko Curang, is not bought from"), "{text}");
    let routes = world.printed(&["catalog", "routes", "ML_86", "--json"]).await;
    assert_eq!((&routes[0]["seller"], &routes[0]["seller_refused"]), (&json!("Toko Curang"), &json!(true)));
    assert_eq!((&routes[1]["seller"], &routes[1]["seller_refused"]), (&json!("Toko Jujur"), &json!(false)));
    let (_, table) = world.command(&["catalog", "routes", "ML_86"]).await;
    assert!(table.contains("no: seller refused") && table.contains("Toko Jujur"), "{table}");
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_seller_that_is_refused_is_not_bought_from_on_sqlite() {
    a_seller_is_refused(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_seller_that_is_refused_is_not_bought_from_on_postgres() {
    a_seller_is_refused(Rows::postgres().await).await;
}
