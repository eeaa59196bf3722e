//! The words of VIP Reseller and what they mean for an attempt (`contracts/suppliers.md` §2.1).

use crate::Verdict;

/// What a status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// Accepted, not decided.
    Pending,
    /// Delivered.
    Success,
    /// Not delivered; the note says why.
    Error,
}

/// Every status that is documented.
const STATUSES: [(&str, Status); 4] = [
    ("waiting", Status::Pending),
    ("processing", Status::Pending),
    ("success", Status::Success),
    ("error", Status::Error),
];

/// A note in which the account is at fault: *Zone tujuan salah.*
const ACCOUNT_AT_FAULT: &str = "tujuan salah";

/// The refusal that says that our deposit is empty: *saldo tidak cukup*.
const DEPOSIT_EMPTY: &str = "saldo tidak cukup";

/// What a purchase in this status, with this note, has come to. A status that nobody documented is not decided.
pub(super) fn verdict(status: &str, note: &str) -> Verdict {
    let known = STATUSES.iter().find(|(word, _)| status.trim().eq_ignore_ascii_case(word));
    match known.map(|(_, status)| *status) {
        Some(Status::Pending) => Verdict::Pending,
        Some(Status::Success) => Verdict::Succeeded,
        Some(Status::Error) if note.to_lowercase().contains(ACCOUNT_AT_FAULT) => Verdict::FailedCustomer,
        Some(Status::Error) => Verdict::FailedProvider,
        None if status.trim().is_empty() => Verdict::Unknown,
        None => Verdict::UnknownWord,
    }
}

/// What the refusal of an order means: nothing was bought. Their words are not documented but for one, so of the
/// others a person reads the words and decides; nobody is refunded or served elsewhere because of them.
pub(super) fn refusal(message: &str) -> Verdict {
    if message.to_lowercase().contains(DEPOSIT_EMPTY) {
        Verdict::RefusedBalance
    } else {
        Verdict::RefusedConfiguration
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_of_the_contract_has_its_verdict() {
        for (status, note, expected) in [
            ("waiting", "", Verdict::Pending),
            ("processing", "", Verdict::Pending),
            ("success", "", Verdict::Succeeded),
            ("success", "Zone tujuan salah.", Verdict::Succeeded),
            ("error", "Zone tujuan salah.", Verdict::FailedCustomer),
            ("error", "", Verdict::FailedProvider),
            ("error", "Sedang gangguan", Verdict::FailedProvider),
        ] {
            assert_eq!(verdict(status, note), expected, "{status} {note}");
            assert_eq!(verdict(&format!(" {} ", status.to_uppercase()), note), expected, "{status} {note}");
        }
        assert_eq!(STATUSES.len(), 4);
    }

    #[test]
    fn a_status_that_nobody_documented_decides_nothing() {
        for status in ["partial", "sukses", "Gagal", "canceled", "done", "success!"] {
            assert_eq!(verdict(status, ""), Verdict::UnknownWord, "{status}");
        }
        assert_eq!(verdict("", "SN 1"), Verdict::Unknown, "no status at all");
    }

    #[test]
    fn of_the_refusals_only_an_empty_deposit_is_known() {
        assert_eq!(refusal("Saldo tidak cukup."), Verdict::RefusedBalance);
        for message in ["Sign tidak valid.", "Layanan tidak ditemukan.", "", "Saldo"] {
            assert_eq!(refusal(message), Verdict::RefusedConfiguration, "{message}");
        }
    }
}
