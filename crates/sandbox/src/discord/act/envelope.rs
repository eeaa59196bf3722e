//! The envelope of an interaction (contracts/discord §1.1).

use super::{
    super::{
        interactions::PING,
        places::{self, User},
    },
    APPLICATION, ATTACHMENT_LIMIT, Asked, Deed,
};
use crate::problem::Problem;
use database::WriteTx;
use serde_json::{Value, json};

/// Builds what is signed and sent.
pub(super) async fn build(
    tx: &mut WriteTx,
    asked: &Asked,
    user: &User,
    deed: &Deed,
    (id, token): (&str, &str),
) -> Result<Value, Problem> {
    let mut envelope = json!({
        "version": 1, "type": deed.kind, "id": id, "token": token, "application_id": APPLICATION,
        "entitlements": [],
    });
    let Some(fields) = envelope.as_object_mut() else { return Ok(envelope) };
    if deed.kind == PING {
        // Nothing else is on a ping for sure; who decodes more of it first will not answer it.
        fields.insert("user".into(), user.json());
        return Ok(envelope);
    }
    let guild = deed.channel.guild_id.as_deref();
    let context = match (asked.context, guild) {
        (Some(context @ 0..=2), _) if (context == 0) == guild.is_some() => context,
        (None, Some(_)) => 0,
        (None, None) => 1,
        _ => return Err(Problem::invalid("context is 0 in a guild, 1 or 2 outside of one")),
    };
    let locale = asked.locale.as_deref().unwrap_or(&user.locale);
    let owners = match &asked.authorizing_integration_owners {
        Some(owners) => Value::Object(owners.clone()),
        None => json!({"0": guild.unwrap_or("0"), "1": user.id}),
    };
    for (name, value) in [
        ("app_permissions", json!(deed.channel.app_permissions)),
        ("authorizing_integration_owners", owners),
        ("attachment_size_limit", json!(asked.attachment_size_limit.unwrap_or(ATTACHMENT_LIMIT))),
        ("context", json!(context)),
        ("locale", json!(locale)),
        ("channel_id", json!(deed.channel.id)),
        ("channel", deed.channel.partial()),
    ] {
        fields.insert(name.into(), value);
    }
    match guild {
        Some(guild) => {
            let found = places::guild(tx, guild).await?;
            let guild_locale = found.map_or_else(|| "en-US".to_owned(), |(_, locale)| locale);
            let mut member = user.member();
            member.insert("user".into(), user.json());
            fields.insert("member".into(), Value::Object(member));
            fields.insert("guild_id".into(), json!(guild));
            fields.insert("guild".into(), json!({"id": guild, "locale": guild_locale, "features": []}));
            fields.insert("guild_locale".into(), json!(guild_locale));
        }
        None => drop(fields.insert("user".into(), user.json())),
    }
    if let Some(data) = &deed.data {
        fields.insert("data".into(), data.clone());
    }
    if let Some(source) = &deed.source {
        fields.insert("message".into(), source.body.clone());
    }
    Ok(envelope)
}
