//! The QR code of a transaction: Midtrans' part of it.

use super::books::Transaction;
use crate::{
    qris::{self, Acquirer},
    world::{uuid_bits, uuid_text},
};

const GOPAY: Acquirer =
    Acquirer { domain: "COM.GO-JEK.WWW", account: "936009140000000001", merchant: "G000000001" };

/// The payload that a wallet would scan for this transaction.
pub(crate) fn payload(transaction: &Transaction) -> String {
    qris::payload(&GOPAY, transaction.amount, &transaction.order_id, &label(&transaction.transaction_id))
}

/// The transaction id that a payload carries, when the payload is whole.
pub(super) fn transaction_of(payload: &str) -> Option<String> {
    qris::label_of(payload).and_then(read_label)
}

/// A transaction id in the 25 characters that a reference label has: its 128 bits in base 36.
fn label(transaction_id: &str) -> String {
    let mut rest = uuid_bits(transaction_id).unwrap_or_default();
    let mut digits = Vec::new();
    for _ in 0..25 {
        let digit = u32::try_from(rest % 36).ok().and_then(|d| char::from_digit(d, 36)).unwrap_or('0');
        digits.push(digit.to_ascii_uppercase());
        rest /= 36;
    }
    digits.iter().rev().collect()
}

fn read_label(label: &str) -> Option<String> {
    let bits = label
        .chars()
        .try_fold(0_u128, |bits, c| bits.checked_mul(36)?.checked_add(u128::from(c.to_digit(36)?)));
    bits.filter(|_| label.len() == 25).map(uuid_text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_twenty_five_characters_and_leads_back() {
        for id in [
            "00000000-0000-0000-0000-000000000000",
            "b58dcdee-8b8c-4d5c-9d3a-0f0f0f0f0f0f",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ] {
            assert_eq!(label(id).len(), 25);
            assert_eq!(read_label(&label(id)).as_deref(), Some(id));
        }
        assert_eq!(read_label("ZZZZZZZZZZZZZZZZZZZZZZZZZ"), None);
    }
}
