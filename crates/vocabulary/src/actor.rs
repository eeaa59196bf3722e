//! Who did something, as the audit trail and stock movements record it.

use crate::BuyerId;
use std::fmt;

/// Who acts: the shop itself, a buyer, a member of staff, or an outside party.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor(String);

impl Actor {
    /// The shop's own worker.
    pub fn system() -> Self {
        Actor("system".into())
    }

    /// The buyer of an order.
    pub fn buyer(buyer: &BuyerId) -> Self {
        Actor(format!("buyer:{buyer}"))
    }

    /// A member of staff by name; control characters are dropped and the name is cut at 64.
    pub fn staff(name: &str) -> Self {
        Actor(format!("staff:{}", name.chars().filter(|c| !c.is_control()).take(64).collect::<String>()))
    }

    /// A payment gateway.
    pub fn gateway(name: &str) -> Self {
        Actor(format!("gateway:{name}"))
    }

    /// A supplier.
    pub fn supplier(name: &str) -> Self {
        Actor(format!("supplier:{name}"))
    }

    /// The actor as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl std::str::FromStr for Actor {
    type Err = std::convert::Infallible;

    /// Reads a stored actor; what was stored is taken as it is.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Actor(text.to_owned()))
    }
}
