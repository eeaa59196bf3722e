//! What can be bound to a statement: integers, text and bytes, and the words of the vocabulary.

use vocabulary::{Rupiah, Timestamp};

/// A value on its way into a statement. Both engines store these three kinds alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// BIGINT.
    Int(Option<i64>),
    /// TEXT.
    Text(Option<String>),
    /// BLOB or BYTEA.
    Bytes(Option<Vec<u8>>),
}

/// Something that can be bound to a parameter.
pub trait ToValue {
    /// The value that is stored for it.
    fn to_value(&self) -> Value;
    /// The value that is stored when there is none.
    fn absent() -> Value
    where
        Self: Sized;
}

impl<T: ToValue> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
    fn absent() -> Value {
        T::absent()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or_else(T::absent, ToValue::to_value)
    }
    fn absent() -> Value {
        T::absent()
    }
}

macro_rules! as_int {
    ($($type:ty, $this:ident => $int:expr;)+) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Value {
                let $this = self;
                Value::Int(Some($int))
            }
            fn absent() -> Value {
                Value::Int(None)
            }
        }
    )+};
}

as_int! {
    i64, v => *v;
    i32, v => i64::from(*v);
    u32, v => i64::from(*v);
    bool, v => i64::from(*v);
    Rupiah, v => v.get();
    Timestamp, v => v.millis();
}

macro_rules! as_text {
    ($($type:ty),+) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Value {
                Value::Text(Some((*self).to_string()))
            }
            fn absent() -> Value {
                Value::Text(None)
            }
        }
    )+};
}

as_text!(String, &str);

impl ToValue for Vec<u8> {
    fn to_value(&self) -> Value {
        Value::Bytes(Some(self.clone()))
    }
    fn absent() -> Value {
        Value::Bytes(None)
    }
}

impl ToValue for &[u8] {
    fn to_value(&self) -> Value {
        Value::Bytes(Some(self.to_vec()))
    }
    fn absent() -> Value {
        Value::Bytes(None)
    }
}
