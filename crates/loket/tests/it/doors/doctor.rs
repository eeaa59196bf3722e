//! `doctor`: a shop that lacks nothing, and what is said of each thing that is broken.

use crate::harness::{Rows, World, command};
use serde_json::Value;
use std::collections::BTreeSet;

/// What a shop with everything is checked for, as the README names it.
const EVERYTHING: [&str; 26] = [
    "configuration",
    "api key",
    "database",
    "schema",
    "mode",
    "vault",
    "alerts",
    "circuits",
    "clock",
    "public url",
    "reachable",
    "webhooks",
    "interactions",
    "midtrans",
    "snap",
    "dana",
    "dana key",
    "xendit",
    "digiflazz",
    "vip reseller",
    "apigames",
    "discord",
    "discord key",
    "discord endpoint",
    "discord servers",
    "discord commands",
];
/// A key that is no application's here: the base point of the curve.
const OTHER_KEY: &str = "5866666666666666666666666666666666666666666666666666666666666666";

/// Connects the shop to everything that there is outside, Discord included.
fn connect(world: &mut World) {
    let simulators = world.simulators.base().to_owned();
    let key = std::fs::read_to_string(world.folder().join("outside/sandbox/discord.pub.hex")).unwrap();
    for (name, value) in [
        ("LOKET_SERVER__PUBLIC_URL", world.url("")),
        ("LOKET_XENDIT__BASE_URL", format!("{simulators}/sandbox/xendit")),
        ("LOKET_VIP_RESELLER__BASE_URL", format!("{simulators}/sandbox/vip-reseller/api")),
        ("LOKET_APIGAMES__BASE_URL", format!("{simulators}/sandbox/apigames")),
        ("LOKET_DISCORD__API_URL", format!("{simulators}/sandbox/discord")),
        ("LOKET_DISCORD__PUBLIC_KEY", key.trim().to_owned()),
        ("LOKET_DISCORD__APPLICATION_ID", sandbox::DISCORD_APPLICATION_ID.to_owned()),
        ("LOKET_DISCORD__BOT_TOKEN", sandbox::DISCORD_BOT_TOKEN.to_owned()),
    ] {
        world.configure(name, &value);
    }
}

/// An open shop that is connected to everything.
async fn shop() -> World {
    let mut world = World::announced(Rows::Sqlite).await;
    connect(&mut world);
    world.open_shop(&[]).await.unwrap();
    world
}

/// Asks the doctor, with a part of the configuration changed: its exit code, and what it found.
async fn doctor(world: &World, change: &[(&str, &str)]) -> (Option<i32>, Vec<Value>) {
    let mut program = command(&["doctor", "--json"]);
    program.envs(world.environment()).envs(change.iter().copied());
    let output = program.output().await.unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let logged = String::from_utf8_lossy(&output.stderr);
    for secret in
        ["hunter2", sandbox::DISCORD_BOT_TOKEN, sandbox::MIDTRANS_SERVER_KEY, sandbox::XENDIT_SECRET_KEY]
    {
        assert!(!told.contains(secret) && !logged.contains(secret), "{secret} in {told} {logged}");
    }
    let checks = serde_json::from_str(&told).unwrap_or_else(|error| panic!("{error}: {told} {logged}"));
    (output.status.code(), checks)
}

/// The checks that are not all right.
fn troubles(checks: &[Value]) -> Vec<&Value> {
    checks.iter().filter(|check| check["verdict"] != "ok").collect()
}

#[tokio::test]
async fn a_shop_that_lacks_nothing_passes_every_check() {
    let world = shop().await;
    let (code, checks) = doctor(&world, &[]).await;
    let found = troubles(&checks);
    assert_eq!((code, found.len()), (Some(4), 1), "{found:#?}");
    assert_eq!(found[0]["check"], "discord commands");
    assert_eq!(found[0]["verdict"], "wrong");
    assert!(found[0]["found"].as_str().unwrap().starts_with("not there: "), "{found:#?}");
    assert!(found[0]["found"].as_str().unwrap().contains("topup"), "{found:#?}");
    assert_eq!(found[0]["fix"], "run `loket discord register`");

    let (code, text) = world.command(&["discord", "register"]).await;
    assert_eq!(code, Some(0), "{text}");
    let (code, checks) = doctor(&world, &[]).await;
    let found = troubles(&checks);
    assert!(code == Some(0) && found.is_empty(), "{code:?} {found:#?}");
    let names: BTreeSet<_> = checks.iter().map(|check| check["check"].as_str().unwrap()).collect();
    assert_eq!(names, BTreeSet::from(EVERYTHING));
}

