//! The keys that the configuration knows. A gateway may have more of its own, and those of a supplier
//! are all its own: their registrations name them.

use crate::{gateways, suppliers};

/// Keys that this version reads.
pub(super) const KNOWN: &[&str] = &[
    "mode",
    "data_dir",
    "server.listen",
    "server.public_url",
    "server.trusted_proxies",
    "database.url",
    "midtrans.server_key",
    "midtrans.previous_until",
    "midtrans.base_url",
    "midtrans.snap_url",
    "dana.partner_id",
    "dana.merchant_id",
    "dana.store_id",
    "dana.private_key_file",
    "dana.gateway_public_key_file",
    "dana.previous_gateway_public_key_file",
    "dana.previous_private_key_file",
    "dana.previous_until",
    "dana.base_url",
    "xendit.secret_key",
    "xendit.callback_token",
    "xendit.previous_callback_token",
    "xendit.previous_secret_key",
    "xendit.previous_until",
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

/// The keys that are a gateway's or a supplier's own, told by its registration.
pub(super) fn of_parties() -> impl Iterator<Item = &'static str> {
    let gateways = gateways::ALL.iter().flat_map(|registration| registration.keys.iter().copied());
    gateways.chain(suppliers::ALL.iter().flat_map(|registration| registration.keys.iter().copied()))
}

/// Whether this version reads the key.
pub(super) fn is_known(key: &str) -> bool {
    KNOWN.contains(&key) || of_parties().any(|known| known == key)
}

/// `midtrans.server_key` as an environment variable.
pub(crate) fn environment_name(key: &str) -> String {
    format!("LOKET_{}", key.replace('.', "__").to_ascii_uppercase())
}

/// The known key that looks most like `key`, if one does.
pub(super) fn nearest(key: &str) -> Option<&'static str> {
    let all = KNOWN.iter().copied().chain(of_parties());
    let scored = all.map(|known| (strsim::damerau_levenshtein(key, known), known));
    scored.min().filter(|(distance, known)| *distance <= known.len().max(6) / 2).map(|(_, known)| known)
}
