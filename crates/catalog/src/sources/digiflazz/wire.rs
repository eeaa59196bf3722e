//! Digiflazz' answers to a "Cek Username" and our words (`contracts/suppliers.md` §1.3, §1.7): the name is in `sn`.

use crate::{
    sources::{object, text, unclear},
    validation::{Nickname, Word},
};
use outside::Answer;
use serde_json::Value;

/// "Nomor Tujuan Salah": what a wrong id is answered with (INFERRED there, so it counts only once somebody was found).
const WRONG_NUMBER: &str = "54";
/// Codes of a question that came too soon: the purchase that was asked about stands as it stood.
const TOO_SOON: [&str; 2] = ["83", "85"];

/// What an answer about this reference means, and whether the purchase is over without having said anything.
pub(super) fn word(answer: &Answer, reference: &str) -> (Word, bool) {
    let data = match object(answer).map(|mut fields| fields.remove("data")) {
        Ok(Some(Value::Object(data))) => data,
        Ok(_) => return (unclear(answer, "no data"), false),
        Err(word) => return (word, false),
    };
    let (status, rc) = (text(&data, "status").to_lowercase(), text(&data, "rc"));
    let why = format!("rc {rc}: {}", text(&data, "message"));
    let named = text(&data, "ref_id");
    if !named.is_empty() && named != reference {
        return (Word::Unclear { why: "the answer is about something else".into() }, false);
    }
    match status.as_str() {
        "sukses" | "success" => {
            let nickname = Nickname::clean(&text(&data, "sn"));
            if nickname.is_blank() || named.is_empty() {
                return (Word::Unclear { why: "delivered, and no name".into() }, true);
            }
            (Word::Found { nickname }, false)
        }
        "gagal" if rc == WRONG_NUMBER && !named.is_empty() => (Word::NotFound, false),
        "gagal" => (unclear(answer, &why), !TOO_SOON.contains(&rc.as_str())),
        // Undecided: the same question later tells.
        _ => (Word::Unclear { why: format!("not decided yet ({why})") }, false),
    }
}
