//! Registering the commands: only when they differ.

use crate::{
    scene::{APPLICATION, Discord, refusal},
    server::answer,
};
use discord::{Refusal, RegisterError, register};
use serde_json::{Value, json};

fn ours() -> Value {
    json!([{"name": "price", "description": "Prices", "name_localizations": {"id": "harga"}}])
}

/// A Discord that has this.
fn having(commands: Value) -> Discord {
    Discord::answering(move |_| answer(200, &[], commands.to_string()))
}

#[tokio::test]
async fn commands_that_discord_has_are_not_sent_again() {
    let discord = having(json!([{
        "id": "1", "application_id": APPLICATION, "version": "1", "type": 1, "name": "price", "nsfw": false,
        "description": "Prices", "name_localizations": {"id": "harga"}, "description_localizations": null,
        "dm_permission": true, "default_member_permissions": null, "contexts": null, "integration_types": [0],
    }]));
    let registered = register(&discord.rest(), &ours(), None, false).await.unwrap();
    assert!(registered.is_same() && !registered.replaced);
    assert_eq!(discord.lines().len(), 1);
}

#[tokio::test]
async fn commands_that_differ_are_replaced_as_a_whole_unless_it_is_only_a_look() {
    let discord = having(json!([{"id": "1", "type": 1, "name": "old", "description": "Old"}]));
    let look = register(&discord.rest(), &ours(), Some("100"), true).await.unwrap();
    assert_eq!(
        (look.added.as_slice(), look.removed.as_slice()),
        (["price".into()].as_slice(), ["old".into()].as_slice())
    );
    assert!(!look.replaced);
    assert_eq!(discord.lines().len(), 1, "a look sends nothing");

    let done = register(&discord.rest(), &ours(), Some("100"), false).await.unwrap();
    assert!(done.replaced);
    let last = discord.last();
    assert_eq!(last.line, format!("PUT /api/v10/applications/{APPLICATION}/guilds/100/commands"));
    assert_eq!(serde_json::from_str::<Value>(&last.body).unwrap(), ours());
}

#[tokio::test]
async fn nothing_is_replaced_when_discord_refuses_to_tell() {
    let discord = Discord::answering(|_| refusal(401, 0));
    let error = register(&discord.rest(), &ours(), None, false).await.unwrap_err();
    assert!(matches!(error, RegisterError::Refused(Refusal::Unauthorized)));
    assert_eq!(discord.lines().len(), 1);
    let discord = having(json!({"commands": []}));
    assert!(matches!(register(&discord.rest(), &ours(), None, false).await, Err(RegisterError::NoList)));
}
