//! What is for sale, its prices, and the check of an account id.

use crate::support::*;
use serde_json::{Value, json};
use testkit::empty_sqlite;

fn codes(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|p| p["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_catalog_is_shown_in_its_order_and_found_in_any_case() {
    let face = face(empty_sqlite().await).await;
    let categories = face.get("/api/v1/game/categories").await.json();
    assert_eq!(codes(&categories), ["ML", "FF", "PUBG", "GENSHIN", "VALORANT"]);
    assert_eq!(categories[0]["name"], "Mobile Legends");
    assert_eq!(categories[0]["id"], "ML");
    for code in ["ML", "ml", "Ml"] {
        let products = face.get(&format!("/api/v1/game/products/{code}")).await.json();
        assert_eq!(codes(&products), ["ML_86", "ML_172", "ML_257", "ML_344", "ML_429"]);
        assert_eq!((&products[0]["price"], &products[0]["stock"]), (&json!(20_000), &json!(100)));
    }
    assert_eq!(face.get("/api/v1/game/products/VALORANT").await.json(), json!([]));
    face.get("/api/v1/game/products/CHESS").await.problem(404, "not-found");
}

#[tokio::test]
async fn what_is_sold_out_or_switched_off_is_not_shown() {
    let face = face(empty_sqlite().await).await;
    face.run("UPDATE stock SET on_hand = 0 WHERE product_code = 'ML_86'").await;
    face.run("UPDATE product SET active = 0 WHERE code = 'ML_172'").await;
    assert_eq!(codes(&face.get("/api/v1/game/products/ML").await.json()), ["ML_257", "ML_344", "ML_429"]);
    face.run("UPDATE category SET active = 0 WHERE code = 'ML'").await;
    face.get("/api/v1/game/products/ML").await.problem(404, "not-found");
    face.get("/api/v1/game/price/ML").await.problem(404, "not-found");
    assert!(!codes(&face.get("/api/v1/game/categories").await.json()).contains(&"ML"));
}

#[tokio::test]
async fn the_price_list_is_a_text_with_one_product_a_line() {
    let face = face(empty_sqlite().await).await;
    let list = face.get("/api/v1/game/price/ff").await.json();
    assert_eq!(list["game"], "Free Fire");
    let text =
        "70 Diamond: Rp 10.000\n140 Diamond: Rp 20.000\n355 Diamond: Rp 50.000\n720 Diamond: Rp 100.000";
    assert_eq!(list["prices"], text);
    assert_eq!(codes(&list["items"]), ["FF_70", "FF_140", "FF_355", "FF_720"]);
}

#[tokio::test]
async fn a_check_never_claims_that_an_account_exists() {
    let face = face(empty_sqlite().await).await;
    for (asked, status, user, server) in [
        (
            json!({"game_code": "ml", "user_id": " 123456789 ", "server_id": "2345"}),
            "unavailable",
            "123456789",
            json!("2345"),
        ),
        (json!({"game_code": "ML", "user_id": "123456789"}), "invalid", "123456789", json!(null)),
        (
            json!({"game_code": "FF", "user_id": "12345678", "server_id": null}),
            "unavailable",
            "12345678",
            json!(null),
        ),
        (json!({"game_code": "FF", "user_id": "abc"}), "invalid", "abc", json!(null)),
        (json!({"game_code": "FF", "user_id": ""}), "invalid", "", json!(null)),
        (json!({"game_code": "FF", "user_id": "\u{0}"}), "invalid", "\u{0}", json!(null)),
    ] {
        let answer = face.post("/api/v1/game/validate", &asked).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let found = answer.json();
        assert_eq!(
            (found["status"].as_str().unwrap(), &found["is_valid"]),
            (status, &json!(false)),
            "{asked}"
        );
        assert_eq!((found["user_id"].as_str().unwrap(), &found["server_id"]), (user, &server), "{asked}");
        assert_eq!(found["nickname"], json!(null));
        assert!(found["message"].as_str().is_some_and(|m| !m.is_empty()));
    }
}
