//! Digiflazz: who may call, what is bought once, and what is refused.

use crate::support::{World, eventually, fields, hub_signature, purchase, sign};
use sandbox::{ErrorStyle, Requery};
use serde_json::{Value, json};
use testkit::TempFolder;

const START: i64 = 100_000_000;

fn rc(data: &Value) -> &str {
    data["rc"].as_str().unwrap()
}

#[tokio::test]
async fn a_purchase_is_delivered_charged_and_told() {
    let (world, _folder) = World::start().await;
    let answer = world.digiflazz("transaction", &purchase("LK0123456789-F1", "ML_86", "123456789012")).await;
    assert_eq!(answer.http, 200);
    let data = answer.json()["data"].clone();
    assert_eq!((&data["status"], rc(&data)), (&json!("Sukses"), "00"));
    assert_eq!((&data["price"], &data["buyer_last_saldo"]), (&json!(18_000), &json!(START - 18_000)));
    assert!(!data["sn"].as_str().unwrap().is_empty());
    let names = [
        "buyer_last_saldo",
        "buyer_sku_code",
        "customer_no",
        "message",
        "price",
        "rc",
        "ref_id",
        "sn",
        "status",
        "tele",
        "wa",
    ];
    assert_eq!(fields(&data), names);
    let hook = &world.hooks.wait(1).await[0];
    assert_eq!(hook.raw, answer.text, "the webhook holds what was answered");
    assert_eq!(hook.path, "/webhooks/digiflazz");
    assert_eq!(hook.header("x-digiflazz-event"), Some("create"));
    assert_eq!(hook.header("user-agent"), Some("Digiflazz-Hookshot"));
    assert_eq!(hook.header("x-hub-signature").unwrap(), hub_signature(&hook.raw, "loket-sandbox-secret"));
    let booked = world.purchase("LK0123456789-F1").await;
    assert_eq!(
        (&booked["deliveries"], &booked["charged"], &booked["times_charged"]),
        (&json!(1), &json!(18_000), &json!(1))
    );
    assert_eq!(world.deposit().await, START - 18_000);
}

#[tokio::test]
async fn the_same_reference_is_the_same_purchase() {
    let (world, _folder) = World::start().await;
    let first = world.buy("REF-1", "ML_86", "123").await;
    world.advance(61).await;
    assert_eq!(world.buy("REF-1", "ML_86", "123").await, first);
    for (sku, customer_no) in [("ML_86", "124"), ("once-a-day", "123")] {
        let other = world.buy("REF-1", sku, customer_no).await;
        assert_eq!((rc(&other), &other["status"]), ("49", &json!("Gagal")));
    }
    assert_eq!(world.purchase("REF-1").await["deliveries"], 1);
    assert_eq!(world.deposit().await, START - 18_000);
}

#[tokio::test]
async fn a_question_within_a_minute_is_refused_and_one_after_it_is_answered() {
    let (world, _folder) = World::start().await;
    let first = world.buy("REF-1", "ML_86", "123").await;
    let soon = world.buy("REF-1", "ML_86", "123").await;
    assert_eq!((rc(&soon), &soon["status"]), ("85", &json!("Gagal")));
    world.advance(58).await;
    assert_eq!(
        rc(&world.buy("REF-1", "ML_86", "123").await),
        "85",
        "a refusal does not start the minute anew"
    );
    world.advance(3).await;
    assert_eq!(world.buy("REF-1", "ML_86", "123").await, first);
    assert_eq!(rc(&world.buy("REF-1", "ML_86", "123").await), "85", "an answer does");
}

#[tokio::test]
async fn a_question_within_a_minute_may_get_the_stored_answer_instead() {
    let folder = TempFolder::new("sandbox");
    let world = World::on(&folder, |s| s.digiflazz_requery = Requery::Stale).await;
    let first = world.buy("REF-1", "ML_86", "123").await;
    assert_eq!(world.buy("REF-1", "ML_86", "123").await, first);
    let (world, _folder) = World::start().await;
    world.control("/sandbox/faults", json!({"target": "digiflazz", "fault": "stale_requery"})).await;
    let first = world.buy("REF-1", "ML_86", "123").await;
    for _ in 0..2 {
        assert_eq!(world.buy("REF-1", "ML_86", "123").await, first);
    }
}

