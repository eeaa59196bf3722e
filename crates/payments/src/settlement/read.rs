//! Reading a report: every line is told, or told to be unreadable and why. Pure.

use super::{
    LineKind, SettlementLine, UnreadableLine,
    figure::{self, Figure},
    profile::{Column, ListedBy, SettlementProfile, plain},
};
use std::collections::BTreeMap;
use vocabulary::{Rupiah, Timestamp};

/// Which version of this room reads a file: raised with every change by which the same file is read otherwise, so that
/// importing it again takes the place of what an older version made of it.
pub const SETTLEMENT_READER: u32 = 2;
/// Among so many rows the one with the names of the columns is looked for: reports begin with titles.
const HEADER_WITHIN: usize = 30;
/// How many lines one file may have.
const MOST_LINES: usize = 50_000;
/// How much of a line that cannot be read is kept.
const MOST_TEXT: usize = 1_000;
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A report as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettlementFile {
    /// What could be read.
    pub lines: Vec<SettlementLine>,
    /// What could not.
    pub unreadable: Vec<UnreadableLine>,
    /// Lines at which sums stand, which were passed over.
    pub totals: Vec<i64>,
    /// Which column was taken for what.
    pub columns: Vec<(String, String)>,
    /// By which day it lists.
    pub lists: ListedBy,
    /// Whether refunds would stand in it.
    pub lists_refunds: bool,
}

/// Why nothing of a file can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettlementUnreadable {
    /// Not a text that is known.
    #[error("it is not UTF-8 text: save it as CSV in UTF-8")]
    NotText,
    /// No row names the columns that are needed.
    #[error(
        "no row names a column `{missing}` beside the others that are needed; {found}. Say which it is, like `reference=Order ID`"
    )]
    NoHeader {
        /// The column that is missing.
        missing: String,
        /// What there is instead.
        found: String,
    },
    /// Two signs are used for decimals.
    #[error("{0}")]
    Decimals(String),
    /// Too many lines.
    #[error("it has more than {MOST_LINES} lines: divide it")]
    TooLong,
}

/// A row of the file.
struct Row {
    line: i64,
    cells: Vec<String>,
}

/// Where the columns are, and what the file calls all that it has.
struct Places(BTreeMap<Column, usize>, Vec<String>);

/// Reads a report.
///
/// # Errors
/// When nothing of it can be read: no text, no row with the names of the columns, amounts in two forms, too long. A
/// line that cannot be read is no error: it is told.
pub fn read_settlement(
    bytes: &[u8],
    profile: &SettlementProfile,
) -> Result<SettlementFile, SettlementUnreadable> {
    let text = std::str::from_utf8(bytes).map_err(|_| SettlementUnreadable::NotText)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let delimiters: &[u8] = profile.delimiter.as_ref().map_or(&DELIMITERS, std::slice::from_ref);
    let mut nearest: Option<((usize, usize), Column, Vec<String>)> = None;
    for delimiter in delimiters {
        let (rows, broken) = rows(text, *delimiter);
        if rows.len().saturating_add(broken.len()) > MOST_LINES {
            return Err(SettlementUnreadable::TooLong);
        }
        for (at, row) in rows.iter().take(HEADER_WITHIN).enumerate() {
            match Places::of(profile, &row.cells) {
                Ok(places) => {
                    let body = rows.iter().skip(at.saturating_add(1)).collect::<Vec<_>>();
                    return read_lines(profile, &places, &body, broken);
                }
                // The more columns are known, and then the more there are, the nearer it is.
                Err((known, missing))
                    if nearest.as_ref().is_none_or(|(most, ..)| (known, row.cells.len()) > *most) =>
                {
                    nearest = Some(((known, row.cells.len()), missing, row.cells.clone()));
                }
                Err(_) => {}
            }
        }
    }
    let (_, missing, cells) = nearest.unwrap_or(((0, 0), Column::Reference, Vec::new()));
    let found = match cells.is_empty() {
        true => "it is empty".to_owned(),
        false => format!("the row that comes nearest is `{}`", cells.join(" | ")),
    };
    Err(SettlementUnreadable::NoHeader { missing: profile.name(missing).to_owned(), found })
}

impl Places {
    /// The columns of a row of names; how many are known, and which is missing, when it is none.
    fn of(profile: &SettlementProfile, header: &[String]) -> Result<Places, (usize, Column)> {
        let found = Column::ALL.iter().filter_map(|column| Some((*column, profile.find(*column, header)?)));
        let mut places: BTreeMap<Column, usize> = found.collect();
        // One column can be one thing.
        let taken: Vec<(Column, usize)> = places.iter().map(|(column, at)| (*column, *at)).collect();
        for (n, (column, at)) in taken.iter().enumerate() {
            if taken.iter().take(n).any(|(_, other)| other == at) && !profile.columns.contains_key(column) {
                places.remove(column);
            }
        }
        let named = profile.columns.keys().copied();
        let needed = [Column::Reference, Column::Gross].into_iter().chain(named);
        match needed.into_iter().find(|column| !places.contains_key(column)) {
            Some(missing) => Err((places.len(), missing)),
            None => Ok(Places(places, header.to_vec())),
        }
    }

