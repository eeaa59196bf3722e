//! What becomes of a charge at Xendit: paid, declined, over, paid after all, given back; and what is told of
//! it (contracts/payments §3.2–§3.5).

use crate::{
    support::{World, fields},
    xendit_support::*,
};
use serde_json::{Value, json};

const SECOND_CALLBACK: &str = include_str!("../fixtures/xendit/v2_callback.json");
const THIRD_CALLBACK: &str = include_str!("../fixtures/xendit/v3_callback.json");
const LEGACY_CALLBACK: &str = include_str!("../fixtures/xendit/legacy_callback.json");
const REFUND_REQUEST: &str = include_str!("../fixtures/xendit/refund_request.json");
const REFUND_RESPONSE: &str = include_str!("../fixtures/xendit/refund_response.json");
const VECTORS: &str = include_str!("../fixtures/xendit_vectors.json");

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn page() -> Value {
    json!({"success_return_url": "https://shop.example/back"})
}

#[tokio::test]
async fn what_a_buyer_pays_is_told_by_a_callback_in_the_shape_of_its_generation() {
    let (world, _folder) = World::start().await;
    for (count, (path, body, callback)) in [
        (REQUESTS, push("A-1", 25_000), SECOND_CALLBACK),
        (THIRD, third("A-2", 25_000, "DANA", page()), THIRD_CALLBACK),
        (LEGACY, legacy("A-3", 25_000), LEGACY_CALLBACK),
    ]
    .into_iter()
    .enumerate()
    {
        let made = world.xendit_ok("POST", path, Some(&body)).await;
        let paid = world.pay(body["reference_id"].as_str().unwrap(), "settle").await;
        assert_eq!((paid.http, paid.json()["simulator"].as_str()), (200, Some("xendit")), "{}", paid.text);
        let hook = world.hooks.wait(count + 1).await.pop().unwrap();
        assert_eq!((hook.path.as_str(), hook.header("x-callback-token")), ("/dashboard/xendit", Some(TOKEN)));
        // The token's name is that of the vectors.
        assert_eq!(fields(&read(VECTORS)["webhook_header"]), ["x-callback-token"]);
        let (told, fixture) = (hook.json(), read(callback));
        assert_eq!((fields(&told), &told["event"]), (fields(&fixture), &fixture["event"]));
        assert_eq!(fields(&told["data"]), fields(&fixture["data"]));
        assert_eq!(told["data"]["status"], "SUCCEEDED");
        assert_eq!(told["data"]["reference_id"], body["reference_id"]);
        // The published example of the third writes amounts as texts.
        assert_eq!(told["data"].get("request_amount"), fixture["data"].get("request_amount"));
        let asked = world.xendit_ok("GET", &format!("{path}/{}", id(&made)), None).await;
        assert_eq!(asked["status"], "SUCCEEDED", "{asked}");
        assert_eq!(world.pay(body["reference_id"].as_str().unwrap(), "settle").await.http, 409, "once");
    }
}

#[tokio::test]
async fn one_that_is_declined_fails_and_one_that_nobody_accepts_is_over_after_55_seconds() {
    let (world, _folder) = World::start().await;
    let declined = world.xendit_ok("POST", REQUESTS, Some(&push("A-1", 25_000))).await;
    assert_eq!(world.pay("A-1", "deny").await.http, 200);
    let told = world.xendit_ok("GET", &format!("{REQUESTS}/{}", id(&declined)), None).await;
    assert_eq!(
        (told["status"].as_str(), told["failure_code"].as_str()),
        (Some("FAILED"), Some("USER_DECLINED_PAYMENT"))
    );
    assert_eq!(world.hooks.wait(1).await[0].json()["event"], "payment.failed");
    let waiting = world.xendit_ok("POST", REQUESTS, Some(&push("A-2", 25_000))).await;
    let path = format!("{REQUESTS}/{}", id(&waiting));
    world.advance(54).await;
    assert_eq!(world.xendit_ok("GET", &path, None).await["status"], "PENDING");
    world.advance(1).await;
    assert_eq!(world.xendit_ok("GET", &path, None).await["status"], "EXPIRED");
    assert_eq!(world.pay("A-2", "settle").await.http, 409);
    // A page of DANA's waits for a day.
    let link = world.xendit_ok("POST", REQUESTS, Some(&link("A-3", 25_000))).await;
    let path = format!("{REQUESTS}/{}", id(&link));
    world.advance(86_399).await;
    assert_eq!(world.xendit_ok("GET", &path, None).await["status"], "REQUIRES_ACTION");
    world.advance(1).await;
    assert_eq!(world.xendit_ok("GET", &path, None).await["status"], "EXPIRED");
}

