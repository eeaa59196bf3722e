//! Somebody clicks a button or chooses in a select: it must be on a message that they see, and not be
//! disabled; what they choose must be there.

use super::{
    super::{
        check::select,
        form::Form,
        interactions::COMPONENT,
        messages,
        places::{self, User},
    },
    Deed, resolved,
};
use crate::problem::Problem;
use database::WriteTx;
use serde::Deserialize;
use serde_json::{Value, json};

const BUTTON: i64 = 2;

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    message_id: String,
    custom_id: String,
    /// What is chosen; for selects.
    values: Option<Vec<String>>,
}

pub(super) async fn click(tx: &mut WriteTx, asked: &Asked, user: &User) -> Result<Deed, Problem> {
    let gone = || Problem::not_found(format!("{} sees no message {}", user.username, asked.message_id));
    let message = messages::get(tx, &asked.message_id).await?.ok_or_else(gone)?;
    if message.ephemeral_to.as_ref().is_some_and(|only| *only != user.id) {
        return Err(gone());
    }
    let channel = places::channel(tx, &message.channel_id).await?.ok_or_else(gone)?;
    if !places::sees(tx, user, &channel).await? {
        return Err(gone());
    }
    let components = message.body.get("components").cloned().unwrap_or_default();
    let component = find(&components, &asked.custom_id).ok_or_else(|| {
        Problem::not_found(format!("message {} has no component `{}`", message.id, asked.custom_id))
    })?;
    if component.get("disabled") == Some(&Value::Bool(true)) {
        return Err(Problem::conflict(format!("`{}` is disabled", asked.custom_id)));
    }
    let kind = Form(component).kind().unwrap_or_default();
    let mut data = json!({
        "custom_id": asked.custom_id, "component_type": kind, "id": component.get("id"),
    });
    if kind == BUTTON && asked.values.is_some() {
        return Err(Problem::invalid("a button takes no values"));
    }
    if select::KINDS.contains(&kind) {
        let values = asked.values.clone().unwrap_or_default();
        chosen(component, &values).map_err(Problem::invalid)?;
        // Users, roles, both, channels as the options of a command number them.
        let as_option = match kind {
            5 => 6,
            6 => 8,
            7 => 9,
            _ => 7,
        };
        let ids: Vec<(i64, String)> = values.iter().map(|value| (as_option, value.clone())).collect();
        if let Some(fields) = data.as_object_mut() {
            fields.insert("values".into(), json!(values));
        }
        if kind != 3
            && let Some(resolved) = resolved(tx, &ids, channel.guild_id.as_deref()).await?
            && let Some(fields) = data.as_object_mut()
        {
            fields.insert("resolved".into(), resolved);
        }
    }
    Ok(Deed { kind: COMPONENT, data: Some(data), channel, source: Some(message), opened_by: None })
}

/// The component with this custom id, wherever it stands.
fn find<'c>(components: &'c Value, custom_id: &str) -> Option<&'c Value> {
    components.as_array()?.iter().find_map(|component| {
        if component.get("custom_id").and_then(Value::as_str) == Some(custom_id) {
            return Some(component);
        }
        let accessory = component.get("accessory");
        let own = accessory.filter(|a| a.get("custom_id").and_then(Value::as_str) == Some(custom_id));
        own.or_else(|| component.get("components").and_then(|inner| find(inner, custom_id)))
    })
}

/// Whether a select lets these values pass. Also for selects in modals.
pub(super) fn chosen(select: &Value, values: &[String]) -> Result<(), String> {
    let limit = |name: &str, usual: i64| select.get(name).and_then(Value::as_i64).unwrap_or(usual);
    let (least, most) = (limit("min_values", 1), limit("max_values", 1));
    let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
    if count < least || count > most {
        return Err(format!("between {least} and {most} values are chosen, not {count}"));
    }
    let mut seen = std::collections::HashSet::new();
    if let Some(twice) = values.iter().find(|value| !seen.insert(*value)) {
        return Err(format!("`{twice}` is chosen twice"));
    }
    let Some(options) = select.get("options").and_then(Value::as_array) else {
        return match values.iter().find(|value| value.parse::<u64>().is_err()) {
            Some(odd) => Err(format!("`{odd}` is no snowflake")),
            None => Ok(()),
        };
    };
    let known =
        |value: &&String| options.iter().any(|o| o.get("value").and_then(Value::as_str) == Some(value));
    match values.iter().find(|value| !known(value)) {
        Some(odd) => Err(format!("`{odd}` is not among the options")),
        None => Ok(()),
    }
}
