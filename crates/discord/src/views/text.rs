//! Text of others between ours: names of products and players, which may hold markup.

/// Characters that Discord's markup begins with.
const MARKUP: &[char] =
    &['\\', '*', '_', '~', '`', '|', '<', '>', '[', ']', '(', ')', '#', ':', '@', '-', '+', '!'];

/// A text that is shown as it is: no markup, no mention, no link, one line.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if MARKUP.contains(&c) {
            escaped.push('\\');
        }
        escaped.push(if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c });
    }
    escaped
}

/// A text of at most `most` characters as Discord counts them (UTF-16), its end told by `…`.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let length = |text: &str| text.encode_utf16().count();
    if length(text) <= most {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut left = most.saturating_sub(1);
    for c in text.chars() {
        match left.checked_sub(c.len_utf16()) {
            Some(rest) => left = rest,
            None => break,
        }
        short.push(c);
    }
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_name_is_markup() {
        assert_eq!(escape("**x** <@1> [a](https://b)\n# c"), r"\*\*x\*\* \<\@1\> \[a\]\(https\://b\) \# c");
        assert_eq!(escape("Itacimo 「FE」"), "Itacimo 「FE」");
    }

    proptest::proptest! {
        #[test]
        fn a_cut_text_fits(text in "\\PC{0,60}", most in 1..40_usize) {
            let short = cut(&text, most);
            proptest::prop_assert!(short.encode_utf16().count() <= most);
            proptest::prop_assert!(text.starts_with(short.trim_end_matches('…')));
        }
    }
}
