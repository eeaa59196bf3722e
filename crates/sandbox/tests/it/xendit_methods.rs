//! Payment methods of Xendit's second generation that are made by themselves, and what is made with them.

use crate::{support::World, xendit_support::*};
use serde_json::{Value, json};

const METHODS: &str = "/v2/payment_methods";

fn wallet(reference: &str) -> Value {
    json!({
        "type": "EWALLET", "reusability": "ONE_TIME_USE", "country": "ID", "reference_id": reference,
        "ewallet": {"channel_code": "OVO", "channel_properties": {"mobile_number": "+6281234567890"}},
    })
}

fn with_method(reference: &str, method: &str) -> Value {
    json!({"reference_id": reference, "amount": 25_000, "currency": "IDR", "payment_method_id": method})
}

#[tokio::test]
async fn a_method_waits_for_its_request_and_is_used_once() {
    let (world, _folder) = World::start().await;
    let made = world.xendit_ok("POST", METHODS, Some(&wallet("M-1"))).await;
    assert_eq!((&made["status"], &made["reference_id"]), (&json!("ACTIVE"), &json!("M-1")));
    let path = format!("{METHODS}/{}", id(&made));
    assert_eq!(world.xendit_ok("GET", &path, None).await, made);
    let none = world.xendit_ok("GET", &format!("{path}/payments"), None).await;
    assert_eq!(none["data"], json!([]));
    let request = world.xendit_ok("POST", REQUESTS, Some(&with_method("A-1", &id(&made)))).await;
    assert_eq!(
        (&request["payment_method"]["id"], &request["payment_method"]["ewallet"]["channel_code"]),
        (&made["id"], &json!("OVO"))
    );
    let again = world.xendit_refused("POST", REQUESTS, Some(&with_method("A-2", &id(&made)))).await;
    assert_eq!(again, (400, "INVALID_PAYMENT_METHOD".to_owned()));
    world.pay("A-1", "settle").await;
    assert_eq!(world.xendit_ok("GET", &path, None).await["status"], "INACTIVE");
    let paid = world.xendit_ok("GET", &format!("{path}/payments"), None).await;
    assert_eq!(paid["data"][0]["payment_request_id"], request["id"]);
}

#[tokio::test]
async fn a_method_that_was_ended_is_not_paid_by() {
    let (world, _folder) = World::start().await;
    let made = id(&world.xendit_ok("POST", METHODS, Some(&wallet("M-1"))).await);
    let expire = format!("{METHODS}/{made}/expire");
    assert_eq!(world.xendit_ok("POST", &expire, Some(&json!({}))).await["status"], "EXPIRED");
    let refused = (400, "INVALID_PAYMENT_METHOD".to_owned());
    assert_eq!(world.xendit_refused("POST", &expire, Some(&json!({}))).await, refused);
    assert_eq!(world.xendit_refused("POST", REQUESTS, Some(&with_method("A-1", &made))).await, refused);
    assert!(world.xendit_charges("A-1").await.is_empty());
    let mut both = push("A-1", 25_000);
    both["payment_method_id"] = json!(id(&world.xendit_ok("POST", METHODS, Some(&wallet("M-2"))).await));
    assert_eq!(world.xendit_refused("POST", REQUESTS, Some(&both)).await.0, 400, "one of the two");
    for (name, value) in [
        ("country", json!("PH")),
        ("type", json!("CARD")),
        ("reusability", json!("MULTIPLE_USE")),
        ("ewallet", json!({"channel_code": "OVO", "channel_properties": {}})),
    ] {
        let mut body = wallet("M-3");
        body[name] = value;
        assert_eq!(world.xendit_refused("POST", METHODS, Some(&body)).await.0, 400, "{body}");
    }
    let mut number = wallet("M-3");
    number["type"] = json!("VIRTUAL_ACCOUNT");
    number["virtual_account"] =
        json!({"channel_code": "BNI", "channel_properties": {"customer_name": "Budi"}});
    assert_eq!(world.xendit_refused("POST", METHODS, Some(&number)).await.0, 400, "{number}");
}

