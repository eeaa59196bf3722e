//! A message as a whole: content, flags, the Components V2 rule, nonce, mentions, and which files it
//! keeps (contracts/discord §1.1, §1.5, §1.6).

use super::{
    super::{
        body::Payload,
        form::{Form, snowflake_text},
        refusal::{At, Mistakes, Refusal},
    },
    component::{self, Around},
    embed,
};
use serde_json::Value;

pub(crate) const SUPPRESS_EMBEDS: i64 = 1 << 2;
pub(crate) const EPHEMERAL: i64 = 1 << 6;
pub(crate) const LOADING: i64 = 1 << 7;
pub(crate) const SUPPRESS_NOTIFICATIONS: i64 = 1 << 12;
pub(crate) const IS_VOICE_MESSAGE: i64 = 1 << 13;
pub(crate) const IS_COMPONENTS_V2: i64 = 1 << 15;

/// Attachments of a message.
const MOST_FILES: usize = 10;

/// What a message is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The bot posts in a channel.
    Create,
    /// The bot edits what it has posted.
    Edit,
    /// The first answer to an interaction, or a follow-up.
    Answer,
    /// A change through the token of an interaction.
    TokenEdit,
}

impl Purpose {
    fn edits(self) -> bool {
        matches!(self, Purpose::Edit | Purpose::TokenEdit)
    }
}

/// The files that a message has afterwards.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// Ids of those that stay, with a new description where one is given.
    pub(crate) kept: Vec<(String, Option<String>)>,
    /// Places among the uploads, with file name and description.
    pub(crate) added: Vec<(usize, String, Option<String>)>,
}

/// The flags, as they are asked for.
pub(crate) fn flags(form: Form<'_>) -> i64 {
    form.get("flags").and_then(Value::as_i64).unwrap_or(0)
}

/// Checks a message and tells which files it has afterwards. `existing` is what is edited.
pub(crate) fn check(
    payload: &Payload,
    at: &At,
    purpose: Purpose,
    existing: Option<&Value>,
    text_limit: Option<usize>,
) -> Result<Files, Refusal> {
    let form = Form(&payload.json);
    let mut mistakes = Mistakes::default();
    check_flags(form, at, purpose, &mut mistakes);
    let old_flags = existing.map_or(0, |old| flags(Form(old)));
    let v2 = (flags(form) | old_flags) & IS_COMPONENTS_V2 != 0;
    form.text("content", at, (0, 2_000), false, &mut mistakes);
    embed::check(form, at, &mut mistakes);
    if v2 {
        legacy_fields(form, at, existing, &mut mistakes);
    }
    check_nonce(form, at, &mut mistakes);
    check_mentions(form, at, &mut mistakes);
    let (files, names) = files(payload, at, purpose, existing, &mut mistakes);
    component::check(form, at, &Around { v2, files: &names, text_limit }, &mut mistakes);
    mistakes.check()?;
    Ok(files)
}

fn check_flags(form: Form<'_>, at: &At, purpose: Purpose, mistakes: &mut Mistakes) {
    let Some(flags) = form.int("flags", at, (0, i64::from(i32::MAX)), mistakes) else { return };
    let usual = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | IS_VOICE_MESSAGE | IS_COMPONENTS_V2;
    let settable = match purpose {
        Purpose::Create => usual,
        Purpose::Answer => usual | EPHEMERAL,
        // Whoever edits repeats the flags that were there; those that cannot change are passed over.
        Purpose::Edit | Purpose::TokenEdit => return,
    };
    if flags & !settable != 0 {
        let message =
            format!("Value must be made of the flags {settable}; {} cannot be set here.", flags & !settable);
        mistakes.add(&at.to("flags"), "BITFIELD_FLAG_INVALID", message);
    }
}

/// With Components V2 there is no content and no embed, neither new nor left from before.
fn legacy_fields(form: Form<'_>, at: &At, existing: Option<&Value>, mistakes: &mut Mistakes) {
    for name in ["content", "embeds", "poll", "sticker_ids"] {
        let value = match form.0.get(name) {
            Some(value) => Some(value),
            None => existing.and_then(|old| old.get(name)),
        };
        let empty = value.is_none_or(|value| match value {
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            other => other.is_null(),
        });
        if !empty {
            mistakes.add(
                &at.to(name),
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                format!("The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"),
            );
        }
    }
}

