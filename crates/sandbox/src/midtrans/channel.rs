//! Banks with virtual accounts, and stores at whose tills a code is paid: what each takes
//! (contracts/payments §1.10), the numbers that it hands out, and the fields that these are told in. What
//! the contract does not name is as Midtrans' public pages tell it, and not verified.

use super::{
    Refusal,
    body::amount_text,
    books::{PaymentType, Transaction},
    read,
};
use crate::world::uuid_bits;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{ops::RangeInclusive, time::Duration};
use vocabulary::{Ids, Timestamp};

const DAY: Duration = Duration::from_secs(86_400);
/// How long a number waits for the buyer when nobody says.
pub(super) const DEFAULT_EXPIRY: Duration = DAY;
/// The longest time that a merchant may give a buyer.
pub(super) const LONGEST_EXPIRY: Duration = DAY.saturating_mul(180);
/// What an approval code is counted up to.
const APPROVALS: u128 = 100_000_000_000_000;

vocabulary::text_enum!(
    /// The `bank` of a transfer, or the `store` of a payment at a till.
    pub(crate) enum Channel {
        /// A virtual account at BCA.
        Bca = "bca",
        /// A virtual account at BNI.
        Bni = "bni",
        /// A virtual account at BRI.
        Bri = "bri",
        /// A virtual account at Permata.
        Permata = "permata",
        /// A till of Indomaret.
        Indomaret = "indomaret",
        /// A till of Alfamart.
        Alfamart = "alfamart",
    }
);
database::text_column!(Channel);

impl Channel {
    /// What people call it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Channel::Bca => "BCA",
            Channel::Bni => "BNI",
            Channel::Bri => "BRI",
            Channel::Permata => "Permata",
            Channel::Indomaret => "Indomaret",
            Channel::Alfamart => "Alfamart",
        }
    }

    /// Whether it is a shop with tills, and not a bank.
    pub(crate) fn is_store(self) -> bool {
        self.payment_type() == PaymentType::Cstore
    }

    fn payment_type(self) -> PaymentType {
        match self {
            Channel::Bca | Channel::Bni | Channel::Bri | Channel::Permata => PaymentType::BankTransfer,
            Channel::Indomaret | Channel::Alfamart => PaymentType::Cstore,
        }
    }

    /// What can be paid there at once.
    pub(super) fn amounts(self) -> RangeInclusive<i64> {
        match self {
            Channel::Bca => 10_000..=i64::MAX,
            Channel::Bni | Channel::Bri | Channel::Permata => 1..=i64::MAX,
            Channel::Indomaret => 10_000..=5_000_000,
            Channel::Alfamart => 1..=5_000_000,
        }
    }

    /// A new number: that of the merchant there, and as many digits more as belong to it.
    pub(super) fn number(self, ids: &Ids) -> String {
        let (merchant, digits, bound) = match self {
            Channel::Bca => ("81278", 10, 10_000_000_000),
            Channel::Bni => ("988", 13, 10_000_000_000_000),
            Channel::Bri => ("81278", 13, 10_000_000_000_000),
            Channel::Permata => ("8778", 12, 1_000_000_000_000),
            Channel::Indomaret => ("2570", 10, 10_000_000_000),
            Channel::Alfamart => ("8127", 12, 1_000_000_000_000),
        };
        format!("{merchant}{:0digits$}", ids.below(bound))
    }
}

/// Where a charge of this type wants to be paid; nowhere for those that name no place.
pub(super) fn read(body: &Map<String, Value>, payment_type: PaymentType) -> Result<Option<Channel>, Refusal> {
    let (object, field) = match payment_type {
        PaymentType::BankTransfer => ("bank_transfer", "bank"),
        PaymentType::Cstore => ("cstore", "store"),
        PaymentType::Gopay | PaymentType::Qris | PaymentType::Ovo | PaymentType::Dana => return Ok(None),
    };
    let place = read::object(body, object)?
        .ok_or_else(|| Refusal::invalid(format!("{object} is required for {payment_type}")))?;
    let named =
        read::text(place, field)?.ok_or_else(|| Refusal::invalid(format!("{object}.{field} is required")))?;
    let is_it = |channel: &Channel| {
        // A store may be written large.
        let large = channel.is_store() && named.eq_ignore_ascii_case(channel.as_str());
        channel.payment_type() == payment_type && (large || named == channel.as_str())
    };
    match Channel::ALL.iter().copied().find(is_it) {
        Some(channel) => Ok(Some(channel)),
        None => Err(Refusal::invalid(format!("{object}.{field} is not one that this account has"))),
    }
}

/// A number to pay to, in the fields of its bank or store.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Numbers {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    va_numbers: Vec<VaNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permata_va_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
struct VaNumber {
    bank: &'static str,
    va_number: String,
}

impl Numbers {
    /// Those of this transaction.
    pub(super) fn of(t: &Transaction) -> Numbers {
        let (Some(channel), Some(code)) = (t.channel, &t.payment_code) else { return Numbers::default() };
        let code = code.clone();
        match channel {
            Channel::Permata => Numbers { permata_va_number: Some(code), ..Numbers::default() },
            Channel::Bca | Channel::Bni | Channel::Bri => {
                let number = VaNumber { bank: channel.as_str(), va_number: code };
                Numbers { va_numbers: vec![number], ..Numbers::default() }
            }
            Channel::Indomaret | Channel::Alfamart => {
                Numbers { payment_code: Some(code), store: Some(channel.as_str()), ..Numbers::default() }
            }
        }
    }
}

/// What is told besides, once it was paid or might have been.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Paid {
    /// What came in for a virtual account; BNI alone fills it.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_amounts: Option<Vec<PaidAmount>>,
    /// What stands on Indomaret's receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_code: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct PaidAmount {
    paid_at: String,
    amount: String,
}

impl Paid {
    /// That of this transaction, which counts as paid since `paid`.
    pub(super) fn of(t: &Transaction, paid: Option<Timestamp>) -> Paid {
        let Some(channel) = t.channel else { return Paid::default() };
        let told = |at: Timestamp| PaidAmount { paid_at: at.wib(), amount: amount_text(t.shown_amount()) };
        let amounts = match channel {
            Channel::Bni => Some(paid.map(told).into_iter().collect()),
            Channel::Bca | Channel::Bri => Some(Vec::new()),
            Channel::Permata | Channel::Indomaret | Channel::Alfamart => None,
        };
        let approval = paid.filter(|_| channel == Channel::Indomaret).map(|_| {
            let bits = uuid_bits(&t.transaction_id).unwrap_or_default();
            format!("{:014}", bits % APPROVALS)
        });
        Paid { payment_amounts: amounts, approval_code: approval }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_as_long_as_its_bank_or_store_has_it() {
        let ids = Ids::seeded(7);
        for (channel, merchant, length) in [
            (Channel::Bca, "81278", 15),
            (Channel::Bni, "988", 16),
            (Channel::Bri, "81278", 18),
            (Channel::Permata, "8778", 16),
            (Channel::Indomaret, "2570", 14),
            (Channel::Alfamart, "8127", 16),
        ] {
            let number = channel.number(&ids);
            assert!(number.starts_with(merchant) && number.len() == length, "{channel}: {number}");
            assert!(number.bytes().all(|b| b.is_ascii_digit()), "{channel}: {number}");
            assert_ne!(channel.number(&ids), number, "{channel}");
        }
    }
}
