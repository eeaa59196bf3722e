//! The simulated VIP Reseller (contracts/suppliers §2.1): `/api/profile` and `/api/game-feature`, as a source of
//! account names and as a supplier.

mod form;
mod orders;
mod shelf;

pub(crate) use orders::notify;
pub(crate) use shelf::{Change, change as change_listing};

use crate::{
    accounts::{self, Found, Game},
    exchange::{Incoming, Reply},
    goods,
    settings::{VIP_RESELLER_API_ID, VIP_RESELLER_API_KEY},
    worker,
    world::{Target, World},
};
use axum::http::Method;
use database::{Error, ReadTx, WriteTx};
use form::Form;
use md5::{Digest, Md5};
use serde::Serialize;
use subtle::ConstantTimeEq;
use vocabulary::Timestamp;

/// What has to be on the shop's account before `mobile-legends-region` is answered, in whole rupiah.
const REGION_BALANCE: i64 = 100_000;

/// Every answer, whether it is a success or not.
#[derive(Serialize)]
struct Envelope<T> {
    result: bool,
    data: Option<T>,
    /// Where the country stands in the answer is not documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<&'static str>,
    message: String,
}

#[derive(Serialize)]
struct Profile {
    full_name: &'static str,
    username: &'static str,
    balance: i64,
    point: i64,
    level: &'static str,
    registered: &'static str,
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
    if !matches!(path, "/api/game-feature" | "/api/profile") {
        return Ok(refuse(404, "Halaman tidak tersedia.").plain_http());
    }
    if incoming.method != Method::POST {
        return Ok(refuse(405, "Hanya metode POST yang diizinkan.").plain_http());
    }
    let form = match form::read(incoming).await {
        Ok(form) => form,
        Err(why) => return Ok(refuse(400, &why)),
    };
    if let Some(refusal) = check_caller(&form) {
        return Ok(refusal);
    }
    let balance = goods::deposit(tx, Target::VipReseller).await?;
    if path == "/api/profile" {
        return Ok(success(profile(balance), None, "Detail akun berhasil didapatkan."));
    }
    match form.text("type") {
        Some("get-nickname") => Ok(nickname(&form, balance)),
        Some("order") => orders::order(world, tx, &form, now).await,
        Some("status") => orders::status(world, tx, &form).await,
        Some("services") => orders::services(world, tx, &form).await,
        Some("service-stock") => orders::stock(world, tx, &form).await,
        Some(_) => Ok(refuse(400, "Permintaan tidak sesuai: type tidak dikenal.")),
        None => Ok(refuse(400, "Permintaan tidak sesuai: type wajib diisi.")),
    }
}

/// What a fault can be limited to: `order`, `status` and `service-stock`, else the last word of the path.
pub(crate) fn operation(incoming: &Incoming) -> &str {
    let asked = form_urlencoded::parse(&incoming.body).find(|(name, _)| name == "type").map(|(_, kind)| kind);
    match asked.as_deref() {
        Some("order") => "order",
        Some("status") => "status",
        Some("service-stock") => "service-stock",
        _ => incoming.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default(),
    }
}

/// For whom the order is that a request asks about by its number.
pub(crate) async fn about(tx: &mut ReadTx, incoming: &Incoming) -> Result<Option<String>, Error> {
    let asked = form_urlencoded::parse(&incoming.body).find(|(name, _)| name == "trxid").map(|(_, id)| id);
    let Some(id) = asked else { return Ok(None) };
    Ok(goods::by_id(tx, Target::VipReseller, &id).await?.map(|order| order.account))
}

/// `key` and `sign`, in this order. The sign is the same for every call.
fn check_caller(form: &Form) -> Option<Reply> {
    let Some((key, sign)) = form.text("key").zip(form.text("sign")) else {
        return Some(refuse(401, "Permintaan tidak sesuai: key dan sign wajib diisi."));
    };
    let same = |given: &str, right: &str| bool::from(given.as_bytes().ct_eq(right.as_bytes()));
    if !same(key, VIP_RESELLER_API_KEY) {
        return Some(refuse(401, "API Key tidak valid."));
    }
    let expected = sign_of(VIP_RESELLER_API_ID, VIP_RESELLER_API_KEY);
    (!same(sign, &expected)).then(|| refuse(401, "Sign tidak valid."))
}

/// `sign`: lowercase hex MD5 of API id and API key, concatenated.
fn sign_of(api_id: &str, api_key: &str) -> String {
    hex::encode(Md5::digest(format!("{api_id}{api_key}")))
}

fn nickname(form: &Form, balance: i64) -> Reply {
    let Some(code) = form.text("code") else {
        return refuse(400, "Permintaan tidak sesuai: code wajib diisi.");
    };
    if code == "mobile-legends-region" && balance < REGION_BALANCE {
        return refuse(400, "Saldo minimal Rp 100.000 untuk layanan ini.");
    }
    let Some(game) = game_of(code) else {
        return refuse(400, "Code game tidak dikenal.");
    };
    let Some(target) = form.text("target") else {
        return refuse(400, "Permintaan tidak sesuai: target wajib diisi.");
    };
    let server = match form.text("additional_target") {
        Some(server) => server,
        None if accounts::needs_server(game) => {
            return refuse(400, "Permintaan tidak sesuai: additional_target wajib diisi.");
        }
        None => "",
    };
    match accounts::look_up(game, target, server) {
        Found::Account { nickname, country, after } => {
            let country = (code == "mobile-legends-region").then_some(country);
            let mut reply = success(nickname, country, "Success.");
            reply.hold = after;
            reply
        }
        Found::Nobody => refuse(400, "ID tujuan tidak ditemukan."),
        Found::Unavailable => Reply::html(503, "<h1>503 Service Temporarily Unavailable</h1>"),
    }
}

/// The games of the supplier's list; the last four are reported by users only.
fn game_of(code: &str) -> Option<Game> {
    Some(match code {
        "mobile-legends" | "mobile-legends-region" => Game::MobileLegends,
        "free-fire" => Game::FreeFire,
        "pubgm" => Game::PubgMobile,
        "valorant" => Game::Valorant,
        "genshin-impact" => Game::Genshin,
        "honkai-star-rail" => Game::StarRail,
        "pointblank" => Game::PointBlank,
        "free-fire-max" => Game::FreeFire,
        "call-of-duty-mobile" => Game::CallOfDuty,
        "league-of-legends-wild-rift" => Game::WildRift,
        "arena-of-valor" => Game::ArenaOfValor,
        _ => return None,
    })
}

fn profile(balance: i64) -> Profile {
    Profile {
        full_name: "Loket Sandbox",
        username: VIP_RESELLER_API_ID,
        balance,
        point: 0,
        level: "Basic",
        registered: "2026-01-01 00:00:00",
    }
}

fn success<T: Serialize>(data: T, country: Option<&'static str>, message: &str) -> Reply {
    Reply::json(200, &Envelope { result: true, data: Some(data), country, message: message.into() })
}

fn refuse(status: u16, message: &str) -> Reply {
    Reply::json(status, &Envelope::<()> { result: false, data: None, country: None, message: message.into() })
}
