//! The keys that the configuration knows. A gateway may have more of its own, and those of a supplier
//! are all its own: their registrations name them.

use crate::{
    gateways::{self, Previous},
    suppliers,
};
use std::fmt;

/// Keys that this version reads.
pub(super) const KNOWN: &[&str] = &[
    "mode",
    "data_dir",
    "server.listen",
    "server.public_url",
    "server.trusted_proxies",
    "database.url",
    "midtrans.server_key",
    "midtrans.base_url",
    "midtrans.snap_url",
    "dana.partner_id",
    "dana.merchant_id",
    "dana.store_id",
    "dana.private_key_file",
    "dana.gateway_public_key_file",
    "dana.base_url",
    "xendit.secret_key",
    "xendit.callback_token",
    "xendit.base_url",
    "codashop.base_url",
    "validation.unofficial_probes",
    "validation.confirm_unvalidated",
    "validation.per_asker_per_minute",
    "validation.per_group_per_minute",
    "discord.public_key",
    "discord.application_id",
    "discord.bot_token",
    "discord.api_url",
    "discord.transport",
    "api.key",
    "api.staff_keys",
    "vault.key",
    "rules.quote_valid_seconds",
    "rules.pay_within_seconds",
    "rules.verify_within_seconds",
    "rules.review_within_seconds",
    "rules.gopay_fee_basis_points",
    "rules.ovo_fee_basis_points",
    "rules.dana_fee_basis_points",
    "rules.qris_fee_basis_points",
    "rules.va_fee_rupiah",
    "rules.indomaret_fee_rupiah",
    "rules.alfamart_fee_rupiah",
    "rules.wallet_deposit_least_rupiah",
    "rules.wallet_deposit_most_rupiah",
    "rules.odd_second_person_above_rupiah",
    "rules.fees",
    "rules.most_fee_basis_points",
    "rules.fee_above_margin",
    "rules.payment_methods",
    "rules.max_attempts",
    "rules.circuit_failures",
    "rules.supplier_circuit_failures",
    "rules.min_margin_basis_points",
    "rules.blind_margin_basis_points",
    "rules.first_buy_probe",
    "rules.unpaid_per_buyer",
    "rules.unpaid_per_server",
    "rules.unpaid_per_key",
    "rules.complaint_days",
    "risk.window_hours",
    "risk.payers_per_account",
    "risk.accounts_per_payer",
    "risk.shared_points",
    "risk.young_hours",
    "risk.newcomer_hours",
    "risk.young_free_rupiah",
    "risk.young_points",
    "risk.code_points",
    "risk.regular_orders",
    "risk.regular_days",
    "risk.basic_daily_rupiah",
    "risk.regular_daily_rupiah",
    "risk.verified_daily_rupiah",
    "prices.every_minutes",
    "prices.most_jump_percent",
    "prices.most_off_trend_percent",
    "prices.least_margin_basis_points",
    "prices.price_follows_cost",
    "deposit.every_minutes",
    "deposit.low_rupiah",
    "deposit.low_hours",
    "suppliers.refused_sellers",
    "suppliers.vouched_codes",
    "refunds.second_person_above",
    "refunds.automatic",
    "worker.lease_seconds",
];

/// Variables that start like configuration and are read elsewhere.
pub(super) const NOT_CONFIGURATION: &[&str] =
    &["LOKET_LOG", "LOKET_CRASH_LOG", "LOKET_CRASH_AT", "LOKET_TEST_POSTGRES_URL"];

/// The gateways and suppliers that are configured here. Their registrations tell which keys are their own.
#[derive(Clone, Copy)]
pub(crate) struct Parties {
    pub(crate) gateways: &'static [gateways::Registration],
    pub(crate) suppliers: &'static [suppliers::Registration],
}

impl Parties {
    /// All that this program knows.
    pub(crate) const ALL: Parties = Parties { gateways: gateways::ALL, suppliers: suppliers::ALL };

    /// What each has of keys of before, by its name.
    pub(super) fn previous(self) -> impl Iterator<Item = (&'static str, Previous)> {
        let gateways = self.gateways.iter().map(|registration| (registration.name, registration.previous));
        let suppliers = self.suppliers.iter().map(|registration| (registration.name, registration.previous));
        gateways.chain(suppliers).filter_map(|(name, previous)| Some((name, previous?)))
    }

    /// The keys that are their own.
    pub(super) fn keys(self) -> impl Iterator<Item = &'static str> {
        let gateways = self.gateways.iter().flat_map(|registration| registration.keys.iter().copied());
        let suppliers = self.suppliers.iter().flat_map(|registration| registration.keys.iter().copied());
        let of_before =
            |(_, previous): (&'static str, Previous)| previous.keys.iter().copied().chain([previous.until]);
        gateways.chain(suppliers).chain(self.previous().flat_map(of_before))
    }

    /// Whether this version reads the key.
    pub(super) fn know(self, key: &str) -> bool {
        KNOWN.contains(&key) || self.keys().any(|known| known == key)
    }

    /// The known key that looks most like `key`, if one does.
    pub(super) fn nearest(self, key: &str) -> Option<&'static str> {
        let all = KNOWN.iter().copied().chain(self.keys());
        let scored = all.map(|known| (strsim::damerau_levenshtein(key, known), known));
        scored.min().filter(|(distance, known)| *distance <= known.len().max(6) / 2).map(|(_, known)| known)
    }
}

impl fmt::Debug for Parties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gateways = self.gateways.iter().map(|registration| registration.name);
        f.debug_list().entries(gateways.chain(self.suppliers.iter().map(|supplier| supplier.name))).finish()
    }
}

/// `midtrans.server_key` as an environment variable.
pub(crate) fn environment_name(key: &str) -> String {
    format!("LOKET_{}", key.replace('.', "__").to_ascii_uppercase())
}
