//! A shop with its desk on Discord: everything that answering an interaction needs.

use crate::signature::{PublicKey, PublicKeyError};
use orders::Shop;

/// The desk. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// The shop behind it.
    pub shop: Shop,
    /// The application on Discord.
    pub settings: Settings,
}

/// An application on Discord, from its General Information page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Verifies what comes in.
    pub public_key: PublicKey,
    /// The id of the application, digits.
    pub application_id: String,
}

/// Why an application cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The public key.
    #[error(transparent)]
    Key(#[from] PublicKeyError),
    /// The id.
    #[error("the id of the application is a number of up to 20 digits, from its General Information page")]
    Application,
}

impl Settings {
    /// Reads the public key (64 hexadecimal digits) and the id of an application.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(public_key: &str, application_id: &str) -> Result<Self, SettingsError> {
        let id = application_id.trim();
        if id.is_empty() || id.len() > 20 || !id.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SettingsError::Application);
        }
        Ok(Settings { public_key: PublicKey::from_hex(public_key)?, application_id: id.to_owned() })
    }
}
