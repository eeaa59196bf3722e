//! What commands print: tables for people, JSON for programs, data on standard output only.

use comfy_table::{Cell, CellAlignment, Table, presets};
use serde_json::Value;
use std::{io::Write, process::ExitCode};

/// The check found something wrong.
pub(crate) fn check_failed() -> ExitCode {
    ExitCode::from(4)
}

/// What was asked for is not there.
pub(crate) fn not_found() -> ExitCode {
    ExitCode::from(3)
}

/// Prints a text, and lives on when nobody reads it (`loket … | head`).
pub(crate) fn print(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{}", text.trim_end());
}

/// Prints JSON.
pub(crate) fn print_json(value: &Value) {
    print(&serde_json::to_string_pretty(value).unwrap_or_default());
}

/// A table with these headings; columns named in `right` are aligned to the right.
pub(crate) fn table(headings: &[&str], right: &[usize], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    let align = |index: usize, text: String| {
        let cell = Cell::new(text);
        if right.contains(&index) { cell.set_alignment(CellAlignment::Right) } else { cell }
    };
    table.set_header(headings.iter().enumerate().map(|(index, text)| align(index, (*text).to_owned())));
    for row in rows {
        table.add_row(row.into_iter().enumerate().map(|(index, text)| align(index, text)));
    }
    table.to_string()
}
