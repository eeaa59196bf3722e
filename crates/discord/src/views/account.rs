//! What was found about an account: the answer to `/cek`, and what the buyer agrees to.

use super::{Button, Card, Reader, Style, button, cut, escape};
use crate::{
    DraftId, Press,
    custom_id::Shown,
    draft::{Draft, Known},
};
use catalog::{Category, Product, Validation, account::Game};
use orders::Validated;
use vocabulary::{CategoryCode, OrderNumber, Rupiah};

const BLUE: u32 = 0x0034_98DB;
const GREEN: u32 = 0x002E_CC71;
const RED: u32 = 0x00E7_4C3C;
const AMBER: u32 = 0x00F1_C40F;

/// The answer to `/cek`.
pub(crate) fn found(reader: Reader<'_>, found: &Validated) -> Card {
    let (accent, sign) = match found.validation {
        Validation::Valid { .. } => (GREEN, "✅"),
        Validation::Invalid { .. } => (RED, "❌"),
        Validation::Unavailable { .. } => (AMBER, "⚠️"),
    };
    let mut lines = vec![format!("### {sign} {}", escape(&cut(&found.game.name, 60)))];
    if let Validation::Valid { nickname } = &found.validation
        && !nickname.is_blank()
    {
        lines.push(format!("**{}**", escape(nickname.as_str())));
    }
    if let Some(account) = &found.account {
        lines.push(format!("ID: {}", escape(&account.to_string())));
    }
    lines.push(escape(&found.validation.message(reader.locale)));
    let mut buttons = Vec::new();
    if !matches!(found.validation, Validation::Invalid { .. }) {
        let id = reader.id(&Press::Products(found.game.code.clone(), 0));
        buttons.push(button(Style::Primary, reader.pick("Lihat harga", "See the prices"), &id));
    }
    Card::new(accent).text(&lines.join("\n")).buttons(buttons)
}

/// Whether what is sold in a category are codes, which are delivered to the buyer and to no account.
pub(crate) fn is_code(category: &CategoryCode) -> bool {
    Game::of(category).is_some_and(Game::delivers_codes)
}

/// What the buyer agrees to before choosing how to pay.
pub(crate) fn confirm(reader: Reader<'_>, game: &Category, product: &Product, draft: &Draft) -> Card {
    let summary = summary(reader, (game, product), product.price, draft);
    let (accent, title) = match draft.checked {
        Known::Unavailable if is_code(&game.code) => return code(reader, &summary, draft),
        Known::Pending => (AMBER, reader.pick("### ⏳ Memeriksa akun…", "### ⏳ Checking the account…")),
        Known::Valid => {
            (GREEN, reader.pick("### ✅ Benar ini akunnya?", "### ✅ Is this the right account?"))
        }
        Known::Invalid => (RED, reader.pick("### ❌ Akun tidak cocok", "### ❌ Not the right account")),
        Known::Unavailable => {
            (AMBER, reader.pick("### ⚠️ Akun tidak bisa dicek", "### ⚠️ The account could not be checked"))
        }
    };
    Card::new(accent)
        .text(title)
        .text(&summary)
        .text(&escape(draft.reason.as_deref().unwrap_or_default()))
        .buttons(answers(reader, draft))
}

/// The same for a code: there is no account that could be the wrong one.
fn code(reader: Reader<'_>, summary: &str, draft: &Draft) -> Card {
    let words = reader.pick(
        "Kodenya muncul di kartu pesanan Anda setelah dibayar. Siapa pun yang tahu kodenya bisa memakainya, jadi jangan tunjukkan ke orang lain.",
        "The code appears on the card of your order once it is paid. Whoever knows it can use it, so show it to nobody.",
    );
    Card::new(GREEN)
        .text(reader.pick("### 🎟️ Kodenya dikirim ke Anda", "### 🎟️ The code is sent to you"))
        .text(summary)
        .text(words)
        .buttons(vec![
            agree(reader, draft, reader.pick("Pilih cara bayar", "Choose how to pay")),
            leave(reader, draft),
        ])
}

/// The second question, for an account that nobody could check.
pub(crate) fn insist(reader: Reader<'_>, game: &Category, product: &Product, draft: &Draft) -> Card {
    let warning = reader.pick(
        "Tidak ada yang bisa memastikan akun ini ada. Kalau ID-nya salah, isi ulangnya masuk ke akun orang lain dan **tidak bisa ditarik kembali**. Cocokkan ID-nya dengan profil di dalam game sebelum melanjutkan.",
        "Nobody could confirm that this account exists. If the id is wrong, the top-up goes to somebody else and **cannot be taken back**. Compare it with your profile in the game before you go on.",
    );
    let yes = reader.pick("ID sudah benar, lanjut", "The id is right, go on");
    Card::new(AMBER)
        .text(reader.pick("### ⚠️ Yakin dengan ID ini?", "### ⚠️ Are you sure of this id?"))
        .text(&summary(reader, (game, product), product.price, draft))
        .text(warning)
        .buttons(vec![
            button(Style::Danger, yes, &reader.id(&Press::Insist(shown(reader, draft)))),
            edit(reader, draft),
            leave(reader, draft),
        ])
}

