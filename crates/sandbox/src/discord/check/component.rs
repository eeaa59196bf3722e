//! The components of a message, with the Components V2 flag and without it (contracts/discord §1.5,
//! §1.6, §6): what may stand where, how many, custom ids once each, and files that exist.

use super::super::{
    form::Form,
    refusal::{At, Mistakes},
};
use super::select;
use serde_json::{Value, json};
use std::collections::HashSet;

/// Components of a V2 message, nested ones counted.
const MOST_IN_ALL: usize = 40;
const ROW: i64 = 1;
const BUTTON: i64 = 2;
const SECTION: i64 = 9;
const TEXT: i64 = 10;
const THUMBNAIL: i64 = 11;
const GALLERY: i64 = 12;
const FILE: i64 = 13;
const SEPARATOR: i64 = 14;
const CONTAINER: i64 = 17;

/// What a message around the components is like.
pub(crate) struct Around<'a> {
    /// The message has the Components V2 flag.
    pub(crate) v2: bool,
    /// Names of the files that `attachment://` can name.
    pub(crate) files: &'a [String],
    /// Characters of all text displays together; `None` for no limit.
    pub(crate) text_limit: Option<usize>,
}

struct Walk<'a> {
    around: &'a Around<'a>,
    mistakes: &'a mut Mistakes,
    custom_ids: HashSet<String>,
    ids: HashSet<i64>,
    count: usize,
    characters: usize,
}

/// Checks the field `components` of a message.
pub(crate) fn check(form: Form<'_>, at: &At, around: &Around<'_>, mistakes: &mut Mistakes) {
    let most = if around.v2 { MOST_IN_ALL } else { 5 };
    let components = form.list("components", at, (0, most), mistakes);
    let at = at.to("components");
    let allowed: &[i64] =
        if around.v2 { &[ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER] } else { &[ROW] };
    let mut walk =
        Walk { around, mistakes, custom_ids: HashSet::new(), ids: HashSet::new(), count: 0, characters: 0 };
    walk.children(components, &at, allowed);
    let (count, characters) = (walk.count, walk.characters);
    if around.v2 && count > MOST_IN_ALL {
        mistakes.add(
            &at,
            "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
            format!("The total number of components is {count}, over the limit of {MOST_IN_ALL}"),
        );
    }
    if let Some(limit) = around.text_limit.filter(|limit| characters > *limit) {
        mistakes.add(
            &at,
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
            format!("Components displayable text size exceeds maximum size of {limit}"),
        );
    }
}

