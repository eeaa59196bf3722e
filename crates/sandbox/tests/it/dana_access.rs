//! Who may call DANA: headers, signature, external ids.

use crate::dana_support::{CANCEL, CONSULT, CREATE, Call, QUERY, REFUND, code, question};
use crate::support::World;
use serde_json::{Value, json};

#[tokio::test]
async fn a_missing_header_is_named_with_the_code_of_the_service() {
    let (world, _folder) = World::start().await;
    for (path, digits) in [(CREATE, "54"), (QUERY, "55"), (CANCEL, "57"), (CONSULT, "57"), (REFUND, "58")] {
        for name in [
            "Content-Type",
            "X-TIMESTAMP",
            "X-SIGNATURE",
            "ORIGIN",
            "X-PARTNER-ID",
            "X-EXTERNAL-ID",
            "CHANNEL-ID",
        ] {
            let call = Call::new(&world, path, &json!({}));
            let call = if name == "X-SIGNATURE" { call.with(name, "<none>") } else { call.without(name) };
            let answer = world.send(world.signed(&call)).await;
            assert_eq!(code(&answer), format!("400{digits}02"), "{path} {name}");
            assert_eq!(answer.json()["responseMessage"], format!("Invalid Mandatory Field {name}"));
        }
    }
}

#[tokio::test]
async fn a_header_that_is_not_in_its_form_is_named() {
    let (world, _folder) = World::start().await;
    for (name, value) in [
        ("X-TIMESTAMP", "2026-11-22T05:00:00Z".to_owned()),
        ("X-TIMESTAMP", "2026-11-22T12:00:00.000+07:00".to_owned()),
        ("X-TIMESTAMP", "yesterday".to_owned()),
        ("X-EXTERNAL-ID", "x".repeat(37)),
        ("X-PARTNER-ID", "x".repeat(37)),
        ("Content-Type", "text/plain".to_owned()),
    ] {
        let call = Call::new(&world, CREATE, &world.order("A", 1_000)).with(name, &value);
        let answer = world.send(world.signed(&call)).await;
        assert_eq!(code(&answer), "4005401", "{name} {value}");
        assert_eq!(answer.json()["responseMessage"], format!("Invalid Field Format {name}"));
    }
}

#[tokio::test]
async fn the_length_of_the_channel_and_the_age_of_the_time_stamp_are_not_looked_at() {
    let (world, _folder) = World::start().await;
    let call = Call::new(&world, CREATE, &world.order("A", 1_000))
        .with("CHANNEL-ID", "loket-sandbox-partner-SERVER")
        .with("X-TIMESTAMP", "2020-01-01T00:00:00+07:00");
    assert_eq!(code(&world.send(world.signed(&call)).await), "2005400");
}

