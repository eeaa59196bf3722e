//! How many pieces: a count that is at least one and not absurd.

use database::{Error, FromColumn, Key, Row, ToValue, Value};
use std::fmt;

/// The most pieces of one product that the shop can have on hand. The schema repeats it.
pub const MAX_COUNT: u32 = 1_000_000_000;

/// A number of pieces, from 1 to one million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(u32);

/// The number of pieces is zero, negative or absurdly large.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a quantity: it must be from 1 to {max}", max = Quantity::MAX)]
pub struct QuantityError(i64);

impl Quantity {
    /// One piece: what an order buys.
    pub const ONE: Quantity = Quantity(1);

    /// The largest quantity that one movement can carry.
    pub const MAX: u32 = 1_000_000;

    /// A quantity of `pieces`.
    pub fn new(pieces: i64) -> Result<Self, QuantityError> {
        match u32::try_from(pieces) {
            Ok(count @ 1..=Self::MAX) => Ok(Quantity(count)),
            _ => Err(QuantityError(pieces)),
        }
    }

    /// The number of pieces.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl ToValue for Quantity {
    fn to_value(&self) -> Value {
        self.0.to_value()
    }
    fn absent() -> Value {
        Value::Int(None)
    }
}

impl FromColumn for Quantity {
    fn from_column(row: &Row, key: Key<'_>) -> Result<Self, Error> {
        let pieces = i64::from_column(row, key)?;
        Quantity::new(pieces).map_err(|e| Error::Column { column: key.to_string(), reason: e.to_string() })
    }
}
