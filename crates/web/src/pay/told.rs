//! What the page tells the buyer in each state of the order: where it stands, and where the money is.

use crate::{
    pay::{paying::paying, situation::Situation},
    words::{Words, words},
};
use orders::{Attention, OrderKind, OrderState, OrderView, TimelineEntry};
use payments::PaymentState;

/// How a state feels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Something is asked of the buyer.
    Act,
    /// Something is under way.
    Wait,
    /// Well.
    Good,
    /// Over, without the product.
    Over,
}

/// What the page tells.
pub(crate) struct Told {
    pub(crate) tone: Tone,
    pub(crate) title: Words,
    pub(crate) text: Words,
}

/// What the buyer is told.
pub(crate) fn told(view: &OrderView, situation: Situation<'_>) -> Told {
    use OrderState as S;
    match view.order.state {
        // A deposit holds no stock.
        S::AwaitingVerification if view.order.kind == OrderKind::Deposit => Told {
            tone: Tone::Wait,
            title: words("Menunggu verifikasi", "Waiting for verification"),
            text: words(
                "Kami perlu memastikan permintaan ini benar dari Anda. Anda belum perlu membayar.",
                "We need to make sure that this request is yours. There is nothing to pay yet.",
            ),
        },
        S::InReview if view.order.kind == OrderKind::Deposit => Told {
            tone: Tone::Wait,
            title: words("Sedang ditinjau petugas", "Being reviewed"),
            text: words(
                "Petugas memeriksa permintaan ini dulu. Anda belum perlu membayar.",
                "A member of staff looks at this request first. There is nothing to pay yet.",
            ),
        },
        S::AwaitingVerification => Told {
            tone: Tone::Wait,
            title: words("Menunggu verifikasi", "Waiting for verification"),
            text: words(
                "Kami perlu memastikan pesanan ini benar dari Anda. Stoknya kami simpan; Anda belum perlu membayar.",
                "We need to make sure that this order is yours. Your item is held; there is nothing to pay yet.",
            ),
        },
        S::InReview => Told {
            tone: Tone::Wait,
            title: words("Sedang ditinjau petugas", "Being reviewed"),
            text: words(
                "Petugas memeriksa pesanan ini dulu. Stoknya kami simpan; Anda belum perlu membayar.",
                "A member of staff looks at this order first. Your item is held; there is nothing to pay yet.",
            ),
        },
        S::Blocked => Told {
            tone: Tone::Over,
            title: words("Pesanan tidak bisa diproses", "This order cannot be processed"),
            text: words(
                "Tidak ada yang perlu dibayar. Hubungi toko kalau menurut Anda ini keliru.",
                "There is nothing to pay. Contact the shop if you think this is a mistake.",
            ),
        },
        S::AwaitingPayment => paying(view.order.method, situation),
        S::Paid if view.order.kind == OrderKind::Deposit => Told {
            tone: Tone::Wait,
            title: words("Pembayaran diterima", "Paid"),
            text: words("Saldo Anda bertambah sebentar lagi.", "Your store credit grows in a moment."),
        },
        S::Paid | S::Fulfilling => Told {
            tone: Tone::Wait,
            title: words("Pembayaran diterima, sedang diproses", "Paid, being delivered"),
            text: words(
                "Biasanya hanya beberapa detik. Halaman ini berubah sendiri begitu terkirim.",
                "This usually takes a few seconds. This page changes by itself when it arrives.",
            ),
        },
        S::Delivered if view.timeline.iter().any(|entry| entry.kind == "message:rest_delivered") => Told {
            tone: Tone::Good,
            title: words("Terkirim", "Delivered"),
            text: words(
                "Sisanya ternyata menyusul, jadi semuanya sudah terkirim. Kalau uang untuk sisanya sudah dikembalikan, uang itu tetap milik Anda.",
                "The rest came after all, so all of it was delivered. If the money for it went back to you, it stays yours.",
            ),
        },
        S::Delivered if went_back(view).is_some() => delivered_and_back(view),
        S::Delivered if share(view).is_some() => delivered_in_part(view),
        S::Delivered if is_closed_unpaid(view) => Told {
            tone: Tone::Over,
            title: words("Pembayaran sudah dikembalikan", "The payment was given back"),
            text: words(
                "Sebagian sudah terkirim. Pembayarannya sudah dikembalikan kepada pembayarnya oleh dompet atau penyedia pembayaran. Tidak ada yang perlu dibayar lagi.",
                "A part was delivered. The wallet or payment provider gave the payment back to whoever paid. There is nothing more to pay.",
            ),
        },
        S::Delivered => Told {
            tone: Tone::Good,
            title: words("Terkirim", "Delivered"),
            text: words("Selesai. Selamat bermain!", "All done. Have fun!"),
        },
        S::Refunding if last_of_refund(view).is_some_and(|told| told.kind == "message:refund_sent") => {
            on_its_way(view)
        }
        S::Failed | S::Refunding => Told {
            tone: Tone::Wait,
            title: words("Uang sedang dikembalikan", "Your money is on its way back"),
            text: words(
                "Pengisian gagal, atau ditarik kembali oleh pemasok. Uang Anda segera dikembalikan.",
                "The delivery failed, or the supplier took it back. Your money is given back in a moment.",
            ),
        },
        S::Refunded => refunded(view),
        S::Expired => over(view, words("Waktu membayar sudah habis", "The time for paying is over")),
        S::Cancelled => over(view, words("Pesanan dibatalkan", "The order was cancelled")),
        S::NeedsAttention => needs_attention(view),
    }
}

