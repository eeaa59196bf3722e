//! The text of a QR code: an EMVCo merchant-presented payload in the shape that QRIS prescribes.

/// The party behind a code, as the code names it.
pub(crate) struct Acquirer {
    /// Its domain, backwards.
    pub(crate) domain: &'static str,
    /// The merchant's account number with it.
    pub(crate) account: &'static str,
    /// The merchant's id with it.
    pub(crate) merchant: &'static str,
}

/// The payload that a wallet would scan: the amount, the order as bill number (where it fits), and the
/// transaction as reference label, of at most 25 characters.
pub(crate) fn payload(acquirer: &Acquirer, amount: i64, order: &str, label: &str) -> String {
    let merchant = [
        field("00", acquirer.domain),
        field("01", acquirer.account),
        field("02", acquirer.merchant),
        field("03", "UMI"),
    ];
    let repository = [field("00", "ID.CO.QRIS.WWW"), field("02", "ID1020000000001"), field("03", "UMI")];
    let bill = Some(order).filter(|id| id.len() <= 25).map(|id| field("01", id));
    let label = field("05", label);
    let fields = [
        field("00", "01"),
        field("01", "12"),
        field("26", &merchant.concat()),
        field("51", &repository.concat()),
        field("52", "5816"),
        field("53", "360"),
        field("54", &amount.to_string()),
        field("58", "ID"),
        field("59", "LOKET SANDBOX"),
        field("60", "JAKARTA"),
        field("61", "10110"),
        field("62", &[bill.unwrap_or_default(), label, field("07", "A01")].concat()),
    ];
    seal(&fields.concat())
}

/// The reference label that a payload carries, when the payload is whole.
pub(crate) fn label_of(payload: &str) -> Option<&str> {
    find(find(open(payload)?, "62")?, "05")
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../tests/fixtures/qris.json")).unwrap()
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

    /// A static code with an amount: as the dynamic one of the vectors was made of it.
    fn dynamic(fixed: &str, amount: &str, label: Option<&str>) -> String {
        let fixed = open(fixed).unwrap();
        let mut fields = String::new();
        for tag in ["00", "01", "26", "51", "52", "53", "54", "58", "59", "60", "61", "62"] {
            let value = match (tag, find(fixed, tag).unwrap_or_default()) {
                ("01", _) => "12".to_owned(),
                ("54", _) => amount.to_owned(),
                ("62", value) => {
                    [label.map(|l| field("05", l)).unwrap_or_default(), value.to_owned()].concat()
                }
                (_, value) => value.to_owned(),
            };
            fields.push_str(&field(tag, &value));
        }
        seal(&fields)
    }

    #[test]
    fn the_dynamic_vectors_are_written_from_their_static_ones() {
        let vectors = vectors();
        let fixed = vectors["synthetic_static"].as_str().unwrap();
        assert_eq!(dynamic(fixed, "25000", None), vectors["synthetic_dynamic_25000"]);
        assert_eq!(dynamic(fixed, "25000", Some("ORD0001")), vectors["synthetic_dynamic_25000_ref"]);
        let public = vectors["public_static"]["payload"].as_str().unwrap();
        assert_eq!(dynamic(public, "15000", None), vectors["public_dynamic_15000"]);
    }
}
