//! Account ids: the format of each game, checked before anybody is asked whether the account
//! exists. Ids stay strings; what people paste is cleaned first (see `account/clean.rs`).
//!
//! The rules are those of `contracts/suppliers.md` §3.2. Most lengths are what the community observes:
//! no official source states them. The servers of HoYoverse's games follow the first digits of the
//! UID; Valorant's Riot ID follows Riot's own rule.

mod clean;
mod game;
mod hoyoverse;
mod mobile_legends;
mod problem;
mod username;
mod valorant;

use clean::{digits, joined, normal, tidy};
use vocabulary::{Account, CategoryCode};

pub(crate) use clean::takes_no_room;
pub use game::Game;
pub use problem::{AccountField, AccountProblem};

/// The fewest digits that an id has in any game, and a zone (§3.2, community reports included).
const SHORTEST_ID: usize = 5;
const SHORTEST_ZONE: usize = 3;

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

/// What the accounts of a game have besides the id.
pub fn server_rule(category: &CategoryCode) -> ServerRule {
    match Game::of(category) {
        Some(Game::MobileLegends | Game::MagicChess) => ServerRule::Required,
        Some(Game::Genshin | Game::StarRail | Game::ZenlessZoneZero) => ServerRule::Derived,
        Some(_) => ServerRule::None,
        None => ServerRule::Optional,
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
    let (user, server) = match Game::of(category) {
        Some(game) => of_game(game, &user, server)?,
        None => of_any_game(&user, server)?,
    };
    Account::new(&user, server.as_deref()).map_err(AccountProblem::from)
}

/// Reads an account by the rule of its game.
fn of_game(
    game: Game,
    tidy_user: &str,
    tidy_server: Option<&str>,
) -> Result<(String, Option<String>), AccountProblem> {
    let (user, server) = (normal(tidy_user), tidy_server.map(normal));
    let (user, server) = (user.trim(), server.as_deref());
    let of_digits = |min, max| {
        no_server(server)?;
        Ok((digits(AccountField::UserId, user, min, max)?, None))
    };
    match game {
        Game::MobileLegends => mobile_legends::parse(user, server, (6, 12)),
        Game::MagicChess => mobile_legends::parse(user, server, (5, 12)),
        Game::Genshin => hoyoverse::genshin(user, server),
        Game::StarRail => hoyoverse::star_rail(user, server),
        Game::ZenlessZoneZero => hoyoverse::zenless(user, server),
        Game::FreeFire | Game::FreeFireMax | Game::PubgMobile => of_digits(8, 12),
        Game::HonkaiImpact => of_digits(8, 9),
        Game::HonorOfKings => of_digits(8, 20),
        Game::CallOfDutyMobile | Game::ArenaOfValor => of_digits(10, 20),
        Game::PointBlank => no_server(server).and_then(|()| Ok((username::zepetto(user)?, None))),
        Game::Roblox => no_server(server).and_then(|()| Ok((username::roblox(user)?, None))),
        // A code belongs to no account; what the supplier wants instead is any text (§3.2).
        Game::SteamWallet | Game::GooglePlay | Game::RobloxGift | Game::GarenaShell => {
            no_server(server).map(|()| (user.to_owned(), None))
        }
        // A Riot ID is a name in any script: its characters are kept as they are.
        Game::Valorant => Ok((valorant::parse(tidy_user, tidy_server)?, None)),
    }
}

/// Reads an account of a game that the shop knows no rule for: any text, in plain forms and without spaces.
fn of_any_game(
    tidy_user: &str,
    tidy_server: Option<&str>,
) -> Result<(String, Option<String>), AccountProblem> {
    let clean = |field: AccountField, text: &str, shortest: usize| {
        let id = joined(field, &normal(text), (shortest, usize::MAX));
        // What stands side by side now may have a form of its own.
        id.map(|id| normal(&id))
    };
    let server =
        tidy_server.map(|server| clean(AccountField::ServerId, server, SHORTEST_ZONE)).transpose()?;
    Ok((clean(AccountField::UserId, tidy_user, SHORTEST_ID)?, server))
}

fn no_server(server: Option<&str>) -> Result<(), AccountProblem> {
    if server.is_some() { Err(AccountProblem::ServerNotUsed) } else { Ok(()) }
}
