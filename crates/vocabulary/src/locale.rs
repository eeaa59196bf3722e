//! The languages that screens speak.

crate::text_enum!(
    /// Language of a text for a person. Indonesian unless the reader's client asks for English.
    pub enum Locale {
        /// Bahasa Indonesia.
        Indonesian = "id",
        /// English.
        English = "en",
    }
);

impl Locale {
    /// The reader's language by an `Accept-Language` header: the first of `id` and `en` that it
    /// names with the highest weight; Indonesian when it names neither.
    pub fn from_accept_language(header: Option<&str>) -> Locale {
        let mut best = (Locale::Indonesian, 0u32);
        for part in header.unwrap_or_default().split(',').take(20) {
            let mut pieces = part.trim().split(';');
            let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = pieces
                .find_map(|p| p.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()))
                .unwrap_or(1.0);
            let weight = (weight.clamp(0.0, 1.0) * 1000.0) as u32;
            let locale = match tag.split('-').next() {
                Some("id" | "in") => Locale::Indonesian,
                Some("en") => Locale::English,
                _ => continue,
            };
            if weight > best.1 {
                best = (locale, weight);
            }
        }
        best.0
    }

    /// The text of this language out of a pair.
    pub fn pick<'a>(self, indonesian: &'a str, english: &'a str) -> &'a str {
        match self {
            Locale::Indonesian => indonesian,
            Locale::English => english,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_gets_the_language_that_the_browser_prefers() {
        for (header, expected) in [
            (None, Locale::Indonesian),
            (Some(""), Locale::Indonesian),
            (Some("en-US,en;q=0.9"), Locale::English),
            (Some("id-ID,id;q=0.9,en;q=0.8"), Locale::Indonesian),
            (Some("en;q=0.3, id;q=0.7"), Locale::Indonesian),
            (Some("fr, en;q=0.5"), Locale::English),
            (Some(";;;q=,,"), Locale::Indonesian),
        ] {
            assert_eq!(Locale::from_accept_language(header), expected, "{header:?}");
        }
    }
}
