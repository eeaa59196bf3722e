//! The rules of the house that a compiler does not check: which crate may name which, who may open a
//! transaction, who writes a table, how a file begins. `tests/house.rs` holds them against the real tree.
//!
//! The facts are read once into [`House`]; a rule is a function from those facts to [`Violation`]s, so
//! that a test can hand it a broken example.

mod arrows;
mod facts;
mod failures;
mod files;
mod libraries;
mod links;
mod rust_text;
mod tables;
mod transactions;

pub use arrows::arrows;
pub use facts::{Crate, Dependency, House, Kind, Page, Role, Source};
pub use failures::failures;
pub use files::{allow_attributes, doc_comments, folder_names, inherited_lints, lengths};
pub use libraries::libraries;
pub use links::links;
pub use tables::tables;
pub use transactions::transactions;

use std::fmt;

/// A place where a rule of the house is broken, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// A file, `file:line` or a crate.
    pub place: String,
    /// What is wrong there, and what to do about it.
    pub message: String,
}

impl Violation {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}
