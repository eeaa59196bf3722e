//! The catalog as a file: what it holds, and the table's columns. Reading is in `file/read.rs`,
//! the rules of each field in `file/field.rs`, writing in `file/write.rs`.

mod field;
mod problem;
mod read;
mod write;

pub(crate) use write::by_product;

use crate::{CustomerTemplate, RouteEntry};
use std::collections::{HashMap, HashSet};
use vocabulary::{CategoryCode, ProductCode, Rupiah};

pub use problem::{FileError, FileProblem};
pub use read::parse;
pub use write::export;

/// The base catalog: five categories and fifteen products.
pub const BASE: &str = include_str!("../data/base.csv");

/// The extended catalog: what can be sold beside the base catalog, with surveyed costs.
pub const EXTENDED: &str = include_str!("../data/extended.csv");

/// A larger file is refused.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// More rows are refused.
pub const MAX_ROWS: usize = 10_000;

vocabulary::text_enum!(
    /// The columns of the file. All but `routes` and `seller` must be there, in any order. A row without anything
    /// from `code` on only names its category.
    pub enum Column {
        /// Code of the category.
        CategoryCode = "category_code",
        /// Name of the category; needed in one of its rows, and the same wherever it is given.
        CategoryName = "category_name",
        /// Emoji of the category; may be empty.
        CategoryIcon = "category_icon",
        /// `yes` or `no`; empty means yes.
        CategoryActive = "category_active",
        /// Code of the product.
        Code = "code",
        /// Name of the product.
        Name = "name",
        /// Price in whole rupiah.
        Price = "price",
        /// Cost in whole rupiah, not above the price.
        Cost = "cost",
        /// Stock that the product starts with.
        Stock = "stock",
        /// Minimum that its stock alerts are measured by.
        MinimumStock = "minimum_stock",
        /// Name of the supplier.
        Supplier = "supplier",
        /// The supplier's code of the product.
        SupplierSku = "supplier_sku",
        /// How an account becomes the supplier's customer number.
        CustomerTemplate = "customer_template",
        /// A line for the buyer; may be empty.
        Description = "description",
        /// `yes` or `no`.
        Active = "active",
        /// Where else it can be bought, best first: `supplier code template`, the template being the product's own
        /// where it is left out, then `off` if it is switched off, then `[who sells it there]` if that is noted;
        /// ` > ` stands between two. A file without this column leaves the routes that are there alone.
        Routes = "routes",
        /// Who sells it at its own supplier, as the owner notes it; may be empty. A file without this column leaves
        /// what is noted alone.
        Seller = "seller",
    }
);

/// A catalog that was read without a fault: codes are unique, every product has its category,
/// every price covers its cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    categories: Vec<CategoryEntry>,
    products: Vec<ProductEntry>,
}

/// A category in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryEntry {
    /// Its code.
    pub code: CategoryCode,
    /// Its name.
    pub name: String,
    /// An emoji; may be empty.
    pub icon: String,
    /// Whether it is switched on.
    pub active: bool,
}

/// A product in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductEntry {
    /// Code of its category.
    pub category: CategoryCode,
    /// Its code.
    pub code: ProductCode,
    /// Its name.
    pub name: String,
    /// What a buyer pays.
    pub price: Rupiah,
    /// What the shop pays.
    pub cost: Rupiah,
    /// What it starts with.
    pub stock: InitialStock,
    /// The supplier's name.
    pub supplier: String,
    /// The supplier's code of the product.
    pub supplier_sku: String,
    /// How an account becomes the supplier's customer number.
    pub customer_template: CustomerTemplate,
    /// A line for the buyer; may be empty.
    pub description: String,
    /// Whether it is switched on.
    pub active: bool,
    /// Where else it can be bought, best first; none when the file does not say.
    pub routes: Option<Vec<RouteEntry>>,
    /// Who sells it at its own supplier, empty when nothing is noted; none when the file does not say.
    pub seller: Option<String>,
}

/// The stock that a product starts with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InitialStock {
    /// Pieces on hand.
    pub on_hand: u32,
    /// The minimum that its alerts are measured by.
    pub minimum: u32,
}

/// Reads the base catalog.
///
/// # Errors
/// None in a build whose tests pass: the file is part of the program.
pub fn base() -> Result<Catalog, FileError> {
    parse(BASE.as_bytes())
}

/// Reads the extended catalog. It names the categories of its products, also those of the base.
///
/// # Errors
/// None in a build whose tests pass: the file is part of the program.
pub fn extended() -> Result<Catalog, FileError> {
    parse(EXTENDED.as_bytes())
}

impl Column {
    /// Whether a file may do without it.
    fn is_optional(self) -> bool {
        matches!(self, Column::Routes | Column::Seller)
    }
}

impl Catalog {
    /// This catalog, and what another has beside it; products by category. Where both have a code, this
    /// one's stands.
    #[must_use]
    pub fn with(mut self, other: Catalog) -> Catalog {
        let categories: HashSet<CategoryCode> = self.categories.iter().map(|c| c.code.clone()).collect();
        let products: HashSet<ProductCode> = self.products.iter().map(|p| p.code.clone()).collect();
        self.categories.extend(other.categories.into_iter().filter(|c| !categories.contains(&c.code)));
        self.products.extend(other.products.into_iter().filter(|p| !products.contains(&p.code)));
        let place = |code: &CategoryCode| self.categories.iter().position(|c| c.code == *code);
        self.products.sort_by_key(|product| place(&product.category));
        self
    }

    /// The categories, in the order in which the file first names them.
    pub fn categories(&self) -> &[CategoryEntry] {
        &self.categories
    }

    /// The products, in the order of the file.
    pub fn products(&self) -> &[ProductEntry] {
        &self.products
    }

    /// The products with their categories, in the order of the file.
    pub fn with_category(&self) -> impl Iterator<Item = (&CategoryEntry, &ProductEntry)> {
        let categories: HashMap<_, _> =
            self.categories.iter().map(|category| (&category.code, category)).collect();
        self.products.iter().filter_map(move |product| Some((*categories.get(&product.category)?, product)))
    }
}
