//! Work on an order: its time is over, or it is to be fulfilled or refunded.

use crate::{
    OrderState, Shop,
    act::{Acted, Cause, happen},
    decide::{Booked, Event},
    order, taken_back,
};
use database::{Claim, Error};
use vocabulary::Actor;

/// Takes the next step of a claimed order.
pub(super) async fn work(shop: &Shop, claim: &Claim) -> Result<(), Error> {
    let mut tx = shop.db.write("order.step").await?;
    let Some(mut order) = order::locked(&mut tx, &super::parse(&claim.id)?).await? else { return Ok(()) };
    // What happened since it was claimed may have given it another moment: then nothing is due now.
    if order.fence != claim.fence || order.due_at.is_none_or(|due| due > shop.clock.now()) {
        return Ok(());
    }
    let event = match order.state {
        OrderState::AwaitingVerification | OrderState::InReview => Event::HoldLapsed,
        OrderState::AwaitingPayment => Event::WindowClosed,
        OrderState::Paid => Event::FulfilmentBegun,
        OrderState::Failed => Event::RefundBegun,
        OrderState::Refunding => Event::RefundDone,
        _ => {
            // It moved on since it became due; nothing is left to do at this moment.
            let state = order.state;
            order.due_at = None;
            order::update(&mut tx, &order, state).await?;
            return tx.commit().await;
        }
    };
    let actor = Actor::system();
    // Money that the gateway has taken back meanwhile is not given back a second time.
    let gone = match event {
        Event::FulfilmentBegun | Event::RefundBegun | Event::RefundDone => {
            taken_back::gone(&mut tx, &order.id).await?
        }
        _ => None,
    };
    let event = match gone {
        Some(_) => Event::MoneyTakenBack { booked: Booked::ForOrder },
        None => event,
    };
    let cause = Cause { payment: gone.as_ref(), ..Cause::by(&actor) };
    match happen(shop, &mut tx, &mut order, event, cause).await? {
        Acted::Went(_) => tx.commit().await,
        Acted::Nothing | Acted::Refused => Ok(()),
    }
}
