//! Select menus, in messages and in modals (contracts/discord §1.5, §1.7, §6).

use super::super::{
    form::Form,
    refusal::{At, Mistakes},
};
use serde_json::Value;
use std::collections::HashSet;

/// The kinds of select menus: of strings, users, roles, both, channels.
pub(crate) const KINDS: [i64; 5] = [3, 5, 6, 7, 8];

/// Checks a select menu. Its custom id is checked by the caller.
pub(crate) fn check(select: Form<'_>, at: &At, in_modal: bool, mistakes: &mut Mistakes) {
    select.text("placeholder", at, (0, 150), false, mistakes);
    let least = select.int("min_values", at, (0, 25), mistakes);
    let most = select.int("max_values", at, (1, 25), mistakes).unwrap_or(1);
    let required = select.flag("required", at, mistakes).unwrap_or(true);
    let disabled = select.flag("disabled", at, mistakes).unwrap_or(false);
    if in_modal && disabled {
        mistakes.add(
            &at.to("disabled"),
            "COMPONENT_DISABLED_IN_MODAL",
            "Components in a modal cannot be disabled",
        );
    }
    if in_modal && required && least == Some(0) {
        mistakes.add(
            &at.to("min_values"),
            "SELECT_REQUIRED_MIN_VALUES",
            "min_values must be at least 1 when the component is required",
        );
    }
    let least = least.unwrap_or(1);
    if least > most {
        mistakes.add(
            &at.to("max_values"),
            "SELECT_MAX_VALUES_BELOW_MIN",
            "max_values must not be below min_values",
        );
    }
    if select.kind() == Some(3) {
        options(select, at, least, most, mistakes);
    } else if select.names("options") {
        mistakes.add(&at.to("options"), "SELECT_OPTIONS_NOT_ALLOWED", "Only a string select has options");
    }
    if let Some(defaults) = select.get("default_values").and_then(Value::as_array)
        && i64::try_from(defaults.len()).unwrap_or(i64::MAX) > most
    {
        mistakes.add(
            &at.to("default_values"),
            "BASE_TYPE_MAX_LENGTH",
            format!("Must be {most} or fewer in length."),
        );
    }
}

fn options(select: Form<'_>, at: &At, least: i64, most: i64, mistakes: &mut Mistakes) {
    let options = select.list("options", at, (1, 25), mistakes);
    let list = at.to("options");
    let (mut values, mut defaults) = (HashSet::new(), 0_i64);
    for (index, option) in options.iter().enumerate() {
        let (option, at) = (Form(option), list.nth(index));
        option.text("label", &at, (1, 100), true, mistakes);
        option.text("description", &at, (0, 100), false, mistakes);
        super::component::emoji(option, &at, mistakes);
        defaults += i64::from(option.flag("default", &at, mistakes).unwrap_or(false));
        if let Some(value) = option.text("value", &at, (1, 100), true, mistakes)
            && !values.insert(value)
        {
            mistakes.add(
                &at.to("value"),
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                "The specified option value is already used",
            );
        }
    }
    let count = i64::try_from(options.len()).unwrap_or(i64::MAX);
    if options.is_empty() {
        return;
    }
    if most > count && select.names("max_values") {
        mistakes.add(
            &at.to("max_values"),
            "SELECT_COMPONENT_MAX_VALUES_ABOVE_OPTIONS",
            format!("max_values is {most}, but there are {count} options"),
        );
    }
    if least > count {
        mistakes.add(
            &at.to("min_values"),
            "SELECT_COMPONENT_MIN_VALUES_ABOVE_OPTIONS",
            format!("min_values is {least}, but there are {count} options"),
        );
    }
    if defaults > most {
        mistakes.add(
            &list,
            "SELECT_COMPONENT_TOO_MANY_DEFAULTS",
            format!("at most {most} options can be default"),
        );
    }
}
