//! What is for sale, its prices, and the check of an account id.

use crate::support::*;
use axum::http::Method;
use catalog::{
    Validator,
    account::Game,
    validation::{Nickname, NicknameSource, Settings, Word},
};
use outside::Pending;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use testkit::empty_sqlite;
use vocabulary::Account;

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
async fn without_a_source_a_check_never_claims_that_an_account_exists() {
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
        assert_eq!(found["needs_confirmation"], json!(status == "unavailable"), "{asked}");
        assert!(found["message"].as_str().is_some_and(|m| !m.is_empty()));
    }
}

/// Knows every account of Mobile Legends but those that end in 404, and of those that end in 503 nothing.
struct TestSource;

impl NicknameSource for TestSource {
    fn name(&self) -> &'static str {
        "test"
    }

    fn knows(&self, game: Game) -> bool {
        game == Game::MobileLegends
    }

    fn look_up<'a>(&'a self, _: Game, account: &'a Account, _: Duration) -> Pending<'a, Word> {
        Box::pin(async move {
            match account.user_id() {
                id if id.ends_with("404") => Word::NotFound,
                id if id.ends_with("503") => Word::Down { why: "gone".into() },
                id => Word::Found { nickname: Nickname::clean(&format!("<b>P\u{202E}layer {id}")) },
            }
        })
    }
}

async fn asking(per_asker: u32, per_group: u32) -> Face {
    let settings =
        Settings { per_asker_per_minute: per_asker, per_group_per_minute: per_group, ..Settings::default() };
    let validator = Validator::new(vec![Arc::new(TestSource)], settings);
    face_asking(empty_sqlite().await, validator, |settings| settings.sandbox = true).await
}

#[tokio::test]
async fn a_check_says_whose_the_account_is_or_that_there_is_none_or_that_nobody_knows() {
    let face = asking(10, 10).await;
    for (id, expected) in [
        ("123456789 (2685)", json!(["123456789", "2685", "<b>Player 123456789", true, "valid", false])),
        ("123456404 (2685)", json!(["123456404", "2685", null, false, "invalid", false])),
        ("123456503 (2685)", json!(["123456503", "2685", null, false, "unavailable", true])),
    ] {
        let answer = face.post("/api/v1/game/validate", &json!({"game_code": "ml", "user_id": id})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let found = answer.json();
        let fields = ["user_id", "server_id", "nickname", "is_valid", "status", "needs_confirmation"];
        assert_eq!(json!(fields.map(|field| found[field].clone())), expected, "{found}");
        assert!(found["message"].as_str().is_some_and(|m| !m.contains("Player")), "{found}");
    }
    let unknown = face.post("/api/v1/game/validate", &json!({"game_code": "CHESS", "user_id": "1"})).await;
    unknown.problem(422, "validation");
}

#[tokio::test]
async fn who_goes_through_numbers_is_told_to_come_back_later_and_hears_nothing_of_the_account() {
    let face = asking(2, 3).await;
    let body = |n: u32| json!({"game_code": "ML", "user_id": format!("12345678{n}"), "server_id": "2685"});
    let anybody = |n: u32, key: &'static str| {
        let headers = [("content-type", "application/json"), ("authorization", key)];
        face.send(request(Method::POST, "/api/v1/game/validate", &headers, &body(n).to_string()))
    };
    for n in 0..2 {
        assert_eq!(anybody(n, "").await.status, 200);
    }
    for key in ["", "Bearer wrong", "Basic x"] {
        let refused = anybody(2, key).await;
        let problem = refused.problem(429, "too-many-requests");
        let seconds: u64 = refused.header("retry-after").parse().unwrap();
        assert!(
            (1..=30).contains(&seconds) && problem["detail"].as_str().unwrap().contains(&seconds.to_string())
        );
        assert_eq!(problem.get("is_valid"), None);
    }
    assert_eq!(anybody(1, "").await.status, 200, "what is remembered is told");
    for n in 3..6 {
        assert_eq!(
            face.post("/api/v1/game/validate", &body(n)).await.status,
            200,
            "a key has a share of its own"
        );
    }
    face.post("/api/v1/game/validate", &body(6)).await.problem(429, "too-many-requests");
}
