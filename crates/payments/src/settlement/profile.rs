//! How the reports of a gateway are written: which column is what, in the owner's words. What is not said is guessed
//! from the names that columns usually have.

use super::LineKind;
use std::{collections::BTreeMap, str::FromStr};

vocabulary::text_enum!(
    /// What a column can be.
    pub(super) enum Column {
        /// Our reference.
        Reference = "reference",
        /// The gateway's own id.
        Id = "id",
        /// What came in, or went back.
        Gross = "gross",
        /// What was kept.
        Fee = "fee",
        /// The tax on what was kept, when it has a column of its own.
        Tax = "tax",
        /// What is left.
        Net = "net",
        /// When it was paid.
        Paid = "paid",
        /// When it was settled with the shop.
        Settled = "settled",
        /// What the line is about.
        Type = "type",
    }
);

vocabulary::text_enum!(
    /// By which day a gateway makes its reports.
    pub enum ListedBy {
        /// The day on which it settles with the shop.
        Settled = "settled",
        /// The day on which the buyer paid, or was given back.
        Paid = "paid",
    }
);
database::text_column!(ListedBy);

/// The forms that moments are tried by when nothing is said; days before months, as Indonesia writes them.
const FORMS: &[&str] = &[
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y, %H:%M",
    "%d %b %Y %H:%M",
    "%d %b %Y",
];
/// How far a place on earth can be ahead of UTC, or behind it, in minutes.
const FURTHEST: i32 = 14 * 60;
const WIB_MINUTES: i32 = 7 * 60;

/// How the reports of one gateway are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettlementProfile {
    pub(super) columns: BTreeMap<Column, String>,
    pub(super) words: BTreeMap<LineKind, Vec<String>>,
    pub(super) decimal: Option<char>,
    pub(super) delimiter: Option<u8>,
    pub(super) forms: Vec<String>,
    pub(super) minutes_ahead: i32,
    pub(super) lists: Option<ListedBy>,
    pub(super) lists_refunds: Option<bool>,
}

/// What is wrong with the description of a report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{entry}`: {reason}")]
pub struct SettlementProfileError {
    entry: String,
    reason: String,
}

impl Default for SettlementProfile {
    fn default() -> Self {
        SettlementProfile {
            columns: BTreeMap::new(),
            words: BTreeMap::new(),
            decimal: None,
            delimiter: None,
            forms: FORMS.iter().map(|form| (*form).to_owned()).collect(),
            minutes_ahead: WIB_MINUTES,
            lists: None,
            lists_refunds: None,
        }
    }
}

impl FromStr for SettlementProfile {
    type Err = SettlementProfileError;

    /// `reference=Order ID; gross=Amount; decimal=,`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut profile = SettlementProfile::default();
        for entry in text.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
            profile.say(entry)?;
        }
        Ok(profile)
    }
}

impl SettlementProfile {
    /// Takes one thing said about the reports, such as `reference=Order ID`.
    ///
    /// # Errors
    /// When it says nothing that can be read.
    pub fn say(&mut self, entry: &str) -> Result<(), SettlementProfileError> {
        let wrong = |reason: String| SettlementProfileError { entry: entry.to_owned(), reason };
        let (name, value) =
            entry.split_once('=').ok_or_else(|| wrong(format!("there is no `=`; {}", known())))?;
        let (name, value) = (name.trim(), value.trim());
        if value.is_empty() {
            return Err(wrong("nothing stands behind `=`".into()));
        }
        if let Ok(column) = name.parse::<Column>() {
            self.columns.insert(column, value.to_owned());
            return Ok(());
        }
        match name {
            "decimal" => {
                self.decimal = match value {
                    "." | "point" => Some('.'),
                    "," | "comma" => Some(','),
                    "auto" => None,
                    _ => return Err(wrong("it is `.`, `,` or `auto`".into())),
                }
            }
            "delimiter" => {
                self.delimiter = match value {
                    "comma" | "," => Some(b','),
                    "semicolon" => Some(b';'),
                    "tab" => Some(b'\t'),
                    "pipe" | "|" => Some(b'|'),
                    "auto" => None,
                    _ => return Err(wrong("it is `comma`, `semicolon`, `tab`, `pipe` or `auto`".into())),
                }
            }
            "date" => self.forms = value.split('|').map(|form| form.trim().to_owned()).collect(),
            "offset" => {
                self.minutes_ahead =
                    offset(value).ok_or_else(|| wrong("it is like `+07:00` or `+00:00`".into()))?;
            }
            "lists" => {
                self.lists = Some(value.parse().map_err(|_| wrong("it is `settled` or `paid`".into()))?)
            }
            "refunds" => {
                self.lists_refunds = match value {
                    "yes" => Some(true),
                    "no" => Some(false),
                    _ => {
                        return Err(wrong(
                            "it is `yes` or `no`: whether refunds stand in these reports".into(),
                        ));
                    }
                }
            }
            _ => {
                let kind = name.strip_prefix("type.").and_then(|kind| kind.parse::<LineKind>().ok());
                let Some(kind) = kind else { return Err(wrong(known())) };
                self.words.insert(kind, value.split('|').map(plain).collect());
            }
        }
        Ok(())
    }

