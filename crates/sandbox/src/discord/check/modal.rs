//! Modals (contracts/discord §1.7): one to five rows of labels and texts, custom ids once each.

use super::super::{
    form::Form,
    refusal::{At, Mistakes},
};
use super::{component, select};
use serde_json::Value;
use std::collections::HashSet;

const ROW: i64 = 1;
const TEXT_INPUT: i64 = 4;
const TEXT: i64 = 10;
const LABEL: i64 = 18;
const FILE_UPLOAD: i64 = 19;
const RADIO_GROUP: i64 = 21;
const CHECKBOX_GROUP: i64 = 22;
const CHECKBOX: i64 = 23;

/// Checks the `data` of a modal.
pub(crate) fn check(modal: Form<'_>, at: &At, mistakes: &mut Mistakes) {
    modal.text("custom_id", at, (1, 100), true, mistakes);
    modal.text("title", at, (1, 45), true, mistakes);
    let rows = modal.list("components", at, (1, 5), mistakes);
    let at = at.to("components");
    let mut seen = HashSet::new();
    for (index, row) in rows.iter().enumerate() {
        let (row, at) = (Form(row), at.nth(index));
        match row.kind() {
            // Deprecated, and still taken.
            Some(ROW) => {
                let inputs = row.list("components", &at, (1, 1), mistakes);
                for (index, input) in inputs.iter().enumerate() {
                    let (input, at) = (Form(input), at.to("components").nth(index));
                    if input.kind() == Some(TEXT_INPUT) {
                        input.text("label", &at, (1, 45), true, mistakes);
                        field(input, &at, &mut seen, mistakes);
                    } else {
                        choices(&at, &[TEXT_INPUT], mistakes);
                    }
                }
            }
            Some(TEXT) => drop(row.text("content", &at, (1, 4_000), true, mistakes)),
            Some(LABEL) => label(row, &at, &mut seen, mistakes),
            _ => choices(&at, &[ROW, TEXT, LABEL], mistakes),
        }
    }
}

fn label(label: Form<'_>, at: &At, seen: &mut HashSet<String>, mistakes: &mut Mistakes) {
    label.text("label", at, (1, 45), true, mistakes);
    label.text("description", at, (1, 100), false, mistakes);
    let Some(inner) = label.object("component", at, mistakes) else {
        if label.get("component").is_none() {
            mistakes.add(&at.to("component"), "BASE_TYPE_REQUIRED", "This field is required");
        }
        return;
    };
    let at = at.to("component");
    if inner.kind() == Some(TEXT_INPUT) && inner.get("label").is_some() {
        let message = "A text input inside a label has no label of its own";
        mistakes.add(&at.to("label"), "TEXT_INPUT_LABEL_IN_LABEL", message);
    }
    field(inner, &at, seen, mistakes);
}

fn field(input: Form<'_>, at: &At, seen: &mut HashSet<String>, mistakes: &mut Mistakes) {
    let kind = input.kind().unwrap_or_default();
    let known = [TEXT_INPUT, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX];
    if !known.contains(&kind) && !select::KINDS.contains(&kind) {
        let mut allowed = known.to_vec();
        allowed.extend(select::KINDS);
        return choices(at, &allowed, mistakes);
    }
    component::custom_id(input, at, seen, mistakes);
    match kind {
        TEXT_INPUT => {
            let style = input.int("style", at, (1, 2), mistakes);
            if style.is_none() && input.get("style").is_none() {
                mistakes.add(&at.to("style"), "BASE_TYPE_REQUIRED", "This field is required");
            }
            input.text("value", at, (0, 4_000), false, mistakes);
            input.text("placeholder", at, (0, 100), false, mistakes);
            input.flag("required", at, mistakes);
            let least = input.int("min_length", at, (0, 4_000), mistakes);
            let most = input.int("max_length", at, (1, 4_000), mistakes);
            if least.zip(most).is_some_and(|(least, most)| least > most) {
                mistakes.add(
                    &at.to("min_length"),
                    "NUMBER_TYPE_RANGE",
                    "min_length must not be over max_length",
                );
            }
        }
        FILE_UPLOAD => group(input, at, (0, 10), mistakes),
        RADIO_GROUP => {
            input.flag("required", at, mistakes);
            options(input, at, 2, mistakes);
        }
        CHECKBOX_GROUP => {
            group(input, at, (0, 10), mistakes);
            options(input, at, 1, mistakes);
        }
        CHECKBOX => drop(input.flag("default", at, mistakes)),
        _ => select::check(input, at, true, mistakes),
    }
}

fn group(input: Form<'_>, at: &At, limits: (i64, i64), mistakes: &mut Mistakes) {
    let required = input.flag("required", at, mistakes).unwrap_or(true);
    let least = input.int("min_values", at, limits, mistakes);
    input.int("max_values", at, (1, limits.1), mistakes);
    if required && least == Some(0) {
        let message = "min_values must be at least 1 when the component is required";
        mistakes.add(&at.to("min_values"), "SELECT_REQUIRED_MIN_VALUES", message);
    }
}

fn options(input: Form<'_>, at: &At, least: usize, mistakes: &mut Mistakes) {
    let options = input.list("options", at, (least, 10), mistakes);
    let mut values = HashSet::new();
    for (index, option) in options.iter().enumerate() {
        let (option, at) = (Form(option), at.to("options").nth(index));
        option.text("label", &at, (1, 100), true, mistakes);
        option.text("description", &at, (0, 100), false, mistakes);
        if let Some(value) = option.text("value", &at, (1, 100), true, mistakes)
            && !values.insert(value)
        {
            let message = "The specified option value is already used";
            mistakes.add(&at.to("value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message);
        }
    }
}

fn choices(at: &At, allowed: &[i64], mistakes: &mut Mistakes) {
    let allowed: Vec<String> = allowed.iter().map(i64::to_string).collect();
    let message = format!("Value of field \"type\" must be one of ({}).", allowed.join(", "));
    mistakes.add(&at.to("type"), "UNION_TYPE_CHOICES", message);
}

/// The fields of a modal that take an answer: the inputs themselves, wherever they stand.
pub(crate) fn inputs(modal: &Value) -> Vec<&Value> {
    let rows = modal.get("components").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    rows.iter()
        .filter_map(|row| {
            row.get("component").or_else(|| row.get("components").and_then(|inner| inner.get(0)))
        })
        .collect()
}