#[tokio::test]
async fn one_that_is_paid_after_its_end_stays_expired_and_its_payment_tells() {
    let (world, _folder) = World::start().await;
    let made = world.xendit_ok("POST", REQUESTS, Some(&push("A-1", 25_000))).await;
    world.advance(60).await;
    let method = made["payment_method"]["id"].as_str().unwrap();
    let payments = format!("/v2/payment_methods/{method}/payments");
    assert_eq!(world.xendit_ok("GET", &payments, None).await["data"], json!([]));
    let late = json!({"reference": "A-1", "outcome": "settle", "late": true});
    assert_eq!(world.control("/sandbox/pay", late.clone()).await.http, 200);
    let told = world.xendit_ok("GET", &format!("{REQUESTS}/{}", id(&made)), None).await;
    assert_eq!(told["status"], "EXPIRED", "although it was paid");
    let paid = world.xendit_ok("GET", &payments, None).await;
    assert_eq!(
        (paid["data"][0]["status"].as_str(), &paid["data"][0]["amount"]),
        (Some("SUCCEEDED"), &json!(25_000))
    );
    assert_eq!(world.hooks.wait(1).await[0].json()["event"], "payment.succeeded");
    assert_eq!(world.control("/sandbox/pay", late).await.http, 409, "once");
    assert_eq!(world.xendit_charges("A-1").await[0]["times_paid"], 1);
}

#[tokio::test]
async fn what_waits_can_be_ended_and_what_does_not_cannot() {
    let (world, _folder) = World::start().await;
    let made = world.xendit_ok("POST", REQUESTS, Some(&link("A-1", 25_000))).await;
    let method = made["payment_method"]["id"].as_str().unwrap();
    let expire = format!("/v2/payment_methods/{method}/expire");
    let told = world.xendit_ok("POST", &expire, Some(&json!({}))).await;
    assert_eq!((told["status"].as_str(), told["id"].as_str()), (Some("EXPIRED"), Some(method)));
    assert_eq!(world.xendit_ok("GET", &format!("{REQUESTS}/{}", id(&made)), None).await["status"], "EXPIRED");
    assert_eq!(
        world.xendit_refused("POST", &expire, Some(&json!({}))).await,
        (400, "INVALID_PAYMENT_METHOD".into())
    );
    assert_eq!(world.pay("A-1", "settle").await.http, 409);
    let third = world.xendit_ok("POST", THIRD, Some(&third("A-2", 25_000, "DANA", page()))).await;
    let cancel = format!("{THIRD}/{}/cancel", id(&third));
    assert_eq!(world.xendit_ok("POST", &cancel, Some(&json!({}))).await["status"], "CANCELED");
    assert_eq!(
        world.xendit_refused("POST", &cancel, Some(&json!({}))).await.1,
        "INELIGIBLE_TRANSACTION_STATUS"
    );
}

