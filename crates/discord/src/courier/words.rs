//! What the message about an order says: a legacy embed, in the language of the order.

use crate::views::cut;
use notifications::{Audience, Message, MessageKind};
use orders::{Order, OrderKind, OrderState};
use serde_json::{Value, json};
use vocabulary::Locale;

const GREEN: u32 = 0x2E_CC_71;
const BLUE: u32 = 0x34_98_DB;
const AMBER: u32 = 0xF1_C4_0F;
const GREY: u32 = 0x95_A5_A6;

/// Value of a field of an embed may have 1024 characters; this leaves room for what stands around it.
const FIELD: usize = 1_000;
/// The same with words below it.
const FIELD_WITH_WORDS: usize = 850;
/// Lines of what was told before; together far below the 4096 characters of a description.
const LINES: usize = 12;

/// A text in Indonesian and in English.
type Both = (&'static str, &'static str);

/// Name of the thread of a buyer who takes no direct messages.
pub(super) fn thread_name(locale: Locale) -> &'static str {
    locale.pick("Struk pesanan", "Order receipts")
}

/// The message about an order to which this was told, oldest first. `link` leads to its page.
pub(super) fn receipt(order: &Order, told: &[Message], link: Option<String>) -> Value {
    let locale = order.locale;
    let told: Vec<&Message> = told.iter().filter(|message| message.audience == Audience::Buyer).collect();
    let (colour, title, text) = match told.last() {
        Some(latest) => headline_of(order, latest),
        None => (GREY, locale.pick("Pesanan Anda", "Your order"), String::new()),
    };
    let mut description = text;
    if told.len() > 1 {
        description.push('\n');
        for message in told.iter().skip(told.len().saturating_sub(LINES)) {
            let seconds = message.at.millis().div_euclid(1_000);
            description.push_str(&format!("\n<t:{seconds}:t> {}", headline_of(order, message).1));
        }
    }
    // What was told after it does not make it untrue.
    if let Some(late) = late(order, &told) {
        description.push_str(&format!("\n\n{}", headline(late, locale).2));
    }
    let mut fields = vec![field(locale.pick("Produk", "Product"), plain(&order.product_name), true)];
    if order.kind == OrderKind::Purchase {
        fields.push(field(locale.pick("Akun", "Account"), code(&order.account.to_string()), true));
    }
    fields.push(field(locale.pick("Jumlah", "Amount"), order.amount.to_string(), true));
    fields.push(field(locale.pick("Nomor pesanan", "Order number"), code(order.number.as_str()), false));
    // What was taken back is nothing to show.
    let number = order.serial_number.as_deref().filter(|_| order.state == OrderState::Delivered);
    if let Some(number) = number.filter(|number| !number.trim().is_empty()) {
        let name = locale.pick("Nomor seri (SN)", "Serial number (SN)");
        fields.push(field(name, to_copy(number, locale), false));
    }
    let mut body = json!({
        "embeds": [{ "title": title, "description": description, "color": colour, "fields": fields }],
        "allowed_mentions": { "parse": [] },
    });
    // Discord takes no button that leads to this machine.
    let link = link.filter(|link| link.starts_with("https://") && link.len() <= 512);
    if let (Some(link), Some(whole)) = (link, body.as_object_mut()) {
        let label = locale.pick("Lihat pesanan", "View order");
        let button = json!({ "type": 2, "style": 5, "label": label, "url": link });
        whole.insert("components".into(), json!([{ "type": 1, "components": [button] }]));
    }
    body
}

/// What was told of a delivery that was taken back, or that came after the money had begun to go back, where something
/// else was told since.
fn late<'a>(order: &Order, told: &[&'a Message]) -> Option<&'a Message> {
    let back = matches!(order.state, OrderState::Refunding | OrderState::Refunded | OrderState::Cancelled);
    let (_, before) = told.split_last().filter(|_| back)?;
    let is_late = |m: &&&Message| {
        matches!(
            m.kind,
            MessageKind::LateDelivery
                | MessageKind::LatePart
                | MessageKind::LateDeliveryTakenBack
                | MessageKind::DeliveryTakenBack
        )
    };
    // The last word about it may be the latest of all, and is told as such.
    let last = told.iter().rev().find(is_late)?;
    before.iter().rev().find(is_late).filter(|earlier| earlier.id == last.id).copied()
}

