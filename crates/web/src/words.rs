//! A text in both languages, chosen when the reader is known.

use std::borrow::Cow;
use vocabulary::Locale;

/// One text in Indonesian and in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    indonesian: Cow<'static, str>,
    english: Cow<'static, str>,
}

/// One text in Indonesian and in English.
pub(crate) fn words(
    indonesian: impl Into<Cow<'static, str>>,
    english: impl Into<Cow<'static, str>>,
) -> Words {
    Words { indonesian: indonesian.into(), english: english.into() }
}

impl Words {
    /// The text for this reader.
    pub(crate) fn for_reader(&self, locale: Locale) -> &str {
        locale.pick(&self.indonesian, &self.english)
    }
}