    /// What the file calls this column.
    fn name(&self, column: Column) -> &str {
        self.0.get(&column).and_then(|at| self.1.get(*at)).map_or(column.as_str(), String::as_str)
    }

    fn cell<'a>(&self, column: Column, row: &'a Row) -> Option<&'a str> {
        let text = row.cells.get(*self.0.get(&column)?)?.trim();
        // A spreadsheet keeps it from being taken for a number in this way.
        let text = text.strip_prefix('\'').unwrap_or(text);
        Some(text).filter(|text| !text.is_empty() && *text != "-")
    }
}

/// The rows of a text, and those that are no rows.
fn rows(text: &str, delimiter: u8) -> (Vec<Row>, Vec<UnreadableLine>) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let (mut rows, mut broken) = (Vec::new(), Vec::new());
    let mut line: i64 = 0;
    for record in reader.records() {
        // What divides lines is more to the reader than to its count of them: no two rows have one number.
        let next = line.saturating_add(1);
        let at = |position: Option<&csv::Position>| {
            position.and_then(|at| i64::try_from(at.line()).ok()).unwrap_or(next).max(next)
        };
        match record {
            Ok(record) => {
                line = at(record.position());
                let cells: Vec<String> = record.iter().map(str::to_owned).collect();
                if cells.iter().any(|cell| swallows(cell, delimiter)) {
                    let reason =
                        "a quotation mark is not closed, and what comes behind it is lost in one field";
                    let text = cells.join(" | ").chars().take(MOST_TEXT).collect();
                    broken.push(UnreadableLine { line, reason: reason.to_owned(), text });
                } else if cells.iter().any(|cell| !cell.is_empty()) {
                    rows.push(Row { line, cells });
                }
            }
            Err(error) => {
                line = at(error.position());
                broken.push(UnreadableLine { line, reason: error.to_string(), text: String::new() });
            }
        }
    }
    (rows, broken)
}

/// Whether rows stand in this field. An address may have a line of its own; columns it has none.
fn swallows(cell: &str, delimiter: u8) -> bool {
    cell.lines().skip(1).any(|line| line.as_bytes().contains(&delimiter))
}

fn read_lines(
    profile: &SettlementProfile,
    places: &Places,
    body: &[&Row],
    broken: Vec<UnreadableLine>,
) -> Result<SettlementFile, SettlementUnreadable> {
    let amounts = [Column::Gross, Column::Fee, Column::Tax, Column::Net];
    let cells = body.iter().flat_map(|row| amounts.iter().filter_map(|column| places.cell(*column, row)));
    let decimal = match profile.decimal {
        Some(decimal) => decimal,
        None => figure::decimal_of(cells).map_err(SettlementUnreadable::Decimals)?,
    };
    let has_types = places.0.contains_key(&Column::Type);
    let named = places.0.keys().map(|column| (column.to_string(), places.name(*column).to_owned()));
    let mut file = SettlementFile {
        lines: Vec::new(),
        unreadable: broken,
        totals: Vec::new(),
        columns: named.collect(),
        lists: profile.lists(),
        lists_refunds: profile.lists_refunds.unwrap_or(has_types),
    };
    let grosses = body.iter().filter_map(|row| places.cell(Column::Gross, row));
    let is_signed = grosses.filter_map(|cell| Figure::read(cell, decimal)).any(Figure::is_negative);
    for row in body {
        if is_total(places, row) {
            file.totals.push(row.line);
            continue;
        }
        match read_line(profile, places, decimal, row) {
            // Where nothing is written below zero, a fee is no less kept.
            Ok(line) if line.kind == LineKind::Fee && !is_signed => {
                let gross = Rupiah::new(line.gross.get().saturating_neg());
                file.lines.push(SettlementLine { gross, ..line });
            }
            Ok(line) => file.lines.push(line),
            Err(reason) => {
                let text: String = row.cells.join(" | ").chars().take(MOST_TEXT).collect();
                file.unreadable.push(UnreadableLine { line: row.line, reason, text });
            }
        }
    }
    Ok(file)
}

/// Whether sums stand in this row: it names no payment, and its first word says so.
fn is_total(places: &Places, row: &Row) -> bool {
    let first = row.cells.iter().find(|cell| !cell.is_empty()).map(|cell| plain(cell)).unwrap_or_default();
    let says_so = ["total", "grandtotal", "subtotal", "jumlah"].iter().any(|word| first.starts_with(word));
    let reference = places.cell(Column::Reference, row).map(plain);
    says_so && reference.is_none_or(|reference| reference == first)
}

