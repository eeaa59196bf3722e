//! Somebody fills in a modal and sends it: fields are checked as the client checks them
//! (contracts/discord §1.7).

use super::{
    super::{
        check::select,
        form::Form,
        interactions::{self, MODAL_SUBMIT},
        messages, places,
        places::User,
    },
    Deed, component, resolved,
};
use crate::problem::Problem;
use database::WriteTx;
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// The interaction that was answered with the modal.
    interaction_id: String,
    /// What is filled in, by custom id: text, a list, or yes and no.
    #[serde(default)]
    values: Map<String, Value>,
}

pub(super) async fn submit(tx: &mut WriteTx, asked: &Asked, user: &User) -> Result<Deed, Problem> {
    let none = || Problem::not_found(format!("no modal was opened by interaction {}", asked.interaction_id));
    let opener = interactions::get(tx, &asked.interaction_id).await?.ok_or_else(none)?;
    let modal = opener.shown.as_ref().filter(|_| opener.response_type == Some(9)).ok_or_else(none)?;
    if opener.user_id != user.id {
        return Err(Problem::conflict("the modal is open in front of somebody else"));
    }
    if opener.submitted {
        return Err(Problem::conflict("the modal was sent already"));
    }
    let channel = places::channel(tx, &opener.channel_id).await?.ok_or_else(none)?;
    let mut chosen = Vec::new();
    let components = fields(modal, asked, &mut chosen)?;
    let mut data = json!({"custom_id": modal.get("custom_id"), "components": components});
    if let Some(resolved) = resolved(tx, &chosen, channel.guild_id.as_deref()).await?
        && let Some(fields) = data.as_object_mut()
    {
        fields.insert("resolved".into(), resolved);
    }
    let source = match &opener.source_message_id {
        Some(id) => messages::get(tx, id).await?,
        None => None,
    };
    Ok(Deed { kind: MODAL_SUBMIT, data: Some(data), channel, source, opened_by: Some(opener.id) })
}

/// The rows as they are sent back, with ids counted through.
fn fields(modal: &Value, asked: &Asked, chosen: &mut Vec<(i64, String)>) -> Result<Vec<Value>, Problem> {
    let rows = modal.get("components").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let inputs = super::super::check::modal::inputs(modal);
    let known =
        |name: &String| inputs.iter().any(|i| i.get("custom_id").and_then(Value::as_str) == Some(name));
    if let Some(unknown) = asked.values.keys().find(|name| !known(name)) {
        return Err(Problem::invalid(format!("the modal has no field `{unknown}`")));
    }
    let mut next = 0_i64;
    let mut id = |component: &Value| {
        next += 1;
        component.get("id").and_then(Value::as_i64).filter(|id| *id != 0).unwrap_or(next)
    };
    let mut sent = Vec::new();
    for row in rows {
        let row_id = id(row);
        sent.push(match Form(row).kind() {
            Some(18) => {
                let inner = row.get("component").unwrap_or(&Value::Null);
                let inner_id = id(inner);
                json!({"type": 18, "id": row_id, "component": answer(inner, inner_id, asked, chosen)?})
            }
            Some(1) => {
                let inner = row.get("components").and_then(|inner| inner.get(0)).unwrap_or(&Value::Null);
                let inner_id = id(inner);
                json!({"type": 1, "id": row_id, "components": [answer(inner, inner_id, asked, chosen)?]})
            }
            other => json!({"type": other, "id": row_id}),
        });
    }
    Ok(sent)
}

fn answer(input: &Value, id: i64, asked: &Asked, chosen: &mut Vec<(i64, String)>) -> Result<Value, Problem> {
    let name = input.get("custom_id").and_then(Value::as_str).unwrap_or_default();
    let kind = Form(input).kind().unwrap_or_default();
    let given = asked.values.get(name);
    let required = input.get("required") != Some(&Value::Bool(false));
    let wrong = |why: String| Problem::invalid(format!("field `{name}`: {why}"));
    let mut sent = json!({"type": kind, "id": id, "custom_id": name});
    let (key, value) = match kind {
        4 => ("value", json!(text(input, given, required).map_err(wrong)?)),
        21 => ("value", radio(input, given, required).map_err(wrong)?),
        23 => {
            let usual = input.get("default") == Some(&Value::Bool(true));
            let value = given.map_or(Some(usual), Value::as_bool);
            ("value", json!(value.ok_or_else(|| wrong("yes or no is expected".into()))?))
        }
        _ => {
            let values = list(given).ok_or_else(|| wrong("a list of texts is expected".into()))?;
            if !values.is_empty() || required {
                component::chosen(input, &values).map_err(wrong)?;
            }
            if select::KINDS.contains(&kind) && kind != 3 {
                let as_option = match kind {
                    5 => 6,
                    6 => 8,
                    7 => 9,
                    _ => 7,
                };
                chosen.extend(values.iter().map(|value| (as_option, value.clone())));
            }
            ("values", json!(values))
        }
    };
    if let Some(fields) = sent.as_object_mut() {
        fields.insert(key.into(), value);
    }
    Ok(sent)
}

/// What stands in a text field: what was typed, else what was there from the start.
fn text(input: &Value, given: Option<&Value>, required: bool) -> Result<String, String> {
    let usual = input.get("value").and_then(Value::as_str).unwrap_or_default();
    let text = given.map_or(Some(usual), Value::as_str).ok_or("a text is expected")?;
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    if length == 0 {
        return if required { Err("it is required".into()) } else { Ok(String::new()) };
    }
    let limit = |name: &str, usual: i64| input.get(name).and_then(Value::as_i64).unwrap_or(usual);
    let (least, most) = (limit("min_length", 0), limit("max_length", 4_000));
    if length < least || length > most {
        return Err(format!("between {least} and {most} characters are typed, not {length}"));
    }
    Ok(text.to_owned())
}

fn radio(input: &Value, given: Option<&Value>, required: bool) -> Result<Value, String> {
    match given {
        Some(Value::String(value)) => {
            let options = input.get("options").and_then(Value::as_array);
            let known =
                options.into_iter().flatten().any(|o| o.get("value").and_then(Value::as_str) == Some(value));
            if known { Ok(json!(value)) } else { Err(format!("`{value}` is not among the options")) }
        }
        None if !required => Ok(Value::Null),
        None => Err("it is required".into()),
        Some(_) => Err("a text is expected".into()),
    }
}

fn list(given: Option<&Value>) -> Option<Vec<String>> {
    match given {
        None => Some(Vec::new()),
        Some(Value::String(one)) => Some(vec![one.clone()]),
        Some(Value::Array(list)) => list.iter().map(|value| value.as_str().map(str::to_owned)).collect(),
        Some(_) => None,
    }
}
