//! The response codes, and what an answer means for the attempt that it is about
//! (`contracts/suppliers.md` §1.3 "decision rule", §1.4, `vectors/digiflazz_rc.csv`).

use crate::{Ask, Verdict};

/// What a code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Delivered.
    Success,
    /// Accepted, not decided.
    Pending,
    /// Failed by their word, but such answers have turned into successes.
    Unproven,
    /// Failed for good; the account is at fault.
    Customer,
    /// Failed for good; the product or its seller is at fault.
    Provider,
    /// The same, and so would the next purchase: it is not sold to us under this code.
    Gone,
    /// The same, and there is none left.
    Empty,
    /// The same, and the product has trouble that may last.
    Troubled,
    /// Refused for good: above our price limit.
    Price,
    /// Refused: the product code is unknown or switched off.
    Sku,
    /// Refused: only we can mend it.
    Configuration,
    /// Refused: our deposit is empty.
    Balance,
    /// Our reference was used for something else: what it bought first is not told.
    Integrity,
    /// Says nothing about the attempt.
    Silent,
    /// Taken back and credited to us.
    Reversal,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Code {
    rc: &'static str,
    class: Class,
    transaction: bool,
}

impl Code {
    /// True when a transaction exists at Digiflazz once it answered this ("Trx" in §1.4).
    pub(super) fn has_transaction(self) -> bool {
        self.transaction
    }
}

const fn created(rc: &'static str, class: Class) -> Code {
    Code { rc, class, transaction: true }
}

const fn refused(rc: &'static str, class: Class) -> Code {
    Code { rc, class, transaction: false }
}

/// The complete official list. No other code is documented.
#[rustfmt::skip]
const CODES: [Code; 47] = [
    created("00", Class::Success), // Transaksi Sukses
    created("01", Class::Unproven), // Timeout
    created("02", Class::Provider), // Transaksi Gagal
    created("03", Class::Pending), // Transaksi Pending
    refused("40", Class::Configuration), // Payload Error
    refused("41", Class::Configuration), // Signature tidak valid
    refused("42", Class::Configuration), // Gagal memproses API Buyer (username belum sesuai)
    refused("43", Class::Sku), // SKU tidak ditemukan atau Non-Aktif
    refused("44", Class::Balance), // Saldo tidak cukup
    refused("45", Class::Configuration), // IP Anda tidak kami kenali
    refused("47", Class::Provider), // Transaksi sudah terjadi di buyer lain
    refused("49", Class::Integrity), // Ref ID tidak unik
    created("50", Class::Silent), // Transaksi Tidak Ditemukan
    created("51", Class::Customer), // Nomor Tujuan Diblokir
    created("52", Class::Customer), // Prefix Tidak Sesuai Dengan Operator
    created("53", Class::Provider), // Produk Seller Sedang Tidak Tersedia
    created("54", Class::Customer), // Nomor Tujuan Salah
    created("55", Class::Troubled), // Produk Sedang Gangguan
    refused("56", Class::Provider), // Limit saldo seller (DEPRECATED)
    created("57", Class::Customer), // Jumlah Digit Kurang Atau Lebih
    created("58", Class::Provider), // Sedang Cut Off
    created("59", Class::Customer), // Tujuan di Luar Wilayah/Cluster
    created("60", Class::Customer), // Tagihan belum tersedia (docs variant: atau sudah terbayar)
    refused("61", Class::Configuration), // Belum pernah melakukan deposit
    refused("62", Class::Provider), // Seller sedang mengalami gangguan
    refused("63", Class::Provider), // Tidak support transaksi multi
    refused("64", Class::Provider), // Tarik tiket gagal
    refused("65", Class::Provider), // Limit transaksi multi (DEPRECATED)
    refused("66", Class::Provider), // Cut Off (Perbaikan Sistem Seller)
    refused("67", Class::Gone), // Seller belum ter-verifikasi
    refused("68", Class::Empty), // Stok habis
    refused("69", Class::Price), // Harga seller lebih besar dari ketentuan harga Buyer
    created("70", Class::Unproven), // Timeout Dari Biller
    created("71", Class::Provider), // Produk Sedang Tidak Stabil
    created("72", Class::Customer), // Lakukan Unreg Paket Dahulu
    created("73", Class::Customer), // Kwh Melebihi Batas
    created("74", Class::Reversal), // Transaksi Refund
    refused("80", Class::Gone), // Akun Anda telah diblokir oleh Seller
    refused("81", Class::Gone), // Seller ini telah diblokir oleh Anda
    refused("82", Class::Configuration), // Akun Anda belum ter-verifikasi
    refused("83", Class::Silent), // Limitasi pengecekan pricelist
    created("84", Class::Gone), // Nominal tidak valid
    created("85", Class::Silent), // Limitasi transaksi, coba 1 menit lagi
    created("86", Class::Silent), // Limitasi pengecekan nomor PLN
    refused("87", Class::Provider), // E-money wajib kelipatan Rp 1.000
    refused("88", Class::Configuration), // Akun Anda tidak dapat melakukan aksi ini
    created("99", Class::Pending), // DF Router Issue
];

