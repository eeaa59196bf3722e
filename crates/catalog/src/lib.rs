//! The catalog: game categories, products and prices, the file that the shop's owner edits, and
//! the rules for account ids of each game.
//!
//! The file is one flat CSV table (see [`Column`]). [`parse`] reads all of it or tells everything
//! that is wrong with it, [`seed_in_tx`] adds what is missing, [`import_in_tx`] makes the database
//! agree with the file and reports each changed field, [`export`] writes the file back.
//! Whether an account exists is asked in [`validation`], of the parties in [`sources`].
//! What is on hand of a product is not known here: the file's numbers are handed on to whoever
//! keeps the stock.

pub mod account;
mod category;
mod file;
mod import;
mod name_check;
mod preview;
mod product;
mod route;
pub mod sources;
mod supplied;
mod template;
pub mod validation;

pub use category::{Category, categories, category};
pub use file::{
    BASE, Catalog, CategoryEntry, Column, EXTENDED, FileError, FileProblem, InitialStock, MAX_BYTES,
    MAX_ROWS, ProductEntry, base, export, extended, parse,
};
pub use import::{Change, ImportReport, Subject, import_in_tx, seed_in_tx};
pub use name_check::{
    NameBooks, NameCheckState, NameMoney, NameOutcome, NameQuestion, NameTold, NameTurn, is_name_check,
    name_check_again, name_check_begin, name_check_told,
};
pub use preview::{Estimate, Percent, Preview, PreviewRow, preview};
pub use product::{Product, product, products_of};
pub use route::{MAX_ROUTES, Route, RouteEntry, all_routes, further_routes, further_routes_of_category};
pub use supplied::{KeptOff, Supplied, kept_off, set_supplied, supplied, supplied_locked, supplied_routes};
pub use template::{CustomerTemplate, TemplateError};
pub use validation::{Asker, Checked, TooMany, Validation, Validator};
