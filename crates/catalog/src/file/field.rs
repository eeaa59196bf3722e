//! The rule of each field. A refusal says what is wrong and what would be right.

use crate::{
    CustomerTemplate, MAX_ROUTES, RouteEntry,
    account::ServerRule,
    route::{OFF, THEN},
};
use vocabulary::Rupiah;

/// The highest price and cost that a file may hold.
const MAX_AMOUNT: i64 = 1_000_000_000;
/// The largest stock and minimum that a file may hold.
const MAX_STOCK: u32 = 1_000_000;

/// A text of at most `max` characters, without any that hide or turn others around.
pub(super) fn text(value: &str, max: usize) -> Result<String, String> {
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    if value.chars().any(|c| c.is_control() || turns(c)) {
        return Err("it contains characters that cannot be seen".into());
    }
    match value.chars().count() {
        long if long > max => Err(format!("it is {long} characters long, and the limit is {max}")),
        _ => Ok(value.to_owned()),
    }
}

/// Like [`text`], and not empty.
pub(super) fn name(value: &str, max: usize) -> Result<String, String> {
    filled(value)?;
    text(value, max)
}

/// An amount above zero.
pub(super) fn amount(value: &str) -> Result<Rupiah, String> {
    filled(value)?;
    let amount: Rupiah = value.parse().map_err(|e: vocabulary::ParseRupiahError| e.to_string())?;
    match amount.get() {
        ..=0 => Err(format!("{amount} is not above zero")),
        1..=MAX_AMOUNT => Ok(amount),
        _ => Err(format!("{amount} is above the limit of {}", Rupiah::new(MAX_AMOUNT))),
    }
}

/// A number of pieces.
pub(super) fn pieces(value: &str) -> Result<u32, String> {
    filled(value)?;
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    match value.parse::<u32>() {
        Ok(count) if digits && count <= MAX_STOCK => Ok(count),
        _ => Err(format!("`{}` is not a whole number from 0 to {MAX_STOCK}", shorten(value))),
    }
}

/// The name of a supplier.
pub(super) fn supplier(value: &str) -> Result<String, String> {
    filled(value)?;
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    let starts = value.starts_with(|c: char| c.is_ascii_lowercase());
    if !starts || value.len() > 32 || !value.bytes().all(fits) {
        return Err(format!(
            "`{}` is not the name of a supplier: 1 to 32 small letters, digits, `_` or `-`, a letter first",
            shorten(value)
        ));
    }
    Ok(value.to_owned())
}

/// The supplier's code of a product.
pub(super) fn sku(value: &str) -> Result<String, String> {
    filled(value)?;
    if value.len() > 64 || !value.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(format!(
            "`{}` is not a supplier's code: 1 to 64 visible ASCII characters, no spaces",
            shorten(value)
        ));
    }
    Ok(value.to_owned())
}

/// A template that fits the accounts of the category.
pub(super) fn template(value: &str, server: ServerRule) -> Result<CustomerTemplate, String> {
    filled(value)?;
    let template: CustomerTemplate = value.parse().map_err(|e: crate::TemplateError| e.to_string())?;
    match (server, template.wants_zone()) {
        (ServerRule::None, true) => {
            Err("accounts of this game have no zone, so `{zone_id}` cannot be filled in".into())
        }
        (ServerRule::Required, false) => {
            Err("accounts of this game have a zone, and `{zone_id}` is missing".into())
        }
        _ => Ok(template),
    }
}

/// Who sells a product at its supplier; may be empty. Several spaces count as one.
pub(super) fn seller(value: &str) -> Result<String, String> {
    let name = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.contains(['[', ']', '{', '}', '>']) {
        return Err(format!("`{}` is not the name of a seller: none of `[ ] {{ }} >`", shorten(&name)));
    }
    text(&name, 100)
}

