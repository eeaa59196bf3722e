//! Members in front of their Discord clients: what they do is signed and sent by the simulated Discord, and
//! what they see is what it keeps.

use crate::{
    hands::{nap, patience},
    harness::{Loket, Rows, World},
};
use reqwest::StatusCode;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// A member of the sandbox guild with an Indonesian client.
pub(crate) const SARI: &str = "1290000000000000301";
/// Another.
pub(crate) const BUDI: &str = "1290000000000000302";
/// An account of Mobile Legends that exists.
pub(crate) const ACCOUNT: [(&str, &str); 2] = [("user_id", "1114917746"), ("server", "13486")];
/// Type of a channel: direct messages, and a private thread.
pub(crate) const DM: i64 = 1;
pub(crate) const PRIVATE_THREAD: i64 = 12;

/// Where payloads are kept for the judge, when it wants any.
const PAYLOADS: &str = "LOKET_TEST_PAYLOADS";

/// What a member sees of a message.
#[derive(Clone, Debug)]
pub(crate) struct Shown(pub(crate) Value);

impl Shown {
    /// Everything that is said in it.
    pub(crate) fn text(&self) -> String {
        self.0["message"].to_string()
    }

    pub(crate) fn says(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    pub(crate) fn ephemeral(&self) -> bool {
        self.0["ephemeral"] == true
    }

    pub(crate) fn channel_kind(&self) -> i64 {
        self.0["channel"]["type"].as_i64().unwrap()
    }

    pub(crate) fn id(&self) -> &str {
        self.0["message"]["id"].as_str().unwrap()
    }

    pub(crate) fn edits(&self) -> i64 {
        self.0["edits"].as_i64().unwrap()
    }

    pub(crate) fn picture(&self) -> Option<&str> {
        self.0["message"]["attachments"][0]["url"].as_str()
    }

    pub(crate) fn has_button(&self, label: &str) -> bool {
        button(&self.0["message"], label).is_some()
    }
}

impl World {
    /// A world on this engine with a shop on the simulated Discord, whose commands are registered.
    pub(crate) async fn on_discord(rows: Rows) -> World {
        let mut world = World::new(rows).await;
        let base = world.simulators.base().to_owned();
        let key = world.folder().join("outside/sandbox/discord.pub.hex");
        let key = std::fs::read_to_string(key).expect("the simulated Discord has a key");
        for (name, value) in [
            ("LOKET_DISCORD__API_URL", format!("{base}/sandbox/discord")),
            ("LOKET_DISCORD__PUBLIC_KEY", key.trim().to_owned()),
            ("LOKET_DISCORD__APPLICATION_ID", sandbox::DISCORD_APPLICATION_ID.to_owned()),
            ("LOKET_DISCORD__BOT_TOKEN", sandbox::DISCORD_BOT_TOKEN.to_owned()),
            ("LOKET_VIP_RESELLER__BASE_URL", format!("{base}/sandbox/vip-reseller/api")),
            ("LOKET_APIGAMES__BASE_URL", format!("{base}/sandbox/apigames")),
        ] {
            world.configure(name, &value);
        }
        world.open_shop(&[]).await.unwrap();
        let (code, text) = world.command(&["discord", "register"]).await;
        assert_eq!(code, Some(0), "{text}");
        world
    }

    /// The shop is killed, and opened again where it was.
    pub(crate) async fn restart_shop(&mut self) {
        let mut shop: Loket = self.shop.take().expect("it is open");
        // Until it is gone: it holds the file of the database.
        shop.kill().await;
        self.open_shop(&[]).await.unwrap();
    }

    /// Somebody does something in their client: a command, a click, a form. What they see at once.
    pub(crate) async fn act_raw(&self, user: &str, deed: Value) -> Value {
        let mut deed = deed;
        deed["user_id"] = json!(user);
        deed["url"] = json!(self.url("/discord/interactions"));
        if deed["wait_ms"].is_null() {
            deed["wait_ms"] = json!(15_000);
        }
        let (status, seen) = self.simulate("discord/interactions", deed).await;
        assert_eq!(status, StatusCode::OK, "{seen}");
        seen
    }

    /// The same, for what the shop must answer well.
    pub(crate) async fn act(&self, user: &str, mut deed: Value) -> Value {
        // The longest that there is.
        deed["wait_ms"] = json!(60_000);
        let seen = self.act_raw(user, deed).await;
        let outcome = seen["outcome"].as_str().unwrap();
        assert!(!["failed", "loading", "deferred_update", "other"].contains(&outcome), "{seen:#}");
        seen
    }

    /// Types a command.
    pub(crate) async fn types(&self, user: &str, name: &str, options: &[(&str, &str)]) -> Value {
        self.act(user, json!({"command": {"name": name, "options": object(options)}})).await
    }

    /// Presses a button.
    pub(crate) async fn press(&self, user: &str, seen: &Value, label: &str) -> Value {
        self.act(user, click(&seen["message"], label)).await
    }

    /// Picks from the menu.
    pub(crate) async fn pick(&self, user: &str, seen: &Value, value: &str) -> Value {
        self.act(user, choice(&seen["message"], value)).await
    }

    /// Fills in the form and sends it.
    pub(crate) async fn fill(&self, user: &str, form: &Value, fields: &[(&str, &str)]) -> Value {
        let interaction = &form["interaction"]["id"];
        self.act(user, json!({"modal": {"interaction_id": interaction, "values": object(fields)}})).await
    }

