//! The commands as Discord is told of them.

use serde_json::{Value, json};
use twilight_model::application::command::Command;
use twilight_validate::command;

#[test]
fn discord_takes_every_command() {
    let all = discord::definitions();
    let names: Vec<&str> = all.as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["price", "cek", "topup", "saldo", "history", "help"]);
    for definition in all.as_array().unwrap() {
        let mut complete = definition.clone();
        complete["version"] = json!("1");
        let typed: Command = serde_json::from_value(complete).unwrap();
        command::command(&typed).unwrap();
        command::options(&typed.options).unwrap();
        for option in &typed.options {
            command::option(option).unwrap();
            assert!(!(option.autocomplete == Some(true) && option.choices.is_some()));
        }
        let places = |key: &str| definition[key].as_array().unwrap().len();
        assert_eq!((places("contexts"), places("integration_types")), (3, 2));
    }
}

#[test]
fn indonesian_clients_see_indonesian_names() {
    let all = discord::definitions();
    assert_eq!(all[0]["name_localizations"]["id"], "harga");
    every_text(&all, &mut |part| {
        let (name, local) = (&part["description"], &part["description_localizations"]);
        assert_eq!(&local["en-US"], name);
        assert!(local["id"].as_str().is_some_and(|text| !text.is_empty() && text.chars().count() <= 100));
        assert!(local["id-ID"].is_null(), "Discord knows `id` only");
    });
}

fn every_text(part: &Value, check: &mut dyn FnMut(&Value)) {
    for item in part.as_array().into_iter().flatten() {
        check(item);
        every_text(&item["options"], check);
    }
}