/// Colour, title and text of what a message about this order tells: what a purchase gets back is what a deposit is
/// for, and what stands still does not go on by itself.
fn headline_of(order: &Order, message: &Message) -> (u32, &'static str, String) {
    let locale = order.locale;
    match (order.kind, message.kind) {
        (OrderKind::Deposit, MessageKind::Refunded) => (
            GREEN,
            locale.pick("💰 Saldo sudah bertambah", "💰 Added to your store credit"),
            locale
                .pick(
                    "{} sudah masuk ke saldo Anda di toko ini.",
                    "{} was added to your store credit at this shop.",
                )
                .replace("{}", &amount(message, locale)),
        ),
        // What was written while it waited by itself may be carried after that is over.
        (_, kind) if order.stands_still() && is_about_waiting(kind) => {
            let (colour, title, _) = headline(message, locale);
            let text = locale.pick(
                "Petugas sedang memeriksa pesanan ini. Sementara itu tidak ada yang dibeli, dan uang Anda aman; Anda tidak perlu melakukan apa pun.",
                "A member of staff is looking at this order. Meanwhile nothing is bought, and your money is safe; there is nothing for you to do.",
            );
            (colour, title, text.to_owned())
        }
        _ => headline(message, locale),
    }
}

/// Whether it tells that an order waits for a supplier, and goes on by itself.
fn is_about_waiting(kind: MessageKind) -> bool {
    matches!(
        kind,
        MessageKind::WaitsForSupplier
            | MessageKind::WaitsFiveMinutes
            | MessageKind::WaitsThirtyMinutes
            | MessageKind::WaitsTwoHours
    )
}

/// How much a message is about.
fn amount(message: &Message, locale: Locale) -> String {
    message.detail.as_deref().map_or_else(
        || locale.pick("Uang Anda", "Your money").to_owned(),
        |amount| format!("**{}**", plain(amount)),
    )
}

/// Colour, title and text of what a message tells.
fn headline(message: &Message, locale: Locale) -> (u32, &'static str, String) {
    let (colour, title, text) = words(message);
    let about = match message.kind {
        // In the middle of a sentence it is not set off.
        MessageKind::CreditTakenBack | MessageKind::CreditLess | MessageKind::WaitsForSupplier => {
            plain(message.detail.as_deref().unwrap_or_default())
        }
        _ => amount(message, locale),
    };
    (colour, locale.pick(title.0, title.1), locale.pick(text.0, text.1).replace("{}", &about))
}