fn read_line(
    profile: &SettlementProfile,
    places: &Places,
    decimal: char,
    row: &Row,
) -> Result<SettlementLine, String> {
    let figure = |column: Column| match places.cell(column, row) {
        None => Ok(None),
        Some(text) => match Figure::read(text, decimal) {
            Some(figure) => Ok(Some(figure)),
            None => Err(format!("`{text}` in `{}` is no amount", places.name(column))),
        },
    };
    let moment = |column: Column| match places.cell(column, row) {
        None => Ok(None),
        Some(text) => match read_moment(profile, text) {
            Some(at) => Ok(Some(at)),
            None => Err(format!(
                "`{text}` in `{}` is no date that is known: say how it is written, like `date=%d/%m/%Y %H:%M`",
                places.name(column)
            )),
        },
    };
    let gross = figure(Column::Gross)?
        .ok_or_else(|| format!("there is nothing in `{}`", places.name(Column::Gross)))?;
    let whole = gross.whole().ok_or("the amount is not whole rupiah")?;
    let word = places.cell(Column::Type, row).unwrap_or_default().to_owned();
    let kind = match (places.0.contains_key(&Column::Type), gross.is_negative()) {
        (true, _) => profile.kind(&word),
        (false, true) => LineKind::Refund,
        (false, false) => LineKind::Payment,
    };
    if kind == LineKind::Payment && !whole.is_positive() {
        return Err("a payment of nothing or less".into());
    }
    let is_sized = matches!(kind, LineKind::Payment | LineKind::Refund | LineKind::Chargeback);
    if is_sized && whole == Rupiah::ZERO {
        return Err("an amount of nothing".into());
    }
    let text = |column: Column| places.cell(column, row).unwrap_or_default().to_owned();
    let (reference, their_id) = (text(Column::Reference), text(Column::Id));
    if is_sized && reference.is_empty() && their_id.is_empty() {
        return Err("it names neither our reference nor an id of theirs".into());
    }
    let (fee, tax, net) = (figure(Column::Fee)?, figure(Column::Tax)?, figure(Column::Net)?);
    Ok(SettlementLine {
        line: row.line,
        kind,
        reference,
        their_id,
        gross: if is_sized { gross.size().rounded() } else { whole },
        fee: match kind {
            LineKind::Payment => kept(gross, fee, tax, net)?,
            LineKind::Refund | LineKind::Chargeback => kept_back(gross, fee, tax, net),
            LineKind::Fee | LineKind::Other => None,
        },
        paid_at: moment(Column::Paid)?,
        settled_at: moment(Column::Settled)?,
        word,
    })
}

/// What was kept of a payment: what its net amount lacks, which must be what the file calls its fee; without a net
/// amount, the fee and the tax.
fn kept(
    gross: Figure,
    fee: Option<Figure>,
    tax: Option<Figure>,
    net: Option<Figure>,
) -> Result<Option<Rupiah>, String> {
    let (fee, tax) = (fee.map(Figure::size), tax.map(Figure::size));
    let both = match (fee, tax) {
        (Some(fee), Some(tax)) => Some(fee.plus(tax)),
        (fee, tax) => fee.or(tax),
    };
    let Some(net) = net else { return Ok(both.map(Figure::rounded)) };
    let kept = gross.minus(net);
    let fits = |told: Option<Figure>| told.is_none_or(|told| told.is_near(kept));
    if fits(both) || fee.is_some_and(|fee| fee.is_near(kept)) {
        Ok(Some(kept.rounded()))
    } else {
        Err("amount less fee is not the net amount: is a column of tax missing (`tax=…`)?".into())
    }
}

/// What was kept on top of money that went back, or, below zero, given back with it. A column of fees may say what was
/// kept of the payment at its time, so only the net amount tells; one that fits nothing tells nothing.
fn kept_back(gross: Figure, fee: Option<Figure>, tax: Option<Figure>, net: Option<Figure>) -> Option<Rupiah> {
    let net = net.filter(|net| net.is_negative() == gross.is_negative())?;
    let over = net.size().minus(gross.size());
    let (fee, tax) = (fee.map(Figure::size), tax.map(Figure::size));
    let both = match (fee, tax) {
        (Some(fee), Some(tax)) => Some(fee.plus(tax)),
        (fee, tax) => fee.or(tax),
    };
    let fits =
        both.is_none_or(|both| both.is_near(over.size())) || fee.is_some_and(|fee| fee.is_near(over.size()));
    fits.then(|| over.rounded()).filter(|kept| *kept != Rupiah::ZERO)
}

fn read_moment(profile: &SettlementProfile, text: &str) -> Option<Timestamp> {
    let by_form =
        profile.forms.iter().find_map(|form| Timestamp::parse_in(text, form, profile.minutes_ahead).ok());
    // A time that says its own offset is right whatever was said.
    by_form.or_else(|| Timestamp::parse_rfc3339(text).ok())
}
