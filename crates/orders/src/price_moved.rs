//! An order that came to nothing because of its supplier's price: what its buyer is told, and what the product costs
//! now.

use crate::{Order, OrderState, Shop, TimelineEntry};
use database::{Error, ReadTx};
use vocabulary::Rupiah;

/// What ends the news of a price that moved: the order was bought for again, or its product came after all.
const OVER: [&str; 5] = ["paid", "fulfilling", "delivered", "message:late_delivery", "message:late_part"];

/// An order was not delivered because its supplier asked more than its price allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceMoved {
    /// What the product costs now, where it can be bought for the same account and may cost the shop more than the
    /// order allowed. None where it would come to nothing again.
    pub price_now: Option<Rupiah>,
}

impl PriceMoved {
    /// Why there is no product, in Indonesian and in English. Where the money is, the order's state says.
    pub const WHY: (&'static str, &'static str) = (
        "Harga dari pemasok berubah dan tidak cocok lagi dengan harga pesanan ini, jadi produknya tidak dibeli.",
        "The supplier's price has changed and no longer fits the price of this order, so the product was not bought.",
    );

    /// The same with what it costs now.
    pub fn words(self) -> (String, String) {
        let (indonesian, english) = PriceMoved::WHY;
        match self.price_now {
            None => (indonesian.to_owned(), english.to_owned()),
            Some(price) => (
                format!(
                    "{indonesian} Harganya di toko ini sekarang {price}. Kalau masih mau, buat pesanan baru dengan harga itu."
                ),
                format!(
                    "{english} It costs {price} at this shop now. If you still want it, place a new order at that price."
                ),
            ),
        }
    }
}

/// Whether that is how the order stands, and what its product costs now.
pub(crate) async fn of_order(
    shop: &Shop,
    tx: &mut ReadTx,
    order: &Order,
    timeline: &[TimelineEntry],
) -> Result<Option<PriceMoved>, Error> {
    use OrderState as S;
    if !matches!(order.state, S::Failed | S::Refunding | S::Refunded) || !was_told(timeline) {
        return Ok(None);
    }
    Ok(Some(PriceMoved { price_now: price_now(shop, tx, order).await? }))
}

fn was_told(timeline: &[TimelineEntry]) -> bool {
    let mut since = timeline.iter().rev().take_while(|entry| !OVER.contains(&entry.kind.as_str()));
    since.any(|entry| entry.kind == "message:price_moved")
}

async fn price_now(shop: &Shop, tx: &mut ReadTx, order: &Order) -> Result<Option<Rupiah>, Error> {
    let product = catalog::product(tx, &order.product).await?.filter(|product| product.active);
    let Some(product) = product else { return Ok(None) };
    let allowed = shop.ceiling(order.amount, order.cost);
    let left = inventory::available(tx, &product.code).await?.unwrap_or_default();
    if shop.ceiling(product.price, product.cost) <= allowed || left == 0 {
        return Ok(None);
    }
    let obstacle = shop.not_now(tx, &product, &order.account).await?;
    Ok(obstacle.is_none().then_some(product.price))
}