/// The further routes of a product, whose own supplier, code and template are `own`: all of them, or what is wrong
/// with the first that is wrong.
pub(super) fn routes(
    value: &str,
    server: ServerRule,
    own: (Option<&str>, Option<&str>, Option<&CustomerTemplate>),
) -> Result<Vec<RouteEntry>, String> {
    let words: Vec<&str> = value.split_whitespace().collect();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let mut routes: Vec<RouteEntry> = Vec::new();
    for (place, words) in words.split(|word| *word == THEN).enumerate() {
        let which = place.saturating_add(1);
        let route = route(words, server, (own.0, own.2)).map_err(|why| format!("route {which}: {why}"))?;
        let same = |supplier: &str, sku: &str| supplier == route.supplier && sku == route.supplier_sku;
        if own.0.zip(own.1).is_some_and(|(supplier, sku)| same(supplier, sku)) {
            return Err(format!(
                "route {which}: `{} {}` is the product's own",
                route.supplier, route.supplier_sku
            ));
        }
        if routes.iter().any(|other| same(&other.supplier, &other.supplier_sku)) {
            return Err(format!("route {which}: `{} {}` is named twice", route.supplier, route.supplier_sku));
        }
        routes.push(route);
    }
    match routes.len() {
        many if many > MAX_ROUTES => Err(format!("it has {many} routes, and the limit is {MAX_ROUTES}")),
        _ => Ok(routes),
    }
}

fn route(
    words: &[&str],
    server: ServerRule,
    (own_supplier, own_template): (Option<&str>, Option<&CustomerTemplate>),
) -> Result<RouteEntry, String> {
    let (words, seller) = noted(words)?;
    let (words, active) = match words {
        [rest @ .., last] if *last == OFF => (rest, false),
        all => (all, true),
    };
    let (name, code, text) = match words {
        [name, code] => (*name, *code, None),
        [name, code, text] => (*name, *code, Some(*text)),
        _ => {
            return Err(format!(
                "`{}` is not `supplier code`, `supplier code template` or one of them with `{OFF}`, and `[who sells it there]`, behind it; ` {THEN} ` stands between two routes",
                shorten(&words.join(" "))
            ));
        }
    };
    let customer_template = match (text, own_template) {
        (Some(text), _) => template(text, server)?,
        // The form of the number is each supplier's own: in another's it is another account.
        (None, _) if own_supplier.is_some_and(|own| own != name) => {
            return Err(format!(
                "`{}` is not the product's own supplier, so it needs a template of its own",
                shorten(name)
            ));
        }
        (None, Some(own)) => own.clone(),
        (None, None) => return Err("it has no template, and neither has the product".into()),
    };
    Ok(RouteEntry { supplier: supplier(name)?, supplier_sku: sku(code)?, customer_template, active, seller })
}

/// The words of a route without its last ones, `[who sells it there]`, and what they say. A template may begin with
/// such a bracket, too, and has another kind of them in it.
fn noted<'a, 'b>(words: &'a [&'b str]) -> Result<(&'a [&'b str], String), String> {
    let begins = |word: &&str| word.starts_with('[') && !word.contains('{');
    let Some(place) = words.iter().skip(2).position(begins).map(|place| place.saturating_add(2)) else {
        return Ok((words, String::new()));
    };
    let (words, note) = words.split_at(place);
    let note = note.join(" ");
    let name = note.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let name = name.ok_or_else(|| format!("`{}` does not end with `]`", shorten(&note)))?;
    Ok((words, seller(name)?))
}

/// Yes or no, as people and spreadsheets write it.
pub(super) fn yes_or_no(value: &str) -> Result<bool, String> {
    match value.to_lowercase().as_str() {
        "yes" | "ya" | "true" | "1" => Ok(true),
        "no" | "tidak" | "false" | "0" => Ok(false),
        "" => Err("it is empty: write `yes` or `no`".into()),
        _ => Err(format!("`{}` is neither `yes` nor `no`", shorten(value))),
    }
}

/// What was written, cut short and without control characters, to be shown again.
pub(super) fn shorten(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).take(40).collect()
}

fn filled(value: &str) -> Result<(), String> {
    if value.is_empty() { Err("it is empty".into()) } else { Ok(()) }
}
