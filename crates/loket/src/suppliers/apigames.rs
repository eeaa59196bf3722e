//! Apigames: it buys with the account that names are asked with.

use super::Registration;
use crate::{
    config::{Config, SANDBOX_SECRET, bad_address, bad_secret},
    gateways::Parts,
};
use anyhow::Result;
use catalog::sources::apigames::Signature;
use std::sync::Arc;
use suppliers::{
    Supplier,
    adapters::apigames::{Apigames, Settings},
};

pub(super) const REGISTRATION: Registration = Registration {
    name: "apigames",
    keys: &[
        "apigames.merchant_id",
        "apigames.secret",
        "apigames.base_url",
        "apigames.signature",
        "apigames.mobile_legends_format",
    ],
    previous: None,
    problems,
    connect,
    // The account is looked at where names are: one secret, one deposit.
    check: |_, _| Box::pin(async { Vec::new() }),
};

fn problems(config: &Config) -> Vec<String> {
    let account = config.validation.apigames.as_ref();
    let secret = account.and_then(|account| bad_secret("apigames.secret", &account.secret, SANDBOX_SECRET));
    let address = account.and_then(|account| account.base_url.as_deref());
    secret.into_iter().chain(bad_address("apigames.base_url", address)).collect()
}

fn connect(config: &Config, parts: &Parts<'_>) -> Result<Option<Arc<dyn Supplier>>> {
    let Some(account) = &config.validation.apigames else { return Ok(None) };
    let inside = || parts.simulator("apigames");
    let Some(base_url) = account.base_url.clone().or_else(inside) else { return Ok(None) };
    let (merchant_id, secret) = (account.merchant_id.clone(), account.secret.clone());
    let colon = account.signature == Signature::Colon;
    let settings = Settings { base_url, merchant_id, secret, colon };
    Ok(Some(Arc::new(Apigames::new(parts.http.clone(), settings))))
}
