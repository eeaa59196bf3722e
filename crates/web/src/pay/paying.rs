//! What the page tells a buyer who has yet to pay, in each situation and for each wallet.

use crate::{
    pay::{
        codes,
        situation::{Ended, Needs, Situation, link_first},
        told::{Told, Tone},
    },
    words::{Words, words},
};
use vocabulary::{PayPoint, PaymentMethod};

/// What the wallet, bank or store calls itself; nothing for store credit.
pub(crate) fn wallet(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::GopayQr | PaymentMethod::GopayLink => "GoPay",
        PaymentMethod::OvoPush | PaymentMethod::OvoLink => "OVO",
        PaymentMethod::DanaQr | PaymentMethod::DanaLink => "DANA",
        PaymentMethod::Qris => "QRIS",
        other => other.pay_point().map_or("", PayPoint::label),
    }
}

/// What the buyer is told.
pub(crate) fn paying(method: PaymentMethod, situation: Situation<'_>) -> Told {
    let name = wallet(method);
    let (tone, title, text) = match situation {
        Situation::Ready(payment, needs) => {
            let (title, text) = ready(payment.method, needs);
            (Tone::Act, title, text)
        }
        Situation::PhoneWanted { unknown: None } => (
            Tone::Act,
            words(format!("Nomor HP {name} Anda"), format!("Your {name} phone number")),
            words(
                format!(
                    "Kami kirim permintaan bayar ke aplikasi {name} di nomor ini. Siapkan HP-nya: waktunya kurang dari satu menit."
                ),
                format!(
                    "We send a payment request to the {name} app of this number. Have that phone at hand: there is less than a minute."
                ),
            ),
        ),
        Situation::PhoneWanted { unknown: Some(_) } => (
            Tone::Act,
            words(
                format!("Nomor ini tidak terdaftar di {name}"),
                format!("{name} does not know this number"),
            ),
            words(
                format!(
                    "Tidak ada uang yang diambil. Periksa nomornya: harus nomor yang dipakai masuk ke aplikasi {name}. Isi lagi di bawah, atau pilih cara lain."
                ),
                format!(
                    "No money was taken. Check the number: it has to be the one that you use with the {name} app. Enter it again below, or choose another way."
                ),
            ),
        ),
        Situation::Pushed(..) => (
            Tone::Act,
            words(format!("Setujui di aplikasi {name}"), format!("Approve it in the {name} app")),
            words(
                format!("Buka aplikasi {name} di HP Anda. Permintaan bayar sudah menunggu di sana."),
                format!("Open the {name} app on your phone. The payment request waits there."),
            ),
        ),
        Situation::PushOver(_) => (
            Tone::Wait,
            words("Memastikan pembayaran", "Making sure"),
            words(
                format!(
                    "Waktu menyetujui sudah habis. Kami menanyakan hasilnya ke {name}; kalau sudah Anda setujui, pesanan jalan sendiri. Jangan membayar lagi dulu."
                ),
                format!(
                    "The time for approving is over. We are asking {name} how it ended; if you approved it, the order goes on by itself. Do not pay again yet."
                ),
            ),
        ),
        Situation::Asking if method.needs_phone() => (
            Tone::Wait,
            words(format!("Mengirim ke aplikasi {name}"), format!("Sending it to the {name} app")),
            words(
                "Sebentar. Kalau permintaannya sudah Anda setujui, jangan membayar lagi.",
                "One moment. If you have approved the request, do not pay again.",
            ),
        ),
        Situation::Asking => (
            Tone::Wait,
            words("Memeriksa pembayaran", "Checking the payment"),
            words(
                "Kami sedang menanyakan pembayaran ini. Kalau sudah membayar, jangan membayar lagi.",
                "We are asking about this payment. If you have paid, do not pay again.",
            ),
        ),
        Situation::Settled => (
            Tone::Wait,
            words("Pembayaran diterima", "Payment received"),
            words("Sebentar, pesanan Anda dilanjutkan.", "One moment, your order goes on."),
        ),
        Situation::NoCredit => (
            Tone::Act,
            words("Saldo belum cukup", "Not enough store credit"),
            words(
                "Saldo Anda di toko ini tidak cukup untuk pesanan ini. Pilih cara bayar lain di bawah.",
                "Your store credit at this shop is not enough for this order. Choose another way below.",
            ),
        ),
        Situation::Ended(payment, how) => ended(payment.method, how),
        Situation::NothingToPay | Situation::Preparing => preparing(method),
    };
    Told { tone, title, text }
}

