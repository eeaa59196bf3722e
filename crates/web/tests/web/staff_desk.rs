//! What staff look at and decide over the API: with a staff key alone, once for a key, under their own name.

use crate::support::*;
use axum::http::Method;
use serde_json::{Value, json};
use testkit::{empty_postgres, empty_sqlite};

const ORDERS: &str = "/api/v1/staff/orders";

async fn held(face: &Face, key: &str) -> String {
    let number = face.place(key, &diamonds()).await.json()["number"].as_str().unwrap().to_owned();
    face.run(&format!(
        "UPDATE shop_order SET state = 'in_review', hold_until = 99999999999999, pay_by = NULL WHERE number = '{number}'"
    ))
    .await;
    number
}

#[tokio::test]
async fn only_a_staff_key_opens_any_of_the_staffs_doors() {
    let face = face(empty_sqlite().await).await;
    let number = held(&face, "one").await;
    let before = face.dump().await;
    let reads =
        ["orders", "alerts", "suppliers", "routes", "reconciliations/2026-11-21", "settlements", "catalog"];
    let reads = reads.map(str::to_owned);
    let of_order = [
        format!("orders/{number}"),
        format!("orders/{number}/evidence"),
        "buyers?buyer=api%3Afirst".to_owned(),
        "suppliers/digiflazz/prices".to_owned(),
    ];
    for path in reads.into_iter().chain(of_order) {
        for key in ["", "wrong", KEY, OTHER_KEY] {
            let answer = asks(&face, Method::GET, &format!("/api/v1/staff/{path}"), key).await;
            answer.problem(401, "unauthenticated");
        }
    }
    for action in ["approve", "reject", "retry", "settle"] {
        for key in ["", "wrong", KEY, OTHER_KEY] {
            let answer = asks(&face, Method::POST, &format!("{ORDERS}/{number}/{action}"), key).await;
            answer.problem(401, "unauthenticated");
        }
        let answer = asks(&face, Method::POST, &format!("{ORDERS}/{number}/{action}"), STAFF_KEY).await;
        answer.problem(400, "idempotency-key-missing");
        let unknown = format!("{ORDERS}/LK0123456789/{action}");
        let body = if action == "settle" { json!({"give_back": 0}) } else { json!({}) };
        decides(&face, &unknown, "k", &body).await.problem(404, "not-found");
    }
    let of_order = [
        format!("orders/{number}/reveal"),
        format!("orders/{number}/evidence/reveal"),
        format!("refunds/{number}-R1/settle"),
    ];
    let others = [
        "settlements?gateway=midtrans",
        "settlements/set_1/withdraw",
        "buyers/verify",
        "buyers/unverify",
        "catalog",
        "suppliers/digiflazz/sync",
        "suppliers/digiflazz/deposit",
        "suppliers/digiflazz/accept",
    ];
    for path in of_order.into_iter().chain(others.map(str::to_owned)) {
        for key in ["", "wrong", KEY, OTHER_KEY] {
            let answer = asks(&face, Method::POST, &format!("/api/v1/staff/{path}"), key).await;
            answer.problem(401, "unauthenticated");
        }
    }
    assert_eq!(face.dump().await, before);
}

async fn decided_once(face: &Face) {
    let number = held(face, "one").await;
    let approve = format!("{ORDERS}/{number}/approve");
    decides(face, &approve, "rina-1", &json!({"paid": -1})).await.problem(422, "validation");
    let done = decides(face, &approve, "rina-1", &json!({})).await;
    assert_eq!(
        (done.status.as_u16(), &done.json()["state"]),
        (200, &json!("awaiting_payment")),
        "{}",
        done.text()
    );
    assert_eq!(done.header("idempotency-replayed"), "");
    // Sent again it does nothing, and says how the order stands by now.
    face.run("UPDATE shop_order SET state = 'in_review'").await;
    let again = decides(face, &approve, "rina-1", &json!({})).await;
    assert_eq!(
        (again.status.as_u16(), &again.json()["state"]),
        (200, &json!("in_review")),
        "{}",
        again.text()
    );
    assert_eq!(again.header("idempotency-replayed"), "true");
    // The key is of that decision; and of her who made it.
    let reject = format!("{ORDERS}/{number}/reject");
    decides(face, &reject, "rina-1", &json!({})).await.problem(422, "idempotency-key-reused");
    let done = decides(face, &reject, "rina-2", &json!({})).await;
    assert_eq!(done.json()["state"], "cancelled", "{}", done.text());
    // What is refused has used no key.
    let refused = decides(face, &approve, "rina-3", &json!({})).await.problem(409, "not-possible");
    assert!(refused["detail"].as_str().unwrap().contains(&number), "{refused}");
    face.run("UPDATE shop_order SET state = 'in_review'").await;
    let done = decides(face, &approve, "rina-3", &json!({})).await;
    assert_eq!(done.json()["state"], "awaiting_payment", "{}", done.text());
    // What is refused is refused to both of two who say it at one moment.
    let (retry, body) = (format!("{ORDERS}/{number}/retry"), json!({}));
    let (one, two) =
        tokio::join!(decides(face, &retry, "rina-4", &body), decides(face, &retry, "rina-4", &body));
    for refused in [one, two] {
        refused.problem(409, "not-possible");
    }
    // A key that an older version took before it decided is no proof that it did.
    face.run(
        "INSERT INTO idempotency_key (owner, key, body_hash, order_id, created_at)
         SELECT owner, 'rina-old', body_hash, order_id, 1 FROM idempotency_key WHERE owner = 'staff:rina' AND key = 'rina-3'",
    )
    .await;
    let unknown = decides(face, &approve, "rina-old", &json!({})).await.problem(409, "not-possible");
    let detail = unknown["detail"].as_str().unwrap();
    assert!(detail.contains(&number) && detail.contains("tidak diketahui"), "{unknown}");
    let file = looks(face, &format!("{ORDERS}/{number}")).await;
    let by: Vec<&str> =
        file["audit"].as_array().unwrap().iter().map(|entry| entry["actor"].as_str().unwrap()).collect();
    assert!(by.iter().filter(|actor| actor.starts_with("staff:")).count() >= 3, "{by:?}");
}

