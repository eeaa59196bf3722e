//! Who carries messages to people, in the shop's words. What a courier says (Discord's form, its
//! limits) is its own business; whether something arrived is the shop's.

use crate::Shop;
use notifications::{Message, Screen};
use outside::Pending;
use std::time::Duration;
use vocabulary::BuyerId;

/// Somebody who can reach buyers outside.
pub trait Courier: Send + Sync {
    /// Its name in rows and logs (`discord`).
    fn name(&self) -> &'static str;

    /// Whether it can reach this buyer.
    fn reaches(&self, buyer: &BuyerId) -> bool;

    /// Carries a message to the buyer of its order. The same message may be handed over again when it
    /// is not known whether it arrived: its id tells repetitions.
    fn deliver<'a>(&'a self, shop: &'a Shop, message: &'a Message) -> Pending<'a, Delivery>;

    /// Brings a screen up to date. It shows what is true now, so doing it twice does no harm.
    fn refresh<'a>(&'a self, shop: &'a Shop, screen: &'a Screen) -> Pending<'a, Delivery>;
}

/// What became of carrying something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It is there.
    Arrived {
        /// A remark for staff (`in a private thread`).
        note: Option<String>,
    },
    /// It cannot be there, now or later (the buyer takes no messages, the screen is gone).
    Impossible {
        /// Why.
        reason: String,
    },
    /// Not yet, or not known: it is carried again.
    Later {
        /// Why.
        reason: String,
        /// How long we are asked to wait.
        after: Option<Duration>,
    },
}
