//! The buyer's orders and store credit.

use super::{Card, Choice, Reader, Style, button, cut, deposit, escape};
use crate::Press;
use orders::{Order, OrderKind, OrderState, OrdersPage};
use vocabulary::Rupiah;

const BLUE: u32 = 0x0034_98DB;

/// A page of the buyer's orders, each to be looked at.
pub(crate) fn orders(reader: Reader<'_>, page: &OrdersPage, newest: bool, offset_ms: i64) -> Card {
    if page.orders.is_empty() {
        return Card::notice(
            reader.pick("Belum ada pesanan. Mulai dengan /topup.", "No orders yet. Start with /topup."),
        );
    }
    let line = |order: &Order| {
        format!(
            "{} **{}** · {} · {} · <t:{}:R>",
            sign(order),
            order.number,
            escape(&cut(&order.product_name, 40)),
            order.amount,
            order.placed_at.millis().saturating_sub(offset_ms).div_euclid(1_000),
        )
    };
    let lines: Vec<String> = page.orders.iter().map(line).collect();
    let choices: Vec<Choice> = page
        .orders
        .iter()
        .map(|order| Choice {
            label: format!("{} · {}", order.number, cut(&order.product_name, 60)),
            value: order.number.to_string(),
            description: Some(format!("{} · {}", word(reader, order), order.amount)),
        })
        .collect();
    let mut buttons = Vec::new();
    if !newest {
        let id = reader.id(&Press::History(None));
        buttons.push(button(Style::Secondary, reader.pick("« Terbaru", "« Newest"), &id));
    }
    if let Some(last) = page.orders.last().filter(|_| page.has_more) {
        let id = reader.id(&Press::History(Some(last.id.clone())));
        buttons.push(button(Style::Secondary, reader.pick("Lebih lama ›", "Older ›"), &id));
    }
    Card::new(BLUE)
        .text(reader.pick("### 🧾 Pesanan Anda", "### 🧾 Your orders"))
        .text(&lines.join("\n"))
        .select(&reader.id(&Press::PickOrder), reader.pick("Lihat pesanan", "Look at an order"), &choices)
        .buttons(buttons)
}

/// The store credit of the reader, and how there can be more of it.
pub(crate) fn balance(reader: Reader<'_>, balance: Rupiah, takes_deposits: bool) -> Card {
    let more = || deposit::open(reader, reader.pick("Isi saldo", "Top up store credit"));
    Card::new(BLUE)
        .text(reader.pick("### 💰 Saldo Anda di toko ini", "### 💰 Your store credit at this shop"))
        .text(&format!("**{balance}**"))
        .text(reader.pick(
            "-# Pengembalian dana masuk ke sini, dan bisa dipakai untuk membayar pesanan berikutnya.",
            "-# Refunds land here, and can pay for your next order.",
        ))
        .buttons(takes_deposits.then(more).into_iter().collect())
}

/// Where an order stands as one sign, never told by its colour alone.
pub(super) fn sign(order: &Order) -> &'static str {
    use OrderState as S;
    match order.state {
        S::Paid if order.kind == OrderKind::Deposit => "⏳",
        S::AwaitingVerification | S::InReview => "🔎",
        S::Blocked => "⛔",
        S::AwaitingPayment => "⏳",
        S::Paid | S::Fulfilling => "🚚",
        S::Delivered => "✅",
        S::Failed | S::Refunding => "↩️",
        S::Refunded => "💰",
        S::Expired => "⌛",
        S::Cancelled => "✖️",
        S::NeedsAttention => "🛠️",
    }
}

/// Where an order stands, in a word or two.
fn word(reader: Reader<'_>, order: &Order) -> &'static str {
    use OrderState as S;
    let (indonesian, english) = match order.state {
        S::Paid if order.kind == OrderKind::Deposit => ("Dibayar", "Paid"),
        // What came of it afterwards is on its card.
        S::Refunded if order.kind == OrderKind::Deposit => ("Masuk ke saldo", "Credited"),
        S::AwaitingVerification => ("Menunggu verifikasi", "Waiting for verification"),
        S::InReview => ("Ditinjau petugas", "In review"),
        S::Blocked => ("Tidak bisa diproses", "Not possible"),
        S::AwaitingPayment => ("Menunggu pembayaran", "Waiting for payment"),
        S::Paid | S::Fulfilling => ("Diproses", "Being delivered"),
        S::Delivered => ("Terkirim", "Delivered"),
        S::Failed | S::Refunding => ("Uang dikembalikan", "Being refunded"),
        S::Refunded => ("Uang sudah kembali", "Refunded"),
        S::Expired => ("Kedaluwarsa", "Expired"),
        S::Cancelled => ("Dibatalkan", "Cancelled"),
        S::NeedsAttention => ("Dicek petugas", "Being checked"),
    };
    reader.locale.pick(indonesian, english)
}
