//! The games of HoYoverse: the first digits of a UID tell its server, so the server is read from it
//! (`contracts/suppliers.md` §3.2). Honkai Impact 3rd is not here: its UIDs tell no server.

use super::{AccountField, AccountProblem, clean::digits};

/// Genshin Impact: nine digits, ten on the newer Asian numbers.
pub(super) fn genshin(user: &str, server: Option<&str>) -> Result<(String, Option<String>), AccountProblem> {
    read(user, server, (9, 10), |region| match region {
        "6" => Ok("os_usa"),
        "7" => Ok("os_euro"),
        "8" | "18" => Ok("os_asia"),
        "9" => Ok("os_cht"),
        other => Err(elsewhere(other)),
    })
}

/// Honkai: Star Rail: nine digits. That there are ten-digit numbers here too is not verified.
pub(super) fn star_rail(
    user: &str,
    server: Option<&str>,
) -> Result<(String, Option<String>), AccountProblem> {
    read(user, server, (9, 9), |region| match region {
        "6" => Ok("prod_official_usa"),
        "7" => Ok("prod_official_eur"),
        "8" => Ok("prod_official_asia"),
        "9" => Ok("prod_official_cht"),
        other => Err(elsewhere(other)),
    })
}

/// Zenless Zone Zero: ten digits; the UIDs of China have eight.
pub(super) fn zenless(user: &str, server: Option<&str>) -> Result<(String, Option<String>), AccountProblem> {
    if digits(AccountField::UserId, pasted(user).0, 8, 8).is_ok() {
        return Err(AccountProblem::ChinaServer);
    }
    read(user, server, (10, 10), |region| match region {
        "10" => Ok("prod_gf_us"),
        "13" => Ok("prod_gf_jp"),
        "15" => Ok("prod_gf_eu"),
        "17" => Ok("prod_gf_sg"),
        _ => Err(AccountProblem::NoSuchServer),
    })
}

fn read(
    user: &str,
    server: Option<&str>,
    (min, max): (usize, usize),
    server_of: impl Fn(&str) -> Result<&'static str, AccountProblem>,
) -> Result<(String, Option<String>), AccountProblem> {
    let (uid, along) = pasted(user);
    let uid = digits(AccountField::UserId, uid, min, max)?;
    let region = uid.split_at_checked(uid.len().saturating_sub(8)).map_or("", |(region, _)| region);
    let derived = server_of(region)?;
    for given in [along, server].into_iter().flatten().map(spelled) {
        if Some(given) != place(derived) {
            return Err(AccountProblem::OtherServer { expected: derived });
        }
    }
    Ok((uid, Some(derived.to_owned())))
}

/// The UID, and the server if it was pasted along in brackets.
fn pasted(user: &str) -> (&str, Option<&str>) {
    match user.split_once('(') {
        Some((uid, server)) => (uid, Some(server.trim_end().strip_suffix(')').unwrap_or(server))),
        None => (user, None),
    }
}

/// Why a UID with other first digits is refused. The same maker numbers its servers in China alike.
fn elsewhere(region: &str) -> AccountProblem {
    match region {
        "1" | "2" | "3" | "5" => AccountProblem::ChinaServer,
        _ => AccountProblem::NoSuchServer,
    }
}

/// Where people play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    America,
    Europe,
    Asia,
    TaiwanHongKongMacao,
    Nowhere,
}

/// Where a server of ours stands.
fn place(server: &str) -> Option<Place> {
    Some(match server {
        "os_usa" | "prod_official_usa" | "prod_gf_us" => Place::America,
        "os_euro" | "prod_official_eur" | "prod_gf_eu" => Place::Europe,
        "os_asia" | "prod_official_asia" | "prod_gf_jp" => Place::Asia,
        "os_cht" | "prod_official_cht" | "prod_gf_sg" => Place::TaiwanHongKongMacao,
        _ => return None,
    })
}

/// The place that people mean, for the ways in which they and the maker name it.
fn spelled(text: &str) -> Place {
    let plain: String = text.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    let plain = plain.to_ascii_lowercase();
    let bare = ["prodofficial", "prodgf", "os"].iter().find_map(|prefix| plain.strip_prefix(prefix));
    match bare.unwrap_or(&plain) {
        "usa" | "us" | "america" | "amerika" | "na" => Place::America,
        "euro" | "eur" | "europe" | "eropa" | "eu" => Place::Europe,
        "asia" | "jp" => Place::Asia,
        "cht" | "twhkmo" | "tw" | "sar" | "sg" => Place::TaiwanHongKongMacao,
        _ => Place::Nowhere,
    }
}
