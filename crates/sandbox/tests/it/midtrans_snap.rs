//! Snap by its API: the page that is asked for, what is refused, and what Core knows of it.

use crate::support::{Answer, SERVER_KEY, World, fields, gopay, signature_key, snap};
use serde_json::{Value, json};

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

async fn create(world: &World, body: Value) -> Answer {
    world.midtrans("POST", "/snap/v1/transactions", Some(body)).await
}

async fn code(world: &World, method: &str, path: &str) -> String {
    let body = (method == "POST").then(|| json!({}));
    let answer = world.midtrans(method, path, body).await.json();
    answer["status_code"].as_str().unwrap().to_owned()
}

/// A call as DANA's transactions need it.
async fn dana(world: &World, method: &str, path: &str, body: Option<Value>) -> Value {
    let mut request = world
        .request(method, &format!("/sandbox/midtrans{path}"))
        .basic_auth(SERVER_KEY, Some(""))
        .header("transaction-source", "SNAP_API");
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    world.send(request).await.json()
}

#[tokio::test]
async fn a_page_is_made_and_answered_with_201() {
    let (world, _folder) = World::start().await;
    let answer = create(&world, fixture(include_str!("../fixtures/midtrans_snap_request.json"))).await;
    assert_eq!(answer.http, 201, "{}", answer.text);
    let body = answer.json();
    assert_eq!(fields(&body), fields(&fixture(include_str!("../fixtures/midtrans_snap_answer.json"))));
    let (token, url) = (body["token"].as_str().unwrap(), body["redirect_url"].as_str().unwrap());
    assert!(url.starts_with(&world.base) && url.ends_with(token), "{url}");
    assert!(world.hooks.settle().await.is_empty(), "nothing was chosen, so there is nothing to tell");
    let page = &world.books().await["midtrans"]["snap_pages"][0];
    assert_eq!(
        (&page["order_id"], &page["redirect_url"], &page["enabled_payments"], &page["open"]),
        (&json!("order-snap-1"), &json!(url), &json!(["ovo"]), &json!(true))
    );
}