#[tokio::test]
async fn a_reference_older_than_ninety_days_buys_again() {
    let (world, _folder) = World::start().await;
    world.buy("REF-1", "ML_86", "123").await;
    world.advance(90 * 86_400 - 60).await;
    world.buy("REF-1", "ML_86", "123").await;
    assert_eq!(world.deposit().await, START - 18_000);
    world.advance(120).await;
    world.buy("REF-1", "ML_86", "123").await;
    assert_eq!(world.deposit().await, START - 36_000);
    let books = world.books().await;
    assert_eq!(books["digiflazz"]["transactions"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn every_refusal_has_its_code_and_leaves_nothing_behind() {
    let (world, _folder) = World::start().await;
    let with = |name: &str, value: Value| {
        let mut body = purchase("REF-1", "ML_86", "123");
        body[name] = value;
        body
    };
    for (body, code) in [
        (json!({}), "40"),
        (with("sign", json!("0".repeat(32))), "41"),
        (with("sign", json!(sign("REF-2"))), "41"),
        (with("sign", json!(sign("REF-1").to_uppercase())), "41"),
        (with("sign", json!(5)), "40"),
        (with("username", json!("someone")), "42"),
        (with("ref_id", json!("")), "40"),
        (with("customer_no", json!("")), "40"),
        (with("customer_no", json!(123)), "40"),
        (with("customer_no", json!("1\u{0}2")), "40"),
        (with("customer_no", json!("9".repeat(200))), "40"),
        (with("testing", json!("yes")), "40"),
        (with("max_price", json!("much")), "40"),
        (with("cb_url", json!("ftp://x")), "40"),
        (with("buyer_sku_code", json!("nothing")), "43"),
        (with("buyer_sku_code", json!("off")), "43"),
        (with("max_price", json!(17_999)), "69"),
    ] {
        let answer = world.digiflazz("transaction", &body).await;
        assert_eq!(answer.http, 400, "{body}");
        assert_eq!(rc(&answer.json()["data"]), code, "{body} → {}", answer.text);
        assert_eq!(answer.json()["data"]["status"], "Gagal");
    }
    assert!(world.books().await["digiflazz"]["transactions"].as_array().unwrap().is_empty());
    assert_eq!(world.deposit().await, START);
    let fine = world.digiflazz("transaction", &with("max_price", json!(18_000))).await.json();
    assert_eq!(rc(&fine["data"]), "00", "a refusal does not use the reference up");
}

#[tokio::test]
async fn a_product_has_its_own_limits() {
    let (world, _folder) = World::start().await;
    assert_eq!(rc(&world.buy("A-1", "once-a-day", "123").await), "00");
    assert_eq!(rc(&world.buy("A-2", "once-a-day", "123").await), "63");
    assert_eq!(rc(&world.buy("A-3", "once-a-day", "124").await), "00");
    world.advance(86_400).await;
    assert_eq!(rc(&world.buy("A-4", "once-a-day", "123").await), "00");
    assert_eq!(rc(&world.buy("B-1", "scarce", "123").await), "00");
    assert_eq!(rc(&world.buy("B-2", "scarce", "124").await), "68");
    assert_eq!(rc(&world.buy("C-1", "closed", "123").await), "58");
    assert_eq!(rc(&world.buy("D-1", "dear", "123").await), "00");
    assert_eq!(rc(&world.buy("D-2", "dear", "124").await), "44");
    let dots = world.digiflazz("transaction", &purchase("E-1", "ML_86", "1.2")).await.json();
    assert_eq!(rc(&dots["data"]), "54");
    let mut allowed = purchase("E-2", "ML_86", "1.2");
    allowed["allow_dot"] = json!(true);
    assert_eq!(rc(&world.digiflazz("transaction", &allowed).await.json()["data"]), "00");
}

#[tokio::test]
async fn an_unknown_address_is_refused() {
    let folder = TempFolder::new("sandbox");
    let world = World::on(&folder, |s| s.digiflazz_callers = vec!["192.0.2.1".parse().unwrap()]).await;
    assert_eq!(rc(&world.buy("REF-1", "ML_86", "123").await), "45");
    drop(world);
    let folder = TempFolder::new("sandbox");
    let world = World::on(&folder, |s| s.digiflazz_callers = vec!["127.0.0.1".parse().unwrap()]).await;
    assert_eq!(rc(&world.buy("REF-1", "ML_86", "123").await), "00");
}

#[tokio::test]
async fn a_failure_shows_in_http_or_in_the_body_alone() {
    let folder = TempFolder::new("sandbox");
    let world = World::on(&folder, |s| s.digiflazz_errors = ErrorStyle::BodyOnly).await;
    let unknown = purchase("REF-1", "nothing", "123");
    assert_eq!(world.digiflazz("transaction", &unknown).await.http, 200);
    world.fault("digiflazz", "http_status_errors", 1).await;
    assert_eq!(world.digiflazz("transaction", &unknown).await.http, 400);
    assert_eq!(world.digiflazz("transaction", &unknown).await.http, 200);
}

#[tokio::test]
async fn the_deposit_can_be_asked_for() {
    let (world, _folder) = World::start().await;
    let body = json!({"cmd": "deposit", "username": "loket", "sign": sign("depo")});
    assert_eq!(world.digiflazz("cek-saldo", &body).await.json(), json!({"data": {"deposit": START}}));
    let body = json!({"cmd": "deposit", "username": "loket", "sign": sign("pricelist")});
    assert_eq!(rc(&world.digiflazz("cek-saldo", &body).await.json()["data"]), "41");
    let body = json!({"cmd": "other", "username": "loket", "sign": sign("depo")});
    assert_eq!(rc(&world.digiflazz("cek-saldo", &body).await.json()["data"]), "40");
}

#[tokio::test]
async fn a_deposit_that_is_drained_refuses_and_one_that_is_filled_buys() {
    let (world, _folder) = World::start().await;
    let add = async |add: Value| world.control("/sandbox/deposit", json!({"add": add})).await;
    assert_eq!(add(json!(18_000 - 1 - START)).await.json()["deposit"], 17_999);
    assert_eq!(rc(&world.buy("REF-1", "ML_86", "123").await), "44");
    for (bad, http) in [(json!(-20_000), 422), (json!(i64::MAX), 422), (json!(1.5), 422), (json!("1"), 422)] {
        assert_eq!(add(bad).await.http, http);
    }
    add(json!(1)).await;
    assert_eq!(rc(&world.buy("REF-1", "ML_86", "123").await), "00");
    assert_eq!(world.deposit().await, 0);
}

#[tokio::test]
async fn lists_are_limited_and_the_refusal_is_an_object() {
    let (world, _folder) = World::start().await;
    let ask = async |extra: Value| {
        let mut body = json!({"cmd": "prepaid", "username": "loket", "sign": sign("pricelist")});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        world.digiflazz("price-list", &body).await.json()["data"].clone()
    };
    let all = ask(json!({})).await;
    assert_eq!(all.as_array().unwrap().len(), 6);
    let names = [
        "brand",
        "buyer_product_status",
        "buyer_sku_code",
        "category",
        "desc",
        "end_cut_off",
        "multi",
        "price",
        "product_name",
        "seller_name",
        "seller_product_status",
        "start_cut_off",
        "stock",
        "type",
        "unlimited_stock",
    ];
    assert_eq!(fields(&all[0]), names);
    for again in [json!({}), json!({"brand": "MOBILE LEGENDS"}), json!({"cmd": "pasca"})] {
        let refused = ask(again).await;
        assert_eq!(fields(&refused), ["message", "rc", "status"]);
        assert_eq!(rc(&refused), "83");
    }
    assert_eq!(ask(json!({"code": "ML_86"})).await[0]["price"], 18_000);
    assert_eq!(rc(&ask(json!({"code": "ML_86"})).await), "83");
    world.advance(2).await;
    assert_eq!(ask(json!({"code": "ML_86"})).await.as_array().unwrap().len(), 1);
    world.advance(299).await;
    assert_eq!(ask(json!({"brand": "FREE FIRE"})).await, json!([]));
    world.advance(301).await;
    assert_eq!(ask(json!({"cmd": "pasca"})).await, json!([]));
    assert_eq!(rc(&ask(json!({"cmd": "nothing"})).await), "40");
}

#[tokio::test]
async fn a_callback_address_replaces_the_dashboards() {
    let (world, _folder) = World::start().await;
    let mut body = purchase("REF-1", "ML_86", "123");
    body["cb_url"] = json!(format!("{}/mine", world.hooks.base));
    world.digiflazz("transaction", &body).await;
    world.hooks.wait(1).await;
    let got = world.hooks.settle().await;
    assert_eq!(got.iter().map(|h| h.path.as_str()).collect::<Vec<_>>(), ["/mine"]);
}

#[tokio::test]
async fn a_webhook_that_is_refused_is_lost() {
    let (world, _folder) = World::start().await;
    world.hooks.will_answer(&[500]);
    world.buy("REF-1", "ML_86", "123").await;
    eventually("given up", async || {
        Some(world.books().await).filter(|b| b["digiflazz"]["webhooks"][0]["state"] == "given_up")
    })
    .await;
    world.advance(86_400).await;
    assert_eq!(world.hooks.settle().await.len(), 1);
}