#[tokio::test]
async fn a_key_of_before_is_told_of_for_as_long_as_it_stands_there() {
    let world = shop().await;
    let (midtrans, token) = ("LOKET_MIDTRANS__PREVIOUS_SERVER_KEY", "LOKET_XENDIT__PREVIOUS_CALLBACK_TOKEN");
    let change = [
        (midtrans, "hunter2"),
        (token, "hunter2"),
        ("LOKET_XENDIT__PREVIOUS_SECRET_KEY", "hunter2"),
        ("LOKET_XENDIT__PREVIOUS_UNTIL", "2026-01-31"),
        ("LOKET_DANA__PREVIOUS_PRIVATE_KEY_FILE", "/nonexistent"),
        ("LOKET_DANA__PREVIOUS_UNTIL", "2999-12-31T12:00:00+07:00"),
    ];
    let (_, checks) = doctor(&world, &change).await;
    let told: Vec<_> = checks.iter().filter(|check| check["check"] == "previous key").collect();
    assert!(told.iter().all(|check| check["verdict"] == "note"), "{told:#?}");
    let said: Vec<[&str; 2]> =
        told.iter().map(|check| ["found", "fix"].map(|part| check[part].as_str().unwrap())).collect();
    for (at, (found, fix)) in [
        ("`midtrans.previous_server_key` is believed beside the present one for as long as", midtrans),
        (
            "`dana.previous_private_key_file` is believed until 2999-12-31 12:00:00 WIB",
            "PRIVATE_KEY_FILE then",
        ),
        (
            "`xendit.previous_secret_key` has not been believed since 2026-02-01 00:00:00 WIB",
            "PREVIOUS_SECRET_KEY",
        ),
        ("`xendit.previous_callback_token` has not been believed since", token),
    ]
    .into_iter()
    .enumerate()
    {
        let [told, mend] = said[at];
        assert!(told.starts_with(found) && mend.contains(fix), "{said:#?}");
    }
    assert_eq!(said.len(), 4, "{said:#?}");
}

