//! `catalog preview | seed | import | export | routes`.

use crate::{cli, config::Config, output, wiring};
use anyhow::{Context, Result, bail};
use catalog::Catalog;
use orders::{CatalogReport, RouteView};
use serde_json::json;
use std::{io::Read, path::Path, process::ExitCode};
use vocabulary::ProductCode;

pub(super) async fn run(
    arguments: cli::Catalog,
    load: impl Fn() -> Result<Config>,
    json: bool,
) -> Result<ExitCode> {
    match arguments {
        cli::Catalog::Preview { file: Some(path), .. } => preview(&read(&path)?, json),
        cli::Catalog::Preview { file: None, extended } => {
            preview(&wiring::shipped_catalog(shipped(extended))?, json);
        }
        cli::Catalog::Seed { extended } => {
            let config = load()?;
            let db = wiring::open_database(&config).await?;
            wiring::prepare(&db, config.mode).await?;
            let shop = wiring::shop_for_command(&config).await?;
            report(&wiring::seed(&shop, shipped(extended), &super::staff(None)).await?, json);
        }
        cli::Catalog::Import { file } => {
            let catalog = read(&file)?;
            let shop = wiring::shop_for_command(&load()?).await?;
            report(&shop.import_catalog(&catalog, &super::staff(None)).await?, json);
        }
        cli::Catalog::Export => {
            let shop = wiring::shop_for_command(&load()?).await?;
            output::print(&shop.export_catalog().await?);
        }
        cli::Catalog::Routes { product } => return routes(&load()?, product.as_deref(), json).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// Where products are bought.
async fn routes(config: &Config, product: Option<&str>, json: bool) -> Result<ExitCode> {
    let product = product.map(str::parse::<ProductCode>).transpose()?;
    let shop = wiring::shop_for_command(config).await?;
    let routes = shop.routes(product.as_ref()).await?;
    if let Some(product) = product.filter(|_| routes.is_empty()) {
        eprintln!("loket: there is no product {product}; `loket catalog export` shows those there are");
        return Ok(output::not_found());
    }
    if json {
        let rows: Vec<_> = routes
            .iter()
            .map(|RouteView { route: r, listed_seller, is_refused, .. }| {
                json!({"product_code": r.product.as_str(), "rank": r.rank, "supplier": r.supplier,
                       "sku": r.supplier_sku, "customer_template": r.customer_template.to_string(), "active": r.active,
                       "seller": r.seller, "listed_seller": listed_seller, "seller_refused": is_refused})
            })
            .collect();
        output::print_json(&json!(rows));
        return Ok(ExitCode::SUCCESS);
    }
    let rows = routes
        .into_iter()
        .map(|RouteView { route: r, listed_seller, is_refused, .. }| {
            let active = match (r.active, is_refused) {
                (false, _) => "no",
                (true, true) => "no: seller refused",
                (true, false) => "yes",
            };
            vec![
                r.product.to_string(),
                r.rank.to_string(),
                r.supplier,
                r.supplier_sku,
                r.customer_template.to_string(),
                active.to_owned(),
                r.seller,
                listed_seller,
            ]
        })
        .collect();
    let headings =
        ["product", "rank", "supplier", "code", "customer no", "active", "seller", "seller by its list"];
    output::print(&output::table(&headings, &[1], rows));
    Ok(ExitCode::SUCCESS)
}

fn shipped(extended: bool) -> wiring::Shipped {
    if extended { wiring::Shipped::Extended } else { wiring::Shipped::Base }
}

fn read(path: &Path) -> Result<Catalog> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    // A pipe or device has no size: what is read is limited, not what is announced.
    file.take(catalog::MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    if bytes.len() > catalog::MAX_BYTES {
        bail!("{} is too large: a catalog has at most {} bytes", path.display(), catalog::MAX_BYTES);
    }
    catalog::parse(&bytes).map_err(|error| {
        anyhow::anyhow!("{} was not imported, nothing was changed:\n{error}", path.display())
    })
}

fn preview(catalog: &Catalog, json: bool) {
    let preview = catalog::preview(catalog);
    if json {
        let rows: Vec<_> = preview
            .rows
            .iter()
            .map(|r| {
                json!({"category": r.category.as_str(), "code": r.code.as_str(), "name": r.name, "price": r.price.get(),
                       "cost": r.cost.get(), "margin": r.margin.get(), "active": r.active,
                       "margin_basis_points": r.margin_of_price.basis_points(),
                       "markup_basis_points": r.markup_on_cost.basis_points()})
            })
            .collect();
        let estimate = preview.estimate.map(|e| {
            json!({"products": e.products, "transactions_per_day": e.transactions_per_day,
                   "days_per_month": e.days_per_month, "mean_price": e.mean_price.get(),
                   "revenue_per_day": e.revenue_per_day.get(), "revenue_per_month": e.revenue_per_month.get(),
                   "margin_per_day": e.margin_per_day.get(), "margin_per_month": e.margin_per_month.get()})
        });
        return output::print_json(&json!({"products": rows, "estimate": estimate}));
    }
    let rows = preview
        .rows
        .iter()
        .map(|r| {
            vec![
                r.category_name.clone(),
                r.code.to_string(),
                r.name.clone(),
                r.price.to_string(),
                r.cost.to_string(),
                r.margin.to_string(),
                r.margin_of_price.to_string(),
                r.markup_on_cost.to_string(),
            ]
        })
        .collect();
    let headings = ["category", "code", "product", "price", "cost", "margin", "of price", "on cost"];
    output::print(&output::table(&headings, &[3, 4, 5, 6, 7], rows));
    match preview.estimate {
        Some(e) => output::print(&format!(
            "\nIf {} transactions a day were spread evenly over {} products (mean price {}):\n  revenue       {} a day, {} a month ({} days)\n  gross margin  {} a day, {} a month",
            e.transactions_per_day,
            e.products,
            e.mean_price,
            e.revenue_per_day,
            e.revenue_per_month,
            e.days_per_month,
            e.margin_per_day,
            e.margin_per_month
        )),
        None => output::print("\nNo product is switched on: nothing to estimate."),
    }
}

fn report(report: &CatalogReport, json: bool) {
    let import = &report.import;
    let name = |subject: &catalog::Subject| match subject {
        catalog::Subject::Category(code) => code.to_string(),
        catalog::Subject::Product(code) => code.to_string(),
    };
    if json {
        let changed: Vec<_> = import
            .changed
            .iter()
            .map(|c| json!({"subject": name(&c.subject), "field": c.field, "before": c.before, "after": c.after}))
            .collect();
        let added: Vec<_> = import.added.iter().map(|c| c.as_str().to_owned()).collect();
        return output::print_json(&json!({
            "added_categories": import.added_categories.len(), "added": added, "changed": changed,
            "unchanged": import.unchanged, "stock_rows_added": report.stock_rows_added
        }));
    }
    for change in &import.changed {
        output::print(&format!(
            "{}: {} {} -> {}",
            name(&change.subject),
            change.field,
            change.before,
            change.after
        ));
    }
    output::print(&format!(
        "{} categories and {} products added, {} fields changed, {} products unchanged",
        import.added_categories.len(),
        import.added.len(),
        import.changed.len(),
        import.unchanged
    ));
}
