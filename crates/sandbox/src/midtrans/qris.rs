//! The text of a QR code: an EMVCo merchant-presented payload in the shape that QRIS prescribes.

use super::books::Transaction;
use crate::world::{uuid_bits, uuid_text};

/// The payload that a wallet would scan for this transaction: the amount, the order id as bill
/// number, and the transaction id as reference label.
pub(crate) fn payload(transaction: &Transaction) -> String {
    let merchant = [
        field("00", "COM.GO-JEK.WWW"),
        field("01", "936009140000000001"),
        field("02", "G000000001"),
        field("03", "UMI"),
    ];
    let repository = [field("00", "ID.CO.QRIS.WWW"), field("02", "ID1020000000001"), field("03", "UMI")];
    let bill = Some(&transaction.order_id).filter(|id| id.len() <= 25).map(|id| field("01", id));
    let label = field("05", &label(&transaction.transaction_id));
    let fields = [
        field("00", "01"),
        field("01", "12"),
        field("26", &merchant.concat()),
        field("51", &repository.concat()),
        field("52", "5816"),
        field("53", "360"),
        field("54", &transaction.amount.to_string()),
        field("58", "ID"),
        field("59", "LOKET SANDBOX"),
        field("60", "JAKARTA"),
        field("61", "10110"),
        field("62", &[bill.unwrap_or_default(), label, field("07", "A01")].concat()),
    ];
    seal(&fields.concat())
}

/// The transaction id that a payload carries, when the payload is whole.
pub(crate) fn transaction_of(payload: &str) -> Option<String> {
    let additional = find(open(payload)?, "62")?;
    find(additional, "05").and_then(read_label)
}

/// One field: tag, two digits of length, value.
fn field(tag: &str, value: &str) -> String {
    format!("{tag}{:02}{value}", value.len())
}

/// The value of the first field with this tag.
fn find<'a>(mut fields: &'a str, tag: &str) -> Option<&'a str> {
    while !fields.is_empty() {
        let length: usize = fields.get(2..4)?.parse().ok()?;
        let end = length.checked_add(4)?;
        let value = fields.get(4..end)?;
        if fields.get(..2)? == tag {
            return Some(value);
        }
        fields = fields.get(end..)?;
    }
    None
}

/// Puts the checksum at the end.
fn seal(fields: &str) -> String {
    let open = format!("{fields}6304");
    format!("{open}{:04X}", crc16(open.as_bytes()))
}

/// The fields in front of the checksum, when the checksum is right.
fn open(payload: &str) -> Option<&str> {
    let (covered, crc) = payload.split_at_checked(payload.len().checked_sub(4)?)?;
    let right = crc == format!("{:04X}", crc16(covered.as_bytes()));
    covered.strip_suffix("6304").filter(|_| right)
}

/// CRC-16/CCITT-FALSE.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
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
    use serde_json::Value;

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../tests/fixtures/qris.json")).unwrap()
    }

    #[test]
    fn the_checksum_is_that_of_the_vectors() {
        let vectors = vectors();
        let check = &vectors["crc_check_string"];
        let crc = crc16(check["input"].as_str().unwrap().as_bytes());
        assert_eq!(format!("{crc:04X}"), check["crc"].as_str().unwrap());
        for name in [
            "synthetic_static",
            "synthetic_dynamic_25000",
            "synthetic_dynamic_25000_ref",
            "public_dynamic_15000",
        ] {
            let payload = vectors[name].as_str().unwrap();
            let covered = open(payload).unwrap_or_else(|| panic!("{name} has a wrong checksum"));
            assert_eq!(seal(covered), payload);
        }
        assert!(open(vectors["public_static"]["payload"].as_str().unwrap()).is_some());
        for tampered in vectors["tampered"].as_array().unwrap() {
            assert_eq!(open(tampered["payload"].as_str().unwrap()), None);
        }
    }

    #[test]
    fn fields_are_found_by_their_tag() {
        let vectors = vectors();
        let fields = open(vectors["synthetic_dynamic_25000_ref"].as_str().unwrap()).unwrap();
        assert_eq!(find(fields, "54"), Some("25000"));
        assert_eq!(find(find(fields, "62").unwrap(), "05"), Some("ORD0001"));
        assert_eq!(find(fields, "99"), None);
        for broken in ["", "6", "62", "6299", "62xx", "620", "é0010"] {
            assert_eq!(find(broken, "62"), None, "{broken:?}");
        }
    }

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
