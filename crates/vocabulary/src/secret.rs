//! Secrets that do not show themselves: in logs, errors and debug output only a mask appears.

use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// A key, token or password. `Debug` and `Display` print `***`; read it with [`Secret::expose`].
#[derive(Clone, Default, serde::Deserialize)]
#[serde(from = "String")]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a text that must not appear in output.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(SecretString::from(text.into()))
    }

    /// The secret itself. Name it only where it is used.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// True for an empty secret, which counts as none.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Secret::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A text of which only the last `shown` characters are readable; never more than half of it.
pub fn mask_tail(text: &str, shown: usize) -> String {
    let length = text.chars().count();
    let shown = shown.min(length / 2);
    let tail: String = text.chars().skip(length - shown).collect();
    format!("{}{tail}", "*".repeat(length - shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints_itself() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?} {secret}"), "*** ***");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn a_mask_hides_at_least_half() {
        assert_eq!(mask_tail("081234567890", 4), "********7890");
        assert_eq!(mask_tail("abc", 4), "**c");
        assert_eq!(mask_tail("", 4), "");
    }
}
