//! The description of the API is checked in, so that a change of it is seen in review.

use crate::support::*;
use orders::{Attention, OrderState};
use payments::PaymentState;
use serde_json::Value;
use testkit::empty_sqlite;
use vocabulary::{Bank, PaymentMethod, Store};

/// Set it to write the file anew.
const UPDATE: &str = "LOKET_UPDATE_OPENAPI";

#[test]
fn the_checked_in_description_is_the_one_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let now = format!("{}\n", web::openapi().to_pretty_json().unwrap());
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    assert!(checked_in == now, "the API has changed: run this test with {UPDATE}=1 and read the difference");
}

#[tokio::test]
async fn what_is_served_is_openapi_3_1_and_names_the_sandbox_only_there() {
    let in_production = face_with(empty_sqlite().await, |_| {}).await;
    let document = in_production.get("/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(document, serde_json::to_value(web::openapi()).unwrap());
    assert!(document["paths"]["/sandbox/clock"].is_null());
    in_production
        .post("/sandbox/clock", &serde_json::json!({"advance_seconds": 1}))
        .await
        .problem(404, "not-found");

    let in_sandbox = face(empty_sqlite().await).await.get("/openapi.json").await.json();
    assert!(!in_sandbox["paths"]["/sandbox/clock"].is_null());
}

#[test]
fn every_operation_tells_its_errors_as_problems_and_every_reference_leads_somewhere() {
    let document = serde_json::to_value(web::openapi()).unwrap();
    let mut operations = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in
            item.as_object().unwrap().iter().filter(|(_, o)| o["responses"].is_object())
        {
            operations += 1;
            for (status, response) in operation["responses"].as_object().unwrap() {
                // DANA is answered in its own form, whatever became of it.
                let in_our_form = path != "/v1.0/debit/notify";
                let is_error = in_our_form && (status.starts_with('4') || status.starts_with('5'));
                let problem = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(is_error, problem == "#/components/schemas/Problem", "{method} {path} {status}");
            }
            let guarded = operation["security"][0]["api_key"].is_array();
            let guarded_paths = ["/api/v1/deposits", "/api/v1/orders", "/api/v1/quotes", "/api/v1/staff"];
            let api = guarded_paths.iter().any(|begin| path.starts_with(begin));
            assert_eq!(guarded, api, "{method} {path}");
        }
    }
    assert!(operations >= 15, "{operations}");
    check_references(&document, &document);
}

#[test]
fn every_word_that_a_field_may_say_is_told_beside_it() {
    let document = serde_json::to_value(web::openapi()).unwrap();
    let words = [
        ("Payment", "bank", Bank::ALL.iter().map(|w| w.as_str()).collect::<Vec<_>>()),
        ("Payment", "store", Store::ALL.iter().map(|w| w.as_str()).collect()),
        ("Payment", "state", PaymentState::ALL.iter().map(|w| w.as_str()).collect()),
        ("PlaceOrder", "payment_method", PaymentMethod::ALL.iter().map(|w| w.as_str()).collect()),
        ("OrderSummary", "state", OrderState::ALL.iter().map(|w| w.as_str()).collect()),
        ("OrderSummary", "attention", Attention::ALL.iter().map(|w| w.as_str()).collect()),
    ];
    for (schema, field, words) in words {
        let told = &document["components"]["schemas"][schema]["properties"][field]["description"];
        let told = told.as_str().unwrap_or_default();
        for word in words {
            assert!(told.contains(&format!("`{word}`")), "{schema}.{field} does not tell `{word}`: {told}");
        }
    }
}

fn check_references(document: &Value, part: &Value) {
    match part {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                let found = document.pointer(reference.trim_start_matches('#'));
                assert!(found.is_some(), "{reference} leads nowhere");
            }
            fields.values().for_each(|value| check_references(document, value));
        }
        Value::Array(items) => items.iter().for_each(|item| check_references(document, item)),
        _ => {}
    }
}
