//! What each side says, as the comparison sees it: our rows and books, the gateways, the suppliers.

use super::settled::SettlementSides;
use crate::{Attention, OrderState};
use catalog::NameCheckState;
use payments::{Fee, ObservedState, PaymentState};
use std::collections::{BTreeSet, HashMap};
use suppliers::{AttemptState, Purchases, Verdict, Word};
use vocabulary::{OrderNumber, PaymentMethod, Rupiah, Timestamp, WibDay};

/// All sides of a day.
#[derive(Clone, Debug)]
pub(super) struct Sides {
    /// The day.
    pub(super) day: WibDay,
    /// When they were asked.
    pub(super) now: Timestamp,
    /// Our orders, with what belongs to them.
    pub(super) orders: Vec<OurOrder>,
    /// What gateways say, by the reference of the payment.
    pub(super) gateways: HashMap<String, GatewaySays>,
    /// What suppliers say that can be asked, by the reference of the attempt.
    pub(super) suppliers: HashMap<String, SupplierSays>,
    /// Webhooks about nothing of ours.
    pub(super) strangers: Vec<Stranger>,
    /// What each gateway keeps of a payment by each method, by its list or by configuration.
    pub(super) rates: HashMap<(String, PaymentMethod), Fee>,
    /// Our deposits.
    pub(super) deposits: Vec<DepositSides>,
    /// What suppliers list as bought by our account.
    pub(super) listed: Vec<ListedSides>,
    /// What settlement reports say, beside what of ours they are about.
    pub(super) settlement: SettlementSides,
}

/// An order, by our rows.
#[derive(Clone, Debug)]
pub(super) struct OurOrder {
    pub(super) number: OrderNumber,
    pub(super) state: OrderState,
    pub(super) attention: Option<Attention>,
    pub(super) updated_at: Timestamp,
    pub(super) payments: Vec<OurPayment>,
    pub(super) attempts: Vec<OurAttempt>,
}

/// A payment, by our rows and books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OurPayment {
    pub(super) reference: String,
    /// `wallet` for store credit, which no gateway knows.
    pub(super) gateway: String,
    pub(super) method: PaymentMethod,
    pub(super) amount: Rupiah,
    pub(super) state: PaymentState,
    /// An amount that the gateway named and that is not ours.
    pub(super) odd_amount: Option<Rupiah>,
    pub(super) expires_at: Timestamp,
    pub(super) settled_at: Option<Timestamp>,
    pub(super) booked: BookedMoney,
    pub(super) back: WentBack,
}

/// What of a payment went back to its buyer, by our rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct WentBack {
    /// By refunds of ours.
    pub(super) by_us: Rupiah,
    /// On its way by one of ours: its gateway may count it already.
    pub(super) on_its_way: Rupiah,
    /// Otherwise, as far as we have heard; all that is left when the gateway took the whole back.
    pub(super) otherwise: Rupiah,
    /// What a bank took of what had gone back by us before: gateways need not count it.
    pub(super) charged_back: Rupiah,
    /// Whether something went back, and nobody knows how much.
    pub(super) is_unclear: bool,
}

/// What the ledger says of a payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BookedMoney {
    /// What of it is ours: what the fee is reckoned from.
    pub(super) ours: Rupiah,
    /// What its gateway holds for it; the fee is not taken off.
    pub(super) held: Rupiah,
    /// The fee.
    pub(super) fee: Rupiah,
    /// Whether it pays the order.
    pub(super) pays: bool,
}

/// A fulfilment attempt, by our rows and books, with what its supplier said of it.
#[derive(Clone, Debug)]
pub(super) struct OurAttempt {
    pub(super) reference: String,
    pub(super) supplier: String,
    pub(super) state: AttemptState,
    pub(super) code: Option<String>,
    pub(super) max_price: Rupiah,
    pub(super) created_at: Timestamp,
    pub(super) first_sent_at: Option<Timestamp>,
    pub(super) due_at: Option<Timestamp>,
    /// What the books say that it took from the deposit.
    pub(super) booked: Rupiah,
    pub(super) words: Vec<Word>,
}

/// What a gateway says of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum GatewaySays {
    /// It knows the payment.
    Found {
        /// Its state, in our words.
        state: ObservedState,
        /// Its own word.
        stated: String,
        /// The amount that it names.
        amount: Option<Rupiah>,
        /// How much of it went back in all, by whomever, where it says so.
        given_back: Option<Rupiah>,
    },
    /// It has nothing under this reference.
    NotFound,
    /// It could not be asked.
    Silent(String),
}

/// What a supplier says of an attempt that it can be asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SupplierSays {
    /// It told.
    Told(Verdict, String),
    /// It could not be asked.
    Silent(String),
}

/// Something that a party told us of and that we do not know.
#[derive(Clone, Debug)]
pub(super) struct Stranger {
    pub(super) party: String,
    pub(super) reference: String,
    pub(super) at: Timestamp,
    pub(super) says: StrangerSays,
}

/// What is known of it.
#[derive(Clone, Debug)]
pub(super) enum StrangerSays {
    /// A payment, by its gateway.
    Payment(GatewaySays),
    /// A purchase, by its supplier's webhook.
    Purchase(Verdict, String),
    /// Its reference is none of this shop's making, so it cannot be asked about.
    NotOurForm,
}

/// Our deposit at a supplier.
#[derive(Clone, Debug)]
pub(super) struct DepositSides {
    pub(super) supplier: String,
    /// What was left at the beginning.
    pub(super) opening: Option<Reading>,
    /// What is left now.
    pub(super) closing: Closing,
    /// The purchases that may have moved it.
    pub(super) attempts: Vec<OurAttempt>,
    /// And the names that were bought with it.
    pub(super) names: Vec<OurName>,
    /// Whether the supplier keeps something of a purchase that fails, and does not tell how much.
    pub(super) keeps_of_failures: bool,
}

/// The purchase of a name, by our row.
#[derive(Clone, Debug)]
pub(super) struct OurName {
    pub(super) state: NameCheckState,
    pub(super) price: Option<Rupiah>,
    pub(super) max_price: Rupiah,
    pub(super) asked_at: Timestamp,
    pub(super) decided_at: Option<Timestamp>,
    pub(super) taken_back_at: Option<Timestamp>,
}

/// What is left of a deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// So much.
    Read(Reading),
    /// The supplier does not tell.
    NotTold,
    /// It could not be asked.
    Silent(String),
}

/// A deposit at a moment: it was asked for and answered, and was so at some time between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) asked_at: Timestamp,
    pub(super) at: Timestamp,
    pub(super) balance: Rupiah,
}

/// The newest purchases of our account at a supplier.
#[derive(Clone, Debug)]
pub(super) struct ListedSides {
    pub(super) supplier: String,
    pub(super) says: Purchases,
    /// The numbers among them that are attempts of ours.
    pub(super) ours: BTreeSet<String>,
    /// References of those attempts, and whether the list calls failed what we have as delivered.
    pub(super) attempts: Vec<(String, bool)>,
    /// And those that an earlier daily run has told of.
    pub(super) told: BTreeSet<String>,
    /// Attempts of ours whose number is not known: their references and customer numbers.
    pub(super) without_number: Vec<(String, String)>,
}
