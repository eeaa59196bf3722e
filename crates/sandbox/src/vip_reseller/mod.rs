//! The simulated VIP Reseller, as a source of account names (contracts/suppliers §2.1): `/api/profile`
//! and `/api/game-feature` with `type=get-nickname`. It takes no orders yet.

mod form;

use crate::{
    accounts::{self, Found, Game},
    exchange::{Incoming, Reply},
    settings::{VIP_RESELLER_API_ID, VIP_RESELLER_API_KEY},
};
use axum::http::Method;
use form::Form;
use md5::{Digest, Md5};
use serde::Serialize;
use subtle::ConstantTimeEq;

/// What is on the shop's account, in whole rupiah: more than the 100 000 without which
/// `mobile-legends-region` is not answered.
const BALANCE: i64 = 1_000_000;

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
pub(crate) async fn answer(incoming: &Incoming) -> Reply {
    let path = incoming.path.trim_end_matches('/');
    if !matches!(path, "/api/game-feature" | "/api/profile") {
        return refuse(404, "Halaman tidak tersedia.").plain_http();
    }
    if incoming.method != Method::POST {
        return refuse(405, "Hanya metode POST yang diizinkan.").plain_http();
    }
    let form = match form::read(incoming).await {
        Ok(form) => form,
        Err(why) => return refuse(400, &why),
    };
    if let Some(refusal) = check_caller(&form) {
        return refusal;
    }
    if path == "/api/profile" {
        return success(profile(), None, "Detail akun berhasil didapatkan.");
    }
    match form.text("type") {
        Some("get-nickname") => nickname(&form),
        Some(other @ ("order" | "status" | "services" | "service-stock")) => {
            refuse(400, &format!("Simulator ini belum melayani type `{other}`."))
        }
        Some(_) => refuse(400, "Permintaan tidak sesuai: type tidak dikenal."),
        None => refuse(400, "Permintaan tidak sesuai: type wajib diisi."),
    }
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

fn nickname(form: &Form) -> Reply {
    let Some(code) = form.text("code") else {
        return refuse(400, "Permintaan tidak sesuai: code wajib diisi.");
    };
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

fn profile() -> Profile {
    Profile {
        full_name: "Loket Sandbox",
        username: VIP_RESELLER_API_ID,
        balance: BALANCE,
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
