//! What a buyer does with an order that stands: look, pay in another way, cancel, buy once more. Only the buyer:
//! the id of the button is made for one user, and the order is looked at again.

use crate::{
    commands::{buyer, reader},
    desk::Desk,
    inbound::Inbound,
    reply::Reply,
    screen::{self, OWNER, Shown},
    topup,
    trouble::Trouble,
    views::{
        order::{self, Picture},
        pay::{self, Ways},
    },
};
use database::{Error, sql};
use orders::{OrderKind, OrderState, OrderView, Placed, Shop, WayToPay};
use vocabulary::OrderNumber;

/// An order of the reader's.
async fn own(desk: &Desk, asked: &Inbound, number: &OrderNumber) -> Result<OrderView, Trouble> {
    let buyer = buyer(asked)?;
    let view = desk.shop.order_view(number, OWNER).await?;
    view.filter(|view| view.order.buyer == buyer).ok_or_else(Trouble::gone)
}

/// The same, and the message follows it from here on, with the fresh token.
async fn followed(
    desk: &Desk,
    asked: &Inbound,
    number: &OrderNumber,
    shown: Shown,
) -> Result<OrderView, Trouble> {
    let buyer = buyer(asked)?;
    screen::follow(&desk.shop, asked, (number, &buyer), shown).await?.ok_or_else(Trouble::gone)
}

/// The order as it is now.
pub(crate) async fn show(desk: &Desk, asked: &Inbound, number: &OrderNumber) -> Result<Reply, Trouble> {
    let view = followed(desk, asked, number, Shown::Card).await?;
    let card = order::card(reader(desk, asked), &desk.shop, (&view, desk.shop.clock.now()), Picture::Coming);
    Ok(Reply::here(asked.own_message, card))
}

/// An order was picked from the list.
pub(crate) async fn picked(desk: &Desk, asked: &Inbound, value: Option<&str>) -> Result<Reply, Trouble> {
    let number = value.and_then(|value| value.parse().ok()).ok_or_else(Trouble::gone)?;
    show(desk, asked, &number).await
}

/// The other ways to pay.
pub(crate) async fn methods(desk: &Desk, asked: &Inbound, number: &OrderNumber) -> Result<Reply, Trouble> {
    // What happens to the order meanwhile takes the place of the question.
    let view = followed(desk, asked, number, Shown::Question).await?;
    if view.order.state != OrderState::AwaitingPayment {
        return show(desk, asked, number).await;
    }
    let mut ways = Ways::of(&desk.shop, &view.order.buyer, view.order.bill()).await?;
    if view.order.kind == OrderKind::Deposit {
        ways = ways.without_credit();
    }
    Ok(Reply::here(asked.own_message, pay::for_order(reader(desk, asked), &ways, &view)))
}

/// Another way to pay was picked. One that is delivered again, or late, does not undo a later one.
pub(crate) async fn pay_by(
    desk: &Desk,
    asked: &Inbound,
    number: &OrderNumber,
    value: Option<&str>,
) -> Result<Reply, Trouble> {
    let view = own(desk, asked, number).await?;
    let way = value.and_then(pay::way).ok_or_else(Trouble::gone)?;
    let (shop, number) = (&desk.shop, &view.order.number);
    let press = Pressed::of(asked);
    if press.begin(shop, number).await? {
        shop.pay_by(number, OWNER, &way).await?;
        press.end(shop, number).await?;
    }
    show(desk, asked, number).await
}

/// Gives a new order the number that its buyer asked us to remember, if it is to be paid by that. The order stands
/// without it, too: then the card says where to enter one.
pub(crate) async fn push_first(shop: &Shop, placed: &Placed, way: &WayToPay) {
    if !way.use_remembered_phone || placed.replayed {
        return;
    }
    if let Err(error) = shop.pay_by(&placed.number, OWNER, way).await {
        tracing::warn!(order.number = %placed.number, error = %error, "no push was sent: {error}");
    }
}

/// The place of a press among those of an order: Discord's ids grow with time.
struct Pressed(i64);

impl Pressed {
    fn of(asked: &Inbound) -> Self {
        Pressed(asked.id.parse().unwrap_or(i64::MAX))
    }

    /// Makes it the latest; false when a later one was pressed, or this one was carried out before. A crash
    /// before its [`end`](Pressed::end) loses nothing: delivered again, it begins again, and choosing once
    /// more what stands changes nothing.
    async fn begin(&self, shop: &Shop, number: &OrderNumber) -> Result<bool, Error> {
        let mut tx = shop.db.write("discord.press").await?;
        let latest = sql!(
            "INSERT INTO discord_press (order_number, interaction_id, at) VALUES ($1, $2, $3)
             ON CONFLICT (order_number) DO UPDATE
                 SET interaction_id = excluded.interaction_id, done = 0, at = excluded.at
             WHERE discord_press.interaction_id < excluded.interaction_id
                 OR (discord_press.interaction_id = excluded.interaction_id AND discord_press.done = 0)"
        )
        .bind(number)
        .bind(self.0)
        .bind(shop.clock.now())
        .run(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(latest > 0)
    }

    /// It was carried out.
    async fn end(&self, shop: &Shop, number: &OrderNumber) -> Result<(), Error> {
        let mut tx = shop.db.write("discord.pressed").await?;
        sql!("UPDATE discord_press SET done = 1 WHERE order_number = $1 AND interaction_id = $2")
            .bind(number)
            .bind(self.0)
            .run(&mut tx)
            .await?;
        tx.commit().await
    }
}

/// Whether the order shall be cancelled.
pub(crate) async fn ask_cancel(desk: &Desk, asked: &Inbound, number: &OrderNumber) -> Result<Reply, Trouble> {
    let view = followed(desk, asked, number, Shown::Question).await?;
    let open = matches!(
        view.order.state,
        OrderState::AwaitingPayment | OrderState::AwaitingVerification | OrderState::InReview
    );
    if !open {
        return show(desk, asked, number).await;
    }
    Ok(Reply::here(asked.own_message, order::ask_cancel(reader(desk, asked), &view)))
}

/// The order is cancelled.
pub(crate) async fn cancel(desk: &Desk, asked: &Inbound, number: &OrderNumber) -> Result<Reply, Trouble> {
    let view = own(desk, asked, number).await?;
    desk.shop.cancel(&view.order.number, OWNER).await?;
    show(desk, asked, number).await
}

/// What the order did not bring is wanted once more, at the present price.
pub(crate) async fn again(desk: &Desk, asked: &Inbound, number: &OrderNumber) -> Result<Reply, Trouble> {
    let view = own(desk, asked, number).await?;
    topup::again(desk, asked, &view.order).await
}
