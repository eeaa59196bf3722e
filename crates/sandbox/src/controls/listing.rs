//! `POST /sandbox/listing`: what becomes of a product of the simulated Digiflazz: another price, one that the list
//! has not caught up with, no stock, other hours, switched off by either side, or gone. With `target` one of the
//! simulated VIP Reseller: another price, another stock, or empty (`seller_active: false`).

use crate::{
    digiflazz::{self, Change},
    problem::Problem,
    vip_reseller,
    world::{Target, World},
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most that a product may cost here, in either direction: lists hold nonsense, too.
const MOST: i64 = 1_000_000_000;

#[derive(Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Whose product; Digiflazz' without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    sku: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What the seller asks from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<i64>,
    /// What the list says meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    list_price: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer_active: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seller_active: Option<bool>,
    /// How many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    stock: Option<i64>,
    /// Any number, whatever `stock` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    unlimited_stock: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi: Option<bool>,
    /// `hh:mm` WIB, with `end_cut_off`; both the same for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    start_cut_off: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_cut_off: Option<String>,
    /// It is on no list any more and cannot be bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    gone: Option<bool>,
}

pub(super) async fn change(State(world): State<Arc<World>>, request: Request) -> Result<Response, Problem> {
    let asked: Asked = super::read(request).await?;
    if !world.settings.products.iter().any(|product| product.sku == asked.sku) {
        return Err(Problem::invalid("sku is the code of no product that the simulated Digiflazz sells"));
    }
    let change = check(&asked)?;
    let mut tx = world.db.write("world.listing").await?;
    match asked.target.as_deref() {
        None => digiflazz::change_listing(&mut tx, &change).await?,
        Some(target) if target == Target::Digiflazz.as_str() => {
            digiflazz::change_listing(&mut tx, &change).await?;
        }
        Some(target) if target == Target::VipReseller.as_str() => {
            let change = of_vip_reseller(&asked)?;
            vip_reseller::change_listing(&mut tx, &change).await?;
        }
        Some(_) => return Err(Problem::invalid("target is `digiflazz` or `vip-reseller`")),
    }
    tx.commit().await?;
    Ok(super::json(&asked))
}

/// Of the rest VIP Reseller's lists have nothing.
fn of_vip_reseller(asked: &Asked) -> Result<vip_reseller::Change, Problem> {
    let change = vip_reseller::Change {
        sku: asked.sku.clone(),
        price: asked.price,
        stock: asked.stock,
        available: asked.seller_active,
    };
    let known = Asked {
        target: asked.target.clone(),
        sku: asked.sku.clone(),
        price: asked.price,
        stock: asked.stock,
        seller_active: asked.seller_active,
        ..Asked::default()
    };
    if *asked != known {
        return Err(Problem::invalid(
            "of a product of VIP Reseller price, stock and seller_active can change",
        ));
    }
    Ok(change)
}

fn check(asked: &Asked) -> Result<Change, Problem> {
    let plain = |text: &String| !text.is_empty() && text.len() <= 200 && !text.chars().any(char::is_control);
    for (name, text) in
        [("name", &asked.name), ("start_cut_off", &asked.start_cut_off), ("end_cut_off", &asked.end_cut_off)]
    {
        if text.as_ref().is_some_and(|text| !plain(text)) {
            return Err(Problem::invalid(format!("{name} has 1 to 200 characters that can be seen")));
        }
    }
    for (name, number, least) in
        [("price", asked.price, 0), ("list_price", asked.list_price, -MOST), ("stock", asked.stock, 0)]
    {
        if number.is_some_and(|number| !(least..=MOST).contains(&number)) {
            return Err(Problem::invalid(format!("{name} is a whole number from {least} to {MOST}")));
        }
    }
    let cut_off = match (&asked.start_cut_off, &asked.end_cut_off) {
        (Some(start), Some(end)) => Some((start.clone(), end.clone())),
        (None, None) => None,
        _ => return Err(Problem::invalid("start_cut_off and end_cut_off come together")),
    };
    Ok(Change {
        sku: asked.sku.clone(),
        name: asked.name.clone(),
        price: asked.price,
        list_price: asked.list_price,
        buyer_active: asked.buyer_active,
        seller_active: asked.seller_active,
        stock: asked.stock,
        // A number that is told is one that counts.
        unlimited: asked.unlimited_stock.or(asked.stock.map(|_| false)),
        multi: asked.multi,
        cut_off,
        gone: asked.gone,
    })
}
