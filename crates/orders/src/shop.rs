//! A shop: its database, its clock, the parties it works with, and the rules it runs by.

use crate::{
    Circuits, Courier, DepositRules, FeeAboveMargin, PriceRules, RefundTarget, UnpaidRules,
    circuit::PATIENCE, setting,
};
use catalog::Validator;
use database::{Database, Error, Migrations};
use payments::{AgreedFees, Gateway};
use security::{SignalRules, TierRules, Vault};
use std::{sync::Arc, time::Duration};
use suppliers::{FirstBuyRules, RefusedSellers, Supplier};
use vocabulary::{BuyerId, Clock, Ids, PaymentMethod, Rupiah};

/// The schema of a shop.
pub const MIGRATIONS: Migrations = database::migrations!(
    "0001_catalog",
    "0002_inventory",
    "0003_ledger",
    "0004_security",
    "0005_payments",
    "0006_suppliers",
    "0007_notifications",
    "0008_orders",
    "0009_append_only",
    "0010_attempt_age",
    "0011_ways_to_pay",
    "0012_couriers",
    "0013_discord",
    "0014_discord_buyer",
    "0015_attempt_answered",
    "0016_screen_surface",
    "0017_attention",
    "0018_draft_claim",
    "0019_receipt_claim",
    "0020_given_back",
    "0021_draft_cut_off",
    "0022_reconcile",
    "0023_payment_code",
    "0024_supplier_number",
    "0026_supplier_listing",
    "0027_supplier_watch",
    "0028_routes",
    "0029_routing",
    "0030_refund",
    "0031_refund_request",
    "0033_circuit",
    "0034_deposit",
    "0035_share_back",
    "0036_second_word",
    "0037_refund_once",
    "0038_supplier_line",
    "0039_sellers",
    "0043_settlement",
    "0047_origin",
    "0048_evidence",
    "0051_verified_buyer",
    "0052_order_lists",
    "0054_settlement_place",
    "0055_further_prices",
    "0057_name_check",
    "0059_told",
    "0061_attempt_nudges",
);

/// Everything that a use case needs. Cheap to clone.
#[derive(Clone)]
pub struct Shop {
    /// Where everything is kept.
    pub db: Database,
    /// What time it is.
    pub clock: Clock,
    /// Where ids come from.
    pub ids: Ids,
    /// Who collects money.
    pub gateways: Arc<Vec<Arc<dyn Gateway>>>,
    /// How they have answered of late, as this process saw it last.
    pub circuits: Arc<Circuits>,
    /// Who delivers.
    pub suppliers: Arc<Vec<Arc<dyn Supplier>>>,
    /// Who carries messages to people.
    pub couriers: Arc<Vec<Arc<dyn Courier>>>,
    /// Keeps what must not lie in the database in the clear.
    pub vault: Vault,
    /// The rules it runs by.
    pub rules: Arc<Rules>,
    /// Who checks game accounts.
    pub validator: Validator,
}

