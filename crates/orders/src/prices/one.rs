//! A purchase was refused for its price: what the product costs now is asked at once, where its supplier tells that
//! beside the list, which may be asked for seldom. Its buyer is offered the product at that price, and nobody else buys
//! it at the old one. Nothing hangs on the answer: without one the list tells it, as soon as that may be asked for.

use super::sync::Told;
use crate::Shop;
use database::Error;
use notifications::refresh_screens;
use std::sync::Arc;
use suppliers::{Attempt, ListAsk, PriceList, Supplier, Verdict};

/// Asks, and shows whoever looks at the order what came of it. Only where the owner lets prices be asked for.
pub(crate) async fn after(
    shop: &Shop,
    supplier: &Arc<dyn Supplier>,
    attempt: &Attempt,
    verdict: Verdict,
) -> Result<(), Error> {
    let is_asked = supplier.capabilities().tells_one_price && shop.rules.prices.every.is_some();
    if verdict != Verdict::FailedPrice || !is_asked {
        return Ok(());
    }
    let ask = ListAsk { sku: Some(attempt.sku.clone()), now: shop.clock.now(), last_asked_at: None };
    let listings = match supplier.price_list(&ask).await {
        PriceList::Told { listings, .. } if !listings.is_empty() => listings,
        _ => return Ok(()),
    };
    if shop.keep_list(supplier.name(), listings, Told::One).await?.is_some() {
        return Ok(());
    }
    shop.follow_prices(supplier.name()).await?;
    let mut tx = shop.db.write("prices.told").await?;
    if refresh_screens(&mut tx, &attempt.order, shop.clock.now()).await? > 0 {
        tx.commit().await?;
    }
    Ok(())
}
