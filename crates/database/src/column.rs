//! What can be read out of a row, and how a type becomes a column.

use crate::{Error, Row, ToValue, Value};
use serde::{Serialize, de::DeserializeOwned};
use vocabulary::{Rupiah, Timestamp};

/// Which column of a row: by name, or by its place.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// By name.
    Name(&'a str),
    /// By place, from 0.
    At(usize),
}

impl<'a> From<&'a str> for Key<'a> {
    fn from(name: &'a str) -> Self {
        Key::Name(name)
    }
}

impl From<usize> for Key<'_> {
    fn from(place: usize) -> Self {
        Key::At(place)
    }
}

impl std::fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Key::Name(name) => f.write_str(name),
            Key::At(place) => write!(f, "#{place}"),
        }
    }
}

/// Something that can be read from a column.
pub trait FromColumn: Sized {
    /// Reads it, or says what is wrong with what is stored.
    fn from_column(row: &Row, key: Key<'_>) -> Result<Self, Error>;
}

macro_rules! raw {
    ($($type:ty),+) => {$(
        impl FromColumn for $type {
            fn from_column(row: &Row, key: Key<'_>) -> Result<Self, Error> {
                row.raw(key)
            }
        }
    )+};
}

raw!(i64, String, Vec<u8>);

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(row: &Row, key: Key<'_>) -> Result<Self, Error> {
        if row.is_null(key)? { Ok(None) } else { T::from_column(row, key).map(Some) }
    }
}

impl FromColumn for bool {
    fn from_column(row: &Row, key: Key<'_>) -> Result<Self, Error> {
        Ok(row.raw::<i64>(key)? != 0)
    }
}

impl FromColumn for u32 {
    fn from_column(row: &Row, key: Key<'_>) -> Result<Self, Error> {
        u32::try_from(row.raw::<i64>(key)?)
            .map_err(|e| Error::Column { column: key.to_string(), reason: e.to_string() })
    }
}

impl FromColumn for Rupiah {
    fn from_column(row: &Row, key: Key<'_>) -> Result<Self, Error> {
        row.raw(key).map(Rupiah::new)
    }
}

impl FromColumn for Timestamp {
    fn from_column(row: &Row, key: Key<'_>) -> Result<Self, Error> {
        row.raw(key).map(Timestamp::from_millis)
    }
}

/// A value stored as JSON text. Kept as text on both engines, so that what was written reads back
/// to the byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: Serialize> ToValue for Json<T> {
    fn to_value(&self) -> Value {
        // A type whose keys are not text cannot be JSON; the column's NOT NULL then refuses it.
        Value::Text(serde_json::to_string(&self.0).ok())
    }
    fn absent() -> Value {
        Value::Text(None)
    }
}

impl<T: DeserializeOwned> FromColumn for Json<T> {
    fn from_column(row: &Row, key: Key<'_>) -> Result<Self, Error> {
        let text: String = row.raw(key)?;
        serde_json::from_str(&text)
            .map(Json)
            .map_err(|e| Error::Column { column: key.to_string(), reason: e.to_string() })
    }
}

/// Makes types that are one word of text (`Display` and `FromStr`) into columns:
/// `text_column!(OrderState, AttemptState)`.
#[macro_export]
macro_rules! text_column {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::ToValue for $type {
            fn to_value(&self) -> $crate::Value {
                $crate::Value::Text(Some(self.to_string()))
            }
            fn absent() -> $crate::Value {
                $crate::Value::Text(None)
            }
        }

        impl $crate::FromColumn for $type {
            fn from_column(row: &$crate::Row, key: $crate::Key<'_>) -> Result<Self, $crate::Error> {
                let text = <String as $crate::FromColumn>::from_column(row, key)?;
                text.parse().map_err(|e: <$type as std::str::FromStr>::Err| $crate::Error::Column {
                    column: key.to_string(),
                    reason: e.to_string(),
                })
            }
        }
    )+};
}

text_column!(
    vocabulary::Actor,
    vocabulary::AlertId,
    vocabulary::AttemptId,
    vocabulary::AuditEntryId,
    vocabulary::BuyerId,
    vocabulary::CategoryCode,
    vocabulary::IdempotencyKey,
    vocabulary::LedgerTransactionId,
    vocabulary::Locale,
    vocabulary::MovementId,
    vocabulary::OrderId,
    vocabulary::OrderNumber,
    vocabulary::OutboxMessageId,
    vocabulary::ScreenId,
    vocabulary::PaymentId,
    vocabulary::RefundId,
    vocabulary::RefundRequestId,
    vocabulary::StaffWordId,
    vocabulary::PaymentMethod,
    vocabulary::ProductCode,
    vocabulary::QuoteId,
    vocabulary::Reference,
    vocabulary::ReservationId,
    vocabulary::TimelineId,
    vocabulary::WebhookId,
    vocabulary::WibDay,
);
