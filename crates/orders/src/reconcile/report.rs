//! What a reconciliation found, and how it is kept: as JSON of its own, so that what is stored does not change with
//! the types here.

use super::settled::PARTY as SETTLEMENT;
use serde::{Deserialize, Serialize};
use vocabulary::{Rupiah, Timestamp, WibDay};

vocabulary::text_enum!(
    /// In what the sides differ.
    pub enum DifferenceKind {
        /// The other side has decided, and we have not heard: its webhook is missing.
        MissingWebhook = "missing_webhook",
        /// Money at the gateway for a payment that we do not know.
        UnknownPayment = "unknown_payment",
        /// A purchase at the supplier that we do not know.
        UnknownPurchase = "unknown_purchase",
        /// A payment of ours that the gateway does not know.
        PaymentNotFound = "payment_not_found",
        /// Paid by our rows, and not by the gateway.
        PaidHereOnly = "paid_here_only",
        /// The amounts differ: asked for, come in, booked, gone back.
        WrongAmount = "wrong_amount",
        /// The gateway gave money back, and we have not heard.
        TakenBack = "taken_back",
        /// Over by our rows, and the gateway would still take money.
        StillPayable = "still_payable",
        /// Both know the payment, and call it different things.
        StateDiffers = "state_differs",
        /// The gateway's word says neither paid nor unpaid.
        UnclearWord = "unclear_word",
        /// Delivered, and no payment of it is paid.
        DeliveredUnpaid = "delivered_unpaid",
        /// Delivered by our rows, and not by the supplier.
        NotDeliveredThere = "not_delivered_there",
        /// Failed by our rows, and delivered by the supplier.
        DeliveredThere = "delivered_there",
        /// Paid, and neither bought nor given back.
        PaidNotBought = "paid_not_bought",
        /// A purchase of which nobody knows how it ended, for too long.
        Undecided = "undecided",
        /// The supplier took another price than is booked.
        WrongPrice = "wrong_price",
        /// What is booked as fees is not what the configured rates make.
        Fee = "fee",
        /// Paid here, and in no settlement report by the day on which it must be.
        NotSettled = "not_settled",
        /// More than once in the settlement reports.
        SettledTwice = "settled_twice",
        /// Money went back by a settlement report, and we do not know of it.
        UnknownRefund = "unknown_refund",
        /// A refund of ours that is in no settlement report.
        RefundNotSettled = "refund_not_settled",
        /// A buyer's bank or wallet took money back, by a settlement report.
        Chargeback = "chargeback",
        /// The gateway kept another fee than is booked, by a settlement report.
        FeeKept = "fee_kept",
        /// Lines of a settlement report that could not be read.
        UnreadableLine = "unreadable_line",
        /// The deposit moved by another sum than our purchases.
        Deposit = "deposit",
    }
);

/// One thing in which the sides do not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// In what.
    pub kind: DifferenceKind,
    /// Of what: a payment, an attempt, an order, or a party and a day.
    pub subject: String,
    /// What our rows and books say.
    pub ledger: String,
    /// What the gateway says, when it has a word in it.
    pub gateway: Option<String>,
    /// What the supplier says, when it has a word in it.
    pub supplier: Option<String>,
    /// Why that is likely so.
    pub cause: String,
    /// What to do: mostly a command.
    pub action: String,
    /// Whether the payment is made due, so that the worker asks about it again.
    pub asked_again: bool,
}

/// A party that could not be asked about something: nothing is known of what it would say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAsked {
    /// The gateway or supplier.
    pub party: String,
    /// About how many things.
    pub count: usize,
    /// The first of them.
    pub first: String,
    /// Why.
    pub why: String,
}

/// Something worth knowing that is no difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// About what.
    pub subject: String,
    /// What.
    pub text: String,
}

/// What cannot be seen at a party, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The gateway or supplier.
    pub party: String,
    /// What and why.
    pub what: String,
}

/// What was left of our deposit at a supplier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepositReading {
    /// The supplier.
    pub supplier: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When it answered.
    pub at: Timestamp,
    /// What was left.
    pub balance: Rupiah,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Orders of the day, and those that are not decided yet.
    pub orders: usize,
    /// Their payments, without those from store credit.
    pub payments: usize,
    /// Of how many payments their gateway told.
    pub told: usize,
    /// Their purchases.
    pub attempts: usize,
    /// Lines of the settlement reports that were looked at.
    pub settlement_lines: usize,
}

/// What a reconciliation found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The day.
    pub day: WibDay,
    /// When it was compared.
    pub at: Timestamp,
    /// How much was looked at.
    pub counts: Counts,
    /// Where the sides differ.
    pub differences: Vec<Difference>,
    /// Who could not be asked.
    pub not_asked: Vec<NotAsked>,
    /// What is worth knowing besides.
    pub notes: Vec<Note>,
    /// What this cannot see.
    pub unseen: Vec<Unseen>,
    /// What was left of our deposits.
    pub deposits: Vec<DepositReading>,
    /// The numbers of the newest purchases at suppliers that list them.
    pub purchases: Vec<(String, Vec<String>)>,
}

impl Report {
    /// Whether everybody was asked and all say the same.
    pub fn agrees(&self) -> bool {
        self.differences.is_empty() && self.not_asked.is_empty()
    }

