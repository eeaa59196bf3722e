//! Xendit, a second rail for OVO and DANA.

use super::{Parts, Previous, Registration};
use crate::{command::doctor_xendit, config::Config, wiring};
use anyhow::Result;
use payments::Gateway;
use std::sync::Arc;

pub(super) const REGISTRATION: Registration = Registration {
    name: "xendit",
    // Its other keys are in `config/keys.rs` and what production demands of them in `config/xendit.rs`.
    keys: &["xendit.settlement"],
    previous: Some(Previous {
        until: "xendit.previous_until",
        keys: &["xendit.previous_secret_key", "xendit.previous_callback_token"],
    }),
    problems: |_| Vec::new(),
    connect,
    check: |config, http| Box::pin(async { vec![doctor_xendit(config, http).await] }),
};

fn connect(config: &Config, parts: &Parts<'_>) -> Result<Option<Arc<dyn Gateway>>> {
    let Some(account) = &config.xendit else { return Ok(None) };
    let own = || parts.simulator("xendit").filter(|_| config.has_own_simulators());
    let Some(base_url) = account.base_url.clone().or_else(own) else {
        tracing::debug!("Xendit is not used: LOKET_XENDIT__BASE_URL does not name its simulator");
        return Ok(None);
    };
    let until = parts.until(config, "xendit");
    Ok(Some(Arc::new(wiring::xendit(account, parts.http.clone(), base_url, until))))
}
