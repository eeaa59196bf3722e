//! Risk of an order, and the audit trail of everything that matters.

mod audit;
mod blacklist;
mod risk;
mod seal;
mod signals;
mod vault;

pub use audit::{AuditRecord, Entry, entries_about, record};
pub use blacklist::{Listed, blacklist_add, blacklist_find};
pub use risk::{Action, Assessment, Facts, Finding, Parameter, assess};
pub use seal::{Verification, seal, unsealed, verify};
pub use signals::{SignalRules, Signals, signals};
pub use vault::{VAULT_KEY_LEN, Vault, VaultError, random_key};
