//! What the card of an order says in each state: where the order stands, and where the money is.

use super::deposit;
use orders::{Attention, OrderKind, OrderState, OrderView};
use payments::{Payment, PaymentState};
use vocabulary::{Bank, PayPoint, PaymentMethod, Timestamp};

const BLUE: u32 = 0x0034_98DB;
const GREEN: u32 = 0x002E_CC71;
const RED: u32 = 0x00E7_4C3C;
const AMBER: u32 = 0x00F1_C40F;
const GREY: u32 = 0x0095_A5A6;

/// Indonesian and English.
pub(super) type Words = (&'static str, &'static str);

const PREPARING: (u32, Words, Words) = (
    BLUE,
    ("Menyiapkan pembayaran", "Preparing the payment"),
    (
        "Sebentar, cara bayarnya muncul di sini. Kalau tidak, tekan *Cek status*.",
        "One moment, it appears here. If it does not, press *Check status*.",
    ),
);

/// What a state is told with.
pub(super) struct Told {
    pub(super) accent: u32,
    pub(super) title: Words,
    pub(super) text: Words,
}

/// What the buyer is told now.
pub(super) fn told(view: &OrderView, now: Timestamp) -> Told {
    use OrderState as S;
    if let Some(of_deposit) = deposit::told(view) {
        return of_deposit;
    }
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
        S::AwaitingPayment => return to_be_paid(view, now),
        S::Paid | S::Fulfilling => (
            BLUE,
            ("Pembayaran diterima, sedang diproses", "Paid, being delivered"),
            (
                "Biasanya hanya beberapa detik. Tidak perlu membayar lagi.",
                "This usually takes a few seconds. There is nothing more to pay.",
            ),
        ),
        S::Delivered if was_told(view, "message:rest_delivered") => (
            GREEN,
            ("Terkirim", "Delivered"),
            (
                "Sisanya ternyata menyusul, jadi semuanya sudah terkirim. Kalau uang untuk sisanya sudah dikembalikan, uang itu tetap milik Anda.",
                "The rest came after all, so all of it was delivered. If the money for it went back to you, it stays yours.",
            ),
        ),
        S::Delivered if was_told(view, "message:share_went_back") => (
            GREEN,
            ("Terkirim sebagian", "Delivered in part"),
            match is_owed_more(view) {
                true => (
                    "Sebagian sudah terkirim. Sebagian uang untuk sisanya sudah dikembalikan kepada pembayarnya oleh dompet atau penyedia pembayaran, yang lain sudah ditambahkan ke saldo Anda (/saldo).",
                    "A part was delivered. The wallet or the payment provider gave a part of the money for the rest back to whoever paid; what was left of it was added to your store credit (/saldo).",
                ),
                false => (
                    "Sebagian sudah terkirim. Uang untuk sisanya sudah dikembalikan kepada pembayarnya oleh dompet atau penyedia pembayaran.",
                    "A part was delivered. The wallet or the payment provider gave the money for the rest back to whoever paid.",
                ),
            },
        ),
        S::Delivered if was_told(view, "message:share_given_back") => (
            GREEN,
            ("Terkirim sebagian", "Delivered in part"),
            (
                "Sebagian sudah terkirim. Uang untuk sisanya sudah ditambahkan ke saldo Anda (/saldo).",
                "A part was delivered. The money for the rest was added to your store credit (/saldo).",
            ),
        ),
        S::Delivered if is_closed_unpaid(view) => (
            GREY,
            ("Pembayaran sudah dikembalikan", "The payment was given back"),
            (
                "Sebagian sudah terkirim. Pembayarannya sudah dikembalikan kepada pembayarnya oleh dompet atau penyedia pembayaran. Tidak ada yang perlu dibayar lagi.",
                "A part was delivered. The wallet or the payment provider gave the payment back to whoever paid. There is nothing more to pay.",
            ),
        ),
        S::Delivered => {
            (GREEN, ("Terkirim", "Delivered"), ("Selesai. Selamat bermain!", "All done. Have fun!"))
        }
        S::Refunding if last_of_refund(view) == Some("message:refund_sent") => (
            AMBER,
            ("Uang sedang dikembalikan", "Your money is on its way back"),
            (
                "Uang Anda sedang dikembalikan ke cara bayar Anda. Kalau di sana tidak bisa diterima, uangnya masuk ke saldo Anda di toko ini.",
                "Your money is on its way back to the way you paid. If it cannot be taken there, it becomes store credit.",
            ),
        ),
        S::Failed | S::Refunding => (
            AMBER,
            ("Uang sedang dikembalikan", "Your money is on its way back"),
            (
                "Pengisian gagal, atau ditarik kembali oleh pemasok. Uang Anda segera dikembalikan.",
                "The delivery failed, or the supplier took it back. Your money is given back in a moment.",
            ),
        ),
        S::Refunded => refunded(view),
        S::Expired | S::Cancelled => (GREY, over(view), over_text(view)),
        S::NeedsAttention if view.order.stands_still() => (
            AMBER,
            ("Sedang dicek petugas, uang Anda aman", "Being checked, your money is safe"),
            (
                "Petugas sedang memeriksa pesanan ini. Sementara itu tidak ada yang dibeli. Tidak perlu membeli atau membayar lagi.",
                "A member of staff is looking at this order. Meanwhile nothing is bought. No need to buy or pay again.",
            ),
        ),
        S::NeedsAttention if view.order.attention == Some(Attention::WaitsForSupplier) => (
            AMBER,
            ("Menunggu pemasok, uang Anda aman", "Waiting for the supplier, your money is safe"),
            match was_told(view, "message:waits_120_minutes") {
                true => (
                    "Pemasok masih belum bisa melayani, jadi petugas sudah dipanggil. Pesanan Anda tetap di urutannya dan diproses sendiri begitu bisa. Tidak perlu membeli atau membayar lagi.",
                    "The supplier still cannot deliver, so a member of staff was called. Your order keeps its place and goes on by itself as soon as it can. No need to buy or pay again.",
                ),
                false => (
                    "Pemasok belum bisa melayani saat ini. Pesanan Anda menunggu giliran dan diproses sendiri begitu bisa. Tidak perlu membeli atau membayar lagi.",
                    "The supplier cannot deliver at this moment. Your order waits its turn and goes on by itself as soon as it can. No need to buy or pay again.",
                ),
            },
        ),
        S::NeedsAttention => (
            AMBER,
            ("Sedang dicek petugas, uang Anda aman", "Being checked, your money is safe"),
            match view.order.attention {
                Some(Attention::OddMoney) => (
                    "Jumlah yang masuk berbeda dengan tagihan. Petugas sedang mengeceknya.",
                    "What came in differs from the amount due. A member of staff is looking at it.",
                ),
                Some(Attention::SupplierRefusesUs) => (
                    "Pemasok belum menerima pesanan dari toko kami. Petugas sudah diberi tahu: pesanan Anda diteruskan, atau uangnya dikembalikan. Tidak perlu membeli atau membayar lagi.",
                    "The supplier takes no orders from this shop yet. A member of staff was told: your order goes on, or your money is given back. No need to buy or pay again.",
                ),
                Some(Attention::PartlyDelivered) => (
                    "Pemasok baru mengirim sebagian. Petugas mengurus sisanya: Anda menerimanya, atau uangnya kembali ke saldo Anda.",
                    "The supplier has delivered a part. A member of staff sees to the rest: you get it, or the money for it goes back to your store credit.",
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

fn was_told(view: &OrderView, kind: &str) -> bool {
    view.timeline.iter().any(|entry| entry.kind == kind)
}

/// Whether something of the money for the rest was still owed when the gateway had given back some of it.
fn is_owed_more(view: &OrderView) -> bool {
    let told = view.timeline.iter().rev().find(|entry| entry.kind == "message:share_went_back");
    told.is_some_and(|entry| entry.detail.is_some())
}

/// What was taken back, or came after its money had begun to go back, whatever else is true of the order: the buyer owes
/// nothing.
pub(super) fn late(view: &OrderView) -> Option<Words> {
    use OrderState as S;
    let by_person = view.order.attention == Some(Attention::PartlyRefunded);
    if !matches!(view.order.state, S::Refunding | S::Refunded | S::Cancelled) && !by_person {
        return None;
    }
    let kinds = view.timeline.iter().rev().map(|entry| entry.kind.as_str());
    kinds.into_iter().find_map(|kind| match kind {
        "message:late_delivery" => Some((
            "📦 Pemasok ternyata mengirimkannya setelah uangnya mulai dikembalikan. Tidak ada yang perlu Anda bayar atau lakukan. Toko sudah diberi tahu.",
            "📦 The supplier delivered it after all, after the money had begun to go back. There is nothing for you to pay or to do. The shop was told.",
        )),
        "message:late_part" => Some((
            "📦 Pemasok ternyata mengirim sebagian setelah uangnya mulai dikembalikan. Tidak ada yang perlu Anda bayar atau lakukan. Toko sudah diberi tahu.",
            "📦 The supplier delivered a part after all, after the money had begun to go back. There is nothing for you to pay or to do. The shop was told.",
        )),
        "message:delivery_taken_back" => Some((
            "↩️ Pesanan ini tadinya sudah terkirim, tetapi pemasok menarik kembali kirimannya, jadi uangnya dikembalikan. Isi yang sudah masuk bisa diambil lagi oleh gimnya.",
            "↩️ This order had been delivered, and the supplier has taken its delivery back, so the money goes back. The game may take the items away again.",
        )),
        "message:late_delivery_taken_back" => Some((
            "📦 Pemasok mengirimkannya setelah uangnya mulai dikembalikan, lalu menariknya kembali. Pengembalian uangnya tidak berubah.",
            "📦 The supplier delivered it after the money had begun to go back, and took it back again. Nothing changes about the money.",
        )),
        _ => None,
    })
}

/// How much left the wallet again because its gateway gave the money back: a part of a deposit, or what had come in
/// beside a purchase. Where nothing else is left to tell of an order, its own words say it.
pub(super) fn credit_less(view: &OrderView) -> Option<String> {
    if matches!(view.order.state, OrderState::Expired | OrderState::Cancelled) {
        return None;
    }
    let told = view.timeline.iter().filter(|entry| entry.kind == "message:credit_less");
    let amounts: Vec<&str> = told.filter_map(|entry| entry.detail.as_deref()).collect();
    (!amounts.is_empty()).then(|| amounts.join(" + "))
}

/// What the buyer heard last of a refund.
pub(super) fn last_of_refund(view: &OrderView) -> Option<&str> {
    let of_refund = |kind: &&str| {
        matches!(
            *kind,
            "message:refunded"
                | "message:refund_sent"
                | "message:refund_arrived"
                | "message:refund_became_credit"
                | "message:credit_taken_back"
                | "message:money_returned"
                | "message:taken_back"
        )
    };
    view.timeline.iter().rev().map(|entry| entry.kind.as_str()).find(of_refund)
}

/// Where the money is now: what was heard of it last is true.
fn refunded(view: &OrderView) -> (u32, Words, Words) {
    match last_of_refund(view) {
        // Store credit of this order, sent on at the buyer's wish.
        Some("message:refund_sent") => (
            GREY,
            ("Uang sedang dikembalikan", "Your money is on its way back"),
            (
                "Uang dari saldo Anda sedang dikembalikan ke cara bayar Anda. Kalau di sana tidak bisa diterima, uangnya masuk lagi ke saldo Anda.",
                "Money of your store credit is on its way back to the way you paid. If it cannot be taken there, it becomes store credit again.",
            ),
        ),
        Some("message:refund_arrived") => (
            GREY,
            ("Uang sudah dikembalikan", "Your money was given back"),
            (
                "Uangnya sudah dikembalikan ke cara bayar Anda. Kapan terlihat di sana tergantung aplikasinya.",
                "The money was given back to the way you paid. When it shows there depends on the app.",
            ),
        ),
        // A deposit that its gateway took back.
        Some("message:credit_taken_back") => {
            (GREY, ("Pembayaran sudah dikembalikan", "The payment was given back"), DEPOSIT_BACK)
        }
        // A part was delivered, and the gateway gave the money back.
        Some("message:money_returned") => {
            (GREY, ("Pembayaran sudah dikembalikan", "The payment was given back"), RETURNED)
        }
        Some("message:taken_back") => {
            (GREY, ("Pembayaran sudah dikembalikan", "The payment was given back"), PRODUCT_BACK)
        }
        _ => (
            GREY,
            ("Uang sudah kembali ke saldo", "Refunded to your store credit"),
            (
                "Uangnya ada di saldo Anda (/saldo) dan bisa langsung dipakai membeli lagi.",
                "The money is in your store credit (/saldo), ready for another purchase.",
            ),
        ),
    }
}

/// The gateway gave back the payment of a deposit.
const DEPOSIT_BACK: Words = (
    "Dompet, bank, atau penyedia pembayaran mengembalikan pembayaran isi saldo ini kepada pembayarnya, jadi yang masih ada diambil lagi dari saldo Anda (/saldo).",
    "The wallet, bank or payment provider gave the payment of this deposit back to whoever paid, so what was still there was taken out of your store credit (/saldo) again.",
);

/// The gateway gave back what had been paid.
const RETURNED: Words = (
    "Pembayarannya sudah dikembalikan kepada pembayarnya oleh dompet atau penyedia pembayaran. Tidak ada yang perlu dibayar lagi.",
    "The wallet or the payment provider gave the payment back to whoever paid. There is nothing more to pay.",
);

/// And then the supplier took the product back.
const PRODUCT_BACK: Words = (
    "Pemasok menarik kembali produknya. Pembayarannya sudah dikembalikan kepada pembayarnya oleh dompet atau penyedia pembayaran. Tidak ada yang perlu dibayar lagi.",
    "The supplier took the product back. The wallet or payment provider had given the payment back to whoever paid. There is nothing more to pay.",
);

/// Over without a product.
fn over(view: &OrderView) -> Words {
    match view.order.state {
        OrderState::Expired if was_held(view) => ("Pesanan tidak dilanjutkan", "The order did not go on"),
        OrderState::Expired => ("Waktu membayar sudah habis", "The time for paying is over"),
        _ => ("Pesanan dibatalkan", "The order was cancelled"),
    }
}

/// Whether it was delivered in part, and closed when its money was gone: it was told after it was delivered. One that
/// was paid again is delivered after that was told.
fn is_closed_unpaid(view: &OrderView) -> bool {
    let is_about_it = |kind: &&str| matches!(*kind, "delivered" | "message:money_returned");
    let mut kinds = view.timeline.iter().rev().map(|entry| entry.kind.as_str());
    kinds.find(is_about_it) == Some("message:money_returned")
}

/// Where the money is depends on whether there could be any, whether some came late, and whether the
/// gateway gave it back. What was heard of it last is true now.
fn over_text(view: &OrderView) -> Words {
    // What was given back in part is for a person to look at: nobody can say here where the rest is.
    let partly = view.payment.as_ref().is_some_and(|p| p.state == PaymentState::PartlyRefunded);
    let about_money = |kind: &&str| match *kind {
        "message:credited"
        | "message:taken_back"
        | "message:money_returned"
        | "message:credit_taken_back"
        | "message:credit_less" => true,
        "payment_taken_back" => !partly,
        _ => false,
    };
    match view.timeline.iter().rev().map(|entry| entry.kind.as_str()).find(about_money) {
        Some("message:taken_back") => PRODUCT_BACK,
        Some("message:credit_taken_back") => DEPOSIT_BACK,
        Some("message:credit_less") => (
            "Dompet, bank, atau penyedia pembayaran mengembalikan uang dari pembayaran yang masuk belakangan kepada pembayarnya, jadi sebanyak itu diambil lagi dari saldo Anda (/saldo), sejauh masih ada.",
            "The wallet, bank or payment provider gave money of the payment that came in later back to whoever paid, so as much was taken out of your store credit (/saldo) again, as far as it was there.",
        ),
        Some("payment_taken_back" | "message:money_returned") => RETURNED,
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
        None if view.order.kind == OrderKind::Deposit => (
            "Jangan membayar lagi dengan kode yang lama. Kalau sudah terlanjur membayar, uangnya tidak hilang: masuk ke saldo Anda.",
            "Do not pay with the old code. If you have paid all the same, the money is not lost: it becomes store credit.",
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

fn to_be_paid(view: &OrderView, now: Timestamp) -> Told {
    let (accent, title, text) = match &view.payment {
        // A push may stand on the buyer's phone all the same, and another sum in it.
        Some(payment) if view.is_unfit() && is_open_or_closed(payment) => {
            if payment.method.needs_phone() {
                PUSH_WITHDRAWN
            } else if view.was_open() {
                CODE_WITHDRAWN
            } else {
                UNUSABLE
            }
        }
        Some(payment) => how_it_stands(payment, now),
        None if view.order.method == PaymentMethod::Wallet => (
            AMBER,
            ("Saldo belum cukup", "Not enough store credit"),
            (
                "Saldo Anda tidak cukup untuk pesanan ini. Tekan *Ganti metode* untuk membayar dengan cara lain.",
                "Your store credit is not enough. Press *Pay in another way* to go on.",
            ),
        ),
        None => PREPARING,
    };
    Told { accent, title, text }
}

/// Nobody can pay it, and nobody could.
const UNUSABLE: (u32, Words, Words) = (
    AMBER,
    ("Cara bayar ini sedang bermasalah", "This way to pay does not work right now"),
    (
        "Tidak ada uang yang diambil. Tekan *Ganti metode* untuk mencoba lagi atau memilih cara lain.",
        "No money was taken. Press *Pay in another way* to try again or to choose another way.",
    ),
);
/// It could be paid for a while, and asks for something else than the order costs: somebody may have paid it.
const CODE_WITHDRAWN: (u32, Words, Words) = (
    AMBER,
    ("Kode bayarnya dibatalkan", "The code was withdrawn"),
    (
        "Jangan membayar dengan kode atau tautan yang lama: jumlahnya tidak sesuai. Kalau sudah terlanjur membayar, uangnya tidak hilang: pesanan dilanjutkan, atau petugas memeriksanya. Kalau belum, tekan *Ganti metode*.",
        "Do not pay with the old code or link: its amount is not right. If you have paid all the same, the money is not lost: the order goes on, or a member of staff looks at it. If you have not, press *Pay in another way*.",
    ),
);
/// What the phone asks for is not what the order costs.
const PUSH_WITHDRAWN: (u32, Words, Words) = (
    AMBER,
    ("Permintaannya dibatalkan", "The request was withdrawn"),
    (
        "Jangan setujui permintaan yang ada di HP Anda. Tekan *Ganti metode* untuk membayar dengan cara lain.",
        "Do not approve the request on your phone. Press *Pay in another way* to go on.",
    ),
);

fn is_open_or_closed(payment: &Payment) -> bool {
    matches!(payment.state, PaymentState::Open | PaymentState::Cancelled | PaymentState::Expired)
}

/// About the payment of an order that waits for it.
fn how_it_stands(payment: &Payment, now: Timestamp) -> (u32, Words, Words) {
    use PaymentState as P;
    match payment.state {
        P::Intended if payment.waits_for_phone() => (
            BLUE,
            ("Isi nomor OVO Anda", "Enter your OVO number"),
            (
                "Buka halaman bayar dan isi nomor OVO di sana. Jangan pernah menuliskannya di Discord.",
                "Open the payment page and enter your OVO number there. Never type it in Discord.",
            ),
        ),
        P::Open if payment.payable_until(now).is_some() => payable(payment.method),
        // Withdrawn: what takes its place is on its way.
        P::Open if payment.closing.is_some() => PREPARING,
        // Nobody can begin to pay any more, and somebody may have begun at the end.
        P::Open if matches!(payment.method, PaymentMethod::OvoPush | PaymentMethod::OvoLink) => (
            AMBER,
            ("Memastikan pembayaran", "Making sure"),
            (
                "Waktu menyetujui sudah habis. Kami menanyakan hasilnya ke OVO; kalau sudah Anda setujui, pesanan jalan sendiri. Jangan membayar lagi dulu.",
                "The time for approving is over. We are asking OVO how it ended; if you approved it, the order goes on by itself. Do not pay again yet.",
            ),
        ),
        P::Unknown if payment.is_given_up() => UNUSABLE,
        P::Open | P::Unknown => (
            AMBER,
            ("Memeriksa pembayaran", "Checking the payment"),
            (
                "Kami sedang menanyakan pembayaran ini. Kalau sudah membayar, jangan membayar lagi.",
                "We are asking about this payment. If you have paid, do not pay again.",
            ),
        ),
        P::Denied => (
            RED,
            ("Pembayaran ditolak", "The payment was declined"),
            (
                "Pembayaran ini ditolak; tidak ada uang yang diambil. Tekan *Ganti metode* untuk mencoba lagi.",
                "This payment was declined; no money was taken. Press *Pay in another way* to try again.",
            ),
        ),
        P::Settled => (
            BLUE,
            ("Pembayaran diterima", "Payment received"),
            ("Sebentar, pesanan Anda dilanjutkan.", "One moment, your order goes on."),
        ),
        P::Expired | P::Cancelled | P::Refunding | P::PartlyRefunded | P::Refunded => (
            AMBER,
            ("Kode bayar sudah tidak berlaku", "The code is no longer valid"),
            (
                "Jangan membayar dengan kode ini. Tekan *Ganti metode* untuk membayar dengan cara lain.",
                "Do not pay with it. Press *Pay in another way* to go on.",
            ),
        ),
        P::Intended => PREPARING,
    }
}

/// About a payment that the buyer can pay.
fn payable(method: PaymentMethod) -> (u32, Words, Words) {
    if let Some(point) = method.pay_point() {
        return by_number(point);
    }
    match method {
        PaymentMethod::OvoPush => (
            BLUE,
            ("Setujui di aplikasi OVO", "Approve it in the OVO app"),
            (
                "Buka notifikasi OVO di HP Anda dan setujui. Waktunya hanya sekitar 55 detik.",
                "Open OVO's notification on your phone and approve it. There are only about 55 seconds.",
            ),
        ),
        PaymentMethod::Qris => (
            BLUE,
            ("Pindai untuk membayar", "Scan to pay"),
            (
                "Pindai kode QR dengan dompet atau aplikasi bank apa pun, atau buka halaman bayar.",
                "Scan the QR code with any wallet or bank app, or open the payment page.",
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

/// What is done with the number on the card.
fn by_number(point: PayPoint) -> (u32, Words, Words) {
    let title = match point {
        PayPoint::Bank(_) => ("Transfer ke nomor ini", "Transfer to this number"),
        PayPoint::Store(_) => ("Bayar di kasir dengan kode ini", "Pay at the till with this code"),
    };
    let text = match point {
        PayPoint::Bank(Bank::Bca) => (
            "Bayar jumlah di atas, persis, ke virtual account ini dari aplikasi atau ATM BCA. Satu kali saja.",
            "Pay exactly the amount above to this virtual account, from BCA's app or an ATM of BCA. Only once.",
        ),
        PayPoint::Bank(_) => (
            "Bayar jumlah di atas, persis, ke virtual account ini dari aplikasi atau ATM bank mana pun. Satu kali saja.",
            "Pay exactly the amount above to this virtual account, from any bank's app or ATM. Only once.",
        ),
        PayPoint::Store(_) => (
            "Tunjukkan kode ini kepada kasir, bayar jumlah di atas satu kali saja, dan simpan struknya.",
            "Show this code at the till, pay the amount above only once, and keep the receipt.",
        ),
    };
    (BLUE, title, text)
}
