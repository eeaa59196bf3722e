//! The courier to buyers on Discord: brings cards up to date, and tells about orders in one message for
//! each, which is edited as the order goes on.

mod alert;
mod claim;
mod receipt;
mod screen;
mod thread;
mod words;

pub use screen::{Cards, Render, RenderError, Rendered};

use crate::{
    rest::Rest,
    screen::{COURIER, user_of},
};
use alert::{refused, works};
use notifications::{Message, Screen};
use orders::{Courier, Delivery, Shop};
use outside::Pending;
use std::{sync::Arc, time::Duration};
use vocabulary::BuyerId;

/// How long carrying a message may take: shorter than the lease of its row.
const CARRY_WITHIN: Duration = Duration::from_secs(35);

/// Carries to buyers called `discord:<user id>`.
pub struct DiscordCourier {
    rest: Rest,
    render: Arc<dyn Render>,
}

impl DiscordCourier {
    /// A courier that calls Discord by `rest` and shows what `render` draws.
    pub fn new(rest: Rest, render: Arc<dyn Render>) -> Self {
        DiscordCourier { rest, render }
    }
}

impl Courier for DiscordCourier {
    fn name(&self) -> &'static str {
        COURIER
    }

    fn reaches(&self, buyer: &BuyerId) -> bool {
        user_of(buyer).is_some()
    }

    fn deliver<'a>(&'a self, shop: &'a Shop, message: &'a Message) -> Pending<'a, Delivery> {
        Box::pin(async move {
            let carried = receipt::carry(&self.rest, shop, message);
            match tokio::time::timeout(CARRY_WITHIN, carried).await {
                Ok(Ok(delivery)) => delivery,
                Ok(Err(error)) => later(&error),
                Err(_) => later(&"it takes too long"),
            }
        })
    }

    fn refresh<'a>(&'a self, shop: &'a Shop, screen: &'a Screen) -> Pending<'a, Delivery> {
        Box::pin(async move {
            let delivery = screen::refresh(&self.rest, &*self.render, shop, screen).await;
            if matches!(delivery, Delivery::Arrived { .. }) {
                works(shop, "card").await;
            }
            delivery
        })
    }
}

fn later(reason: &impl ToString) -> Delivery {
    Delivery::Later { reason: reason.to_string(), after: None }
}
