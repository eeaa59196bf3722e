//! Short names given by people: category and product codes, buyers, idempotency keys.

use std::{fmt, str::FromStr};

/// Why a text is no code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind}: {rule}")]
pub struct CodeError {
    /// What was expected.
    pub kind: &'static str,
    /// The rule that it breaks.
    pub rule: &'static str,
    /// What was given, cut short.
    pub text: String,
}

macro_rules! code_type {
    ($(#[$meta:meta])* $name:ident, $kind:literal, $rule:literal, $max:literal, $upper:literal, $fits:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = CodeError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let fits: fn(u8) -> bool = $fits;
                if text.is_empty() || text.len() > $max || !text.bytes().all(fits) {
                    let text = text.chars().take(40).collect();
                    return Err(CodeError { kind: $kind, rule: $rule, text });
                }
                Ok($name(if $upper { text.to_ascii_uppercase() } else { text.to_owned() }))
            }
        }
    };
}

code_type!(
    /// Code of a game category (`ML`, `FF`). Read in any case, kept in capitals.
    CategoryCode, "category code", "1 to 32 letters, digits or `_`", 32, true,
    |b| b.is_ascii_alphanumeric() || b == b'_'
);
code_type!(
    /// Code of a game product (`ML_86`). Read in any case, kept in capitals.
    ProductCode, "product code", "1 to 64 letters, digits or `_`", 64, true,
    |b| b.is_ascii_alphanumeric() || b == b'_'
);
code_type!(
    /// Who buys: the caller's own customer id, in the caller's name space.
    BuyerId, "buyer id", "1 to 128 visible ASCII characters", 128, false,
    |b| b.is_ascii_graphic()
);
code_type!(
    /// The caller's key that makes a repeated request harmless.
    IdempotencyKey, "idempotency key", "1 to 255 visible ASCII characters", 255, false,
    |b| b.is_ascii_graphic()
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_in_any_case_and_nothing_else_is() {
        assert_eq!("ml_86".parse::<ProductCode>().unwrap().as_str(), "ML_86");
        for text in ["", "ML 86", "ML-86", "ML_86;", "é", &"A".repeat(65)] {
            assert!(text.parse::<ProductCode>().is_err(), "{text:?} was read");
        }
        assert!("two words".parse::<IdempotencyKey>().is_err());
        assert!("\u{0}".parse::<BuyerId>().is_err());
    }
}
