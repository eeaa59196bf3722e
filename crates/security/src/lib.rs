//! Risk of an order, and the audit trail of everything that matters.

mod audit;
mod blacklist;
mod risk;
mod seal;
mod signals;
mod tier;
mod vault;
mod verified;

pub use audit::{AuditRecord, Entry, entries_about, record};
pub use blacklist::{Listed, blacklist_add, blacklist_find};
pub use risk::{Action, Assessment, Facts, Finding, Parameter, assess};
pub use seal::{Verification, seal, unsealed, verify};
pub use signals::{SignalRules, Signals, signals};
pub use tier::{BuyerFacts, Tier, TierRules};
pub use vault::{VAULT_KEY_LEN, Vault, VaultError, random_key};
pub use verified::{Verified, buyer_unverify, buyer_verified, buyer_verify};
