//! What VIP Reseller sells (`contracts/suppliers.md` §2.1): `services` lists all of it, `service-stock` tells of one
//! product, with how many there are. An entry without a code, our price or a status that is documented says nothing
//! and is left out, so that what was known of it grows old.

use super::{NAME, Tier};
use crate::{ListAsk, Listing, PriceList, adapters::fields::Fields};
use serde_json::Value;
use std::collections::BTreeMap;
use vocabulary::Timestamp;

/// The statuses that are documented.
const AVAILABLE: &str = "available";
const EMPTY: &str = "empty";

/// The products of an answer.
pub(super) fn read(fields: &Fields, tier: Tier, ask: &ListAsk) -> PriceList {
    let all = match fields.get("data") {
        Some(Value::Array(entries)) => entries.len(),
        Some(Value::Object(_)) => 1,
        _ => return PriceList::Silent { reason: "an answer without a list".to_owned() },
    };
    let entries = fields.objects("data").unwrap_or_default();
    let read: Vec<Listing> = entries.iter().filter_map(|entry| entry_of(entry, tier, ask.now)).collect();
    let unreadable = all.saturating_sub(read.len());
    let fits = |listing: &Listing| ask.sku.as_ref().is_none_or(|sku| *sku == listing.sku);
    let listings: BTreeMap<String, Listing> =
        read.into_iter().filter(fits).map(|listing| (listing.sku.clone(), listing)).collect();
    PriceList::Told { listings: listings.into_values().collect(), unreadable }
}

/// The one product that an answer is about.
pub(super) fn listing_of(fields: &Fields, tier: Tier, now: Timestamp) -> Option<Listing> {
    entry_of(fields.objects("data")?.first()?, tier, now)
}

fn entry_of(entry: &Fields, tier: Tier, now: Timestamp) -> Option<Listing> {
    let status = entry.word("status")?.to_ascii_lowercase();
    let stock = match status.as_str() {
        EMPTY => Some(0),
        // The list does not say how many there are; a number that cannot be read is not any number.
        AVAILABLE if entry.get("stock").is_none() => None,
        AVAILABLE => Some(entry.floor("stock")?.get()),
        _ => return None,
    };
    Some(Listing {
        supplier: NAME.to_owned(),
        sku: entry.number("code")?,
        name: entry.message("name"),
        category: String::new(),
        brand: entry.message("game"),
        // Who sells it there is not told.
        seller: String::new(),
        description: entry.message("description"),
        price: entry.object("price")?.whole(tier.as_str())?,
        buyer_active: true,
        seller_active: true,
        stock,
        multi: true,
        cut_off: None,
        doubt: None,
        seen_at: now,
    })
}
