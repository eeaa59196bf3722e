//! What is shown on Discord: cards of components, forms, and the words in them, Indonesian and English.

pub(crate) mod account;
pub(crate) mod catalogue;
mod closing;
pub(crate) mod deposit;
pub(crate) mod help;
pub(crate) mod history;
pub(crate) mod order;
mod parts;
pub(crate) mod pay;
mod text;
mod told;

pub(crate) use parts::{
    Button, Card, Choice, FIRST_QR, Field, Modal, PER_SELECT, QR_FILE, Style, button, link,
};
pub(crate) use text::{cut, escape};

use security::Vault;
use vocabulary::Locale;

/// For whom something is shown.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    /// Makes the ids of buttons.
    pub(crate) vault: &'a Vault,
    /// The user's id.
    pub(crate) user: &'a str,
    /// The user's language.
    pub(crate) locale: Locale,
}

impl Reader<'_> {
    /// The text of the reader's language.
    pub(crate) fn pick<'t>(&self, indonesian: &'t str, english: &'t str) -> &'t str {
        self.locale.pick(indonesian, english)
    }

    /// The id of a button for this reader.
    pub(crate) fn id(&self, press: &crate::Press) -> String {
        press.encode(self.vault, self.user)
    }
}
