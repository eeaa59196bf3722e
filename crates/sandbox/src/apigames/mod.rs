//! The simulated Apigames (contracts/suppliers §2.2): `GET /merchant/{merchant}` and
//! `GET /merchant/{merchant}/cek-username/{game}` as a source of account names, and `/v2/transaksi` as a supplier.

mod orders;

pub(crate) use orders::notify;

use crate::{
    accounts::{self, Found, Game},
    exchange::{Incoming, Reply},
    goods,
    settings::{APIGAMES_MERCHANT_ID, APIGAMES_SECRET},
    worker,
    world::{Target, World},
};
use axum::http::Method;
use database::{Error, WriteTx};
use md5::{Digest, Md5};
use serde::Serialize;
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;
use vocabulary::Timestamp;

/// An answer that is no error; whether an account exists stands in `data`.
#[derive(Serialize)]
struct Envelope<T> {
    status: u8,
    rc: u8,
    message: &'static str,
    data: T,
    /// Seconds since 1970.
    ts: i64,
}

#[derive(Serialize)]
struct Username {
    is_valid: bool,
    username: String,
}

#[derive(Serialize)]
struct Merchant {
    merchant_id: &'static str,
    saldo: i64,
}

#[derive(Serialize)]
struct Refusal {
    error_msg: String,
    status: u8,
}

/// Answers one call.
pub(crate) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    now: Timestamp,
) -> Result<Reply, Error> {
    worker::catch_up(world, tx, now).await?;
    let path = incoming.path.trim_end_matches('/');
    if matches!(path, "/v2/transaksi" | "/v2/transaksi/status") {
        return orders::answer(world, tx, incoming, now).await;
    }
    let balance = goods::deposit(tx, Target::Apigames).await?;
    Ok(about_accounts(incoming, balance, now))
}

fn about_accounts(incoming: &Incoming, balance: i64, now: Timestamp) -> Reply {
    let segments: Vec<&str> = incoming.path.trim_end_matches('/').split('/').skip(1).collect();
    let (merchant, game) = match segments.as_slice() {
        ["merchant", merchant] => (*merchant, None),
        ["merchant", merchant, "cek-username", game] => (*merchant, Some(*game)),
        _ => return refuse(404, "Path is not served here").plain_http(),
    };
    if incoming.method != Method::GET {
        return refuse(405, "Method not allowed").plain_http();
    }
    let query = incoming.query.as_deref().unwrap_or_default();
    let query: BTreeMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if merchant != APIGAMES_MERCHANT_ID {
        return refuse(400, "Merchant not valid");
    }
    if !is_signed(query.get("signature").map_or("", String::as_str)) {
        return refuse(401, "Signature not valid");
    }
    match game {
        None => {
            let merchant = Merchant { merchant_id: APIGAMES_MERCHANT_ID, saldo: balance };
            tell("Data Found", merchant, now)
        }
        Some(game) => username(game, query.get("user_id").map_or("", String::as_str), now),
    }
}

/// The document has it both ways for these two calls, and so have clients: `merchant:secret`, and the
/// two without anything between.
fn is_signed(given: &str) -> bool {
    ["", ":"].into_iter().any(|between| {
        let expected = signature_of(APIGAMES_MERCHANT_ID, between, APIGAMES_SECRET);
        bool::from(given.as_bytes().ct_eq(expected.as_bytes()))
    })
}

fn signature_of(merchant: &str, between: &str, secret: &str) -> String {
    hex::encode(Md5::digest(format!("{merchant}{between}{secret}")))
}

fn username(game: &str, user_id: &str, now: Timestamp) -> Reply {
    let look_up: fn(&str) -> Found = match game {
        "mobilelegend" => accounts::look_up_joined,
        "freefire" => |id| accounts::look_up(Game::FreeFire, id, ""),
        "higgs" => |id| accounts::look_up(Game::Higgs, id, ""),
        _ => return refuse(400, "Game not supported"),
    };
    if user_id.is_empty() {
        return refuse(400, "user_id is required");
    }
    match look_up(user_id) {
        Found::Account { nickname, after, .. } => {
            let mut reply = tell("Data Found", Username { is_valid: true, username: nickname }, now);
            reply.hold = after;
            reply
        }
        Found::Nobody => tell("Data Not Found", Username { is_valid: false, username: String::new() }, now),
        Found::Unavailable => Reply::html(503, "<h1>503 Service Temporarily Unavailable</h1>"),
    }
}

fn tell(message: &'static str, data: impl Serialize, now: Timestamp) -> Reply {
    Reply::json(200, &Envelope { status: 1, rc: 0, message, data, ts: now.millis().div_euclid(1_000) })
}

fn refuse(status: u16, error_msg: &str) -> Reply {
    Reply::json(status, &Refusal { error_msg: error_msg.into(), status: 0 })
}