/// The rules that an owner can change.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How long a price is promised.
    pub quote_valid: Duration,
    /// How long the buyer has to pay, from the moment that payment is possible.
    pub pay_within: Duration,
    /// How long the buyer has to prove to be the buyer.
    pub verify_within: Duration,
    /// How long a person has to review.
    pub review_within: Duration,
    /// What the gateways keep of a payment, where it is not what their lists say.
    pub fees: AgreedFees,
    /// What a gateway may keep of an order's price, in basis points: a method that costs more is not offered
    /// for it.
    pub most_fee_basis_points: u32,
    /// What becomes of a method of which the gateway keeps more than the sale leaves.
    pub fee_above_margin: FeeAboveMargin,
    /// The methods that are offered beside store credit; all that the gateways collect by when nothing is
    /// said.
    pub methods: Option<Vec<PaymentMethod>>,
    /// How suppliers' prices are followed.
    pub prices: PriceRules,
    /// How our deposits at suppliers are watched.
    pub deposit: DepositRules,
    /// How many attempts that come to nothing are made for one order before it is refunded.
    pub max_attempts: u32,
    /// What has to be left of a price when the supplier is paid, in basis points of the price: nothing is bought
    /// that leaves less.
    pub min_margin_basis_points: u32,
    /// What has to be left of a price, in basis points of it, to buy from a supplier that takes no limit and tells no
    /// price before.
    pub blind_margin_basis_points: u32,
    /// Sellers that are not bought from, at whichever supplier.
    pub refused_sellers: RefusedSellers,
    /// Which products are tried with one order first. None here; the configuration switches it on.
    pub first_buy: FirstBuyRules,
    /// After so many failures within five minutes a gateway is left alone for a while.
    pub circuit_failures: u32,
    /// After so many attempts in a row without a usable answer a supplier, or a product of it, is left alone for a
    /// while.
    pub supplier_circuit_failures: u32,
    /// The least that a buyer may put into the own wallet at once.
    pub wallet_deposit_least: Rupiah,
    /// And the most; nothing, and no deposits are taken.
    pub wallet_deposit_most: Rupiah,
    /// An odd amount that is less than the price by more than this is taken as paid by two persons only.
    pub odd_second_person_above: Rupiah,
    /// How long a worker may take over one row before another takes it up. Longer than any call to an
    /// outside party may take.
    pub lease: Duration,
    /// How many lines of settlement reports that were never compared one comparison looks at, and in how many
    /// payments it looks for what they lack: the next one goes on from there.
    pub settlement_lines: u32,
    /// Whether business time may be moved: in the sandbox only.
    pub movable_clock: bool,
    /// How refunds are made.
    pub refunds: RefundRules,
    /// How many orders and deposits may be unpaid at a time.
    pub unpaid: UnpaidRules,
    /// For how long after a delivery its buyer may complain about it.
    pub complaint_within: Duration,
    /// What counts beside the four parameters of the risk score.
    pub signals: SignalRules,
    /// What makes the tiers of buyers, and what each may pay within a day.
    pub tiers: TierRules,
    /// Base of our own addresses, which gateways and suppliers send webhooks to.
    pub public_url: Option<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            quote_valid: Duration::from_secs(5 * 60),
            pay_within: Duration::from_secs(15 * 60),
            verify_within: Duration::from_secs(15 * 60),
            review_within: Duration::from_secs(24 * 3600),
            fees: AgreedFees::default(),
            // What a sale leaves decides; this is for money that nothing is sold for, and for whoever does not know
            // what the goods cost.
            most_fee_basis_points: 3_000,
            // A small order cannot carry a transfer of Rp 4.440 (contracts/payments §8).
            fee_above_margin: FeeAboveMargin::Refuse,
            methods: None,
            prices: PriceRules::default(),
            deposit: DepositRules::default(),
            max_attempts: 3,
            min_margin_basis_points: 0,
            blind_margin_basis_points: 300,
            refused_sellers: RefusedSellers::default(),
            first_buy: FirstBuyRules::default(),
            circuit_failures: PATIENCE.failures,
            supplier_circuit_failures: suppliers::SILENT_IN_A_ROW,
            wallet_deposit_least: Rupiah::new(10_000),
            wallet_deposit_most: Rupiah::new(2_000_000),
            odd_second_person_above: Rupiah::new(50_000),
            lease: Duration::from_secs(60),
            settlement_lines: 10_000,
            movable_clock: false,
            refunds: RefundRules::default(),
            unpaid: UnpaidRules::default(),
            complaint_within: Duration::from_secs(7 * 86_400),
            signals: SignalRules::default(),
            tiers: TierRules::default(),
            public_url: None,
        }
    }
}

/// How refunds are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundRules {
    /// What staff give back above this needs a second person.
    pub second_person_above: Rupiah,
    /// Where money goes back by itself, after a failure that is proven. What cannot go to where it came from becomes
    /// store credit.
    pub automatic: RefundTarget,
}

impl Default for RefundRules {
    fn default() -> Self {
        RefundRules { second_person_above: Rupiah::new(500_000), automatic: RefundTarget::Source }
    }
}

impl Rules {
    /// Whether the owner offers this method, if somebody collects by it.
    pub fn offers(&self, method: PaymentMethod) -> bool {
        self.methods.as_ref().is_none_or(|methods| methods.contains(&method))
    }

    /// The address below our public one, when we have one.
    pub fn address(&self, path: &str) -> Option<String> {
        self.public_url.as_ref().map(|base| format!("{}{path}", base.trim_end_matches('/')))
    }
}

impl Shop {
    /// The gateway of this name, if it is connected.
    pub fn gateway(&self, name: &str) -> Option<&Arc<dyn Gateway>> {
        self.gateways.iter().find(|g| g.name() == name)
    }

    /// The courier of this name, if there is one.
    pub fn courier(&self, name: &str) -> Option<&Arc<dyn Courier>> {
        self.couriers.iter().find(|c| c.name() == name)
    }

    /// Who carries messages to this buyer; none, when they read them in their order only.
    pub fn courier_for(&self, buyer: &BuyerId) -> Option<&'static str> {
        self.couriers.iter().find(|c| c.reaches(buyer)).map(|c| c.name())
    }

    /// The supplier of this name, if it is connected.
    pub fn supplier(&self, name: &str) -> Option<&Arc<dyn Supplier>> {
        self.suppliers.iter().find(|s| s.name() == name)
    }

    /// Takes over how far business time is ahead, as another process may have moved it. In production
    /// business time is real time, whatever the database says.
    pub async fn refresh_clock(&self) -> Result<(), Error> {
        if !self.rules.movable_clock {
            return Ok(());
        }
        let mut tx = self.db.read("clock.refresh").await?;
        self.clock.raise_offset_ms(setting::clock_offset_ms(&mut tx).await?);
        Ok(())
    }

    /// Moves business time forward (sandbox only), for every process on this database. Returns the
    /// new offset in milliseconds.
    pub async fn advance_clock(&self, by: Duration) -> Result<i64, Error> {
        let mut tx = self.db.write("clock.advance").await?;
        let offset =
            setting::advance_clock(&mut tx, i64::try_from(by.as_millis()).unwrap_or(i64::MAX)).await?;
        tx.commit().await?;
        self.clock.raise_offset_ms(offset);
        Ok(offset)
    }
}
