//! What staff do over HTTP, each with a key of their own: the same as on the command line, once for a key, by two
//! where one may not say it alone, and written down.

use crate::{
    hands::{nap, patience},
    harness::{API_KEY, Rows, World},
    suppliers::in_part,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Instant;

const RINA: &str = "rina-of-the-staff-0123456789";
const BUDI: &str = "budi-of-the-staff-0123456789";

/// What was answered.
struct Told {
    status: StatusCode,
    /// Whether nothing was done now, because it had been done under the key before.
    replayed: bool,
    body: Value,
}

impl Told {
    /// What came of something that was done.
    fn done(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{:#}", self.body);
        self.body
    }

    /// Why something was not done.
    fn refused(self, status: u16, code: &str) -> String {
        assert_eq!((self.status.as_u16(), &self.body["code"]), (status, &json!(code)), "{:#}", self.body);
        self.body["detail"].as_str().unwrap_or_default().to_owned()
    }
}

/// A shop whose staff have keys.
async fn staffed(more: &[(&str, &str)]) -> World {
    let mut world = World::new(Rows::Sqlite).await;
    give_keys(&mut world);
    for (name, value) in more {
        world.configure(name, value);
    }
    world.open_shop(&[]).await.unwrap();
    world
}

fn give_keys(world: &mut World) {
    world.configure("LOKET_API__STAFF_KEYS", &format!("rina:{RINA}, budi:{BUDI}"));
}

/// Somebody asks for something below `/api/v1/staff/`.
async fn asks(world: &World, method: Method, key: &str, path: &str) -> Told {
    answered(world.http.request(method, world.url(&format!("/api/v1/staff/{path}"))).bearer_auth(key)).await
}

/// Somebody decides something there, under a key of their own.
async fn does(world: &World, (key, once): (&str, &str), path: &str, body: Value) -> Told {
    let request = world.http.post(world.url(&format!("/api/v1/staff/{path}"))).bearer_auth(key);
    answered(request.header("Idempotency-Key", once).json(&body)).await
}

async fn answered(request: reqwest::RequestBuilder) -> Told {
    let response = request.header("Accept-Language", "en").send().await.unwrap();
    let (status, replayed) = (response.status(), response.headers().contains_key("idempotency-replayed"));
    Told { status, replayed, body: response.json().await.unwrap() }
}

/// The actors of what is written down under this name.
fn who_did<'a>(file: &'a Value, action: &str) -> Vec<&'a str> {
    let audit = file["audit"].as_array().unwrap().iter();
    audit.filter(|entry| entry["action"] == action).map(|entry| entry["actor"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_retry_over_http_buys_once_however_often_it_is_sent() {
    let world = staffed(&[]).await;
    let deposit = world.books("").await["digiflazz"]["deposit"].as_i64().unwrap();
    assert_eq!(world.simulate("deposit", json!({"add": -deposit})).await.0, StatusCode::OK);
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    world.until(&number, "needs_attention").await;
    assert_eq!(world.simulate("deposit", json!({"add": 1_000_000})).await.0, StatusCode::OK);
    let path = format!("orders/{number}/retry");
    let done = does(&world, (RINA, "retry-1"), &path, json!({})).await.done();
    assert_eq!((&done["number"], &done["waits_for_second_person"]), (&json!(number), &json!(false)));
    world.until(&number, "delivered").await;
    let again = does(&world, (RINA, "retry-1"), &path, json!({})).await;
    assert!(again.replayed, "{:#}", again.body);
    assert_eq!(again.done(), json!({"number": number, "state": "delivered"}));
    let detail = does(&world, (RINA, "retry-2"), &path, json!({})).await.refused(409, "not-possible");
    assert!(detail.contains("is delivered"), "{detail}");
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_part_is_settled_over_http_by_two_who_say_the_same() {
    let (mut world, number) = in_part(Rows::Sqlite, "partial", 1_000).await;
    give_keys(&mut world);
    world.configure("LOKET_REFUNDS__SECOND_PERSON_ABOVE", "0");
    world.shop.take().unwrap().stop().await;
    world.open_shop(&[]).await.unwrap();
    let path = format!("orders/{number}/settle");
    let too_much = does(&world, (RINA, "settle-1"), &path, json!({"give_back": 20_001})).await;
    too_much.refused(422, "validation");
    let share = json!({"give_back": 10_000});
    // What was refused has used no key.
    let first = does(&world, (RINA, "settle-1"), &path, share.clone()).await.done();
    assert_eq!(first, json!({"number": number, "state": "needs_attention", "waits_for_second_person": true}));
    let again = does(&world, (RINA, "settle-1"), &path, share.clone()).await;
    assert!(again.replayed, "{:#}", again.body);
    let alone = does(&world, (RINA, "settle-2"), &path, share.clone()).await.refused(409, "not-possible");
    assert!(alone.contains("somebody else has to say the same"), "{alone}");
    assert_eq!(world.wallet_change(&number).await, 0, "nothing has happened");
    let second = does(&world, (BUDI, "settle-1"), &path, share.clone()).await.done();
    assert_eq!(second, json!({"number": number, "state": "delivered", "waits_for_second_person": false}));
    world.until(&number, "delivered").await;
    does(&world, (BUDI, "settle-1"), &path, json!({"give_back": 5_000}))
        .await
        .refused(422, "idempotency-key-reused");
    does(&world, (BUDI, "settle-2"), &path, share).await.refused(409, "not-possible");
    assert_eq!(world.wallet_change(&number).await, 10_000);
    world.assert_proofs().await;
}

/// Somebody says how a refund ended; again while its gateway is being asked.
async fn ends(world: &World, by: (&str, &str), refund: &str, ended: &str) -> Told {
    let started = Instant::now();
    loop {
        let told = does(world, by, &format!("refunds/{refund}/settle"), json!({"ended": ended})).await;
        let in_hand = told.body["detail"].as_str().is_some_and(|detail| detail.contains("at this moment"));
        if !in_hand {
            return told;
        }
        patience(started, "the gateway's answer");
        nap().await;
    }
}

#[tokio::test]
async fn a_refund_of_which_nobody_tells_is_ended_over_http_by_two_and_once() {
    let settings = [("LOKET_REFUNDS__AUTOMATIC", "source"), ("LOKET_REFUNDS__SECOND_PERSON_ABOVE", "0")];
    let world = staffed(&settings).await;
    world.fault("midtrans", "error_500", json!({"operation": "refund", "count": 10_000})).await;
    world.script("fail", json!({})).await;
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    let started = Instant::now();
    while world.file(&number).await["refunds"][0]["state"] != "unknown" {
        patience(started, "a refund of which nobody knows");
        nap().await;
    }
    let key = format!("{number}-R1");
    for unknown in [format!("{number}-P1-"), "R1".to_owned(), "LK0123456789-R1".to_owned()] {
        ends(&world, (RINA, "unknown"), &unknown, "given-back").await.refused(404, "not-found");
    }
    ends(&world, (RINA, "end-1"), &key, "maybe").await.refused(422, "validation");
    let path = format!("refunds/{key}/settle");
    asks(&world, Method::POST, API_KEY, &path).await.refused(401, "unauthenticated");
    asks(&world, Method::POST, RINA, &path).await.refused(400, "idempotency-key-missing");
    // Until an hour has passed the gateway may say it.
    ends(&world, (RINA, "end-1"), &key, "not-given-back").await.refused(409, "not-possible");
    world.advance(3_700).await.unwrap();
    let first = ends(&world, (RINA, "end-1"), &key, "not-given-back").await.done();
    assert_eq!(
        (&first["refund"], &first["amount"], &first["waits_for_second_person"]),
        (&json!(key), &json!(20_000), &json!(true))
    );
    let again = ends(&world, (RINA, "end-1"), &key, "not-given-back").await;
    assert!(again.replayed && again.body["waits_for_second_person"].is_null(), "{:#}", again.body);
    ends(&world, (RINA, "end-1"), &key, "given-back").await.refused(422, "idempotency-key-reused");
    let alone = ends(&world, (RINA, "end-2"), &key, "not-given-back").await.refused(409, "not-possible");
    assert!(alone.contains("somebody else has to say the same"), "{alone}");
    assert_eq!(world.wallet_change(&number).await, 0, "it has not ended");
    let second = ends(&world, (BUDI, "end-1"), &key, "not-given-back").await.done();
    let ended =
        json!({"refund": key, "state": "refused", "amount": 20_000, "waits_for_second_person": false});
    assert_eq!(second, ended);
    world.until(&number, "refunded").await;
    let again = ends(&world, (RINA, "end-1"), &key, "not-given-back").await;
    assert!(again.replayed, "{:#}", again.body);
    assert_eq!(again.done(), json!({"refund": key, "state": "refused", "amount": 20_000}));
    ends(&world, (BUDI, "end-2"), &key, "not-given-back").await.refused(409, "not-possible");
    assert_eq!(world.wallet_change(&number).await, 20_000);
    let file = asks(&world, Method::GET, RINA, &format!("orders/{number}")).await.done();
    assert_eq!(who_did(&file, "refund.settle_requested"), ["staff:rina"]);
    assert_eq!(who_did(&file, "refund.settled"), ["staff:budi"]);
    world.assert_proofs().await;
}

#[tokio::test]
async fn what_was_delivered_is_revealed_over_http_to_staff_who_are_written_down_each_time() {
    let world = staffed(&[]).await;
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    let serial =
        world.books(&number).await["digiflazz"]["transactions"][0]["sn"].as_str().unwrap().to_owned();
    let (show, reveal) = (format!("orders/{number}"), format!("orders/{number}/reveal"));
    for key in ["", "wrong", API_KEY] {
        asks(&world, Method::POST, key, &reveal).await.refused(401, "unauthenticated");
    }
    asks(&world, Method::POST, RINA, "orders/LK0123456789/reveal").await.refused(404, "not-found");
    let hidden = asks(&world, Method::GET, RINA, &show).await.done();
    assert!(!hidden.to_string().contains(&serial), "{hidden:#}");
    assert!(who_did(&hidden, "order.serial_revealed").is_empty(), "nobody has asked yet: {hidden:#}");
    for (key, actors) in [(RINA, &["staff:rina"][..]), (BUDI, &["staff:rina", "staff:budi"])] {
        let shown = asks(&world, Method::POST, key, &reveal).await.done();
        assert_eq!(shown["serial_number"], serial);
        assert_eq!(shown["attempts"][0]["serial_number"], serial);
        assert_eq!(who_did(&shown, "order.serial_revealed"), actors, "{shown:#}");
    }
    let hidden = asks(&world, Method::GET, BUDI, &show).await.done();
    assert!(!hidden.to_string().contains(&serial), "{hidden:#}");
    world.assert_proofs().await;
}

#[tokio::test]
async fn the_evidence_of_an_order_is_told_over_http_as_on_the_command_line() {
    let world = staffed(&[]).await;
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    let webhook = world.webhook_tried("digiflazz", &number, "create").await;
    let serial =
        world.books(&number).await["digiflazz"]["transactions"][0]["sn"].as_str().unwrap().to_owned();
    let path = format!("orders/{number}/evidence");
    let hidden = asks(&world, Method::GET, RINA, &path).await.done();
    assert!(!hidden.to_string().contains(&serial), "{hidden:#}");
    let whole = asks(&world, Method::POST, RINA, &format!("{path}/reveal")).await.done();
    assert_eq!(whole["serial_number"], serial);
    assert_eq!(who_did(&whole, "order.serial_revealed"), ["staff:rina"]);
    let webhooks = whole["webhooks"].as_array().unwrap();
    assert!(webhooks.iter().any(|w| w["body"] == webhook["body"]), "{webhook} in {webhooks:#?}");
    let printed = world.printed(&["order", "evidence", &number, "--reveal", "--by", "budi", "--json"]).await;
    assert_eq!(whole["attempts"][0]["serial_number"], printed["attempts"][0]["serial_number"]);
    for part in ["state", "buyer_record", "complain_until"] {
        assert_eq!(whole[part], printed[part], "{part}");
    }
    // What was told first is told by both; more may have come in between.
    for part in ["supplier_said", "messages", "ledger", "timeline"] {
        let (first, then) = (whole[part].as_array().unwrap(), printed[part].as_array().unwrap());
        assert!(
            !first.is_empty() && first.iter().all(|one| then.contains(one)),
            "{part}: {first:#?} {then:#?}"
        );
    }
    for part in ["reference", "supplier_number", "first_sent_at", "ended_at"] {
        assert_eq!(whole["attempts"][0][part], printed["attempts"][0][part], "{part}");
    }
    world.assert_proofs().await;
}

/// How often somebody has done this to a settlement report.
async fn recorded(world: &World, actor: &str, action: &str) -> i64 {
    let rows = world.database().await;
    let mut tx = rows.read("test.audit").await.unwrap();
    let counted: i64 = database::sql!("SELECT COUNT(*) FROM audit_entry WHERE actor = $1 AND action = $2")
        .bind(actor)
        .bind(action)
        .one(&mut tx)
        .await
        .unwrap();
    drop(tx);
    rows.close().await;
    counted
}

/// A report is sent, with this after the `?`.
async fn imports(world: &World, key: &str, query: &str, text: &str) -> Told {
    let url = world.url(&format!("/api/v1/staff/settlements?{query}"));
    let request = world.http.post(url).bearer_auth(key).header("Content-Type", "text/csv");
    answered(request.body(text.to_owned())).await
}

/// Of whom something is told.
fn suppliers(told: &Value) -> Vec<&str> {
    told.as_array().unwrap().iter().map(|one| one["supplier"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_supplier_is_asked_over_http_and_what_it_says_is_followed() {
    let world = staffed(&[]).await;
    world.advance(301).await.unwrap();
    let listed = world.simulate("listing", json!({"sku": "ml86", "price": 19_000})).await;
    assert_eq!(listed.0, StatusCode::OK, "{}", listed.1);
    asks(&world, Method::POST, API_KEY, "suppliers/digiflazz/sync").await.refused(401, "unauthenticated");
    let synced = asks(&world, Method::POST, RINA, "suppliers/digiflazz/sync").await.done();
    assert_eq!(synced["outcome"], "kept", "{synced:#}");
    assert_eq!(
        synced["costs"],
        json!([{"product": "ML_86", "before": 18_000, "after": 19_000}]),
        "{synced:#}"
    );
    let soon = asks(&world, Method::POST, RINA, "suppliers/digiflazz/sync").await.done();
    assert_eq!((&soon["outcome"], &soon["costs"]), (&json!("too_soon"), &json!([])), "{soon:#}");
    assert!(soon["again_at"].is_string(), "{soon:#}");
    let prices = asks(&world, Method::GET, RINA, "suppliers/digiflazz/prices?all=true").await.done();
    let all = |part: &str| prices[part].as_array().unwrap().clone();
    assert!(all("data").iter().any(|one| one["product"] == "ML_86" && one["asks"] == 19_000), "{prices:#}");
    assert!(all("others").iter().any(|one| one["sku"] == "ml86b1"), "{prices:#}");

    let left = world.books("").await["digiflazz"]["deposit"].clone();
    let asked = asks(&world, Method::POST, RINA, "suppliers/digiflazz/deposit").await.done();
    assert_eq!((&asked["left"], &asked["silent"]), (&left, &Value::Null), "{asked:#}");
    world.fault("digiflazz", "error_500", json!({"count": 10})).await;
    let silent = asks(&world, Method::POST, RINA, "suppliers/digiflazz/deposit").await.done();
    assert!(silent["silent"].is_string() && silent["left"] == left, "it is as it was known: {silent:#}");
    world.clear_faults().await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_settlement_report_is_imported_compared_and_withdrawn_over_http() {
    let world = staffed(&[("LOKET_DANA__SETTLEMENT", "reference=Nomor; gross=Jumlah")]).await;
    let number = world.placed("one", json!({"buyer": "budi"})).await;
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    let books = world.books("").await;
    let now = vocabulary::Timestamp::parse_rfc3339(books["clock"]["now"].as_str().unwrap()).unwrap();
    let today = now.wib_day();
    let text = format!("Order ID,Gross Amount\n{number}-P1,20000\nLK0000000007-P1,twenty\n");
    let text = text.as_str();
    let of_today = format!("gateway=midtrans&from={today}&file=today.csv");
    for (query, text, status, code) in [
        ("gateway=paypal", text, 400, "invalid-parameter"),
        ("from=2026-11-22", text, 400, "invalid-parameter"),
        ("gateway=midtrans&more=1", text, 400, "invalid-parameter"),
        ("gateway=midtrans&until=2026-11-22", text, 400, "invalid-parameter"),
        ("gateway=midtrans&from=2026-11-22&until=2026-11-21", text, 400, "invalid-parameter"),
        ("gateway=midtrans&from=2026-11-22&dry_run=maybe", text, 400, "invalid-parameter"),
        ("gateway=midtrans", text, 422, "validation"),
        ("gateway=midtrans&from=2026-11-22", "nothing of it", 422, "validation"),
        ("gateway=midtrans&from=2026-11-22", "Order ID,Gross Amount\nx,twenty\n", 422, "validation"),
        ("gateway=dana&from=2026-11-22", text, 422, "validation"),
    ] {
        imports(&world, RINA, query, text).await.refused(status, code);
    }
    imports(&world, API_KEY, &of_today, text).await.refused(401, "unauthenticated");
    let read = imports(&world, RINA, &format!("{of_today}&dry_run=true"), text).await.done();
    assert_eq!((&read["kept"], &read["kinds"][0]["lines"]), (&json!(false), &json!(1)), "{read:#}");
    let kept = asks(&world, Method::GET, RINA, "settlements").await.done();
    assert_eq!(kept["data"], json!([]), "it was only read");

    let imported = imports(&world, RINA, &of_today, text).await.done();
    assert_eq!(imported["kinds"], json!([{"kind": "payment", "lines": 1, "amount": 20_000}]), "{imported:#}");
    assert_eq!((&imported["kept"], &imported["was_there"]), (&json!(true), &json!(false)), "{imported:#}");
    assert_eq!(imported["unreadable"][0]["line"], 3, "{imported:#}");
    let again = imports(&world, BUDI, &of_today, text).await.done();
    assert_eq!((&again["id"], &again["was_there"]), (&imported["id"], &json!(true)), "{again:#}");
    let read = imports(&world, RINA, &format!("{of_today}&dry_run=true"), text).await.done();
    assert_eq!((&read["kept"], &read["was_there"]), (&json!(true), &json!(true)), "{read:#}");
    let kept = asks(&world, Method::GET, RINA, "settlements?limit=5").await.done();
    assert_eq!(kept["data"].as_array().unwrap().len(), 1, "{kept:#}");
    assert_eq!((&kept["data"][0]["id"], &kept["data"][0]["file"]), (&imported["id"], &json!("today.csv")));
    assert_eq!((&kept["data"][0]["lines"], &kept["data"][0]["compared_at"]), (&json!(1), &Value::Null));

    let report = asks(&world, Method::POST, RINA, &format!("reconciliations/{today}")).await.done();
    assert_eq!(report["settlement_lines"], 1, "{report:#}");
    assert!(suppliers(&report["deposits"]).contains(&"digiflazz"), "{report:#}");
    assert_eq!(suppliers(&report["purchases"]), ["vip-reseller"], "{report:#}");
    let unreadable =
        report["differences"].as_array().unwrap().iter().find(|d| d["kind"] == "unreadable_line");
    assert_eq!(unreadable.expect("a line that cannot be read")["asked_again"], false, "{report:#}");

    let withdraw = format!("settlements/{}/withdraw", imported["id"].as_str().unwrap());
    asks(&world, Method::POST, API_KEY, &withdraw).await.refused(401, "unauthenticated");
    let withdrawn = asks(&world, Method::POST, BUDI, &withdraw).await.done();
    assert_eq!(withdrawn, json!({"id": imported["id"], "settlement": "withdrawn"}));
    // Said again, it tells who did, and is nobody's entry.
    let again = asks(&world, Method::POST, RINA, &withdraw).await.done();
    assert_eq!((&again["settlement"], &again["before"]["by"]), (&json!("withdrawn"), &json!("staff:budi")));
    assert!(again["before"]["at"].is_string(), "{again:#}");
    asks(&world, Method::POST, BUDI, "settlements/set_0/withdraw").await.refused(404, "not-found");
    assert_eq!(asks(&world, Method::GET, BUDI, "settlements").await.done()["data"], json!([]));
    assert_eq!(recorded(&world, "staff:rina", "settlement.imported").await, 1);
    assert_eq!(recorded(&world, "staff:budi", "settlement.withdrawn").await, 1);
    assert_eq!(recorded(&world, "staff:rina", "settlement.withdrawn").await, 0);
    let (code, told) = world.command(&["settlement", "withdraw", imported["id"].as_str().unwrap()]).await;
    assert!(code == Some(0) && told.contains("was withdrawn before, by staff:budi at"), "{told}");
    let back = imports(&world, RINA, &of_today, text).await.done();
    assert_eq!((&back["id"], &back["was_there"]), (&imported["id"], &json!(false)), "{back:#}");
    world.assert_proofs().await;
}
