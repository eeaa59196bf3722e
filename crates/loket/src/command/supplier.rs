//! `supplier`: what suppliers say of their products and of our deposit, asked for now or as it is known.

use crate::{cli::Supplier as Arguments, config::Config, output, wiring};
use anyhow::{Result, bail};
use orders::{Applied, DepositForecast, Judged, JudgedRoute, ListOutcome, PriceWord, Shop, Synced};
use serde_json::{Value, json};
use std::{process::ExitCode, sync::Arc};
use suppliers::{Deposit, Supplier};
use vocabulary::{Rupiah, Timestamp};

pub(super) async fn run(arguments: Arguments, config: &Config, json: bool) -> Result<ExitCode> {
    let shop = wiring::shop_for_asking(config).await?;
    match arguments {
        Arguments::Sync { name } => sync(&shop, name.as_deref(), json).await,
        Arguments::Prices { name, all } => prices(&shop, name.as_deref(), all, json).await,
        Arguments::Accept { name, sku, price, by } => {
            accept(&shop, (&name, &sku, Rupiah::new(price)), by.as_deref()).await
        }
        Arguments::Deposit { name } => deposit(&shop, name.as_deref(), json).await,
    }
}

/// The supplier of this name, or all that are connected.
fn chosen(shop: &Shop, name: Option<&str>) -> Result<Vec<Arc<dyn Supplier>>> {
    let known = || shop.suppliers.iter().map(|supplier| supplier.name()).collect::<Vec<_>>().join(", ");
    match name {
        None => Ok(shop.suppliers.to_vec()),
        Some(name) => match shop.supplier(name) {
            Some(supplier) => Ok(vec![supplier.clone()]),
            None => bail!("`{name}` is not connected: {} is", known()),
        },
    }
}

async fn sync(shop: &Shop, name: Option<&str>, json: bool) -> Result<ExitCode> {
    let (mut told, mut silent) = (Vec::new(), false);
    for supplier in chosen(shop, name)? {
        let synced = shop.sync_prices(&supplier).await?;
        silent |= matches!(synced.list, ListOutcome::Silent { .. });
        if json {
            told.push(synced_as_json(supplier.name(), &synced));
        } else {
            output::print(&synced_as_text(supplier.name(), &synced));
        }
    }
    if json {
        output::print_json(&json!(told));
    }
    Ok(if silent { output::check_failed() } else { ExitCode::SUCCESS })
}

fn synced_as_json(supplier: &str, synced: &Synced) -> Value {
    let (outcome, entries, why, again_at) = match &synced.list {
        ListOutcome::Kept { entries, .. } => ("kept", Some(*entries), None, None),
        ListOutcome::NotTold => ("not_told", None, None, None),
        ListOutcome::TooSoon { again_at } => ("too_soon", None, None, Some(again_at.rfc3339())),
        ListOutcome::Silent { reason } => ("silent", None, Some(reason.clone()), None),
    };
    let unreadable = match synced.list {
        ListOutcome::Kept { unreadable, .. } => Some(unreadable),
        _ => None,
    };
    let Applied { costs, prices, kept_off, back } = &synced.applied;
    let moved = |moved: &Vec<(vocabulary::ProductCode, vocabulary::Rupiah, vocabulary::Rupiah)>| {
        let rows = moved.iter();
        rows.map(|(code, before, after)| json!({"product": code.as_str(), "before": before.get(), "after": after.get()}))
            .collect::<Vec<_>>()
    };
    let kept_off: Vec<_> =
        kept_off.iter().map(|(code, why)| json!({"product": code.as_str(), "why": why.as_str()})).collect();
    let back: Vec<_> = back.iter().map(|code| code.as_str()).collect();
    json!({
        "supplier": supplier, "outcome": outcome, "entries": entries, "unreadable": unreadable, "reason": why,
        "again_at": again_at, "costs": moved(costs), "prices": moved(prices), "kept_off": kept_off, "back": back,
    })
}

