//! Why something asked for is not done, in the reader's words.

use database::Error;
use orders::{ActionError, DepositError, PayError, PlaceError, QuoteError, ValidateError};
use vocabulary::Locale;

/// Why not.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// In the reader's words: Indonesian, English.
    Told(String, String),
    /// The database refuses.
    Database(Error),
}

impl Trouble {
    pub(crate) fn told(indonesian: impl Into<String>, english: impl Into<String>) -> Self {
        Trouble::Told(indonesian.into(), english.into())
    }

    /// It is not there, or not this reader's.
    pub(crate) fn gone() -> Self {
        Trouble::told(
            "Ini sudah tidak ada, atau bukan milik Anda. Mulai lagi dengan /topup.",
            "This is no longer there, or is not yours. Start again with /topup.",
        )
    }

    pub(crate) fn no_game() -> Self {
        Trouble::told(
            "Game itu tidak ada di toko ini. Lihat daftarnya dengan /price.",
            "This shop does not have that game. See them all with /price.",
        )
    }

    pub(crate) fn no_product() -> Self {
        Trouble::told(
            "Produk itu sedang tidak dijual. Lihat daftarnya dengan /price.",
            "That product is not for sale now. See what is with /price.",
        )
    }

    pub(crate) fn busy() -> Self {
        Trouble::told(
            "Toko sedang sangat sibuk. Coba sekali lagi: yang sama tidak akan terpesan dua kali.",
            "The shop is very busy. Try once more: the same thing is never ordered twice.",
        )
    }

    /// What the reader is told.
    pub(crate) fn words(&self, locale: Locale) -> String {
        match self {
            Trouble::Told(indonesian, english) => locale.pick(indonesian, english).to_owned(),
            Trouble::Database(_) => Trouble::busy().words(locale),
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Trouble::Database(error)
    }
}

impl From<QuoteError> for Trouble {
    fn from(error: QuoteError) -> Self {
        match error {
            QuoteError::UnknownProduct(_) => Trouble::no_product(),
            QuoteError::Database(error) => error.into(),
        }
    }
}

impl From<ValidateError> for Trouble {
    fn from(error: ValidateError) -> Self {
        match error {
            ValidateError::UnknownGame(_) => Trouble::no_game(),
            ValidateError::TooMany(too_many) => {
                let seconds = too_many.seconds();
                Trouble::told(
                    format!("Terlalu banyak pengecekan akun. Coba lagi dalam {seconds} detik."),
                    format!("Too many accounts were checked. Try again in {seconds} seconds."),
                )
            }
            ValidateError::Database(error) => error.into(),
        }
    }
}

fn unavailable(method: vocabulary::PaymentMethod) -> Trouble {
    Trouble::told(
        format!("{} sedang tidak tersedia. Pilih cara bayar lain.", method.label(Locale::Indonesian)),
        format!("{} is not available now. Choose another way to pay.", method.label(Locale::English)),
    )
}

fn resting(method: vocabulary::PaymentMethod) -> Trouble {
    Trouble::told(
        format!(
            "{} sedang tidak bisa dipakai. Pilih cara bayar lain, atau coba lagi beberapa menit lagi.",
            method.label(Locale::Indonesian)
        ),
        format!(
            "{} cannot be used right now. Choose another way to pay, or try again in a few minutes.",
            method.label(Locale::English)
        ),
    )
}

fn not_for(method: vocabulary::PaymentMethod, amount: vocabulary::Rupiah) -> Trouble {
    Trouble::told(
        format!(
            "{amount} tidak bisa dibayar dengan {}. Pilih cara bayar lain.",
            method.label(Locale::Indonesian)
        ),
        format!("{amount} cannot be paid by {}. Choose another way to pay.", method.label(Locale::English)),
    )
}

fn not_enough(balance: vocabulary::Rupiah, amount: vocabulary::Rupiah) -> Trouble {
    Trouble::told(
        format!("Saldo Anda {balance}, sedangkan harganya {amount}. Pilih cara bayar lain."),
        format!("Your store credit is {balance}, the price is {amount}. Choose another way to pay."),
    )
}

impl From<PlaceError> for Trouble {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::UnknownProduct(_) => Trouble::no_product(),
            PlaceError::Account(problem) => {
                Trouble::told(problem.message(Locale::Indonesian), problem.message(Locale::English))
            }
            PlaceError::OutOfStock(_) => Trouble::told(
                "Stok produk ini baru saja habis. Tidak ada yang perlu dibayar; pilih produk lain dengan /topup.",
                "This product has just sold out. There is nothing to pay; choose another with /topup.",
            ),
            PlaceError::NotNow { why, .. } => {
                let (indonesian, english) = why.words(("Produk ini", "This product"));
                Trouble::told(
                    format!("{indonesian} Tidak ada yang perlu dibayar."),
                    format!("{english} There is nothing to pay."),
                )
            }
            PlaceError::QuoteExpired | PlaceError::UnknownQuote | PlaceError::QuoteOfOtherProduct(_) => {
                Trouble::told(
                    "Janji harganya sudah lewat. Mulai lagi dengan /topup untuk harga terbaru.",
                    "The price promise is over. Start again with /topup for the present price.",
                )
            }
            PlaceError::MethodUnavailable(method) => unavailable(method),
            PlaceError::NotForAmount { method, bill } => not_for(method, bill.amount),
            PlaceError::MethodResting(method) => resting(method),
            PlaceError::WalletNotEnough { balance, amount } => not_enough(balance, amount),
            PlaceError::TooManyUnpaid(whose) => {
                let (indonesian, english) = whose.words((" lewat /history", " with /history"));
                Trouble::told(indonesian, english)
            }
            PlaceError::KeyReused | PlaceError::NotSetUp(_) => {
                tracing::error!(error = %error, "an order from Discord cannot be placed: {error}");
                Trouble::told(
                    "Produk ini sedang tidak bisa dipesan. Tidak ada yang perlu dibayar. Kabari pengelola toko.",
                    "This product cannot be ordered right now. There is nothing to pay. Please tell the shop.",
                )
            }
            PlaceError::Database(error) => error.into(),
        }
    }
}

