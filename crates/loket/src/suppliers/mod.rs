//! The suppliers that this program knows: a line for each in [`ALL`], like the gateways beside. What stands behind a
//! line is in the file of that name: its keys in the configuration, how it is connected, what production demands of
//! it, and what `doctor` looks at. The adapter itself is a folder of `suppliers/src/adapters`;
//! docs/adding-a-gateway.md shows both.

mod apigames;
mod digiflazz;
#[cfg(test)]
mod example;
mod vip_reseller;

pub(crate) use digiflazz::PREVIOUS_SECRET as PREVIOUS_DIGIFLAZZ_SECRET;

use crate::{
    command::Check,
    config::Config,
    gateways::{Connected, Parts, Previous},
};
use anyhow::Result;
use outside::{Http, Pending};
use std::sync::Arc;
use suppliers::Supplier;

/// Every supplier.
pub(crate) const ALL: &[Registration] =
    &[digiflazz::REGISTRATION, vip_reseller::REGISTRATION, apigames::REGISTRATION];

/// A supplier that this program knows.
pub(crate) struct Registration {
    /// Its name in the catalog and the ledger.
    pub(crate) name: &'static str,
    /// Its keys in the configuration; [`Config::given`] reads them.
    pub(crate) keys: &'static [&'static str],
    /// Its keys of before, which are believed beside the present ones while those are being changed, and until when.
    pub(crate) previous: Option<Previous>,
    /// What keeps it from being used in production.
    pub(crate) problems: fn(&Config) -> Vec<String>,
    /// Connects it as it is configured; `None` when this shop has no account there.
    pub(crate) connect: fn(&Config, &Parts<'_>) -> Connected<dyn Supplier>,
    /// What `doctor` finds.
    pub(crate) check: for<'a> fn(&'a Config, &'a Http) -> Pending<'a, Vec<Check>>,
}

/// Every supplier of these that this shop has an account with.
pub(crate) fn connect(
    registered: &[Registration],
    config: &Config,
    parts: &Parts<'_>,
) -> Result<Vec<Arc<dyn Supplier>>> {
    let mut connected = Vec::new();
    for registration in registered {
        let supplier = (registration.connect)(config, parts)?;
        debug_assert!(supplier.as_ref().is_none_or(|supplier| supplier.name() == registration.name));
        connected.extend(supplier);
    }
    Ok(connected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{PRODUCTION, load};
    use vocabulary::{Clock, Ids};

    #[test]
    fn every_supplier_is_registered_under_the_name_that_it_has_in_the_books_and_its_keys_are_its_own() {
        let at = |party: &str| format!("http://127.0.0.1:1/sandbox/{party}");
        let (digiflazz, vip, apigames) = (at("digiflazz/v1"), at("vip-reseller/api"), at("apigames"));
        let config = load(&[
            ("LOKET_DIGIFLAZZ__BASE_URL", digiflazz.as_str()),
            ("LOKET_VIP_RESELLER__BASE_URL", vip.as_str()),
            ("LOKET_APIGAMES__BASE_URL", apigames.as_str()),
        ]);
        let (config, http) = (config.unwrap(), Http::new().unwrap());
        let (clock, ids) = (Clock::system(), Ids::seeded(1));
        let parts = Parts { http: &http, clock: &clock, ids: &ids, public_url: None, simulators: None };
        let mut keys: Vec<&str> = Vec::new();
        for registration in ALL {
            let supplier = (registration.connect)(&config, &parts).unwrap().unwrap();
            assert_eq!(supplier.name(), registration.name);
            let prefix = format!("{}.", registration.name.replace('-', "_"));
            let previous = registration.previous.iter().flat_map(|of| of.keys.iter().chain([&of.until]));
            let own: Vec<&str> = registration.keys.iter().chain(previous).copied().collect();
            assert!(own.iter().all(|key| key.starts_with(&prefix)), "{own:?}");
            keys.extend(own);
        }
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!((keys.len(), all), (all, all), "no key is two suppliers'");
    }

    #[test]
    fn production_refuses_what_belongs_to_the_sandbox_of_a_supplier() {
        for (pairs, expected) in [
            (
                vec![
                    ("LOKET_VIP_RESELLER__API_ID", "loket"),
                    ("LOKET_VIP_RESELLER__API_KEY", "loket-sandbox"),
                    ("LOKET_VIP_RESELLER__BASE_URL", "http://127.0.0.1:8080/sandbox/vip-reseller/api"),
                ],
                ["vip_reseller.api_key", "vip_reseller.base_url"],
            ),
            (
                vec![
                    ("LOKET_APIGAMES__MERCHANT_ID", "M1"),
                    ("LOKET_APIGAMES__SECRET", "loket-sandbox"),
                    ("LOKET_APIGAMES__BASE_URL", "http://127.0.0.1:8080/sandbox/apigames"),
                ],
                ["apigames.secret", "apigames.base_url"],
            ),
            (
                vec![("LOKET_DIGIFLAZZ__PREVIOUS_WEBHOOK_SECRET", "loket-sandbox-secret")],
                ["previous_webhook_secret", "sandbox credential"],
            ),
            (
                vec![("LOKET_DIGIFLAZZ__PREVIOUS_WEBHOOK_SECRET", "short")],
                ["previous_webhook_secret", "can be guessed"],
            ),
        ] {
            let all = [PRODUCTION.to_vec(), pairs].concat();
            let error = load(&all).unwrap_err().to_string();
            assert!(expected.iter().all(|expected| error.contains(expected)), "{error}");
        }
    }

    #[test]
    fn the_level_at_vip_reseller_is_one_of_three() {
        let config = load(&[("LOKET_VIP_RESELLER__TIER", "gold")]).unwrap();
        let (http, clock, ids) = (Http::new().unwrap(), Clock::system(), Ids::seeded(1));
        let inside = Some("http://127.0.0.1:1");
        let parts = Parts { http: &http, clock: &clock, ids: &ids, public_url: None, simulators: inside };
        let error = connect(ALL, &config, &parts).err().unwrap().to_string();
        assert!(error.contains("vip_reseller.tier"), "{error}");
    }
}