fn synced_as_text(supplier: &str, synced: &Synced) -> String {
    let mut text = match &synced.list {
        ListOutcome::Kept { entries, unreadable: 0 } => format!("{supplier}: {entries} products listed\n"),
        ListOutcome::Kept { entries, unreadable } => {
            format!("{supplier}: {entries} products listed, and {unreadable} entries that cannot be read\n")
        }
        ListOutcome::NotTold => format!("{supplier} has no list\n"),
        ListOutcome::TooSoon { again_at } => {
            format!("{supplier} may be asked again at {} WIB; by what is known:\n", again_at.wib())
        }
        ListOutcome::Silent { reason } => format!("{supplier} did not tell: {reason}; by what is known:\n"),
    };
    let Applied { costs, prices, kept_off, back } = &synced.applied;
    for (code, before, after) in costs {
        text.push_str(&format!("  {code}: cost {before} -> {after}\n"));
    }
    for (code, before, after) in prices {
        text.push_str(&format!("  {code}: price {before} -> {after}\n"));
    }
    for (code, why) in kept_off {
        text.push_str(&format!("  {code}: kept off sale ({why}); `loket alerts` says more\n"));
    }
    for code in back {
        text.push_str(&format!("  {code}: offered again\n"));
    }
    if synced.applied == Applied::default() {
        text.push_str("  nothing changes\n");
    }
    text
}

async fn prices(shop: &Shop, name: Option<&str>, all: bool, json: bool) -> Result<ExitCode> {
    let (now, mut told) = (shop.clock.now(), Vec::new());
    for supplier in chosen(shop, name)? {
        let products = shop.listed(supplier.name()).await?;
        let further = shop.listed_further(supplier.name()).await?;
        let others = if all { shop.listed_beside(supplier.name()).await? } else { Vec::new() };
        if json {
            let rows = products.iter().map(|judged| product_as_json(judged, now));
            told.push(json!({
                "supplier": supplier.name(), "products": rows.collect::<Vec<_>>(),
                "further": further.iter().map(|judged| route_as_json(judged, now)).collect::<Vec<_>>(),
                "others": others.iter().map(|l| json!({"sku": l.sku, "name": l.name, "brand": l.brand,
                    "seller": l.seller, "asks": l.price.get(), "seen_at": l.seen_at.rfc3339()})).collect::<Vec<_>>(),
            }));
            continue;
        }
        let rows = products.iter().map(|judged| product_as_row(judged, now)).collect();
        let headings = ["product", "code there", "they ask", "cost", "price", "told (WIB)", "trouble"];
        output::print(&format!("{}\n{}", supplier.name(), output::table(&headings, &[2, 3, 4], rows)));
        if !further.is_empty() {
            let rows = further.iter().map(|judged| route_as_row(judged, now)).collect();
            let headings = ["product", "code there", "they ask", "cost", "accepted", "told (WIB)", "trouble"];
            output::print(&format!("by further routes\n{}", output::table(&headings, &[2, 3, 4], rows)));
        }
        if !others.is_empty() {
            let rows =
                others.into_iter().map(|l| vec![l.sku, l.name, l.brand, l.seller, l.price.to_string()]);
            let headings = ["code there", "name", "brand", "seller", "they ask"];
            output::print(&format!("not in the catalog\n{}", output::table(&headings, &[4], rows.collect())));
        }
    }
    if json {
        output::print_json(&json!(told));
    }
    Ok(ExitCode::SUCCESS)
}

/// Why it cannot be bought, or is not offered, in one word; none when nothing is the matter.
fn trouble(judged: &Judged, now: Timestamp) -> Option<&'static str> {
    let by_listing = judged.listing.as_ref().and_then(|listing| listing.trouble(now));
    let doubt = judged.doubt.map(suppliers::Doubt::as_str);
    let kept_off = judged.kept_off.map(catalog::KeptOff::as_str);
    doubt.or(kept_off).or(by_listing.map(suppliers::Unsellable::as_str))
}

fn product_as_json(judged: &Judged, now: Timestamp) -> Value {
    let (product, listing) = (&judged.product, judged.listing.as_ref());
    json!({
        "product": product.code.as_str(), "sku": product.sku, "asks": listing.map(|l| l.price.get()),
        "cost": product.cost.get(), "price": product.price.get(), "seen_at": listing.map(|l| l.seen_at.rfc3339()),
        "trouble": trouble(judged, now), "kept_off": product.kept_off.map(|why| why.as_str()),
    })
}

fn product_as_row(judged: &Judged, now: Timestamp) -> Vec<String> {
    let (product, listing) = (&judged.product, judged.listing.as_ref());
    vec![
        product.code.to_string(),
        product.sku.clone(),
        listing.map_or_else(String::new, |listing| listing.price.to_string()),
        product.cost.to_string(),
        product.price.to_string(),
        listing.map_or_else(String::new, |listing| listing.seen_at.wib()),
        trouble(judged, now).unwrap_or_default().to_owned(),
    ]
}

/// Why a further route cannot be bought by, in one word; none when nothing is the matter.
fn route_trouble(judged: &JudgedRoute, now: Timestamp) -> Option<&'static str> {
    let by_listing = judged.listing.as_ref().and_then(|listing| listing.trouble(now));
    judged.doubt.map(suppliers::Doubt::as_str).or(by_listing.map(suppliers::Unsellable::as_str))
}