    /// This, with what a later run found in the next part of the settlement reports.
    pub(super) fn with_part(mut self, part: Report) -> Report {
        let lines = self.counts.settlement_lines.saturating_add(part.counts.settlement_lines);
        self.counts.settlement_lines = lines;
        let is_new = |found: &Difference| {
            part.differences.iter().any(|new| new.kind == found.kind && new.subject == found.subject)
        };
        self.differences.retain(|found| !is_new(found));
        self.differences.extend(part.differences);
        self.differences.sort_by(|a, b| (a.kind, &a.subject).cmp(&(b.kind, &b.subject)));
        self.not_asked.retain(|silence| silence.party != SETTLEMENT);
        self.not_asked.extend(part.not_asked);
        self.notes.retain(|note| !part.notes.contains(note));
        self.notes.extend(part.notes);
        self
    }

    pub(super) fn keep(&self) -> Kept {
        Kept {
            day: self.day.to_string(),
            at: self.at.millis(),
            orders: self.counts.orders,
            payments: self.counts.payments,
            told: self.counts.told,
            attempts: self.counts.attempts,
            settlement_lines: self.counts.settlement_lines,
            differences: self.differences.iter().map(KeptDifference::of).collect(),
            not_asked: self.not_asked.iter().map(KeptSilence::of).collect(),
            notes: self.notes.iter().map(|n| (n.subject.clone(), n.text.clone())).collect(),
            unseen: self.unseen.iter().map(|u| (u.party.clone(), u.what.clone())).collect(),
            deposits: self.deposits.iter().map(KeptDeposit::of).collect(),
            purchases: self.purchases.clone(),
        }
    }
}

/// A report as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    day: String,
    at: i64,
    orders: usize,
    payments: usize,
    told: usize,
    attempts: usize,
    #[serde(default)]
    settlement_lines: usize,
    differences: Vec<KeptDifference>,
    not_asked: Vec<KeptSilence>,
    notes: Vec<(String, String)>,
    unseen: Vec<(String, String)>,
    deposits: Vec<KeptDeposit>,
    #[serde(default)]
    purchases: Vec<(String, Vec<String>)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct KeptDifference {
    kind: String,
    subject: String,
    ledger: String,
    gateway: Option<String>,
    supplier: Option<String>,
    cause: String,
    action: String,
    asked_again: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct KeptSilence {
    party: String,
    count: usize,
    first: String,
    why: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct KeptDeposit {
    supplier: String,
    asked_at: i64,
    at: i64,
    balance: i64,
}

impl Kept {
    /// The report again; what is wrong with it when it cannot be read.
    pub(super) fn read(self) -> Result<Report, String> {
        let differences: Result<Vec<Difference>, String> =
            self.differences.into_iter().map(KeptDifference::read).collect();
        Ok(Report {
            day: self.day.parse().map_err(|error: vocabulary::ParseDayError| error.to_string())?,
            at: Timestamp::from_millis(self.at),
            counts: Counts {
                orders: self.orders,
                payments: self.payments,
                told: self.told,
                attempts: self.attempts,
                settlement_lines: self.settlement_lines,
            },
            differences: differences?,
            not_asked: self.not_asked.into_iter().map(KeptSilence::read).collect(),
            notes: self.notes.into_iter().map(|(subject, text)| Note { subject, text }).collect(),
            unseen: self.unseen.into_iter().map(|(party, what)| Unseen { party, what }).collect(),
            deposits: self.deposits.into_iter().map(KeptDeposit::read).collect(),
            purchases: self.purchases,
        })
    }
}

impl KeptDifference {
    fn of(found: &Difference) -> Self {
        KeptDifference {
            kind: found.kind.to_string(),
            subject: found.subject.clone(),
            ledger: found.ledger.clone(),
            gateway: found.gateway.clone(),
            supplier: found.supplier.clone(),
            cause: found.cause.clone(),
            action: found.action.clone(),
            asked_again: found.asked_again,
        }
    }

    fn read(self) -> Result<Difference, String> {
        Ok(Difference {
            kind: self.kind.parse().map_err(|error: vocabulary::UnknownWord| error.to_string())?,
            subject: self.subject,
            ledger: self.ledger,
            gateway: self.gateway,
            supplier: self.supplier,
            cause: self.cause,
            action: self.action,
            asked_again: self.asked_again,
        })
    }
}

impl KeptSilence {
    fn of(silence: &NotAsked) -> Self {
        let NotAsked { party, count, first, why } = silence.clone();
        KeptSilence { party, count, first, why }
    }

    fn read(self) -> NotAsked {
        NotAsked { party: self.party, count: self.count, first: self.first, why: self.why }
    }
}

impl KeptDeposit {
    fn of(reading: &DepositReading) -> Self {
        KeptDeposit {
            supplier: reading.supplier.clone(),
            asked_at: reading.asked_at.millis(),
            at: reading.at.millis(),
            balance: reading.balance.get(),
        }
    }

    fn read(self) -> DepositReading {
        DepositReading {
            supplier: self.supplier,
            asked_at: Timestamp::from_millis(self.asked_at),
            at: Timestamp::from_millis(self.at),
            balance: Rupiah::new(self.balance),
        }
    }
}
