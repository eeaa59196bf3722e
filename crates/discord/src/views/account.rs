//! What was found about an account: the answer to `/cek`, and what the buyer agrees to.

use super::{Button, Card, Reader, Style, button, cut, escape};
use crate::{
    Press,
    draft::{Draft, Known},
};
use catalog::{Category, Product, Validation};
use orders::Validated;

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

/// What the buyer agrees to before choosing how to pay.
pub(crate) fn confirm(reader: Reader<'_>, game: &Category, product: &Product, draft: &Draft) -> Card {
    let (accent, title) = match draft.checked {
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
        .text(&summary(reader, game, product, draft))
        .text(&escape(draft.reason.as_deref().unwrap_or_default()))
        .buttons(answers(reader, draft))
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
        .text(&summary(reader, game, product, draft))
        .text(warning)
        .buttons(vec![
            button(Style::Danger, yes, &reader.id(&Press::Insist(draft.id.clone()))),
            edit(reader, draft),
            leave(reader, draft),
        ])
}

/// What is about to be bought, for which account.
pub(crate) fn summary(reader: Reader<'_>, game: &Category, product: &Product, draft: &Draft) -> String {
    let mut lines = vec![format!(
        "{} · **{}** · {}",
        escape(&cut(&game.name, 60)),
        escape(&cut(&product.name, 60)),
        product.price
    )];
    if let Some(name) = draft.nickname.as_deref().filter(|name| !name.is_empty()) {
        lines.push(format!("{}: **{}**", reader.pick("Nama pemain", "Player"), escape(name)));
    }
    lines.push(format!("ID: **{}**", escape(draft.account.user_id())));
    if let Some(server) = draft.account.server_id() {
        lines.push(format!("Server / Zone: **{}**", escape(server)));
    }
    lines.join("\n")
}

fn answers(reader: Reader<'_>, draft: &Draft) -> Vec<Button> {
    let agree = |label| button(Style::Success, label, &reader.id(&Press::Agree(draft.id.clone())));
    let again = || {
        let id = reader.id(&Press::Recheck(draft.id.clone()));
        button(Style::Secondary, reader.pick("Cek lagi", "Check again"), &id)
    };
    match draft.checked {
        Known::Pending => vec![again(), leave(reader, draft)],
        Known::Valid => vec![
            agree(reader.pick("Benar, pilih cara bayar", "Yes, choose how to pay")),
            edit(reader, draft),
            leave(reader, draft),
        ],
        Known::Invalid => vec![edit(reader, draft), leave(reader, draft)],
        Known::Unavailable => vec![
            agree(reader.pick("Lanjut tanpa cek", "Go on unchecked")),
            again(),
            edit(reader, draft),
            leave(reader, draft),
        ],
    }
}

fn edit(reader: Reader<'_>, draft: &Draft) -> Button {
    let id = reader.id(&Press::Edit(draft.id.clone()));
    button(Style::Secondary, reader.pick("Ubah ID", "Change the id"), &id)
}

fn leave(reader: Reader<'_>, draft: &Draft) -> Button {
    let id = reader.id(&Press::Leave(draft.id.clone()));
    button(Style::Secondary, reader.pick("Batal", "Cancel"), &id)
}
