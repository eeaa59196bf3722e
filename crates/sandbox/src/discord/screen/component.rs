//! Components: those of Components V2 and the rows of buttons and selects below an older message. One
//! of a kind that is not known here is shown as a box that says so.

use super::{
    super::{check::select, form::Form},
    control, list,
    markdown::markdown,
    media::{self, Files},
    reader::Reader,
    text, yes,
};
use maud::{Markup, html};
use serde_json::Value;

const ROW: i64 = 1;
const BUTTON: i64 = 2;
const SECTION: i64 = 9;
const TEXT: i64 = 10;
const THUMBNAIL: i64 = 11;
const GALLERY: i64 = 12;
const FILE: i64 = 13;
const SEPARATOR: i64 = 14;
const CONTAINER: i64 = 17;

/// One component, with those inside it.
pub(super) fn component(one: &Value, files: &Files, reader: &Reader) -> Markup {
    match Form(one).kind() {
        Some(ROW) => html! { div .row { (children(one, files, reader)) } },
        Some(BUTTON) => control::button(one),
        Some(SECTION) => section(one, files, reader),
        Some(TEXT) => html! {
            div .text { (markdown(text(one, "content").unwrap_or_default(), reader)) }
        },
        Some(THUMBNAIL) => html! { div .thumbnail { (picture(one, files)) } },
        Some(GALLERY) => html! {
            div .gallery {
                @for item in list(one, "items") { div { (picture(item, files)) } }
            }
        },
        Some(FILE) => {
            let name = text(one, "name").unwrap_or("file");
            let size = one.get("size").and_then(Value::as_i64).unwrap_or_default();
            veiled(one, media::card(name, size))
        }
        Some(SEPARATOR) => separator(one),
        Some(CONTAINER) => container(one, files, reader),
        Some(kind) if select::KINDS.contains(&kind) => control::select(one, reader),
        _ => unknown(one),
    }
}

/// What this page has no picture of: better to be seen than to be missing.
pub(super) fn unknown(one: &Value) -> Markup {
    let kind = one.get("type").unwrap_or(&Value::Null).to_string();
    html! { div .unknown lang="en" { "component of type " (kind) } }
}

/// The bar at the left of a container or an embed, as a style.
pub(super) fn accent(one: &Value, name: &str) -> Option<String> {
    let colour = one.get(name).and_then(Value::as_i64)?;
    Some(format!("border-left-color:#{:06x}", colour & 0x00FF_FFFF))
}

fn children(one: &Value, files: &Files, reader: &Reader) -> Markup {
    html! {
        @for child in list(one, "components") { (component(child, files, reader)) }
    }
}

fn container(one: &Value, files: &Files, reader: &Reader) -> Markup {
    let accent = accent(one, "accent_color");
    html! {
        div .card .accent[accent.is_some()] style=[accent.as_deref()] {
            (veiled(one, children(one, files, reader)))
        }
    }
}

fn section(one: &Value, files: &Files, reader: &Reader) -> Markup {
    html! {
        div .section {
            div .texts { (children(one, files, reader)) }
            @if let Some(accessory) = Form(one).get("accessory") {
                (component(accessory, files, reader))
            }
        }
    }
}

fn separator(one: &Value) -> Markup {
    let wide = one.get("spacing").and_then(Value::as_i64) == Some(2);
    let line = one.get("divider") != Some(&Value::Bool(false));
    html! {
        @if line { hr .gap .wide[wide]; } @else { div .gap .wide[wide] aria-hidden="true" {} }
    }
}

/// The picture of a thumbnail or of an item in a gallery.
fn picture(one: &Value, files: &Files) -> Markup {
    let url = one.get("media").and_then(|media| text(media, "url")).unwrap_or_default();
    veiled(one, files.picture(url, text(one, "description")))
}

/// Behind a veil that the reader lifts, where the payload asks for that.
fn veiled(one: &Value, inside: Markup) -> Markup {
    if yes(one, "spoiler") {
        return html! { details .veil { summary lang="en" { "SPOILER" } (inside) } };
    }
    inside
}
