//! The response codes of Digiflazz: message, status, and whether a transaction exists afterwards.

vocabulary::text_enum!(
    /// `status` of a transaction.
    pub(crate) enum Status {
        /// Delivered.
        Success = "Sukses",
        /// Not decided yet.
        Pending = "Pending",
        /// Not delivered, or taken back.
        Failed = "Gagal",
    }
);
database::text_column!(Status);

/// What a code means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code {
    pub(crate) rc: &'static str,
    pub(crate) message: &'static str,
    pub(crate) status: Status,
    /// Whether Digiflazz has written a transaction down when it answers this.
    pub(crate) booked: bool,
}

/// The code of this number; the empty one is that of an undecided transaction.
pub(crate) fn code(rc: &str) -> Option<&'static Code> {
    CODES.iter().find(|code| code.rc == rc)
}

/// The message of this number.
pub(crate) fn message(rc: &str) -> &'static str {
    code(rc).map_or("", |code| code.message)
}

const fn c(rc: &'static str, message: &'static str, status: Status, booked: bool) -> Code {
    Code { rc, message, status, booked }
}

const CODES: &[Code] = &[
    c("", "", Status::Pending, true),
    c("00", "Transaksi Sukses", Status::Success, true),
    c("01", "Timeout", Status::Failed, true),
    c("02", "Transaksi Gagal", Status::Failed, true),
    c("03", "Transaksi Pending", Status::Pending, true),
    c("40", "Payload Error", Status::Failed, false),
    c("41", "Signature tidak valid", Status::Failed, false),
    c("42", "Gagal memproses API Buyer (username belum sesuai)", Status::Failed, false),
    c("43", "SKU tidak ditemukan atau Non-Aktif", Status::Failed, false),
    c("44", "Saldo tidak cukup", Status::Failed, false),
    c("45", "IP Anda tidak kami kenali", Status::Failed, false),
    c("47", "Transaksi sudah terjadi di buyer lain", Status::Failed, false),
    c("49", "Ref ID tidak unik", Status::Failed, false),
    c("50", "Transaksi Tidak Ditemukan", Status::Failed, true),
    c("51", "Nomor Tujuan Diblokir", Status::Failed, true),
    c("52", "Prefix Tidak Sesuai Dengan Operator", Status::Failed, true),
    c("53", "Produk Seller Sedang Tidak Tersedia", Status::Failed, true),
    c("54", "Nomor Tujuan Salah", Status::Failed, true),
    c("55", "Produk Sedang Gangguan", Status::Failed, true),
    c("56", "Limit saldo seller (DEPRECATED)", Status::Failed, false),
    c("57", "Jumlah Digit Kurang Atau Lebih", Status::Failed, true),
    c("58", "Sedang Cut Off", Status::Failed, true),
    c("59", "Tujuan di Luar Wilayah/Cluster", Status::Failed, true),
    c("60", "Tagihan belum tersedia (docs variant: atau sudah terbayar)", Status::Failed, true),
    c("61", "Belum pernah melakukan deposit", Status::Failed, false),
    c("62", "Seller sedang mengalami gangguan", Status::Failed, false),
    c("63", "Tidak support transaksi multi", Status::Failed, false),
    c("64", "Tarik tiket gagal", Status::Failed, false),
    c("65", "Limit transaksi multi (DEPRECATED)", Status::Failed, false),
    c("66", "Cut Off (Perbaikan Sistem Seller)", Status::Failed, false),
    c("67", "Seller belum ter-verifikasi", Status::Failed, false),
    c("68", "Stok habis", Status::Failed, false),
    c("69", "Harga seller lebih besar dari ketentuan harga Buyer", Status::Failed, false),
    c("70", "Timeout Dari Biller", Status::Failed, true),
    c("71", "Produk Sedang Tidak Stabil", Status::Failed, true),
    c("72", "Lakukan Unreg Paket Dahulu", Status::Failed, true),
    c("73", "Kwh Melebihi Batas", Status::Failed, true),
    c("74", "Transaksi Refund", Status::Failed, true),
    c("80", "Akun Anda telah diblokir oleh Seller", Status::Failed, false),
    c("81", "Seller ini telah diblokir oleh Anda", Status::Failed, false),
    c("82", "Akun Anda belum ter-verifikasi", Status::Failed, false),
    c("83", "Limitasi pengecekan pricelist", Status::Failed, false),
    c("84", "Nominal tidak valid", Status::Failed, true),
    c("85", "Limitasi transaksi, coba 1 menit lagi", Status::Failed, true),
    c("86", "Limitasi pengecekan nomor PLN", Status::Failed, true),
    c("87", "E-money wajib kelipatan Rp 1.000", Status::Failed, false),
    c("88", "Akun Anda tidak dapat melakukan aksi ini", Status::Failed, false),
    c("99", "DF Router Issue", Status::Pending, true),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_that_of_the_contract() {
        let table = include_str!("../../tests/fixtures/digiflazz_rc.csv");
        let mut rows = 0;
        for line in table.lines().skip(1) {
            let (rc, rest) = line.split_once(',').unwrap();
            let known = code(rc).unwrap_or_else(|| panic!("{rc} is missing"));
            let message = known.message;
            let rest = rest
                .strip_prefix(&format!("\"{message}\","))
                .or_else(|| rest.strip_prefix(&format!("{message},")));
            let rest = rest.unwrap_or_else(|| panic!("{rc} has another message"));
            let booked = if known.booked { "1" } else { "0" };
            assert!(rest.starts_with(&format!("{},{booked},", known.status)), "{rc} differs: {rest}");
            rows += 1;
        }
        assert_eq!(rows, CODES.len() - 1);
    }
}