#[tokio::test]
async fn a_charge_of_the_first_generation_is_voided_on_its_day_and_refunded_after_it() {
    let (world, _folder) = World::start().await;
    let made = world.xendit_ok("POST", LEGACY, Some(&legacy("A-1", 25_000))).await;
    let path = format!("{LEGACY}/{}", id(&made));
    let void = format!("{path}/void");
    assert_eq!(world.xendit_refused("POST", &void, None).await.1, "INELIGIBLE_TRANSACTION_STATUS");
    world.pay("A-1", "settle").await;
    assert_eq!(world.xendit_ok("POST", &void, None).await["status"], "VOIDED");
    assert_eq!(world.xendit_refused("POST", &void, None).await.0, 400, "once");
    let made = world.xendit_ok("POST", LEGACY, Some(&legacy("A-2", 25_000))).await;
    let path = format!("{LEGACY}/{}", id(&made));
    world.pay("A-2", "settle").await;
    world.advance(86_400).await;
    assert_eq!(world.xendit_refused("POST", &format!("{path}/void"), None).await.0, 400, "the day is over");
    let refund =
        world.xendit_ok("POST", &format!("{path}/refunds"), Some(&json!({"reason": "OTHERS"}))).await;
    assert_eq!((refund["status"].as_str(), &refund["amount"]), (Some("PENDING"), &json!(25_000)));
    world.advance(86_400).await;
    assert_eq!(world.xendit_ok("GET", &path, None).await["refunded_amount"], 25_000);
}

#[tokio::test]
async fn a_refund_takes_a_while_and_its_end_is_told() {
    let (world, _folder) = World::start().await;
    let made = world.xendit_ok("POST", REQUESTS, Some(&link("A-1", 25_000))).await;
    world.pay("A-1", "settle").await;
    world.hooks.wait(1).await;
    let mut asked = read(REFUND_REQUEST);
    asked["payment_request_id"] = json!(id(&made));
    let key = [("idempotency-key", "LK0123456789-R1")];
    let refund = world.xendit_with("POST", "/refunds", Some(&asked), &key).await;
    let told = refund.json();
    assert_eq!(fields(&told), fields(&read(REFUND_RESPONSE)));
    assert_eq!(
        (told["status"].as_str(), &told["amount"], &told["reference_id"]),
        (Some("PENDING"), &json!(10_000), &asked["reference_id"])
    );
    // Under its key it is one refund, however often it is asked for.
    let again = world.xendit_with("POST", "/refunds", Some(&asked), &key).await;
    assert_eq!(again.text, refund.text);
    let list = format!("/refunds?payment_request_id={}&limit=50", id(&made));
    assert_eq!(world.xendit_ok("GET", &list, None).await["data"].as_array().unwrap().len(), 1);
    world.advance(30).await;
    let done = world.xendit_ok("GET", &format!("/refunds/{}", id(&told)), None).await;
    assert_eq!(done["status"], "SUCCEEDED");
    let hook = world.hooks.wait(2).await.pop().unwrap();
    assert_eq!((hook.json()["event"].as_str(), &hook.json()["data"]), (Some("refund.succeeded"), &done));
    // The request stays what it was.
    assert_eq!(
        world.xendit_ok("GET", &format!("{REQUESTS}/{}", id(&made)), None).await["status"],
        "SUCCEEDED"
    );
    assert_eq!(world.xendit_charges("A-1").await[0]["refunded"], 10_000);
    // What is left can go back, and no more; one on its way can be called off.
    asked["amount"] = json!(15_001);
    assert_eq!(
        world.xendit_refused("POST", "/refunds", Some(&asked)).await,
        (400, "REFUND_AMOUNT_EXCEEDED".into())
    );
    asked["amount"] = json!(null);
    let rest = world.xendit_ok("POST", "/refunds", Some(&asked)).await;
    assert_eq!(rest["amount"], 15_000);
    let off = world.xendit_ok("POST", &format!("/refunds/{}/cancel", id(&rest)), None).await;
    assert_eq!(off["status"], "CANCELLED");
    world.advance(60).await;
    assert_eq!(world.xendit_charges("A-1").await[0]["refunded"], 10_000);
}