impl Walk<'_> {
    fn children(&mut self, components: &[Value], at: &At, allowed: &[i64]) {
        for (index, component) in components.iter().enumerate() {
            self.one(component, &at.nth(index), allowed);
        }
    }

    fn one(&mut self, component: &Value, at: &At, allowed: &[i64]) {
        self.count += 1;
        let form = Form(component);
        let Some(kind) = form.kind().filter(|kind| allowed.contains(kind)) else {
            let allowed: Vec<String> = allowed.iter().map(i64::to_string).collect();
            let message = format!("Value of field \"type\" must be one of ({}).", allowed.join(", "));
            return self.mistakes.add(&at.to("type"), "UNION_TYPE_CHOICES", message);
        };
        if let Some(id) = form.int("id", at, (0, i64::from(i32::MAX)), self.mistakes)
            && id != 0
            && !self.ids.insert(id)
        {
            self.mistakes.add(&at.to("id"), "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated");
        }
        match kind {
            ROW => self.row(form, at),
            BUTTON => self.button(form, at),
            SECTION => self.section(form, at),
            TEXT => self.text(form, at),
            THUMBNAIL => self.media(form, "media", at, &["http", "https", "attachment"]),
            GALLERY => {
                let items = form.list("items", at, (1, 10), self.mistakes);
                for (index, item) in items.iter().enumerate() {
                    self.media(
                        Form(item),
                        "media",
                        &at.to("items").nth(index),
                        &["http", "https", "attachment"],
                    );
                }
            }
            FILE => self.media(form, "file", at, &["attachment"]),
            SEPARATOR => {
                form.flag("divider", at, self.mistakes);
                form.int("spacing", at, (1, 2), self.mistakes);
            }
            CONTAINER => {
                form.int("accent_color", at, (0, 0x00FF_FFFF), self.mistakes);
                form.flag("spoiler", at, self.mistakes);
                let children = form.list("components", at, (1, MOST_IN_ALL), self.mistakes);
                self.children(
                    children,
                    &at.to("components"),
                    &[ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR],
                );
            }
            _ => {
                custom_id(form, at, &mut self.custom_ids, self.mistakes);
                select::check(form, at, false, self.mistakes);
            }
        }
    }

    /// Up to five buttons, or one select.
    fn row(&mut self, row: Form<'_>, at: &At) {
        let children = row.list("components", at, (1, 5), self.mistakes);
        let at = at.to("components");
        let selects = children.iter().filter(|c| Form(c).kind().is_some_and(|k| select::KINDS.contains(&k)));
        if selects.count() > 0 && children.len() > 1 {
            self.mistakes.add(
                &at,
                "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
                "The specified component exceeds the maximum width: a select takes a whole row",
            );
        }
        let mut allowed = vec![BUTTON];
        allowed.extend(select::KINDS);
        self.children(children, &at, &allowed);
    }

    fn section(&mut self, section: Form<'_>, at: &At) {
        let texts = section.list("components", at, (1, 3), self.mistakes);
        self.children(texts, &at.to("components"), &[TEXT]);
        match section.get("accessory") {
            Some(accessory) => self.one(accessory, &at.to("accessory"), &[BUTTON, THUMBNAIL]),
            None => self.mistakes.add(&at.to("accessory"), "BASE_TYPE_REQUIRED", "This field is required"),
        }
    }

    fn text(&mut self, text: Form<'_>, at: &At) {
        if let Some(content) = text.text("content", at, (1, 4_000), true, self.mistakes) {
            self.characters = self.characters.saturating_add(content.chars().count());
        }
    }

    fn button(&mut self, button: Form<'_>, at: &At) {
        let style = button.int("style", at, (1, 6), self.mistakes);
        if !button.names("style") {
            self.mistakes.add(&at.to("style"), "BASE_TYPE_REQUIRED", "This field is required");
        }
        let label = button.text("label", at, (0, 80), false, self.mistakes);
        button.flag("disabled", at, self.mistakes);
        emoji(button, at, self.mistakes);
        let must_not = |name: &str, mistakes: &mut Mistakes| {
            if button.get(name).is_some() {
                let message = format!("A button of this style cannot have a {name}");
                mistakes.add(&at.to(name), "BUTTON_COMPONENT_INVALID_FIELD", message);
            }
        };
        match style {
            Some(5) => {
                button.url("url", at, 512, &["http", "https", "discord"], self.mistakes);
                if button.get("url").is_none() {
                    self.mistakes.add(
                        &at.to("url"),
                        "BASE_TYPE_REQUIRED",
                        "A url is required for a link button",
                    );
                }
                must_not("custom_id", self.mistakes);
            }
            Some(6) => {
                button.snowflake("sku_id", at, true, self.mistakes);
                for name in ["custom_id", "url", "label", "emoji"] {
                    must_not(name, self.mistakes);
                }
            }
            _ => {
                custom_id(button, at, &mut self.custom_ids, self.mistakes);
                must_not("url", self.mistakes);
                must_not("sku_id", self.mistakes);
            }
        }
        let nothing = label.is_none_or(|label| label.trim().is_empty()) && button.get("emoji").is_none();
        if nothing && style != Some(6) {
            self.mistakes.add(
                at,
                "BUTTON_COMPONENT_LABEL_OR_EMOJI",
                "A button must have a label or an emoji",
            );
        }
    }

    fn media(&mut self, holder: Form<'_>, name: &str, at: &At, schemes: &[&str]) {
        holder.text("description", at, (1, 1_024), false, self.mistakes);
        holder.flag("spoiler", at, self.mistakes);
        let Some(media) = holder.object(name, at, self.mistakes) else {
            if holder.get(name).is_none() {
                self.mistakes.add(&at.to(name), "BASE_TYPE_REQUIRED", "This field is required");
            }
            return;
        };
        let at = at.to(name);
        if media.get("url").is_none() {
            self.mistakes.add(&at.to("url"), "BASE_TYPE_REQUIRED", "This field is required");
        }
        let Some(url) = media.url("url", &at, 2_048, schemes, self.mistakes) else { return };
        if let Some(file) = url.strip_prefix("attachment://")
            && !self.around.files.iter().any(|name| name == file)
        {
            self.mistakes.add(
                &at.to("url"),
                "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
                format!("The referenced attachment \"{file}\" was not found"),
            );
        }
    }
}

/// A custom id of 1 to 100 characters that nothing else in the message or modal has.
pub(crate) fn custom_id(form: Form<'_>, at: &At, seen: &mut HashSet<String>, mistakes: &mut Mistakes) {
    if let Some(id) = form.text("custom_id", at, (1, 100), true, mistakes)
        && !seen.insert(id.to_owned())
    {
        mistakes.add(
            &at.to("custom_id"),
            "COMPONENT_CUSTOM_ID_DUPLICATED",
            "Component custom id cannot be duplicated",
        );
    }
}