#[tokio::test]
async fn a_stranger_is_refused_in_snaps_own_shape() {
    let (world, _folder) = World::start().await;
    let post = || {
        let request = world.request("POST", "/sandbox/midtrans/snap/v1/transactions");
        request.header("content-type", "application/json").body(snap("a", 1, &["ovo"]).to_string())
    };
    for request in
        [post(), post().basic_auth("SB-Mid-server-other", Some("")), post().bearer_auth(SERVER_KEY)]
    {
        let answer = world.send(request).await;
        assert_eq!(answer.http, 401);
        assert!(answer.json()["error_messages"][0].as_str().unwrap().contains("server key"));
    }
    for (method, path, http) in [
        ("GET", "/snap/v1/transactions", 405),
        ("POST", "/snap/v1/nothing", 404),
        ("POST", "/snap/v1", 404),
        ("GET", "/snap/v1/transactions/abc/status", 404),
    ] {
        let answer = world.midtrans(method, path, None).await;
        assert_eq!(answer.http, http, "{method} {path}");
        assert!(answer.json()["error_messages"].is_array());
    }
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_in_http_and_words() {
    let (world, _folder) = World::start().await;
    let with = |name: &str, value: Value| {
        let mut body = snap("a", 20_000, &["ovo", "gopay"]);
        body[name] = value;
        body
    };
    let expiry = |value: Value| with("expiry", value);
    let dana_expiry = |minutes: i64| {
        let mut body = snap("a", 20_000, &["ovo", "dana"]);
        body["expiry"] = json!({"duration": minutes, "unit": "minutes"});
        body
    };
    for (body, word) in [
        (json!({}), "transaction_details"),
        (with("transaction_details", json!("x")), "transaction_details"),
        (with("transaction_details", json!({"gross_amount": 1})), "order_id"),
        (with("transaction_details", json!({"order_id": "a b", "gross_amount": 1})), "order_id"),
        (with("transaction_details", json!({"order_id": "a"})), "gross_amount"),
        (with("transaction_details", json!({"order_id": "a", "gross_amount": 0})), "gross_amount"),
        (with("transaction_details", json!({"order_id": "a", "gross_amount": "5"})), "gross_amount"),
        (with("transaction_details", json!({"order_id": "a", "gross_amount": 100_000_000})), "gross_amount"),
        (with("item_details", json!([{"price": 1, "quantity": 1}])), "item_details"),
        (with("enabled_payments", json!("ovo")), "enabled_payments"),
        (with("enabled_payments", json!([5])), "enabled_payments"),
        (with("enabled_payments", json!([])), "enabled_payments"),
        (with("enabled_payments", json!(["credit_card", "OVO"])), "enabled_payments"),
        (expiry(json!({"duration": 0})), "expiry"),
        (expiry(json!({"duration": 8, "unit": "days"})), "expiry"),
        (expiry(json!({"duration": "5"})), "expiry"),
        (expiry(json!({"duration": u64::MAX, "unit": "days"})), "expiry"),
        (expiry(json!({"duration": 5, "unit": "fortnight"})), "unit"),
        (expiry(json!({"duration": 5, "start_time": "2016-12-07 11:54:12 +0700"})), "over"),
        (expiry(json!({"duration": 5, "start_time": "soon"})), "start_time"),
        (expiry(json!([])), "expiry"),
        (dana_expiry(14), "15 minutes"),
        (dana_expiry(60 * 24 + 1), "1 day"),
        (with("page_expiry", json!({"duration": 4})), "page_expiry"),
        (with("page_expiry", json!({"duration": 8, "unit": "days"})), "page_expiry"),
        (with("callbacks", json!("https://shop.example")), "callbacks"),
        (with("callbacks", json!({"finish": 5})), "finish"),
        (with("dana", json!({"callback_url": []})), "callback_url"),
    ] {
        let answer = create(&world, body.clone()).await;
        assert_eq!(answer.http, 400, "{body}: {}", answer.text);
        assert!(answer.json()["error_messages"][0].as_str().unwrap().contains(word), "{}", answer.text);
    }
    for body in ["", "{", "[]", "null", "\u{0}"] {
        let request = world.request("POST", "/sandbox/midtrans/snap/v1/transactions");
        let request = request.basic_auth(SERVER_KEY, Some("")).header("content-type", "application/json");
        assert_eq!(world.send(request.body(body)).await.http, 400, "{body:?}");
    }
    assert!(world.books().await["midtrans"]["snap_pages"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_page_for_ovo_alone_takes_no_expiry_and_ends_by_its_own_time() {
    let (world, _folder) = World::start().await;
    let with_expiry = |methods: &[&str]| {
        let mut body = snap("LK0123456789-P1", 20_000, methods);
        body["expiry"] = json!({"duration": 5, "unit": "minute"});
        body
    };
    let refused = create(&world, with_expiry(&["ovo"])).await;
    assert_eq!(refused.http, 400);
    assert!(refused.json()["error_messages"][0].as_str().unwrap().contains("expiry"), "{}", refused.text);
    // Beside other methods it is theirs, and a push lives as long as ever.
    let page = world.snap_of(with_expiry(&["ovo", "gopay"])).await;
    world.advance(240).await;
    world.choose(&page, "ovo", "phone=081111111111").await;
    world.advance(61).await;
    assert_eq!(world.status("LK0123456789-P1").await["transaction_status"], "pending");
    world.advance(5).await;
    assert_eq!(world.status("LK0123456789-P1").await["transaction_status"], "expire");

    let mut body = snap("LK0123456789-P2", 20_000, &["ovo"]);
    body["page_expiry"] = json!({"duration": 5, "unit": "minute"});
    let page = world.snap_of(body).await;
    world.advance(290).await;
    world.choose(&page, "ovo", "phone=081111111111").await;
    world.advance(11).await;
    // What was started in the last seconds can be paid after the page is over.
    world.choose(&page, "pay", "").await;
    assert_eq!(world.status("LK0123456789-P2").await["transaction_status"], "settlement");
}

#[tokio::test]
async fn an_order_id_has_one_page_or_one_charge() {
    let (world, _folder) = World::start().await;
    assert_eq!(create(&world, snap("one", 20_000, &["ovo"])).await.http, 201);
    let again = create(&world, snap("one", 20_000, &["ovo"])).await;
    assert_eq!(again.http, 400);
    assert!(again.json()["error_messages"][0].as_str().unwrap().contains("order_id"), "{}", again.text);
    let charge = world.midtrans("POST", "/v2/charge", Some(gopay("one", 20_000))).await.json();
    assert_eq!(charge["status_code"], "406");
    world.charge("two", 20_000).await;
    assert_eq!(create(&world, snap("two", 20_000, &["ovo"])).await.http, 400);
}

#[tokio::test]
async fn core_knows_nothing_until_a_method_was_chosen_and_everything_afterwards() {
    let (world, _folder) = World::start().await;
    let page = world.snap("LK0123456789-P1", 20_000, &["ovo"]).await;
    for (method, verb) in [("GET", "status"), ("POST", "cancel"), ("POST", "expire"), ("POST", "refund")] {
        assert_eq!(code(&world, method, &format!("/v2/LK0123456789-P1/{verb}")).await, "404", "{verb}");
    }
    world.choose(&page, "ovo", "phone=081111111111").await;
    let pending = world.status("LK0123456789-P1").await;
    assert_eq!((&pending["status_code"], &pending["payment_type"]), (&json!("201"), &json!("ovo")));
    let told = world.hooks.wait(1).await[0].json();
    assert_eq!(
        (&told["transaction_status"], &told["transaction_id"], &told["signature_key"]),
        (&json!("pending"), &pending["transaction_id"], &json!(signature_key(&told)))
    );
    let cancelled = world.midtrans("POST", "/v2/LK0123456789-P1/cancel", None).await.json();
    assert_eq!(cancelled["transaction_status"], "cancel");
    assert_eq!(world.pay("LK0123456789-P1", "settle").await.http, 409, "the page is over as well");
    assert!(world.look(&page).await.contains("dibatalkan oleh toko"));
}

#[tokio::test]
async fn the_buyer_pays_a_page_by_any_reference() {
    let (world, _folder) = World::start().await;
    for (number, form) in [
        ("LK0000000001", "number"),
        ("LK0000000002", "order id"),
        ("LK0000000003", "token"),
        ("LK0000000004", "address of the page"),
    ] {
        let order_id = format!("{number}-P1");
        let page = world.snap(&order_id, 20_000, &["gopay", "ovo"]).await;
        let token = page.rsplit('/').next().unwrap();
        let reference = match form {
            "number" => number.to_owned(),
            "order id" => order_id.clone(),
            "token" => token.to_owned(),
            _ => format!("{}{page}?a=b", world.base),
        };
        let paid = world.pay(&reference, "settle").await;
        assert_eq!((paid.http, paid.json()["order_id"].as_str()), (200, Some(order_id.as_str())), "{form}");
        let status = world.status(&order_id).await;
        assert_eq!(
            (&status["transaction_status"], &status["payment_type"]),
            (&json!("settlement"), &json!("gopay")),
            "the first method that the page offers"
        );
        assert_eq!(world.pay(&reference, "settle").await.http, 409, "{form}: once");
    }
}

#[tokio::test]
async fn the_buyer_can_be_told_which_method_and_phone() {
    let (world, _folder) = World::start().await;
    world.snap("LK0000000001-P1", 20_000, &["gopay", "ovo"]).await;
    let pay = async |method: &str, phone: &str| {
        let body =
            json!({"reference": "LK0000000001", "outcome": "settle", "method": method, "phone": phone});
        world.control("/sandbox/pay", body).await
    };
    for (method, phone) in
        [("dana", "081111111111"), ("cash", "081111111111"), ("ovo", "12"), ("ovo", "0811111404")]
    {
        assert_eq!(pay(method, phone).await.http, 422, "{method} {phone}");
    }
    assert_eq!(pay("ovo", "0812-2222-2222").await.http, 200);
    assert_eq!(world.books().await["midtrans"]["transactions"][0]["payer_phone_number"], "081222222222");
}

#[tokio::test]
async fn dana_is_asked_about_by_its_transaction_id_and_header_alone() {
    let (world, _folder) = World::start().await;
    let page = world.snap("LK0123456789-P1", 20_000, &["dana"]).await;
    world.choose(&page, "dana", "").await;
    let told = world.hooks.wait(1).await[0].json();
    assert_eq!((&told["payment_type"], &told["transaction_status"]), (&json!("dana"), &json!("pending")));
    let id = told["transaction_id"].as_str().unwrap();
    for path in [format!("/v2/{id}/status"), "/v2/LK0123456789-P1/status".into()] {
        assert_eq!(code(&world, "GET", &path).await, "404", "{path}");
    }
    assert_eq!(dana(&world, "GET", "/v2/LK0123456789-P1/status", None).await["status_code"], "404");
    let pending = dana(&world, "GET", &format!("/v2/{id}/status"), None).await;
    assert_eq!((&pending["status_code"], &pending["transaction_status"]), (&json!("201"), &json!("PENDING")));
    let action = &pending["actions"][0];
    assert_eq!(action["name"], "deeplink-redirect");
    assert_eq!(action["url"], format!("{}/sandbox/wallet/{id}", world.base));
    world.fault("midtrans", "app_deep_link", 1).await;
    let pending = dana(&world, "GET", &format!("/v2/{id}/status"), None).await;
    assert!(pending["actions"][0]["url"].as_str().unwrap().starts_with("https://m.dana.id/"));
    assert_eq!(code(&world, "POST", &format!("/v2/{id}/cancel")).await, "404");

    world.pay("LK0123456789", "settle").await;
    let paid = dana(&world, "GET", &format!("/v2/{id}/status"), None).await;
    assert_eq!((&paid["transaction_status"], paid.get("actions")), (&json!("settlement"), None));
    let part = json!({"refund_key": "R1", "amount": 5_000});
    assert_eq!(code(&world, "POST", &format!("/v2/{id}/refund")).await, "404");
    let refunded = dana(&world, "POST", &format!("/v2/{id}/refund"), Some(part)).await;
    assert_eq!(refunded["transaction_status"], "partial_refund");
    world.advance(45 * 86_400 + 1).await;
    let late = dana(&world, "POST", &format!("/v2/{id}/refund"), Some(json!({"refund_key": "R2"}))).await;
    assert_eq!(late["status_code"], "412");
}

#[tokio::test]
async fn an_expiry_holds_for_page_and_payment() {
    let (world, _folder) = World::start().await;
    let mut body = snap("LK0123456789-P1", 20_000, &["gopay"]);
    body["expiry"] = json!({"duration": 5, "unit": "minutes"});
    let page = world.snap_of(body).await;
    world.advance(240).await;
    world.choose(&page, "gopay", "").await;
    assert_eq!(world.status("LK0123456789-P1").await["transaction_status"], "pending");
    world.advance(61).await;
    assert_eq!(world.status("LK0123456789-P1").await["transaction_status"], "expire");
    assert!(world.look(&page).await.contains("sudah habis"));
    assert_eq!(world.books().await["midtrans"]["snap_pages"][0]["open"], false);

    let mut body = snap("LK0123456789-P2", 20_000, &["ovo"]);
    body["page_expiry"] = json!({"duration": 5, "unit": "minute"});
    let page = world.snap_of(body).await;
    world.advance(301).await;
    assert!(!world.look(&page).await.contains("<button"));
    world.choose(&page, "ovo", "phone=081111111111").await;
    assert_eq!(world.status("LK0123456789-P2").await["status_code"], "404", "nothing was made");
}

#[tokio::test]
async fn methods_that_do_not_fit_are_not_offered() {
    let (world, _folder) = World::start().await;
    let offered = async |body: Value| {
        let answer = create(&world, body).await;
        assert_eq!(answer.http, 201, "{}", answer.text);
        let pages = world.books().await["midtrans"]["snap_pages"].clone();
        let token = answer.json()["token"].clone();
        let all = pages.as_array().unwrap().clone();
        all.into_iter().find(|p| p["token"] == token).unwrap()["enabled_payments"].clone()
    };
    let mut all = snap("all", 20_000, &[]);
    all.as_object_mut().unwrap().remove("enabled_payments");
    assert_eq!(offered(all.clone()).await, json!(["ovo", "gopay", "dana"]));
    all["transaction_details"] = json!({"order_id": "dear", "gross_amount": 20_000_001});
    assert_eq!(offered(all.clone()).await, json!(["ovo"]));
    all["transaction_details"] = json!({"order_id": "short", "gross_amount": 20_000});
    all["expiry"] = json!({"duration": 10, "unit": "minute"});
    assert_eq!(offered(all).await, json!(["ovo", "gopay"]));
    assert_eq!(offered(snap("some", 1, &["bca_va", "dana", "ovo", "dana"])).await, json!(["dana", "ovo"]));
}

#[tokio::test]
async fn faults_spoil_snap_as_they_spoil_core() {
    let (world, _folder) = World::start().await;
    let fault = json!({"target": "midtrans", "fault": "error_500", "operation": "transactions"});
    world.control("/sandbox/faults", fault).await;
    assert_eq!(create(&world, snap("a", 20_000, &["ovo"])).await.http, 500);
    assert_eq!(create(&world, snap("a", 20_000, &["ovo"])).await.http, 201, "nothing had been made");
    world.fault("midtrans", "body_only_errors", 5).await;
    assert_eq!(create(&world, snap("a", 20_000, &["ovo"])).await.http, 400, "Snap's errors are in HTTP");
    world.fault("midtrans", "impose_fee", 1).await;
    world.fault("midtrans", "forge_signature", 1).await;
    world.pay("a", "settle").await;
    let forged = world.hooks.wait(2).await[0].json();
    assert_ne!(forged["signature_key"], signature_key(&forged));
    assert_eq!(world.status("a").await["gross_amount"], "20141.00");
}

#[tokio::test]
async fn a_header_says_where_a_pages_notifications_go() {
    let (world, _folder) = World::start().await;
    let request = world.request("POST", "/sandbox/midtrans/snap/v1/transactions");
    let request = request.basic_auth(SERVER_KEY, Some("")).header("content-type", "application/json");
    let request = request.header("x-override-notification", format!("{}/mine", world.hooks.base));
    world.send(request.body(snap("a", 20_000, &["ovo"]).to_string())).await;
    world.pay("a", "settle").await;
    let hooks = world.hooks.wait(2).await;
    assert!(hooks.iter().all(|hook| hook.path == "/mine"));
}

#[tokio::test]
async fn every_transaction_of_an_order_id_is_told_the_newest_first_in_pages() {
    let (world, _folder) = World::start().await;
    let page = world.snap("a", 20_000, &["ovo", "gopay"]).await;
    let asked = async |query: &str| world.midtrans("GET", &format!("/v2/a/status/b2b{query}"), None).await;
    assert_eq!(asked("").await.json()["status_code"], "404", "nothing was chosen");
    for _ in 0..2 {
        world.choose(&page, "ovo", "phone=081111111111").await;
        world.choose(&page, "deny", "").await;
    }
    world.choose(&page, "gopay", "").await;
    world.pay("a", "settle").await;
    let all = asked("").await.json();
    assert_eq!(
        (&all["status_code"], fields(&all)),
        (
            &json!("200"),
            fields(&json!({
                "status_code": 0, "status_message": 0, "transactions": 0,
            }))
        )
    );
    let told = |answer: &Value| -> Vec<String> {
        let all = answer["transactions"].as_array().unwrap().iter();
        all.map(|t| format!("{} {}", t["payment_type"], t["transaction_status"]).replace('"', "")).collect()
    };
    assert_eq!(told(&all), ["gopay settlement", "ovo deny", "ovo deny"]);
    for transaction in all["transactions"].as_array().unwrap() {
        assert_eq!(transaction["order_id"], "a");
        assert_eq!(transaction["signature_key"], signature_key(transaction));
    }
    // A page is counted from zero.
    assert_eq!(told(&asked("?per_page=2").await.json()), ["gopay settlement", "ovo deny"]);
    assert_eq!(told(&asked("?per_page=2&page=1").await.json()), ["ovo deny"]);
    assert!(told(&asked("?page=7").await.json()).is_empty());
    // The id of one of them leads to all of them.
    let newest = all["transactions"][0]["transaction_id"].as_str().unwrap();
    let by_id = world.midtrans("GET", &format!("/v2/{newest}/status/b2b"), None).await.json();
    assert_eq!(told(&by_id).len(), 3);
    for query in ["?page=-1", "?per_page=0", "?per_page=101", "?page=x"] {
        assert_eq!(asked(query).await.json()["status_code"], "400", "{query}");
    }
    assert_eq!(world.midtrans("POST", "/v2/a/status/b2b", Some(json!({}))).await.http, 405);
    let fault = json!({"target": "midtrans", "fault": "error_500", "operation": "status"});
    world.control("/sandbox/faults", fault).await;
    assert_eq!(asked("").await.http, 500, "a fault of `status` is one of this, too");
}
