//! Apigames: it buys with the account that names are asked with.

use super::Registration;
use crate::{config::Config, gateways::Parts};
use anyhow::Result;
use catalog::sources::apigames::Signature;
use std::sync::Arc;
use suppliers::{
    Supplier,
    adapters::apigames::{Apigames, Settings},
};

pub(super) const REGISTRATION: Registration = Registration {
    name: "apigames",
    connect,
    // The account is looked at where names are: one secret, one deposit.
    check: |_, _| Box::pin(async { Vec::new() }),
};

fn connect(config: &Config, parts: &Parts<'_>) -> Result<Option<Arc<dyn Supplier>>> {
    let Some(account) = &config.validation.apigames else { return Ok(None) };
    let inside = || parts.simulator("apigames");
    let Some(base_url) = account.base_url.clone().or_else(inside) else { return Ok(None) };
    let (merchant_id, secret) = (account.merchant_id.clone(), account.secret.clone());
    let colon = account.signature == Signature::Colon;
    let settings = Settings { base_url, merchant_id, secret, colon };
    Ok(Some(Arc::new(Apigames::new(parts.http.clone(), settings))))
}
