//! Settlement reports: the files in which a gateway says what it paid out to the shop and what it kept. No party's
//! form of them is known to us, so the owner says which column is what (`profile.rs`); what is in a file is read
//! (`read.rs`) and kept whole (`stored.rs`). What it means beside our own rows is for whoever compares.

mod figure;
mod profile;
mod read;
#[cfg(test)]
mod read_tests;
mod stored;

pub use profile::{ListedBy, SettlementProfile, SettlementProfileError};
pub use read::{SETTLEMENT_READER, SettlementFile, SettlementUnreadable, read_settlement};
pub use stored::{
    SettlementIntent, SettlementPlace, SettlementReport, settlement_begin, settlement_complete,
    settlement_counted_before, settlement_fees_after, settlement_go_on, settlement_keep_lines,
    settlement_lines_about, settlement_lines_after, settlement_mark_compared, settlement_moments_after,
    settlement_report, settlement_reports, settlement_reports_since, settlement_withdraw,
};

use serde::{Deserialize, Serialize};
use vocabulary::{PayPoint, PaymentMethod, Rupiah, Timestamp};

vocabulary::text_enum!(
    /// What a line of a settlement report is about.
    pub enum LineKind {
        /// Money that came in.
        Payment = "payment",
        /// Money that went back to a buyer.
        Refund = "refund",
        /// Money that a buyer's bank or wallet took back.
        Chargeback = "chargeback",
        /// Something that the gateway kept beside payments.
        Fee = "fee",
        /// Anything else: payouts, corrections, words that are not known.
        Other = "other",
    }
);
database::text_column!(LineKind);

/// One line of a settlement report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettlementLine {
    /// Where it stands in the file, from 1.
    pub line: i64,
    /// What it is about.
    pub kind: LineKind,
    /// Our reference, as the file has it; empty when it names none.
    pub reference: String,
    /// The gateway's own id; empty when it names none.
    pub their_id: String,
    /// How much came in, or went back; above zero for payments, refunds and chargebacks, below zero for a fee that was
    /// kept.
    pub gross: Rupiah,
    /// What was kept of a payment, or on top of what went back (below zero: given back with it), in whole rupiah with
    /// half a rupiah upwards; `None` where the file does not say.
    pub fee: Option<Rupiah>,
    /// When it was paid or given back, where the file says so.
    pub paid_at: Option<Timestamp>,
    /// When it was settled with the shop, where the file says so.
    pub settled_at: Option<Timestamp>,
    /// The word for its kind, as the file has it.
    pub word: String,
}

/// A line that could not be read, as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableLine {
    /// Where it stands in the file, from 1.
    pub line: i64,
    /// What is wrong with it.
    pub reason: String,
    /// Its fields, with ` | ` between.
    pub text: String,
}

impl SettlementLine {
    /// What makes it the same line in another file. When it was settled is not in it: a file of payments may have
    /// been written before. Neither is what was kept of money that went back: older readings do not tell it.
    pub fn key(&self) -> (LineKind, &str, &str, Rupiah, Option<Rupiah>, Option<Timestamp>) {
        let fee = self.fee.filter(|_| self.kind == LineKind::Payment);
        (self.kind, &self.reference, &self.their_id, self.gross, fee, self.paid_at)
    }

    /// The moment by which a report lists it; `None` when the file does not say.
    pub fn listed_at(&self, by: ListedBy) -> Option<Timestamp> {
        match by {
            ListedBy::Settled => self.settled_at.or(self.paid_at),
            ListedBy::Paid => self.paid_at.or(self.settled_at),
        }
    }
}

/// After how many weekdays a gateway has settled a payment by this method with the shop (contracts/payments §3.7,
/// which tells it of Xendit; of the others it is not told, and taken to be the same).
pub fn settled_after_weekdays(method: PaymentMethod) -> u32 {
    match method {
        PaymentMethod::GopayQr | PaymentMethod::GopayLink | PaymentMethod::VaBca => 1,
        PaymentMethod::Wallet => 0,
        other => match other.pay_point() {
            Some(PayPoint::Bank(_)) => 0,
            Some(PayPoint::Store(_)) => 5,
            None => 2,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_settled_after_the_days_of_the_contract() {
        for (method, days) in [
            (PaymentMethod::GopayQr, 1),
            (PaymentMethod::VaBca, 1),
            (PaymentMethod::VaBri, 0),
            (PaymentMethod::Qris, 2),
            (PaymentMethod::OvoPush, 2),
            (PaymentMethod::DanaLink, 2),
            (PaymentMethod::CstoreAlfamart, 5),
        ] {
            assert_eq!(settled_after_weekdays(method), days, "{method}");
        }
    }
}
