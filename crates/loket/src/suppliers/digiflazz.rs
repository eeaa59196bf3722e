//! Digiflazz.

use super::Registration;
use crate::{command::doctor_digiflazz, config::Config, gateways::Parts, wiring};
use anyhow::Result;
use std::sync::Arc;
use suppliers::Supplier;

pub(super) const REGISTRATION: Registration = Registration {
    name: "digiflazz",
    connect,
    check: |config, http| Box::pin(async { vec![doctor_digiflazz(config, http).await] }),
};

fn connect(config: &Config, parts: &Parts<'_>) -> Result<Option<Arc<dyn Supplier>>> {
    let inside = || parts.simulator("digiflazz/v1");
    let Some(base_url) = config.digiflazz.base_url.clone().or_else(inside) else { return Ok(None) };
    Ok(Some(Arc::new(wiring::digiflazz(config, parts.http.clone(), base_url))))
}