#[tokio::test]
async fn a_signature_has_to_be_the_merchants_over_this_very_call() {
    let (world, _folder) = World::start().await;
    let fresh = || Call::new(&world, CREATE, &world.order("A", 1_000));
    let other = world.sign("something else");
    for (what, call) in [
        ("another text", fresh().with("X-SIGNATURE", &other)),
        ("not base64", fresh().with("X-SIGNATURE", "***")),
        ("another partner", fresh().with("X-PARTNER-ID", "somebody")),
        ("another body", fresh().sending(&world.order("A", 9_000).to_string())),
    ] {
        let answer = world.send(world.signed(&call)).await;
        assert_eq!(code(&answer), "4015400", "{what}");
        assert_eq!(answer.json()["responseMessage"], "Unauthorized. Invalid Signature");
        assert!(answer.json().get("additionalInfo").is_none(), "without debug mode nothing is explained");
    }
    let to_another_path = Call { path: QUERY.into(), ..fresh() };
    let signature = world.sign("POST:/other:00:2026-11-22T12:00:00+07:00");
    let call = to_another_path.with("X-SIGNATURE", &signature);
    assert_eq!(code(&world.send(world.signed(&call)).await), "4015500");
    assert!(world.books().await["dana"]["transactions"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_body_with_white_space_verifies_as_the_small_one_that_was_signed() {
    let (world, _folder) = World::start().await;
    let mut order = world.order("LK0000000001-P1", 1_000);
    order["additionalInfo"]["order"]["orderTitle"] = json!("a : b,  c \\ \"q\"");
    let spaced = serde_json::to_string_pretty(&order).unwrap();
    let call = Call::new(&world, CREATE, &order).sending(&spaced);
    assert_eq!(code(&world.send(world.signed(&call)).await), "2005400");
    // The same text with other escapes is the same JSON, and another signature.
    let mut order = world.order("LK0000000002-P1", 1_000);
    order["additionalInfo"]["order"]["orderTitle"] = json!("Kafé");
    let escaped = order.to_string().replace('é', "\\u00e9");
    let call = Call::new(&world, CREATE, &order).sending(&escaped);
    assert_eq!(code(&world.send(world.signed(&call)).await), "4015400");
    let mut call = Call::new(&world, CREATE, &order);
    call.body = escaped;
    assert_eq!(code(&world.send(world.signed(&call)).await), "2005400");
}

#[tokio::test]
async fn in_debug_mode_a_refusal_says_why() {
    let (world, _folder) = World::start().await;
    let call = Call::new(&world, CREATE, &json!({}))
        .with("X-SIGNATURE", &world.sign("else"))
        .with("X-Debug-Mode", "1");
    let answer = world.send(world.signed(&call)).await.json();
    let why = answer["additionalInfo"]["debugMessage"].as_str().unwrap();
    assert!(why.contains(&format!("POST:{CREATE}:")), "{why}");
}

#[tokio::test]
async fn an_external_id_serves_once_a_day() {
    let (world, _folder) = World::start().await;
    let ask = || Call::new(&world, QUERY, &question("nobody")).with("X-EXTERNAL-ID", "ONE");
    assert_eq!(code(&world.send(world.signed(&ask())).await), "4045501");
    assert_eq!(code(&world.send(world.signed(&ask())).await), "4095500");
    let other_service = Call::new(&world, CANCEL, &question("nobody")).with("X-EXTERNAL-ID", "ONE");
    assert_eq!(code(&world.send(world.signed(&other_service)).await), "4095700");
    world.advance(86_400).await;
    assert_eq!(code(&world.send(world.signed(&ask())).await), "4045501", "the next day");
    let unsigned = ask().with("X-EXTERNAL-ID", "TWO").with("X-SIGNATURE", "AAAA");
    assert_eq!(code(&world.send(world.signed(&unsigned)).await), "4015500");
    let signed = ask().with("X-EXTERNAL-ID", "TWO");
    assert_eq!(code(&world.send(world.signed(&signed)).await), "4045501", "a stranger uses nothing up");
}

#[tokio::test]
async fn hostile_calls_are_refused_and_leave_nothing() {
    let (world, _folder) = World::start().await;
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    for body in
        ["", "{", "[]", "null", "\"x\"", "{\"a\":1}}", "\u{feff}{}", "{\"a\":\"\u{1}\"}", deep.as_str()]
    {
        let mut call = Call::new(&world, CREATE, &json!({}));
        call.body = body.to_owned();
        // White space outside of strings is what the signature does not cover; there is none here.
        let answer = world.send(world.signed(&call)).await;
        assert_eq!(code(&answer), "4005400", "{:.40}", body);
    }
    let mut large = Call::new(&world, CREATE, &json!({}));
    large.body = format!("{{\"a\":\"{}\"}}", "x".repeat(70_000));
    assert_eq!(code(&world.send(world.signed(&large)).await), "4005400");
    for value in [json!(null), json!(1), json!([]), json!({"a": 1}), json!("\u{0}"), json!("x".repeat(3_000))]
    {
        for pointer in [
            "/partnerReferenceNo",
            "/merchantId",
            "/externalStoreId",
            "/amount",
            "/amount/value",
            "/amount/currency",
            "/validUpTo",
            "/urlParams",
            "/urlParams/0",
            "/urlParams/0/url",
            "/payOptionDetails",
            "/payOptionDetails/0",
            "/payOptionDetails/0/payMethod",
            "/payOptionDetails/0/payOption",
            "/additionalInfo",
            "/additionalInfo/envInfo",
            "/additionalInfo/order",
            "/additionalInfo/order/scenario",
            "/additionalInfo/order/orderTitle",
        ] {
            let mut order = world.order_by("HOSTILE", 1_000, "NETWORK_PAY", "NETWORK_PAY_PG_OVO");
            *order.pointer_mut(pointer).unwrap() = value.clone();
            let answer = world.dana(CREATE, &order).await;
            let optional = value.is_null() && answer.http == 200;
            assert!(optional || (400..500).contains(&answer.http), "{pointer} {value:.60}: {}", answer.text);
            if optional {
                // What may be left out was left out: start anew with another reference.
                world.dana(CANCEL, &question("HOSTILE")).await;
            }
        }
    }
    let known = ["HOSTILE"];
    let books = world.books().await;
    let orders = books["dana"]["transactions"].as_array().unwrap();
    assert!(
        orders.iter().all(|o| known.contains(&o["partner_reference_no"].as_str().unwrap())),
        "{orders:?}"
    );
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there_are_refused() {
    let (world, _folder) = World::start().await;
    for path in ["", "/", "/v2/charge", "/%00", "/..%2f..%2fetc", "/payment-gateway/v1.0/debit/status.htm/"] {
        let answer = world.send(world.signed(&Call::new(&world, path, &json!({})))).await;
        assert!((404..406).contains(&answer.http), "{path}: {}", answer.http);
    }
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let answer = world.send(world.request(method, &format!("/sandbox/dana{QUERY}"))).await;
        assert_eq!(code(&answer), "4055500", "{method}");
    }
    let logged: Vec<Value> = world.books().await["dana"]["requests"].as_array().unwrap().clone();
    assert_eq!(logged[0]["method"], "PATCH", "every call is in the log");
}
