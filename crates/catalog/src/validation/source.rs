//! A party that can be asked for the name behind an account.

use super::Nickname;
use crate::account::Game;
use outside::Pending;
use std::time::Duration;
use vocabulary::Account;

/// A source of nicknames. An implementation is a folder in `sources/`.
pub trait NicknameSource: Send + Sync {
    /// Its name, in logs and metrics (`vip_reseller`).
    fn name(&self) -> &'static str;

    /// Whether it can be asked about accounts of this game.
    fn knows(&self, game: Game) -> bool;

    /// Asks about an account of a game that it knows. Whatever goes wrong is a word, too.
    fn look_up<'a>(&'a self, game: Game, account: &'a Account, within: Duration) -> Pending<'a, Word>;
}

/// What a source says. There is no default that looks like an answer: what is not understood is
/// [`Word::Unclear`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// The account exists.
    Found {
        /// Its owner's name.
        nickname: Nickname,
    },
    /// There is no such account, in words that can mean nothing else.
    NotFound,
    /// It exists in a region that the shop's products are not for.
    OtherRegion,
    /// The source is there, and what it says proves nothing: a refusal of us, an unknown message.
    Unclear {
        /// For staff. May hold what the source wrote.
        why: String,
    },
    /// The source did not answer, or with something broken.
    Down {
        /// For staff.
        why: String,
    },
}

impl Word {
    /// One word for metrics.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Word::Found { .. } => "found",
            Word::NotFound => "not_found",
            Word::OtherRegion => "other_region",
            Word::Unclear { .. } => "unclear",
            Word::Down { .. } => "down",
        }
    }
}