/// Colour, title and text of what a message tells, in Indonesian and in English; `{}` is what it is about.
fn words(message: &Message) -> (u32, Both, Both) {
    match message.kind {
        MessageKind::Delivered => {
            (GREEN, ("✅ Terkirim", "✅ Delivered"), ("Selesai. Selamat bermain!", "All done. Have fun!"))
        }
        MessageKind::SerialNumber => (
            GREEN,
            ("✅ Terkirim, nomor seri sudah ada", "✅ Delivered, with its serial number"),
            ("Nomor seri pesanan Anda ada di bawah ini.", "The serial number of your order is below."),
        ),
        MessageKind::Refunded => (
            BLUE,
            ("💰 Uang kembali ke saldo", "💰 Refunded to your store credit"),
            (
                "{} ada di saldo Anda di toko ini dan bisa langsung dipakai membeli lagi.",
                "{} is in your store credit at this shop, ready for another purchase.",
            ),
        ),
        MessageKind::PriceMoved => (
            AMBER,
            ("📈 Harga dari pemasok berubah", "📈 The supplier's price has changed"),
            (
                "Harganya tidak cocok lagi dengan harga pesanan ini, jadi produknya tidak dibeli. Uang Anda dikembalikan; kami kabari di sini ke mana. Kalau masih mau, lihat pesanan ini lewat /history.",
                "It no longer fits the price of this order, so the product was not bought. Your money is given back; we tell you here where to. If you still want it, look at this order with /history.",
            ),
        ),
        MessageKind::PartlyDelivered => (
            BLUE,
            ("📦 Sebagian sudah terkirim", "📦 A part has arrived"),
            (
                "Pemasok baru mengirim sebagian pesanan Anda. Petugas mengurus sisanya: Anda menerimanya, atau uang untuk sisanya kembali ke saldo Anda.",
                "The supplier has delivered a part of your order. A member of staff sees to the rest: you get it, or the money for it goes back to your store credit.",
            ),
        ),
        MessageKind::ShareGivenBack => (
            BLUE,
            ("💰 Uang untuk sisanya kembali ke saldo", "💰 Refunded for what is missing"),
            (
                "Sebagian pesanan Anda sudah terkirim, sisanya tidak. {} ada di saldo Anda di toko ini.",
                "A part of your order was delivered, the rest was not. {} is in your store credit at this shop.",
            ),
        ),
        MessageKind::ShareWentBack => (
            BLUE,
            ("↩️ Uang untuk sisanya dikembalikan", "↩️ The money for what is missing went back"),
            match message.detail.as_deref() {
                Some(_) => (
                    "Sebagian pesanan Anda sudah terkirim, sisanya tidak. Sebagian uang untuk sisanya sudah dikembalikan kepada pembayarnya oleh dompet atau penyedia pembayaran; {} lagi ada di saldo Anda di toko ini.",
                    "A part of your order was delivered, the rest was not. The wallet or the payment provider gave a part of the money for it back to whoever paid; another {} is in your store credit at this shop.",
                ),
                None => (
                    "Sebagian pesanan Anda sudah terkirim, sisanya tidak. Uang untuk sisanya sudah dikembalikan kepada pembayarnya oleh dompet atau penyedia pembayaran.",
                    "A part of your order was delivered, the rest was not. The wallet or the payment provider gave the money for it back to whoever paid.",
                ),
            },
        ),
        MessageKind::RefundSent => (
            BLUE,
            ("↩️ Uang sedang dikembalikan", "↩️ Your money is on its way back"),
            (
                "{} sedang dikembalikan ke cara bayar Anda. Begitu selesai, kami kabari di sini.",
                "{} is on its way back to the way you paid. We tell you here when it is done.",
            ),
        ),
        MessageKind::RefundArrived => (
            GREEN,
            ("↩️ Uang sudah dikembalikan", "↩️ Your money was given back"),
            (
                "{} sudah dikembalikan ke cara bayar Anda. Kapan terlihat di sana tergantung aplikasinya.",
                "{} was given back to the way you paid. When it shows there depends on the app.",
            ),
        ),
        MessageKind::RefundBecameCredit => (
            BLUE,
            ("💰 Uang masuk ke saldo", "💰 Added to your store credit"),
            (
                "{} tidak bisa dikembalikan ke cara bayar Anda, jadi uangnya ada di saldo Anda di toko ini dan bisa langsung dipakai membeli lagi.",
                "{} could not go back to the way you paid, so it is in your store credit at this shop, ready for another purchase.",
            ),
        ),
        MessageKind::Credited => (
            BLUE,
            ("💰 Uang masuk ke saldo", "💰 Added to your store credit"),
            (
                "Pembayaran Anda datang saat pesanan tidak menunggunya lagi. {} ada di saldo Anda di toko ini.",
                "Your payment arrived when the order no longer waited for it. {} is in your store credit at this shop.",
            ),
        ),
        MessageKind::TakenBack => (
            GREY,
            ("↩️ Produk ditarik kembali oleh pemasok", "↩️ The supplier took the product back"),
            (
                "Pembayarannya sudah dikembalikan kepada pembayarnya oleh dompet atau penyedia pembayaran, jadi pesanan ini ditutup tanpa pengembalian lain. Tidak ada yang perlu dibayar lagi.",
                "The wallet or the payment provider had given the payment back to whoever paid, so the order was closed without another refund. There is nothing more to pay.",
            ),
        ),
        MessageKind::DeliveryTakenBack => (
            AMBER,
            ("↩️ Produk ditarik kembali oleh pemasok", "↩️ The supplier took the product back"),
            (
                "Pesanan ini tadinya sudah terkirim, tetapi pemasok menarik kembali kirimannya. Uangnya dikembalikan kepada Anda. Isi yang sudah masuk bisa diambil lagi oleh gimnya.",
                "This order had been delivered, and the supplier has taken its delivery back. The money goes back to you. The game may take the items away again.",
            ),
        ),
        MessageKind::MoneyReturned => (
            GREY,
            ("↩️ Pembayaran sudah dikembalikan", "↩️ The payment was given back"),
            (
                "Dompet atau penyedia pembayaran sudah mengembalikan pembayarannya kepada pembayarnya, jadi pesanan ini ditutup. Tidak ada yang perlu dibayar lagi.",
                "The wallet or the payment provider gave the payment back to whoever paid, so the order was closed. There is nothing more to pay.",
            ),
        ),
        MessageKind::CreditTakenBack => (
            GREY,
            ("↩️ Pembayaran isi saldo dikembalikan", "↩️ The payment of your deposit was given back"),
            match message.detail {
                Some(_) => (
                    "Dompet, bank, atau penyedia pembayaran mengembalikan pembayaran isi saldo ini kepada pembayarnya, jadi {} diambil lagi dari saldo Anda di toko ini.",
                    "The wallet, bank or payment provider gave the payment of this deposit back to whoever paid, so {} was taken out of your store credit at this shop again.",
                ),
                None => (
                    "Dompet, bank, atau penyedia pembayaran mengembalikan pembayaran isi saldo ini kepada pembayarnya. Saldo Anda di toko ini sudah kosong, jadi tidak ada yang diambil darinya.",
                    "The wallet, bank or payment provider gave the payment of this deposit back to whoever paid. Your store credit at this shop was empty, so nothing was taken out of it.",
                ),
            },
        ),
        MessageKind::CreditLess => (
            GREY,
            ("↩️ Uang dikembalikan kepada pembayarnya", "↩️ Money went back to whoever paid"),
            match message.detail {
                Some(_) => (
                    "Dompet, bank, atau penyedia pembayaran mengembalikan uang yang sudah masuk ke saldo Anda kepada pembayarnya, jadi {} diambil lagi dari saldo Anda di toko ini.",
                    "The wallet, bank or payment provider gave money that was in your store credit back to whoever paid, so {} was taken out of your store credit at this shop again.",
                ),
                None => (
                    "Dompet, bank, atau penyedia pembayaran mengembalikan uang yang sudah masuk ke saldo Anda kepada pembayarnya. Saldo Anda di toko ini sudah kosong, jadi tidak ada yang diambil darinya.",
                    "The wallet, bank or payment provider gave money that was in your store credit back to whoever paid. Your store credit at this shop was empty, so nothing was taken out of it.",
                ),
            },
        ),
        MessageKind::WaitsForSupplier => (
            AMBER,
            ("⏳ Menunggu pemasok, uang Anda aman", "⏳ Waiting for the supplier, your money is safe"),
            match message.detail {
                Some(_) => (
                    "Pemasok sedang tutup. Pesanan Anda diproses sendiri setelah {}; Anda tidak perlu melakukan apa pun.",
                    "The supplier is closed. Your order goes on by itself after {}; there is nothing for you to do.",
                ),
                None => (
                    "Pemasok belum bisa melayani saat ini. Pesanan Anda menunggu giliran dan diproses sendiri begitu bisa; Anda tidak perlu melakukan apa pun.",
                    "The supplier cannot deliver at this moment. Your order waits its turn and goes on by itself as soon as it can; there is nothing for you to do.",
                ),
            },
        ),
        MessageKind::WaitsFiveMinutes => (
            AMBER,
            ("⏳ Masih menunggu pemasok (5 menit)", "⏳ Still waiting for the supplier (5 minutes)"),
            (
                "Pemasok belum bisa melayani. Uang Anda aman, dan pesanan ini jalan sendiri begitu gilirannya tiba; Anda tidak perlu melakukan apa pun.",
                "The supplier cannot deliver yet. Your money is safe, and the order goes on by itself when its turn comes; there is nothing for you to do.",
            ),
        ),
        MessageKind::WaitsThirtyMinutes => (
            AMBER,
            ("⏳ Masih menunggu pemasok (30 menit)", "⏳ Still waiting for the supplier (30 minutes)"),
            (
                "Maaf, ini lebih lama dari biasanya: pemasok masih belum bisa melayani kami. Uang Anda aman, dan pesanan ini tetap di urutannya.",
                "Sorry, this takes longer than usual: the supplier still cannot serve us. Your money is safe, and the order keeps its place.",
            ),
        ),
        MessageKind::WaitsTwoHours => (
            AMBER,
            ("⏳ Petugas dipanggil untuk pesanan Anda", "⏳ A member of staff was called for your order"),
            (
                "Sudah dua jam sejak Anda membayar, dan pemasok masih belum bisa melayani. Petugas sudah dipanggil untuk pesanan ini; uang Anda aman.",
                "You paid two hours ago, and the supplier still cannot deliver. A member of staff was called for this order; your money is safe.",
            ),
        ),
        MessageKind::HeldUp => (
            AMBER,
            ("⏳ Pesanan tertahan, uang Anda aman", "⏳ Your order is held up, your money is safe"),
            (
                "Saat ini pemasok tidak menerima pesanan dari toko kami. Petugas sudah diberi tahu: pesanan Anda diteruskan, atau uangnya dikembalikan. Anda tidak perlu melakukan apa pun.",
                "The supplier takes no orders from this shop at the moment. A member of staff was told: your order goes on, or your money is given back. There is nothing for you to do.",
            ),
        ),
        MessageKind::HeldFiveMinutes => (
            AMBER,
            ("⏳ Masih tertahan (5 menit)", "⏳ Still held up (5 minutes)"),
            (
                "Pesanan Anda belum bisa diteruskan ke pemasok. Petugas sudah diberi tahu, dan uang Anda aman; Anda tidak perlu melakukan apa pun.",
                "Your order could not be passed on to the supplier yet. A member of staff was told, and your money is safe; there is nothing for you to do.",
            ),
        ),
        MessageKind::HeldThirtyMinutes => (
            AMBER,
            ("⏳ Masih tertahan (30 menit)", "⏳ Still held up (30 minutes)"),
            (
                "Maaf, ini lebih lama dari biasanya: pesanan Anda masih belum bisa diteruskan ke pemasok. Petugas sudah diberi tahu, dan uang Anda aman.",
                "Sorry, this takes longer than usual: your order still could not be passed on to the supplier. A member of staff was told, and your money is safe.",
            ),
        ),
        MessageKind::HeldTwoHours => (
            AMBER,
            ("⏳ Pesanan Anda menunggu petugas", "⏳ Your order waits for a member of staff"),
            (
                "Sudah dua jam sejak Anda membayar, dan pesanan Anda masih belum bisa diteruskan ke pemasok. Petugas yang memutuskan: pesanan diteruskan, atau uangnya dikembalikan. Uang Anda aman.",
                "You paid two hours ago, and your order still could not be passed on to the supplier. A member of staff decides: it goes on, or your money is given back. Your money is safe.",
            ),
        ),
        MessageKind::LateDelivery => (
            GREY,
            ("📦 Ternyata terkirim belakangan", "📦 Delivered late after all"),
            (
                "Pemasok ternyata mengirimkannya setelah uangnya mulai dikembalikan. Tidak ada yang perlu Anda bayar atau lakukan. Toko sudah diberi tahu.",
                "The supplier delivered it after all, after the money had begun to go back. There is nothing for you to pay or to do. The shop was told.",
            ),
        ),
        MessageKind::LatePart => (
            GREY,
            ("📦 Sebagian ternyata terkirim belakangan", "📦 A part was delivered late after all"),
            (
                "Pemasok ternyata mengirim sebagian setelah uangnya mulai dikembalikan. Tidak ada yang perlu Anda bayar atau lakukan. Toko sudah diberi tahu.",
                "The supplier delivered a part after all, after the money had begun to go back. There is nothing for you to pay or to do. The shop was told.",
            ),
        ),
        MessageKind::RestDelivered => (
            GREEN,
            ("📦 Sisanya ternyata terkirim juga", "📦 The rest has arrived after all"),
            (
                "Pemasok ternyata mengirim sisanya juga, jadi semuanya sudah terkirim. Kalau uang untuk sisanya sudah dikembalikan, uang itu tetap milik Anda; tidak ada yang perlu dibayar.",
                "The supplier delivered the rest after all, so all of it is there. If the money for it went back to you, it stays yours; there is nothing to pay.",
            ),
        ),
        MessageKind::LateDeliveryTakenBack => (
            GREY,
            ("📦 Yang terkirim belakangan ditarik kembali", "📦 What came late was taken back"),
            (
                "Pemasok menarik kembali yang terkirim belakangan. Pengembalian uangnya tidak berubah; tidak ada yang perlu Anda lakukan.",
                "The supplier took back what was delivered late. Nothing changes about the money that went back; there is nothing for you to do.",
            ),
        ),
        MessageKind::SlowFiveMinutes => (
            AMBER,
            ("⏳ Masih diproses (5 menit)", "⏳ Still being delivered (5 minutes)"),
            (
                "Pemasok belum menjawab. Kami terus menanyakannya; Anda tidak perlu melakukan apa pun.",
                "The supplier has not answered yet. We keep asking; there is nothing for you to do.",
            ),
        ),
        MessageKind::SlowThirtyMinutes => (
            AMBER,
            ("⏳ Masih diproses (30 menit)", "⏳ Still being delivered (30 minutes)"),
            (
                "Maaf, ini lebih lama dari biasanya. Uang Anda aman, dan kami terus menanyakannya.",
                "Sorry, this takes longer than usual. Your money is safe, and we keep asking.",
            ),
        ),
        MessageKind::SlowTwoHours => (
            AMBER,
            ("⏳ Petugas memeriksa pesanan Anda", "⏳ A member of staff looks at your order"),
            (
                "Setelah dua jam pemasok belum memutuskan. Petugas menangani pesanan ini; uang Anda aman.",
                "After two hours the supplier has not decided. A member of staff takes care of it; your money is safe.",
            ),
        ),
        MessageKind::NeedsAttention => (
            AMBER,
            ("⏳ Petugas memeriksa pesanan Anda", "⏳ A member of staff looks at your order"),
            ("Anda kami kabari di sini.", "We tell you here."),
        ),
        MessageKind::Refused => (
            GREY,
            ("⛔ Pesanan tidak bisa diproses", "⛔ This order cannot be processed"),
            (
                "Tidak ada yang perlu dibayar. Hubungi toko kalau menurut Anda ini keliru.",
                "There is nothing to pay. Contact the shop if you think this is a mistake.",
            ),
        ),
        MessageKind::Expired => (
            GREY,
            ("⌛ Waktu membayar sudah habis", "⌛ The time for paying is over"),
            (
                "Jangan membayar lagi untuk pesanan ini. Uang yang telanjur dibayar tidak hilang.",
                "Do not pay for this order any more. Money that you have paid already is not lost.",
            ),
        ),
    }
}