    /// Buys 86 diamonds up to the choice of how to pay.
    pub(crate) async fn ways(&self, user: &str) -> Value {
        let options = [[("game", "ML"), ("product", "ML_86")], ACCOUNT].concat();
        let asked = self.types(user, "topup", &options).await;
        self.press(user, &asked, "Benar, pilih cara bayar").await
    }

    /// Buys 86 diamonds in this way: the number of the order, and the card as answered.
    pub(crate) async fn orders(&self, user: &str, method: &str) -> (String, Value) {
        let ways = self.ways(user).await;
        let card = self.pick(user, &ways, method).await;
        (order_number(&card["message"]), card)
    }

    /// Everything that a member sees, oldest first.
    pub(crate) async fn sees(&self, user: &str) -> Vec<Shown> {
        let base = self.simulators.base();
        let url = format!("{base}/sandbox/discord/messages?user_id={user}");
        let all: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
        all["messages"].as_array().unwrap().iter().cloned().map(Shown).collect()
    }

    /// Waits until a member sees a message that fits.
    pub(crate) async fn until_seen(&self, user: &str, what: &str, fits: impl Fn(&Shown) -> bool) -> Shown {
        let started = Instant::now();
        loop {
            let all = self.sees(user).await;
            if let Some(found) = all.iter().rev().find(|shown| fits(shown)) {
                return found.clone();
            }
            let texts: Vec<String> = all.iter().map(Shown::text).collect();
            patience(started, &format!("{what}; seen is {texts:#?}"));
            nap().await;
        }
    }

    /// Waits until the card of an order says this.
    pub(crate) async fn until_card(&self, user: &str, number: &str, says: &str) -> Shown {
        let fits = |shown: &Shown| shown.ephemeral() && shown.says(number) && shown.says(says);
        self.until_seen(user, &format!("*{says}* on the card of {number}"), fits).await
    }

    /// Waits until the message that stays (a direct message, or in a thread) says this of an order.
    pub(crate) async fn until_receipt(&self, user: &str, number: &str, says: &str) -> Shown {
        let fits = |shown: &Shown| !shown.ephemeral() && shown.says(number) && shown.says(says);
        self.until_seen(user, &format!("*{says}* in a message about {number}"), fits).await
    }

    /// The order as the command line shows it.
    pub(crate) async fn until_state(&self, number: &str, state: &str) -> Value {
        let started = Instant::now();
        loop {
            let file = self.file(number).await;
            if file["state"] == state {
                return file;
            }
            patience(started, &format!("{state} of {file:#}"));
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
    }

    /// The payloads that the shop has sent to Discord.
    pub(crate) async fn payloads(&self) -> Vec<Value> {
        let url = format!("{}/sandbox/discord/payloads", self.simulators.base());
        let all: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
        all["payloads"].as_array().unwrap().clone()
    }

    /// The proofs hold, Discord took the form of everything that was sent, and what was sent is kept for
    /// the judge.
    pub(crate) async fn assert_well_ended(&self, test: &str) {
        self.assert_proofs().await;
        let payloads = self.payloads().await;
        assert!(!payloads.is_empty());
        let refused = payloads.iter().find(|p| p["status"].as_i64().is_some_and(|s| s == 400));
        assert!(refused.is_none(), "{refused:#?}");
        if let Some(folder) = std::env::var_os(PAYLOADS) {
            let file = std::path::Path::new(&folder).join(format!("purchases-{test}.json"));
            std::fs::write(&file, json!({"payloads": payloads}).to_string())
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        }
    }
}

/// The click on the button with this label.
pub(crate) fn click(message: &Value, label: &str) -> Value {
    let id = button(message, label).unwrap_or_else(|| panic!("no button `{label}`: {message:#}"));
    json!({"component": {"message_id": message["id"], "custom_id": id}})
}

/// The choice from the menu of a message.
pub(crate) fn choice(message: &Value, value: &str) -> Value {
    let menu = parts(message).into_iter().find(|part| part["type"] == 3);
    let menu = menu.unwrap_or_else(|| panic!("no menu: {message:#}"));
    json!({"component": {"message_id": message["id"], "custom_id": menu["custom_id"], "values": [value]}})
}

fn button(message: &Value, label: &str) -> Option<String> {
    let found = parts(message).into_iter().find(|part| part["type"] == 2 && part["label"] == label)?;
    found["custom_id"].as_str().map(str::to_owned)
}

/// Every component of a message, however deep.
fn parts(message: &Value) -> Vec<&Value> {
    fn walk<'a>(part: &'a Value, found: &mut Vec<&'a Value>) {
        found.push(part);
        part["components"].as_array().into_iter().flatten().for_each(|child| walk(child, found));
    }
    let mut found = Vec::new();
    message["components"].as_array().into_iter().flatten().for_each(|part| walk(part, &mut found));
    found
}

/// The number of the order that a message names.
pub(crate) fn order_number(message: &Value) -> String {
    let text = message.to_string();
    let mut words = text.match_indices("LK").filter_map(|(at, _)| text.get(at..at + 12));
    let found = words.find(|word| word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
    found.unwrap_or_else(|| panic!("no order in {message:#}")).to_owned()
}

fn object(pairs: &[(&str, &str)]) -> Map<String, Value> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
}
