//! Reading a file: all of it, or everything that is wrong with it.
//!
//! A row is a line, so that a forgotten quotation mark spoils one line and not the rest of the
//! file. Windows and old Macintosh line ends, a byte order mark, comment lines (`#`), empty lines
//! and the semicolons that spreadsheets write in Indonesia are read without a word.

use super::{
    Catalog, CategoryEntry, Column, FileError, InitialStock, MAX_BYTES, MAX_ROWS, ProductEntry,
    field::{self, shorten},
    problem::Problems,
};
use crate::account::{ServerRule, server_rule};
use std::collections::{BTreeMap, HashMap};
use vocabulary::{CategoryCode, ProductCode};

/// Reads a catalog file.
///
/// # Errors
/// Every fault that it has, each with its line and column.
pub fn parse(bytes: &[u8]) -> Result<Catalog, FileError> {
    let mut problems = Problems::default();
    let Some(text) = decode(bytes, &mut problems) else {
        return Err(problems.into_error());
    };
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let mut lines =
        text.split('\n').enumerate().map(|(index, line)| (index + 1, line)).filter(|(_, l)| !blank(l));

    let Some(header) = lines.next().and_then(|(number, line)| Header::read(number, line, &mut problems))
    else {
        if problems.is_empty() {
            problems
                .at_line(1, format!("the file is empty; it must begin with the line `{}`", Header::text()));
        }
        return Err(problems.into_error());
    };
    let mut draft = Draft::default();
    for (count, (number, line)) in lines.enumerate() {
        if count >= MAX_ROWS {
            problems.at_line(number, format!("the file has more than {MAX_ROWS} rows"));
            break;
        }
        if let Some(row) = header.row(number, line, &mut problems) {
            draft.take(&row, &mut problems);
        }
    }
    let catalog = draft.finish(&mut problems);
    if problems.is_empty() { Ok(catalog) } else { Err(problems.into_error()) }
}

fn decode<'a>(bytes: &'a [u8], problems: &mut Problems) -> Option<&'a str> {
    if bytes.len() > MAX_BYTES {
        problems.at_line(1, format!("the file is larger than {} MiB", MAX_BYTES / 1024 / 1024));
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{FEFF}').unwrap_or(text)),
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = good.iter().filter(|b| **b == b'\n').count() + 1;
            problems.at_line(line, "this is not UTF-8 text; save the file as “CSV UTF-8”");
            None
        }
    }
}

/// Which field of a line belongs to which column.
struct Header {
    columns: Vec<Column>,
    delimiter: u8,
}

/// One line, by column.
struct Row {
    line: usize,
    values: BTreeMap<Column, String>,
}

impl Header {
    fn text() -> String {
        let needed = Column::ALL.iter().filter(|column| !column.is_optional());
        needed.map(|c| c.as_str()).collect::<Vec<_>>().join(",")
    }

    fn read(line: usize, text: &str, problems: &mut Problems) -> Option<Header> {
        let delimiter = if text.contains(';') && !text.contains(',') { b';' } else { b',' };
        let names = split(text, delimiter).map_err(|message| problems.at_line(line, message)).ok()?;
        let mut columns = Vec::new();
        for name in &names {
            match name.to_ascii_lowercase().parse::<Column>() {
                Ok(column) if columns.contains(&column) => {
                    problems.at(line, column, "the header names it twice")
                }
                Ok(column) => columns.push(column),
                Err(_) => problems.at_line(line, format!("`{}` is not a column of this file", shorten(name))),
            }
        }
        for column in Column::ALL.iter().filter(|c| !c.is_optional() && !columns.contains(c)) {
            problems.at(line, *column, "the header does not name it");
        }
        problems.is_empty().then_some(Header { columns, delimiter })
    }

    /// The fields of one line; `None` for a line that is empty or cannot be taken apart.
    fn row(&self, line: usize, text: &str, problems: &mut Problems) -> Option<Row> {
        let mut fields =
            split(text, self.delimiter).map_err(|message| problems.at_line(line, message)).ok()?;
        if fields.iter().all(String::is_empty) {
            return None;
        }
        let wanted = self.columns.len();
        let surplus = fields.iter().skip(wanted).any(|field| !field.is_empty());
        if fields.len() < wanted || surplus {
            let found = fields.len();
            problems.at_line(line, format!(
                "it has {found} fields, and the header has {wanted}; a text that contains a separator needs quotation marks"
            ));
            return None;
        }
        fields.truncate(wanted);
        Some(Row { line, values: self.columns.iter().copied().zip(fields).collect() })
    }
}

