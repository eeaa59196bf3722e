//! Apigames: cek-username (`contracts/suppliers.md` §2.2). What its answers mean is in `wire.rs`.

mod wire;

use super::{AccessError, form, md5_hex};
use crate::{
    CustomerTemplate,
    account::Game,
    validation::{NicknameSource, Word},
};
use outside::{CallError, Http, Method, Pending, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use vocabulary::{Account, Rupiah, Secret};

/// Base of the real API (§2.2).
pub const BASE_URL: &str = "https://v1.apigames.id";

/// What must not stand in a part of a path.
const OF_A_PATH: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// How long a look at our own account may take.
const MERCHANT_TIMEOUT: Duration = Duration::from_secs(10);

vocabulary::text_enum!(
    /// How the parts of a signature are joined: their documentation says both (§2.2).
    pub enum Signature {
        /// `md5(merchant_id + secret)`, as their documentation has it for cek-username and as clients do.
        Concatenated = "concatenated",
        /// `md5(merchant_id + ":" + secret)`, as their documentation has it for account information.
        Colon = "colon",
    }
);

/// What must be known to use it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base of the API.
    pub base_url: String,
    /// Merchant id from the dashboard.
    pub merchant_id: String,
    /// Secret key from the dashboard.
    pub secret: Secret,
    /// How requests are signed.
    pub signature: Signature,
    /// How a Mobile Legends account becomes their `user_id`. That id and zone are joined without a
    /// separator is not verified (§2.2).
    pub mobile_legends: CustomerTemplate,
    /// Whether that form is known to be right. Unless it is, *not found* about a Mobile Legends account
    /// proves nothing before they have found one.
    pub mobile_legends_proven: bool,
}

/// The source.
#[derive(Debug)]
pub struct Apigames {
    http: Http,
    settings: Settings,
    /// They found a Mobile Legends account, so the form of the id is right.
    found_one: AtomicBool,
}

impl Apigames {
    /// Apigames with these settings.
    pub fn new(http: Http, settings: Settings) -> Self {
        let found_one = AtomicBool::new(settings.mobile_legends_proven);
        Apigames { http, settings, found_one }
    }

    /// What is left of our deposit there: proves that our signature is taken.
    ///
    /// # Errors
    /// When there is no answer, or none with a balance in it.
    pub async fn balance(&self) -> Result<Rupiah, AccessError> {
        let request = self.get("apigames.merchant", "", &[], MERCHANT_TIMEOUT);
        wire::balance(&self.http.call(request).await?).map_err(AccessError::Refused)
    }

    async fn ask(&self, game: Game, account: &Account, within: Duration) -> Word {
        let (path, user_id) = match game {
            Game::MobileLegends => ("/cek-username/mobilelegend", self.settings.mobile_legends.fill(account)),
            Game::FreeFire | Game::FreeFireMax => {
                ("/cek-username/freefire", Ok(account.user_id().to_owned()))
            }
            _ => return Word::Unclear { why: "not a game of theirs".into() },
        };
        let user_id = match user_id {
            Ok(user_id) => user_id,
            Err(error) => return Word::Unclear { why: error.to_string() },
        };
        let request = self.get("apigames.cek_username", path, &[("user_id", &user_id)], within);
        let word = match self.http.call(request).await {
            Ok(answer) => wire::word(&answer),
            Err(CallError::NotSent(why) | CallError::Unknown(why)) => Word::Down { why },
        };
        match (&word, game) {
            (Word::Found { .. }, Game::MobileLegends) => self.found_one.store(true, Ordering::Relaxed),
            (Word::NotFound, Game::MobileLegends) if !self.found_one.load(Ordering::Relaxed) => {
                let why = "they found nobody, and the form of the id is not proven yet".into();
                return Word::Unclear { why };
            }
            _ => {}
        }
        word
    }

    fn get(&self, name: &'static str, path: &str, fields: &[(&str, &str)], timeout: Duration) -> Request {
        let Settings { base_url, merchant_id, secret, signature, .. } = &self.settings;
        let signature = match signature {
            Signature::Concatenated => md5_hex(&[merchant_id, secret.expose()]),
            Signature::Colon => md5_hex(&[merchant_id, ":", secret.expose()]),
        };
        let query = form(&[fields, &[("signature", signature.as_str())]].concat());
        let merchant = utf8_percent_encode(merchant_id, &OF_A_PATH);
        Request {
            name,
            method: Method::Get,
            url: format!("{}/merchant/{merchant}{path}?{query}", base_url.trim_end_matches('/')),
            headers: vec![("Accept", "application/json".into())],
            body: None,
            timeout,
        }
    }
}

impl NicknameSource for Apigames {
    fn name(&self) -> &'static str {
        "apigames"
    }

    fn knows(&self, game: Game) -> bool {
        matches!(game, Game::MobileLegends | Game::FreeFire | Game::FreeFireMax)
    }

    fn look_up<'a>(&'a self, game: Game, account: &'a Account, within: Duration) -> Pending<'a, Word> {
        Box::pin(self.ask(game, account, within))
    }
}
