//! Version numbers as programs print them.

use std::fmt;
use std::process::Command;

/// Up to three numbers; those that a program does not print are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u64, pub(crate) u64, pub(crate) u64);

impl Version {
    /// What `program --version` says, or `None` if it does not run or says nothing of the kind.
    pub(crate) fn of(program: &mut Command) -> Option<Self> {
        let output = program.arg("--version").output().ok()?;
        if !output.status.success() {
            return None;
        }
        Self::read(&String::from_utf8_lossy(&output.stdout))
    }

    /// The first word that begins with a digit, perhaps after a `v`.
    fn read(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace().map(|word| word.strip_prefix('v').unwrap_or(word));
        let word = words.find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
        let mut numbers = word.split('.').map(|part| {
            let digits = part.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            digits.parse().unwrap_or(0)
        });
        Some(Self(numbers.next()?, numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_programs_print_them() {
        let check =
            |text: &str, expected: Option<Version>| assert_eq!(Version::read(text), expected, "{text}");
        check("cargo-nextest 0.9.143 (60fa45f63 2026-08-04)\nrelease: 0.9.143\n", Some(Version(0, 9, 143)));
        check("initdb (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", Some(Version(15, 18, 0)));
        check("initdb (PostgreSQL) 18beta1", Some(Version(18, 0, 0)));
        check("cargo-deny 0.20.2", Some(Version(0, 20, 2)));
        check("cargo-deny 0.21.0-rc.1", Some(Version(0, 21, 0)));
        check("v20.20.2\n", Some(Version(20, 20, 2)));
        check("Python 3.11.7", Some(Version(3, 11, 7)));
        check("no version here", None);
        check("", None);
    }

    #[test]
    fn versions_are_ordered_by_number_and_not_by_text() {
        assert!(Version(0, 9, 100) > Version(0, 9, 99));
        assert!(Version(0, 10, 0) > Version(0, 9, 143));
    }
}
