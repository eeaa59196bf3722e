//! Just enough reading of Rust to judge it by its text: which characters are code, which are comments,
//! and what the string literals say. Parts that only tests compile are left out of both.

/// What announces an item that only tests compile.
const TEST_ONLY: &str = "#[cfg(test)]";

/// A Rust file taken apart.
#[derive(Debug)]
pub(super) struct RustText {
    /// The text with comments and the insides of literals blanked, every character at its old place.
    code: Vec<char>,
    /// The string literals, in order.
    literals: Vec<Literal>,
    /// How many lines belong to tests.
    test_lines: usize,
}

/// One string literal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Literal {
    /// Where its opening quote stands, in characters.
    pub(super) at: usize,
    /// What it says; an escaped character stands for itself, which is all that the rules need.
    pub(super) text: String,
}

impl RustText {
    /// Takes a file apart and leaves out what only tests compile.
    pub(super) fn read(text: &str) -> Self {
        let mut rust = Self::with_tests(text);
        rust.forget_tests();
        rust
    }

    /// Takes a file apart, its tests included.
    pub(super) fn with_tests(text: &str) -> Self {
        let mut reader =
            Reader { rest: text.chars().collect(), at: 0, code: Vec::new(), literals: Vec::new() };
        while reader.step() {}
        Self { code: reader.code, literals: reader.literals, test_lines: 0 }
    }

    /// The string literals.
    pub(super) fn literals(&self) -> &[Literal] {
        &self.literals
    }

    /// How many lines belong to tests.
    pub(super) fn test_lines(&self) -> usize {
        self.test_lines
    }

    /// The line, counted from 1, of a place in the code.
    pub(super) fn line(&self, at: usize) -> usize {
        newlines(self.code.iter().take(at)) + 1
    }

    /// Every place where `word` begins in the code and no longer identifier does.
    pub(super) fn find(&self, word: &str) -> Vec<usize> {
        let word = word.chars().collect::<Vec<_>>();
        let glued =
            |at: usize| at.checked_sub(1).and_then(|before| self.code.get(before)).is_some_and(in_name);
        let starts_name = word.first().is_some_and(in_name);
        let windows = self.code.windows(word.len()).enumerate();
        windows.filter(|(at, w)| **w == *word && !(starts_name && glued(*at))).map(|(at, _)| at).collect()
    }

    /// The identifier that begins at a place; empty when none does.
    pub(super) fn name(&self, at: usize) -> String {
        self.after(at).iter().take_while(|c| in_name(c)).collect()
    }

    /// The code from a place on.
    pub(super) fn after(&self, at: usize) -> &[char] {
        self.code.get(at..).unwrap_or_default()
    }

    /// The place behind the bracket that closes the first one at or after `at`.
    pub(super) fn closing(&self, at: usize) -> usize {
        let mut depth = 0_usize;
        for (offset, c) in self.after(at).iter().enumerate() {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' if depth <= 1 => return at + offset + 1,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
        }
        self.code.len()
    }

    /// Blanks every item that only tests compile.
    fn forget_tests(&mut self) {
        for start in self.find(TEST_ONLY) {
            let end = self.item_end(start + TEST_ONLY.len());
            for c in self.code.iter_mut().take(end).skip(start) {
                *c = blank(*c);
            }
            self.literals.retain(|literal| literal.at < start || literal.at >= end);
            self.test_lines += newlines(self.code.iter().take(end).skip(start)) + 1;
        }
    }

    /// The place behind the item that begins at `at`: its closing brace, or its semicolon.
    fn item_end(&self, at: usize) -> usize {
        let mut depth = 0_usize;
        for (offset, c) in self.after(at).iter().enumerate() {
            match c {
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                '{' if depth == 0 => return self.closing(at + offset),
                ';' if depth == 0 => return at + offset + 1,
                _ => {}
            }
        }
        self.code.len()
    }
}

/// Walks through a file once.
struct Reader {
    rest: Vec<char>,
    at: usize,
    code: Vec<char>,
    literals: Vec<Literal>,
}

impl Reader {
    /// Reads one character, comment or literal; `false` at the end.
    fn step(&mut self) -> bool {
        let Some(c) = self.peek(0) else { return false };
        match (c, self.peek(1)) {
            ('/', Some('/')) => self.line_comment(),
            ('/', Some('*')) => self.block_comment(),
            ('"', _) => self.string(),
            ('r', Some('"' | '#')) if self.raw_string_starts() => self.raw_string(),
            ('\'', _) => self.quote(),
            _ => self.keep(),
        }
        true
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest.get(self.at + ahead).copied()
    }

    fn keep(&mut self) {
        self.code.extend(self.peek(0));
        self.at += 1;
    }

    fn skip(&mut self) {
        self.code.extend(self.peek(0).map(blank));
        self.at += 1;
    }

