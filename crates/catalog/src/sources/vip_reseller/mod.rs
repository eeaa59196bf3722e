//! VIP Reseller: get-nickname (`contracts/suppliers.md` §2.1). What its answers mean is in `wire.rs`.

mod wire;

use super::{AccessError, form, md5_hex};
use crate::{
    account::Game,
    validation::{NicknameSource, Word},
};
use outside::{CallError, Http, Method, Pending, Request};
use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use vocabulary::{Account, Rupiah, Secret};

/// Base of the real API (§2.1).
pub const BASE_URL: &str = "https://vip-reseller.co.id/api";

/// How long a look at our own account may take.
const PROFILE_TIMEOUT: Duration = Duration::from_secs(10);

/// What must be known to use it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base of the API.
    pub base_url: String,
    /// API id from the member area.
    pub api_id: String,
    /// API key from the member area.
    pub api_key: Secret,
    /// Whether the way in which the name of a server is written is known to be right: it is not documented
    /// (§2.1). Unless it is, *not found* about an account on a named server proves nothing before they have
    /// found one of its game.
    pub servers_proven: bool,
}

/// The source.
#[derive(Debug)]
pub struct VipReseller {
    http: Http,
    settings: Settings,
    /// Games of which they found an account on a named server, so the way we write that is right.
    found: Mutex<BTreeSet<Game>>,
}

impl VipReseller {
    /// VIP Reseller with these settings.
    pub fn new(http: Http, settings: Settings) -> Self {
        VipReseller { http, settings, found: Mutex::default() }
    }

    /// What is left of our deposit there (`/profile`): proves that our key is taken.
    ///
    /// # Errors
    /// When there is no answer, or none with a balance in it.
    pub async fn balance(&self) -> Result<Rupiah, AccessError> {
        let request = self.post("vip_reseller.profile", "/profile", &[], PROFILE_TIMEOUT);
        wire::balance(&self.http.call(request).await?).map_err(AccessError::Refused)
    }

    async fn ask(&self, game: Game, account: &Account, within: Duration) -> Word {
        let Some(code) = code(game) else { return Word::Unclear { why: "not a game of theirs".into() } };
        let mut fields = vec![("type", "get-nickname"), ("code", code), ("target", account.user_id())];
        fields.extend(account.server_id().map(|server| ("additional_target", server)));
        let request = self.post("vip_reseller.get_nickname", "/game-feature", &fields, within);
        let word = match self.http.call(request).await {
            Ok(answer) => wire::word(&answer),
            Err(CallError::NotSent(why) | CallError::Unknown(why)) => Word::Down { why },
        };
        // A zone is digits as the game shows it; how they want the name of a server written is documented
        // nowhere (contracts/suppliers §2.1), so what they do not find may be our spelling.
        let named = account.server_id().is_some_and(|server| !server.bytes().all(|b| b.is_ascii_digit()));
        if !named || self.settings.servers_proven {
            return word;
        }
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        match word {
            Word::NotFound if !found.contains(&game) => {
                let why = "they found nobody, and the form of the server is not proven yet".into();
                Word::Unclear { why }
            }
            Word::Found { nickname } => {
                found.insert(game);
                Word::Found { nickname }
            }
            other => other,
        }
    }

    /// Every call carries the key and the signature, which is the same for all (§2.1).
    fn post(&self, name: &'static str, path: &str, fields: &[(&str, &str)], timeout: Duration) -> Request {
        let (key, url) = (self.settings.api_key.expose(), self.settings.base_url.trim_end_matches('/'));
        let sign = md5_hex(&[&self.settings.api_id, key]);
        let all = [&[("key", key), ("sign", sign.as_str())], fields].concat();
        Request {
            name,
            method: Method::Post,
            url: format!("{url}{path}"),
            headers: vec![
                ("Content-Type", "application/x-www-form-urlencoded".into()),
                ("Accept", "application/json".into()),
            ],
            body: Some(form(&all).into_bytes()),
            timeout,
        }
    }
}

/// Their code of a game (§2.1). Codes that are only rumoured are sent as well: what they answer to
/// one that they do not have is not in the words of a missing account.
fn code(game: Game) -> Option<&'static str> {
    Some(match game {
        Game::MobileLegends => "mobile-legends",
        Game::FreeFire => "free-fire",
        Game::PubgMobile => "pubgm",
        Game::Valorant => "valorant",
        Game::Genshin => "genshin-impact",
        Game::StarRail => "honkai-star-rail",
        Game::PointBlank => "pointblank",
        Game::FreeFireMax => "free-fire-max",
        Game::CallOfDutyMobile => "call-of-duty-mobile",
        Game::ArenaOfValor => "arena-of-valor",
        _ => return None,
    })
}

impl NicknameSource for VipReseller {
    fn name(&self) -> &'static str {
        "vip_reseller"
    }

    fn knows(&self, game: Game) -> bool {
        code(game).is_some()
    }

    fn look_up<'a>(&'a self, game: Game, account: &'a Account, within: Duration) -> Pending<'a, Word> {
        Box::pin(self.ask(game, account, within))
    }
}