/// Money that came in for this order and that it could not use, in whatever state it is: it came too
/// late, or was the second. How much of it is store credit now.
pub(crate) fn credited(view: &OrderView) -> Option<Words> {
    let credits: Vec<_> = view.timeline.iter().filter(|entry| entry.kind == "message:credited").collect();
    if credits.is_empty() {
        return None;
    }
    let amounts: Vec<&str> = credits.iter().filter_map(|entry| entry.detail.as_deref()).collect();
    let amounts = amounts.join(" + ");
    let (sum, sum_in_english) = if amounts.is_empty() { ("Uang", "Money") } else { (&*amounts, &*amounts) };
    // It is another one only beside the payment that paid the order.
    let (which, which_in_english) = match view.order.paid_at {
        Some(_) => ("pembayaran lain", "another payment"),
        None => ("pembayaran", "a payment"),
    };
    Some(words(
        format!("{sum} dari {which} untuk pesanan ini sudah ditambahkan ke saldo Anda di toko ini."),
        format!(
            "{sum_in_english} from {which_in_english} for this order was added to your store credit at this shop."
        ),
    ))
}

/// How much left the wallet again because its gateway gave the money back: a part of a deposit, or what had come in
/// beside a purchase.
pub(crate) fn credit_less(view: &OrderView) -> Option<Words> {
    let told = view.timeline.iter().filter(|entry| entry.kind == "message:credit_less");
    let amounts: Vec<&str> = told.filter_map(|entry| entry.detail.as_deref()).collect();
    if amounts.is_empty() {
        return None;
    }
    let amounts = amounts.join(" + ");
    Some(words(
        format!(
            "{amounts} diambil lagi dari saldo Anda, karena dompet, bank, atau penyedia pembayaran mengembalikan uangnya kepada pembayarnya."
        ),
        format!(
            "{amounts} was taken out of your store credit again, because the wallet, bank or payment provider gave the money back to whoever paid."
        ),
    ))
}

/// What was taken back, or came after its money had begun to go back, whatever else is true of the order: the buyer owes
/// nothing.
pub(crate) fn late(view: &OrderView) -> Option<Words> {
    use OrderState as S;
    let by_person = view.order.attention == Some(Attention::PartlyRefunded);
    if !matches!(view.order.state, S::Refunding | S::Refunded | S::Cancelled) && !by_person {
        return None;
    }
    let kinds = view.timeline.iter().rev().map(|entry| entry.kind.as_str());
    kinds.into_iter().find_map(|kind| match kind {
        "message:late_delivery" => Some(words(
            "Pemasok ternyata mengirimkannya setelah uangnya mulai dikembalikan. Tidak ada yang perlu Anda bayar atau lakukan. Toko sudah diberi tahu.",
            "The supplier delivered it after all, after the money had begun to go back. There is nothing for you to pay or to do. The shop was told.",
        )),
        "message:late_part" => Some(words(
            "Pemasok ternyata mengirim sebagian setelah uangnya mulai dikembalikan. Tidak ada yang perlu Anda bayar atau lakukan. Toko sudah diberi tahu.",
            "The supplier delivered a part after all, after the money had begun to go back. There is nothing for you to pay or to do. The shop was told.",
        )),
        "message:delivery_taken_back" => Some(words(
            "Pesanan ini tadinya sudah terkirim, tetapi pemasok menarik kembali kirimannya, jadi uangnya dikembalikan. Isi yang sudah masuk bisa diambil lagi oleh gimnya.",
            "This order had been delivered, and the supplier has taken its delivery back, so the money goes back. The game may take the items away again.",
        )),
        "message:late_delivery_taken_back" => Some(words(
            "Pemasok mengirimkannya setelah uangnya mulai dikembalikan, lalu menariknya kembali. Pengembalian uangnya tidak berubah.",
            "The supplier delivered it after the money had begun to go back, and took it back again. Nothing changes about the money.",
        )),
        _ => None,
    })
}