fn route_as_json(judged: &JudgedRoute, now: Timestamp) -> Value {
    let (product, listing) = (&judged.product, judged.listing.as_ref());
    json!({
        "product": product.code.as_str(), "sku": product.sku, "asks": listing.map(|l| l.price.get()),
        "cost": product.cost.get(), "accepted": judged.accepted.map(Rupiah::get),
        "seen_at": listing.map(|l| l.seen_at.rfc3339()), "trouble": route_trouble(judged, now),
    })
}

fn route_as_row(judged: &JudgedRoute, now: Timestamp) -> Vec<String> {
    let (product, listing) = (&judged.product, judged.listing.as_ref());
    vec![
        product.code.to_string(),
        product.sku.clone(),
        listing.map_or_else(String::new, |listing| listing.price.to_string()),
        product.cost.to_string(),
        judged.accepted.map_or_else(String::new, |price| price.to_string()),
        listing.map_or_else(String::new, |listing| listing.seen_at.wib()),
        route_trouble(judged, now).unwrap_or_default().to_owned(),
    ]
}

async fn accept(
    shop: &Shop,
    (supplier, sku, price): (&str, &str, Rupiah),
    by: Option<&str>,
) -> Result<ExitCode> {
    match shop.accept_price(supplier, (sku, price), &super::staff(by)).await? {
        PriceWord::Accepted => {
            output::print(&format!("{sku} of {supplier} may cost about {price}"));
            Ok(ExitCode::SUCCESS)
        }
        PriceWord::IsOwn(product) => {
            bail!("{product} is bought as {sku} of {supplier} first: import what it may cost as its cost")
        }
        PriceWord::NoRoute => {
            eprintln!(
                "loket: no product has a further route by {sku} of {supplier}; `loket catalog routes` shows them"
            );
            Ok(output::not_found())
        }
        PriceWord::NotListed => {
            eprintln!("loket: {supplier} has not listed {sku}; `loket supplier sync {supplier}` asks");
            Ok(output::not_found())
        }
    }
}

async fn deposit(shop: &Shop, name: Option<&str>, json: bool) -> Result<ExitCode> {
    let (mut told, mut silent) = (Vec::new(), false);
    for supplier in chosen(shop, name)? {
        let answer = shop.watch_deposit(&supplier).await?;
        let forecast = shop.deposit_forecast(supplier.name()).await?;
        let reason = match answer {
            Deposit::Silent { reason } => Some(reason),
            Deposit::Left(_) | Deposit::NotTold => None,
        };
        silent |= reason.is_some();
        if json {
            told.push(deposit_as_json(supplier.name(), &forecast, reason.as_deref()));
        } else {
            output::print(&deposit_as_text(supplier.name(), &forecast, reason.as_deref()));
        }
    }
    if json {
        output::print_json(&json!(told));
    }
    Ok(if silent { output::check_failed() } else { ExitCode::SUCCESS })
}

fn deposit_as_json(supplier: &str, forecast: &DepositForecast, reason: Option<&str>) -> Value {
    let seen = forecast.seen.as_ref();
    json!({
        "supplier": supplier, "left": seen.map(|seen| seen.left.get()), "seen_at": seen.map(|seen| seen.seen_at.rfc3339()),
        "spent_last_day": forecast.spending.last_day.get(), "spent_last_week": forecast.spending.last_week.get(),
        "lasts_hours": forecast.lasts.map(|lasts| lasts.as_secs() / 3_600), "silent": reason,
    })
}

fn deposit_as_text(supplier: &str, forecast: &DepositForecast, reason: Option<&str>) -> String {
    let mut text = match &forecast.seen {
        Some(seen) => format!("{supplier}: {} is left, as told at {} WIB", seen.left, seen.seen_at.wib()),
        None => format!("{supplier} has not told what is left"),
    };
    let spending = forecast.spending;
    text.push_str(&format!(
        "\n  bought there: {} in the last day, {} in the last seven",
        spending.last_day, spending.last_week
    ));
    match forecast.lasts.map(|lasts| lasts.as_secs() / 3_600) {
        Some(hours) => {
            text.push_str(&format!("\n  lasts {} days and {} hours at that pace", hours / 24, hours % 24))
        }
        None => text.push_str("\n  how long it lasts cannot be told yet"),
    }
    if let Some(reason) = reason {
        text.push_str(&format!("\n  it did not answer now: {reason}"));
    }
    text
}