#[tokio::test]
async fn what_cannot_be_given_back_is_said() {
    let (world, _folder) = World::start().await;
    let refund = |id: &str, amount: i64| json!({"payment_request_id": id, "amount": amount, "currency": "IDR", "reason": "OTHERS"});
    let pushed = id(&world.xendit_ok("POST", REQUESTS, Some(&push("A-1", 25_000))).await);
    let refused = async |body: Value| world.xendit_refused("POST", "/refunds", Some(&body)).await;
    assert_eq!(refused(refund(&pushed, 25_000)).await, (400, "INELIGIBLE_TRANSACTION_STATUS".into()));
    world.pay("A-1", "settle").await;
    assert_eq!(refused(refund(&pushed, 25_000)).await, (403, "REFUND_NOT_SUPPORTED".into()));
    let linked = id(&world.xendit_ok("POST", THIRD, Some(&third("A-2", 25_000, "LINKAJA", page()))).await);
    world.pay("A-2", "settle").await;
    assert_eq!(refused(refund(&linked, 10_000)).await, (403, "PARTIAL_REFUND_NOT_SUPPORTED".into()));
    assert_eq!(refused(refund("pr-x", 10_000)).await, (404, "DATA_NOT_FOUND".into()));
    let mut why = refund(&linked, 25_000);
    why["reason"] = json!("because");
    assert_eq!(refused(why).await, (400, "API_VALIDATION_ERROR".into()));
    world.advance(31 * 86_400).await;
    assert_eq!(refused(refund(&linked, 25_000)).await, (400, "INELIGIBLE_TRANSACTION_STATUS".into()));
}

#[tokio::test]
async fn a_callback_is_tried_again_by_their_table_on_business_time() {
    let (world, _folder) = World::start().await;
    world.xendit_ok("POST", REQUESTS, Some(&push("A-1", 25_000))).await;
    world.hooks.will_answer(&[503, 503, 200]);
    world.pay("A-1", "settle").await;
    let first = world.hooks.wait(1).await.remove(0);
    world.written_down("xendit", 1).await;
    world.advance(14 * 60).await;
    assert_eq!(world.hooks.settle().await.len(), 1, "not before a quarter of an hour");
    world.advance(60).await;
    world.hooks.wait(2).await;
    world.written_down("xendit", 2).await;
    world.advance(45 * 60).await;
    let all = world.hooks.wait(3).await;
    assert!(all.iter().all(|hook| hook.raw == first.raw && hook.header("x-callback-token") == Some(TOKEN)));
    world.advance(86_400).await;
    assert_eq!(world.hooks.settle().await.len(), 3, "a success is the end");
}

#[tokio::test]
async fn faults_spoil_a_callback_as_they_say() {
    let (world, _folder) = World::start().await;
    world.fault("xendit", "forge_signature", 1).await;
    world.fault("xendit", "missing_signature", 1).await;
    for (count, token) in [Some("somebody-elses-token"), None, Some(TOKEN)].into_iter().enumerate() {
        let reference = format!("A-{count}");
        world.xendit_ok("POST", REQUESTS, Some(&push(&reference, 25_000))).await;
        world.pay(&reference, "settle").await;
        let hook = world.hooks.wait(count + 1).await.pop().unwrap();
        assert_eq!(hook.header("x-callback-token"), token, "{count}");
    }
    world.fault("xendit", "unknown_status", 1).await;
    let made = world.xendit_ok("POST", REQUESTS, Some(&push("B-1", 25_000))).await;
    assert_eq!(made["status"], "UNDER_REVIEW");
    let fits = world.control("/sandbox/faults", json!({"target": "xendit", "fault": "impose_fee"})).await;
    assert_eq!(fits.http, 422, "it takes no fee of its own");
}

