//! Which crates have examples in their documentation. Running them compiles every one apart, so crates that
//! have none are not asked.

use xtask::house::{Crate, House};

/// The library crates with an example in a doc comment.
pub(crate) fn crates_with_examples(house: &House) -> Vec<&str> {
    let with_examples = house.crates.iter().filter(|member| is_library(member) && has_examples(member));
    with_examples.map(|member| member.name.as_str()).collect()
}

fn is_library(member: &Crate) -> bool {
    let root = format!("{}/src/lib.rs", member.folder);
    member.sources.iter().any(|source| source.path == root)
}

fn has_examples(member: &Crate) -> bool {
    member.sources.iter().any(|source| source.text.lines().any(opens_example))
}

/// A fence in a doc comment, or documentation that is not written here but taken from elsewhere.
fn opens_example(line: &str) -> bool {
    let line = line.trim_start();
    let comment = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
    comment.is_some_and(|text| text.trim_start().starts_with("```")) || line.contains("[doc = include_str!")
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask::house::Source;

    #[test]
    fn examples_are_found_in_libraries() {
        let member = |file: &str, text: &str| Crate {
            name: "x".to_owned(),
            folder: "crates/x".to_owned(),
            sources: vec![Source::new(file, text)],
            ..Crate::default()
        };
        let check = |file: &str, text: &str, expected: &[&str]| {
            let house = House { crates: vec![member(file, text)], ..House::default() };
            assert_eq!(crates_with_examples(&house), expected, "{text}");
        };
        check("crates/x/src/lib.rs", "//! ```\n//! f();\n//! ```\n", &["x"]);
        check("crates/x/src/lib.rs", "    /// ```rust\n", &["x"]);
        check("crates/x/src/lib.rs", "#![doc = include_str!(\"../README.md\")]\n", &["x"]);
        check("crates/x/src/lib.rs", "//! no example\n// ```\n", &[]);
        check("crates/x/src/main.rs", "//! ```\n", &[]);
    }
}
