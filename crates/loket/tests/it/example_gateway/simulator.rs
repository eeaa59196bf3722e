//! The gateway itself, small: written from its contract, not from the adapter. It keeps books, checks the key,
//! opens one payment under one id, and sends signed webhooks.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// Its key in these tests.
pub(super) const KEY: &str = "example-key-of-the-tests";

#[derive(Clone, Default)]
pub(super) struct Simulator {
    books: Arc<Mutex<HashMap<String, Value>>>,
    /// The next answer to a charge is lost after it took effect.
    pub(super) loses_the_next: Arc<Mutex<bool>>,
    base: Arc<Mutex<String>>,
}

type Told = (StatusCode, Json<Value>);

impl Simulator {
    /// Opens it on a port of its own, and tells its address.
    pub(super) async fn open() -> (Simulator, String) {
        let simulator = Simulator::default();
        let router = Router::new()
            .route("/payments", post(charge))
            .route("/payments/{id}", get(status))
            .route("/payments/{id}/close", post(close))
            .with_state(simulator.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        *simulator.base.lock().unwrap() = base.clone();
        tokio::spawn(async move { axum::serve(listener, router).await });
        (simulator, base)
    }

    pub(super) fn state_of(&self, id: &str) -> Option<String> {
        self.books.lock().unwrap().get(id).map(|p| p["state"].as_str().unwrap().to_owned())
    }

    pub(super) fn payments(&self) -> usize {
        self.books.lock().unwrap().len()
    }

    /// The buyer pays on its page; a webhook tells the shop. Its answer is told.
    pub(super) async fn pay(&self, id: &str, key: &str) -> u16 {
        let url = {
            let mut books = self.books.lock().unwrap();
            let payment = books.get_mut(id).unwrap();
            payment["state"] = json!("paid");
            payment["notify_url"].as_str().unwrap().to_owned()
        };
        let body = json!({"id": id, "state": "paid"}).to_string();
        let signature = hex::encode(Sha256::digest(format!("{key}{body}")));
        let request = reqwest::Client::new().post(url).header("X-Example-Signature", signature).body(body);
        request.send().await.unwrap().status().as_u16()
    }

    fn told(&self, id: &str) -> Told {
        match self.books.lock().unwrap().get(id) {
            Some(payment) => (StatusCode::OK, Json(payment.clone())),
            None => (StatusCode::NOT_FOUND, Json(json!({"error": "no such payment"}))),
        }
    }
}

fn refused(headers: &HeaderMap) -> Option<Told> {
    let fits = headers.get("x-example-key").is_some_and(|key| key == KEY);
    (!fits).then(|| (StatusCode::UNAUTHORIZED, Json(json!({"error": "unknown key"}))))
}

async fn charge(State(simulator): State<Simulator>, headers: HeaderMap, Json(asked): Json<Value>) -> Told {
    if let Some(refused) = refused(&headers) {
        return refused;
    }
    let (Some(id), Some(amount)) = (asked["id"].as_str(), asked["amount"].as_i64().filter(|a| *a > 0)) else {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "an id and an amount are needed"})));
    };
    let mut books = simulator.books.lock().unwrap();
    if books.contains_key(id) {
        return (StatusCode::CONFLICT, Json(json!({"error": "this id was used"})));
    }
    let page = format!("{}/page/{id}", simulator.base.lock().unwrap());
    let payment = json!({
        "id": id, "number": format!("EX-{id}"), "amount": amount, "state": "waiting", "page": page,
        "notify_url": asked["notify_url"], "a_field_that_nobody_knows": true,
    });
    books.insert(id.to_owned(), payment.clone());
    if std::mem::take(&mut *simulator.loses_the_next.lock().unwrap()) {
        return (StatusCode::BAD_GATEWAY, Json(json!("lost")));
    }
    (StatusCode::CREATED, Json(payment))
}

async fn status(State(simulator): State<Simulator>, headers: HeaderMap, Path(id): Path<String>) -> Told {
    refused(&headers).unwrap_or_else(|| simulator.told(&id))
}

async fn close(State(simulator): State<Simulator>, headers: HeaderMap, Path(id): Path<String>) -> Told {
    if let Some(refused) = refused(&headers) {
        return refused;
    }
    if let Some(payment) = simulator.books.lock().unwrap().get_mut(&id) {
        if payment["state"] != "waiting" {
            return (StatusCode::CONFLICT, Json(json!({"error": "it is over"})));
        }
        payment["state"] = json!("closed");
    }
    simulator.told(&id)
}
