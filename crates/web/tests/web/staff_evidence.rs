//! What staff are shown over the API when a buyer says that nothing came.

use crate::support::*;
use axum::http::Method;
use serde_json::{Value, json};
use testkit::on_both;

const SERIAL: &str = "CODE-ABCD-9876";

/// The webhook of this sender.
fn of<'a>(evidence: &'a Value, source: &str) -> &'a Value {
    let mut all = evidence["webhooks"].as_array().unwrap().iter();
    all.find(|webhook| webhook["source"] == source).unwrap_or_else(|| panic!("{evidence:#}"))
}

/// Who has asked for what was delivered.
fn revealed(evidence: &Value) -> Vec<&str> {
    let audit = evidence["audit"].as_array().unwrap().iter();
    let asked = audit.filter(|entry| entry["action"] == "order.serial_revealed");
    asked.map(|entry| entry["actor"].as_str().unwrap()).collect()
}

on_both! {
    fn the_raw_words_of_others_are_shown_and_what_was_delivered_only_to_whoever_is_written_down(database) {
        let face = face(database).await;
        let number = face.place("one", &diamonds()).await.json()["number"].as_str().unwrap().to_owned();
        let paid = "{\"paid\":  \"by GoPay\", \"of\": \"+6281234567890\"}";
        let masked = "{\"paid\":  \"by GoPay\", \"of\": \"+**********890\"}";
        let bought = format!("{{\"sn\": \"{SERIAL}\"}}");
        for (door, said) in [("/webhooks/midtrans", paid), ("/webhooks/digiflazz", bought.as_str())] {
            let good = [("x-test", "good"), ("content-type", "application/json")];
            let answer = face.send(request(Method::POST, door, &good, said)).await;
            assert_eq!(answer.status, 200, "{door}: {}", answer.text());
        }
        face.run(&format!("UPDATE webhook_inbox SET reference = '{number}-P1'")).await;
        face.run(&format!("UPDATE shop_order SET serial_number = '{SERIAL}' WHERE number = '{number}'")).await;
        let path = format!("/api/v1/staff/orders/{number}/evidence");

        let shown = looks(&face, &path).await;
        assert_eq!((&shown["number"], &shown["serial_number"]), (&json!(number), &json!("••••9876")), "{shown:#}");
        let (gateway, supplier) = (of(&shown, "midtrans"), of(&shown, "digiflazz"));
        assert_eq!((&gateway["body"], &gateway["not_shown"]), (&json!(masked), &Value::Null), "all but the phone");
        assert_eq!((&gateway["verdict"], &gateway["times_received"]), (&json!("believed"), &json!(1)));
        assert_eq!(gateway["headers"], json!([{"name": "content-type", "value": "application/json"}]));
        assert_eq!(supplier["body"], Value::Null, "{supplier:#}");
        assert!(supplier["not_shown"].as_str().unwrap().contains("evidence/reveal"), "{supplier:#}");
        assert!(!shown.to_string().contains("CODE-ABCD"), "{shown:#}");
        for part in ["payments", "refunds", "attempts", "supplier_said", "messages", "ledger", "timeline"] {
            assert!(shown[part].is_array(), "{part}: {shown:#}");
        }
        let record = json!({"paid": 0, "delivered": 0, "refunded": 0, "refund_percent": 0});
        assert_eq!((&shown["buyer_record"], &shown["complain_until"]), (&record, &Value::Null));
        assert!(shown["gathered_at"].is_string() && revealed(&shown).is_empty(), "nobody has asked: {shown:#}");

        let reveal = format!("{path}/reveal");
        for (key, actors) in [(STAFF_KEY, &["staff:rina"][..]), (OTHER_STAFF_KEY, &["staff:rina", "staff:budi"])] {
            let whole = asks(&face, Method::POST, &reveal, key).await;
            assert_eq!(whole.status, 200, "{}", whole.text());
            let whole = whole.json();
            assert_eq!(whole["serial_number"], SERIAL);
            assert_eq!(of(&whole, "digiflazz")["body"], json!(bought), "{whole:#}");
            assert_eq!(of(&whole, "midtrans")["body"], json!(paid), "to the byte");
            assert_eq!(revealed(&whole), actors, "{whole:#}");
        }
        let again = looks(&face, &path).await;
        assert!(!again.to_string().contains("CODE-ABCD"), "{again:#}");

        let unknown = "/api/v1/staff/orders/LK0123456789/evidence";
        for number in [unknown, "/api/v1/staff/orders/nothing/evidence"] {
            asks(&face, Method::GET, number, STAFF_KEY).await.problem(404, "not-found");
            asks(&face, Method::POST, &format!("{number}/reveal"), STAFF_KEY).await.problem(404, "not-found");
        }
    }
}

on_both! {
    fn a_webhook_that_this_shop_cannot_open_says_so_and_hides_nothing_else(database) {
        let mut face = face(database).await;
        let number = face.place("one", &diamonds()).await.json()["number"].as_str().unwrap().to_owned();
        let good = [("x-test", "good")];
        face.send(request(Method::POST, "/webhooks/digiflazz", &good, "{\"sn\": \"x\"}")).await;
        face.run(&format!("UPDATE webhook_inbox SET reference = '{number}-P1'")).await;
        // The same rows with another `vault.key`.
        face.shop.vault = security::Vault::throw_away().unwrap();
        let (_stop, stopping) = tokio::sync::watch::channel(false);
        let key = web::ApiKey { id: "rina".into(), secret: vocabulary::Secret::new(STAFF_KEY) };
        let settings = web::WebSettings { staff_keys: vec![key], ..web::WebSettings::default() };
        face.router = web::router(face.shop.clone(), settings, stopping);
        let path = format!("/api/v1/staff/orders/{number}/evidence");
        for (method, path) in [(Method::GET, path.clone()), (Method::POST, format!("{path}/reveal"))] {
            let shown = asks(&face, method, &path, STAFF_KEY).await.json();
            let webhook = of(&shown, "digiflazz");
            assert_eq!(webhook["body"], Value::Null, "{webhook:#}");
            assert!(webhook["not_shown"].as_str().unwrap().contains("vault.key"), "{webhook:#}");
            assert_eq!(shown["number"], json!(number));
        }
    }
}
