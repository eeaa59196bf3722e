//! VIP Reseller: it buys with the account that names are asked with.

use super::Registration;
use crate::{config::Config, gateways::Parts};
use anyhow::Result;
use std::sync::Arc;
use suppliers::{
    Supplier,
    adapters::vip_reseller::{Settings, VipReseller},
};

pub(super) const REGISTRATION: Registration = Registration {
    name: "vip-reseller",
    connect,
    // The account is looked at where names are: one key, one deposit.
    check: |_, _| Box::pin(async { Vec::new() }),
};

fn connect(config: &Config, parts: &Parts<'_>) -> Result<Option<Arc<dyn Supplier>>> {
    let Some(account) = &config.validation.vip_reseller else { return Ok(None) };
    let inside = || parts.simulator("vip-reseller/api");
    let Some(base_url) = account.base_url.clone().or_else(inside) else { return Ok(None) };
    let (api_id, api_key) = (account.api_id.clone(), account.api_key.clone());
    let settings = Settings { base_url, api_id, api_key };
    Ok(Some(Arc::new(VipReseller::new(parts.http.clone(), settings))))
}
