//! Embeds, which receipts are made of.

use super::{
    component::accent, inline::inline, list, markdown::markdown, media::Files, moment, reader::Reader, text,
    yes,
};
use crate::page::followed;
use maud::{Markup, html};
use serde_json::Value;
use vocabulary::Timestamp;

/// The parts of an embed that are pictures, and the fields that hold their addresses.
const PICTURES: [(&str, &str); 4] =
    [("image", "url"), ("thumbnail", "url"), ("footer", "icon_url"), ("author", "icon_url")];

/// The addresses of the pictures in an embed.
pub(super) fn addresses(one: &Value) -> Vec<&str> {
    PICTURES.iter().filter_map(|(part, field)| text(one.get(part)?, field)).collect()
}

/// One embed.
pub(super) fn embed(one: &Value, files: &Files, reader: &Reader) -> Markup {
    let part = |name: &str| one.get(name).unwrap_or(&Value::Null);
    let fields = list(one, "fields");
    html! {
        div .embed style=[accent(one, "color")] {
            div .words {
                @if let Some(name) = text(part("author"), "name") {
                    p .by {
                        (icon(part("author"), files))
                        (linked(&html! { (name) }, text(part("author"), "url")))
                    }
                }
                @if let Some(title) = text(one, "title") {
                    h4 .title { (linked(&inline(title, reader), text(one, "url"))) }
                }
                @if let Some(words) = text(one, "description") {
                    div .text { (markdown(words, reader)) }
                }
                @if !fields.is_empty() {
                    dl .fields {
                        @for field in fields { (pair(field, reader)) }
                    }
                }
            }
            @if let Some(url) = text(part("thumbnail"), "url") {
                div .thumbnail { (files.picture(url, None)) }
            }
            @if let Some(url) = text(part("image"), "url") {
                div .attached { (files.picture(url, None)) }
            }
            (foot(one, part("footer"), files))
        }
    }
}

fn pair(field: &Value, reader: &Reader) -> Markup {
    html! {
        div .pair .whole[!yes(field, "inline")] {
            dt { (inline(text(field, "name").unwrap_or_default(), reader)) }
            dd .text { (markdown(text(field, "value").unwrap_or_default(), reader)) }
        }
    }
}

fn foot(one: &Value, footer: &Value, files: &Files) -> Markup {
    let words = text(footer, "text");
    let at = text(one, "timestamp").and_then(|text| Timestamp::parse_rfc3339(text).ok());
    html! {
        @if words.is_some() || at.is_some() {
            p .foot {
                (icon(footer, files))
                (words.unwrap_or_default())
                @if words.is_some() && at.is_some() { " • " }
                @if let Some(at) = at { time datetime=(at.rfc3339()) { (moment::short(at)) } }
            }
        }
    }
}

fn icon(part: &Value, files: &Files) -> Markup {
    html! {
        @if let Some(url) = text(part, "icon_url") {
            span .icon { (files.picture(url, None)) } " "
        }
    }
}

fn linked(words: &Markup, url: Option<&str>) -> Markup {
    match url.and_then(followed) {
        Some(url) => html! { a href=(url) rel="noopener noreferrer" { (words) } },
        None => words.clone(),
    }
}
