//! Embeds (contracts/discord §1.5): limits of each part, and 6000 characters over all of a message.

use super::super::{
    form::Form,
    refusal::{At, Mistakes},
};
use serde_json::{Value, json};

/// Embeds in a message.
const MOST: usize = 10;
/// Characters over all embeds of a message.
const MOST_IN_ALL: usize = 6_000;
const WEB: [&str; 2] = ["http", "https"];
const WEB_OR_FILE: [&str; 3] = ["http", "https", "attachment"];

/// Checks the field `embeds` of a message.
pub(crate) fn check(form: Form<'_>, at: &At, mistakes: &mut Mistakes) {
    let embeds = form.list("embeds", at, (0, MOST), mistakes);
    let at = at.to("embeds");
    let mut characters = 0_usize;
    for (index, embed) in embeds.iter().enumerate() {
        let at = at.nth(index);
        if embed.is_object() {
            characters = characters.saturating_add(one(Form(embed), &at, mistakes));
        } else {
            mistakes.add(&at, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType");
        }
    }
    if characters > MOST_IN_ALL {
        mistakes.add(
            &at,
            "MAX_EMBED_SIZE_EXCEEDED",
            format!("Embed size exceeds maximum size of {MOST_IN_ALL}"),
        );
    }
}

/// Checks one embed and counts its characters.
fn one(embed: Form<'_>, at: &At, mistakes: &mut Mistakes) -> usize {
    let mut characters = 0_usize;
    let mut count = |text: Option<&str>| {
        characters = characters.saturating_add(text.map_or(0, |text| text.chars().count()));
    };
    count(embed.text("title", at, (0, 256), false, mistakes));
    count(embed.text("description", at, (0, 4_096), false, mistakes));
    embed.url("url", at, 2_048, &WEB, mistakes);
    embed.int("color", at, (0, 0x00FF_FFFF), mistakes);
    if let Some(text) = embed.text("timestamp", at, (0, 64), false, mistakes)
        && vocabulary::Timestamp::parse_rfc3339(text).is_err()
    {
        mistakes.add(
            &at.to("timestamp"),
            "DATE_TIME_TYPE_PARSE",
            format!("Could not parse {text}. Should be ISO8601."),
        );
    }
    if let Some(footer) = embed.object("footer", at, mistakes) {
        let at = at.to("footer");
        count(footer.text("text", &at, (1, 2_048), true, mistakes));
        footer.url("icon_url", &at, 2_048, &WEB_OR_FILE, mistakes);
    }
    if let Some(author) = embed.object("author", at, mistakes) {
        let at = at.to("author");
        count(author.text("name", &at, (1, 256), true, mistakes));
        author.url("url", &at, 2_048, &WEB, mistakes);
        author.url("icon_url", &at, 2_048, &WEB_OR_FILE, mistakes);
    }
    for name in ["image", "thumbnail"] {
        if let Some(image) = embed.object(name, at, mistakes) {
            image.url("url", &at.to(name), 2_048, &WEB_OR_FILE, mistakes);
        }
    }
    let fields = embed.list("fields", at, (0, 25), mistakes);
    for (index, field) in fields.iter().enumerate() {
        let (field, at) = (Form(field), at.to("fields").nth(index));
        count(field.text("name", &at, (1, 256), true, mistakes));
        count(field.text("value", &at, (1, 1_024), true, mistakes));
        field.flag("inline", &at, mistakes);
    }
    let shown = ["title", "description", "author", "footer", "image", "thumbnail", "fields"];
    if !shown
        .iter()
        .any(|name| embed.get(name).is_some_and(|value| *value != json!("") && *value != json!([])))
    {
        mistakes.add(&at.to("description"), "BASE_TYPE_REQUIRED", "This field is required");
    }
    characters
}

/// The embeds as they are stored: of those with one `url` the first, and `attachment://` resolved to
/// the address of a picture (other files are not shown).
pub(crate) fn stored(embeds: &[Value], picture: impl Fn(&str) -> Option<String>) -> Vec<Value> {
    let mut urls = std::collections::HashSet::new();
    let mut kept = Vec::new();
    for embed in embeds {
        if embed.get("url").and_then(Value::as_str).is_some_and(|url| !urls.insert(url.to_owned())) {
            continue;
        }
        let mut embed = embed.clone();
        let Some(fields) = embed.as_object_mut() else { continue };
        fields.retain(|_, value| !value.is_null());
        fields.insert("type".into(), json!("rich"));
        for (name, key) in
            [("image", "url"), ("thumbnail", "url"), ("footer", "icon_url"), ("author", "icon_url")]
        {
            let Some(part) = fields.get_mut(name).and_then(Value::as_object_mut) else { continue };
            let Some(file) =
                part.get(key).and_then(Value::as_str).and_then(|u| u.strip_prefix("attachment://"))
            else {
                continue;
            };
            match picture(file) {
                Some(url) => drop(part.insert(key.into(), json!(url))),
                None => drop(part.remove(key)),
            }
            if part.is_empty() {
                fields.remove(name);
            }
        }
        if let Some(list) = fields.get_mut("fields").and_then(Value::as_array_mut) {
            for field in list.iter_mut().filter_map(Value::as_object_mut) {
                field.entry("inline").or_insert(json!(false));
            }
        }
        kept.push(embed);
    }
    kept
}
