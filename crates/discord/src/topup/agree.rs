//! What follows from the question about the account: the buyer agrees, and is offered a price and the ways
//! to pay it; or leaves.

use super::{confirm, open, product};
use crate::{
    DraftId,
    commands::reader,
    custom_id::Shown,
    desk::Desk,
    draft::{self as drafts, Draft, Known},
    inbound::Inbound,
    reply::Reply,
    trouble::Trouble,
    views::{
        account,
        pay::{self, Ways},
    },
};
use orders::{Quote, Shop};
use std::ops::ControlFlow;

/// How often a draft is looked at again that somebody changes at the same moment.
const TRIES: usize = 3;

/// The buyer agrees to an account as it was shown. `insisting` is the answer to the second question, which
/// is asked where nobody could check the account and the owner wants it so.
pub(crate) async fn agree(
    desk: &Desk,
    asked: &Inbound,
    shown: &Shown,
    insisting: bool,
) -> Result<Reply, Trouble> {
    let draft = match open(desk, asked, &shown.draft).await? {
        ControlFlow::Continue(draft) => draft,
        ControlFlow::Break(told) => return Ok(told),
    };
    // A check may have ended since: what it found is looked at before it is agreed to.
    let mark = draft.mark(&desk.shop.vault);
    if shown.mark.as_ref() != Some(&mark) {
        return confirm(desk, asked, &draft).await;
    }
    let unchecked = draft.checked == Known::Unavailable && draft.confirm;
    if unchecked && !insisting && !account::is_code(&draft.game) {
        let (game, product) = product(&desk.shop, &draft.product).await?;
        let card = account::insist(reader(desk, asked), &game, &product, &draft);
        return Ok(Reply::here(asked.own_message, card));
    }
    offer(desk, asked, draft).await
}

/// The ways to pay for a draft whose account was agreed to as it is here, at a price that is promised from
/// now on: the one that was promised before, as long as the shop stands by it.
pub(super) async fn offer(desk: &Desk, asked: &Inbound, mut draft: Draft) -> Result<Reply, Trouble> {
    let shop = &desk.shop;
    for _ in 0..TRIES {
        let quote = promise(shop, &draft).await?;
        let mut tx = shop.db.write("discord.agree").await?;
        let agreed = drafts::agree(&mut tx, shop.clock.now(), &draft, &quote.id).await?;
        tx.commit().await?;
        if agreed {
            return ways(desk, asked, &draft, &quote).await;
        }
        // Pressed twice at the same moment, checked again, left, ordered: whatever is true now.
        let now = match open(desk, asked, &draft.id).await? {
            ControlFlow::Continue(now) => now,
            ControlFlow::Break(told) => return Ok(told),
        };
        if !now.is_known_as(&draft) {
            return confirm(desk, asked, &now).await;
        }
        draft = now;
    }
    Err(Trouble::busy())
}

async fn promise(shop: &Shop, draft: &Draft) -> Result<Quote, Trouble> {
    let standing = match &draft.quote {
        Some(quote) => shop.standing_quote(quote).await?,
        None => None,
    };
    match standing {
        Some(quote) => Ok(quote),
        None => Ok(shop.quote(&draft.product).await?),
    }
}

async fn ways(desk: &Desk, asked: &Inbound, draft: &Draft, quote: &Quote) -> Result<Reply, Trouble> {
    let reader = reader(desk, asked);
    let (game, product) = product(&desk.shop, &draft.product).await?;
    let ways = Ways::of(&desk.shop, &draft.buyer, quote.bill()).await?;
    let summary = account::summary(reader, (&game, &product), quote.price, draft);
    let card = pay::for_draft(reader, &ways, &summary, (&draft.id, quote));
    Ok(Reply::here(asked.own_message, card))
}

/// The buyer does not want it any more. Only who is told so has ordered nothing: a draft whose order is
/// being placed is not left.
pub(crate) async fn leave(desk: &Desk, asked: &Inbound, id: &DraftId) -> Result<Reply, Trouble> {
    let shop = &desk.shop;
    // Before it is looked whether there is an order: what was claimed long before has ended by now.
    let times = (shop.clock.now(), shop.clock.real_now());
    let draft = match open(desk, asked, id).await? {
        ControlFlow::Continue(draft) => draft,
        ControlFlow::Break(told) => return Ok(told),
    };
    let mut tx = shop.db.write("discord.leave").await?;
    let left = drafts::leave(&mut tx, times, id).await?;
    tx.commit().await?;
    let reader = reader(desk, asked);
    if left {
        return Ok(Reply::here(asked.own_message, account::left(reader, &draft)));
    }
    match open(desk, asked, id).await? {
        // A new message: the one with the button may show the order by now.
        ControlFlow::Continue(_) => Ok(Reply::Show(account::being_placed(reader, id))),
        ControlFlow::Break(told) => Ok(told),
    }
}