/// The fields of one line, without the spaces around them.
fn split(line: &str, delimiter: u8) -> Result<Vec<String>, String> {
    if !line.matches('"').count().is_multiple_of(2) {
        return Err("a quotation mark has no partner on this line; a field cannot go on in the next".into());
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .buffer_capacity(line.len().clamp(64, 8_192))
        .from_reader(line.as_bytes());
    let mut record = csv::StringRecord::new();
    reader.read_record(&mut record).map_err(|e| e.to_string())?;
    Ok(record.iter().map(str::to_owned).collect())
}

impl Row {
    fn get(&self, column: Column) -> &str {
        self.values.get(&column).map_or("", String::as_str)
    }

    /// Reads one field; notes the fault when it breaks its rule.
    fn field<T, E: ToString>(
        &self,
        column: Column,
        problems: &mut Problems,
        rule: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        rule(self.get(column)).map_err(|fault| problems.at(self.line, column, fault.to_string())).ok()
    }

    fn names_only_a_category(&self) -> bool {
        Column::ALL.iter().filter(|c| **c >= Column::Code).all(|c| self.get(*c).is_empty())
    }
}

/// What was read so far.
#[derive(Default)]
struct Draft {
    categories: Vec<CategoryDraft>,
    places: HashMap<CategoryCode, usize>,
    products: Vec<ProductEntry>,
    lines: HashMap<ProductCode, usize>,
}

/// A category, put together from its rows. Each part remembers the line that gave it.
struct CategoryDraft {
    code: CategoryCode,
    line: usize,
    name: Option<(usize, String)>,
    icon: Option<(usize, String)>,
    active: Option<(usize, bool)>,
}

impl Draft {
    fn take(&mut self, row: &Row, problems: &mut Problems) {
        let category = row.field(Column::CategoryCode, problems, str::parse::<CategoryCode>);
        if let Some(code) = &category {
            self.take_category(code, row, problems);
        }
        if !row.names_only_a_category() {
            self.take_product(category, row, problems);
        }
    }

    fn take_category(&mut self, code: &CategoryCode, row: &Row, problems: &mut Problems) {
        let line = row.line;
        let place = *self.places.entry(code.clone()).or_insert(self.categories.len());
        if place == self.categories.len() {
            self.categories.push(CategoryDraft {
                code: code.clone(),
                line,
                name: None,
                icon: None,
                active: None,
            });
        }
        let Some(draft) = self.categories.get_mut(place) else { return };
        let given = |column| !row.get(column).is_empty();
        if given(Column::CategoryName) {
            let name = row.field(Column::CategoryName, problems, |v| field::name(v, 50));
            agree(&mut draft.name, name, row, Column::CategoryName, problems);
        }
        if given(Column::CategoryIcon) {
            let icon = row.field(Column::CategoryIcon, problems, |v| field::text(v, 16));
            agree(&mut draft.icon, icon, row, Column::CategoryIcon, problems);
        }
        if given(Column::CategoryActive) {
            let active = row.field(Column::CategoryActive, problems, field::yes_or_no);
            agree(&mut draft.active, active, row, Column::CategoryActive, problems);
        }
    }

    fn take_product(&mut self, category: Option<CategoryCode>, row: &Row, problems: &mut Problems) {
        let server = category.as_ref().map_or(ServerRule::Optional, server_rule);
        let code = row.field(Column::Code, problems, str::parse::<ProductCode>);
        if let Some(code) = &code {
            match self.lines.get(code) {
                Some(first) => {
                    problems.at(row.line, Column::Code, format!("`{code}` is on line {first} too"))
                }
                None => _ = self.lines.insert(code.clone(), row.line),
            }
        }
        let name = row.field(Column::Name, problems, |v| field::name(v, 100));
        let price = row.field(Column::Price, problems, field::amount);
        let cost = row.field(Column::Cost, problems, field::amount);
        if let (Some(price), Some(cost)) = (price, cost)
            && cost > price
        {
            let message = format!("{cost} is above the price of {price}: every sale would lose money");
            problems.at(row.line, Column::Cost, message);
        }
        let on_hand = row.field(Column::Stock, problems, field::pieces);
        let minimum = row.field(Column::MinimumStock, problems, field::pieces);
        let supplier = row.field(Column::Supplier, problems, field::supplier);
        let supplier_sku = row.field(Column::SupplierSku, problems, field::sku);
        let template = row.field(Column::CustomerTemplate, problems, |v| field::template(v, server));
        let description = row.field(Column::Description, problems, |v| field::text(v, 200));
        let active = row.field(Column::Active, problems, field::yes_or_no);
        let own = (supplier.as_deref(), supplier_sku.as_deref(), template.as_ref());
        let routes = match row.values.get(&Column::Routes) {
            None => Some(None),
            Some(_) => row.field(Column::Routes, problems, |v| field::routes(v, server, own)).map(Some),
        };
        let seller = match row.values.get(&Column::Seller) {
            None => Some(None),
            Some(_) => row.field(Column::Seller, problems, field::seller).map(Some),
        };

        let entry = || {
            Some(ProductEntry {
                category: category?,
                code: code?,
                name: name?,
                price: price?,
                cost: cost?,
                stock: InitialStock { on_hand: on_hand?, minimum: minimum? },
                supplier: supplier?,
                supplier_sku: supplier_sku?,
                customer_template: template?,
                description: description?,
                active: active?,
                routes: routes?,
                seller: seller?,
            })
        };
        self.products.extend(entry());
    }

    fn finish(self, problems: &mut Problems) -> Catalog {
        let mut categories = Vec::with_capacity(self.categories.len());
        for CategoryDraft { code, line, name, icon, active } in self.categories {
            let Some((_, name)) = name else {
                let message = format!("the category `{code}` is unknown: none of its rows gives it a name");
                problems.at(line, Column::CategoryName, message);
                continue;
            };
            let icon = icon.map(|(_, icon)| icon).unwrap_or_default();
            categories.push(CategoryEntry {
                code,
                name,
                icon,
                active: active.is_none_or(|(_, active)| active),
            });
        }
        Catalog { categories, products: self.products }
    }
}

/// Keeps the first value that is given, and notes one that differs from it.
fn agree<T: PartialEq>(
    kept: &mut Option<(usize, T)>,
    value: Option<T>,
    row: &Row,
    column: Column,
    problems: &mut Problems,
) {
    match (&*kept, value) {
        (_, None) => {}
        (None, Some(value)) => *kept = Some((row.line, value)),
        (Some((_, same)), Some(value)) if *same == value => {}
        (Some((first, _)), Some(_)) => {
            problems.at(
                row.line,
                column,
                format!("it is not what line {first} says about the same category"),
            );
        }
    }
}
