//! Digiflazz.

use super::Registration;
use crate::{
    command::{Check, doctor_digiflazz},
    config::{Config, bad_address, bad_secret},
    gateways::{Parts, Previous},
    wiring,
};
use anyhow::Result;
use outside::Http;
use std::sync::Arc;
use suppliers::Supplier;
use vocabulary::Secret;

/// The secret of webhooks before the present one, while it is being changed.
pub(crate) const PREVIOUS_SECRET: &str = "digiflazz.previous_webhook_secret";
/// Who guesses this secret tells us of deliveries that never were.
const SECRET_CHARACTERS: usize = 16;

pub(super) const REGISTRATION: Registration = Registration {
    name: "digiflazz",
    keys: &[
        "digiflazz.username",
        "digiflazz.api_key",
        "digiflazz.webhook_secret",
        "digiflazz.base_url",
        "digiflazz.check_skus",
        "digiflazz.check_most_rupiah",
        "digiflazz.checks_per_day",
    ],
    previous: Some(Previous { until: "digiflazz.previous_until", keys: &[PREVIOUS_SECRET] }),
    problems,
    connect,
    check: |config, http| Box::pin(check(config, http)),
};

fn problems(config: &Config) -> Vec<String> {
    let account = &config.digiflazz;
    let mut problems = Vec::new();
    problems.extend(bad_secret("digiflazz.api_key", &account.api_key, "dev-"));
    let of_sandbox = sandbox::DIGIFLAZZ_WEBHOOK_SECRET;
    problems.extend(bad_secret("digiflazz.webhook_secret", &account.webhook_secret, of_sandbox));
    let previous = config.given(PREVIOUS_SECRET).map(Secret::new);
    if let Some(previous) = &previous {
        problems.extend(bad_secret(PREVIOUS_SECRET, previous, of_sandbox));
    }
    let secrets =
        [("digiflazz.webhook_secret", Some(&account.webhook_secret)), (PREVIOUS_SECRET, previous.as_ref())];
    for (key, secret) in secrets {
        let can_be_guessed =
            |secret: &&Secret| !secret.is_empty() && secret.expose().chars().count() < SECRET_CHARACTERS;
        if secret.filter(can_be_guessed).is_some() {
            problems.push(format!(
                "`{key}` is shorter than {SECRET_CHARACTERS} characters, which can be guessed: choose a random one, here and in their member area"
            ));
        }
    }
    if account.username.is_empty() {
        problems.push("`digiflazz.username` is missing (environment: LOKET_DIGIFLAZZ__USERNAME)".into());
    } else if account.username == sandbox::DIGIFLAZZ_USERNAME {
        problems.push("`digiflazz.username` is a sandbox credential".into());
    }
    problems.extend(bad_address("digiflazz.base_url", account.base_url.as_deref()));
    problems
}

fn connect(config: &Config, parts: &Parts<'_>) -> Result<Option<Arc<dyn Supplier>>> {
    let inside = || parts.simulator("digiflazz/v1");
    let Some(base_url) = config.digiflazz.base_url.clone().or_else(inside) else { return Ok(None) };
    let until = parts.until(config, "digiflazz");
    Ok(Some(Arc::new(wiring::digiflazz(config, parts.http.clone(), base_url, until))))
}

async fn check(config: &Config, http: &Http) -> Vec<Check> {
    vec![doctor_digiflazz(config, http).await]
}
