//! Commands (contracts/discord §1.4): names, nesting, options, choices, localizations, and 8000
//! characters for each.

use super::super::{
    form::Form,
    refusal::{At, Mistakes},
};
use serde_json::Value;
use std::{collections::HashSet, sync::LazyLock};

/// Most commands in one call.
pub(crate) const MOST_IN_A_CALL: usize = 130;
const MOST_CHARACTERS: usize = 8_000;
const MOST_INT: i64 = (1 << 53) - 1;
const CHAT_INPUT: i64 = 1;
const SUBCOMMAND: i64 = 1;
const GROUP: i64 = 2;
const STRING: i64 = 3;
const INTEGER: i64 = 4;
const NUMBER: i64 = 10;

/// The languages that Discord shows, those of the package's `AvailableLocalesEnum`.
const LOCALES: [&str; 34] = [
    "ar", "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr", "he", "hi", "hr",
    "hu", "id", "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "ru", "sv-SE", "th", "tr", "uk",
    "vi", "zh-CN", "zh-TW",
];

static NAME: LazyLock<Option<regex::Regex>> =
    LazyLock::new(|| regex::Regex::new(r"^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$").ok());

struct Walk<'a> {
    mistakes: &'a mut Mistakes,
    characters: usize,
}

/// Checks one command. Those of a guild have no contexts and no integration types.
pub(crate) fn check(command: Form<'_>, at: &At, in_guild: bool, mistakes: &mut Mistakes) {
    let kind = command.int("type", at, (1, 4), mistakes).unwrap_or(CHAT_INPUT);
    let mut walk = Walk { mistakes, characters: 0 };
    walk.name(command, at, kind == CHAT_INPUT);
    let description = if kind == CHAT_INPUT { (1, 100) } else { (0, 100) };
    walk.described(command, "description", at, description, kind == CHAT_INPUT);
    if kind == CHAT_INPUT {
        walk.options(command, at, 0);
    } else {
        for name in ["description", "options"] {
            let filled =
                command.get(name).is_some_and(|value| *value != "" && *value != serde_json::json!([]));
            if filled && kind != 4 {
                let message = format!("Context menu commands cannot have {name}");
                walk.mistakes.add(&at.to(name), "APPLICATION_COMMAND_CONTEXT_MENU_FIELD", message);
            }
        }
    }
    let characters = walk.characters;
    if characters > MOST_CHARACTERS {
        let message = format!("Command exceeds maximum size ({MOST_CHARACTERS})");
        mistakes.add(at, "APPLICATION_COMMAND_TOO_LARGE", message);
    }
    permissions(command, at, mistakes);
    for (name, most) in [("contexts", 2), ("integration_types", 1)] {
        if command.get(name).is_none() {
            continue;
        }
        if in_guild {
            let message = format!("{name} can only be set for global commands");
            mistakes.add(&at.to(name), "APPLICATION_COMMAND_GLOBAL_ONLY_FIELD", message);
        }
        let list = command.list(name, at, (1, 3), mistakes);
        let mut seen = HashSet::new();
        for (index, value) in list.iter().enumerate() {
            let well = value.as_i64().is_some_and(|value| (0..=most).contains(&value) && seen.insert(value));
            if !well {
                mistakes.add(
                    &at.to(name).nth(index),
                    "BASE_TYPE_CHOICES",
                    format!("Value must be one of 0..{most}, once"),
                );
            }
        }
    }
}

fn permissions(command: Form<'_>, at: &At, mistakes: &mut Mistakes) {
    command.flag("dm_permission", at, mistakes);
    command.flag("nsfw", at, mistakes);
    let Some(value) = command.get("default_member_permissions") else { return };
    let well = match value {
        Value::String(text) => text.parse::<u64>().is_ok(),
        Value::Number(number) => number.as_u64().is_some(),
        _ => false,
    };
    if !well {
        let message = format!("Value {value} is not a bit set");
        mistakes.add(&at.to("default_member_permissions"), "NUMBER_TYPE_COERCE", message);
    }
}

