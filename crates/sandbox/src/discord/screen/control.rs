//! Buttons and selects. None of them does anything here: pressing is what
//! `POST /sandbox/discord/interactions` is for.

use super::{super::form::Form, list, reader::Reader, text, yes};
use crate::page::followed;
use maud::{Markup, html};
use serde_json::Value;

const PRIMARY: i64 = 1;
const SUCCESS: i64 = 3;
const DANGER: i64 = 4;
const LINK: i64 = 5;
const PREMIUM: i64 = 6;

/// A button. One that leads to a page is a link, because that works without the shop.
pub(super) fn button(one: &Value) -> Markup {
    let style = one.get("style").and_then(Value::as_i64);
    let off = yes(one, "disabled");
    let face = html! {
        @if let Some(emoji) = emoji(one) { span .emoji { (emoji) } " " }
        @if style == Some(PREMIUM) { "Premium" }
        (text(one, "label").unwrap_or_default())
        @if style == Some(LINK) { span .out aria-hidden="true" { " ↗" } }
    };
    let url = text(one, "url").and_then(followed).filter(|_| style == Some(LINK) && !off);
    if let Some(url) = url {
        return html! { a .button .secondary href=(url) rel="noopener noreferrer" { (face) } };
    }
    let look = match style {
        Some(PRIMARY | PREMIUM) => "primary",
        Some(SUCCESS) => "success",
        Some(DANGER) => "danger",
        _ => "secondary",
    };
    html! { button .button .(look) .off[off] type="button" disabled { (face) } }
}

/// A select: its field, and below it what can be chosen.
pub(super) fn select(one: &Value, reader: &Reader) -> Markup {
    let (off, options, chosen) = (yes(one, "disabled"), list(one, "options"), chosen(one, reader));
    let field = html! {
        @if chosen.is_empty() {
            span .hint { (text(one, "placeholder").unwrap_or("Make a selection")) }
        } @else {
            span { (chosen.join(", ")) }
        }
        span .chevron aria-hidden="true" { "⌄" }
    };
    html! {
        @if options.is_empty() {
            // People, roles and channels: the client fills in who can be chosen.
            div .select .off[off] { div .field { (field) } }
        } @else {
            details .select .off[off] {
                summary .field { (field) }
                ul {
                    @for option in options { li { (choice(option)) } }
                }
            }
        }
    }
}

fn choice(option: &Value) -> Markup {
    html! {
        @if let Some(emoji) = emoji(option) { span .emoji { (emoji) } " " }
        (text(option, "label").unwrap_or_default())
        @if yes(option, "default") { " " span .tick { "✓" } }
        @if let Some(description) = text(option, "description") { small { (description) } }
    }
}

/// What is chosen before anybody chooses.
fn chosen(one: &Value, reader: &Reader) -> Vec<String> {
    let options = list(one, "options").iter().filter(|option| yes(option, "default"));
    let options = options.map(|option| text(option, "label").unwrap_or_default().to_owned());
    let others = list(one, "default_values").iter().map(|value| {
        let id = text(value, "id").unwrap_or_default();
        match text(value, "type") {
            Some("user") => format!("@{}", reader.person(id)),
            Some("channel") => format!("#{}", reader.channel(id)),
            _ => format!("@role-{id}"),
        }
    });
    options.chain(others).collect()
}

/// An emoji; one that was uploaded is shown by its name.
fn emoji(one: &Value) -> Option<String> {
    let emoji = Form(one).get("emoji")?;
    let name = text(emoji, "name").unwrap_or("emoji");
    Some(if Form(emoji).get("id").is_some() { format!(":{name}:") } else { name.to_owned() })
}
