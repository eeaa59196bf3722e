//! What the card of an order says in each state: where the order stands, and where the money is.

use super::order::open;
use orders::{Attention, OrderState, OrderView};
use payments::{Payment, PaymentState};
use vocabulary::PaymentMethod;

const BLUE: u32 = 0x0034_98DB;
const GREEN: u32 = 0x002E_CC71;
const RED: u32 = 0x00E7_4C3C;
const AMBER: u32 = 0x00F1_C40F;
const GREY: u32 = 0x0095_A5A6;

/// Indonesian and English.
type Words = (&'static str, &'static str);

/// What a state is told with.
pub(super) struct Told {
    pub(super) accent: u32,
    pub(super) title: Words,
    pub(super) text: Words,
}

/// What the buyer is told.
pub(super) fn told(view: &OrderView) -> Told {
    use OrderState as S;
    let (accent, title, text) = match view.order.state {
        S::AwaitingVerification => (
            AMBER,
            ("Menunggu verifikasi", "Waiting for verification"),
            (
                "Kami perlu memastikan pesanan ini benar dari Anda. Stoknya kami simpan; belum ada yang perlu dibayar.",
                "We need to make sure that this order is yours. Your item is held; there is nothing to pay yet.",
            ),
        ),
        S::InReview => (
            AMBER,
            ("Sedang ditinjau petugas", "Being reviewed"),
            (
                "Petugas memeriksa pesanan ini dulu. Stoknya kami simpan; belum ada yang perlu dibayar.",
                "A member of staff looks at this order first. Your item is held; there is nothing to pay yet.",
            ),
        ),
        S::Blocked => (
            RED,
            ("Pesanan tidak bisa diproses", "This order cannot be processed"),
            (
                "Tidak ada yang perlu dibayar. Hubungi toko kalau menurut Anda ini keliru.",
                "There is nothing to pay. Contact the shop if you think this is a mistake.",
            ),
        ),
        S::AwaitingPayment => return to_be_paid(view),
        S::Paid | S::Fulfilling => (
            BLUE,
            ("Pembayaran diterima, sedang diproses", "Paid, being delivered"),
            (
                "Biasanya hanya beberapa detik. Tidak perlu membayar lagi.",
                "This usually takes a few seconds. There is nothing more to pay.",
            ),
        ),
        S::Delivered => {
            (GREEN, ("Terkirim", "Delivered"), ("Selesai. Selamat bermain!", "All done. Have fun!"))
        }
        S::Failed | S::Refunding => (
            AMBER,
            ("Uang sedang dikembalikan", "Your money is on its way back"),
            (
                "Pengisian gagal, atau ditarik kembali oleh pemasok. Uang Anda sebentar lagi masuk ke saldo Anda di toko ini.",
                "The delivery failed, or the supplier took it back. Your money will be in your store credit in a moment.",
            ),
        ),
        S::Refunded => (
            GREY,
            ("Uang sudah kembali ke saldo", "Refunded to your store credit"),
            (
                "Uangnya ada di saldo Anda (/saldo) dan bisa langsung dipakai membeli lagi.",
                "The money is in your store credit (/saldo), ready for another purchase.",
            ),
        ),
        S::Expired | S::Cancelled => (GREY, over(view), over_text(view)),
        S::NeedsAttention => (
            AMBER,
            ("Sedang dicek petugas, uang Anda aman", "Being checked, your money is safe"),
            match view.order.attention {
                Some(Attention::OddMoney) => (
                    "Jumlah yang masuk berbeda dengan tagihan. Petugas sedang mengeceknya.",
                    "What came in differs from the amount due. A member of staff is looking at it.",
                ),
                Some(Attention::PartlyRefunded) => (
                    "Pengiriman tidak berhasil, dan sebagian uang sudah dikembalikan oleh dompet atau penyedia pembayaran. Petugas mengembalikan sisanya.",
                    "It was not delivered, and the wallet or the payment provider has given back a part of the money. A member of staff gives back the rest.",
                ),
                _ => (
                    "Pengirimannya belum pasti. Petugas sedang mengeceknya. Tidak perlu membeli atau membayar lagi.",
                    "The delivery is not certain yet. A member of staff is looking at it. No need to buy or pay again.",
                ),
            },
        ),
    };
    Told { accent, title, text }
}

/// Over without a product.
fn over(view: &OrderView) -> Words {
    match view.order.state {
        OrderState::Expired if was_held(view) => ("Pesanan tidak dilanjutkan", "The order did not go on"),
        OrderState::Expired => ("Waktu membayar sudah habis", "The time for paying is over"),
        _ => ("Pesanan dibatalkan", "The order was cancelled"),
    }
}

