//! What goes wrong with payments, and the rule that it implies, through the shop's public doors.

use crate::{
    hands::{nap, notification, patience, told},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// How long an order may be paid, and a little more.
const PAYING_IS_OVER: u64 = 16 * 60;

async fn postgres() -> Rows {
    Rows::Postgres(testkit::empty_postgres().await)
}

#[tokio::test]
async fn a_webhook_that_comes_many_times_at_once_fulfils_once_on_sqlite() {
    webhook_many_times(Rows::Sqlite).await;
}

#[tokio::test]
async fn a_webhook_that_comes_many_times_at_once_fulfils_once_on_postgres() {
    webhook_many_times(postgres().await).await;
}

async fn webhook_many_times(rows: Rows) {
    let world = World::open(rows).await;
    let number = world.placed("one", json!({})).await;
    world.fault("midtrans", "drop_webhook", json!({"operation": "settlement"})).await;
    world.paid(&number).await;
    let settlement = world.webhooks("midtrans", &number, "settlement").await;
    let body = settlement[0]["body"].as_str().unwrap();
    world.webhook_storm("midtrans", None, body).await;
    world.until(&number, "delivered").await;
    world.webhook_storm("midtrans", None, body).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    assert_eq!(world.wallet_change(&number).await, 0);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_settlement_that_overtakes_pending_pays_and_the_pending_after_it_is_old_news() {
    let world = World::open(Rows::Sqlite).await;
    world.fault("midtrans", "reorder_webhook", json!({"operation": "pending"})).await;
    let number = world.placed("one", json!({})).await;
    world.paid(&number).await;
    let pending = world.webhook_tried("midtrans", &number, "pending").await;
    let settlement = world.webhook_tried("midtrans", &number, "settlement").await;
    assert!(
        settlement["attempts"][0]["at"].as_str() < pending["attempts"][0]["at"].as_str(),
        "not reordered"
    );
    assert_eq!(pending["attempts"][0]["status"], 200);
    world.until(&number, "delivered").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let order = world.until(&number, "delivered").await;
    assert_eq!(order["payment"]["state"], "settled");
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn paid_at_the_last_moment_wins_over_a_webhook_that_says_expired() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    world.fault("midtrans", "drop_webhook", json!({"operation": "settlement"})).await;
    world.paid(&number).await;
    let expired = notification(&format!("{number}-P1"), "202", "20000.00", "expire");
    let (status, text) = world.webhook("midtrans", None, &expired.to_string()).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn paid_while_the_window_closes_is_found_by_asking_before_it_is_given_up() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    world.fault("midtrans", "drop_webhook", json!({"operation": "settlement"})).await;
    world.paid(&number).await;
    world.advance(PAYING_IS_OVER).await.unwrap();
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn money_after_expiry_buys_while_price_and_stock_allow_on_sqlite() {
    late_money_buys(Rows::Sqlite).await;
}

#[tokio::test]
async fn money_after_expiry_buys_while_price_and_stock_allow_on_postgres() {
    late_money_buys(postgres().await).await;
}

async fn late_money_buys(rows: Rows) {
    let world = World::open(rows).await;
    let before = world.stock("ML", "ML_86").await;
    let number = world.placed("one", json!({})).await;
    assert_eq!(world.stock("ML", "ML_86").await, before - 1);
    world.advance(PAYING_IS_OVER).await.unwrap();
    world.until(&number, "expired").await;
    assert_eq!(world.stock("ML", "ML_86").await, before, "an expired order holds no stock");
    world.paid_late(&number).await;
    world.until(&number, "delivered").await;
    assert_eq!(world.stock("ML", "ML_86").await, before - 1);
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn money_after_expiry_becomes_store_credit_when_the_price_has_risen_and_can_be_spent() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.advance(PAYING_IS_OVER).await.unwrap();
    world.until(&number, "expired").await;
    world.change_catalog("20000,18000,", "22000,19800,").await;
    world.paid_late(&number).await;
    let order = world.until_told(&number, "message:credited").await;
    assert_eq!(order["state"], "expired");
    assert_eq!(world.wallet_change(&number).await, 20_000);
    assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
    let free_fire = json!({"product_code": "FF_70", "user_id": "123456789", "server_id": null});
    world.spend_wallet("budi", free_fire).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn money_after_expiry_becomes_store_credit_when_the_last_piece_is_held_by_another_on_sqlite() {
    late_money_without_stock(Rows::Sqlite).await;
}

#[tokio::test]
async fn money_after_expiry_becomes_store_credit_when_the_last_piece_is_held_by_another_on_postgres() {
    late_money_without_stock(postgres().await).await;
}

async fn late_money_without_stock(rows: Rows) {
    let world = World::open(rows).await;
    let line = "VALORANT,Valorant,💥,yes,,,,,,,,,,,";
    let (_, catalog) = world.command(&["catalog", "export"]).await;
    let one = "ML,Mobile Legends,⚔️,yes,ML_ONE,One piece,20000,18000,1,0,digiflazz,ml86,{user_id}{zone_id},Satu,yes";
    let text = if catalog.contains(line) {
        catalog.replace(line, &format!("{one}\n{line}"))
    } else {
        format!("{catalog}{one}\n")
    };
    let path = world.folder().join("one.csv");
    std::fs::write(&path, text).unwrap();
    let (code, text) = world.command(&["catalog", "import", path.to_str().unwrap()]).await;
    assert_eq!(code, Some(0), "{text}");
    let first = world.placed("first", json!({"buyer": "budi", "product_code": "ML_ONE"})).await;
    let (status, _) = world.place("other", json!({"buyer": "sari", "product_code": "ML_ONE"})).await.unwrap();
    assert_eq!(status, StatusCode::CONFLICT, "the only piece is held");
    world.advance(PAYING_IS_OVER).await.unwrap();
    world.until(&first, "expired").await;
    let second = world.placed("second", json!({"buyer": "sari", "product_code": "ML_ONE"})).await;
    world.paid_late(&first).await;
    world.until_told(&first, "message:credited").await;
    assert_eq!(world.wallet_change(&first).await, 20_000);
    world.paid(&second).await;
    world.until(&second, "delivered").await;
    world.spend_wallet("budi", json!({})).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_webhook_before_the_answer_to_our_charge_pays() {
    // The first answer comes while the lease lasts, the second after it is over.
    tokio::join!(paid_before_the_answer(1_200), paid_before_the_answer(4_500));
}

async fn paid_before_the_answer(delay: u64) {
    let world = World::open(Rows::Sqlite).await;
    world.fault("midtrans", "timeout_after_effect", json!({"operation": "charge", "delay_ms": delay})).await;
    let paying = async {
        let started = Instant::now();
        let reference = loop {
            let books = world.books("").await;
            if let Some(reference) = books["midtrans"]["transactions"][0]["order_id"].as_str() {
                break reference.to_owned();
            }
            patience(started, "the charge");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let number = reference.trim_end_matches("-P1").to_owned();
        world.paid(&number).await;
        let webhook = world.webhook_tried("midtrans", &number, "settlement").await;
        assert_eq!(webhook["attempts"][0]["status"], 200);
        number
    };
    let (placed, number) = tokio::join!(world.placed("one", json!({})), paying);
    assert_eq!(placed, number);
    world.until(&number, "delivered").await;
    // The late answer finds everything done.
    tokio::time::sleep(Duration::from_millis(delay)).await;
    let order = world.until(&number, "delivered").await;
    assert_eq!(order["payment"]["state"], "settled");
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_charge_whose_answer_is_lost_is_adopted_and_never_made_twice() {
    let world = World::open(Rows::Sqlite).await;
    // An odd count spoils the JSON, the last one answers HTML; a held answer is given up by us.
    for (fault, more) in [
        ("garbage", json!({"operation": "charge", "count": 1})),
        ("garbage", json!({"operation": "charge", "count": 2})),
        ("timeout_after_effect", json!({"operation": "charge", "delay_ms": 17_000})),
    ] {
        let label = format!("{fault} {more}");
        world.fault("midtrans", fault, more).await;
        let number = world.placed(&label.replace(' ', ""), json!({"buyer": "budi"})).await;
        world.paid(&number).await;
        world.until(&number, "delivered").await;
        world.clear_faults().await;
        let charges = world.requests("midtrans", "/v2/charge", &number).await;
        assert_eq!(charges.len(), 1, "{label}: {charges:#?}");
        world.assert_paid_and_delivered_once(&number).await;
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_charge_that_never_arrived_is_sent_again_under_its_reference() {
    let world = World::open(Rows::Sqlite).await;
    let faults = ["error_500", "redirect", "rate_limited", "timeout"];
    for fault in faults {
        world.fault("midtrans", fault, json!({"operation": "charge", "count": 1, "delay_ms": 1_000})).await;
    }
    let mut numbers = Vec::new();
    for fault in faults {
        numbers.push(world.placed(fault, json!({"buyer": fault})).await);
    }
    for number in &numbers {
        world.paid(number).await;
        world.until(number, "delivered").await;
        world.assert_paid_and_delivered_once(number).await;
    }
    let charges = world.requests("midtrans", "/v2/charge", "").await;
    let spoiled = charges.iter().filter(|c| !c["fault"].is_null()).count();
    assert_eq!((charges.len(), spoiled), (8, 4), "{charges:#?}");
    world.assert_proofs().await;
}

#[tokio::test]
async fn forged_webhooks_are_refused_and_change_nothing() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    let reference = format!("{number}-P1");
    world.webhook_tried("midtrans", &number, "pending").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let good = notification(&reference, "200", "20000.00", "settlement");
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body.to_string()
    };
    let mut unsigned = good.clone();
    unsigned.as_object_mut().unwrap().remove("signature_key");
    let other_key =
        crate::hands::sum("sha512sum", format!("{reference}20020000.00SB-Mid-server-other").as_bytes());
    let before = world.requests("midtrans", "/status", &reference).await.len();
    for (label, body, expected) in [
        ("another key", with("signature_key", json!(other_key)), 401),
        ("no signature", unsigned.to_string(), 401),
        ("an empty signature", with("signature_key", json!("")), 401),
        ("a signature of another type", with("signature_key", json!([1])), 401),
        ("another amount", with("gross_amount", json!("1.00")), 401),
        ("another order", with("order_id", json!("LK0000000000-P1")), 401),
        ("no JSON", "settlement".to_owned(), 400),
        ("a list", format!("[{good}]"), 400),
        ("nothing", String::new(), 400),
        // The signed strings have no boundary: the same bytes, cut elsewhere, are signed as well.
        (
            "a moved boundary",
            {
                let mut body = good.clone();
                (body["order_id"], body["status_code"]) = (json!(format!("{reference}2")), json!("00"));
                body.to_string()
            },
            400,
        ),
    ] {
        let (status, text) = world.webhook("midtrans", None, &body).await;
        assert_eq!(status.as_u16(), expected, "{label}: {text}");
        assert!(
            !text.contains(good["signature_key"].as_str().unwrap()),
            "{label}: the answer tells the signature"
        );
    }
    let (status, _) = world.webhook("midtrans", None, &"x".repeat(3_000_000)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    tokio::time::sleep(Duration::from_millis(700)).await;
    let order = world.order(&number).await.unwrap();
    assert_eq!((&order["state"], &order["payment"]["state"]), (&json!("awaiting_payment"), &json!("open")));
    let after = world.requests("midtrans", "/status", &reference).await.len();
    assert!(after <= before + 1, "forged webhooks made us ask {} times", after - before);
    assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_forged_webhook_of_a_real_settlement_is_refused_and_the_payment_found_by_asking() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    world.fault("midtrans", "forge_signature", json!({"operation": "settlement"})).await;
    world.paid(&number).await;
    let webhook = world.webhook_tried("midtrans", &number, "settlement").await;
    assert_eq!(webhook["attempts"][0]["status"], 401);
    world.advance(20).await.unwrap();
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_signed_webhook_pays_nothing_that_the_gateway_does_not_confirm() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    let reference = format!("{number}-P1");
    let genuine = world.webhook_tried("midtrans", &number, "pending").await;
    let genuine = genuine["body"].as_str().unwrap();
    let altered = genuine.replace("\"pending\"", "\"settlement\"");
    assert_ne!(altered, genuine);
    let claims = |code: &str, amount: &str| notification(&reference, code, amount, "settlement").to_string();
    let mut other_merchant = notification(&reference, "200", "20000.00", "settlement");
    other_merchant["merchant_id"] = json!("G999999999");
    for body in [
        altered,
        claims("200", "20000.00"),
        claims("200", "19999.00"),
        claims("200", "20001.00"),
        claims("200", "20000"),
        claims("202", "20000.00"),
        other_merchant.to_string(),
    ] {
        let before = world.requests("midtrans", "/status", &reference).await.len();
        let (status, text) = world.webhook("midtrans", None, &body).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        world.asked_again(&number, before).await;
        let order = world.order(&number).await.unwrap();
        assert_eq!(
            (&order["state"], &order["payment"]["state"]),
            (&json!("awaiting_payment"), &json!("open")),
            "{body}"
        );
    }
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    // An old valid one again, after everything.
    let (status, _) = world.webhook("midtrans", None, genuine).await;
    assert_eq!(status, StatusCode::OK);
    let denied = notification(&reference, "202", "20000.00", "deny").to_string();
    assert_eq!(world.webhook("midtrans", None, &denied).await.0, StatusCode::OK);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let order = world.until(&number, "delivered").await;
    assert_eq!(order["payment"]["state"], "settled");
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn an_imposed_fee_calls_a_person_and_never_credits_more_than_our_amount() {
    let world = World::open(Rows::Sqlite).await;
    let mut numbers = Vec::new();
    for buyer in ["budi", "sari"] {
        world.fault("midtrans", "impose_fee", json!({})).await;
        let number = world.placed(buyer, json!({"buyer": buyer})).await;
        world.paid(&number).await;
        let order = world.until(&number, "needs_attention").await;
        assert_eq!(order["attention"], "odd_money");
        assert!(world.alert("amount_mismatch", &number).await);
        assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
        numbers.push(number);
    }
    let [accepted, rejected] = [&numbers[0], &numbers[1]];
    world.assert_proofs().await;

    world.staff("approve", accepted).await;
    world.until(accepted, "delivered").await;
    let file = world.file(accepted).await;
    let lines = file["ledger"].as_array().unwrap();
    let paid: Vec<_> = lines
        .iter()
        .filter(|l| l["kind"] == "payment")
        .map(|l| l["amount"].as_i64().unwrap().abs())
        .collect();
    assert_eq!(paid, [20_000, 20_000], "{lines:#?}");
    assert_eq!(world.wallet_change(accepted).await, 0);
    assert!(!world.alert("amount_mismatch", accepted).await);
    let decided =
        file["audit"].as_array().unwrap().iter().any(|a| a["actor"].as_str().unwrap().contains("rina"));
    assert!(decided, "{file:#}");

    world.staff("reject", rejected).await;
    world.until(rejected, "cancelled").await;
    assert_eq!(world.wallet_change(rejected).await, 20_000);
    assert!(!world.alert("amount_mismatch", rejected).await);
    world.spend_wallet("sari", json!({})).await;
    for number in &numbers {
        for action in ["approve", "reject"] {
            let (code, text) = world.command(&["order", action, number]).await;
            assert_ne!(code, Some(0), "{action} a second time: {text}");
        }
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_rupiah_more_or_less_than_ours_never_pays_the_order() {
    let world = World::open(Rows::Sqlite).await;
    for (failed_before, amount) in [19_999, 20_001].into_iter().enumerate() {
        let buyer = format!("buyer-{amount}");
        world.fault("midtrans", "error_500", json!({"operation": "charge"})).await;
        // Between our charge that failed and the next one, the reference is taken with another amount.
        let placing = world.placed(&buyer, json!({"buyer": buyer}));
        let stealing = async {
            let started = Instant::now();
            let reference = loop {
                let charges = world.requests("midtrans", "/v2/charge", "").await;
                let failed = charges.iter().filter(|c| c["fault"] == "error_500").nth(failed_before);
                if let Some(failed) = failed {
                    let body: Value = serde_json::from_str(failed["body"].as_str().unwrap()).unwrap();
                    break body["transaction_details"]["order_id"].as_str().unwrap().to_owned();
                }
                patience(started, "the first charge");
                tokio::time::sleep(Duration::from_millis(20)).await;
            };
            let url = format!("{}/sandbox/midtrans/v2/charge", world.simulators.base());
            let body = json!({"payment_type": "gopay", "transaction_details": {"order_id": reference, "gross_amount": amount}});
            let request =
                world.http.post(url).basic_auth("SB-Mid-server-loket-sandbox", Some("")).json(&body);
            let answer: Value = request.send().await.unwrap().json().await.unwrap();
            assert_eq!(answer["status_code"], "201", "{answer}");
        };
        let (number, ()) = tokio::join!(placing, stealing);
        world.paid(&number).await;
        world.advance(20).await.unwrap();
        let order = world.until(&number, "needs_attention").await;
        assert_eq!(order["attention"], "odd_money");
        world.staff("reject", &number).await;
        world.until(&number, "cancelled").await;
        assert_eq!(world.wallet_change(&number).await, i64::from(amount).min(20_000));
        assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
    }
    world.assert_proofs().await;
}

#[tokio::test]
async fn an_upper_case_status_is_read_like_a_lower_case_one() {
    let world = World::open(Rows::Sqlite).await;
    world.fault("midtrans", "upper_case_status", json!({"count": 1_000})).await;
    let number = world.placed("one", json!({})).await;
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    let answers = world.requests("midtrans", "/status", &number).await;
    assert!(answers.iter().any(|r| r["answer"].as_str().unwrap().contains("SETTLEMENT")), "{answers:#?}");
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn an_unknown_status_is_pending_and_reported_and_never_fulfilled() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    world.fault("midtrans", "unknown_status", json!({"count": 1_000})).await;
    world.paid(&number).await;
    let started = Instant::now();
    while !world.alert("unknown_word", "midtrans").await {
        patience(started, "the alert");
        nap().await;
    }
    let before = world.requests("midtrans", "/status", &number).await.len();
    world.advance(70).await.unwrap();
    world.asked_again(&number, before).await;
    let order = world.order(&number).await.unwrap();
    assert_eq!((&order["state"], &order["payment"]["state"]), (&json!("awaiting_payment"), &json!("open")));
    assert_eq!(world.books(&number).await["digiflazz"]["transactions"], json!([]));
    world.clear_faults().await;
    world.advance(70).await.unwrap();
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_test_notification_about_no_order_of_ours_is_taken_and_does_nothing() {
    let world = World::open(Rows::Sqlite).await;
    for reference in ["payment_notif_test_G000000000_1", "LK0000000000-P1", "LK0000000000-F1"] {
        let body = notification(reference, "200", "105000.00", "settlement").to_string();
        let (status, text) = world.webhook("midtrans", None, &body).await;
        assert_eq!(status, StatusCode::OK, "{text}");
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    let books = world.books("").await;
    assert_eq!((&books["midtrans"]["requests"], &books["digiflazz"]["requests"]), (&json!([]), &json!([])));
    assert_eq!(world.printed(&["order", "list", "--json"]).await, json!([]));
    assert_eq!(world.printed(&["alerts", "--json"]).await, json!([]));
    world.assert_proofs().await;
}

/// A way to the database that can be shut.
struct Passage {
    open: watch::Sender<bool>,
    address: String,
}

impl Passage {
    async fn to(target: String) -> Passage {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (open, is_open) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((mut inside, _)) = listener.accept().await {
                let (target, mut is_open) = (target.clone(), is_open.clone());
                if !*is_open.borrow() {
                    continue;
                }
                tokio::spawn(async move {
                    let Ok(mut outside) = TcpStream::connect(target).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut inside, &mut outside) => {}
                        _ = is_open.wait_for(|open| !open) => {}
                    }
                });
            }
        });
        Passage { open, address }
    }
}

#[tokio::test]
async fn a_webhook_while_postgres_is_away_is_answered_503_and_applied_when_it_comes_again() {
    let database = testkit::empty_postgres().await;
    let url = database.url_text();
    let (user, rest) = url.split_once('@').unwrap();
    let (host, name) = rest.split_once('/').unwrap();
    let passage = Passage::to(host.to_owned()).await;
    let mut world = World::new(Rows::Postgres(database)).await;
    world.configure("LOKET_DATABASE__URL", &format!("{user}@{}/{name}", passage.address));
    world.open_shop(&[]).await.unwrap();
    let number = world.placed("one", json!({})).await;
    passage.open.send_replace(false);
    world.paid(&number).await;
    let webhook = world.webhook_tried("midtrans", &number, "settlement").await;
    assert_eq!(webhook["attempts"][0]["status"], 503);
    assert_eq!(webhook["state"], "waiting");
    assert!(!world.shop_is_dead());
    passage.open.send_replace(true);
    let started = Instant::now();
    while world.advance_if_possible(125).await.is_none() {
        patience(started, "the database");
        nap().await;
    }
    world.until(&number, "delivered").await;
    let started = Instant::now();
    loop {
        let webhook = &world.webhooks("midtrans", &number, "settlement").await[0];
        if webhook["state"] == "delivered" {
            break;
        }
        patience(started, "the second try");
        nap().await;
    }
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_webhook_while_sqlite_is_locked_is_answered_503_and_applied_when_it_comes_again() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    let file = world.folder().join("shop").join("loket.db");
    let other = database::Database::open(&database::DatabaseUrl::Sqlite(file)).await.unwrap();
    let hold = other.write("test.hold").await.unwrap();
    let settlement = notification(&format!("{number}-P1"), "200", "20000.00", "settlement").to_string();
    let started = Instant::now();
    let (status, text) = world.webhook("midtrans", None, &settlement).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{text}");
    assert!(started.elapsed() < Duration::from_secs(12), "the sender waited {:?}", started.elapsed());
    drop(hold);
    other.close().await;
    world.fault("midtrans", "drop_webhook", json!({"operation": "settlement"})).await;
    world.paid(&number).await;
    let (status, text) = world.webhook("midtrans", None, &settlement).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_payment_whose_webhook_never_comes_is_found_by_asking() {
    let world = World::open(Rows::Sqlite).await;
    world.fault("midtrans", "drop_webhook", json!({"count": 1_000})).await;
    let number = world.placed("one", json!({})).await;
    world.paid(&number).await;
    world.advance(30).await.unwrap();
    let order = world.until(&number, "delivered").await;
    assert!(!told(&order, "expired"));
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn spoiled_answers_to_our_question_are_asked_again() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    world.fault("midtrans", "http_status_errors", json!({})).await;
    for fault in ["error_500", "garbage", "redirect"] {
        world.fault("midtrans", fault, json!({"operation": "status", "count": 1})).await;
    }
    world.paid(&number).await;
    let started = Instant::now();
    // Business time is moved on while the shop backs off.
    while world.order(&number).await.unwrap()["state"] != "delivered" {
        patience(started, "the delivery");
        world.advance(15).await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn money_that_crosses_a_cancellation_is_used_and_never_lost() {
    let world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    // Nothing is heard of the money before the buyer withdraws.
    world.fault("midtrans", "drop_webhook", json!({"count": 1_000})).await;
    world.fault("midtrans", "error_500", json!({"operation": "status", "count": 1_000})).await;
    world.paid(&number).await;
    let request = world.http.post(world.url(&format!("/api/v1/orders/{number}/cancel")));
    let order: Value =
        request.bearer_auth(crate::harness::API_KEY).send().await.unwrap().json().await.unwrap();
    assert_eq!(order["state"], "cancelled", "{order:#}");
    world.clear_faults().await;
    world.advance(70).await.unwrap();
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn store_credit_is_spent_once_by_orders_that_come_at_once_on_sqlite() {
    wallet_race(Rows::Sqlite).await;
}

#[tokio::test]
async fn store_credit_is_spent_once_by_orders_that_come_at_once_on_postgres() {
    wallet_race(postgres().await).await;
}

async fn wallet_race(rows: Rows) {
    let world = Arc::new(World::open(rows).await);
    world.fault("midtrans", "impose_fee", json!({})).await;
    let number = world.placed("credit", json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    world.until(&number, "needs_attention").await;
    world.staff("reject", &number).await;
    world.until(&number, "cancelled").await;
    let mut race = tokio::task::JoinSet::new();
    for at in 0..4 {
        let world = Arc::clone(&world);
        let change = json!({"buyer": "budi", "payment_method": "wallet"});
        race.spawn(async move { world.place(&format!("race-{at}"), change).await.unwrap() });
    }
    let answers = race.join_all().await;
    let (placed, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|(status, _)| *status == StatusCode::CREATED);
    assert_eq!((placed.len(), refused.len()), (1, 3), "{placed:?} {refused:?}");
    assert!(refused.iter().all(|(status, _)| status.is_client_error()), "{refused:?}");
    let winner = placed[0].1["number"].as_str().unwrap();
    world.until(winner, "delivered").await;
    assert_eq!(world.wallet_change(winner).await, -20_000);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_payment_that_the_buyer_declines_buys_nothing_and_its_order_ends_with_its_time() {
    let world = World::open(Rows::Sqlite).await;
    let stock = world.stock("ML", "ML_86").await;
    let number = world.placed("one", json!({})).await;
    let (status, answer) = world.pay(&number, "deny").await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let started = Instant::now();
    while world.order(&number).await.unwrap()["payment"]["state"] != "denied" {
        patience(started, "the denial");
        nap().await;
    }
    assert_eq!(world.order(&number).await.unwrap()["state"], "awaiting_payment");
    world.advance(PAYING_IS_OVER).await.unwrap();
    world.until(&number, "expired").await;
    assert_eq!(world.stock("ML", "ML_86").await, stock);
    let books = world.books(&number).await;
    assert_eq!(books["digiflazz"]["transactions"], json!([]));
    assert_eq!(books["midtrans"]["transactions"][0]["times_settled"], 0);
    world.assert_proofs().await;
}
