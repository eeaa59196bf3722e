//! The catalog as a table with its margins, and what it would bring in. Pure: needs no database.

use crate::Catalog;
use std::fmt;
use vocabulary::{CategoryCode, ProductCode, Rupiah};

/// The table and the estimate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// One row for each product, in the order of the file.
    pub rows: Vec<PreviewRow>,
    /// What the products that are switched on would bring in; `None` when there are none.
    pub estimate: Option<Estimate>,
}

/// One product with its margin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewRow {
    /// Code of its category.
    pub category: CategoryCode,
    /// Name of its category.
    pub category_name: String,
    /// Its code.
    pub code: ProductCode,
    /// Its name.
    pub name: String,
    /// What a buyer pays.
    pub price: Rupiah,
    /// What the shop pays.
    pub cost: Rupiah,
    /// What one sale leaves.
    pub margin: Rupiah,
    /// The margin as a share of the price.
    pub margin_of_price: Percent,
    /// The margin as a mark-up on the cost.
    pub markup_on_cost: Percent,
    /// False when the product or its category is switched off.
    pub active: bool,
}

/// What the catalog would bring in, if every product sold equally often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Number of products that it is made from.
    pub products: u32,
    /// Sales in a day that it supposes.
    pub transactions_per_day: u32,
    /// Days of a month that it supposes.
    pub days_per_month: u32,
    /// Mean price, rounded.
    pub mean_price: Rupiah,
    /// Revenue of a day: from the unrounded mean, rounded once at the end, like all that follow.
    pub revenue_per_day: Rupiah,
    /// Revenue of a month.
    pub revenue_per_month: Rupiah,
    /// Gross margin (price minus cost) of a day.
    pub margin_per_day: Rupiah,
    /// Gross margin of a month.
    pub margin_per_month: Rupiah,
}

/// A share in hundredths of a percent; shown with one decimal (`11.1 %`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(i64);

const TRANSACTIONS_PER_DAY: u32 = 100;
const DAYS_PER_MONTH: u32 = 30;

/// Makes the table and the estimate of a catalog.
pub fn preview(catalog: &Catalog) -> Preview {
    let rows: Vec<PreviewRow> = catalog
        .with_category()
        .map(|(category, product)| {
            let margin = i128::from(product.price.get()) - i128::from(product.cost.get());
            PreviewRow {
                category: product.category.clone(),
                category_name: category.name.clone(),
                code: product.code.clone(),
                name: product.name.clone(),
                price: product.price,
                cost: product.cost,
                margin: rupiah(margin),
                margin_of_price: Percent::of(margin, product.price),
                markup_on_cost: Percent::of(margin, product.cost),
                active: product.active && category.active,
            }
        })
        .collect();
    let estimate = Estimate::of(&rows);
    Preview { rows, estimate }
}

impl Estimate {
    fn of(rows: &[PreviewRow]) -> Option<Self> {
        let sold: Vec<&PreviewRow> = rows.iter().filter(|row| row.active).collect();
        let products = u32::try_from(sold.len()).ok().filter(|count| *count > 0)?;
        let prices = sold.iter().map(|row| i128::from(row.price.get())).sum();
        let margins = sold.iter().map(|row| i128::from(row.margin.get())).sum();
        let per_day = i128::from(TRANSACTIONS_PER_DAY);
        let per_month = per_day * i128::from(DAYS_PER_MONTH);
        let mean = |total: i128, times: i128| rupiah(divide_half_up(total * times, i128::from(products)));
        Some(Estimate {
            products,
            transactions_per_day: TRANSACTIONS_PER_DAY,
            days_per_month: DAYS_PER_MONTH,
            mean_price: mean(prices, 1),
            revenue_per_day: mean(prices, per_day),
            revenue_per_month: mean(prices, per_month),
            margin_per_day: mean(margins, per_day),
            margin_per_month: mean(margins, per_month),
        })
    }
}

impl Percent {
    /// The share in hundredths of a percent.
    pub fn basis_points(self) -> i64 {
        self.0
    }

    fn of(part: i128, whole: Rupiah) -> Self {
        Percent(clamp(divide_half_up(part * 10_000, i128::from(whole.get()))))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = divide_half_up(i128::from(self.0), 10);
        f.pad(&format!("{}.{} %", tenths / 10, tenths % 10))
    }
}

/// Division of what is not negative, rounded half up; 0 when there is nothing to divide by.
fn divide_half_up(dividend: i128, divisor: i128) -> i128 {
    (dividend + divisor / 2).checked_div(divisor).unwrap_or(0)
}

fn rupiah(amount: i128) -> Rupiah {
    Rupiah::new(clamp(amount))
}

/// A file's limits (price, number of rows) keep every amount far below this bound.
fn clamp(amount: i128) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}
