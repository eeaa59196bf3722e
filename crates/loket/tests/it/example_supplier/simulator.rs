//! The supplier itself, small: written from its contract, not from the adapter. It keeps books, checks the key, sells
//! once under one id, and sends signed webhooks.

use axum::{
    Json, Router,
    extract::State,
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
/// What it asks for everything.
const PRICE: i64 = 17_000;

#[derive(Clone, Default)]
pub(super) struct Simulator {
    books: Arc<Mutex<HashMap<String, Value>>>,
    /// The next answer to an order is lost after it took effect.
    pub(super) loses_the_next: Arc<Mutex<bool>>,
}

type Told = (StatusCode, Json<Value>);

impl Simulator {
    /// Opens it on a port of its own, and tells its address.
    pub(super) async fn open() -> (Simulator, String) {
        let simulator = Simulator::default();
        let router = Router::new()
            .route("/orders", post(order))
            .route("/balance", get(balance))
            .with_state(simulator.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (simulator, base)
    }

    /// Everything that was sold.
    pub(super) fn sold(&self) -> Vec<Value> {
        self.books.lock().unwrap().values().cloned().collect()
    }

    /// Delivers an order, and tells the shop by a webhook that is signed with this key. Its answer is told.
    pub(super) async fn deliver(&self, id: &str, key: &str) -> u16 {
        let told = {
            let mut books = self.books.lock().unwrap();
            let order = books.get_mut(id).unwrap();
            order["state"] = json!("done");
            order["serial"] = json!(format!("EX-{id}"));
            order.clone()
        };
        let (url, body) = (told["notify_url"].as_str().unwrap().to_owned(), told.to_string());
        let signature = hex::encode(Sha256::digest(format!("{key}{body}")));
        let request = reqwest::Client::new().post(url).header("X-Example-Signature", signature).body(body);
        request.send().await.unwrap().status().as_u16()
    }
}

fn refused(headers: &HeaderMap) -> Option<Told> {
    let fits = headers.get("x-example-key").is_some_and(|key| key == KEY);
    (!fits).then(|| (StatusCode::UNAUTHORIZED, Json(json!({"error": "unknown key"}))))
}

async fn order(State(simulator): State<Simulator>, headers: HeaderMap, Json(asked): Json<Value>) -> Told {
    if let Some(refused) = refused(&headers) {
        return refused;
    }
    let (Some(id), Some(most)) = (asked["id"].as_str(), asked["most"].as_i64()) else {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "an id and the most are needed"})));
    };
    let mut books = simulator.books.lock().unwrap();
    if let Some(known) = books.get(id) {
        return (StatusCode::OK, Json(known.clone()));
    }
    if most < PRICE {
        return (StatusCode::CONFLICT, Json(json!({"error": "above the most"})));
    }
    let sold = json!({
        "id": id, "state": "taken", "price": PRICE, "account": asked["account"], "product": asked["product"],
        "notify_url": asked["notify_url"], "a_field_that_nobody_knows": true,
    });
    books.insert(id.to_owned(), sold.clone());
    if std::mem::take(&mut *simulator.loses_the_next.lock().unwrap()) {
        return (StatusCode::BAD_GATEWAY, Json(json!("lost")));
    }
    (StatusCode::OK, Json(sold))
}

async fn balance(State(simulator): State<Simulator>, headers: HeaderMap) -> Told {
    let sold = i64::try_from(simulator.books.lock().unwrap().len()).unwrap();
    refused(&headers).unwrap_or_else(|| (StatusCode::OK, Json(json!({"left": 1_000_000 - sold * PRICE}))))
}
