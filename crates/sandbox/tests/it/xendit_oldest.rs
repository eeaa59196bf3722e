//! What came before Xendit's three generations: payments by `/ewallets`, as the older library makes them.

use crate::{
    support::{World, fields},
    xendit_support::*,
};
use serde_json::{Value, json};

const WALLETS: &str = "/ewallets";

fn ovo(external_id: &str, amount: impl Into<Value>) -> Value {
    let amount: Value = amount.into();
    json!({"external_id": external_id, "amount": amount, "phone": "081234567890", "ewallet_type": "OVO"})
}

fn dana(world: &World, external_id: &str) -> Value {
    json!({
        "external_id": external_id, "amount": 25_000, "callback_url": format!("{}/mine", world.hooks.base),
        "redirect_url": "https://shop.example/back", "ewallet_type": "DANA",
    })
}

fn linkaja(world: &World, external_id: &str) -> Value {
    let mut body = dana(world, external_id);
    body["ewallet_type"] = json!("LINKAJA");
    body["phone"] = json!("089911111111");
    body["items"] = json!([{"id": "ML_86", "name": "86 Diamonds", "price": 25_000, "quantity": 1}]);
    body
}

async fn asked(world: &World, external_id: &str, wallet: &str) -> Value {
    world.xendit_ok("GET", &format!("{WALLETS}?external_id={external_id}&ewallet_type={wallet}"), None).await
}

#[tokio::test]
async fn a_push_is_answered_by_version_and_told_when_it_ended() {
    let (world, _folder) = World::start().await;
    let made = world.xendit_ok("POST", WALLETS, Some(&ovo("A-1", "25000"))).await;
    assert_eq!(
        (&made["amount"], &made["status"], &made["phone"], made["business_id"].is_string()),
        (&json!(25_000), &json!("PENDING"), &json!("081234567890"), true)
    );
    let version = [("x-api-version", "2019-02-04")];
    let before = world.xendit_with("POST", WALLETS, Some(&ovo("A-2", 25_000)), &version).await.json();
    assert_eq!(
        fields(&before),
        fields(&json!({
            "amount": 0, "business_id": 0, "ewallet_type": 0, "external_id": 0, "phone": 0, "transaction_date": 0,
            "ewallet_transaction_id": 0,
        }))
    );
    world.pay("A-1", "settle").await;
    world.pay("A-2", "deny").await;
    let (paid, declined) = (asked(&world, "A-1", "OVO").await, asked(&world, "A-2", "OVO").await);
    // The question is answered with a text.
    assert_eq!((&paid["status"], &paid["amount"]), (&json!("COMPLETED"), &json!("25000")));
    assert_eq!(declined["status"], "FAILED");
    let hooks = world.hooks.wait(2).await;
    let told: Vec<Value> = hooks.iter().map(|hook| hook.json()).collect();
    let of = |id: &str| told.iter().find(|body| body["external_id"] == id).unwrap().clone();
    assert_eq!(
        (&of("A-1")["event"], &of("A-1")["status"], &of("A-1")["amount"]),
        (&json!("ewallet.payment"), &json!("COMPLETED"), &json!(25_000))
    );
    assert_eq!(of("A-2")["failure_code"], "USER_DECLINED_PAYMENT");
    assert!(hooks.iter().all(|hook| hook.headers["x-callback-token"] == TOKEN));
    // Nobody acted: a push fails when its time is over.
    world.xendit_ok("POST", WALLETS, Some(&ovo("A-3", 25_000))).await;
    world.pay("A-3", "expire").await;
    assert_eq!(asked(&world, "A-3", "OVO").await["status"], "FAILED");
}