fn ready(method: PaymentMethod, needs: Needs<'_>) -> (Words, Words) {
    let name = wallet(method);
    if let (Some(point), Some(_)) = (method.pay_point(), needs.code) {
        return codes::ready(point);
    }
    if needs.qr.is_some() && method == PaymentMethod::Qris {
        return (
            words("Pindai untuk membayar", "Scan to pay"),
            words(
                "Buka dompet atau aplikasi bank apa pun yang bisa membaca QRIS, lalu pindai kode ini.",
                "Open any wallet or bank app that reads QRIS, and scan this code.",
            ),
        );
    }
    if needs.qr.is_some() && !(link_first(method) && (needs.app.is_some() || needs.page.is_some())) {
        return (
            words("Pindai untuk membayar", "Scan to pay"),
            words(
                format!("Buka {name} atau dompet lain yang bisa membaca QRIS, lalu pindai kode ini."),
                format!("Open {name}, or another wallet that reads QRIS, and scan this code."),
            ),
        );
    }
    if needs.page.is_some() {
        return (
            words(format!("Bayar di halaman {name}"), format!("Pay on {name}'s page")),
            words(
                format!(
                    "Tombol di bawah membuka halaman bayar {name}. Setelah membayar, kembali ke halaman ini."
                ),
                format!("The button below opens {name}'s payment page. Come back to this page afterwards."),
            ),
        );
    }
    (
        words(format!("Bayar di aplikasi {name}"), format!("Pay in the {name} app")),
        words(
            format!(
                "Tekan tombol di bawah di HP yang ada aplikasi {name}-nya, setujui, lalu kembali ke halaman ini."
            ),
            format!(
                "Press the button below on the phone that has the {name} app, approve, and come back to this page."
            ),
        ),
    )
}

fn preparing(method: PaymentMethod) -> (Tone, Words, Words) {
    let name = wallet(method);
    let (title, text) = match method {
        PaymentMethod::GopayQr | PaymentMethod::DanaQr | PaymentMethod::Qris => (
            words("Menyiapkan QR", "Preparing the QR code"),
            words("Sebentar, kode bayarnya muncul di sini.", "One moment, the code appears here."),
        ),
        PaymentMethod::OvoPush => (
            words(format!("Menghubungi {name}"), format!("Contacting {name}")),
            words(
                format!(
                    "Sebentar lagi permintaan bayar masuk ke aplikasi {name} di HP Anda. Siapkan HP-nya."
                ),
                format!(
                    "In a moment the payment request reaches the {name} app on your phone. Have it at hand."
                ),
            ),
        ),
        _ if method.pay_point().is_some() => codes::preparing(),
        _ => (
            words("Menyiapkan pembayaran", "Preparing the payment"),
            words("Sebentar, tombol bayarnya muncul di sini.", "One moment, the button appears here."),
        ),
    };
    (Tone::Wait, title, text)
}

fn ended(method: PaymentMethod, how: Ended) -> (Tone, Words, Words) {
    let push = method.needs_phone();
    let (title, text) = match how {
        Ended::Declined if push => (
            words("Pembayaran ditolak", "The payment was declined"),
            words(
                "Permintaannya ditolak di aplikasi; tidak ada uang yang diambil. Kirim lagi, atau pilih cara lain.",
                "The request was declined in the app; no money was taken. Send it again, or choose another way.",
            ),
        ),
        Ended::Declined if method.pay_point().is_some() => codes::declined(),
        Ended::Declined => (
            words("Pembayaran ditolak", "The payment was declined"),
            words(
                "Dompet menolak pembayaran ini; tidak ada uang yang diambil. Coba lagi, atau pilih cara lain.",
                "The wallet declined this payment; no money was taken. Try again, or choose another way.",
            ),
        ),
        Ended::Unusable => (
            words("Cara bayar ini sedang bermasalah", "This way to pay does not work right now"),
            words(
                "Tidak ada uang yang diambil. Pilih cara bayar lain di bawah.",
                "No money was taken. Choose another way below.",
            ),
        ),
        Ended::Retracted => (
            words("Kode bayarnya dibatalkan", "The code was withdrawn"),
            words(
                "Jangan membayar dengan kode atau tautan yang lama: jumlahnya tidak sesuai. Kalau sudah terlanjur membayar, uangnya tidak hilang: pesanan dilanjutkan, atau petugas memeriksanya. Kalau belum, pilih cara bayar lain di bawah.",
                "Do not pay with the old code or link: its amount is not right. If you have paid all the same, the money is not lost: the order goes on, or a member of staff looks at it. If you have not, choose another way below.",
            ),
        ),
        Ended::Withdrawn if push => (
            words("Permintaannya dibatalkan", "The request was withdrawn"),
            words(
                "Jangan setujui lagi permintaan yang lama. Kirim yang baru, atau pilih cara lain.",
                "Do not approve the old request. Send a new one, or choose another way.",
            ),
        ),
        Ended::Expired if push => (
            words("Permintaannya tidak sempat disetujui", "The request was not approved in time"),
            words(
                "Jangan setujui lagi permintaan yang lama. Kirim yang baru, atau pilih cara lain.",
                "Do not approve the old request. Send a new one, or choose another way.",
            ),
        ),
        Ended::Expired | Ended::Withdrawn if method.pay_point().is_some() => codes::over(),
        Ended::Expired | Ended::Withdrawn => (
            words("Kode bayar sudah tidak berlaku", "The code is no longer valid"),
            words(
                "Jangan membayar lagi dengan kode atau tautan yang lama. Coba lagi, atau pilih cara lain.",
                "Do not pay with the old code or link. Try again, or choose another way.",
            ),
        ),
    };
    (Tone::Act, title, text)
}
