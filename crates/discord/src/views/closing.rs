//! What becomes of the payment that stands when its buyer cancels the order or pays it in another way, and of
//! money that comes in all the same.

use super::{Reader, told::Words};
use orders::{OrderKind, OrderView};
use vocabulary::PaymentMethod;

/// Money that comes in late may be of use to the order yet.
const NOT_LOST: Words = (
    "Kalau sudah terlanjur membayar, uangnya tidak hilang: pesanan dilanjutkan atau uangnya masuk ke saldo Anda.",
    "If you have paid all the same, the money is not lost: the order goes on, or it becomes store credit.",
);
/// Late money of a deposit has one place to go.
const NOT_LOST_FOR_DEPOSIT: Words = (
    "Kalau sudah terlanjur membayar, uangnya tidak hilang: masuk ke saldo Anda.",
    "If you have paid all the same, the money is not lost: it becomes store credit.",
);
/// About a payment that is over already.
const OVER: Words = (
    "Jangan membayar lagi dengan kode, halaman, atau permintaan yang lama.",
    "Do not pay with an old code, page or request any more.",
);

/// In words that are true however soon its gateway closes it.
pub(super) fn consequence(reader: Reader<'_>, view: &OrderView) -> String {
    let pick = |words: Words| reader.pick(words.0, words.1);
    let not_lost = if view.order.kind == OrderKind::Deposit { NOT_LOST_FOR_DEPOSIT } else { NOT_LOST };
    match &view.payment {
        None => pick((
            "Belum ada saldo yang diambil untuk pesanan ini.",
            "No store credit was taken for this order.",
        ))
        .to_owned(),
        Some(payment) if payment.waits_for_phone() => pick((
            "Permintaan ke OVO belum dikirim, karena nomornya belum diisi.",
            "The request to OVO was not sent yet, because no number was entered.",
        ))
        .to_owned(),
        Some(payment) if payment.is_live() => {
            format!("{} {}", pick(closing(payment.method)), pick(not_lost))
        }
        Some(_) => format!("{} {}", pick(OVER), pick(not_lost)),
    }
}

/// What is done about a payment that the buyer may yet be able to pay.
fn closing(method: PaymentMethod) -> Words {
    match method {
        PaymentMethod::GopayQr | PaymentMethod::DanaQr | PaymentMethod::Qris => (
            "Kode bayar yang sekarang akan ditutup: jangan dibayar lagi.",
            "The present code will be closed: do not pay with it any more.",
        ),
        PaymentMethod::GopayLink | PaymentMethod::DanaLink => (
            "Tautan bayar yang sekarang akan ditutup: jangan dipakai lagi.",
            "The present link will be closed: do not pay by it any more.",
        ),
        PaymentMethod::OvoPush => (
            "Permintaan di aplikasi OVO akan dibatalkan: jangan disetujui lagi.",
            "The request in the OVO app will be cancelled: do not approve it any more.",
        ),
        // Nothing closes it before its time, unless a push waits on it.
        PaymentMethod::OvoLink => (
            "Halaman bayar OVO mungkin masih terbuka beberapa saat: jangan membayar di sana lagi.",
            "OVO's payment page may stay open for a while: do not pay on it any more.",
        ),
        PaymentMethod::VaBca
        | PaymentMethod::VaBni
        | PaymentMethod::VaBri
        | PaymentMethod::VaPermata
        | PaymentMethod::VaMandiri
        | PaymentMethod::VaBsi
        | PaymentMethod::VaCimb
        | PaymentMethod::VaBtpn
        | PaymentMethod::VaPanin => (
            "Nomor virtual account yang sekarang akan ditutup: jangan ditransfer lagi.",
            "The present virtual account will be closed: do not transfer to it any more.",
        ),
        PaymentMethod::CstoreIndomaret | PaymentMethod::CstoreAlfamart => (
            "Kode bayar di kasir akan ditutup: jangan dibayar lagi.",
            "The code for the till will be closed: do not pay it any more.",
        ),
        PaymentMethod::Wallet => OVER,
    }
}