#[tokio::test]
async fn a_method_is_switched_off_and_on_while_it_waits() {
    let (world, _folder) = World::start().await;
    let mut made = world.xendit_ok("POST", METHODS, Some(&wallet("M-1"))).await;
    let path = format!("{METHODS}/{}", id(&made));
    let change = json!({"status": "INACTIVE", "description": "Off", "metadata": {"why": "lost"}});
    let changed = world.xendit_ok("PATCH", &path, Some(&change)).await;
    for name in ["status", "description", "metadata"] {
        made[name] = change[name].clone();
    }
    made["updated"] = changed["updated"].clone();
    assert_eq!(changed, made);
    assert_eq!(world.xendit_ok("GET", &path, None).await, made);
    let refused = (400, "INVALID_PAYMENT_METHOD".to_owned());
    let request = with_method("A-1", &id(&made));
    assert_eq!(world.xendit_refused("POST", REQUESTS, Some(&request)).await, refused);
    for wrong in [
        json!({"status": "EXPIRED"}),
        json!({"status": 1}),
        json!({"reusability": "MULTIPLE_USE"}),
        json!({"virtual_account": {}}),
    ] {
        assert_eq!(world.xendit_refused("PATCH", &path, Some(&wrong)).await.0, 400, "{wrong}");
    }
    assert_eq!(world.xendit_ok("GET", &path, None).await, made, "what was refused");
    let on = json!({"status": "ACTIVE", "description": null});
    let on = world.xendit_ok("PATCH", &path, Some(&on)).await;
    assert_eq!((&on["status"], &on["description"]), (&json!("ACTIVE"), &json!("Off")));
    world.xendit_ok("POST", REQUESTS, Some(&request)).await;
    let off = json!({"status": "INACTIVE"});
    assert_eq!(world.xendit_refused("PATCH", &path, Some(&off)).await.0, 400, "there is a request by it");
    assert_eq!(world.xendit_ok("GET", &path, None).await["status"], "ACTIVE");
    let nothing = world.xendit_refused("PATCH", &format!("{METHODS}/pm-nothing"), Some(&off)).await;
    assert_eq!(nothing, (404, "DATA_NOT_FOUND".to_owned()));
    let ended = id(&world.xendit_ok("POST", METHODS, Some(&wallet("M-2"))).await);
    world.xendit_ok("POST", &format!("{METHODS}/{ended}/expire"), None).await;
    let again = world.xendit_refused("PATCH", &format!("{METHODS}/{ended}"), Some(&off)).await;
    assert_eq!(again, refused, "one that was ended");
}

#[tokio::test]
async fn methods_are_listed_with_those_of_requests_and_by_what_they_are() {
    let (world, _folder) = World::start().await;
    let alone = world.xendit_ok("POST", METHODS, Some(&wallet("M-1"))).await;
    let used = world.xendit_ok("POST", METHODS, Some(&wallet("M-2"))).await;
    world.xendit_ok("POST", REQUESTS, Some(&with_method("A-1", &id(&used)))).await;
    let of_request = world.xendit_ok("POST", REQUESTS, Some(&link("A-2", 25_000))).await;
    let listed = async |query: &str| -> Vec<String> {
        let list = world.xendit_ok("GET", &format!("{METHODS}{query}"), None).await;
        list["data"].as_array().unwrap().iter().map(id).collect()
    };
    let mut all = listed("").await;
    all.sort();
    let mut expected = vec![id(&alone), id(&used), id(&of_request["payment_method"])];
    expected.sort();
    assert_eq!(all, expected, "each once");
    assert_eq!(listed(&format!("?id={}", id(&used))).await, [id(&used)]);
    assert_eq!(listed("?reference_id=M-1&type=EWALLET&status=ACTIVE").await, [id(&alone)]);
    assert_eq!(listed("?channel_code=DANA").await, [id(&of_request["payment_method"])]);
    assert!(listed("?status=EXPIRED").await.is_empty());
    let page = world.xendit_ok("GET", &format!("{METHODS}?limit=2"), None).await;
    assert_eq!((page["data"].as_array().unwrap().len(), &page["has_more"]), (2, &json!(true)));
    for query in ["?limit=0", "?limit=x", "?customer_id=x"] {
        assert_eq!(world.xendit_refused("GET", &format!("{METHODS}{query}"), None).await.0, 400, "{query}");
    }
}
