//! The card of an order: where it stands, where the money is, and what the buyer can do.

use super::{Button, Card, Reader, Style, button, cut, escape, history::sign, link};
use crate::Press;
use orders::{Attention, OrderState, OrderView, Shop};
use payments::{Payment, PaymentState};
use vocabulary::{PaymentMethod, Timestamp};

const BLUE: u32 = 0x0034_98DB;
const GREEN: u32 = 0x002E_CC71;
const RED: u32 = 0x00E7_4C3C;
const AMBER: u32 = 0x00F1_C40F;
const GREY: u32 = 0x0095_A5A6;

/// What a state is told with: Indonesian and English, title and text.
struct Told {
    accent: u32,
    title: (&'static str, &'static str),
    text: (&'static str, &'static str),
}

/// The card. `qr` says whether the picture of the QR code is attached to the message.
pub(crate) fn card(reader: Reader<'_>, shop: &Shop, view: &OrderView, qr: bool) -> Card {
    let order = &view.order;
    let told = told(view);
    let title = reader.pick(told.title.0, told.title.1);
    let account = format!("ID: **{}**", escape(&order.account.to_string()));
    let what = format!("**{}** · **{}**", escape(&cut(&order.product_name, 60)), order.amount);
    let method = format!("{}: {}", reader.pick("Cara bayar", "Payment"), order.method.label(reader.locale));
    let number = format!("-# {} {}", reader.pick("Pesanan", "Order"), order.number);
    let mut card = Card::new(told.accent)
        .text(&format!("### {} {title}", sign(order.state)))
        .text(&format!("{what}\n{account}\n{method}\n{number}"))
        .text(reader.pick(told.text.0, told.text.1));
    if let Some(open) = open(view) {
        if open.opened.qr_string.is_some() {
            if qr {
                card = card.qr(reader.pick("Kode QR untuk membayar", "QR code to pay"));
            } else {
                let words = reader.pick(
                    "⏳ Kode QR sedang dimuat. Kalau tidak muncul, buka halaman bayar.",
                    "⏳ The QR code is loading. If it does not appear, open the payment page.",
                );
                card = card.text(words);
            }
        }
        let until = moment(shop, open.expires_at);
        card = card.text(&format!("⏱️ {} <t:{until}:R>", reader.pick("Bayar sebelum", "Pay before it ends")));
    } else if let (OrderState::AwaitingPayment, Some(until)) = (order.state, order.pay_by) {
        let until = moment(shop, until);
        card =
            card.text(&format!("⏱️ {} <t:{until}:R>", reader.pick("Waktu bayar habis", "Time to pay ends")));
    }
    if let (OrderState::Delivered, Some(serial)) = (order.state, &order.serial_number) {
        let words = reader.pick("Nomor seri / kode", "Serial number / code");
        card = card.text(&format!("{words}\n```\n{}\n```", serial.replace('`', "'")));
    }
    card.buttons(buttons(reader, shop, view))
}

/// The text of the QR code that the card shows, when there is one to pay with.
pub(crate) fn qr(view: &OrderView) -> Option<&str> {
    open(view)?.opened.qr_string.as_deref()
}

/// The question before cancelling.
pub(crate) fn ask_cancel(reader: Reader<'_>, view: &OrderView) -> Card {
    let number = &view.order.number;
    let words = reader.pick(
        "Kode atau halaman bayarnya langsung ditutup. Kalau sudah terlanjur membayar, uangnya tidak hilang: masuk ke saldo Anda.",
        "Its code or payment page is closed at once. If you have paid all the same, the money is not lost: it becomes store credit.",
    );
    let title = reader.pick("Batalkan pesanan", "Cancel order");
    Card::new(AMBER).text(&format!("### {title} {number}?")).text(words).buttons(vec![
        button(
            Style::Danger,
            reader.pick("Ya, batalkan", "Yes, cancel it"),
            &reader.id(&Press::Cancel(number.clone())),
        ),
        button(Style::Secondary, reader.pick("Kembali", "Back"), &reader.id(&Press::Show(number.clone()))),
    ])
}

/// The payment that the buyer can pay now.
fn open(view: &OrderView) -> Option<&Payment> {
    let payment = view.payment.as_ref()?;
    let open = payment.state == PaymentState::Open && payment.closing.is_none();
    (open && view.order.state == OrderState::AwaitingPayment).then_some(payment)
}

/// Seconds of real time: business time may be ahead in the sandbox, the reader's clock is not.
fn moment(shop: &Shop, at: Timestamp) -> i64 {
    at.millis().saturating_sub(shop.clock.offset_ms()).div_euclid(1_000)
}

fn buttons(reader: Reader<'_>, shop: &Shop, view: &OrderView) -> Vec<Button> {
    use OrderState as S;
    let order = &view.order;
    let number = || order.number.clone();
    let page = || {
        let url = shop.rules.address(&format!("/pay/{}", order.pay_token))?;
        link(reader.pick("Halaman bayar", "Payment page"), &url)
    };
    let check =
        button(Style::Primary, reader.pick("Cek status", "Check status"), &reader.id(&Press::Show(number())));
    let cancel = || {
        let id = reader.id(&Press::AskCancel(number()));
        button(Style::Secondary, reader.pick("Batalkan", "Cancel"), &id)
    };
    let methods = || {
        let id = reader.id(&Press::Methods(number()));
        button(Style::Secondary, reader.pick("Ganti metode", "Pay in another way"), &id)
    };
    let again = || {
        let id = reader.id(&Press::Form(order.product.clone()));
        button(Style::Secondary, reader.pick("Beli lagi", "Buy again"), &id)
    };
    match order.state {
        S::AwaitingPayment => page().into_iter().chain([check, methods(), cancel()]).collect(),
        S::AwaitingVerification | S::InReview => page().into_iter().chain([check, cancel()]).collect(),
        S::Paid | S::Fulfilling | S::Failed | S::Refunding | S::NeedsAttention => {
            [check].into_iter().chain(page()).collect()
        }
        S::Delivered | S::Refunded | S::Expired | S::Cancelled => {
            [again()].into_iter().chain(page()).collect()
        }
        S::Blocked => Vec::new(),
    }
}

fn told(view: &OrderView) -> Told {
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
        S::Expired => (GREY, ("Waktu membayar sudah habis", "The time for paying is over"), over(view)),
        S::Cancelled => (GREY, ("Pesanan dibatalkan", "The order was cancelled"), over(view)),
        S::NeedsAttention => (
            AMBER,
            ("Sedang dicek petugas, uang Anda aman", "Being checked, your money is safe"),
            match view.order.attention {
                Some(Attention::OddMoney) => (
                    "Jumlah yang masuk berbeda dengan tagihan. Petugas sedang mengeceknya.",
                    "What came in differs from the amount due. A member of staff is looking at it.",
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

/// Over without a product: where the money is depends on whether some came late.
fn over(view: &OrderView) -> (&'static str, &'static str) {
    if view.timeline.iter().any(|entry| entry.kind == "message:credited") {
        (
            "Pembayaran yang masuk belakangan sudah ditambahkan ke saldo Anda di toko ini.",
            "The payment that came in later was added to your store credit at this shop.",
        )
    } else {
        (
            "Jangan membayar lagi dengan kode yang lama. Kalau sudah terlanjur membayar, uangnya tidak hilang: pesanan dilanjutkan atau uangnya masuk ke saldo Anda.",
            "Do not pay with the old code. If you have paid all the same, the money is not lost: the order goes on, or it becomes store credit.",
        )
    }
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

type Words = (&'static str, &'static str);

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
