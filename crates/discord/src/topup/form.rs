//! The form for the account. It has to be the first answer to a click, so it is filled from the database.

use super::{draft, product};
use crate::{
    DraftId, Press,
    commands::{self, reader},
    desk::Desk,
    draft::last_account,
    inbound::Inbound,
    reply::Reply,
    trouble::Trouble,
    views::{Field, Modal, Reader, account::is_code},
};
use catalog::{
    Category, Product,
    account::{Game, ServerRule, server_rule},
};
use vocabulary::{Account, CategoryCode, ProductCode};

/// A product was picked from a list.
pub(crate) async fn picked(
    desk: &Desk,
    asked: &Inbound,
    _game: &CategoryCode,
    value: Option<&str>,
) -> Result<Reply, Trouble> {
    let code = value.and_then(|value| value.parse().ok()).ok_or_else(Trouble::no_product)?;
    form(desk, asked, &code).await
}

/// The form for a product, filled with the account that the buyer last used in this game.
pub(crate) async fn form(desk: &Desk, asked: &Inbound, code: &ProductCode) -> Result<Reply, Trouble> {
    let (game, product) = product(&desk.shop, code).await?;
    let mut tx = desk.shop.db.read("discord.last_account").await?;
    let last = last_account(&mut tx, &commands::buyer(asked)?, &game.code).await?;
    Ok(Reply::Modal(modal(reader(desk, asked), &game, &product, last.as_ref())))
}

/// The form of a draft, to change its account.
pub(crate) async fn edit(desk: &Desk, asked: &Inbound, id: &DraftId) -> Result<Reply, Trouble> {
    let draft = draft(desk, asked, id).await?;
    let (game, product) = product(&desk.shop, &draft.product).await?;
    Ok(Reply::Modal(modal(reader(desk, asked), &game, &product, Some(&draft.account))))
}

fn modal(reader: Reader<'_>, game: &Category, product: &Product, filled: Option<&Account>) -> Modal {
    let rule = server_rule(&game.code);
    let description = if is_code(&game.code) {
        reader.pick("Isi apa saja. Jangan isi kata sandi.", "Anything will do. Never a password.")
    } else {
        reader.pick(
            "Salin dari profil di dalam game. Jangan isi kata sandi.",
            "Copy it from your profile in the game. Never a password.",
        )
    };
    let user = match Game::of(&game.code) {
        Some(Game::Valorant) => ("Riot ID", "Nama#TAG", "Name#TAG"),
        Some(Game::Roblox) => ("Username", "builderman", "builderman"),
        Some(Game::PointBlank) => ("Zepetto ID", "nama_akun", "account_name"),
        _ if is_code(&game.code) => (
            reader.pick("Nama penerima", "Recipient"),
            "bebas, kodenya dikirim ke Anda",
            "anything; the code is sent to you",
        ),
        _ => ("User ID", "123456789", "123456789"),
    };
    let mut fields = vec![Field {
        custom_id: "user_id",
        label: user.0.to_owned(),
        description: description.to_owned(),
        placeholder: reader.pick(user.1, user.2).to_owned(),
        value: filled.map(|account| account.user_id().to_owned()),
        required: true,
    }];
    let server = filled.and_then(|account| account.server_id().map(str::to_owned));
    match rule {
        // The server is read from the id.
        ServerRule::Derived | ServerRule::None => {}
        // It would go nowhere.
        ServerRule::Optional if !product.customer_template.wants_zone() => {}
        ServerRule::Required | ServerRule::Optional => fields.push(Field {
            custom_id: "server",
            label: reader.pick("Zone / Server", "Zone / server").to_owned(),
            description: match rule {
                ServerRule::Required => reader.pick(
                    "Angka di dalam kurung setelah User ID.",
                    "The digits in brackets after the user id.",
                ),
                _ => reader.pick("Tulis seperti di profil game.", "As your profile in the game shows it."),
            }
            .to_owned(),
            placeholder: "1234".to_owned(),
            value: server,
            // `123456789 (1234)` may be pasted into the first line, zone and all.
            required: false,
        }),
    }
    Modal {
        custom_id: reader.id(&Press::Form(product.code.clone())),
        title: format!("{} · {}", product.name, game.name),
        fields,
    }
}
