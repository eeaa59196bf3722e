//! The way to pay was chosen: the order is placed, once for its draft, and at no price but the one that its
//! buyer saw.

use super::{agree::offer, confirm, open};
use crate::{
    DraftId,
    custom_id::Offered,
    desk::Desk,
    draft::{self as drafts, Draft},
    inbound::Inbound,
    order_presses,
    place::remember_order,
    reply::Reply,
    screen::OWNER,
    trouble::Trouble,
    views::pay::way,
};
use database::Error;
use orders::{Origin, PlaceError, Placement, Shop, WayToPay};
use std::ops::ControlFlow;
use vocabulary::QuoteId;

/// Places the order of a draft. Chosen twice, or delivered twice, it is one order. Chosen from a card whose
/// price is not the draft's present one, it is none: the present price is shown.
pub(crate) async fn place(
    desk: &Desk,
    asked: &Inbound,
    offered: &Offered,
    value: Option<&str>,
) -> Result<Reply, Trouble> {
    let (shop, id) = (&desk.shop, &offered.draft);
    let way = value.and_then(way).ok_or_else(Trouble::gone)?;
    let draft = match open(desk, asked, id).await? {
        ControlFlow::Continue(draft) => draft,
        ControlFlow::Break(told) => return Ok(told),
    };
    let Some(quote) = offered.quote.as_ref().filter(|quote| draft.quote.as_ref() == Some(*quote)) else {
        return present_price(desk, asked, id).await;
    };
    if !claim(shop, id, quote).await? {
        return present_price(desk, asked, id).await;
    }
    let placed = match shop.place(&placement(asked, &draft, quote, &way)?).await {
        Ok(placed) => placed,
        Err(error) => return not_placed(desk, asked, id, error).await,
    };
    let mut tx = shop.db.write("discord.placed").await?;
    drafts::placed(&mut tx, shop.clock.now(), id, &placed.number).await?;
    remember_order(&mut tx, asked, (&draft.buyer, &placed.number), shop.clock.now()).await?;
    tx.commit().await?;
    order_presses::push_first(shop, &placed, &way).await;
    order_presses::show(desk, asked, &placed.number).await
}

/// What is true of a draft that was picked from a card of another price, or was left meanwhile. A price is
/// agreed to by choosing once more from the card that shows it.
async fn present_price(desk: &Desk, asked: &Inbound, id: &DraftId) -> Result<Reply, Trouble> {
    match open(desk, asked, id).await? {
        ControlFlow::Continue(draft) if draft.agreed_at.is_some() => offer(desk, asked, draft).await,
        ControlFlow::Continue(draft) => confirm(desk, asked, &draft).await,
        ControlFlow::Break(told) => Ok(told),
    }
}

async fn claim(shop: &Shop, id: &DraftId, quote: &QuoteId) -> Result<bool, Error> {
    let mut tx = shop.db.write("discord.claim").await?;
    let claimed = drafts::claim(&mut tx, shop.clock.real_now(), id, quote).await?;
    tx.commit().await?;
    Ok(claimed)
}

fn placement(asked: &Inbound, draft: &Draft, quote: &QuoteId, way: &WayToPay) -> Result<Placement, Error> {
    Ok(Placement {
        owner: OWNER.to_owned(),
        key: draft.id.key()?,
        // One draft is one order, however its buyer wants to pay in the end.
        request_hash: draft.id.to_string(),
        buyer: draft.buyer.clone(),
        product: draft.product.clone(),
        user_id: draft.account.user_id().to_owned(),
        server_id: draft.account.server_id().map(str::to_owned),
        method: way.method,
        phone: None,
        quote: Some(quote.clone()),
        locale: asked.locale,
        ip: None,
        origin: Origin {
            guild: asked.guild.clone(),
            nickname: draft.nickname.clone(),
            agreed_at: draft.agreed_at,
            account_made_at: asked.made_at(),
            joined_at: asked.joined_at,
        },
    })
}

/// There is no order: the draft may be left again, or placed in another way.
async fn not_placed(desk: &Desk, asked: &Inbound, id: &DraftId, error: PlaceError) -> Result<Reply, Trouble> {
    if let PlaceError::Database(error) = error {
        // Nobody knows whether there is one: the claim stays until it is over.
        return Err(error.into());
    }
    if let Err(error) = release(&desk.shop, id).await {
        tracing::warn!(draft = %id, error = %error, "draft {id} cannot be left for a minute: {error}");
    }
    match error {
        // The promise is over.
        PlaceError::QuoteExpired => present_price(desk, asked, id).await,
        error => Err(error.into()),
    }
}

async fn release(shop: &Shop, id: &DraftId) -> Result<(), Error> {
    let mut tx = shop.db.write("discord.release").await?;
    drafts::release(&mut tx, id).await?;
    tx.commit().await
}