/// That it came to nothing because of its supplier's price, and what the product costs now.
pub(crate) fn price_moved(view: &OrderView) -> Option<Words> {
    let (indonesian, english) = view.price_moved?.words();
    Some(words(indonesian, english))
}

/// Over without a product: where the money is depends on whether some came late, and whether the gateway
/// gave it back. What was heard of it last is true now.
fn over(view: &OrderView, title: Words) -> Told {
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
    let last = view.timeline.iter().rev().find(|entry| about_money(&entry.kind.as_str()));
    let text = match last.map(|entry| entry.kind.as_str()) {
        Some("message:credit_taken_back") => deposit_back(last.and_then(|entry| entry.detail.as_deref())),
        Some("message:taken_back") => product_back(),
        Some("payment_taken_back" | "message:money_returned") => returned(),
        // How much came in late, and how much of it left the wallet again, stands beside it.
        Some(_) => {
            words("Jangan membayar lagi dengan kode yang lama.", "Do not pay with the old code any more.")
        }
        None if view.order.kind == OrderKind::Deposit => words(
            "Jangan membayar lagi dengan kode yang lama. Kalau sudah terlanjur membayar, uangnya tidak hilang: masuk ke saldo Anda.",
            "Do not pay with the old code. If you have paid all the same, the money is not lost: it becomes store credit.",
        ),
        None => words(
            "Jangan membayar lagi dengan kode yang lama. Kalau sudah terlanjur membayar, uangnya tidak hilang: pesanan dilanjutkan atau uangnya masuk ke saldo Anda.",
            "Do not pay with the old code. If you have paid all the same, the money is not lost: the order goes on, or it becomes store credit.",
        ),
    };
    Told { tone: Tone::Over, title, text }
}

/// Whether it was delivered in part, and closed when its money was gone: it was told after it was delivered. One that
/// was paid again is delivered after that was told.
fn is_closed_unpaid(view: &OrderView) -> bool {
    let is_about_it = |kind: &&str| matches!(*kind, "delivered" | "message:money_returned");
    let mut kinds = view.timeline.iter().rev().map(|entry| entry.kind.as_str());
    kinds.find(is_about_it) == Some("message:money_returned")
}

/// What went back of an order of which a part was delivered.
fn share(view: &OrderView) -> Option<&str> {
    let told = view.timeline.iter().rev().find(|entry| entry.kind == "message:share_given_back")?;
    told.detail.as_deref()
}

fn delivered_in_part(view: &OrderView) -> Told {
    let share = share(view).unwrap_or_default();
    Told {
        tone: Tone::Good,
        title: words("Terkirim sebagian", "Delivered in part"),
        text: words(
            format!(
                "Sebagian sudah terkirim. Untuk sisanya {share} sudah ditambahkan ke saldo Anda di toko ini."
            ),
            format!(
                "A part was delivered. For the rest {share} was added to your store credit at this shop."
            ),
        ),
    }
}

/// That the gateway gave back the money for what is missing, or some of it; with what was still owed.
fn went_back(view: &OrderView) -> Option<&TimelineEntry> {
    view.timeline.iter().rev().find(|entry| entry.kind == "message:share_went_back")
}

fn delivered_and_back(view: &OrderView) -> Told {
    let text = match went_back(view).and_then(|entry| entry.detail.as_deref()) {
        Some(owed) => words(
            format!(
                "Sebagian sudah terkirim. Sebagian uang untuk sisanya sudah dikembalikan kepada pembayarnya oleh dompet atau penyedia pembayaran; {owed} lagi sudah ditambahkan ke saldo Anda di toko ini."
            ),
            format!(
                "A part was delivered. The wallet or payment provider gave a part of the money for the rest back to whoever paid; another {owed} was added to your store credit at this shop."
            ),
        ),
        None => words(
            "Sebagian sudah terkirim. Uang untuk sisanya sudah dikembalikan kepada pembayarnya oleh dompet atau penyedia pembayaran.",
            "A part was delivered. The wallet or payment provider gave the money for the rest back to whoever paid.",
        ),
    };
    Told { tone: Tone::Good, title: words("Terkirim sebagian", "Delivered in part"), text }
}