    /// By which day the reports are made.
    pub fn lists(&self) -> ListedBy {
        self.lists.unwrap_or(ListedBy::Settled)
    }

    /// Which column of these is meant; of the usual names the first that is there.
    pub(super) fn find(&self, column: Column, header: &[String]) -> Option<usize> {
        let at = |name: &str| header.iter().position(|cell| plain(cell) == plain(name));
        match self.columns.get(&column) {
            Some(named) => at(named),
            None => usual(column).iter().find_map(|name| at(name)),
        }
    }

    /// What the owner calls this column, or its own name.
    pub(super) fn name(&self, column: Column) -> &str {
        self.columns.get(&column).map_or(column.as_str(), String::as_str)
    }

    /// What a word in the column of types means.
    pub(super) fn kind(&self, word: &str) -> LineKind {
        let word = plain(word);
        let said = self.words.iter().find(|(_, words)| words.contains(&word));
        if let Some((kind, _)) = said {
            return *kind;
        }
        let usual = LineKind::ALL.iter().find(|kind| usual_words(**kind).contains(&word.as_str()));
        usual.copied().unwrap_or(LineKind::Other)
    }
}

/// Letters and digits alone, in lower case.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn known() -> String {
    let columns: Vec<&str> = Column::ALL.iter().map(|column| column.as_str()).collect();
    let kinds: Vec<String> = LineKind::ALL.iter().map(|kind| format!("type.{kind}")).collect();
    format!(
        "what can be said is {}, {}, decimal, delimiter, date, offset, lists and refunds",
        columns.join(", "),
        kinds.join(", ")
    )
}

/// `+07:00` in minutes.
fn offset(text: &str) -> Option<i32> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, minutes) = text.split_once(':').unwrap_or((text, "00"));
    let part = |text: &str| text.parse::<u16>().ok().map(i32::from);
    let minutes = part(hours)?.checked_mul(60)?.checked_add(part(minutes).filter(|m| *m < 60)?)?;
    (minutes <= FURTHEST).then(|| minutes.saturating_mul(sign))
}

/// The names that such a column usually has, as [`plain`] writes them.
fn usual(column: Column) -> &'static [&'static str] {
    match column {
        Column::Reference => &[
            "orderid",
            "merchantorderid",
            "partnerreferenceno",
            "originalpartnerreferenceno",
            "referenceid",
            "externalid",
            "merchantreference",
            "merchanttransid",
            "invoicenumber",
            "reference",
        ],
        Column::Id => {
            &["transactionid", "paymentid", "referenceno", "originalreferenceno", "danatransactionid"]
        }
        Column::Gross => &["grossamount", "gross", "transactionamount", "amount", "paidamount", "nominal"],
        Column::Fee => &[
            "fee",
            "feeamount",
            "transactionfee",
            "merchantfee",
            "mdr",
            "mdramount",
            "processingfee",
            "biaya",
        ],
        Column::Tax => &["tax", "vat", "vatamount", "taxamount", "ppn", "feevat"],
        Column::Net => &["netamount", "net", "settlementamount", "nettamount", "amountreceived"],
        Column::Paid => &[
            "transactiontime",
            "transactiondate",
            "paidat",
            "paidtime",
            "paymenttime",
            "paymentdate",
            "createdtime",
            "created",
            "tanggaltransaksi",
        ],
        Column::Settled => &[
            "settlementtime",
            "settlementdate",
            "settledat",
            "settleddate",
            "payoutdate",
            "tanggalsettlement",
        ],
        Column::Type => &["transactiontype", "type", "transactionstatus", "status"],
    }
}

fn usual_words(kind: LineKind) -> &'static [&'static str] {
    match kind {
        LineKind::Payment => &[
            "payment",
            "pay",
            "sale",
            "sales",
            "purchase",
            "settlement",
            "capture",
            "success",
            "succeeded",
            "pembayaran",
        ],
        LineKind::Refund => &["refund", "refunded", "partialrefund", "pengembalian", "void"],
        LineKind::Chargeback => &["chargeback", "partialchargeback", "dispute"],
        LineKind::Fee => &["fee", "fees", "transactionfee", "monthlyfee", "tax", "vat", "biaya"],
        LineKind::Other => &[],
    }
}