#[tokio::test]
async fn a_page_of_dana_or_linkaja_is_paid_and_told_where_the_payment_said() {
    let (world, _folder) = World::start().await;
    let made = world.xendit_ok("POST", WALLETS, Some(&dana(&world, "A-1"))).await;
    assert_eq!(
        fields(&made),
        fields(&json!({"external_id": 0, "amount": 0, "checkout_url": 0, "ewallet_type": 0}))
    );
    let page = made["checkout_url"].as_str().unwrap();
    assert!(world.look(page.strip_prefix(&world.base).unwrap()).await.contains("25.000"));
    let open = asked(&world, "A-1", "DANA").await;
    assert_eq!((&open["status"], &open["amount"]), (&json!("PENDING"), &json!("25000.00")));
    assert!(open["expiration_date"].as_str().unwrap().ends_with("+07:00"), "{open}");
    world.pay("A-1", "settle").await;
    assert_eq!(asked(&world, "A-1", "DANA").await["status"], "PAID");
    let hook = &world.hooks.wait(1).await[0];
    assert_eq!((hook.path.as_str(), &hook.json()["payment_status"]), ("/mine", &json!("PAID")));

    let made = world.xendit_ok("POST", WALLETS, Some(&linkaja(&world, "A-2"))).await;
    assert!(made["checkout_url"].is_string() && made["transaction_date"].is_string(), "{made}");
    let open = asked(&world, "A-2", "LINKAJA").await;
    assert!(open["expired_at"].is_string() && open["checkout_url"].is_string(), "{open}");
    world.pay("A-2", "expire").await;
    assert_eq!(asked(&world, "A-2", "LINKAJA").await["status"], "EXPIRED");
    world.xendit_ok("POST", WALLETS, Some(&linkaja(&world, "A-3"))).await;
    world.pay("A-3", "settle").await;
    let paid = asked(&world, "A-3", "LINKAJA").await;
    assert_eq!((&paid["status"], paid["payment_timestamp"].is_string()), (&json!("COMPLETED"), true));
    // An end that is asked for is kept.
    let mut ends = dana(&world, "A-4");
    ends["expiration_date"] = json!("2099-12-20T00:00:00.000Z");
    world.xendit_ok("POST", WALLETS, Some(&ends)).await;
    assert_eq!(asked(&world, "A-4", "DANA").await["expiration_date"], "2099-12-20T07:00:00+07:00");
}

#[tokio::test]
async fn one_id_is_one_payment_and_what_is_wrong_is_refused() {
    let (world, _folder) = World::start().await;
    let key = [("x-idempotency-key", "K-1")];
    let made = world.xendit_with("POST", WALLETS, Some(&ovo("A-1", 25_000)), &key).await;
    let again = world.xendit_with("POST", WALLETS, Some(&ovo("A-1", 25_000)), &key).await;
    assert_eq!((made.http, &made.text), (again.http, &again.text));
    let refused = async |body: Value| world.xendit_refused("POST", WALLETS, Some(&body)).await;
    let code = |http: u16, code: &str| (http, code.to_owned());
    assert_eq!(refused(ovo("A-1", 25_000)).await, code(400, "DUPLICATE_PAYMENT_REQUEST_ERROR"));
    assert_eq!(world.xendit_charges("A-1").await.len(), 1, "nobody is pushed twice");
    let with = |name: &str, value: Value| {
        let mut body = linkaja(&world, "A-2");
        body[name] = value;
        body
    };
    for body in [
        with("external_id", Value::Null),
        with("amount", json!("ten")),
        with("amount", json!("-25000")),
        with("amount", json!(99)),
        with("phone", json!("+6281234567890")),
        with("callback_url", json!("shop.example")),
        with("redirect_url", Value::Null),
        with("items", json!([])),
        with("items", json!([{"id": "ML_86"}])),
    ] {
        assert_eq!(refused(body.clone()).await, code(400, "API_VALIDATION_ERROR"), "{body}");
    }
    assert_eq!(refused(with("ewallet_type", json!("GOPAY"))).await, code(400, "EWALLET_TYPE_NOT_SUPPORTED"));
    let get = async |query: &str| world.xendit_refused("GET", &format!("{WALLETS}{query}"), None).await;
    assert_eq!(get("?external_id=A-1").await.0, 400);
    assert_eq!(get("?external_id=A-1&ewallet_type=DANA").await, code(404, "PAYMENT_NOT_FOUND_ERROR"));
    // It is no payment request, and no charge.
    let charge = world.xendit_charges("A-1").await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(world.xendit_refused("GET", &format!("{LEGACY}/{charge}"), None).await.0, 404);
    world.pay("A-1", "settle").await;
    let refund = json!({"payment_request_id": charge, "reason": "CANCELLATION"});
    assert_eq!(world.xendit_refused("POST", "/refunds", Some(&refund)).await.0, 404);
}
