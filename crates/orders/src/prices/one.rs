//! A purchase was answered with a refusal of its price: what the product costs now is asked at once, where its supplier
//! tells that beside the list, which may be asked for seldom. Its buyer is offered the product at that price, and nobody
//! else buys it at the old one. Nothing hangs on the answer: without one, and after a refusal that came by webhook, the
//! list tells it, as soon as that may be asked for.

use super::sync::Told;
use crate::{Shop, watch};
use database::Error;
use notifications::refresh_screens;
use std::sync::Arc;
use suppliers::{Attempt, ListAsk, PriceList, Supplier, Verdict};

/// Asks, where the owner lets prices be asked for. What comes of it is nobody's who works on the purchase, which is
/// recorded by now.
pub(crate) async fn after(shop: &Shop, supplier: &Arc<dyn Supplier>, attempt: &Attempt, verdict: Verdict) {
    let is_asked = supplier.capabilities().tells_one_price && shop.rules.prices.every.is_some();
    if verdict != Verdict::FailedPrice || !is_asked {
        return;
    }
    if let Err(error) = ask(shop, supplier, attempt).await {
        let Attempt { supplier, sku, .. } = attempt;
        tracing::warn!(supplier, sku, %error, "what {sku} of {supplier} costs now is not known before its list is: {error}");
    }
}

/// Asks, lets follow what was told, and shows it to whoever looks at the order.
async fn ask(shop: &Shop, supplier: &Arc<dyn Supplier>, attempt: &Attempt) -> Result<(), Error> {
    // Without a list nobody knows what is usual: that is asked for first.
    if watch::told_at(&mut shop.db.read("prices.look").await?, supplier.name()).await?.is_none() {
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
