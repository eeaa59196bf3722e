//! What VIP Reseller and Apigames have in common as sellers: books of orders and deposits, scripts for how an
//! order goes, and what it turns into. How each of them says it is in its own folder.

mod books;
mod course;
mod script;

pub(crate) use books::{
    Order, State, by_id, by_reference, deposit, due_next as next_due, newest, set_deposit,
};
pub(crate) use course::{Taken, Wanted, decide_due, take_order};
pub(crate) use script::{Outcome, Script, add as add_script, all as scripts};

use crate::{settings::SupplierProduct, world::World};

/// The product of this code, if it is sold.
pub(crate) fn product<'a>(world: &'a World, sku: &str) -> Option<&'a SupplierProduct> {
    world.settings.products.iter().find(|product| product.sku == sku)
}
