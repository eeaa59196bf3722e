//! The way to pay was chosen: the order is placed, once for its draft.

use super::{agree, draft};
use crate::place::remember_place;
use crate::{
    DraftId, desk::Desk, draft as drafts, inbound::Inbound, order_presses, reply::Reply, screen::OWNER,
    trouble::Trouble, views::pay::way,
};
use orders::{PlaceError, Placement};

/// Places the order of a draft. Chosen twice, or delivered twice, it is one order.
pub(crate) async fn place(
    desk: &Desk,
    asked: &Inbound,
    id: &DraftId,
    value: Option<&str>,
) -> Result<Reply, Trouble> {
    let shop = &desk.shop;
    let way = value.and_then(way).ok_or_else(Trouble::gone)?;
    let draft = draft(desk, asked, id).await?;
    if let Some(number) = &draft.order {
        return order_presses::show(desk, asked, number).await;
    }
    let Some((_, quote)) = draft.agreed_at.zip(draft.quote.clone()) else {
        return agree(desk, asked, id, false).await;
    };
    let key = format!("draft:{id}").parse().map_err(|_| Trouble::gone())?;
    let placement = Placement {
        owner: OWNER.to_owned(),
        key,
        // One draft is one order, however its buyer wants to pay in the end.
        request_hash: id.to_string(),
        buyer: draft.buyer.clone(),
        product: draft.product.clone(),
        user_id: draft.account.user_id().to_owned(),
        server_id: draft.account.server_id().map(str::to_owned),
        method: way.method,
        phone: None,
        quote: Some(quote),
        locale: asked.locale,
        ip: None,
    };
    let placed = match shop.place(&placement).await {
        Ok(placed) => placed,
        // The promise is over: the present price is shown, and agreed to by choosing once more.
        Err(PlaceError::QuoteExpired) => return agree(desk, asked, id, true).await,
        Err(error) => return Err(error.into()),
    };
    let mut tx = shop.db.write("discord.placed").await?;
    drafts::placed(&mut tx, shop.clock.now(), id, &placed.number).await?;
    let (guild, channel) = (asked.guild.as_deref(), asked.channel.as_deref());
    remember_place(&mut tx, &draft.buyer, guild, channel, asked.locale, shop.clock.now()).await?;
    tx.commit().await?;
    if way.use_remembered_phone && !placed.replayed {
        // The order stands; without the number, the card says where to enter it.
        if let Err(error) = shop.pay_by(&placed.number, OWNER, &way).await {
            tracing::warn!(order.number = %placed.number, error = %error, "no push was sent: {error}");
        }
    }
    order_presses::show(desk, asked, &placed.number).await
}
