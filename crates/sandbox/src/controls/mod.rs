//! The controls of the sandbox: acting as the buyer, scripting the supplier, faults, the clock, and
//! a look into every book. Also the routes of the simulators and the wallet page.

mod clock;
mod deposit;
mod faults;
mod listing;
mod pay;
mod settlement;
mod supplier;
mod transactions;

use crate::{
    dana::CHECKOUT,
    discord::controls as discord,
    exchange::{self, BODY_LIMIT},
    problem::Problem,
    snap_page, wallet_page,
    world::{Target, World},
    xendit::CHECKOUT as CHECKOUT_OF_XENDIT,
};
use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::header,
    response::{IntoResponse, Response},
    routing::{any, delete, get, post},
};
pub(crate) use pay::problem as problem_of;
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;

/// Everything but the clock.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/sandbox/midtrans/{*path}", any(midtrans))
        .route("/sandbox/midtrans/", any(midtrans))
        .route("/sandbox/midtrans/snap/v4/redirection/{token}", get(snap_page::show))
        .route("/sandbox/midtrans/snap/v4/redirection/{token}/{action}", post(snap_page::act))
        .route("/sandbox/dana/{*path}", any(dana))
        .route("/sandbox/dana/", any(dana))
        .route(&format!("/sandbox/dana{CHECKOUT}"), get(wallet_page::checkout))
        .route("/sandbox/xendit/{*path}", any(xendit))
        .route("/sandbox/xendit/", any(xendit))
        .route(&format!("/sandbox/xendit{CHECKOUT_OF_XENDIT}/{{id}}"), get(wallet_page::show))
        .route("/sandbox/digiflazz/{*path}", any(digiflazz))
        .route("/sandbox/digiflazz/", any(digiflazz))
        .route("/sandbox/vip-reseller/{*path}", any(vip_reseller))
        .route("/sandbox/vip-reseller/", any(vip_reseller))
        .route("/sandbox/apigames/{*path}", any(apigames))
        .route("/sandbox/apigames/", any(apigames))
        .route("/sandbox/midtrans/settlement.csv", get(settlement::midtrans))
        .route("/sandbox/dana/settlement.csv", get(settlement::dana))
        .route("/sandbox/xendit/settlement.csv", get(settlement::xendit))
        .route("/sandbox/pay", post(pay::pay))
        .route("/sandbox/transactions", get(transactions::transactions))
        .route("/sandbox/supplier", post(supplier::script))
        .route("/sandbox/deposit", post(deposit::add))
        .route("/sandbox/listing", post(listing::change))
        .route("/sandbox/faults", post(faults::arm).merge(delete(faults::clear)).merge(get(faults::list)))
        .route("/sandbox/wallet", get(wallet_page::list))
        .route("/sandbox/wallet/{transaction_id}", get(wallet_page::show))
        .route("/sandbox/wallet/{transaction_id}/{outcome}", post(wallet_page::act))
        .merge(discord::routes())
        .method_not_allowed_fallback(|| async { Problem::method() })
        .with_state(world)
}

/// The clock.
pub(crate) fn clock_router(world: Arc<World>) -> Router {
    Router::new()
        .route("/sandbox/clock", post(clock::advance))
        .method_not_allowed_fallback(|| async { Problem::method() })
        .with_state(world)
}

async fn midtrans(State(world): State<Arc<World>>, request: Request) -> Response {
    exchange::exchange(world, Target::Midtrans, request).await
}

async fn dana(State(world): State<Arc<World>>, request: Request) -> Response {
    exchange::exchange(world, Target::Dana, request).await
}

async fn xendit(State(world): State<Arc<World>>, request: Request) -> Response {
    exchange::exchange(world, Target::Xendit, request).await
}

async fn digiflazz(State(world): State<Arc<World>>, request: Request) -> Response {
    exchange::exchange(world, Target::Digiflazz, request).await
}

async fn vip_reseller(State(world): State<Arc<World>>, request: Request) -> Response {
    exchange::exchange(world, Target::VipReseller, request).await
}

async fn apigames(State(world): State<Arc<World>>, request: Request) -> Response {
    exchange::exchange(world, Target::Apigames, request).await
}

/// Reads a JSON object, whatever its content type says: a plain `curl -d` is welcome.
pub(crate) async fn read<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
    let bytes =
        to_bytes(request.into_body(), BODY_LIMIT).await.map_err(|_| Problem::too_large(BODY_LIMIT))?;
    let value: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|e| Problem::malformed(e.to_string()))?;
    if !value.is_object() {
        return Err(Problem::malformed("a JSON object is expected"));
    }
    serde_json::from_value(value).map_err(|e| Problem::invalid(e.to_string()))
}

pub(crate) fn json(body: &impl Serialize) -> Response {
    let text = serde_json::to_string(body).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// The supplier that a control names; Digiflazz when it names none.
fn supplier_named(name: Option<&str>) -> Result<Target, Problem> {
    const SUPPLIERS: [Target; 3] = [Target::Digiflazz, Target::VipReseller, Target::Apigames];
    let Some(name) = name else { return Ok(Target::Digiflazz) };
    let known = SUPPLIERS.into_iter().find(|target| target.as_str() == name);
    known.ok_or_else(|| Problem::invalid(format!("target is one of {}", listed(SUPPLIERS))))
}

/// `a`, `b` and `c`, for a message that names what is known.
fn listed<T: std::fmt::Display>(words: impl IntoIterator<Item = T>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
