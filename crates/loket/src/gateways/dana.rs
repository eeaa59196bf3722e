//! DANA, directly.

use super::{Parts, Previous, Registration};
use crate::{command::doctor_dana, config::Config, wiring};
use anyhow::Result;
use payments::Gateway;
use std::sync::Arc;

pub(super) const REGISTRATION: Registration = Registration {
    name: "dana",
    // Its other keys are in `config/keys.rs` and what production demands of them in `config/dana.rs`.
    keys: &["dana.settlement"],
    previous: Some(Previous {
        until: "dana.previous_until",
        keys: &["dana.previous_private_key_file", "dana.previous_gateway_public_key_file"],
    }),
    problems: |_| Vec::new(),
    connect,
    check: |config, http| Box::pin(doctor_dana(config, http)),
};

fn connect(config: &Config, parts: &Parts<'_>) -> Result<Option<Arc<dyn Gateway>>> {
    let Some(account) = &config.dana else { return Ok(None) };
    let own = || parts.simulator("dana").filter(|_| config.has_own_simulators());
    let Some(base_url) = account.base_url.clone().or_else(own) else {
        tracing::debug!("DANA is not offered: LOKET_DANA__BASE_URL does not name its simulator");
        return Ok(None);
    };
    if account.waits_for_simulator(&config.data_dir) {
        tracing::warn!(
            "DANA is not offered: {} is not there; the simulators make it, or name another with LOKET_DANA__PRIVATE_KEY_FILE",
            account.private_key_file.display()
        );
        return Ok(None);
    }
    let origin = parts.public_url.map_or_else(|| base_url.clone(), str::to_owned);
    let own_parts = (parts.clock.clone(), parts.ids.clone(), parts.until(config, "dana"));
    Ok(Some(Arc::new(wiring::dana(account, parts.http.clone(), (base_url, origin), own_parts)?)))
}