fn check_nonce(form: Form<'_>, at: &At, mistakes: &mut Mistakes) {
    form.flag("enforce_nonce", at, mistakes);
    form.flag("tts", at, mistakes);
    if let Some(nonce) = form.get("nonce")
        && !nonce.is_i64()
    {
        form.text("nonce", at, (0, 25), false, mistakes);
    }
}

fn check_mentions(form: Form<'_>, at: &At, mistakes: &mut Mistakes) {
    let Some(mentions) = form.object("allowed_mentions", at, mistakes) else { return };
    let at = at.to("allowed_mentions");
    let parse = mentions.list("parse", &at, (0, 3), mistakes);
    for (index, word) in parse.iter().enumerate() {
        if !matches!(word.as_str(), Some("users" | "roles" | "everyone")) {
            let message = "Value must be one of {'everyone', 'roles', 'users'}.";
            mistakes.add(&at.to("parse").nth(index), "BASE_TYPE_CHOICES", message);
        }
    }
    for name in ["users", "roles"] {
        let ids = mentions.list(name, &at, (0, 100), mistakes);
        if !ids.is_empty() && parse.iter().any(|word| word == name) {
            let message = format!("parse:[\"{name}\"] and {name}: [ids...] are mutually exclusive.");
            mistakes.add(&at, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message);
        }
    }
}

/// What a message keeps and what is added. Listed are those that stay; what is not listed goes.
fn files(
    payload: &Payload,
    at: &At,
    purpose: Purpose,
    existing: Option<&Value>,
    mistakes: &mut Mistakes,
) -> (Files, Vec<String>) {
    let form = Form(&payload.json);
    let old: Vec<(String, String)> = existing
        .and_then(|old| old.get("attachments"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|a| Some((a.get("id")?.as_str()?.to_owned(), a.get("filename")?.as_str()?.to_owned())))
        .collect();
    let mut files = Files::default();
    let listed = form.names("attachments") && (form.get("attachments").is_some() || purpose.edits());
    let entries = form.list("attachments", at, (0, MOST_FILES), mistakes);
    if listed {
        for (index, entry) in entries.iter().enumerate() {
            let (entry, at) = (Form(entry), at.to("attachments").nth(index));
            let filename = entry.text("filename", &at, (1, 1_024), false, mistakes);
            let description = entry.text("description", &at, (0, 1_024), false, mistakes).map(str::to_owned);
            let Some(id) = entry.get("id").and_then(snowflake_text) else {
                mistakes.add(&at.to("id"), "BASE_TYPE_REQUIRED", "This field is required");
                continue;
            };
            if old.iter().any(|(known, _)| *known == id) {
                files.kept.push((id, description));
            } else if let Some(place) = payload.files.iter().position(|file| file.number.to_string() == id) {
                let name = filename.map(str::to_owned);
                let name = name.or_else(|| payload.files.get(place).map(|file| file.name.clone()));
                files.added.push((place, name.unwrap_or_default(), description));
            } else {
                let message = format!("Attachment {id} is neither part of this request nor of the message");
                mistakes.add(&at.to("id"), "ATTACHMENT_NOT_FOUND", message);
            }
        }
    } else {
        files.kept.extend(old.iter().map(|(id, _)| (id.clone(), None)));
    }
    // On a new message a list of attachments only describes; on an edit it decides.
    for (place, file) in payload.files.iter().enumerate() {
        let named = files.added.iter().any(|(known, _, _)| *known == place);
        let dropped = listed && purpose.edits();
        if !(named || dropped) {
            files.added.push((place, file.name.clone(), None));
        }
    }
    if files.kept.len() + files.added.len() > MOST_FILES {
        let message = format!("Must be {MOST_FILES} or fewer in length.");
        mistakes.add(&at.to("attachments"), "BASE_TYPE_MAX_LENGTH", message);
    }
    let kept = old.iter().filter(|(id, _)| files.kept.iter().any(|(kept, _)| kept == id));
    let names = kept.map(|(_, name)| name.clone());
    let names = names.chain(files.added.iter().map(|(_, name, _)| name.clone())).collect();
    (files, names)
}
