//! `POST /v1/price-list`: what can be bought, and how often one may ask.

use super::{
    Data, books, refuse,
    request::Request,
    shelf::{self, OnShelf},
};
use crate::{exchange::Reply, settings::SupplierProduct, world::World};
use database::{Error, WriteTx};
use serde::Serialize;
use std::time::Duration;
use vocabulary::Timestamp;

/// How long to wait between two questions for many products.
const LIST_PAUSE: Duration = Duration::from_secs(5 * 60);
/// How long to wait between two questions for one product.
const CODE_PAUSE: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct Item<'a> {
    product_name: &'a str,
    category: &'a str,
    brand: &'a str,
    r#type: &'a str,
    seller_name: &'a str,
    price: i64,
    buyer_sku_code: &'a str,
    buyer_product_status: bool,
    seller_product_status: bool,
    unlimited_stock: bool,
    stock: i64,
    multi: bool,
    start_cut_off: &'a str,
    end_cut_off: &'a str,
    desc: &'a str,
}

/// Answers with the products that fit the filters. The lists of prepaid and postpaid products share
/// one limit; single codes have another.
pub(super) async fn list(
    world: &World,
    tx: &mut WriteTx,
    request: &Request,
    now: Timestamp,
) -> Result<Reply, Error> {
    let prepaid = match request.text("cmd") {
        Some("prepaid") => true,
        Some("pasca") => false,
        _ => return Ok(refuse("40", "cmd harus prepaid atau pasca")),
    };
    let (limit, pause) = match request.text("code") {
        Some(_) => ("code", CODE_PAUSE),
        None => ("list", LIST_PAUSE),
    };
    let asked_at = books::list_asked_at(tx, limit).await?;
    if asked_at.is_some_and(|at| now.since(at) < pause) {
        return Ok(refuse("83", ""));
    }
    books::note_list(tx, limit, now).await?;
    let fits =
        |name: &str, value: &str| request.text(name).is_none_or(|asked| asked.eq_ignore_ascii_case(value));
    let mut items = Vec::new();
    // Nothing is sold postpaid: that list is empty.
    let on_shelf = if prepaid { shelf::all(world, tx).await? } else { Vec::new() };
    for listed in &on_shelf {
        let product = &listed.product;
        let wanted =
            fits("category", &product.category) && fits("brand", &product.brand) && fits("type", "Umum");
        if wanted && request.text("code").is_none_or(|code| code == product.sku) {
            items.push(item(listed, stock_of(tx, product).await?));
        }
    }
    Ok(Reply::json(200, &Data { data: items }))
}

/// How many are left; `None` for any number.
pub(super) async fn stock_of(tx: &mut WriteTx, product: &SupplierProduct) -> Result<Option<i64>, Error> {
    match product.stock {
        None => Ok(None),
        Some(stock) => Ok(Some(i64::from(stock).saturating_sub(books::sold(tx, &product.sku).await?).max(0))),
    }
}

fn item(listed: &OnShelf, stock: Option<i64>) -> Item<'_> {
    let product = &listed.product;
    Item {
        product_name: &product.name,
        category: &product.category,
        brand: &product.brand,
        r#type: "Umum",
        seller_name: "Seller Sandbox",
        price: listed.list_price.get(),
        buyer_sku_code: &product.sku,
        buyer_product_status: listed.buyer_active,
        seller_product_status: listed.seller_active,
        unlimited_stock: stock.is_none(),
        stock: stock.unwrap_or(0),
        multi: product.multi,
        start_cut_off: &product.cut_off.0,
        end_cut_off: &product.cut_off.1,
        desc: &product.description,
    }
}

/// Whether a product is in its daily cut-off, which may wrap midnight (WIB).
pub(super) fn is_cut_off(product: &SupplierProduct, now: Timestamp) -> bool {
    let Some((start, end)) = minutes(&product.cut_off.0).zip(minutes(&product.cut_off.1)) else {
        return false;
    };
    let wib = now.wib();
    let Some(minute) = wib.get(11..16).and_then(minutes) else { return false };
    if start <= end { (start..end).contains(&minute) } else { minute >= start || minute < end }
}

/// Minutes since midnight of `hh:mm`; hours and minutes need not be padded.
fn minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then(|| hours.saturating_mul(60).saturating_add(minutes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vocabulary::Rupiah;

    #[test]
    fn a_cut_off_may_wrap_midnight() {
        let at = |time: &str| Timestamp::parse_wib(&format!("2026-11-22 {time}")).unwrap();
        let mut product = SupplierProduct::new("s", "n", "b", Rupiah::new(1));
        for (start, end, time, cut_off) in [
            ("00:00", "00:00", "00:00:00", false),
            ("0:0", "0:0", "12:00:00", false),
            ("23:45", "00:15", "23:44:59", false),
            ("23:45", "00:15", "23:45:00", true),
            ("23:45", "0:15", "00:14:59", true),
            ("23:45", "0:15", "00:15:00", false),
            ("0:5", "0:15", "00:10:00", true),
            ("nonsense", "0:15", "00:10:00", false),
        ] {
            product.cut_off = (start.into(), end.into());
            assert_eq!(is_cut_off(&product, at(time)), cut_off, "{start}-{end} at {time}");
        }
    }
}
