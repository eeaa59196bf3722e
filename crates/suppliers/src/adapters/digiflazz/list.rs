//! The price list (`contracts/suppliers.md` §1.3): what is asked, how often, and how an entry is read. Fields come
//! as texts and as numbers; an entry without a code, a price or its switches says nothing and is left out, so that
//! what was known of it grows old.

use super::{
    Settings, signature,
    wire::{Data, clip},
};
use crate::{CutOff, ListAsk, Listing, PriceList};
use outside::Answer;
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use vocabulary::{Rupiah, Timestamp};

/// How long to wait between two questions for all products, and between two for one.
const LIST_PAUSE: Duration = Duration::from_secs(5 * 60);
const CODE_PAUSE: Duration = Duration::from_secs(1);
/// The code of a question that came too soon.
const TOO_SOON: &str = "83";
/// Characters of a text, and of a code, that are kept.
const TEXT_CHARS: usize = 200;
const SKU_CHARS: usize = 64;

/// When was asked, in business time. The lists of prepaid and postpaid products may share a limit (UNVERIFIED);
/// postpaid ones are not asked for.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<Asked>);

#[derive(Debug, Default)]
struct Asked {
    list: Option<Timestamp>,
    code: Option<Timestamp>,
}

impl Asked {
    fn of(&mut self, ask: &ListAsk) -> &mut Option<Timestamp> {
        if ask.sku.is_some() { &mut self.code } else { &mut self.list }
    }
}

impl Pace {
    /// Takes the turn of this question, or says when there is one.
    pub(super) fn take(&self, ask: &ListAsk) -> Result<(), Timestamp> {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = asked.of(ask);
        let again_at = (*last).max(ask.last_asked_at).map(|at| at.plus(pause(ask)));
        match again_at.filter(|at| ask.now < *at) {
            Some(again_at) => Err(again_at),
            None => {
                *last = Some(ask.now);
                Ok(())
            }
        }
    }

    /// Gives the turn of a question back that certainly never arrived.
    pub(super) fn give_back(&self, ask: &ListAsk) {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = asked.of(ask);
        if *last == Some(ask.now) {
            *last = None;
        }
    }
}

fn pause(ask: &ListAsk) -> Duration {
    if ask.sku.is_some() { CODE_PAUSE } else { LIST_PAUSE }
}

/// The body of a question for all prepaid products, or for one.
pub(super) fn body(settings: &Settings, sku: Option<&str>) -> Vec<u8> {
    let sign = signature::sign(&settings.username, &settings.api_key, "pricelist");
    let mut body = json!({"cmd": "prepaid", "username": settings.username, "sign": sign});
    if let (Some(fields), Some(sku)) = (body.as_object_mut(), sku) {
        fields.insert("code".into(), Value::String(sku.to_owned()));
    }
    body.to_string().into_bytes()
}

/// `data` is an array of entries, or an object that says why there are none.
pub(super) fn read(answer: &Answer, ask: &ListAsk, supplier: &str) -> PriceList {
    let data = match serde_json::from_slice(&answer.body) {
        Ok(Value::Object(mut fields)) => fields.remove("data"),
        _ => None,
    };
    let entries = match data {
        Some(Value::Array(entries)) => entries,
        Some(Value::Object(fields)) => {
            let data = Data(fields);
            let code = data.code().unwrap_or_else(|| "none".to_owned());
            if code == TOO_SOON {
                return PriceList::TooSoon { again_at: ask.now.plus(pause(ask)) };
            }
            let reason = format!("HTTP {}, rc {code}: {}", answer.status, data.message());
            return PriceList::Silent { reason };
        }
        _ => {
            let reason = format!("HTTP {} without a readable list", answer.status);
            return PriceList::Silent { reason };
        }
    };
    let (mut listings, mut unreadable) = (BTreeMap::new(), 0_usize);
    for entry in entries {
        let listing = match entry {
            Value::Object(fields) => entry_of(fields, ask.now, supplier),
            _ => None,
        };
        match listing {
            Some(listing) if ask.sku.as_ref().is_none_or(|sku| *sku == listing.sku) => {
                drop(listings.insert(listing.sku.clone(), listing));
            }
            Some(_) => {}
            None => unreadable = unreadable.saturating_add(1),
        }
    }
    PriceList::Told { listings: listings.into_values().collect(), unreadable }
}

fn entry_of(fields: Map<String, Value>, now: Timestamp, supplier: &str) -> Option<Listing> {
    let data = Data(fields);
    let sku = data.text("buyer_sku_code")?;
    if sku.chars().count() > SKU_CHARS || sku.chars().any(char::is_control) {
        return None;
    }
    let text = |name: &str| clip(&data.text(name).unwrap_or_default(), TEXT_CHARS);
    let stock = match truth(&data, "unlimited_stock") {
        // The number says nothing then.
        Some(true) => None,
        _ => Some(data.floor("stock")?.get()),
    };
    let ends = data.text("start_cut_off").zip(data.text("end_cut_off"));
    Some(Listing {
        supplier: supplier.to_owned(),
        name: text("product_name"),
        category: text("category"),
        brand: text("brand"),
        seller: text("seller_name"),
        description: text("desc"),
        price: whole(&data, "price")?,
        buyer_active: truth(&data, "buyer_product_status")?,
        seller_active: truth(&data, "seller_product_status")?,
        stock,
        // Who does not say so may not sell it twice on one day.
        multi: truth(&data, "multi").unwrap_or(false),
        cut_off: ends.and_then(|(start, end)| CutOff::read(&start, &end)),
        doubt: None,
        seen_at: now,
        sku,
    })
}

/// A whole amount, zero and less as well: what to think of that is not for a reader to say.
fn whole(data: &Data, name: &str) -> Option<Rupiah> {
    let text = data.text(name)?;
    let digits = text.strip_suffix(".0").or(text.strip_suffix(".00")).unwrap_or(&text);
    digits.parse().ok().map(Rupiah::new)
}

/// A switch, as people's JSON has it.
fn truth(data: &Data, name: &str) -> Option<bool> {
    match data.0.get(name)? {
        Value::Bool(truth) => Some(*truth),
        Value::Number(number) => number.as_i64().map(|n| n != 0),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}
