//! Account ids: the format of each game, checked before anybody is asked whether the account
//! exists. Ids stay strings; what people paste is cleaned first (see `account/clean.rs`).
//!
//! The lengths for Mobile Legends, Free Fire and PUBG Mobile are what the community observes: no
//! official source states them. Genshin's servers follow the digits before the last eight of the
//! UID; Valorant's Riot ID follows Riot's own rule.

mod clean;
mod genshin;
mod mobile_legends;
mod problem;
mod valorant;

use clean::{digits, normal, tidy};
use vocabulary::{Account, CategoryCode};

pub use problem::{AccountField, AccountProblem};

/// What a game's accounts have besides the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerRule {
    /// A zone that the buyer must give.
    Required,
    /// A server that is read from the id; given, it must be the same.
    Derived,
    /// Nothing.
    None,
    /// The shop knows no rule for this game.
    Optional,
}

/// The form of the accounts of a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    MobileLegends,
    Genshin,
    Valorant,
    /// An id of digits and nothing else.
    Digits {
        min: usize,
        max: usize,
    },
    /// No rule is known.
    Any,
}

/// What the accounts of a game have besides the id.
pub fn server_rule(category: &CategoryCode) -> ServerRule {
    match form(category) {
        Form::MobileLegends => ServerRule::Required,
        Form::Genshin => ServerRule::Derived,
        Form::Valorant | Form::Digits { .. } => ServerRule::None,
        Form::Any => ServerRule::Optional,
    }
}

/// Reads an account of a game from what a person typed or pasted. A server that is empty counts as
/// not given.
///
/// # Errors
/// What is wrong with it, with a message for the buyer.
pub fn parse(
    category: &CategoryCode,
    user_id: &str,
    server_id: Option<&str>,
) -> Result<Account, AccountProblem> {
    let user = tidy(AccountField::UserId, user_id)?;
    let server = server_id.map(|server| tidy(AccountField::ServerId, server)).transpose()?;
    let server = server.as_deref().filter(|server| !server.is_empty());
    if user.is_empty() {
        return Err(AccountProblem::Empty);
    }
    let (user, server) = match form(category) {
        Form::MobileLegends => mobile_legends::parse(&normal(&user), server.map(normal).as_deref())?,
        Form::Genshin => genshin::parse(&normal(&user), server.map(normal).as_deref())?,
        Form::Valorant => (valorant::parse(&user, server)?, None),
        Form::Digits { min, max } => {
            no_server(server)?;
            (digits(AccountField::UserId, &normal(&user), min, max)?, None)
        }
        Form::Any => (user, server.map(str::to_owned)),
    };
    Account::new(&user, server.as_deref()).map_err(AccountProblem::from)
}

fn form(category: &CategoryCode) -> Form {
    match category.as_str() {
        "ML" => Form::MobileLegends,
        "FF" | "PUBG" => Form::Digits { min: 8, max: 12 },
        "GENSHIN" => Form::Genshin,
        "VALORANT" => Form::Valorant,
        _ => Form::Any,
    }
}

fn no_server(server: Option<&str>) -> Result<(), AccountProblem> {
    if server.is_some() { Err(AccountProblem::ServerNotUsed) } else { Ok(()) }
}
