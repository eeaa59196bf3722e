//! VIP Reseller's JSON and our words (`contracts/suppliers.md` §2.1).

use crate::{
    sources::{object, rupiah, text, truth, unclear},
    validation::{Nickname, Word},
};
use outside::Answer;
use serde_json::{Map, Value};
use vocabulary::Rupiah;

/// `{"result":true,"data":"Itacimo","message":"Success."}`; errors have `result: false`.
pub(super) fn word(answer: &Answer) -> Word {
    let fields = match object(answer) {
        Ok(fields) => fields,
        Err(word) => return word,
    };
    let message = text(&fields, "message");
    let name = name(&fields);
    match (truth(&fields, "result"), name.is_empty()) {
        (Some(true), false) => Word::Found { nickname: Nickname::clean(&name) },
        (Some(false), true) if nobody(&message) && answer.status < 500 => Word::NotFound,
        _ => unclear(answer, &message),
    }
}

/// The name: a text, or an object with one in it, as the variant with the region has.
fn name(fields: &Map<String, Value>) -> String {
    match fields.get("data") {
        Some(Value::Object(data)) => {
            let names = ["nickname", "username", "name"].map(|field| text(data, field));
            names.into_iter().find(|name| !name.is_empty()).unwrap_or_default()
        }
        _ => text(fields, "data"),
    }
}

/// Whether a message can mean nothing but that there is no such account. Their words are not
/// documented, so a sentence counts only when all of it says so: *ID tujuan tidak ditemukan* does,
/// *Kode game tidak ditemukan* (a game that they do not have) and *Saldo tidak cukup* do not.
fn nobody(message: &str) -> bool {
    const SUBJECTS: [&str; 9] =
        ["id", "user", "userid", "player", "pemain", "akun", "account", "nickname", "username"];
    const BESIDE: [&str; 4] = ["tujuan", "game", "target", "zone"];
    let plain = message.to_lowercase();
    let plain = plain.trim_end_matches(['.', '!', ' ']);
    let Some(subject) = ["tidak ditemukan", "not found"].iter().find_map(|end| plain.strip_suffix(end))
    else {
        return false;
    };
    let mut words = subject.split_whitespace().peekable();
    let first = words.peek().is_some_and(|word| SUBJECTS.contains(word));
    first && words.all(|word| SUBJECTS.contains(&word) || BESIDE.contains(&word))
}

/// Our deposit, or their message instead.
pub(super) fn balance(answer: &Answer) -> Result<Rupiah, String> {
    let fields = object(answer).map_err(|_| format!("HTTP {} without readable JSON", answer.status))?;
    let balance = match fields.get("data") {
        Some(Value::Object(data)) => rupiah(data, "balance"),
        _ => None,
    };
    balance.ok_or_else(|| format!("HTTP {}: {}", answer.status, text(&fields, "message")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sentence_that_can_mean_nothing_else_says_that_there_is_no_account() {
        for message in [
            "ID tujuan tidak ditemukan.",
            "User ID tidak ditemukan",
            "Akun tidak ditemukan!",
            "Player not found.",
            "user not found",
            "Nickname tidak ditemukan.",
            "Akun game tidak ditemukan",
        ] {
            assert!(nobody(message), "{message}");
        }
        for message in [
            "",
            "Kode game tidak ditemukan.",
            "Game tidak ditemukan",
            "Layanan tidak ditemukan.",
            "tidak ditemukan",
            "API ID or key tidak ditemukan",
            "Target tidak ditemukan dalam sistem, coba lagi",
            "Saldo tidak cukup.",
            "Success.",
            "Account not found because of maintenance",
        ] {
            assert!(!nobody(message), "{message}");
        }
    }
}
