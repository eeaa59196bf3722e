//! A game account: an id, and a zone or server where the game has one. Ids stay strings.

use std::fmt;

/// A game account whose parts are clean text. Whether they fit the game is the catalog's rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    user_id: String,
    server_id: Option<String>,
}

/// Why a text is no account id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// Nothing was given.
    #[error("the account id is empty")]
    Empty,
    /// Longer than 64 characters.
    #[error("the account id is longer than 64 characters")]
    TooLong,
    /// Control characters.
    #[error("the account id contains characters that cannot be part of one")]
    Unreadable,
}

impl Account {
    /// An account from parts that are already normalised.
    pub fn new(user_id: &str, server_id: Option<&str>) -> Result<Self, AccountError> {
        let check = |part: &str| match part {
            "" => Err(AccountError::Empty),
            long if long.chars().count() > 64 => Err(AccountError::TooLong),
            odd if odd.chars().any(char::is_control) => Err(AccountError::Unreadable),
            fine => Ok(fine.to_owned()),
        };
        Ok(Account { user_id: check(user_id)?, server_id: server_id.map(check).transpose()? })
    }

    /// The player's id.
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The zone or server, where the game has one.
    pub fn server_id(&self) -> Option<&str> {
        self.server_id.as_deref()
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.server_id {
            Some(server) => write!(f, "{} ({server})", self.user_id),
            None => f.write_str(&self.user_id),
        }
    }
}
