//! The account of a draft: read, checked, shown, agreed to. The buyer sees name, id and zone and agrees
//! before anything is ordered (contracts/suppliers §6 row 9).

use super::{draft, product};
use crate::{
    DraftId, Press,
    commands::{buyer, reader},
    desk::Desk,
    draft::{self as drafts, Draft, Finding, Known},
    inbound::{Inbound, Named},
    order_presses,
    reply::Reply,
    screen,
    trouble::Trouble,
    views::{self, Card, Reader, Style, account, button, escape, pay::Ways},
};
use catalog::Asker;
use orders::Shop;
use vocabulary::ProductCode;

/// The form was filled in (or the command said it all).
pub(crate) async fn submitted(
    desk: &Desk,
    asked: &Inbound,
    code: &ProductCode,
    fields: &Named,
) -> Result<Reply, Trouble> {
    let shop = &desk.shop;
    let (game, product) = product(shop, code).await?;
    let (user_id, server) = (fields.get("user_id").unwrap_or_default(), fields.get("server"));
    let read = match catalog::account::parse(&game.code, user_id, server) {
        Ok(read) => read,
        Err(problem) => {
            let reader = reader(desk, asked);
            let again = reader.id(&Press::Form(product.code.clone()));
            let words = format!("❌ {}", escape(&problem.message(asked.locale)));
            let again = button(Style::Primary, reader.pick("Isi lagi", "Try again"), &again);
            return Ok(Reply::Show(Card::notice(&words).buttons(vec![again])));
        }
    };
    let buyer = buyer(asked)?;
    let id = DraftId::of_interaction(&asked.id);
    let known = shop.validator.cached(&game.code, user_id, server).await;
    let found = known.as_ref().map_or(Finding::PENDING, |found| Finding::of_checked(found, asked.locale));
    let mut tx = shop.db.write("discord.draft").await?;
    drafts::make(&mut tx, shop.clock.now(), (&id, &buyer), (&game.code, &product.code, &read), &found)
        .await?;
    if known.is_none() {
        screen::owe_draft(&mut tx, shop, asked, &id).await?;
    }
    tx.commit().await?;
    if known.is_none() {
        return Ok(Reply::Defer);
    }
    let draft = draft(desk, asked, &id).await?;
    Ok(Reply::Show(account::confirm(reader(desk, asked), &game, &product, &draft)))
}

/// The account is to be checked once more.
pub(crate) async fn recheck(desk: &Desk, asked: &Inbound, id: &DraftId) -> Result<Reply, Trouble> {
    let shop = &desk.shop;
    let draft = draft(desk, asked, id).await?;
    if let Some(number) = &draft.order {
        return order_presses::show(desk, asked, number).await;
    }
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
/// the courier: it may take two seconds.
pub(crate) async fn settle(
    shop: &Shop,
    reader: Reader<'_>,
    id: &DraftId,
    asker: &Asker,
) -> Result<Card, Trouble> {
    let buyer = screen::buyer(reader.user).ok_or_else(Trouble::gone)?;
    let draft = drafts::find(shop, id, &buyer).await?.ok_or_else(Trouble::gone)?;
    let open = draft.agreed_at.is_none() && draft.order.is_none();
    if open && draft.checked != Known::Valid {
        let (user_id, server) = (draft.account.user_id(), draft.account.server_id());
        let found = shop.validate_account(&draft.game, user_id, server, asker).await?;
        let found = Finding::of(&found.validation, found.confirm, reader.locale);
        let mut tx = shop.db.write("discord.checked").await?;
        drafts::checked(&mut tx, shop.clock.now(), id, &found).await?;
        tx.commit().await?;
    }
    card(shop, reader, id, &buyer).await
}

async fn card(
    shop: &Shop,
    reader: Reader<'_>,
    id: &DraftId,
    buyer: &vocabulary::BuyerId,
) -> Result<Card, Trouble> {
    let draft = drafts::find(shop, id, buyer).await?.ok_or_else(Trouble::gone)?;
    let (game, product) = product(shop, &draft.product).await?;
    Ok(account::confirm(reader, &game, &product, &draft))
}

/// The buyer agrees. `insisting` is the answer to the second question, which is asked where nobody could
/// check the account and the owner wants it so.
pub(crate) async fn agree(
    desk: &Desk,
    asked: &Inbound,
    id: &DraftId,
    insisting: bool,
) -> Result<Reply, Trouble> {
    let shop = &desk.shop;
    let draft = draft(desk, asked, id).await?;
    if let Some(number) = &draft.order {
        return order_presses::show(desk, asked, number).await;
    }
    let reader = reader(desk, asked);
    let (game, product) = product(shop, &draft.product).await?;
    if draft.checked == Known::Unavailable && draft.confirm && !insisting {
        return Ok(Reply::here(asked.own_message, account::insist(reader, &game, &product, &draft)));
    }
    let quote = shop.quote(&draft.product).await?;
    let mut tx = shop.db.write("discord.agree").await?;
    let agreed = drafts::agree(&mut tx, shop.clock.now(), id, &quote.id).await?;
    tx.commit().await?;
    if !agreed {
        return Ok(Reply::here(asked.own_message, account::confirm(reader, &game, &product, &draft)));
    }
    let ways = Ways::of(shop, &draft.buyer).await?;
    let summary = account::summary(reader, &game, &product, &draft);
    let card = views::pay::for_draft(reader, &ways, (&summary, quote.price), id);
    Ok(Reply::here(asked.own_message, card))
}

/// The buyer does not want it. Nothing was ordered.
pub(crate) async fn leave(desk: &Desk, asked: &Inbound, id: &DraftId) -> Result<Reply, Trouble> {
    let draft: Draft = draft(desk, asked, id).await?;
    if let Some(number) = &draft.order {
        return order_presses::show(desk, asked, number).await;
    }
    let reader = reader(desk, asked);
    let words = reader.pick(
        "Baik, tidak jadi. Tidak ada yang dipesan dan tidak ada yang perlu dibayar.",
        "All right. Nothing was ordered, and there is nothing to pay.",
    );
    let id = reader.id(&Press::Products(draft.game.clone(), 0));
    let back = button(Style::Secondary, reader.pick("Lihat harga", "See the prices"), &id);
    Ok(Reply::here(asked.own_message, Card::notice(words).buttons(vec![back])))
}
