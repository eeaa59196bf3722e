//! The suppliers that this program knows: a line for each in [`ALL`], like the gateways beside. The adapter itself
//! is a folder of `suppliers/src/adapters`.

mod apigames;
mod digiflazz;
mod vip_reseller;

use crate::{
    command::Check,
    config::Config,
    gateways::{Connected, Parts},
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
    /// Connects it as it is configured; `None` when this shop has no account there.
    pub(crate) connect: fn(&Config, &Parts<'_>) -> Connected<dyn Supplier>,
    /// What `doctor` finds.
    pub(crate) check: for<'a> fn(&'a Config, &'a Http) -> Pending<'a, Vec<Check>>,
}

/// Every supplier that this shop has an account with.
pub(crate) fn connect(config: &Config, parts: &Parts<'_>) -> Result<Vec<Arc<dyn Supplier>>> {
    let mut connected = Vec::new();
    for registration in ALL {
        let supplier = (registration.connect)(config, parts)?;
        debug_assert!(supplier.as_ref().is_none_or(|supplier| supplier.name() == registration.name));
        connected.extend(supplier);
    }
    Ok(connected)
}