    fn line_comment(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.skip();
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        while self.peek(0).is_some() {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                _ => {
                    self.skip();
                    continue;
                }
            }
            self.skip();
            self.skip();
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        let (at, mut text) = (self.at, String::new());
        self.keep();
        while let Some(c) = self.peek(0) {
            match c {
                '"' => {
                    self.keep();
                    break;
                }
                '\\' => {
                    self.skip();
                    text.extend(self.peek(0));
                    self.skip();
                }
                _ => {
                    text.push(c);
                    self.skip();
                }
            }
        }
        self.literals.push(Literal { at, text });
    }

    /// Whether the `r` here opens a raw string, and is neither the end of a name nor `r#name`.
    fn raw_string_starts(&self) -> bool {
        let before = |steps: usize| self.at.checked_sub(steps).and_then(|at| self.rest.get(at));
        let ends_a_name = match before(1) {
            Some('b' | 'c') => before(2).is_some_and(in_name),
            other => other.is_some_and(in_name),
        };
        let hashes = self.hashes(1);
        !ends_a_name && self.peek(1 + hashes) == Some('"')
    }

    fn hashes(&self, ahead: usize) -> usize {
        self.rest.iter().skip(self.at + ahead).take_while(|c| **c == '#').count()
    }

    fn raw_string(&mut self) {
        let hashes = self.hashes(1);
        for _ in 0..=hashes {
            self.keep();
        }
        let (at, mut text) = (self.at, String::new());
        self.keep();
        while let Some(c) = self.peek(0) {
            if c == '"' && self.hashes(1) >= hashes {
                for _ in 0..=hashes {
                    self.keep();
                }
                break;
            }
            text.push(c);
            self.skip();
        }
        self.literals.push(Literal { at, text });
    }

    /// A character literal, or the tick of a lifetime.
    fn quote(&mut self) {
        let length = match (self.peek(1), self.peek(2)) {
            (Some('\\'), _) => {
                let closing = self.rest.iter().skip(self.at + 3).position(|c| *c == '\'');
                closing.map_or(1, |offset| offset + 4)
            }
            (Some(_), Some('\'')) => 3,
            _ => return self.keep(),
        };
        self.keep();
        for _ in 1..length {
            self.skip();
        }
    }
}

fn blank(c: char) -> char {
    if c == '\n' { '\n' } else { ' ' }
}

fn in_name(c: &char) -> bool {
    c.is_alphanumeric() || *c == '_'
}

fn newlines<'a>(code: impl Iterator<Item = &'a char>) -> usize {
    code.filter(|c| **c == '\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(rust: &RustText) -> String {
        rust.code.iter().collect()
    }

    fn check(text: &str, code: &str, literals: &[&str]) {
        let rust = RustText::read(text);
        assert_eq!(code_of(&rust), code, "code of {text:?}");
        let said = rust.literals().iter().map(|literal| literal.text.as_str()).collect::<Vec<_>>();
        assert_eq!(said, literals, "literals of {text:?}");
    }

    #[test]
    fn comments_are_not_code() {
        check("a // \"b\"\nc", "a       \nc", &[]);
        check("a /* b /* c */ \" */ d", "a                   d", &[]);
        check("//! top\nfn", "       \nfn", &[]);
    }

    #[test]
    fn strings_are_read_and_blanked() {
        check(r#"f("a b")"#, r#"f("   ")"#, &["a b"]);
        check(r#"f("a\"b", "")"#, r#"f("    ", "")"#, &["a\"b", ""]);
        check("f(\"a\nb\")", "f(\" \n \")", &["a\nb"]);
        check(r##"f(r#"a"b"#, br"c\")"##, r##"f(r#"   "#, br"  ")"##, &["a\"b", "c\\"]);
        check(r#"f("http://x")"#, r#"f("        ")"#, &["http://x"]);
    }

    #[test]
    fn ticks_and_raw_names_are_told_from_literals() {
        check("f('\"', 'a', '\\'', '\\u{41}')", "f('  , '  , '   , '       )", &[]);
        check("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}", &[]);
        check("r#type r#\"x\"#", "r#type r#\" \"#", &["x"]);
    }

    #[test]
    fn what_only_tests_compile_is_left_out() {
        let rust = RustText::read("a(\"x\");\n#[cfg(test)]\nmod tests {\n    b(\"y\");\n}\nc(\"z\");\n");
        assert_eq!(code_of(&rust), "a(\" \");\n            \n           \n           \n \nc(\" \");\n");
        assert_eq!(rust.literals().iter().map(|l| l.text.as_str()).collect::<Vec<_>>(), ["x", "z"]);
        assert_eq!(rust.test_lines(), 4);

        check("#[cfg(test)]\nmod tests;\na", "            \n          \na", &[]);
        check(
            "#[cfg(test)]\nconst A: [u8; 2] = [1; 2];\na",
            &format!("            \n{}\na", " ".repeat(26)),
            &[],
        );
    }

    #[test]
    fn a_word_is_found_where_no_longer_name_holds_it() {
        let rust = RustText::read("sqlx::query; my_sqlx::query; \"sqlx::query\" // sqlx::query");
        assert_eq!(rust.find("sqlx::"), [0]);
        assert_eq!(rust.line(0), 1);
    }
}
