//! What a buyer does with an order that stands: look, pay in another way, cancel. Only the buyer: the id
//! of the button is made for one user, and the order is looked at again.

use crate::{
    commands::{buyer, reader},
    desk::Desk,
    inbound::Inbound,
    reply::Reply,
    screen::{self, OWNER},
    trouble::Trouble,
    views::{
        order,
        pay::{self, Ways},
    },
};
use orders::{OrderState, OrderView};
use vocabulary::OrderNumber;

/// An order of the reader's.
async fn own(desk: &Desk, asked: &Inbound, number: &OrderNumber) -> Result<OrderView, Trouble> {
    let buyer = buyer(asked)?;
    let view = desk.shop.order_view(number, OWNER).await?;
    view.filter(|view| view.order.buyer == buyer).ok_or_else(Trouble::gone)
}

/// The order as it is now. From here on the message follows it, with the fresh token.
pub(crate) async fn show(desk: &Desk, asked: &Inbound, number: &OrderNumber) -> Result<Reply, Trouble> {
    let view = own(desk, asked, number).await?;
    // A picture cannot be part of this answer: the courier brings it.
    let due = order::qr(&view).is_some();
    screen::follow(&desk.shop, asked, &view.order, due).await?;
    let card = order::card(reader(desk, asked), &desk.shop, &view, false);
    Ok(Reply::here(asked.own_message, card))
}

/// An order was picked from the list.
pub(crate) async fn picked(desk: &Desk, asked: &Inbound, value: Option<&str>) -> Result<Reply, Trouble> {
    let number = value.and_then(|value| value.parse().ok()).ok_or_else(Trouble::gone)?;
    show(desk, asked, &number).await
}

/// The other ways to pay.
pub(crate) async fn methods(desk: &Desk, asked: &Inbound, number: &OrderNumber) -> Result<Reply, Trouble> {
    let view = own(desk, asked, number).await?;
    if view.order.state != OrderState::AwaitingPayment {
        return show(desk, asked, number).await;
    }
    let ways = Ways::of(&desk.shop, &view.order.buyer).await?;
    Ok(Reply::here(asked.own_message, pay::for_order(reader(desk, asked), &ways, &view.order)))
}

/// Another way to pay was picked.
pub(crate) async fn pay_by(
    desk: &Desk,
    asked: &Inbound,
    number: &OrderNumber,
    value: Option<&str>,
) -> Result<Reply, Trouble> {
    let view = own(desk, asked, number).await?;
    let way = value.and_then(pay::way).ok_or_else(Trouble::gone)?;
    desk.shop.pay_by(&view.order.number, OWNER, &way).await?;
    show(desk, asked, number).await
}

/// Whether the order shall be cancelled.
pub(crate) async fn ask_cancel(desk: &Desk, asked: &Inbound, number: &OrderNumber) -> Result<Reply, Trouble> {
    let view = own(desk, asked, number).await?;
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
