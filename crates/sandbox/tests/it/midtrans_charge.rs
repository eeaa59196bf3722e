//! `POST /v2/charge`: what is accepted, what is refused, and what the answer holds.

use crate::support::{SERVER_KEY, World, gopay};
use serde_json::{Value, json};

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn the_wallet_apps_own_link_is_there_when_asked_for() {
    let (world, _folder) = World::start().await;
    world.fault("midtrans", "app_deep_link", 1).await;
    let asked = fixture(include_str!("../fixtures/midtrans/gopay_charge_request.json"));
    let mut without = asked.clone();
    without["gopay"] = json!({"enable_callback": false, "callback_url": "https://shop.example/back"});
    without["transaction_details"]["order_id"] = json!("order04");
    let link = async |asked: Value| {
        let mut asked = asked;
        asked["custom_expiry"] = Value::Null;
        let answer = world.midtrans("POST", "/v2/charge", Some(asked)).await.json();
        (answer["transaction_id"].as_str().unwrap().to_owned(), answer["actions"][2]["url"].clone())
    };
    let (id, url) = link(asked).await;
    assert_eq!(
        url,
        format!(
            "gojek://gopay/merchanttransfer?tref={id}&amount=275000&activity=GP:RR&callback_url=https%3A%2F%2Fshop.example%2Fback%3Forder_id%3Dorder03"
        )
    );
    world.fault("midtrans", "app_deep_link", 1).await;
    let (id, url) = link(without).await;
    assert_eq!(url, format!("gojek://gopay/merchanttransfer?tref={id}&amount=275000&activity=GP:RR"));
}

#[tokio::test]
async fn only_the_server_key_opens_the_door() {
    let (world, _folder) = World::start().await;
    let body = gopay("LK0123456789-P1", 20_000).to_string();
    let post = || {
        world
            .request("POST", "/sandbox/midtrans/v2/charge")
            .header("content-type", "application/json")
            .body(body.clone())
    };
    for request in [
        post(),
        post().basic_auth("SB-Mid-server-other", Some("")),
        post().basic_auth(SERVER_KEY, Some("password")),
        post().basic_auth("", Some(SERVER_KEY)),
        post().bearer_auth(SERVER_KEY),
        post().header("authorization", "Basic"),
        post().header("authorization", "Basic é"),
    ] {
        let answer = world.send(request).await;
        assert_eq!(answer.http, 401);
        assert_eq!(answer.json()["status_code"], "401");
        assert_eq!(
            answer.json()["status_message"],
            "Transaction cannot be authorized with the current client/server key."
        );
    }
    assert!(world.books().await["midtrans"]["transactions"].as_array().unwrap().is_empty());
    world.charge("LK0123456789-P1", 20_000).await;
}

