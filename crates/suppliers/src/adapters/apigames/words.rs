//! The status words of Apigames and what they mean for an attempt (`contracts/suppliers.md` §2.2).

use crate::Verdict;

/// Every status that is documented.
const STATUSES: [(&str, Verdict); 6] = [
    ("Pending", Verdict::Pending),
    ("Proses", Verdict::Pending),
    ("Sukses", Verdict::Succeeded),
    ("Gagal", Verdict::FailedProvider),
    // Of a bundle of purchases a part was delivered.
    ("Sukses Sebagian", Verdict::PartlySucceeded),
    // Their own supplier gave an answer that they do not know.
    ("Validasi Provider", Verdict::Pending),
];

/// What a purchase in this status has come to. A status that nobody documented is not decided.
pub(super) fn verdict(status: &str) -> Verdict {
    let plain = status.split_whitespace().collect::<Vec<_>>().join(" ");
    let known = STATUSES.iter().find(|(word, _)| plain.eq_ignore_ascii_case(word));
    match known {
        Some((_, verdict)) => *verdict,
        None if plain.is_empty() => Verdict::Unknown,
        None => Verdict::UnknownWord,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_of_the_contract_has_its_verdict() {
        for (status, expected) in [
            ("Pending", Verdict::Pending),
            ("Proses", Verdict::Pending),
            ("Sukses", Verdict::Succeeded),
            ("Gagal", Verdict::FailedProvider),
            ("Sukses Sebagian", Verdict::PartlySucceeded),
            ("Validasi Provider", Verdict::Pending),
        ] {
            assert_eq!(verdict(status), expected, "{status}");
            assert_eq!(
                verdict(&format!(" {} ", status.to_uppercase().replace(' ', "  "))),
                expected,
                "{status}"
            );
        }
        assert_eq!(STATUSES.len(), 6);
    }

    #[test]
    fn a_status_that_nobody_documented_decides_nothing() {
        for status in ["Sukses Semua", "Success", "Refund", "Batal", "1", "Sukses!"] {
            assert_eq!(verdict(status), Verdict::UnknownWord, "{status}");
        }
        assert_eq!(verdict(" "), Verdict::Unknown, "no status at all");
    }
}