/// The status word, in one of the languages that Digiflazz speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// "Sukses", "Success".
    Success,
    /// "Pending", "Processing".
    Pending,
    /// "Gagal", "Failed".
    Failed,
    /// Another word.
    Other,
    /// No word.
    Missing,
}

impl Status {
    /// Reads the word; its case does not matter (§1.3).
    pub(super) fn read(word: &str) -> Status {
        match word.trim().to_ascii_lowercase().as_str() {
            "sukses" | "success" => Status::Success,
            "pending" | "processing" => Status::Pending,
            "gagal" | "failed" => Status::Failed,
            "" => Status::Missing,
            _ => Status::Other,
        }
    }
}

/// The row of a code.
pub(super) fn find(rc: &str) -> Option<Code> {
    CODES.iter().find(|code| code.rc == rc).copied()
}

/// The decision rule. `rc` is empty when there is none. A word or a code that nobody documented is as good as pending,
/// and a person has to see it (§1.4).
pub(super) fn verdict(status: Status, rc: &str, ask: Ask) -> Verdict {
    let class = find(rc).map(|code| code.class);
    match (status, class) {
        (_, Some(Class::Integrity)) => Verdict::UnknownAlarm,
        (Status::Other, _) => Verdict::UnknownWord,
        (_, None) if !rc.is_empty() => Verdict::UnknownWord,
        (Status::Pending, _) | (_, Some(Class::Pending)) => Verdict::Pending,
        (Status::Success | Status::Failed, None) if rc.is_empty() => Verdict::Pending,
        (Status::Success, Some(Class::Success)) => Verdict::Succeeded,
        (Status::Failed, Some(class)) => failure(class, ask),
        // No word, or the two at odds.
        _ => Verdict::Unknown,
    }
}

