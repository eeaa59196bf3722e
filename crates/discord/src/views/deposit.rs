//! Putting money into the own wallet: the form, the ways to pay, and what the card of such an order says. It is an
//! order without goods, so that nothing is said of an account, a delivery or a supplier.

use super::{
    Button, Card, Field, Modal, Reader, Style, button, cut, escape,
    pay::Ways,
    told::{Told, last_of_refund},
};
use crate::{Press, custom_id::Wished, trouble::Trouble};
use orders::{Attention, OrderKind, OrderState, OrderView};
use vocabulary::Rupiah;

const BLUE: u32 = 0x0034_98DB;
const GREEN: u32 = 0x002E_CC71;
const RED: u32 = 0x00E7_4C3C;
const AMBER: u32 = 0x00F1_C40F;

/// The name of the line for the amount.
pub(crate) const AMOUNT: &str = "amount";
/// What the form proposes, as far as the shop takes it.
const PROPOSED: Rupiah = Rupiah::new(50_000);

/// The button that opens the form.
pub(super) fn open(reader: Reader<'_>, label: &str) -> Button {
    button(Style::Primary, label, &reader.id(&Press::DepositForm))
}

/// The form for the amount.
pub(crate) fn form(reader: Reader<'_>, (least, most): (Rupiah, Rupiah)) -> Modal {
    let (from, to) = (reader.pick("Dari", "From"), reader.pick("sampai", "to"));
    Modal {
        custom_id: reader.id(&Press::DepositForm),
        title: reader.pick("Isi saldo", "Top up store credit").to_owned(),
        fields: vec![Field {
            custom_id: AMOUNT,
            label: reader.pick("Jumlah (rupiah)", "Amount (rupiah)").to_owned(),
            description: format!("{from} {least} {to} {most}."),
            placeholder: PROPOSED.max(least).min(most).to_string(),
            value: None,
            required: true,
        }],
    }
}

/// What was typed is no amount.
pub(crate) fn no_amount(typed: &str) -> Trouble {
    let typed = escape(&cut(typed, 40));
    Trouble::told(
        format!("\"{typed}\" bukan jumlah rupiah. Tulis seperti 50000 atau Rp 50.000."),
        format!("\"{typed}\" is not an amount in rupiah. Write it like 50000 or Rp 50.000."),
    )
}

/// Nobody collects this amount here at the moment.
pub(crate) fn no_way(amount: Rupiah) -> Trouble {
    Trouble::told(
        format!("Saat ini tidak ada cara bayar untuk {amount}. Coba jumlah lain, atau coba lagi nanti."),
        format!("There is no way to pay {amount} right now. Try another amount, or try again later."),
    )
}

/// Why it is not taken, and the form once more.
pub(crate) fn again(reader: Reader<'_>, words: &str) -> Card {
    Card::notice(&format!("❌ {words}")).buttons(vec![open(reader, reader.pick("Isi lagi", "Try again"))])
}

/// The ways to pay for a deposit of this amount. Picking one places it.
pub(crate) fn ways(reader: Reader<'_>, ways: &Ways, wished: &Wished) -> Card {
    let (amount, balance) = (wished.amount, ways.balance);
    let hint = reader.pick(
        "Isi saldo dibuat begitu cara bayar dipilih, dan masuk ke saldo begitu dibayar.",
        "The deposit is placed as soon as you choose, and is in your store credit as soon as it is paid.",
    );
    Card::new(BLUE)
        .text(reader.pick("### 💰 Isi saldo: pilih cara bayar", "### 💰 Top up: choose how to pay"))
        .text(&format!("{} {balance}", reader.pick("Saldo sekarang:", "Your store credit now:")))
        .text(&format!("**Total {amount}**\n-# {hint}"))
        .select(
            &reader.id(&Press::DepositBy(wished.clone())),
            reader.pick("Cara bayar", "How to pay"),
            &ways.choices(reader, amount, None),
        )
        .buttons(vec![open(reader, reader.pick("Ubah jumlah", "Change the amount"))])
}

