//! A player's name as others wrote it: untrusted text, cut and cleaned, never trusted to be shown
//! without escaping.

use crate::account::takes_no_room;
use std::fmt;

/// More characters are cut off: no game here allows as many.
const MAX_CHARS: usize = 48;
/// Marks on one letter that are kept. Piles of them cover the lines above and below.
const MAX_MARKS: usize = 2;

/// A player's name: at most 48 characters on one line, without control characters, marks of writing
/// direction or characters that take no room. Markup in it is still there: escape it where it is shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Nickname(String);

impl Nickname {
    /// Takes what a source calls the player. May end up [empty](Nickname::is_blank): there are players
    /// whose name is made of characters that nobody sees.
    pub fn clean(text: &str) -> Self {
        let visible = text.chars().filter(|c| !unseen(*c)).map(|c| if c.is_whitespace() { ' ' } else { c });
        let (mut name, mut marks) = (String::new(), 0);
        for c in visible {
            marks = if is_mark(c) { marks + 1 } else { 0 };
            let doubled = c == ' ' && (name.is_empty() || name.ends_with(' '));
            if doubled || marks > MAX_MARKS {
                continue;
            }
            name.push(c);
        }
        let cut: String = name.chars().take(MAX_CHARS).collect();
        Nickname(cut.trim().to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True when nothing of the name can be seen.
    pub fn is_blank(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Nickname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Nickname {
    /// Masked: it is a person's name, and debug output ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first: String = self.0.chars().take(1).collect();
        write!(f, "{first}***")
    }
}

/// Control characters, private use, and whatever takes no room or looks like nothing (the fillers of
/// Hangul, the empty Braille cell, tags).
fn unseen(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || takes_no_room(c)
        || matches!(c,
            '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFC}'
            | '\u{E000}'..='\u{F8FF}' | '\u{E0000}'..='\u{E0FFF}' | '\u{F0000}'..='\u{10FFFF}')
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_hides_or_floods_is_taken_out_of_a_name() {
        for (text, expected) in [
            ("Itacimo", "Itacimo"),
            ("  two\t  words\n", "two words"),
            ("「FE」ᴋɪʀɪ", "「FE」ᴋɪʀɪ"),
            ("evil\u{202E}txt.exe", "eviltxt.exe"),
            ("a\u{200B}\u{FEFF}b\u{0}c\u{1b}[31m", "abc[31m"),
            ("\u{3164}\u{3164}", ""),
            ("\u{2066}x\u{2069}", "x"),
            ("<b>@everyone</b>", "<b>@everyone</b>"),
            ("e\u{301}\u{301}\u{301}\u{301}\u{301}", "e\u{301}\u{301}"),
        ] {
            assert_eq!(Nickname::clean(text).as_str(), expected, "{text:?}");
        }
        assert!(Nickname::clean("\u{3164}").is_blank());
        assert_eq!(Nickname::clean(&"ab".repeat(500)).as_str().chars().count(), 48);
    }

    #[test]
    fn a_name_is_masked_in_debug_output() {
        assert_eq!(format!("{:?}", Nickname::clean("Itacimo")), "I***");
    }

    proptest::proptest! {
        #[test]
        fn a_cleaned_name_is_short_and_stays_as_it_is(text in "\\PC{0,80}|[\\x00-\\u{300}]{0,40}") {
            let once = Nickname::clean(&text);
            proptest::prop_assert!(once.as_str().chars().count() <= MAX_CHARS);
            proptest::prop_assert!(!once.as_str().chars().any(char::is_control));
            proptest::prop_assert_eq!(Nickname::clean(once.as_str()), once);
        }
    }
}
