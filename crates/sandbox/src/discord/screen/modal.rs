//! A modal, over what was on the screen before it opened.

use super::{
    super::{check::select, form::Form},
    component::unknown,
    control, list,
    markdown::markdown,
    reader::Reader,
    text, yes,
};
use maud::{Markup, html};
use serde_json::Value;

const ROW: i64 = 1;
const TEXT_INPUT: i64 = 4;
const TEXT: i64 = 10;
const LABEL: i64 = 18;
const FILE_UPLOAD: i64 = 19;
const RADIO_GROUP: i64 = 21;
const CHECKBOX_GROUP: i64 = 22;
const CHECKBOX: i64 = 23;
/// A text input of several lines.
const PARAGRAPH: i64 = 2;

/// The whole modal.
pub(super) fn modal(modal: &Value, reader: &Reader) -> Markup {
    html! {
        div .over {
            section .modal role="dialog" aria-labelledby="modal" {
                h2 #modal { (text(modal, "title").unwrap_or_default()) }
                @for (index, one) in list(modal, "components").iter().enumerate() {
                    (row(one, index, reader))
                }
                div .answers lang="en" {
                    button .button .secondary type="button" disabled { "Cancel" }
                    button .button .primary type="button" disabled { "Submit" }
                }
            }
        }
    }
}

fn row(one: &Value, index: usize, reader: &Reader) -> Markup {
    match Form(one).kind() {
        Some(TEXT) => html! {
            div .text { (markdown(text(one, "content").unwrap_or_default(), reader)) }
        },
        Some(LABEL) => match Form(one).get("component") {
            Some(input) => field(one, input, index, reader),
            None => unknown(one),
        },
        // The older way: the input names itself.
        Some(ROW) => html! {
            @for input in list(one, "components") { (field(input, input, index, reader)) }
        },
        _ => unknown(one),
    }
}

/// An input under its name. Whatever holds it says what it is called.
fn field(holder: &Value, input: &Value, index: usize, reader: &Reader) -> Markup {
    let id = format!("field-{index}");
    let kind = Form(input).kind();
    let must = kind != Some(CHECKBOX) && input.get("required") != Some(&Value::Bool(false));
    let name = html! {
        (text(holder, "label").unwrap_or_default())
        @if must { span .must { " *" } }
    };
    html! {
        div .input {
            // A label can name a text input; what is made of several parts has a heading instead.
            @if kind == Some(TEXT_INPUT) { label for=(id) { (name) } } @else { p .label { (name) } }
            @if let Some(description) = text(holder, "description") { p .hint { (description) } }
            @match kind {
                Some(TEXT_INPUT) => { (typed(input, &id)) }
                Some(RADIO_GROUP) => { (choices(input, "radio")) }
                Some(CHECKBOX_GROUP) => { (choices(input, "checkbox")) }
                Some(CHECKBOX) => { input type="checkbox" disabled checked[yes(input, "default")]; }
                Some(FILE_UPLOAD) => { p .upload lang="en" { "Upload a file" } }
                Some(kind) if select::KINDS.contains(&kind) => { (control::select(input, reader)) }
                _ => { (unknown(input)) }
            }
        }
    }
}

fn typed(input: &Value, id: &str) -> Markup {
    let (placeholder, value) = (text(input, "placeholder"), text(input, "value").unwrap_or_default());
    let several = input.get("style").and_then(Value::as_i64) == Some(PARAGRAPH);
    html! {
        @if several {
            textarea id=(id) rows="4" readonly placeholder=[placeholder] { (value) }
        } @else {
            input id=(id) type="text" readonly placeholder=[placeholder] value=(value);
        }
    }
}

fn choices(input: &Value, kind: &str) -> Markup {
    html! {
        @for option in list(input, "options") {
            label .choice {
                input type=(kind) disabled checked[yes(option, "default")];
                " " (text(option, "label").unwrap_or_default())
                @if let Some(description) = text(option, "description") { small { (description) } }
            }
        }
    }
}