impl Walk<'_> {
    fn name(&mut self, form: Form<'_>, at: &At, strict: bool) {
        self.described(form, "name", at, (1, 32), true);
        if !strict {
            return;
        }
        let names = form.get("name").map(|name| (at.to("name"), name));
        let localized = form.get("name_localizations").and_then(Value::as_object);
        let localized = localized.into_iter().flatten();
        let localized = localized.map(|(locale, name)| (at.to("name_localizations").to(locale), name));
        for (at, name) in names.into_iter().chain(localized) {
            let Some(name) = name.as_str() else { continue };
            let formed = NAME.as_ref().is_none_or(|form| form.is_match(name));
            if !formed || name.to_lowercase() != name {
                let message = format!("Command name is invalid: {name}");
                self.mistakes.add(&at, "APPLICATION_COMMAND_INVALID_NAME", message);
            }
        }
    }

    /// A text and its localizations. The longest of them counts.
    fn described(&mut self, form: Form<'_>, name: &str, at: &At, limits: (usize, usize), required: bool) {
        let own = form.text(name, at, limits, required, self.mistakes).map_or(0, |text| text.chars().count());
        let mut longest = own;
        let field = format!("{name}_localizations");
        if let Some(Form(Value::Object(localized))) = form.object(&field, at, self.mistakes) {
            let at = at.to(field);
            for (locale, text) in localized {
                if !LOCALES.contains(&locale.as_str()) {
                    let message = format!("Locale {locale} is not one of those that Discord knows");
                    self.mistakes.add(&at.to(locale.clone()), "BASE_TYPE_CHOICES", message);
                }
                if text.is_null() {
                    continue;
                }
                let length = text.as_str().map(|text| text.chars().count());
                if !length.is_some_and(|length| (1..=limits.1).contains(&length)) {
                    let message = format!("Must be between 1 and {} in length.", limits.1);
                    self.mistakes.add(&at.to(locale.clone()), "BASE_TYPE_BAD_LENGTH", message);
                }
                longest = longest.max(length.unwrap_or(0));
            }
        }
        self.characters = self.characters.saturating_add(longest);
    }

    /// The options of a command (depth 0), of a group (1) or of a subcommand (2).
    fn options(&mut self, form: Form<'_>, at: &At, depth: u8) {
        let options = form.list("options", at, (0, 25), self.mistakes);
        let list = at.to("options");
        let (mut names, mut optional_seen, mut nested, mut plain) = (HashSet::new(), false, 0, 0);
        for (index, option) in options.iter().enumerate() {
            let (option, at) = (Form(option), list.nth(index));
            let kind = option.int("type", &at, (1, 11), self.mistakes).unwrap_or_default();
            if option.get("type").is_none() {
                self.mistakes.add(&at.to("type"), "BASE_TYPE_REQUIRED", "This field is required");
            }
            self.name(option, &at, true);
            self.described(option, "description", &at, (1, 100), true);
            if let Some(name) = option.get("name").and_then(Value::as_str)
                && !names.insert(name)
            {
                let message = "Option name must be unique within its list";
                self.mistakes.add(&at.to("name"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", message);
            }
            let fits = match kind {
                SUBCOMMAND => depth < 2,
                GROUP => depth == 0,
                _ => depth != 1,
            };
            if !fits {
                let message = "Command, group, subcommand: nothing else is nested";
                self.mistakes.add(&at.to("type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message);
                continue;
            }
            match kind {
                SUBCOMMAND => {
                    nested += 1;
                    self.options(option, &at, 2);
                }
                GROUP => {
                    nested += 1;
                    if option.get("options").and_then(Value::as_array).is_none_or(Vec::is_empty) {
                        self.mistakes.add(&at.to("options"), "BASE_TYPE_REQUIRED", "A group has subcommands");
                    }
                    self.options(option, &at, 1);
                }
                _ => {
                    plain += 1;
                    let required = option.flag("required", &at, self.mistakes).unwrap_or(false);
                    if required && optional_seen {
                        let message = "Required options must be placed before non-required options";
                        self.mistakes.add(&at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message);
                    }
                    optional_seen |= !required;
                    self.values(option, &at, kind);
                }
            }
        }
        if nested > 0 && plain > 0 {
            let message = "Subcommands and other options cannot stand side by side";
            self.mistakes.add(&list, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message);
        }
    }

    /// Limits, choices and autocomplete of a plain option.
    fn values(&mut self, option: Form<'_>, at: &At, kind: i64) {
        let autocomplete = option.flag("autocomplete", at, self.mistakes).unwrap_or(false);
        let choices = option.list("choices", at, (0, 25), self.mistakes);
        let takes_choices = matches!(kind, STRING | INTEGER | NUMBER);
        if (autocomplete || !choices.is_empty()) && !takes_choices {
            let message = "Only strings, integers and numbers have choices or autocomplete";
            self.mistakes.add(&at.to("choices"), "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", message);
        }
        if autocomplete && !choices.is_empty() {
            let message = "Autocomplete and choices exclude each other";
            self.mistakes.add(
                &at.to("autocomplete"),
                "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID",
                message,
            );
        }
        for (index, choice) in choices.iter().enumerate() {
            let (choice, at) = (Form(choice), at.to("choices").nth(index));
            self.described(choice, "name", &at, (1, 100), true);
            let value = choice.get("value");
            let well = match kind {
                STRING => value.and_then(Value::as_str).is_some_and(|text| text.chars().count() <= 100),
                INTEGER => value.and_then(Value::as_i64).is_some_and(|n| n.abs() <= MOST_INT),
                _ => value.is_some_and(Value::is_number),
            };
            if !well {
                let message = "Choice value does not fit the option (text of at most 100, or a number)";
                self.mistakes.add(&at.to("value"), "APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE", message);
            }
            self.characters = self.characters.saturating_add(value.map_or(0, |value| match value {
                Value::String(text) => text.chars().count(),
                other => other.to_string().len(),
            }));
        }
        match kind {
            STRING => {
                let least = option.int("min_length", at, (0, 6_000), self.mistakes);
                let most = option.int("max_length", at, (1, 6_000), self.mistakes);
                self.ordered(least, most, at, "min_length");
            }
            INTEGER => {
                let least = option.int("min_value", at, (-MOST_INT, MOST_INT), self.mistakes);
                let most = option.int("max_value", at, (-MOST_INT, MOST_INT), self.mistakes);
                self.ordered(least, most, at, "min_value");
            }
            _ => {}
        }
    }

    fn ordered(&mut self, least: Option<i64>, most: Option<i64>, at: &At, name: &str) {
        if least.zip(most).is_some_and(|(least, most)| least > most) {
            self.mistakes.add(&at.to(name), "NUMBER_TYPE_RANGE", "the minimum is over the maximum");
        }
    }
}

/// Checks the choices of an autocomplete answer: at most 25, each fitting the option's type.
pub(crate) fn check_choices(data: Form<'_>, at: &At, kind: i64, mistakes: &mut Mistakes) {
    let choices = data.list("choices", at, (0, 25), mistakes);
    let mut walk = Walk { mistakes, characters: 0 };
    for (index, choice) in choices.iter().enumerate() {
        let (choice, at) = (Form(choice), at.to("choices").nth(index));
        walk.described(choice, "name", &at, (1, 100), true);
        let value = choice.get("value");
        let well = match kind {
            INTEGER => value.and_then(Value::as_i64).is_some_and(|n| n.abs() <= MOST_INT),
            NUMBER => value.is_some_and(Value::is_number),
            _ => value.and_then(Value::as_str).is_some_and(|text| text.chars().count() <= 100),
        };
        if !well {
            let message = "Choice value does not fit the option (text of at most 100, or a number)";
            walk.mistakes.add(&at.to("value"), "APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE", message);
        }
    }
}