impl From<DepositError> for Trouble {
    fn from(error: DepositError) -> Self {
        match error {
            DepositError::NotTaken => {
                Trouble::told("Toko ini tidak menerima isi saldo.", "This shop takes no deposits.")
            }
            DepositError::OutOfBounds { least, most } => Trouble::told(
                format!("Isi saldo paling sedikit {least} dan paling banyak {most} sekali isi."),
                format!("A deposit is at least {least} and at most {most} at a time."),
            ),
            DepositError::Place(error) => error.into(),
        }
    }
}

impl From<PayError> for Trouble {
    fn from(error: PayError) -> Self {
        match error {
            PayError::UnknownOrder => Trouble::gone(),
            PayError::NotPayable { .. } => Trouble::told(
                "Pesanan ini tidak menunggu pembayaran lagi. Tekan *Cek status* untuk melihatnya.",
                "This order is not waiting for payment any more. Press *Check status* to see it.",
            ),
            PayError::MethodUnavailable(method) => unavailable(method),
            PayError::NotForAmount { method, bill } => not_for(method, bill.amount),
            PayError::MethodResting(method) => resting(method),
            PayError::TooLate(method) => Trouble::told(
                format!(
                    "Sisa waktunya terlalu sedikit untuk {}. Pilih cara bayar lain.",
                    method.label(Locale::Indonesian)
                ),
                format!(
                    "Too little time is left for {}. Choose another way to pay.",
                    method.label(Locale::English)
                ),
            ),
            PayError::TooMany => Trouble::told(
                "Cara bayar pesanan ini sudah terlalu sering diganti. Pakai yang terbuka, atau tunggu dua menit.",
                "The way to pay this order was changed too often. Use the one that is open, or wait two minutes.",
            ),
            PayError::BeyondDailyLimit => Trouble::told(
                "Dengan cara ini, pembayaran Anda hari ini melewati batas harian. Tidak ada yang diubah. Batalkan pesanan ini dan pesan lagi dengan cara bayar ini: toko memeriksanya dulu.",
                "Paid in this way, you would pay more today than the daily limit. Nothing was changed. Cancel this order and order again with this way to pay: the shop looks at it first.",
            ),
            PayError::NothingRemembered => Trouble::told(
                "Tidak ada nomor OVO yang tersimpan. Isi nomornya di halaman bayar.",
                "No OVO number is remembered. Enter it on the payment page.",
            ),
            PayError::WalletNotEnough { balance, amount } => not_enough(balance, amount),
            PayError::Database(error) => error.into(),
        }
    }
}

impl From<ActionError> for Trouble {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::UnknownOrder(_) => Trouble::gone(),
            ActionError::NotPossible { .. }
            | ActionError::AttemptOpen(_)
            | ActionError::MoneyGone(_)
            | ActionError::PartUnclear(_)
            | ActionError::NameOdd { .. }
            | ActionError::OtherOdd { .. }
            | ActionError::SaidAlready { .. }
            | ActionError::RefundWaits(_)
            | ActionError::NotRefunded(_)
            | ActionError::KeyReused
            | ActionError::OutcomeUnknown(_)
            | ActionError::NoRoute(_)
            | ActionError::PartDelivered(_)
            | ActionError::NoLongerPossible(_) => Trouble::told(
                "Pesanan ini tidak bisa dibatalkan lagi. Tekan *Cek status* untuk melihatnya.",
                "This order cannot be cancelled any more. Press *Check status* to see it.",
            ),
            ActionError::Database(error) => error.into(),
        }
    }
}
