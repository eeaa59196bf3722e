//! Genshin Impact: a UID of nine digits (ten on the newer Asian numbers) whose first digits tell the
//! server.

use super::{AccountField, AccountProblem, clean::digits};

pub(super) fn parse(user: &str, server: Option<&str>) -> Result<(String, Option<String>), AccountProblem> {
    let uid = digits(AccountField::UserId, user, 9, 10)?;
    let region = uid.split_at_checked(uid.len().saturating_sub(8)).map_or("", |(region, _)| region);
    let derived = match region {
        "6" => "os_usa",
        "7" => "os_euro",
        "8" | "18" => "os_asia",
        "9" => "os_cht",
        "1" | "2" | "3" | "5" => return Err(AccountProblem::ChinaServer),
        _ => return Err(AccountProblem::NoSuchServer),
    };
    match server.map(spelled) {
        Some(given) if given != derived => Err(AccountProblem::OtherServer { expected: derived }),
        _ => Ok((uid, Some(derived.to_owned()))),
    }
}

/// The server as the game's maker names it, for the ways in which people name it.
fn spelled(text: &str) -> &'static str {
    let plain: String = text.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    match plain.to_ascii_lowercase().as_str() {
        "osusa" | "usa" | "us" | "america" | "amerika" | "na" => "os_usa",
        "oseuro" | "euro" | "europe" | "eropa" | "eu" => "os_euro",
        "osasia" | "asia" => "os_asia",
        "oscht" | "cht" | "twhkmo" | "tw" | "sar" => "os_cht",
        _ => "",
    }
}
