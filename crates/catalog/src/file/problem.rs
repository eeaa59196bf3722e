//! What is wrong with a file: every fault with its line and column.

use super::Column;
use std::fmt;

/// Everything that is wrong with a file. Nothing of it was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The faults, by line. Never empty.
    pub problems: Vec<FileProblem>,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProblem {
    /// The line, from 1, as an editor counts them.
    pub line: usize,
    /// The column that is wrong; `None` when the line or the file as a whole is.
    pub column: Option<Column>,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// The faults found so far.
#[derive(Default)]
pub(super) struct Problems(Vec<FileProblem>);

impl Problems {
    pub(super) fn at_line(&mut self, line: usize, message: impl Into<String>) {
        self.0.push(FileProblem { line, column: None, message: message.into() });
    }

    pub(super) fn at(&mut self, line: usize, column: Column, message: impl Into<String>) {
        self.0.push(FileProblem { line, column: Some(column), message: message.into() });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_error(mut self) -> FileError {
        // Stable: the faults of one line stay in the order in which they were found.
        self.0.sort_by_key(|problem| problem.line);
        FileError { problems: self.0 }
    }
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) => write!(f, "line {}, column `{column}`: {}", self.line, self.message),
            None => write!(f, "line {}: {}", self.line, self.message),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        write!(f, "the catalog file has {count} problem{}:", if count == 1 { "" } else { "s" })?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for FileError {}
