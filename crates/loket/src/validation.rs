//! Connecting the sources that know game accounts.

use crate::config::{self, Config};
use catalog::{
    NameBooks, Validator,
    sources::{apigames, codashop, digiflazz, vip_reseller},
    validation::NicknameSource,
};
use outside::Http;
use std::sync::Arc;
use vocabulary::Clock;

/// The validator of the configuration, with the books of names that are bought. `simulators` is where the simulators
/// inside this process listen.
pub(crate) fn validator(
    config: &Config,
    http: &Http,
    (clock, books): (&Clock, Arc<dyn NameBooks>),
    simulators: Option<&str>,
) -> Validator {
    let simulator = |path: &str| simulators.map(|base| format!("{base}/sandbox/{path}"));
    let validation = &config.validation;
    let mut sources: Vec<Arc<dyn NicknameSource>> = Vec::new();
    if let Some(account) = &validation.vip_reseller
        && let Some(base_url) = account.base_url.clone().or_else(|| simulator("vip-reseller/api"))
    {
        sources.push(Arc::new(vip_reseller(account, http.clone(), base_url)));
    }
    if let Some(account) = &validation.apigames
        && let Some(base_url) = account.base_url.clone().or_else(|| simulator("apigames"))
    {
        sources.push(Arc::new(apigames(account, http.clone(), base_url)));
    }
    // Each question costs money, so it is asked when the others do not know.
    if !validation.digiflazz.is_empty()
        && let Some(base_url) = config.digiflazz.base_url.clone().or_else(|| simulator("digiflazz/v1"))
    {
        let settings = digiflazz::Settings {
            base_url,
            username: config.digiflazz.username.clone(),
            api_key: config.digiflazz.api_key.clone(),
            skus: validation.digiflazz.clone(),
            most: validation.digiflazz_most,
            most_a_day: validation.digiflazz_a_day,
            ask_again: digiflazz::ASK_AGAIN,
        };
        sources.push(Arc::new(digiflazz::Digiflazz::new(http.clone(), settings, clock.clone(), books)));
    }
    // Unofficial, so asked last.
    if let Some(base_url) = validation.codashop.clone() {
        sources.push(Arc::new(codashop::Codashop::new(http.clone(), codashop::Settings { base_url })));
    }
    Validator::new(sources, validation.settings.clone())
}

/// VIP Reseller at this address.
pub(crate) fn vip_reseller(
    account: &config::VipReseller,
    http: Http,
    base_url: String,
) -> vip_reseller::VipReseller {
    vip_reseller::VipReseller::new(
        http,
        vip_reseller::Settings {
            base_url,
            api_id: account.api_id.clone(),
            api_key: account.api_key.clone(),
            servers_proven: account.servers_proven,
        },
    )
}

/// Apigames at this address.
pub(crate) fn apigames(account: &config::Apigames, http: Http, base_url: String) -> apigames::Apigames {
    apigames::Apigames::new(
        http,
        apigames::Settings {
            base_url,
            merchant_id: account.merchant_id.clone(),
            secret: account.secret.clone(),
            signature: account.signature,
            mobile_legends: account.mobile_legends.clone(),
            mobile_legends_proven: account.mobile_legends_proven,
        },
    )
}