#[tokio::test]
async fn a_decision_is_made_once_for_its_key_and_under_a_name_on_sqlite() {
    decided_once(&face(empty_sqlite().await).await).await;
}

#[tokio::test]
async fn a_decision_is_made_once_for_its_key_and_under_a_name_on_postgres() {
    decided_once(&face(empty_postgres().await).await).await;
}

async fn looked_at(face: &Face) {
    let mut numbers = Vec::new();
    for key in ["a", "b", "c"] {
        let mut wish = diamonds();
        wish["buyer"] = json!(key);
        numbers.push(face.place(key, &wish).await.json()["number"].as_str().unwrap().to_owned());
    }
    face.run(&format!(
        "UPDATE shop_order SET state = 'needs_attention', attention = 'odd_money' WHERE number = '{}'",
        numbers[1]
    ))
    .await;
    let found = async |query: &str| {
        let page = looks(face, &format!("{ORDERS}{query}")).await;
        let data = page["data"].as_array().unwrap().iter();
        (data.map(|o| o["number"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), page["has_more"] == true)
    };
    let newest_first: Vec<String> = numbers.iter().rev().cloned().collect();
    assert_eq!(found("").await, (newest_first.clone(), false));
    assert_eq!(found("?limit=2").await, (newest_first[..2].to_vec(), true));
    assert_eq!(found(&format!("?after={}", numbers[1])).await, (vec![numbers[0].clone()], false));
    for query in ["?state=needs_attention", "?attention=odd_money&kind=purchase&product=ML_86"] {
        assert_eq!(found(query).await, (vec![numbers[1].clone()], false), "{query}");
    }
    let whole = looks(face, &format!("{ORDERS}/{}", numbers[2])).await;
    let buyer = whole["buyer"].as_str().unwrap().replace('/', "%2F").replace(':', "%3A");
    assert_eq!(found(&format!("?buyer={buyer}")).await, (vec![numbers[2].clone()], false));
    assert_eq!(found("?kind=deposit").await, (Vec::new(), false));
    for query in ["?state=nothing", "?limit=0", "?limit=201", "?after=x", "?after=LK0123456789", "?more=1"] {
        let answer = asks(face, Method::GET, &format!("{ORDERS}{query}"), STAFF_KEY).await;
        answer.problem(400, "invalid-parameter");
    }
    // Everything stands in it, and nothing that opens the buyer's page or rings a phone.
    let mut push = diamonds();
    push["phone"] = json!("081234567890");
    push["payment_method"] = json!("ovo_push");
    let number = face.place("push", &push).await.json()["number"].as_str().unwrap().to_owned();
    face.run(&format!("UPDATE shop_order SET serial_number = 'CODE-ABCD-9876' WHERE number = '{number}'"))
        .await;
    let file = looks(face, &format!("{ORDERS}/{number}")).await;
    assert_eq!(file["serial_number"], "••••9876");
    for part in ["payments", "timeline", "audit"] {
        assert!(!file[part].as_array().unwrap().is_empty(), "{part}: {file:#}");
    }
    for part in ["refunds", "refund_requests", "attempts", "ledger", "risk_findings"] {
        assert!(file[part].is_array(), "{part}: {file:#}");
    }
    let text = file.to_string();
    for secret in ["81234567890", "pay_token", "/pay/", "sealed", "CODE-ABCD"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[tokio::test]
async fn staff_find_orders_and_see_all_of_one_but_no_number_and_no_token_on_sqlite() {
    looked_at(&face_paying(empty_sqlite().await).await).await;
}

#[tokio::test]
async fn staff_find_orders_and_see_all_of_one_but_no_number_and_no_token_on_postgres() {
    looked_at(&face_paying(empty_postgres().await).await).await;
}

#[tokio::test]
async fn alerts_are_listed_and_closed_under_a_name() {
    let face = face(empty_sqlite().await).await;
    face.run(
        "INSERT INTO alert (id, kind, subject, message, opened_at) VALUES ('alr_1', 'parked', 'ord_x', 'look', 1)",
    )
    .await;
    let alerts = looks(&face, "/api/v1/staff/alerts").await;
    assert_eq!((&alerts["open"], &alerts["data"][0]["kind"]), (&json!(1), &json!("parked")), "{alerts}");
    let close = "/api/v1/staff/alerts/close";
    for body in [json!({"kind": "nothing", "subject": "x"}), json!({"kind": "parked"}), json!({})] {
        decides(&face, close, "k", &body).await.problem(422, "validation");
    }
    let body = json!({"kind": "parked", "subject": "ord_x"});
    let closed = decides(&face, close, "k", &body).await;
    assert_eq!(
        (closed.status.as_u16(), &closed.json()["taken_up"]),
        (200, &json!(true)),
        "{}",
        closed.text()
    );
    decides(&face, close, "k", &body).await.problem(404, "not-found");
    assert_eq!(looks(&face, "/api/v1/staff/alerts").await["open"], 0);
    assert!(face.dump().await.concat().contains("alert.resolved"), "who closed it is recorded");
}

/// Staff say that what a further route costs there is right.
async fn a_price_is_accepted(face: &Face, supplier: &str) {
    let path = format!("/api/v1/staff/suppliers/{supplier}/accept");
    let (right, nothing) = (json!({"sku": "b1", "price": 900}), json!({"sku": "b1", "price": 0}));
    decides(face, &path, "k", &nothing).await.problem(422, "validation");
    decides(face, "/api/v1/staff/suppliers/nobody/accept", "k", &right).await.problem(404, "not-found");
    let first = json!({"sku": "ml86", "price": 900});
    decides(face, &path, "k", &first).await.problem(409, "not-possible");
    decides(face, &path, "k", &right).await.problem(404, "not-found");
    face.run(&format!(
        "INSERT INTO product_route (product_code, rank, supplier, supplier_sku, customer_template, active, updated_at)
         VALUES ('ML_86', 2, '{supplier}', 'b1', '{{user_id}}', 1, 0)"
    ))
    .await;
    decides(face, &path, "k", &right).await.problem(404, "not-found");
    face.run(&format!(
        "INSERT INTO supplier_listing (supplier, sku, name, category, brand, seller, description, price, buyer_active,
                                       seller_active, multi, doubt, priced_at, seen_at)
         VALUES ('{supplier}', 'b1', '86 Diamond', '', '', '', '', 900, 1, 1, 1, 'price_jump', 0, 0)"
    ))
    .await;
    let prices = format!("/api/v1/staff/suppliers/{supplier}/prices");
    let before = looks(face, &prices).await["further"][0].clone();
    assert_eq!((&before["product"], &before["doubt"]), (&json!("ML_86"), &json!("price_jump")), "{before}");
    assert_eq!((&before["asks"], &before["accepted"]), (&json!(900), &Value::Null), "{before}");
    let done = decides(face, &path, "k", &right).await;
    assert_eq!(done.json(), json!({"supplier": supplier, "sku": "b1", "price": 900}), "{}", done.text());
    let after = looks(face, &prices).await["further"][0].clone();
    assert_eq!((&after["doubt"], &after["accepted"]), (&Value::Null, &json!(900)), "{after}");
    assert!(face.dump().await.concat().contains("supplier.price_accepted"), "who said so is recorded");
}

#[tokio::test]
async fn suppliers_routes_and_comparisons_are_told_as_they_are_known() {
    let face = face(empty_sqlite().await).await;
    let suppliers = looks(&face, "/api/v1/staff/suppliers").await;
    let first = suppliers["data"][0]["supplier"].as_str().unwrap().to_owned();
    assert_eq!(suppliers["data"][0]["left"], Value::Null, "nobody has told: {suppliers}");
    let prices = looks(&face, &format!("/api/v1/staff/suppliers/{first}/prices")).await;
    assert!(prices["data"].as_array().unwrap().iter().any(|p| p["product"] == "ML_86"), "{prices}");
    assert_eq!(prices["further"], json!([]), "nothing has a further route: {prices}");
    assert_eq!(prices["others"], Value::Null, "nobody has asked for them: {prices}");
    let all = looks(&face, &format!("/api/v1/staff/suppliers/{first}/prices?all=true")).await;
    assert_eq!(all["others"], json!([]), "{all}");
    for query in ["all=maybe", "more=1"] {
        let path = format!("/api/v1/staff/suppliers/{first}/prices?{query}");
        asks(&face, Method::GET, &path, STAFF_KEY).await.problem(400, "invalid-parameter");
    }
    // Who tells nothing is asked all the same.
    let synced = asks(&face, Method::POST, &format!("/api/v1/staff/suppliers/{first}/sync"), STAFF_KEY).await;
    assert_eq!((synced.status.as_u16(), &synced.json()["outcome"]), (200, &json!("not_told")));
    assert_eq!((&synced.json()["supplier"], &synced.json()["costs"]), (&json!(first), &json!([])));
    let asked =
        asks(&face, Method::POST, &format!("/api/v1/staff/suppliers/{first}/deposit"), STAFF_KEY).await;
    assert_eq!((asked.status.as_u16(), &asked.json()["left"]), (200, &Value::Null), "{}", asked.text());
    assert_eq!(asked.json()["silent"], Value::Null);
    for (method, what) in [(Method::GET, "prices"), (Method::POST, "sync"), (Method::POST, "deposit")] {
        let path = format!("/api/v1/staff/suppliers/nobody/{what}");
        asks(&face, method, &path, STAFF_KEY).await.problem(404, "not-found");
    }
    face.run("UPDATE product SET kept_off = 'margin' WHERE code = 'ML_86'").await;
    let routes = looks(&face, "/api/v1/staff/routes").await;
    let of = |code: &str| {
        let mut all = routes["data"].as_array().unwrap().iter();
        all.find(|route| route["product"] == code).unwrap_or_else(|| panic!("{routes}")).clone()
    };
    assert_eq!((&of("ML_86")["kept_off"], &of("ML_172")["kept_off"]), (&json!("margin"), &Value::Null));
    assert_eq!((&of("ML_86")["rank"], &of("ML_86")["active"]), (&json!(1), &json!(true)));
    assert_eq!((&of("ML_86")["seller"], &of("ML_86")["seller_refused"]), (&json!(""), &json!(false)));
    let one = looks(&face, "/api/v1/staff/routes?product=ml_86").await;
    assert_eq!(one["data"], json!([of("ML_86")]));
    for (query, status, code) in [
        ("product=ML_99999", 404, "not-found"),
        ("product=ML-86", 400, "invalid-parameter"),
        ("product=", 400, "invalid-parameter"),
        ("code=ML_86", 400, "invalid-parameter"),
    ] {
        let answer = asks(&face, Method::GET, &format!("/api/v1/staff/routes?{query}"), STAFF_KEY).await;
        answer.problem(status, code);
    }
    a_price_is_accepted(&face, &first).await;
    let path = "/api/v1/staff/reconciliations";
    let none = asks(&face, Method::GET, &format!("{path}/2026-11-21"), STAFF_KEY).await;
    none.problem(404, "not-found");
    for day in ["yesterday", "2026-13-01", "2999-01-01"] {
        let answer = asks(&face, Method::POST, &format!("{path}/{day}"), STAFF_KEY).await;
        answer.problem(400, "invalid-parameter");
    }
    let day = face.shop.clock.now().wib_day();
    let now = asks(&face, Method::POST, &format!("{path}/{day}"), STAFF_KEY).await;
    assert_eq!((now.status.as_u16(), &now.json()["stored"]), (200, &json!(false)), "{}", now.text());
    assert_eq!(now.json()["date"], day.to_string());
}

#[tokio::test]
async fn a_settlement_report_may_be_larger_than_any_other_body_and_has_a_limit() {
    let face = face_with(empty_sqlite().await, |settings| {
        settings.settlement_profiles = vec![("midtrans".to_owned(), payments::SettlementProfile::default())];
    })
    .await;
    let sends = async |text: &str| {
        let authorization = bearer(STAFF_KEY);
        let headers = [("authorization", &*authorization), ("content-type", "text/csv")];
        let path = "/api/v1/staff/settlements?gateway=midtrans&from=2026-11-22";
        face.send(request(Method::POST, path, &headers, text)).await
    };
    let mut text = String::from("Order ID,Gross Amount\n");
    for n in 0..4_000 {
        text.push_str(&format!("LK{n:010}-P1,20000\n"));
    }
    assert!(text.len() > 64 * 1024, "{}", text.len());
    let read = sends(&text).await;
    assert_eq!(
        (read.status.as_u16(), &read.json()["kinds"][0]["lines"]),
        (200, &json!(4_000)),
        "{}",
        read.text()
    );
    let problem = sends(&"x".repeat(8 * 1024 * 1024 + 1)).await.problem(413, "too-large");
    assert!(problem["detail"].as_str().unwrap().contains("8 MiB"), "{problem}");
}