fn field(name: &str, value: String, inline: bool) -> Value {
    // An empty value is refused.
    let value = if value.trim().is_empty() { "-".to_owned() } else { value };
    json!({ "name": name, "value": value, "inline": inline })
}

/// A block that can be copied. What does not fit is missing at its end, and the block says so: whoever paid
/// for a code must not take half of it for the whole.
fn to_copy(text: &str, locale: Locale) -> String {
    let text = without_ticks(text);
    if text.encode_utf16().count() <= FIELD {
        return format!("```\n{text}\n```");
    }
    let words = locale.pick(
        "✂️ Terpotong karena terlalu panjang. Lengkapnya ada di halaman bayar pesanan ini.",
        "✂️ Cut, because it is too long. The payment page of this order has it whole.",
    );
    format!("```\n{}\n```\n{words}", cut(&text, FIELD_WITH_WORDS))
}

/// As code: nothing in it is formatted, and nobody is mentioned.
fn code(text: &str) -> String {
    format!("`{}`", cut(&without_ticks(text), FIELD))
}

fn without_ticks(text: &str) -> String {
    text.replace('`', "'")
}

/// A text whose characters mean only themselves.
fn plain(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars().take(FIELD / 2) {
        if "\\*_~|`<>[]#@".contains(c) {
            written.push('\\');
        }
        written.push(c);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use vocabulary::{Ids, OutboxMessageId, Timestamp};

    fn message(kind: MessageKind, detail: Option<&str>) -> Message {
        let at = Timestamp::from_millis(1_795_323_600_000);
        Message {
            id: OutboxMessageId::new(&Ids::seeded(1), at),
            order: None,
            at,
            audience: Audience::Buyer,
            kind,
            detail: detail.map(str::to_owned),
        }
    }

    #[test]
    fn every_kind_of_message_has_words_in_both_languages() {
        for kind in MessageKind::ALL {
            let of = |locale| headline(&message(*kind, Some("Rp 20.000")), locale);
            let (indonesian, english) = (of(Locale::Indonesian), of(Locale::English));
            for (_, title, text) in [&indonesian, &english] {
                assert!(!title.is_empty() && title.chars().count() <= 256 && !text.is_empty(), "{kind}");
                assert!(!text.contains("{}"), "{kind}: {text}");
            }
            assert_ne!((indonesian.1, &indonesian.2), (english.1, &english.2), "{kind}");
        }
        assert!(headline(&message(MessageKind::Refunded, None), Locale::English).2.starts_with("Your money"));
        // What went back there is not said to be here.
        for locale in [Locale::Indonesian, Locale::English] {
            let (_, _, text) = headline(&message(MessageKind::ShareWentBack, None), locale);
            assert!(!text.contains("saldo") && !text.contains("store credit"), "{text}");
        }
    }

    #[test]
    fn a_serial_number_is_whole_or_says_that_it_is_not() {
        for (locale, words) in
            [(Locale::Indonesian, "Lengkapnya ada di halaman bayar"), (Locale::English, "The payment page")]
        {
            let whole = "A".repeat(FIELD);
            assert_eq!(to_copy(&whole, locale), format!("```\n{whole}\n```"));
            for long in ["A".repeat(FIELD + 1), "🎮".repeat(FIELD), "`".repeat(10_000)] {
                let shown = to_copy(&long, locale);
                assert!(shown.encode_utf16().count() <= 1_024 && shown.contains(words), "{shown}");
                assert!(shown.contains("…\n```\n"), "{shown}");
            }
        }
    }

    #[test]
    fn what_others_wrote_formats_nothing_and_mentions_nobody() {
        assert_eq!(plain("**a** <@1> [b](c)"), "\\*\\*a\\*\\* \\<\\@1\\> \\[b\\](c)");
        assert_eq!(code("1`2"), "`1'2`");
    }
}