/// What is about to be bought, for which account, at which price.
pub(crate) fn summary(
    reader: Reader<'_>,
    (game, product): (&Category, &Product),
    price: Rupiah,
    draft: &Draft,
) -> String {
    let (of, what) = (escape(&cut(&game.name, 60)), escape(&cut(&product.name, 60)));
    let mut lines = vec![format!("{of} · **{what}** · {price}")];
    if let Some(name) = draft.nickname.as_deref().filter(|name| !name.is_empty()) {
        lines.push(format!("{}: **{}**", reader.pick("Nama pemain", "Player"), escape(name)));
    }
    let whose = if is_code(&game.code) { reader.pick("Untuk", "For") } else { "ID" };
    lines.push(format!("{whose}: **{}**", escape(draft.account.user_id())));
    if let Some(server) = draft.account.server_id() {
        lines.push(format!("Server / Zone: **{}**", escape(server)));
    }
    lines.join("\n")
}

/// The draft was left: nothing is ordered of it any more.
pub(crate) fn left(reader: Reader<'_>, draft: &Draft) -> Card {
    let words = reader.pick(
        "Pembelian ini dibatalkan. Tidak ada yang dipesan dan tidak ada yang perlu dibayar.",
        "This purchase was dropped. Nothing was ordered, and there is nothing to pay.",
    );
    let id = reader.id(&Press::Products(draft.game.clone(), 0));
    let back = button(Style::Secondary, reader.pick("Lihat harga", "See the prices"), &id);
    Card::notice(words).buttons(vec![back])
}

/// The order of a draft is being placed: whether there will be one is not certain yet.
pub(crate) fn being_placed(reader: Reader<'_>, draft: &DraftId) -> Card {
    let words = reader.pick(
        "⏳ Pesanan ini sedang dibuat, jadi belum bisa dibatalkan di sini. Lihat lagi sebentar lagi.",
        "⏳ This order is being placed right now, so it cannot be dropped here. Look again in a moment.",
    );
    let id = reader.id(&Press::Recheck(draft.clone()));
    let look = button(Style::Primary, reader.pick("Lihat lagi", "Look again"), &id);
    Card::notice(words).buttons(vec![look])
}

/// An order was made of the draft.
pub(crate) fn ordered(reader: Reader<'_>, number: &OrderNumber) -> Card {
    let words = reader.pick("Pesanan sudah dibuat:", "The order was placed:");
    let id = reader.id(&Press::Show(number.clone()));
    let show = button(Style::Primary, reader.pick("Cek status", "Check status"), &id);
    Card::new(BLUE).text(&format!("{words} **{number}**")).buttons(vec![show])
}

fn answers(reader: Reader<'_>, draft: &Draft) -> Vec<Button> {
    let again = || {
        let id = reader.id(&Press::Recheck(draft.id.clone()));
        button(Style::Secondary, reader.pick("Cek lagi", "Check again"), &id)
    };
    match draft.checked {
        Known::Pending => vec![again(), leave(reader, draft)],
        Known::Valid => vec![
            agree(reader, draft, reader.pick("Benar, pilih cara bayar", "Yes, choose how to pay")),
            edit(reader, draft),
            leave(reader, draft),
        ],
        Known::Invalid => vec![edit(reader, draft), leave(reader, draft)],
        Known::Unavailable => vec![
            agree(reader, draft, reader.pick("Lanjut tanpa cek", "Go on unchecked")),
            again(),
            edit(reader, draft),
            leave(reader, draft),
        ],
    }
}

/// What a card shows of a draft, for the buttons that say yes to it.
fn shown(reader: Reader<'_>, draft: &Draft) -> Shown {
    Shown { draft: draft.id.clone(), mark: Some(draft.mark(reader.vault)) }
}

fn agree(reader: Reader<'_>, draft: &Draft, label: &str) -> Button {
    button(Style::Success, label, &reader.id(&Press::Agree(shown(reader, draft))))
}

fn edit(reader: Reader<'_>, draft: &Draft) -> Button {
    let id = reader.id(&Press::Edit(draft.id.clone()));
    button(Style::Secondary, reader.pick("Ubah ID", "Change the id"), &id)
}

fn leave(reader: Reader<'_>, draft: &Draft) -> Button {
    let id = reader.id(&Press::Leave(draft.id.clone()));
    button(Style::Secondary, reader.pick("Batal", "Cancel"), &id)
}