#[tokio::test]
async fn what_is_broken_is_named_with_its_fix() {
    let world = shop().await;
    let (code, text) = world.command(&["discord", "register"]).await;
    assert_eq!(code, Some(0), "{text}");
    let ours = world.url("");
    let (elsewhere, below) = (ours.replace("127.0.0.1", "localhost"), format!("{ours}/shop"));
    let endpoint = format!("set it to {elsewhere}/discord/interactions");
    let own_key = world.folder().join("outside/sandbox/dana-merchant.pub.pem").display().to_string();
    // Variable and value; the check that notices; a part of what it found; a part of the fix.
    let cases = [
        (
            "LOKET_DISCORD__BOT_TOKEN",
            "hunter2",
            "discord",
            "does not know the bot's token",
            "LOKET_DISCORD__BOT_TOKEN",
        ),
        (
            "LOKET_DISCORD__APPLICATION_ID",
            "1290000000000000999",
            "discord",
            sandbox::DISCORD_APPLICATION_ID,
            "LOKET_DISCORD__APPLICATION_ID",
        ),
        (
            "LOKET_DISCORD__PUBLIC_KEY",
            OTHER_KEY,
            "discord key",
            "not the application's",
            "LOKET_DISCORD__PUBLIC_KEY",
        ),
        ("LOKET_DISCORD__PUBLIC_KEY", "5866", "configuration", "64 hexadecimal digits", "environment"),
        ("LOKET_DISCORD__API_URL", "http://127.0.0.1:1", "discord", "127.0.0.1:1", "LOKET_DISCORD__API_URL"),
        ("LOKET_SERVER__PUBLIC_URL", &elsewhere, "discord endpoint", &ours, &endpoint),
        ("LOKET_SERVER__PUBLIC_URL", "http://127.0.0.1:1", "reachable", "127.0.0.1:1/healthz", "loket serve"),
        ("LOKET_SERVER__PUBLIC_URL", world.simulators.base(), "reachable", "answers 404", "reverse proxy"),
        ("LOKET_SERVER__PUBLIC_URL", &below, "public url", &below, "https://NAME"),
        (
            "LOKET_MIDTRANS__SERVER_KEY",
            "SB-Mid-server-hunter2",
            "midtrans",
            "401",
            "LOKET_MIDTRANS__SERVER_KEY",
        ),
        ("LOKET_MIDTRANS__SNAP_URL", "http://127.0.0.1:1", "snap", "127.0.0.1:1", "LOKET_MIDTRANS__SNAP_URL"),
        ("LOKET_DANA__PARTNER_ID", "hunter2", "dana", "401", "LOKET_DANA__PARTNER_ID"),
        ("LOKET_DANA__PRIVATE_KEY_FILE", "/nonexistent", "dana", "/nonexistent", "PEM"),
        (
            "LOKET_DANA__GATEWAY_PUBLIC_KEY_FILE",
            &own_key,
            "dana key",
            "our own public key",
            "LOKET_DANA__GATEWAY_PUBLIC_KEY_FILE",
        ),
        ("LOKET_DIGIFLAZZ__API_KEY", "hunter2", "digiflazz", "balance", "__API_KEY"),
        ("LOKET_VIP_RESELLER__API_KEY", "hunter2", "vip reseller", "vip-reseller", "__API_KEY"),
        ("LOKET_APIGAMES__SECRET", "hunter2", "apigames", "apigames", "__SECRET"),
    ];
    for (name, value, what, expected, fix) in cases {
        let (code, checks) = doctor(&world, &[(name, value)]).await;
        let label = format!("{name}={value}: {:#?}", troubles(&checks));
        assert_eq!(code, Some(4), "{label}");
        let check = checks.iter().find(|check| check["check"] == what);
        let check = check.unwrap_or_else(|| panic!("no {what}: {label}"));
        assert_eq!(check["verdict"], "wrong", "{what}: {label}");
        let has = |part: &str, text: &str| check[part].as_str().is_some_and(|said| said.contains(text));
        assert!(has("found", expected) && has("fix", fix), "`{expected}`, `{fix}`: {label}");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_not_set_and_a_shop_without_a_desk_are_told() {
    let mut world = World::new(Rows::Sqlite).await;
    world.open_shop(&[]).await.unwrap();
    connect(&mut world);
    let (code, checks) = doctor(&world, &[]).await;
    assert_eq!(code, Some(4));
    for (what, found, fix) in [
        ("discord endpoint", "no interactions endpoint URL", "/discord/interactions (developer portal"),
        ("interactions", "started without Discord", "start `loket serve` again"),
    ] {
        let check = checks.iter().find(|check| check["check"] == what).unwrap();
        assert_eq!(check["verdict"], "wrong", "{check}");
        assert!(check["found"].as_str().unwrap().contains(found), "{check}");
        assert!(check["fix"].as_str().unwrap().contains(fix), "{check}");
    }
}

#[tokio::test]
async fn a_shop_of_which_nothing_is_configured_is_no_trouble() {
    let folder = testkit::TempFolder::new("doctor");
    let output = command(&["doctor"]).env("LOKET_DATA_DIR", folder.path()).output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(!text.contains("WRONG") && text.contains("the simulator inside `loket serve`"), "{text}");
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "a look makes nothing");
}

#[test]
fn every_check_stands_behind_a_step_of_the_readme() {
    let readme = include_str!("../../../../../README.md");
    let (_, steps) = readme.split_once("## Going to production").unwrap();
    let (steps, _) = steps.split_once("\n## ").unwrap();
    for check in EVERYTHING {
        assert!(steps.contains(&format!("*{check}*")), "{check}");
    }
}
