//! The simulated Digiflazz buyer API: who may call it, and which call is which.

mod books;
mod check;
mod codes;
mod decide;
mod ping;
mod price_list;
mod request;
mod script;
mod shelf;
mod transaction;
mod webhook;

pub(crate) use books::{Transaction, deposit, due_next as next_due, newest, set_deposit};
pub(crate) use codes::{Status, code};
pub(crate) use decide::decide_due;
pub(crate) use script::{Script, ScriptOutcome, add as add_script, all as scripts};
pub(crate) use shelf::{Change, change as change_listing};

use crate::{
    exchange::{Incoming, Reply},
    worker,
    world::World,
};
use axum::http::Method;
use database::{Error, WriteTx};
use md5::{Digest, Md5};
use request::Request;
use serde::Serialize;
use subtle::ConstantTimeEq;
use vocabulary::Timestamp;

/// HTTP status of an answer that is no success. Which one the vendor uses is not documented.
const FAILURE_STATUS: u16 = 400;

/// Every answer is wrapped in `data`.
#[derive(Serialize)]
struct Data<T> {
    data: T,
}

#[derive(Serialize)]
struct Deposit {
    deposit: i64,
}

/// A refusal that is about no transaction.
#[derive(Serialize)]
struct Refused {
    rc: &'static str,
    status: &'static str,
    message: String,
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
    let pinged = ping::hook_of(path);
    if pinged.is_none() && !matches!(path, "/v1/cek-saldo" | "/v1/price-list" | "/v1/transaction") {
        return Ok(Reply::json(404, &Data { data: refused("40", "endpoint tidak ditemukan") }).plain_http());
    }
    if incoming.method != Method::POST {
        return Ok(Reply::json(405, &Data { data: refused("40", "hanya POST") }).plain_http());
    }
    if let Some(hook_id) = pinged {
        return ping::ping(world, tx, hook_id, now).await;
    }
    let request = match request::read(incoming) {
        Ok(request) => request,
        Err(why) => return Ok(refuse("40", &why)),
    };
    if let Some(refusal) = check_caller(world, incoming, &request, path) {
        return Ok(refusal);
    }
    match path {
        "/v1/cek-saldo" if request.text("cmd") == Some("deposit") => {
            Ok(Reply::json(200, &Data { data: Deposit { deposit: books::deposit(tx).await? } }))
        }
        "/v1/price-list" => price_list::list(world, tx, &request, now).await,
        "/v1/transaction" => transaction::buy(world, tx, &request, now).await,
        _ => Ok(refuse("40", "cmd tidak dikenal")),
    }
}

/// Username, address and signature, in this order.
fn check_caller(world: &World, incoming: &Incoming, request: &Request, path: &str) -> Option<Reply> {
    let Some((username, sign)) = request.text("username").zip(request.text("sign")) else {
        return Some(refuse("40", "username dan sign wajib diisi"));
    };
    let account = &world.settings.digiflazz_account;
    if username != account.username {
        return Some(refuse("42", ""));
    }
    let callers = &world.settings.digiflazz_callers;
    if !callers.is_empty() && !incoming.peer.is_some_and(|peer| callers.contains(&peer)) {
        return Some(refuse("45", ""));
    }
    let signed = match path {
        "/v1/cek-saldo" => "depo",
        "/v1/price-list" => "pricelist",
        _ => match request.text("ref_id") {
            Some(ref_id) => ref_id,
            None => return Some(refuse("40", "ref_id wajib diisi")),
        },
    };
    let expected = sign_of(&account.username, &account.api_key, signed);
    let right = bool::from(expected.as_bytes().ct_eq(sign.as_bytes()));
    (!right).then(|| refuse("41", ""))
}

/// `sign`: lowercase hex MD5 of the three, concatenated.
fn sign_of(username: &str, api_key: &str, signed: &str) -> String {
    hex::encode(Md5::digest(format!("{username}{api_key}{signed}")))
}

fn refused(rc: &'static str, detail: &str) -> Refused {
    let message = codes::message(rc);
    let message = if detail.is_empty() { message.to_owned() } else { format!("{message}: {detail}") };
    Refused { rc, status: "Gagal", message }
}

fn refuse(rc: &'static str, detail: &str) -> Reply {
    Reply::json(FAILURE_STATUS, &Data { data: refused(rc, detail) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_those_of_the_contract() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/fixtures/digiflazz/signs.json")).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let (username, api_key) = (text(&vectors["username"]), text(&vectors["api_key"]));
        for vector in vectors["signs"].as_array().unwrap() {
            assert_eq!(sign_of(&username, &api_key, &text(&vector["signed"])), text(&vector["sign"]));
        }
    }
}