#[tokio::test]
async fn the_page_of_a_link_is_the_wallet_and_leads_back_to_the_shop() {
    let (world, _folder) = World::start().await;
    let made = world.xendit_ok("POST", REQUESTS, Some(&link("A-1", 25_000))).await;
    let url = made["actions"][1]["url"].as_str().unwrap().to_owned();
    let page = world.look(url.strip_prefix(&world.base).unwrap()).await;
    assert!(
        page.contains("bukan DANA sungguhan") && page.contains("A-1") && page.contains("25.000"),
        "{page}"
    );
    assert_eq!(world.look("/sandbox/xendit/checkout/pr-x").await.matches("tidak ditemukan").count(), 1);
    let done = world.choose(&format!("/sandbox/wallet/{}", id(&made)), "pay", "").await;
    assert_eq!(done.http, 303, "{}", done.text);
    let after = world.look(done.headers["location"].to_str().unwrap()).await;
    assert!(
        after.contains("Pembayaran berhasil.") && after.contains("https://shop.example/back?a=&lt;b&gt;"),
        "{after}"
    );
    assert_eq!(world.xendit_charges("A-1").await[0]["times_paid"], 1);
    // A push is on the phone, and in the list of what waits.
    world.xendit_ok("POST", REQUESTS, Some(&push("A-2", 25_000))).await;
    let inbox = world.look("/sandbox/wallet").await;
    assert!(inbox.contains("OVO") && inbox.contains("+6281234567890"), "{inbox}");
    // The URL of the page, and a simulated payment of their own, pay as well.
    let made = world.xendit_ok("POST", REQUESTS, Some(&link("A-3", 25_000))).await;
    assert_eq!(world.pay(made["actions"][0]["url"].as_str().unwrap(), "settle").await.http, 200);
    let third = world.xendit_ok("POST", THIRD, Some(&third("A-4", 25_000, "QRIS", json!({})))).await;
    let told = world
        .xendit_ok("POST", &format!("{THIRD}/{}/simulate", id(&third)), Some(&json!({"amount": 25_000})))
        .await;
    assert_eq!(told["status"], "PENDING");
    assert_eq!(world.xendit_charges("A-4").await[0]["times_paid"], 1);
}

#[tokio::test]
async fn a_fault_for_one_reference_strikes_what_names_it_by_an_id_alone() {
    let (world, _folder) = World::start().await;
    let mine = id(&world.xendit_ok("POST", REQUESTS, Some(&link("MINE", 20_000))).await);
    let other = id(&world.xendit_ok("POST", REQUESTS, Some(&link("OTHER", 20_000))).await);
    for request in [&mine, &other] {
        world.xendit_ok("POST", &format!("{REQUESTS}/{request}/payments/simulate"), None).await;
    }
    let mut refunds = Vec::new();
    for request in [&mine, &other] {
        let body = json!({"payment_request_id": request, "amount": 1_000, "reason": "CANCELLATION"});
        refunds.push(id(&world.xendit_ok("POST", "/refunds", Some(&body)).await));
    }
    let questions = |request: &str, refund: &str| {
        [
            ("status", format!("{REQUESTS}/{request}")),
            ("refunds", format!("/refunds?payment_request_id={request}")),
            ("refund-status", format!("/refunds/{refund}")),
        ]
    };
    let of_other = questions(&other, &refunds[1]);
    for ((operation, path), (_, beside)) in questions(&mine, &refunds[0]).into_iter().zip(of_other) {
        let arm =
            json!({"target": "xendit", "fault": "error_500", "operation": operation, "reference": "MINE"});
        assert_eq!(world.control("/sandbox/faults", arm).await.http, 200);
        world.xendit_ok("GET", &beside, None).await;
        assert_eq!(world.xendit("GET", &path, None).await.http, 500, "{operation}");
        world.xendit_ok("GET", &path, None).await;
    }
    // Not enough money for this one's refund, and enough for the other's.
    let arm = json!({"target": "xendit", "fault": "insufficient_balance", "reference": "OTHER"});
    assert_eq!(world.control("/sandbox/faults", arm).await.http, 200);
    let refund = json!({"payment_request_id": other, "reason": "CANCELLATION"});
    let (status, code) = world.xendit_refused("POST", "/refunds", Some(&refund)).await;
    assert_eq!((status, code.as_str()), (400, "INSUFFICIENT_BALANCE"));
    world.xendit_ok("POST", "/refunds", Some(&refund)).await;
}