/// Where the money is depends on whether there could be any, whether some came late, and whether the
/// gateway gave it back.
fn over_text(view: &OrderView) -> Words {
    // What was given back in part is for a person to look at: nobody can say here where the rest is.
    let partly = view.payment.as_ref().is_some_and(|p| p.state == PaymentState::PartlyRefunded);
    let about_money = |kind: &&str| *kind == "message:credited" || *kind == "payment_taken_back" && !partly;
    match view.timeline.iter().rev().map(|entry| entry.kind.as_str()).find(about_money) {
        Some("payment_taken_back") => (
            "Pembayarannya sudah dikembalikan kepada pembayarnya oleh dompet atau penyedia pembayaran. Tidak ada yang perlu dibayar lagi.",
            "The wallet or the payment provider gave the payment back to whoever paid. There is nothing more to pay.",
        ),
        Some(_) => (
            "Pembayaran yang masuk belakangan sudah ditambahkan ke saldo Anda di toko ini.",
            "The payment that came in later was added to your store credit at this shop.",
        ),
        None if was_held(view) && view.order.state == OrderState::Expired => (
            "Waktu untuk memeriksanya sudah habis. Pesanan ini belum pernah bisa dibayar, jadi tidak ada uang yang diambil.",
            "The time for checking it is over. It could not be paid yet, so no money was taken.",
        ),
        None if was_held(view) => (
            "Pesanan ini belum pernah bisa dibayar, jadi tidak ada uang yang diambil.",
            "It could not be paid yet, so no money was taken.",
        ),
        None => (
            "Jangan membayar lagi dengan kode yang lama. Kalau sudah terlanjur membayar, uangnya tidak hilang: pesanan dilanjutkan atau uangnya masuk ke saldo Anda.",
            "Do not pay with the old code. If you have paid all the same, the money is not lost: the order goes on, or it becomes store credit.",
        ),
    }
}

/// Whether it was over before it could be paid.
fn was_held(view: &OrderView) -> bool {
    view.order.pay_by.is_none()
}

fn to_be_paid(view: &OrderView) -> Told {
    let payment = view.payment.as_ref();
    let (accent, title, text) = match payment.map(|p| p.state) {
        Some(_) if open(view).is_some() => open_payment(view),
        Some(_) if payment.is_some_and(Payment::waits_for_phone) => (
            BLUE,
            ("Isi nomor OVO Anda", "Enter your OVO number"),
            (
                "Buka halaman bayar dan isi nomor OVO di sana. Jangan pernah menuliskannya di Discord.",
                "Open the payment page and enter your OVO number there. Never type it in Discord.",
            ),
        ),
        Some(PaymentState::Denied) => (
            RED,
            ("Pembayaran ditolak", "The payment was declined"),
            (
                "Dompet menolak pembayaran ini; tidak ada uang yang diambil. Tekan *Ganti metode* untuk mencoba lagi.",
                "The wallet declined this payment; no money was taken. Press *Pay in another way* to try again.",
            ),
        ),
        Some(PaymentState::Unknown) => (
            AMBER,
            ("Memeriksa pembayaran", "Checking the payment"),
            (
                "Kami sedang menanyakan pembayaran ini. Kalau sudah membayar, jangan membayar lagi.",
                "We are asking about this payment. If you have paid, do not pay again.",
            ),
        ),
        Some(PaymentState::Settled) => (
            BLUE,
            ("Pembayaran diterima", "Payment received"),
            ("Sebentar, pesanan Anda dilanjutkan.", "One moment, your order goes on."),
        ),
        Some(PaymentState::Expired | PaymentState::Cancelled) => (
            AMBER,
            ("Kode bayar sudah tidak berlaku", "The code is no longer valid"),
            (
                "Jangan membayar dengan kode ini. Tekan *Ganti metode* untuk membayar dengan cara lain.",
                "Do not pay with it. Press *Pay in another way* to go on.",
            ),
        ),
        None if view.order.method == PaymentMethod::Wallet => (
            AMBER,
            ("Saldo belum cukup", "Not enough store credit"),
            (
                "Saldo Anda tidak cukup untuk pesanan ini. Tekan *Ganti metode* untuk membayar dengan cara lain.",
                "Your store credit is not enough. Press *Pay in another way* to go on.",
            ),
        ),
        _ => (
            BLUE,
            ("Menyiapkan pembayaran", "Preparing the payment"),
            (
                "Sebentar, cara bayarnya muncul di sini. Kalau tidak, tekan *Cek status*.",
                "One moment, it appears here. If it does not, press *Check status*.",
            ),
        ),
    };
    Told { accent, title, text }
}

fn open_payment(view: &OrderView) -> (u32, Words, Words) {
    match view.order.method {
        PaymentMethod::OvoPush => (
            BLUE,
            ("Setujui di aplikasi OVO", "Approve it in the OVO app"),
            (
                "Buka notifikasi OVO di HP Anda dan setujui. Waktunya hanya sekitar 55 detik.",
                "Open OVO's notification on your phone and approve it. There are only about 55 seconds.",
            ),
        ),
        PaymentMethod::GopayQr | PaymentMethod::DanaQr => (
            BLUE,
            ("Pindai untuk membayar", "Scan to pay"),
            (
                "Pindai kode QR dengan dompet Anda, atau buka halaman bayar.",
                "Scan the QR code with your wallet, or open the payment page.",
            ),
        ),
        _ => (
            BLUE,
            ("Siap dibayar", "Ready to pay"),
            (
                "Buka halaman bayar untuk membayar di aplikasi dompet Anda.",
                "Open the payment page to pay in your wallet's app.",
            ),
        ),
    }
}
