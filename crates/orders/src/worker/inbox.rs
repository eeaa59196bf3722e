//! Work on a stored webhook. A gateway's is only a reason to ask the gateway; a supplier's is applied as an answer
//! would be when it is signed over its whole body, and a reason to ask when it is not.

use crate::{
    Shop, bought_names,
    inbox::{self, Applied, StoredWebhook},
};
use database::{Claim, Error, WriteTx};
use suppliers::{Named, SupplierWebhook};

/// Acts on a claimed webhook.
pub(super) async fn work(shop: &Shop, claim: &Claim) -> Result<(), Error> {
    let mut tx = shop.db.write("webhook.apply").await?;
    let Some(webhook) = inbox::find(&mut tx, &claim.id).await?.filter(|w| w.fence == claim.fence) else {
        return Ok(());
    };
    let applied = if shop.gateway(&webhook.source).is_some() {
        ask_gateway(shop, &mut tx, &webhook).await?
    } else {
        hear_supplier(shop, &mut tx, &webhook).await?
    };
    if let Applied::Ignored(why) = &applied {
        tracing::info!(
            source = webhook.source,
            reference = webhook.reference,
            "ignored a webhook of {}: {why}",
            webhook.source
        );
    }
    inbox::finish(&mut tx, claim, applied, shop.clock.now()).await?;
    tx.commit().await
}

async fn ask_gateway(shop: &Shop, tx: &mut WriteTx, webhook: &StoredWebhook) -> Result<Applied, Error> {
    let (reference, now) = (webhook.reference.as_deref().unwrap_or_default(), shop.clock.now());
    // Some name the payment when it goes back, and some our key of the refund.
    let ours =
        payments::hear_of(tx, reference, now).await? || payments::hear_of_refund(tx, reference, now).await?;
    Ok(if ours {
        Applied::Applied
    } else {
        Applied::Ignored("it is about no payment of ours and no refund on its way")
    })
}

async fn hear_supplier(shop: &Shop, tx: &mut WriteTx, webhook: &StoredWebhook) -> Result<Applied, Error> {
    let Some(supplier) = shop.supplier(&webhook.source).cloned() else {
        return Ok(Applied::Ignored("its sender is not connected any more"));
    };
    // Verified again from what is stored: nothing is acted on because of a flag in a row.
    let body = shop.open_webhook(&webhook.source, &webhook.body)?;
    let headers = shop.opened_headers(&webhook.source, &webhook.headers);
    let heard = match supplier.read_webhook(&headers, &body) {
        // Nobody has proven who said this of the purchase, whatever the adapter made of it.
        Ok(SupplierWebhook::News { reference, .. }) if !supplier.capabilities().callback_is_authenticated => {
            Ok(SupplierWebhook::Hint(Named::Reference(reference)))
        }
        heard => heard,
    };
    let (reference, report) = match heard {
        Ok(SupplierWebhook::News { reference, report }) => (reference, report),
        Ok(SupplierWebhook::Hint(named)) => {
            let ours = suppliers::nudge_attempt(tx, &webhook.source, &named, shop.clock.now()).await?;
            return Ok(if ours {
                Applied::Applied
            } else {
                Applied::Ignored("it is about no attempt of ours")
            });
        }
        Ok(SupplierWebhook::Ping) => return Ok(Applied::Ignored("a test of the address")),
        Err(_) => return Ok(Applied::Ignored("its signature does not fit any more")),
    };
    if bought_names::hear(shop, tx, (webhook.source.as_str(), reference.as_str()), &report).await? {
        return Ok(Applied::Applied);
    }
    let Some(attempt) =
        suppliers::attempt_by_reference(tx, &reference).await?.filter(|a| a.supplier == webhook.source)
    else {
        return Ok(Applied::Ignored("it is about no attempt of ours"));
    };
    super::attempt::apply(shop, tx, &supplier, &attempt, None, &report).await?;
    Ok(Applied::Applied)
}
