//! What the shop can do, in a few lines.

use super::{Card, Reader, Style, button};
use crate::Press;

/// The answer to `/help`.
pub(crate) fn help(reader: Reader<'_>) -> Card {
    let lines = reader.pick(
        "**/topup** beli diamond dan lainnya\n**/price** daftar harga\n**/cek** cek nama pemain dari ID\n**/history** pesanan Anda\n**/saldo** saldo Anda di toko ini",
        "**/topup** buy diamonds and more\n**/price** the price list\n**/cek** look up a player by id\n**/history** your orders\n**/saldo** your store credit at this shop",
    );
    let care = reader.pick(
        "Kami tidak pernah meminta kata sandi, kode OTP, atau nomor dompet di Discord. Uang yang sudah dibayar tidak hilang: pesanan dikirim, atau uangnya kembali ke cara bayar Anda atau masuk ke saldo Anda.",
        "We never ask for a password, a one-time code or a wallet's number on Discord. Money that was paid is not lost: the order is delivered, or the money goes back to the way you paid or becomes your store credit.",
    );
    let prices =
        button(Style::Primary, reader.pick("Lihat game", "See the games"), &reader.id(&Press::Games(0)));
    let orders =
        button(Style::Secondary, reader.pick("Pesanan saya", "My orders"), &reader.id(&Press::History(None)));
    Card::new(0x0034_98DB)
        .text(reader.pick("### 🛎️ Bantuan", "### 🛎️ Help"))
        .text(lines)
        .divider()
        .text(care)
        .buttons(vec![prices, orders])
}