#[tokio::test]
async fn an_order_id_is_charged_once() {
    let (world, _folder) = World::start().await;
    world.charge("LK0123456789-P1", 20_000).await;
    for amount in [20_000, 30_000] {
        let again = world.midtrans("POST", "/v2/charge", Some(gopay("LK0123456789-P1", amount))).await;
        assert_eq!((again.http, again.json()["status_code"].as_str().unwrap()), (200, "406"));
    }
    assert_eq!(world.books().await["midtrans"]["transactions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_by_its_code() {
    let (world, _folder) = World::start().await;
    let details = |details: Value| json!({"payment_type": "gopay", "transaction_details": details});
    let with = |name: &str, value: Value| {
        let mut body = gopay("LK0123456789-P1", 20_000);
        body[name] = value;
        body
    };
    let expiry = |duration: Value, unit: &str| {
        with("custom_expiry", json!({"expiry_duration": duration, "unit": unit}))
    };
    let item = |price: Value, quantity: i64| {
        with("item_details", json!([{"id": "a", "price": price, "quantity": quantity, "name": "n"}]))
    };
    for (body, code) in [
        (json!({}), "400"),
        (json!({"payment_type": "gopay"}), "400"),
        (json!({"payment_type": 5}), "408"),
        (
            json!({"payment_type": "akulaku", "transaction_details": {"order_id": "a", "gross_amount": 1}}),
            "402",
        ),
        (expiry(json!(5), "minutes"), "400"),
        (details(json!("x")), "408"),
        (details(json!({"gross_amount": 1})), "400"),
        (details(json!({"order_id": "a"})), "400"),
        (details(json!({"order_id": "", "gross_amount": 1})), "400"),
        (details(json!({"order_id": "a".repeat(51), "gross_amount": 1})), "400"),
        (details(json!({"order_id": "a b", "gross_amount": 1})), "400"),
        (details(json!({"order_id": "é", "gross_amount": 1})), "400"),
        (details(json!({"order_id": 7, "gross_amount": 1})), "408"),
        (details(json!({"order_id": "a", "gross_amount": 0})), "400"),
        (details(json!({"order_id": "a", "gross_amount": -1})), "400"),
        (details(json!({"order_id": "a", "gross_amount": 20_000_001})), "400"),
        (details(json!({"order_id": "a", "gross_amount": 100.5})), "400"),
        (details(json!({"order_id": "a", "gross_amount": "100"})), "408"),
        (details(json!({"order_id": "a", "gross_amount": u64::MAX})), "400"),
        (item(json!(19_999), 1), "400"),
        (item(json!(i64::MAX), i64::MAX), "400"),
        (item(json!("20000"), 1), "408"),
        (with("item_details", json!({})), "408"),
        (expiry(json!(19), "second"), "400"),
        (expiry(json!(8), "day"), "400"),
        (expiry(json!(u64::MAX), "day"), "400"),
        (expiry(json!(-5), "minute"), "400"),
        (expiry(json!("5"), "minute"), "408"),
        (expiry(json!(5), "fortnight"), "400"),
        (
            with("custom_expiry", json!({"expiry_duration": 5, "order_time": "2016-12-07 11:54:12 +0700"})),
            "400",
        ),
        (with("custom_expiry", json!({"expiry_duration": 5, "order_time": "soon"})), "400"),
    ] {
        let answer = world.midtrans("POST", "/v2/charge", Some(body.clone())).await;
        assert_eq!(answer.http, 200, "only the body tells, by default");
        assert_eq!(answer.json()["status_code"], code, "{body} → {}", answer.text);
    }
    assert!(world.books().await["midtrans"]["transactions"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn the_edges_of_amount_length_and_expiry_are_accepted() {
    let (world, _folder) = World::start().await;
    world.charge(&"a".repeat(50), 1).await;
    world.charge("-_~.", 20_000_000).await;
    for (order_id, duration, unit) in [("short", 20, "second"), ("long", 7, "day")] {
        let mut body = gopay(order_id, 1_000);
        body["custom_expiry"] = json!({"expiry_duration": duration, "unit": unit});
        body["a_field_of_next_year"] = json!([1, 2, 3]);
        assert_eq!(world.midtrans("POST", "/v2/charge", Some(body)).await.json()["status_code"], "201");
    }
    let mut body = gopay("items", 20_000);
    body["item_details"] = json!([{"price": 15_000, "quantity": 2, "name": "a"}, {"price": -10_000, "quantity": 1, "name": "discount"}]);
    assert_eq!(world.midtrans("POST", "/v2/charge", Some(body)).await.json()["status_code"], "201");
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_malformed() {
    let (world, _folder) = World::start().await;
    let post = || world.request("POST", "/sandbox/midtrans/v2/charge").basic_auth(SERVER_KEY, Some(""));
    let json_post = |body: &str| post().header("content-type", "application/json").body(body.to_owned());
    for request in [
        json_post(""),
        json_post("{"),
        json_post("[]"),
        json_post("null"),
        json_post("\u{0}"),
        json_post(&format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000))),
        json_post(&"x".repeat(70_000)),
        post().body(gopay("a", 1).to_string()),
        post().header("content-type", "text/plain").body(gopay("a", 1).to_string()),
    ] {
        let answer = world.send(request).await;
        assert_eq!(
            (answer.http, answer.json()["status_code"].as_str().unwrap()),
            (200, "413"),
            "{}",
            answer.text
        );
    }
}

#[tokio::test]
async fn errors_show_in_http_when_that_mode_is_on() {
    let (world, _folder) = World::start().await;
    let code = async |id: &str| {
        let answer = world.midtrans("GET", &format!("/v2/{id}/status"), None).await;
        (answer.http, answer.json()["status_code"].as_str().unwrap().to_owned())
    };
    assert_eq!(code("none").await, (200, "404".into()));
    world.control("/sandbox/faults", json!({"target": "midtrans", "fault": "http_status_errors"})).await;
    for _ in 0..3 {
        assert_eq!(code("none").await, (404, "404".into()));
    }
    world.charge("LK0123456789-P1", 20_000).await;
    world.advance(901).await;
    assert_eq!(code("LK0123456789-P1").await, (200, "407".into()), "an expired transaction is no error");
    world.send(world.request("DELETE", "/sandbox/faults")).await;
    assert_eq!(code("none").await, (200, "404".into()));
}

#[tokio::test]
async fn a_qris_charge_is_answered_and_settles_with_its_own_fields() {
    let (world, _folder) = World::start().await;
    let mut body = gopay("LK0123456789-P1", 10_000_000);
    body["payment_type"] = json!("qris");
    body["qris"] = json!({"acquirer": "gopay"});
    let answer = world.midtrans("POST", "/v2/charge", Some(body.clone())).await.json();
    assert_eq!(answer["status_message"], "QRIS transaction is created");
    assert_eq!((&answer["acquirer"], &answer["fraud_status"]), (&json!("gopay"), &json!("accept")));
    assert!(answer.get("qr_string").is_none());
    let names: Vec<&str> =
        answer["actions"].as_array().unwrap().iter().map(|a| a["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["generate-qr-code", "generate-qr-code-v2"]);
    world.pay("LK0123456789-P1", "settle").await;
    let hook = world.hooks.wait(2).await[1].json();
    for name in ["transaction_type", "issuer", "settlement_time", "merchant_cross_reference_id"] {
        assert!(hook.get(name).is_some(), "{name} is missing: {hook}");
    }
    body["transaction_details"] = json!({"order_id": "other", "gross_amount": 10_000_001});
    assert_eq!(world.midtrans("POST", "/v2/charge", Some(body.clone())).await.json()["status_code"], "400");
    body["transaction_details"] = json!({"order_id": "other", "gross_amount": 1});
    body["qris"] = json!({"acquirer": "someone"});
    assert_eq!(world.midtrans("POST", "/v2/charge", Some(body)).await.json()["status_code"], "400");
}

#[tokio::test]
async fn both_pictures_show_the_same_payload() {
    let (world, _folder) = World::start().await;
    let charge = world.charge("LK0123456789-P1", 25_000).await;
    let expected =
        world.books().await["midtrans"]["transactions"][0]["qr_string"].as_str().unwrap().to_owned();
    assert!(expected.contains("540525000") && expected.contains("0115LK0123456789-P1"), "{expected}");
    for action in 0..2 {
        let url = charge["actions"][action]["url"].as_str().unwrap();
        let path = url.strip_prefix(&world.base).unwrap();
        let response = world.request("GET", path).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "image/png");
        assert_eq!(decode(&response.bytes().await.unwrap()), expected);
    }
    for path in
        ["/v2/gopay/none/qr-code", "/v4/qris/gopay/A1IDID/qr-code", "/v2/gopay/LK0123456789-P1/qr-code"]
    {
        let answer = world.send(world.request("GET", &format!("/sandbox/midtrans{path}"))).await;
        assert_eq!((answer.http, answer.json()["status_code"].as_str().unwrap()), (404, "404"), "{path}");
    }
}

fn decode(image: &[u8]) -> String {
    let mut reader = png::Decoder::new(std::io::Cursor::new(image)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    let (width, height) = (frame.width as usize, frame.height as usize);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        *pixels.get(y * width + x).unwrap()
    });
    prepared.detect_grids().first().unwrap().decode().unwrap().1
}