/// An emoji has a name, or the id of one that was uploaded.
pub(crate) fn emoji(form: Form<'_>, at: &At, mistakes: &mut Mistakes) {
    let Some(emoji) = form.object("emoji", at, mistakes) else { return };
    let at = at.to("emoji");
    emoji.snowflake("id", &at, false, mistakes);
    emoji.text("name", &at, (0, 32), false, mistakes);
    if emoji.get("id").is_none() && emoji.get("name").and_then(Value::as_str).is_none_or(str::is_empty) {
        mistakes.add(&at.to("name"), "BUTTON_COMPONENT_INVALID_EMOJI", "Invalid emoji");
    }
}

/// A file that a component shows.
pub(crate) struct Shown {
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) content_type: String,
    pub(crate) name: String,
    pub(crate) size: i64,
}

/// The components as they are stored: with ids, what was left out filled in, and files resolved.
pub(crate) fn stored(components: &[Value], file: &impl Fn(&str) -> Option<Shown>) -> Vec<Value> {
    let mut used = HashSet::new();
    collect_ids(components, &mut used);
    let mut next = 1_i64;
    components.iter().map(|component| fill(component, &mut used, &mut next, file)).collect()
}

fn collect_ids(components: &[Value], used: &mut HashSet<i64>) {
    for component in components {
        used.extend(component.get("id").and_then(Value::as_i64).filter(|id| *id != 0));
        if let Some(children) = component.get("components").and_then(Value::as_array) {
            collect_ids(children, used);
        }
        if let Some(accessory) = component.get("accessory") {
            collect_ids(std::slice::from_ref(accessory), used);
        }
    }
}

fn fill(
    component: &Value,
    used: &mut HashSet<i64>,
    next: &mut i64,
    file: &impl Fn(&str) -> Option<Shown>,
) -> Value {
    let mut component = component.clone();
    let kind = Form(&component).kind().unwrap_or_default();
    let Some(fields) = component.as_object_mut() else { return component };
    fields.retain(|_, value| !value.is_null());
    if fields.get("id").and_then(Value::as_i64).is_none_or(|id| id == 0) {
        while !used.insert(*next) {
            *next += 1;
        }
        fields.insert("id".into(), json!(*next));
    }
    let defaults: &[(&str, Value)] = match kind {
        SEPARATOR => &[("divider", json!(true)), ("spacing", json!(1))],
        CONTAINER => &[("accent_color", Value::Null), ("spoiler", json!(false))],
        FILE => &[("spoiler", json!(false))],
        THUMBNAIL => &[("description", Value::Null), ("spoiler", json!(false))],
        kind if select::KINDS.contains(&kind) => &[("min_values", json!(1)), ("max_values", json!(1))],
        _ => &[],
    };
    for (name, value) in defaults {
        fields.entry(*name).or_insert_with(|| value.clone());
    }
    if let Some(children) = fields.get_mut("components").and_then(Value::as_array_mut) {
        for child in children.iter_mut() {
            *child = fill(child, used, next, file);
        }
    }
    if let Some(accessory) = fields.get_mut("accessory") {
        *accessory = fill(accessory, used, next, file);
    }
    if let Some(items) = fields.get_mut("items").and_then(Value::as_array_mut) {
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            item.entry("description").or_insert(Value::Null);
            item.entry("spoiler").or_insert(json!(false));
            if let Some(media) = item.get_mut("media") {
                resolve(media, file);
            }
        }
    }
    if let Some(media) = fields.get_mut("media") {
        resolve(media, file);
    }
    if let Some(shown) = fields.get_mut("file").and_then(|media| resolve(media, file)) {
        fields.insert("name".into(), json!(shown.name));
        fields.insert("size".into(), json!(shown.size));
    }
    component
}

fn resolve(media: &mut Value, file: &impl Fn(&str) -> Option<Shown>) -> Option<Shown> {
    let url = media.get("url").and_then(Value::as_str)?.to_owned();
    match url.strip_prefix("attachment://").and_then(file) {
        Some(shown) => {
            *media = json!({
                "id": shown.id, "url": shown.url, "proxy_url": shown.url, "width": null, "height": null,
                "content_type": shown.content_type, "attachment_id": shown.id,
            });
            Some(shown)
        }
        None => {
            *media = json!({"id": "0", "url": url, "proxy_url": url, "width": null, "height": null});
            None
        }
    }
}