/// What a failure means. Refusals for our own reasons tell that *this* send was turned away; when
/// the attempt was sent before, they say nothing about what became of it.
fn failure(class: Class, ask: Ask) -> Verdict {
    match (class, ask) {
        (Class::Unproven, _) => Verdict::FailedUnproven,
        (Class::Customer, _) => Verdict::FailedCustomer,
        (Class::Provider, _) => Verdict::FailedProvider,
        (Class::Gone, _) | (Class::Sku, Ask::First) => Verdict::FailedGone,
        (Class::Empty, _) => Verdict::FailedEmpty,
        (Class::Troubled, _) => Verdict::FailedTroubled,
        (Class::Price, _) => Verdict::FailedPrice,
        (Class::Reversal, _) => Verdict::Reversed,
        (Class::Configuration, Ask::First) => Verdict::RefusedConfiguration,
        (Class::Balance, Ask::First) => Verdict::RefusedBalance,
        (Class::Configuration | Class::Balance | Class::Sku, Ask::Again) => Verdict::Unknown,
        (Class::Integrity, _) => Verdict::UnknownAlarm,
        (Class::Pending, _) => Verdict::Pending,
        (Class::Silent | Class::Success, _) => Verdict::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = include_str!("../../../tests/fixtures/digiflazz_rc.csv");

    /// What a class of the contract's table means at the first send and at every later one.
    fn promised(class: &str, action: &str, rc: &str) -> (Verdict, Verdict) {
        let both = |verdict| (verdict, verdict);
        match class {
            "REJECTED_SKU" => (Verdict::FailedGone, Verdict::Unknown),
            "REJECTED_STOCK" => both(Verdict::FailedEmpty),
            _ if action.contains("disable SKU") || action == "catalog bug" => both(Verdict::FailedGone),
            _ if action.contains("mark SKU degraded") => both(Verdict::FailedTroubled),
            "FINAL_SUCCESS" => both(Verdict::Succeeded),
            "PENDING" => both(Verdict::Pending),
            "FAILED_VERIFY" => both(Verdict::FailedUnproven),
            "REVERSAL" => both(Verdict::Reversed),
            "INTEGRITY_ALARM" => both(Verdict::UnknownAlarm),
            "UNKNOWN" | "RATE_LIMIT" | "UNKNOWN_RATE_LIMIT" => both(Verdict::Unknown),
            "FINAL_FAILED_CUSTOMER" => both(Verdict::FailedCustomer),
            "REJECTED_PRICE" => both(Verdict::FailedPrice),
            "REJECTED_BUG" | "REJECTED_CONFIG" => (Verdict::RefusedConfiguration, Verdict::Unknown),
            "REJECTED_BALANCE" => (Verdict::RefusedBalance, Verdict::Unknown),
            "FINAL_FAILED"
            | "FINAL_FAILED_PROVIDER"
            | "REJECTED_PROVIDER"
            | "REJECTED_MULTI"
            | "REJECTED_DEST"
            | "REJECTED" => both(Verdict::FailedProvider),
            other => panic!("the table has a new class {other} for {rc}"),
        }
    }

    #[test]
    fn every_row_of_the_contracts_table_has_its_verdict() {
        let mut rows = 0;
        for row in csv::Reader::from_reader(TABLE.as_bytes()).records() {
            let row = row.unwrap();
            let (rc, official, created, class) = (&row[0], &row[2], &row[3], &row[4]);
            let status = Status::read(official);
            assert_ne!(status, Status::Other, "{rc}");
            let (first, again) = promised(class, &row[5], rc);
            assert_eq!(verdict(status, rc, Ask::First), first, "{rc} ({class}) at the first send");
            assert_eq!(verdict(status, rc, Ask::Again), again, "{rc} ({class}) at a later send");
            assert_eq!(find(rc).unwrap().has_transaction(), created == "1", "{rc}");
            rows += 1;
        }
        assert_eq!((rows, CODES.len()), (47, 47));
    }

    #[test]
    fn a_code_under_another_status_than_its_own_decides_nothing() {
        for code in CODES {
            for ask in Ask::ALL {
                assert!(!is_final(verdict(Status::Pending, code.rc, *ask)), "pending with {}", code.rc);
                assert!(!is_final(verdict(Status::Other, code.rc, *ask)), "no status with {}", code.rc);
                let success = verdict(Status::Success, code.rc, *ask);
                assert!(
                    !is_final(success) || (code.rc == "00" && success == Verdict::Succeeded),
                    "sukses with {}",
                    code.rc
                );
            }
        }
        assert_eq!(verdict(Status::Failed, "00", Ask::Again), Verdict::Unknown);
    }

    #[test]
    fn on_a_later_send_what_is_about_the_send_says_nothing_about_the_attempt() {
        for rc in ["40", "41", "42", "43", "44", "45", "83", "85", "88"] {
            assert_eq!(verdict(Status::Failed, rc, Ask::Again), Verdict::Unknown, "{rc}");
        }
        for ask in Ask::ALL {
            assert_eq!(verdict(Status::Failed, "49", *ask), Verdict::UnknownAlarm);
            assert_eq!(verdict(Status::Failed, "85", *ask), Verdict::Unknown);
        }
    }

    #[test]
    fn a_code_or_a_word_that_nobody_documented_is_undecided_and_for_a_person_to_see() {
        for ask in Ask::ALL {
            for rc in ["46", "48", "75", "77", "98", "XX", "0"] {
                for status in [Status::Success, Status::Pending, Status::Failed, Status::Missing] {
                    assert_eq!(verdict(status, rc, *ask), Verdict::UnknownWord, "{status:?} {rc}");
                }
            }
            for rc in ["", "00", "02", "03", "74"] {
                assert_eq!(verdict(Status::read("Selesai"), rc, *ask), Verdict::UnknownWord, "{rc}");
            }
            for rc in ["", "00", "02"] {
                assert_eq!(verdict(Status::read(" "), rc, *ask), Verdict::Unknown, "no word, {rc}");
            }
            assert_eq!(verdict(Status::Other, "49", *ask), Verdict::UnknownAlarm, "that is worse");
        }
    }

    #[test]
    fn pending_is_a_pending_status_or_a_pending_code_or_no_code() {
        for ask in Ask::ALL {
            for (status, rc) in [
                ("Pending", ""),
                ("PENDING", "03"),
                ("Processing", "02"),
                ("Gagal", "99"),
                ("Gagal", "03"),
                ("Gagal", ""),
                ("Sukses", ""),
            ] {
                assert_eq!(verdict(Status::read(status), rc, *ask), Verdict::Pending, "{status} {rc}");
            }
            assert_eq!(verdict(Status::Missing, "", *ask), Verdict::Unknown, "nothing at all was said");
        }
    }

    #[test]
    fn a_status_is_read_in_any_case_and_either_language() {
        for word in ["Sukses", "sukses", "SUCCESS", "Success", " Sukses "] {
            assert_eq!(verdict(Status::read(word), "00", Ask::First), Verdict::Succeeded, "{word}");
        }
        for word in ["Gagal", "gagal", "FAILED"] {
            assert_eq!(verdict(Status::read(word), "02", Ask::First), Verdict::FailedProvider, "{word}");
        }
    }

    fn is_final(verdict: Verdict) -> bool {
        !matches!(verdict, Verdict::Pending | Verdict::Unknown | Verdict::UnknownAlarm | Verdict::UnknownWord)
    }
}
