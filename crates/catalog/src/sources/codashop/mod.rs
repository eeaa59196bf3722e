//! The checkout of a public shop, asked as its own page asks (`contracts/suppliers.md` §3.1 and its
//! table of parameters). **Unofficial**: it breaches the site's terms, its price points rot, and it
//! may ban the address that asks. Never on unless the owner switches it on, last in the chain, and
//! advisory like every source.

mod wire;

use super::form;
use crate::{
    account::Game,
    validation::{NicknameSource, Word},
};
use outside::{CallError, Http, Method, Pending, Request};
use std::time::Duration;
use vocabulary::Account;

/// Base of the real site (§3.1).
pub const BASE_URL: &str = "https://order-sg.codashop.com";

/// What must be known to ask.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base of the site.
    pub base_url: String,
}

/// The source.
#[derive(Clone, Debug)]
pub struct Codashop {
    http: Http,
    settings: Settings,
}

/// What the page sends for a game.
struct PricePoint {
    id: &'static str,
    price: &'static str,
    voucher: &'static str,
    extra: &'static [(&'static str, &'static str)],
}

impl Codashop {
    /// The site at this address.
    pub fn new(http: Http, settings: Settings) -> Self {
        Codashop { http, settings }
    }

    async fn ask(&self, point: &PricePoint, game: Game, account: &Account, within: Duration) -> Word {
        let fields = [
            ("voucherPricePoint.id", point.id),
            ("voucherPricePoint.price", point.price),
            ("voucherPricePoint.variablePrice", "0"),
            ("user.userId", account.user_id()),
            ("user.zoneId", account.server_id().unwrap_or_default()),
            ("voucherTypeName", point.voucher),
            ("shopLang", "id_ID"),
        ];
        let body = form(&[&fields, point.extra].concat());
        let request = Request {
            name: "codashop.init_payment",
            method: Method::Post,
            url: format!("{}/initPayment.action", self.settings.base_url.trim_end_matches('/')),
            headers: vec![
                ("Content-Type", "application/x-www-form-urlencoded".into()),
                ("Accept", "application/json".into()),
            ],
            body: Some(body.into_bytes()),
            timeout: within,
        };
        match self.http.call(request).await {
            Ok(answer) => wire::word(game, &answer),
            Err(CallError::NotSent(why) | CallError::Unknown(why)) => Word::Down { why },
        }
    }
}

/// The parameters that were seen to work for a game. They are of other people's finding.
fn price_point(game: Game) -> Option<PricePoint> {
    let point = |voucher, id, price| Some(PricePoint { id, price, voucher, extra: &[] });
    match game {
        Game::MobileLegends => point("MOBILE_LEGENDS", "4150", "1579"),
        Game::MagicChess => point("106-MAGIC_CHESS", "997117", "1579"),
        Game::FreeFire | Game::FreeFireMax => point("FREEFIRE", "8050", "1000"),
        Game::PubgMobile => point("PUBG_MOBILE", "11568", "1500000"),
        Game::Genshin => point("GENSHIN_IMPACT", "116054", "16500"),
        Game::StarRail => point("HONKAI_STAR_RAIL", "855316", "16000"),
        Game::ZenlessZoneZero => point("ZENLESS_ZONE_ZERO", "946399", "16000"),
        Game::Valorant => Some(PricePoint {
            id: "973634",
            price: "56000",
            voucher: "VALORANT",
            extra: &[("voucherTypeId", "109"), ("gvtId", "139")],
        }),
        Game::CallOfDutyMobile => point("CALL_OF_DUTY", "46129", "10000"),
        Game::ArenaOfValor => point("AOV", "7946", "10000"),
        Game::PointBlank => point("POINT_BLANK", "54700", "11000"),
        Game::HonkaiImpact => point("HONKAI_IMPACT", "48250", "16500"),
        _ => None,
    }
}

impl NicknameSource for Codashop {
    fn name(&self) -> &'static str {
        "codashop"
    }

    fn knows(&self, game: Game) -> bool {
        price_point(game).is_some()
    }

    fn look_up<'a>(&'a self, game: Game, account: &'a Account, within: Duration) -> Pending<'a, Word> {
        Box::pin(async move {
            match price_point(game) {
                Some(point) => self.ask(&point, game, account, within).await,
                None => Word::Unclear { why: "not a game of theirs".into() },
            }
        })
    }
}
