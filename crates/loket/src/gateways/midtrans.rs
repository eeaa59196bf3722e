//! Midtrans: Core, and Snap beside it.

use super::{Parts, Previous, Registration};
use crate::{command::doctor_midtrans, config::Config};
use anyhow::Result;
use payments::{
    Gateway,
    gateways::midtrans::{Midtrans, Settings},
};
use std::sync::Arc;
use vocabulary::Secret;

/// The key before the present one, while keys are being changed.
const PREVIOUS_KEY: &str = "midtrans.previous_server_key";

pub(super) const REGISTRATION: Registration = Registration {
    name: "midtrans",
    // It is in every shop: the others are in `config/mod.rs`.
    keys: &["midtrans.settlement"],
    previous: Some(Previous { until: "midtrans.previous_until", keys: &[PREVIOUS_KEY] }),
    problems,
    connect,
    check: |config, http| Box::pin(doctor_midtrans(config, http)),
};

fn problems(config: &Config) -> Vec<String> {
    let is_of_sandbox = config.given(PREVIOUS_KEY).is_some_and(|key| key.starts_with("SB-Mid-server-"));
    is_of_sandbox.then(|| format!("`{PREVIOUS_KEY}` is a sandbox credential")).into_iter().collect()
}

fn connect(config: &Config, parts: &Parts<'_>) -> Result<Option<Arc<dyn Gateway>>> {
    let account = &config.midtrans;
    let Some(base_url) = account.base_url.clone().or_else(|| parts.simulator("midtrans")) else {
        return Ok(None);
    };
    // A simulator inside is beside the other one inside, and beside nothing else.
    let inside = || account.base_url.is_none().then(|| parts.simulator("midtrans/snap/v1")).flatten();
    let settings = Settings {
        base_url,
        snap_url: account.snap_url.clone().or_else(inside),
        server_key: account.server_key.clone(),
        previous_server_key: config.given(PREVIOUS_KEY).map(Secret::new),
        previous_until: parts.until(config, "midtrans"),
    };
    Ok(Some(Arc::new(Midtrans::new(parts.http.clone(), settings))))
}
