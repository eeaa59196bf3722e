//! VIP Reseller: it buys with the account that names are asked with.

use super::Registration;
use crate::{
    config::{Config, SANDBOX_SECRET, bad_address, bad_secret},
    gateways::Parts,
};
use anyhow::{Result, anyhow};
use std::sync::Arc;
use suppliers::{
    Supplier,
    adapters::vip_reseller::{Settings, Tier, VipReseller},
};

/// Which of the three prices of its list is ours: that of our level in the member area.
const TIER: &str = "vip_reseller.tier";

pub(super) const REGISTRATION: Registration = Registration {
    name: "vip-reseller",
    keys: &["vip_reseller.api_id", "vip_reseller.api_key", "vip_reseller.base_url", TIER],
    previous: None,
    problems,
    connect,
    // The account is looked at where names are: one key, one deposit.
    check: |_, _| Box::pin(async { Vec::new() }),
};

fn problems(config: &Config) -> Vec<String> {
    let account = config.validation.vip_reseller.as_ref();
    let secret =
        account.and_then(|account| bad_secret("vip_reseller.api_key", &account.api_key, SANDBOX_SECRET));
    let address = account.and_then(|account| account.base_url.as_deref());
    secret.into_iter().chain(bad_address("vip_reseller.base_url", address)).collect()
}

fn tier(config: &Config) -> Result<Tier> {
    let Some(text) = config.given(TIER) else { return Ok(Tier::Basic) };
    text.parse().map_err(|_| anyhow!("`{TIER}` must be `basic`, `premium` or `special`"))
}

fn connect(config: &Config, parts: &Parts<'_>) -> Result<Option<Arc<dyn Supplier>>> {
    let Some(account) = &config.validation.vip_reseller else { return Ok(None) };
    let inside = || parts.simulator("vip-reseller/api");
    let Some(base_url) = account.base_url.clone().or_else(inside) else { return Ok(None) };
    let (api_id, api_key) = (account.api_id.clone(), account.api_key.clone());
    let settings = Settings { base_url, api_id, api_key, tier: tier(config)? };
    Ok(Some(Arc::new(VipReseller::new(parts.http.clone(), settings))))
}
