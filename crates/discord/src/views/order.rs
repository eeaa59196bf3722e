//! The card of an order: where it stands, where the money is, and what the buyer can do.

use super::{
    Button, Card, Reader, Style,
    account::is_code,
    button,
    closing::consequence,
    cut, deposit, escape,
    history::sign,
    link,
    told::{credit_less, late, told},
};
use crate::Press;
use orders::{Order, OrderKind, OrderState, OrderView, PriceMoved, Shop};
use payments::Payment;
use vocabulary::{Locale, PayPoint, Timestamp};

const AMBER: u32 = 0x00F1_C40F;
const RED: u32 = 0x00E7_4C3C;
/// How much of a serial number stands on a card: some suppliers send a page, and Discord takes no card of
/// more than 4000 characters.
const SERIAL: usize = 1_000;

/// The picture of a QR code beside a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    /// It is attached to the message.
    Attached,
    /// It is on its way.
    Coming,
    /// The card is drawn for the last time: what it shows must stay true without anybody looking.
    Never,
}

/// The card, as it is now.
pub(crate) fn card(
    reader: Reader<'_>,
    shop: &Shop,
    (view, now): (&OrderView, Timestamp),
    picture: Picture,
) -> Card {
    let order = &view.order;
    let told = told(view, now);
    let title = reader.pick(told.title.0, told.title.1);
    let what = format!("**{}** · **{}**", escape(&cut(&order.product_name, 60)), order.amount);
    let method = format!("{}: {}", reader.pick("Cara bayar", "Payment"), view.method().label(reader.locale));
    let number = format!("-# {} {}", reader.pick("Pesanan", "Order"), order.number);
    let mut card = Card::new(told.accent)
        .text(&format!("### {} {title}", if told.accent == RED { "⛔" } else { sign(order) }))
        .text(&format!("{what}\n{}{method}\n{number}", account(reader, order)))
        .text(&deposit::credited(reader, view).unwrap_or_default())
        .text(reader.pick(told.text.0, told.text.1));
    if let Some(words) = late(view) {
        card = card.text(reader.pick(words.0, words.1));
    }
    if let Some(amount) = credit_less(view) {
        let words = reader.pick(
            "diambil lagi dari saldo Anda, karena dompet, bank, atau penyedia pembayaran mengembalikan uangnya kepada pembayarnya.",
            "was taken out of your store credit again, because the wallet, bank or payment provider gave the money back to whoever paid.",
        );
        card = card.text(&format!("**{}** {words}", escape(&amount)));
    }
    if let Some(moved) = view.price_moved {
        card = card.text(&price_moved(reader, moved, moment(shop, now)));
    }
    if picture == Picture::Never {
        if !is_over(order.state) {
            card = card.text(reader.pick(
                "⏸️ Kartu ini tidak diperbarui lagi. Tekan *Cek status* untuk melihat keadaan yang sekarang.",
                "⏸️ This card is no longer kept up to date. Press *Check status* to see how things stand now.",
            ));
        }
    } else if let Some((payment, until)) = open(view, now) {
        if payment.opened.qr_string.is_some() {
            if picture == Picture::Attached {
                card = card.qr(reader.pick("Kode QR untuk membayar", "QR code to pay"));
            } else {
                let words = reader.pick(
                    "⏳ Kode QR sedang dimuat. Kalau tidak muncul, buka halaman bayar.",
                    "⏳ The QR code is loading. If it does not appear, open the payment page.",
                );
                card = card.text(words);
            }
        }
        if let Some(number) = pay_number(reader, payment) {
            card = card.text(&number);
        }
        let until = moment(shop, until);
        card = card.text(&format!("⏱️ {} <t:{until}:R>", reader.pick("Berakhir", "Ends")));
    } else if let (OrderState::AwaitingPayment, Some(until)) =
        (order.state, order.pay_by.filter(|until| now < *until))
    {
        let until = moment(shop, until);
        card = card
            .text(&format!("⏱️ {} <t:{until}:R>", reader.pick("Waktu bayar berakhir", "Time to pay ends")));
    }
    if let Some(serial) = serial(reader, shop, order) {
        card = card.text(&serial);
    }
    card.buttons(buttons(reader, shop, view))
}

/// The line that says for whom something is bought: a deposit has its buyer alone.
fn account(reader: Reader<'_>, order: &Order) -> String {
    if order.kind == OrderKind::Deposit {
        return String::new();
    }
    let whose = if is_code(&order.category) { reader.pick("Untuk", "For") } else { "ID" };
    format!("{whose}: **{}**\n", escape(&order.account.to_string()))
}

/// Why the order came to nothing, and what the product costs: at the moment at which the card is drawn, because
/// nobody draws it again when a price moves.
fn price_moved(reader: Reader<'_>, moved: PriceMoved, at: i64) -> String {
    let (indonesian, english) = PriceMoved::WHY;
    let why = reader.pick(indonesian, english);
    match moved.price_now {
        None => format!("📈 {why}"),
        Some(price) if reader.locale == Locale::Indonesian => format!(
            "📈 {why}\nHarganya pada <t:{at}:t>: **{price}**. Masih mau? Tekan *Beli lagi*: akunnya sama, dan tidak ada yang dipesan sebelum Anda menyetujui harganya."
        ),
        Some(price) => format!(
            "📈 {why}\nWhat it costs at <t:{at}:t>: **{price}**. Still want it? Press *Buy again*: for the same account, and nothing is ordered before you agree to the price."
        ),
    }
}