/// What of a deposit is told in other words than of a purchase.
pub(super) fn told(view: &OrderView) -> Option<Told> {
    use OrderState as S;
    let order = &view.order;
    if order.kind != OrderKind::Deposit {
        return None;
    }
    let (accent, title, text) = match order.state {
        S::AwaitingVerification => (
            AMBER,
            ("Menunggu verifikasi", "Waiting for verification"),
            (
                "Kami perlu memastikan isi saldo ini benar dari Anda. Belum ada yang perlu dibayar.",
                "We need to make sure that this deposit is yours. There is nothing to pay yet.",
            ),
        ),
        S::InReview => (
            AMBER,
            ("Sedang ditinjau petugas", "Being reviewed"),
            (
                "Petugas memeriksa isi saldo ini dulu. Belum ada yang perlu dibayar.",
                "A member of staff looks at this deposit first. There is nothing to pay yet.",
            ),
        ),
        S::Blocked => (
            RED,
            ("Isi saldo tidak bisa diproses", "This deposit cannot be processed"),
            (
                "Tidak ada yang perlu dibayar. Hubungi toko kalau menurut Anda ini keliru.",
                "There is nothing to pay. Contact the shop if you think this is a mistake.",
            ),
        ),
        S::Paid => (
            BLUE,
            ("Pembayaran diterima", "Payment received"),
            (
                "Saldo Anda bertambah sebentar lagi. Tidak perlu membayar lagi.",
                "Your store credit grows in a moment. There is nothing more to pay.",
            ),
        ),
        S::Refunding if last_of_refund(view) != Some("message:refund_sent") => (
            AMBER,
            ("Uang sedang dikembalikan", "Your money is on its way back"),
            (
                "Uang Anda segera masuk ke saldo Anda atau kembali ke cara bayar Anda.",
                "Your money becomes store credit or goes back to the way you paid in a moment.",
            ),
        ),
        S::Refunded if is_credited(view) => (
            GREEN,
            ("Saldo sudah bertambah", "Added to your store credit"),
            (
                "Bisa langsung dipakai untuk membayar pesanan berikutnya. Lihat dengan /saldo.",
                "It can pay for your next order. See it with /saldo.",
            ),
        ),
        S::NeedsAttention if order.attention != Some(Attention::OddMoney) => (
            AMBER,
            ("Sedang dicek petugas, uang Anda aman", "Being checked, your money is safe"),
            match order.attention {
                Some(Attention::PartlyRefunded) => (
                    "Sebagian uang sudah dikembalikan oleh dompet atau penyedia pembayaran. Petugas mengurus sisanya.",
                    "The wallet or the payment provider has given back a part of the money. A member of staff sees to the rest.",
                ),
                _ => (
                    "Petugas sedang mengecek isi saldo ini. Tidak perlu membayar lagi.",
                    "A member of staff is looking at this deposit. No need to pay again.",
                ),
            },
        ),
        // In the words that there are for any order: how it is paid, and where money is that came or went otherwise.
        _ => return None,
    };
    Some(Told { accent, title, text })
}

/// How much is in the wallet: less than was asked for where a part had gone back.
pub(super) fn credited(reader: Reader<'_>, view: &OrderView) -> Option<String> {
    if view.order.kind != OrderKind::Deposit || !is_credited(view) {
        return None;
    }
    let told = view.timeline.iter().rev().find(|entry| entry.kind == "message:refunded");
    let amount = told.and_then(|entry| entry.detail.clone()).unwrap_or_else(|| view.order.amount.to_string());
    let words =
        reader.pick("sudah masuk ke saldo Anda di toko ini.", "was added to your store credit at this shop.");
    Some(format!("**{}** {words}", escape(&amount)))
}

/// Whether it has gone into the wallet, and nothing was told since of money that left it again.
fn is_credited(view: &OrderView) -> bool {
    view.order.state == OrderState::Refunded
        && matches!(last_of_refund(view), None | Some("message:refunded"))
}
