//! Why a form was not carried out, in words that say what to do.

use crate::{
    problem::{Kind, Problem},
    words::{Words, words},
};
use axum::http::StatusCode;
use orders::PayError;
use vocabulary::{Locale, PhoneError};

/// What stands above the page.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    /// The status of the answer.
    pub(crate) status: StatusCode,
    /// What is wrong.
    pub(crate) title: Words,
    /// What to do.
    pub(crate) text: Words,
}

fn notice(status: StatusCode, title: Words, text: Words) -> Notice {
    Notice { status, title, text }
}

/// Why the domain refused; a problem where there is nothing that the buyer could read on the page.
pub(crate) fn of(error: PayError) -> Result<Notice, Problem> {
    let conflict = |title, text| Ok(notice(StatusCode::CONFLICT, title, text));
    match error {
        PayError::UnknownOrder => Err(Problem::plain(Kind::NotFound)),
        PayError::Database(error) => Err(error.into()),
        PayError::NotPayable { .. } => conflict(
            words(
                "Pesanan ini tidak menunggu pembayaran lagi",
                "This order does not wait for a payment any more",
            ),
            words(
                "Keadaannya sekarang ada di bawah. Tidak ada yang diubah.",
                "How it stands is below. Nothing was changed.",
            ),
        ),
        PayError::MethodUnavailable(_) => Ok(no_such_method()),
        PayError::NotForAmount { method, bill } => conflict(
            words("Jumlah ini tidak bisa dibayar dengan cara ini", "This amount cannot be paid in this way"),
            words(
                format!(
                    "{} tidak bisa dibayar dengan {}. Pilih salah satu yang ada di bawah.",
                    bill.amount,
                    method.label(Locale::Indonesian)
                ),
                format!(
                    "{} cannot be paid by {}. Choose one of those below.",
                    bill.amount,
                    method.label(Locale::English)
                ),
            ),
        ),
        PayError::MethodResting(method) => conflict(
            words("Cara bayar ini sedang tidak bisa dipakai", "This way to pay cannot be used at the moment"),
            words(
                format!(
                    "Pembayaran dengan {} sedang gagal terus. Tidak ada yang diubah. Pilih cara lain, atau coba lagi beberapa menit lagi.",
                    method.label(Locale::Indonesian)
                ),
                format!(
                    "Payments by {} fail again and again right now. Nothing was changed. Choose another way, or try again in a few minutes.",
                    method.label(Locale::English)
                ),
            ),
        ),
        PayError::TooLate(method) => conflict(
            words("Sisa waktunya terlalu sedikit untuk cara ini", "Too little time is left for this"),
            words(
                format!(
                    "{} perlu waktu lebih lama dari sisa waktu pesanan ini. Pilih cara lain, atau buat pesanan baru.",
                    method.label(Locale::Indonesian)
                ),
                format!(
                    "{} takes longer than the time that is left for this order. Choose another way, or place a new order.",
                    method.label(Locale::English)
                ),
            ),
        ),
        PayError::TooMany => conflict(
            words("Terlalu sering berganti", "Too many attempts"),
            words(
                "Pakai cara bayar yang masih terbuka di bawah, atau tunggu dua menit lalu coba lagi. Kalau tetap tidak bisa, buat pesanan baru.",
                "Use the way that is open below, or wait two minutes and try again. If that does not help, place a new order.",
            ),
        ),
        PayError::BeyondDailyLimit => conflict(
            words("Melewati batas harian", "Above the daily limit"),
            words(
                "Dengan cara ini, pembayaran Anda hari ini melewati batas harian. Tidak ada yang diubah. Batalkan pesanan ini dan pesan lagi dengan cara bayar ini: toko memeriksanya dulu.",
                "Paid in this way, you would pay more today than the daily limit. Nothing was changed. Cancel this order and order again with this way to pay: the shop looks at it first.",
            ),
        ),
        PayError::NothingRemembered => conflict(
            words("Tidak ada nomor yang tersimpan", "No number is remembered"),
            words("Isi nomor HP Anda di bawah.", "Enter your phone number below."),
        ),
        PayError::WalletNotEnough { .. } => Ok(no_credit_here()),
    }
}

/// The text is no mobile number. The text itself is not repeated.
pub(crate) fn no_number(error: PhoneError) -> Notice {
    let text = match error {
        PhoneError::NotDigits => words(
            "Isi dengan angka saja, misalnya 0812 3456 7890.",
            "Use digits only, for example 0812 3456 7890.",
        ),
        PhoneError::NotMobile => words(
            "Isi nomor HP Indonesia: diawali 08 atau +628.",
            "Enter an Indonesian mobile number: it begins with 08 or +628.",
        ),
        PhoneError::Length => words(
            "Isi 10 sampai 14 angka, misalnya 0812 3456 7890.",
            "Enter 10 to 14 digits, for example 0812 3456 7890.",
        ),
    };
    notice(
        StatusCode::UNPROCESSABLE_ENTITY,
        words("Nomor HP belum benar", "This is not a phone number yet"),
        text,
    )
}

/// There is no such method here.
pub(crate) fn no_such_method() -> Notice {
    notice(
        StatusCode::UNPROCESSABLE_ENTITY,
        words("Cara bayar ini tidak tersedia", "This way to pay is not available"),
        words("Pilih salah satu yang ada di bawah.", "Choose one of those below."),
    )
}

/// Store credit is not spent from this page: whoever has the link could do it.
pub(crate) fn no_credit_here() -> Notice {
    notice(
        StatusCode::FORBIDDEN,
        words("Saldo tidak bisa dipakai dari halaman ini", "Store credit cannot be spent from this page"),
        words(
            "Siapa pun yang punya tautan ini bisa membukanya. Pakai saldo di tempat Anda memesan, atau pilih cara lain di bawah.",
            "Anybody with this link can open it. Spend store credit where you ordered, or choose another way below.",
        ),
    )
}

/// The order is to be paid in a way that needs no number.
pub(crate) fn another_method_now() -> Notice {
    notice(
        StatusCode::CONFLICT,
        words("Cara bayarnya sudah diganti", "The way to pay has changed"),
        words(
            "Nomor HP tidak diperlukan lagi. Lihat di bawah.",
            "No phone number is needed any more. See below.",
        ),
    )
}

/// It was sent from another site.
pub(crate) fn foreign() -> Notice {
    notice(
        StatusCode::FORBIDDEN,
        words("Formulir ini dikirim dari situs lain", "This form was sent from another site"),
        words(
            "Tidak ada yang diubah. Pakai tombol di halaman ini.",
            "Nothing was changed. Use the buttons of this page.",
        ),
    )
}

/// It is larger than a form of ours can be.
pub(crate) fn too_large() -> Notice {
    notice(
        StatusCode::PAYLOAD_TOO_LARGE,
        words("Isiannya terlalu panjang", "That was too long"),
        words("Tidak ada yang diubah. Isi lagi di bawah.", "Nothing was changed. Fill it in again below."),
    )
}

/// It is no form of ours.
pub(crate) fn unreadable() -> Notice {
    notice(
        StatusCode::BAD_REQUEST,
        words("Isiannya tidak bisa dibaca", "That cannot be read"),
        words(
            "Tidak ada yang diubah. Pakai tombol di halaman ini.",
            "Nothing was changed. Use the buttons of this page.",
        ),
    )
}
