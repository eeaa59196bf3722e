//! Digiflazz' answers to a "Cek Username" and our words (`contracts/suppliers.md` §1.3, §1.7): the name is in `sn`.

use crate::{
    NameOutcome, NameTold,
    sources::{object, rupiah, text, unclear},
    validation::{Nickname, Word},
};
use outside::Answer;
use serde_json::Value;

/// "Nomor Tujuan Salah": what a wrong id is answered with (INFERRED there, so it counts only once somebody was found).
const WRONG_NUMBER: &str = "54";
/// Codes of a failure that is final: nothing was bought, and nothing will be (§1.4).
const FINAL: [&str; 27] = [
    "02", "47", "51", "52", "53", "54", "55", "56", "57", "58", "59", "60", "62", "63", "64", "65", "66",
    "67", "68", "69", "71", "72", "73", "80", "81", "84", "87",
];
/// Codes by which one send is turned away: they say nothing about one that was sent before (§1.3, the decision rule).
const TURNED_AWAY: [&str; 9] = ["40", "41", "42", "43", "44", "45", "61", "82", "88"];
/// Taken back, and credited to us.
const REVERSAL: &str = "74";

/// What an answer about this reference means for the account, and for the purchase.
pub(super) fn word(answer: &Answer, reference: &str, is_first: bool) -> (Word, NameTold) {
    let data = match object(answer).map(|mut fields| fields.remove("data")) {
        Ok(Some(Value::Object(data))) => data,
        Ok(_) => return (unclear(answer, "no data"), nothing(None)),
        Err(word) => return (word, nothing(None)),
    };
    let (status, rc) = (text(&data, "status").to_lowercase(), text(&data, "rc"));
    let why = format!("rc {rc}: {}", text(&data, "message"));
    let code = (!rc.is_empty()).then(|| rc.clone());
    let named = text(&data, "ref_id");
    if !named.is_empty() && named != reference {
        return (Word::Unclear { why: "the answer is about something else".into() }, nothing(None));
    }
    let outcome = outcome(&status, &rc, is_first);
    match status.as_str() {
        "sukses" | "success" if named.is_empty() => {
            (Word::Unclear { why: "delivered, and it does not say what".into() }, nothing(code))
        }
        "sukses" | "success" => {
            let outcome = match outcome {
                NameOutcome::Bought(_) => NameOutcome::Bought(rupiah(&data, "price")),
                other => other,
            };
            let nickname = Nickname::clean(&text(&data, "sn"));
            if nickname.is_blank() {
                let why = "delivered, and no name".into();
                // Unless its code leaves open whether it was: then the same question later tells.
                let is_over = outcome != NameOutcome::Unknown;
                return (Word::Unclear { why }, NameTold { outcome, code, is_over });
            }
            (Word::Found { nickname }, NameTold { outcome, code, is_over: false })
        }
        "gagal" | "failed" if rc == WRONG_NUMBER && !named.is_empty() => {
            (Word::NotFound, NameTold { outcome, code, is_over: false })
        }
        "gagal" | "failed" => {
            // Of what may have been bought all the same, the same question later tells.
            let is_over = matches!(outcome, NameOutcome::Refused | NameOutcome::TakenBack);
            (unclear(answer, &why), NameTold { outcome, code, is_over })
        }
        // Undecided: the same question later tells.
        _ => (Word::Unclear { why: format!("not decided yet ({why})") }, nothing(code)),
    }
}

/// It says nothing about the purchase.
pub(super) fn nothing(code: Option<String>) -> NameTold {
    NameTold { outcome: NameOutcome::Unknown, code, is_over: false }
}

/// Whether it was bought, by word and code. What is not understood says nothing.
fn outcome(status: &str, rc: &str, is_first: bool) -> NameOutcome {
    match status {
        "sukses" | "success" if rc == "00" => NameOutcome::Bought(None),
        "gagal" | "failed" if FINAL.contains(&rc) => NameOutcome::Refused,
        "gagal" | "failed" if is_first && TURNED_AWAY.contains(&rc) => NameOutcome::Refused,
        "gagal" | "failed" if rc == REVERSAL => NameOutcome::TakenBack,
        _ => NameOutcome::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_name_is_over_only_when_it_was_bought() {
        for (rc, is_over) in [("00", true), ("03", false), ("", false)] {
            let body = format!(
                r#"{{"data":{{"ref_id":"CEK-1","status":"Sukses","rc":"{rc}","sn":"","price":80}}}}"#
            );
            let answer =
                Answer { status: 200, retry_after: None, headers: Vec::new(), body: body.into_bytes() };
            let (word, told) = word(&answer, "CEK-1", true);
            assert!(matches!(word, Word::Unclear { .. }), "{word:?}");
            assert_eq!(told.is_over, is_over, "rc {rc:?}");
        }
    }

    #[test]
    fn only_what_is_final_says_that_nothing_was_bought() {
        for (status, rc, first, again) in [
            ("sukses", "00", NameOutcome::Bought(None), NameOutcome::Bought(None)),
            ("sukses", "03", NameOutcome::Unknown, NameOutcome::Unknown),
            ("gagal", "54", NameOutcome::Refused, NameOutcome::Refused),
            ("gagal", "69", NameOutcome::Refused, NameOutcome::Refused),
            ("gagal", "44", NameOutcome::Refused, NameOutcome::Unknown),
            ("gagal", "01", NameOutcome::Unknown, NameOutcome::Unknown),
            ("gagal", "49", NameOutcome::Unknown, NameOutcome::Unknown),
            ("gagal", "85", NameOutcome::Unknown, NameOutcome::Unknown),
            ("gagal", "77", NameOutcome::Unknown, NameOutcome::Unknown),
            ("gagal", "", NameOutcome::Unknown, NameOutcome::Unknown),
            ("gagal", "74", NameOutcome::TakenBack, NameOutcome::TakenBack),
            ("pending", "", NameOutcome::Unknown, NameOutcome::Unknown),
            ("pending", "02", NameOutcome::Unknown, NameOutcome::Unknown),
        ] {
            assert_eq!(
                (outcome(status, rc, true), outcome(status, rc, false)),
                (first, again),
                "{status} {rc}"
            );
        }
    }
}
