//! What a check found, in the buyer's words; and what of it may stand in a log.

use super::{Refusal, Silence, Validation};
use std::fmt;
use vocabulary::{Account, Locale, mask_tail};

/// An account for logs: only the end of its id is readable, and nothing of a name.
#[derive(Clone, Copy)]
pub struct MaskedAccount<'a>(pub &'a Account);

impl fmt::Display for MaskedAccount<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask_tail(self.0.user_id(), 4))?;
        if self.0.server_id().is_some() { f.write_str(" (***)") } else { Ok(()) }
    }
}

/// A message of an outside party for a log: one line, short, and numbers as long as an id masked,
/// because parties repeat what they were asked.
pub fn mask_message(text: &str) -> String {
    let mut masked = String::new();
    let mut digits = 0;
    for c in text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }) {
        digits = if c.is_ascii_digit() { digits + 1 } else { 0 };
        masked.push(if digits > 3 { '*' } else { c });
    }
    masked
}

impl Validation {
    /// What was found and what to do, for the buyer. Holds no name: that is shown beside it.
    pub fn message(&self, locale: Locale) -> String {
        let (indonesian, english) = match self {
            Validation::Valid { nickname } if nickname.is_blank() => (
                "Akun ditemukan, tetapi nama pemainnya tidak terbaca. Cocokkan lagi ID-nya.",
                "The account exists, but its name cannot be shown. Compare the id once more.",
            ),
            Validation::Valid { .. } => (
                "Akun ditemukan. Pastikan nama pemainnya benar.",
                "The account exists. Make sure that the name is the right one.",
            ),
            Validation::Invalid { reason: Refusal::Format(problem) } => return problem.message(locale),
            Validation::Invalid { reason: Refusal::NotFound } => (
                "Akun dengan ID ini tidak ditemukan. Periksa lagi ID-nya di profil game.",
                "There is no account with this id. Check it in your profile in the game.",
            ),
            Validation::Invalid { reason: Refusal::OtherRegion } => (
                "Akun ini ada, tetapi bukan di region Indonesia, jadi tidak bisa diisi di sini.",
                "This account exists in another region than Indonesia and cannot be topped up here.",
            ),
            Validation::Unavailable { reason: Silence::NoSource } => (
                "Format ID benar. Keberadaan akun game ini tidak bisa dicek otomatis: pastikan lagi ID-nya sebelum membeli.",
                "The format of the id is fine. Accounts of this game cannot be checked automatically: make sure of it before buying.",
            ),
            Validation::Unavailable { reason: Silence::NoAnswer } => (
                "Format ID benar. Pengecekan akun sedang tidak menjawab: coba lagi nanti, atau pastikan sendiri ID-nya sebelum membeli.",
                "The format of the id is fine. Whether the account exists could not be checked right now: try again later, or make sure of it before buying.",
            ),
        };
        locale.pick(indonesian, english).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_show_the_end_of_an_id_and_no_number_that_a_message_repeats() {
        let account = Account::new("1114917746", Some("13486")).unwrap();
        assert_eq!(MaskedAccount(&account).to_string(), "******7746 (***)");
        assert_eq!(
            mask_message("User 1114917746 (13486)\nnot found, rc 404"),
            "User 111******* (134**) not found, rc 404"
        );
        assert!(mask_message(&"x".repeat(1_000)).len() <= 200);
    }
}