/// The number to pay to, to be copied, and whose it is.
fn pay_number(reader: Reader<'_>, payment: &Payment) -> Option<String> {
    let (point, code) = payment.method.pay_point().zip(payment.opened.payment_code.as_deref())?;
    let words = match point {
        PayPoint::Bank(_) => reader.pick("Nomor virtual account", "Virtual account at"),
        PayPoint::Store(_) => reader.pick("Kode bayar", "Code for"),
    };
    Some(format!("{words} **{}**\n```\n{}\n```", point.label(), code.replace('`', "'")))
}

/// Whether nothing more is expected to happen to the order.
fn is_over(state: OrderState) -> bool {
    use OrderState as S;
    matches!(state, S::Delivered | S::Refunded | S::Expired | S::Cancelled | S::Blocked)
}

/// What was delivered, as much of it as a card holds.
fn serial(reader: Reader<'_>, shop: &Shop, order: &Order) -> Option<String> {
    let whole = order.serial_number.as_deref().filter(|_| order.state == OrderState::Delivered)?;
    let whole = whole.replace('`', "'");
    let shown = cut(&whole, SERIAL);
    if shown.trim().is_empty() {
        return None;
    }
    let words = reader.pick("Nomor seri / kode", "Serial number / code");
    let mut text = format!("{words}\n```\n{shown}\n```");
    if shown != whole {
        text.push_str(match page(shop, order) {
            Some(_) => reader.pick(
                "\n-# Dipotong di sini. Selengkapnya ada di *Halaman bayar*.",
                "\n-# Cut short here. All of it is on the *Payment page*.",
            ),
            None => reader.pick(
                "\n-# Dipotong di sini. Minta selengkapnya ke toko.",
                "\n-# Cut short here. Ask the shop for all of it.",
            ),
        });
    }
    Some(text)
}

/// The text of the QR code that the card shows, when there is one to pay with.
pub(crate) fn qr(view: &OrderView, now: Timestamp) -> Option<&str> {
    let (payment, _) = open(view, now)?;
    payment.opened.qr_string.as_deref()
}

/// The question before cancelling.
pub(crate) fn ask_cancel(reader: Reader<'_>, view: &OrderView) -> Card {
    let number = &view.order.number;
    let words = if view.order.state == OrderState::AwaitingPayment {
        consequence(reader, view)
    } else if view.order.kind == OrderKind::Deposit {
        reader
            .pick(
                "Belum ada yang perlu dibayar untuk isi saldo ini.",
                "There is nothing to pay for this deposit yet.",
            )
            .to_owned()
    } else {
        reader
            .pick(
                "Belum ada yang perlu dibayar untuk pesanan ini. Stok yang kami simpan untuk Anda dilepas lagi.",
                "There is nothing to pay for this order yet. The item that is held for you is given back.",
            )
            .to_owned()
    };
    let title = reader.pick("Batalkan pesanan", "Cancel order");
    Card::new(AMBER).text(&format!("### {title} {number}?")).text(&words).buttons(vec![
        button(
            Style::Danger,
            reader.pick("Ya, batalkan", "Yes, cancel it"),
            &reader.id(&Press::Cancel(number.clone())),
        ),
        button(Style::Secondary, reader.pick("Kembali", "Back"), &reader.id(&Press::Show(number.clone()))),
    ])
}

/// The payment that the buyer can pay now, and until when.
fn open(view: &OrderView, now: Timestamp) -> Option<(&Payment, Timestamp)> {
    let waits = view.order.state == OrderState::AwaitingPayment;
    let payment = view.payment.as_ref().filter(|_| waits)?;
    Some((payment, payment.payable_until(now)?))
}

/// Seconds of real time: business time may be ahead in the sandbox, the reader's clock is not.
fn moment(shop: &Shop, at: Timestamp) -> i64 {
    at.millis().saturating_sub(shop.clock.offset_ms()).div_euclid(1_000)
}

/// The address of the order's pay page, when a button can lead there.
fn page(shop: &Shop, order: &Order) -> Option<String> {
    shop.rules.address(&format!("/pay/{}", order.pay_token)).filter(|url| link("-", url).is_some())
}

fn buttons(reader: Reader<'_>, shop: &Shop, view: &OrderView) -> Vec<Button> {
    use OrderState as S;
    let order = &view.order;
    let number = || order.number.clone();
    let page = || link(reader.pick("Halaman bayar", "Payment page"), &page(shop, order)?);
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
    // Where it is bought for the same account at another price, nothing has to be filled in.
    let moved = view.price_moved.is_some_and(|moved| moved.price_now.is_some());
    let again = || match order.kind {
        OrderKind::Purchase => {
            let id = reader.id(&match moved {
                true => Press::Again(number()),
                false => Press::Form(order.product.clone()),
            });
            Some(button(Style::Secondary, reader.pick("Beli lagi", "Buy again"), &id))
        }
        OrderKind::Deposit => {
            let open = || deposit::open(reader, reader.pick("Isi saldo lagi", "Top up again"));
            shop.deposit_bounds().map(|_| open())
        }
    };
    match order.state {
        S::AwaitingPayment => page().into_iter().chain([check, methods(), cancel()]).collect(),
        S::AwaitingVerification | S::InReview => page().into_iter().chain([check, cancel()]).collect(),
        S::Refunding if moved => [check].into_iter().chain(again()).chain(page()).collect(),
        S::Paid | S::Fulfilling | S::Failed | S::Refunding | S::NeedsAttention => {
            [check].into_iter().chain(page()).collect()
        }
        S::Delivered | S::Refunded | S::Expired | S::Cancelled => {
            [check].into_iter().chain(again()).chain(page()).collect()
        }
        S::Blocked => Vec::new(),
    }
}
