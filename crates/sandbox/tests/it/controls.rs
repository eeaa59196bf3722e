//! Acting as the buyer, the clock, and the look into the books.

use crate::support::{World, purchase};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn the_buyer_pays_by_any_reference() {
    let (world, _folder) = World::start().await;
    for (number, form) in [
        ("LK0000000001", "number"),
        ("LK0000000002", "order id"),
        ("LK0000000003", "transaction id"),
        ("LK0000000004", "qr"),
        ("LK0000000005", "small letters"),
    ] {
        let charge = world.charge(&format!("{number}-P1"), 20_000).await;
        let reference = match form {
            "number" => number.to_owned(),
            "order id" => format!("{number}-P1"),
            "transaction id" => charge["transaction_id"].as_str().unwrap().to_owned(),
            "qr" => {
                world.books().await["midtrans"]["transactions"][0]["qr_string"].as_str().unwrap().to_owned()
            }
            _ => number.to_lowercase(),
        };
        let paid = world.pay(&reference, "settle").await;
        assert_eq!(paid.http, 200, "{form}: {}", paid.text);
        let expected = json!({
            "simulator": "midtrans", "order_id": format!("{number}-P1"), "transaction_id": charge["transaction_id"],
            "outcome": "settle", "transaction_status": "settlement", "gross_amount": 20_000,
        });
        assert_eq!(paid.json(), expected, "{form}");
    }
}

#[tokio::test]
async fn the_newest_payment_that_is_still_open_is_paid() {
    let (world, _folder) = World::start().await;
    for order_id in ["LK0000000001-P1", "LK0000000001-P2", "LK0000000001-P3"] {
        world.charge(order_id, 20_000).await;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    world.charge("LK00000000010-P9", 20_000).await;
    world.midtrans("POST", "/v2/LK0000000001-P3/cancel", None).await;
    assert_eq!(world.pay("LK0000000001", "settle").await.json()["order_id"], "LK0000000001-P2");
}

#[tokio::test]
async fn a_payment_that_is_on_its_way_is_waited_for() {
    let (world, _folder) = World::start().await;
    world.charge("LK0000000001-P1", 20_000).await;
    world.midtrans("POST", "/v2/LK0000000001-P1/cancel", None).await;
    let late = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        world.charge("LK0000000001-P2", 20_000).await;
        world.charge("LK0000000002-P1", 20_000).await;
    };
    let (replaced, new, ()) =
        tokio::join!(world.pay("LK0000000001", "settle"), world.pay("LK0000000002", "settle"), late);
    assert_eq!(replaced.json()["order_id"], "LK0000000001-P2");
    assert_eq!(new.json()["order_id"], "LK0000000002-P1");
}