/// What the buyer heard last of a refund.
fn last_of_refund(view: &OrderView) -> Option<&TimelineEntry> {
    let of_refund = |kind: &str| {
        matches!(
            kind,
            "message:refunded"
                | "message:refund_sent"
                | "message:refund_arrived"
                | "message:refund_became_credit"
                | "message:credit_taken_back"
                | "message:money_returned"
                | "message:taken_back"
        )
    };
    view.timeline.iter().rev().find(|entry| of_refund(&entry.kind))
}

/// How much a refund is: less than was paid, when a part went back otherwise.
fn amount_of(view: &OrderView, told: Option<&TimelineEntry>) -> String {
    told.and_then(|entry| entry.detail.clone()).unwrap_or_else(|| view.order.amount.to_string())
}

/// A refund that has not arrived.
fn on_its_way(view: &OrderView) -> Told {
    let amount = amount_of(view, last_of_refund(view));
    Told {
        tone: Tone::Wait,
        title: words("Uang sedang dikembalikan", "Your money is on its way back"),
        text: words(
            format!(
                "{amount} sedang dikembalikan ke cara bayar Anda. Kalau di sana tidak bisa diterima, uangnya masuk ke saldo Anda di toko ini."
            ),
            format!(
                "{amount} is on its way back to the way you paid. If it cannot be taken there, it becomes store credit at this shop."
            ),
        ),
    }
}

/// Where the money is now: what was heard of it last is true.
fn refunded(view: &OrderView) -> Told {
    let told = last_of_refund(view);
    let amount = amount_of(view, told);
    match told.map(|entry| entry.kind.as_str()) {
        // Store credit of this order, sent on at the buyer's wish.
        Some("message:refund_sent") => on_its_way(view),
        Some("message:refund_arrived") => Told {
            tone: Tone::Over,
            title: words("Uang sudah dikembalikan", "Your money was given back"),
            text: words(
                format!(
                    "{amount} sudah dikembalikan ke cara bayar Anda. Kapan terlihat di sana tergantung aplikasinya."
                ),
                format!(
                    "{amount} was given back to the way you paid. When it shows there depends on the app."
                ),
            ),
        },
        Some("message:refund_became_credit") => Told {
            tone: Tone::Over,
            title: words("Uang sudah kembali ke saldo", "Refunded to your store credit"),
            text: words(
                format!(
                    "{amount} tidak bisa dikembalikan ke cara bayar Anda, jadi uangnya ada di saldo Anda di toko ini dan bisa langsung dipakai membeli lagi."
                ),
                format!(
                    "{amount} could not go back to the way you paid, so it is in your store credit at this shop, ready for another purchase."
                ),
            ),
        },
        // A deposit that its gateway took back.
        Some("message:credit_taken_back") => Told {
            tone: Tone::Over,
            title: words("Pembayaran sudah dikembalikan", "The payment was given back"),
            text: deposit_back(told.and_then(|entry| entry.detail.as_deref())),
        },
        // A part was delivered, and the gateway gave the money back.
        Some("message:money_returned") => Told {
            tone: Tone::Over,
            title: words("Pembayaran sudah dikembalikan", "The payment was given back"),
            text: returned(),
        },
        Some("message:taken_back") => Told {
            tone: Tone::Over,
            title: words("Pembayaran sudah dikembalikan", "The payment was given back"),
            text: product_back(),
        },
        _ if view.order.kind == OrderKind::Deposit => Told {
            tone: Tone::Good,
            title: words("Saldo sudah bertambah", "Added to your store credit"),
            text: words(
                format!("{amount} sudah masuk ke saldo Anda di toko ini."),
                format!("{amount} was added to your store credit at this shop."),
            ),
        },
        _ => Told {
            tone: Tone::Over,
            title: words("Uang sudah kembali ke saldo", "Refunded to your store credit"),
            text: words(
                format!("{amount} ada di saldo Anda di toko ini dan bisa langsung dipakai membeli lagi."),
                format!("{amount} is in your store credit at this shop, ready for another purchase."),
            ),
        },
    }
}

/// The gateway gave back what had been paid.
fn returned() -> Words {
    words(
        "Pembayarannya sudah dikembalikan kepada pembayarnya oleh dompet atau penyedia pembayaran. Tidak ada yang perlu dibayar lagi.",
        "The wallet or payment provider gave the payment back to whoever paid. There is nothing more to pay.",
    )
}

/// And then the supplier took the product back.
fn product_back() -> Words {
    words(
        "Pemasok menarik kembali produknya. Pembayarannya sudah dikembalikan kepada pembayarnya oleh dompet atau penyedia pembayaran. Tidak ada yang perlu dibayar lagi.",
        "The supplier took the product back. The wallet or payment provider had given the payment back to whoever paid. There is nothing more to pay.",
    )
}

