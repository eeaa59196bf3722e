//! The checkout's JSON and our words (`contracts/suppliers.md` §3.1).

use crate::{
    account::Game,
    sources::{object, text, truth, unclear},
    validation::{Nickname, Word},
};
use outside::Answer;
use serde_json::{Map, Value};

/// `{success, errorCode, errorMsg, confirmationFields: {username | roles: [{role, server}]}, …}`.
pub(super) fn word(game: Game, answer: &Answer) -> Word {
    let fields = match object(answer) {
        Ok(fields) => fields,
        Err(word) => return word,
    };
    let name = name(&fields);
    if !name.is_empty() && truth(&fields, "success") != Some(false) {
        return Word::Found { nickname: Nickname::clean(&decode(&name)) };
    }
    let code = text(&fields, "errorCode");
    match (code.as_str(), game) {
        // A zone that the player is not in (§3.1, §6 row 9): only games with zones have that.
        ("-101", Game::MobileLegends | Game::MagicChess) => Word::NotFound,
        ("-200", Game::Valorant) => Word::OtherRegion,
        _ => unclear(answer, &format!("error {code} {}", text(&fields, "errorMsg"))),
    }
}

fn name(fields: &Map<String, Value>) -> String {
    let Some(Value::Object(confirmation)) = fields.get("confirmationFields") else { return String::new() };
    let role = || match confirmation.get("roles")?.get(0)? {
        Value::Object(role) => Some(text(role, "role")),
        _ => None,
    };
    Some(text(confirmation, "username")).filter(|name| !name.is_empty()).or_else(role).unwrap_or_default()
}

/// A name as it comes in a query: `+` for a space, percent signs for the rest. One that is not encoded
/// so stays as it is, because some come plain.
fn decode(name: &str) -> String {
    let spaced = name.replace('+', " ");
    match percent_encoding::percent_decode_str(&spaced).decode_utf8() {
        Ok(decoded) => decoded.into_owned(),
        Err(_) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_decoded_when_it_is_encoded_and_left_alone_when_it_is_not() {
        for (sent, expected) in [
            ("Budi+Santoso", "Budi Santoso"),
            ("%E6%97%A5%E6%9C%AC", "日本"),
            ("100%", "100%"),
            ("%ff+x", "%ff+x"),
            ("日本", "日本"),
            ("a%2Bb", "a+b"),
        ] {
            assert_eq!(decode(sent), expected, "{sent}");
        }
    }
}
