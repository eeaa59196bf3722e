//! Who can say whether a game account exists. Buying goes on without, so nothing here is wrong: at most a
//! source does not take our key. Two of them are suppliers, too, and buy with the same account.

use super::Check;
use crate::{config::Config, validation};
use outside::Http;
use vocabulary::Rupiah;

/// Products that name this supplier are bought from the same deposit.
fn deposit(what: &'static str, taken: &str, balance: Rupiah) -> Check {
    if balance.is_positive() {
        return Check::fine(what, format!("{taken}; deposit {balance}"));
    }
    Check::note(
        what,
        format!("{taken}; deposit {balance}: names are told, and nothing can be bought"),
        "fill the deposit there if a product of the catalog names this supplier",
    )
}

pub(super) async fn check(config: &Config, http: &Http) -> Vec<Check> {
    let mut checks = Vec::new();
    let connected = &config.validation;
    if let Some(account) = &connected.vip_reseller {
        checks.push(match account.base_url.clone() {
            None => Check::inside("vip reseller", config, "LOKET_VIP_RESELLER__BASE_URL"),
            Some(url) => match validation::vip_reseller(account, http.clone(), url.clone()).balance().await {
                Ok(balance) => deposit("vip reseller", &format!("{url} takes our key"), balance),
                Err(error) => Check::wrong(
                    "vip reseller",
                    format!("{url}: {error}"),
                    "check LOKET_VIP_RESELLER__API_ID and __API_KEY, and that this machine's address is on their list",
                ),
            },
        });
    }
    if let Some(account) = &connected.apigames {
        checks.push(match account.base_url.clone() {
            None => Check::inside("apigames", config, "LOKET_APIGAMES__BASE_URL"),
            Some(url) => match validation::apigames(account, http.clone(), url.clone()).balance().await {
                Ok(balance) => deposit("apigames", &format!("{url} takes our signature"), balance),
                Err(error) => Check::wrong(
                    "apigames",
                    format!("{url}: {error}"),
                    "check LOKET_APIGAMES__MERCHANT_ID and __SECRET; LOKET_APIGAMES__SIGNATURE may have to be `colon`",
                ),
            },
        });
    }
    if !connected.digiflazz.is_empty() {
        let games: Vec<&str> = connected.digiflazz.keys().map(|game| game.as_str()).collect();
        checks.push(Check::fine(
            "digiflazz names",
            format!("bought for {} at {} or less each", games.join(", "), connected.digiflazz_most),
        ));
    }
    if let Some(url) = &connected.codashop {
        checks.push(Check::note(
            "codashop",
            format!("{url} is asked for names, unofficially, against the site's terms"),
            "switch it off with LOKET_VALIDATION__UNOFFICIAL_PROBES=false",
        ));
    }
    if connected.vip_reseller.is_none()
        && connected.apigames.is_none()
        && connected.codashop.is_none()
        && connected.digiflazz.is_empty()
    {
        checks.push(Check::note(
            "accounts",
            "no source of player names: only the format of ids is checked",
            "set LOKET_VIP_RESELLER__API_ID and __API_KEY, or LOKET_APIGAMES__MERCHANT_ID and __SECRET",
        ));
    }
    checks
}