/// Where the money of a deposit is after its gateway gave the payment back, and how much of it was still there.
fn deposit_back(taken: Option<&str>) -> Words {
    let back = (
        "Pembayaran isi saldo ini sudah dikembalikan kepada pembayarnya oleh dompet, bank, atau penyedia pembayaran.",
        "The wallet, bank or payment provider gave the payment of this deposit back to whoever paid.",
    );
    match taken {
        Some(amount) => words(
            format!("{} {amount} diambil lagi dari saldo Anda di toko ini.", back.0),
            format!("{} {amount} was taken out of your store credit at this shop again.", back.1),
        ),
        None => words(
            format!("{} Saldo Anda sudah kosong, jadi tidak ada yang diambil darinya.", back.0),
            format!("{} Your store credit was empty, so nothing was taken out of it.", back.1),
        ),
    }
}

fn needs_attention(view: &OrderView) -> Told {
    let text = match view.order.attention {
        Some(Attention::OddMoney) => words(
            "Jumlah yang masuk berbeda dengan tagihan. Petugas sedang mengeceknya; uang Anda aman.",
            "What came in differs from the amount due. A member of staff is looking at it; your money is safe.",
        ),
        Some(Attention::WaitsForSupplier) if view.order.stands_still() => words(
            "Petugas sedang memeriksa pesanan ini. Sementara itu tidak ada yang dibeli, dan uang Anda aman. Tidak perlu membeli atau membayar lagi.",
            "A member of staff is looking at this order. Meanwhile nothing is bought, and your money is safe. No need to buy or pay again.",
        ),
        Some(Attention::WaitsForSupplier) => {
            return Told {
                tone: Tone::Wait,
                title: words(
                    "Menunggu pemasok, uang Anda aman",
                    "Waiting for the supplier, your money is safe",
                ),
                text: if view.timeline.iter().any(|entry| entry.kind == "message:waits_120_minutes") {
                    words(
                        "Pemasok masih belum bisa melayani, jadi petugas sudah dipanggil. Pesanan Anda tetap di urutannya dan diproses sendiri begitu bisa. Tidak perlu membeli atau membayar lagi.",
                        "The supplier still cannot deliver, so a member of staff was called. Your order keeps its place and goes on by itself as soon as it can. No need to buy or pay again.",
                    )
                } else {
                    words(
                        "Pemasok belum bisa melayani saat ini. Pesanan Anda menunggu giliran dan diproses sendiri begitu bisa. Tidak perlu membeli atau membayar lagi.",
                        "The supplier cannot deliver at this moment. Your order waits its turn and goes on by itself as soon as it can. No need to buy or pay again.",
                    )
                },
            };
        }
        Some(Attention::SupplierRefusesUs) => words(
            "Pemasok belum menerima pesanan dari toko kami. Petugas sudah diberi tahu: pesanan Anda diteruskan, atau uangnya dikembalikan. Tidak perlu membeli atau membayar lagi.",
            "The supplier takes no orders from this shop yet. A member of staff was told: your order goes on, or your money is given back. No need to buy or pay again.",
        ),
        Some(Attention::PartlyDelivered) => words(
            "Pemasok baru mengirim sebagian. Petugas mengurus sisanya: Anda menerimanya, atau uangnya kembali ke saldo Anda.",
            "The supplier has delivered a part. A member of staff sees to the rest: you get it, or the money for it goes back to your store credit.",
        ),
        Some(Attention::PartlyRefunded) if view.order.kind == OrderKind::Deposit => words(
            "Sebagian uang sudah dikembalikan oleh dompet atau penyedia pembayaran. Petugas memasukkan sisanya ke saldo Anda.",
            "The wallet or the payment provider has given back a part of the money. A member of staff adds the rest to your store credit.",
        ),
        Some(Attention::PartlyRefunded) => words(
            "Pengiriman tidak berhasil, dan sebagian uang sudah dikembalikan oleh dompet atau penyedia pembayaran. Petugas mengembalikan sisanya.",
            "It was not delivered, and the wallet or the payment provider has given back a part of the money. A member of staff gives back the rest.",
        ),
        _ => words(
            "Pengirimannya belum pasti. Petugas sedang mengeceknya; uang Anda aman. Tidak perlu membeli atau membayar lagi.",
            "The delivery is not certain yet. A member of staff is looking at it; your money is safe. No need to buy or pay again.",
        ),
    };
    Told {
        tone: Tone::Wait,
        title: words("Sedang dicek petugas, uang Anda aman", "Being checked, your money is safe"),
        text,
    }
}
