//! The gateways that this program knows: a line for each in [`ALL`]. What stands behind a line is in the file of
//! that name: which keys of the configuration are its own, how it is connected, what production demands of it,
//! and what `doctor` looks at. The adapter itself is a folder of `payments/src/gateways`; docs/adding-a-gateway.md
//! shows both, step by step.

mod dana;
#[cfg(test)]
mod example;
mod midtrans;
mod xendit;

use crate::{command::Check, config::Config};
use anyhow::Result;
use outside::{Http, Pending};
use payments::{Gateway, gateways::Until};
use std::sync::Arc;
use vocabulary::{Clock, Ids};

/// Every gateway, in the order in which one goes before another that costs the shop the same.
pub(crate) const ALL: &[Registration] = &[midtrans::REGISTRATION, dana::REGISTRATION, xendit::REGISTRATION];

/// A party as it is configured; none when this shop has no account there.
pub(crate) type Connected<T> = Result<Option<Arc<T>>>;

/// A gateway that this program knows.
pub(crate) struct Registration {
    /// Its name in references, the ledger and `rules.fees`.
    pub(crate) name: &'static str,
    /// Keys of the configuration that are its own beside those of `config/keys.rs`, and read with
    /// [`Config::given`].
    pub(crate) keys: &'static [&'static str],
    /// Its keys of before, which are believed beside the present ones while those are being changed, and until when.
    pub(crate) previous: Option<Previous>,
    /// Connects it as it is configured; `None` when this shop has no account there.
    pub(crate) connect: fn(&Config, &Parts<'_>) -> Connected<dyn Gateway>,
    /// What keeps it from being used in production.
    pub(crate) problems: fn(&Config) -> Vec<String>,
    /// What `doctor` finds.
    pub(crate) check: for<'a> fn(&'a Config, &'a Http) -> Pending<'a, Vec<Check>>,
}

/// What a gateway or supplier has of keys of before, as keys of the configuration: they are read with
/// [`Config::given`], too, and [`Parts::until`] says until when they count.
#[derive(Clone, Copy)]
pub(crate) struct Previous {
    /// Says until when they count.
    pub(crate) until: &'static str,
    /// Which those are.
    pub(crate) keys: &'static [&'static str],
}

/// What a gateway or supplier is made of.
pub(crate) struct Parts<'a> {
    pub(crate) http: &'a Http,
    pub(crate) clock: &'a Clock,
    pub(crate) ids: &'a Ids,
    /// Our own address, as others reach us.
    pub(crate) public_url: Option<&'a str>,
    /// Where the simulators inside this process listen.
    pub(crate) simulators: Option<&'a str>,
}

impl Parts<'_> {
    /// Until when the keys of before of this gateway, or supplier, count.
    pub(crate) fn until(&self, config: &Config, gateway: &str) -> Option<Until> {
        config.rotation.until(gateway).map(|end| Until::new(self.clock.clone(), end))
    }

    /// Where a simulator inside this process is, if they are there.
    pub(crate) fn simulator(&self, path: &str) -> Option<String> {
        self.simulators.map(|base| format!("{base}/sandbox/{path}"))
    }
}

/// Every gateway of these that this shop has an account with.
pub(crate) fn connect(
    registered: &[Registration],
    config: &Config,
    parts: &Parts<'_>,
) -> Result<Vec<Arc<dyn Gateway>>> {
    let mut connected = Vec::new();
    for registration in registered {
        connected.extend((registration.connect)(config, parts)?);
    }
    Ok(connected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gateway_is_registered_under_the_name_that_it_has_in_the_books() {
        let config = crate::config::tests::load(&[
            ("LOKET_MIDTRANS__BASE_URL", "http://127.0.0.1:1/sandbox/midtrans"),
            ("LOKET_DIGIFLAZZ__BASE_URL", "http://127.0.0.1:1/sandbox/digiflazz/v1"),
        ]);
        let (config, http) = (config.unwrap(), Http::new().unwrap());
        let (clock, ids) = (Clock::system(), Ids::seeded(1));
        let parts = Parts { http: &http, clock: &clock, ids: &ids, public_url: None, simulators: None };
        for registration in ALL {
            if let Some(gateway) = (registration.connect)(&config, &parts).unwrap() {
                assert_eq!(gateway.name(), registration.name);
                assert!(gateway.webhook_path().starts_with('/'));
            }
        }
        let mut names: Vec<&str> = ALL.iter().map(|registration| registration.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