#[tokio::test]
async fn an_unknown_reference_is_not_found_after_five_seconds() {
    let (world, _folder) = World::start().await;
    let start = Instant::now();
    let answer = world.pay("LK0000000001", "settle").await;
    assert_eq!(answer.http, 404);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert!((4..20).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
}

#[tokio::test]
async fn nobody_pays_twice() {
    let (world, _folder) = World::start().await;
    world.charge("LK0000000001-P1", 20_000).await;
    world.pay("LK0000000001", "settle").await;
    let start = Instant::now();
    for reference in ["LK0000000001", "LK0000000001-P1"] {
        assert_eq!(world.pay(reference, "settle").await.http, 409);
    }
    assert!(start.elapsed() < Duration::from_secs(5), "what is paid is not waited for");
    assert_eq!(world.books().await["midtrans"]["transactions"][0]["times_settled"], 1);
}

#[tokio::test]
async fn many_buyers_at_once_settle_one_payment_once() {
    let (world, _folder) = World::start().await;
    world.charge("LK0000000001-P1", 20_000).await;
    let pay = || world.pay("LK0000000001-P1", "settle");
    let answers = tokio::join!(pay(), pay(), pay(), pay());
    let mut codes = [answers.0.http, answers.1.http, answers.2.http, answers.3.http];
    codes.sort_unstable();
    assert_eq!(codes, [200, 409, 409, 409]);
}

#[tokio::test]
async fn money_may_come_after_the_time_is_over_when_that_is_asked_for() {
    let (world, _folder) = World::start().await;
    world.charge("LK0000000001-P1", 20_000).await;
    world.advance(901).await;
    assert_eq!(world.pay("LK0000000001-P1", "settle").await.http, 409);
    let late = world
        .control("/sandbox/pay", json!({"reference": "LK0000000001-P1", "outcome": "settle", "late": true}))
        .await;
    assert_eq!(late.http, 200, "{}", late.text);
    assert_eq!(world.status("LK0000000001-P1").await["transaction_status"], "settlement");
}

#[tokio::test]
async fn what_cannot_be_asked_of_the_buyer_is_told_so() {
    let (world, _folder) = World::start().await;
    for (body, word) in [
        (json!({"reference": "", "outcome": "settle"}), "reference"),
        (json!({"reference": "a\u{0}", "outcome": "settle"}), "reference"),
        (json!({"reference": "a".repeat(2_000), "outcome": "settle"}), "reference"),
        (json!({"reference": "a", "outcome": "steal"}), "`settle`, `deny`, `expire`"),
        (json!({"outcome": "settle"}), "reference"),
        (json!({"reference": 1}), "string"),
        (json!({"reference": "a", "method": "cash"}), "method"),
        (json!({"reference": "a", "phone": "' OR 1=1"}), "phone"),
    ] {
        let answer = world.control("/sandbox/pay", body.clone()).await;
        assert_eq!(answer.http, 422, "{body}");
        assert!(answer.text.contains(word), "{body} → {}", answer.text);
    }
}

#[tokio::test]
async fn the_clock_moves_forward_only() {
    let (world, _folder) = World::start().await;
    let moved = world.control("/sandbox/clock", json!({"advance_seconds": 60})).await;
    assert_eq!(moved.json()["offset_ms"], 60_000);
    assert_eq!(
        world.control("/sandbox/clock", json!({"advance_seconds": 0})).await.json()["offset_ms"],
        60_000
    );
    for body in [
        json!({"advance_seconds": -1}),
        json!({"advance_seconds": u64::MAX}),
        json!({"advance_seconds": 1.5}),
        json!({}),
    ] {
        assert_eq!(world.control("/sandbox/clock", body.clone()).await.http, 422, "{body}");
    }
    assert_eq!(world.sandbox.raise_offset_ms(5_000).await.unwrap(), 60_000);
    assert_eq!(world.sandbox.raise_offset_ms(90_000).await.unwrap(), 90_000);
    assert_eq!(world.books().await["clock"]["offset_ms"], 90_000);
}

#[tokio::test]
async fn the_books_show_requests_without_keys() {
    let (world, _folder) = World::start().await;
    world.charge("LK0000000001-P1", 20_000).await;
    world.digiflazz("transaction", &purchase("LK0000000001-F1", "ML_86", "123")).await;
    world.charge("LK0000000002-P1", 20_000).await;
    let books = world.books().await;
    let request = &books["midtrans"]["requests"][1];
    assert_eq!(
        (&request["method"], &request["path"], &request["status"]),
        (&json!("POST"), &json!("/v2/charge"), &json!(200))
    );
    assert_eq!(request["headers"]["authorization"], "***");
    assert!(request["body"].as_str().unwrap().contains("LK0000000001-P1"));
    assert!(request["answer"].as_str().unwrap().contains("GO-PAY billing created"));
    assert!(!books.to_string().contains("U0ItTWlk"), "the key is nowhere");
    let payment = &books["midtrans"]["transactions"][1];
    let id = payment["transaction_id"].as_str().unwrap();
    assert_eq!(payment["wallet_url"], format!("{}/sandbox/wallet/{id}", world.base));

    let one = world.send(world.request("GET", "/sandbox/transactions?reference=LK0000000001")).await.json();
    assert_eq!(one["midtrans"]["transactions"].as_array().unwrap().len(), 1);
    assert_eq!(one["digiflazz"]["transactions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_settlement_report_is_of_a_day_that_is_named() {
    let (world, _folder) = World::start().await;
    let today = world.clock.now().wib_day();
    for gateway in ["midtrans", "dana", "xendit"] {
        let path = format!("/sandbox/{gateway}/settlement.csv");
        for (query, word) in [
            (String::new(), format!("`?date={today}`")),
            (format!("?until={today}"), format!("`?date={today}`")),
            ("?date=".into(), "write it as 2026-11-22".into()),
            ("?date=yesterday".into(), "`yesterday` is not a day".into()),
            (format!("?date={today}&date={today}"), "once each".into()),
            (format!("?date={today}&until={}", today.day_before()), "`until`".into()),
        ] {
            let answer = world.send(world.request("GET", &format!("{path}{query}"))).await;
            assert_eq!(answer.http, 422, "{path}{query}: {}", answer.text);
            assert_eq!(answer.headers["content-type"], "application/problem+json", "{path}{query}");
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains(&word), "{path}{query}: {detail}");
        }
        let answer = world.send(world.request("GET", &format!("{path}?date={today}"))).await;
        assert_eq!(
            (answer.http, answer.headers["content-type"].to_str().unwrap()),
            (200, "text/csv; charset=utf-8")
        );
    }
}
