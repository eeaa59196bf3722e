//! The account of a draft: read, checked, shown. The buyer sees name, id and zone before anything is
//! agreed to (contracts/suppliers §6 row 9).

use super::{draft, open, product};
use crate::{
    DraftId, Press,
    commands::{buyer, reader},
    desk::Desk,
    draft::{self as drafts, Finding, Known},
    inbound::{Inbound, Named},
    reply::Reply,
    screen,
    trouble::Trouble,
    views::{Card, Reader, Style, account, button, escape},
};
use catalog::{Asker, Category, Product};
use orders::{Order, Shop, ValidateError};
use std::ops::ControlFlow;
use vocabulary::{Account, BuyerId, Locale, ProductCode};

/// The form was filled in (or the command said it all).
pub(crate) async fn submitted(
    desk: &Desk,
    asked: &Inbound,
    code: &ProductCode,
    fields: &Named,
) -> Result<Reply, Trouble> {
    let (game, product) = product(&desk.shop, code).await?;
    let (user_id, server) = (fields.get("user_id").unwrap_or_default(), fields.get("server"));
    let read = match product.account(user_id, server) {
        Ok(read) => read,
        Err(problem) => {
            let reader = reader(desk, asked);
            let again = reader.id(&Press::Form(product.code.clone()));
            let words = format!("❌ {}", escape(&problem.message(asked.locale)));
            let again = button(Style::Primary, reader.pick("Isi lagi", "Try again"), &again);
            return Ok(Reply::Show(Card::notice(&words).buttons(vec![again])));
        }
    };
    begin(desk, asked, (&game, &product), &read, false).await
}

/// The same as an order is wanted once more. The question takes the place of the order's card; its price is that of
/// now, and nothing is ordered before its buyer has agreed to account and price.
pub(crate) async fn again(desk: &Desk, asked: &Inbound, order: &Order) -> Result<Reply, Trouble> {
    let (game, product) = product(&desk.shop, &order.product).await?;
    // What the product wants of an account may have changed since.
    let account = product.account(order.account.user_id(), order.account.server_id());
    let account = account.map_err(|problem| {
        Trouble::told(problem.message(Locale::Indonesian), problem.message(Locale::English))
    })?;
    begin(desk, asked, (&game, &product), &account, asked.own_message).await
}

/// Begins a draft and asks whether its account is the right one; later, where somebody has to be asked first.
async fn begin(
    desk: &Desk,
    asked: &Inbound,
    (game, product): (&Category, &Product),
    account: &Account,
    in_place: bool,
) -> Result<Reply, Trouble> {
    let shop = &desk.shop;
    let buyer = buyer(asked)?;
    let id = DraftId::of_interaction(&asked.id);
    let known = shop.validator.cached(&game.code, account.user_id(), account.server_id()).await;
    let found = known.as_ref().map_or(Finding::PENDING, |found| Finding::of_checked(found, asked.locale));
    let (now, real_now) = (shop.clock.now(), shop.clock.real_now());
    let mut tx = shop.db.write("discord.draft").await?;
    drafts::make(&mut tx, now, (&id, &buyer), (&game.code, &product.code, account), &found).await?;
    drafts::tidy(&mut tx, (now, real_now)).await?;
    if known.is_none() {
        screen::owe_draft(&mut tx, shop, asked, &id).await?;
    }
    tx.commit().await?;
    if known.is_none() {
        return Ok(Reply::later(in_place));
    }
    let draft = draft(desk, asked, &id).await?;
    Ok(Reply::here(in_place, account::confirm(reader(desk, asked), game, product, &draft)))
}

/// The account is to be checked once more.
pub(crate) async fn recheck(desk: &Desk, asked: &Inbound, id: &DraftId) -> Result<Reply, Trouble> {
    let shop = &desk.shop;
    let draft = match open(desk, asked, id).await? {
        ControlFlow::Continue(draft) => draft,
        ControlFlow::Break(told) => return Ok(told),
    };
    let (user_id, server) = (draft.account.user_id(), draft.account.server_id());
    let known = shop.validator.cached(&draft.game, user_id, server).await;
    let mut tx = shop.db.write("discord.recheck").await?;
    if let Some(found) = &known {
        drafts::checked(&mut tx, shop.clock.now(), id, &Finding::of_checked(found, asked.locale)).await?;
    } else {
        screen::owe_draft(&mut tx, shop, asked, id).await?;
    }
    tx.commit().await?;
    if known.is_none() {
        return Ok(Reply::later(asked.own_message));
    }
    Ok(Reply::here(asked.own_message, card(shop, reader(desk, asked), id, &draft.buyer).await?))
}

/// Asks whether the account of a draft exists, with no transaction open, and shows what was found. For
/// the courier: it may take two seconds. A buyer who has had their share of checks is not kept from buying:
/// the account is one that nobody could check, unless it is known that there is none.
pub(crate) async fn settle(
    shop: &Shop,
    reader: Reader<'_>,
    id: &DraftId,
    asker: &Asker,
) -> Result<Card, Trouble> {
    let buyer = screen::buyer(reader.user).ok_or_else(Trouble::gone)?;
    let draft = drafts::find(shop, id, &buyer).await?.ok_or_else(Trouble::gone)?;
    let open = draft.agreed_at.is_none() && !draft.left;
    if open && draft.checked != Known::Valid {
        let (user_id, server) = (draft.account.user_id(), draft.account.server_id());
        let found = match shop.validate_account(&draft.game, user_id, server, asker).await {
            Ok(found) => Some(Finding::of(&found.validation, found.confirm, reader.locale)),
            Err(ValidateError::TooMany(_)) if draft.checked == Known::Invalid => None,
            Err(ValidateError::TooMany(_)) => {
                let confirm = shop.validator.confirms_unchecked(&draft.game);
                Some(Finding::too_many(confirm, reader.locale))
            }
            Err(error) => return Err(error.into()),
        };
        if let Some(found) = found {
            let mut tx = shop.db.write("discord.checked").await?;
            drafts::checked(&mut tx, shop.clock.now(), id, &found).await?;
            tx.commit().await?;
        }
    }
    card(shop, reader, id, &buyer).await
}

/// What is true of a draft now.
async fn card(shop: &Shop, reader: Reader<'_>, id: &DraftId, buyer: &BuyerId) -> Result<Card, Trouble> {
    let draft = drafts::find(shop, id, buyer).await?.ok_or_else(Trouble::gone)?;
    if let Some(number) = &draft.order {
        return Ok(account::ordered(reader, number));
    }
    if draft.left {
        return Ok(account::left(reader, &draft));
    }
    let (game, product) = product(shop, &draft.product).await?;
    Ok(account::confirm(reader, &game, &product, &draft))
}
