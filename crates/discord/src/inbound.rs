//! An interaction as far as the shop reads it. Everything else in it is passed over, so that what Discord
//! adds or changes elsewhere in the payload keeps nobody from an answer (contracts/discord §1.1, §2.3).

use crate::{head::Kind, place::Spot};
use serde_json::Value;
use std::time::Instant;
use vocabulary::{Locale, Timestamp};

/// `message.flags`: only the reader sees it.
const EPHEMERAL: u64 = 1 << 6;
/// More options, values or fields than any command or modal of ours has are passed over.
const MOST: usize = 30;
/// Longer texts are cut: no field of ours takes more.
const LONGEST: usize = 4_000;
/// Discord's first second, in milliseconds since the Unix epoch.
const DISCORD_EPOCH_MS: i64 = 1_420_070_400_000;
/// `channel.type`: the one kind of channel that private threads hang on.
const TEXT_CHANNEL: u64 = 0;

/// Who asks what, from where.
#[derive(Clone, Debug)]
pub(crate) struct Inbound {
    /// Id of the interaction, digits.
    pub(crate) id: String,
    /// With which it is answered later. A secret for 15 minutes.
    pub(crate) token: String,
    pub(crate) application_id: String,
    /// Id of the user, digits.
    pub(crate) user: String,
    pub(crate) guild: Option<String>,
    /// When the user joined the guild, where it tells (`member.joined_at`).
    pub(crate) joined_at: Option<Timestamp>,
    /// Where it was asked, when a private thread can hang there: it is made for a buyer who takes no direct
    /// messages.
    pub(crate) spot: Option<Spot>,
    pub(crate) locale: Locale,
    /// Whether the message with the component is seen by this reader only, and may be changed in place.
    pub(crate) own_message: bool,
    /// What the answer is shown on: the reader's own message that a component was pressed on, or the new one
    /// that this interaction makes. A message has one name for all who press on it, the interaction that made
    /// it.
    pub(crate) surface: String,
    /// When it arrived.
    pub(crate) arrived: Instant,
    pub(crate) ask: Ask,
}

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Command { name: String, options: Named },
    Autocomplete { options: Named, focused: String },
    Component { custom_id: String, values: Vec<String> },
    Modal { custom_id: String, fields: Named },
}

/// Texts by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Named(Vec<(String, String)>);

impl Named {
    /// The text of this name, without space around it; `None` when it is missing or empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, text) = self.0.iter().find(|(n, _)| n == name)?;
        Some(text.trim()).filter(|text| !text.is_empty())
    }
}

impl Inbound {
    /// `None` when something is missing that every interaction of this kind has.
    pub(crate) fn read(kind: Kind, body: &[u8]) -> Option<Inbound> {
        let all: Value = serde_json::from_slice(body).ok()?;
        let user = [all.pointer("/member/user/id"), all.pointer("/user/id")].into_iter().flatten();
        let data = all.get("data")?;
        let custom_id = || text(data.get("custom_id"));
        let ask = match kind {
            Kind::Command => Ask::Command { name: text(data.get("name"))?, options: options(data) },
            Kind::Autocomplete => Ask::Autocomplete { options: options(data), focused: focused(data)? },
            Kind::Component => Ask::Component { custom_id: custom_id()?, values: texts(data.get("values")) },
            Kind::Modal => Ask::Modal { custom_id: custom_id()?, fields: fields(data) },
            Kind::Ping | Kind::Other => return None,
        };
        let id = snowflake(all.get("id"))?;
        let own_message =
            all.pointer("/message/flags").and_then(Value::as_u64).is_some_and(|f| f & EPHEMERAL != 0);
        Some(Inbound {
            // A form is answered with a new message, whatever it was opened from.
            surface: surface(&all, &id, own_message && kind == Kind::Component),
            arrived: Instant::now(),
            id,
            token: text(all.get("token")).filter(|token| !token.is_empty())?,
            application_id: snowflake(all.get("application_id"))?,
            user: user.filter_map(|id| snowflake(Some(id))).next()?,
            guild: snowflake(all.get("guild_id")),
            joined_at: joined_at(&all),
            spot: spot(&all),
            locale: locale(&all),
            own_message,
            ask,
        })
    }
}

impl Inbound {
    /// When the user's account was made: an id of Discord begins with its moment.
    pub(crate) fn made_at(&self) -> Option<Timestamp> {
        made_at(&self.user)
    }
}

/// The moment in an id of Discord: milliseconds since 2015 above its lowest 22 bits (Discord's documents, "Snowflakes").
fn made_at(snowflake: &str) -> Option<Timestamp> {
    let since = i64::try_from(snowflake.parse::<u64>().ok()? >> 22).ok()?;
    Some(Timestamp::from_millis(DISCORD_EPOCH_MS.saturating_add(since)))
}

fn joined_at(all: &Value) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(all.pointer("/member/joined_at")?.as_str()?).ok()
}

/// The name of what an answer is shown on. Discord tells with a message which interaction made it; should it
/// not, the message's own id is a name that all later presses share.
fn surface(all: &Value, id: &str, in_place: bool) -> String {
    let message = all.get("message").filter(|_| in_place);
    let made_by = |key: &str| snowflake(message?.get(key)?.get("id"));
    let made_by = made_by("interaction_metadata").or_else(|| made_by("interaction"));
    match (made_by, message.and_then(|message| snowflake(message.get("id")))) {
        (Some(made_by), _) => format!("i:{made_by}"),
        (None, Some(message)) => format!("m:{message}"),
        (None, None) => format!("i:{id}"),
    }
}

/// The language of the reader's client, as far as it can be told from an interaction.
pub(crate) fn locale(all: &Value) -> Locale {
    let name = ["locale", "guild_locale"].iter().find_map(|key| all.get(key).and_then(Value::as_str));
    if name.is_some_and(|name| name.starts_with("en")) { Locale::English } else { Locale::Indonesian }
}

/// The channel of an interaction in a guild, and the one that a thread hangs on.
fn spot(all: &Value) -> Option<Spot> {
    let guild = snowflake(all.get("guild_id"))?;
    // Without this key only the user has installed the application: the bot is not in the guild.
    all.pointer("/authorizing_integration_owners/0")?;
    let channel = match all.pointer("/channel/type")?.as_u64()? {
        TEXT_CHANNEL => all.get("channel_id"),
        10..=12 => all.pointer("/channel/parent_id"),
        _ => None,
    };
    Some(Spot { guild, channel: snowflake(channel)? })
}

fn snowflake(value: Option<&Value>) -> Option<String> {
    let id = value?.as_str()?;
    let fits = !id.is_empty() && id.len() <= 20 && id.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| id.to_owned())
}

/// A text, or a number or truth value as text.
fn text(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::String(text) => text.chars().take(LONGEST).collect(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => return None,
    };
    Some(text)
}

fn texts(value: Option<&Value>) -> Vec<String> {
    list(value).iter().take(MOST).filter_map(|v| text(Some(v))).collect()
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn options(data: &Value) -> Named {
    let named = |option: &Value| Some((text(option.get("name"))?, text(option.get("value"))?));
    Named(list(data.get("options")).iter().take(MOST).filter_map(named).collect())
}

fn focused(data: &Value) -> Option<String> {
    let is_focused = |option: &&Value| option.get("focused").and_then(Value::as_bool) == Some(true);
    text(list(data.get("options")).iter().find(is_focused)?.get("name"))
}

/// What was filled in: below a label, or in a row as older modals have it.
fn fields(data: &Value) -> Named {
    let inner = |top: &Value| -> Vec<Value> {
        match top.get("component") {
            Some(one) => vec![one.clone()],
            None => list(top.get("components")).to_vec(),
        }
    };
    let named = |field: Value| {
        let value = text(field.get("value")).or_else(|| texts(field.get("values")).into_iter().next());
        Some((text(field.get("custom_id"))?, value?))
    };
    Named(
        list(data.get("components")).iter().take(MOST).flat_map(inner).take(MOST).filter_map(named).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asked(channel: &Value, owners: &Value) -> Value {
        json!({"guild_id": "100", "channel_id": "7", "channel": channel, "authorizing_integration_owners": owners})
    }

    fn check(all: &Value, channel: Option<&str>) {
        let expected = channel.map(|channel| Spot { guild: "100".into(), channel: channel.into() });
        assert_eq!(spot(all), expected, "{all}");
    }

    #[test]
    fn a_thread_hangs_on_the_channel_that_it_is_asked_in_or_below() {
        let ours = json!({"0": "100"});
        check(&asked(&json!({"id": "7", "type": 0, "parent_id": "3"}), &ours), Some("7"));
        for thread in [10, 11, 12] {
            check(&asked(&json!({"id": "7", "type": thread, "parent_id": "101"}), &ours), Some("101"));
            check(&asked(&json!({"id": "7", "type": thread}), &ours), None);
        }
        for without_threads in [1, 2, 3, 5, 13, 15] {
            check(&asked(&json!({"id": "7", "type": without_threads, "parent_id": "3"}), &ours), None);
        }
        check(&asked(&Value::Null, &ours), None);
    }

    #[test]
    fn the_age_of_an_account_is_read_off_its_id() {
        // The example of Discord's own documents.
        let made = made_at("175928847299117063").unwrap();
        assert_eq!(made, Timestamp::parse_rfc3339("2016-04-30T11:18:25.796Z").unwrap());
        assert_eq!(made_at("none"), None);
        let joined = json!({"member": {"joined_at": "2025-01-02T03:04:05.000000+00:00"}});
        assert_eq!(joined_at(&joined), Timestamp::parse_rfc3339("2025-01-02T03:04:05Z").ok());
        assert_eq!(joined_at(&json!({"member": {"joined_at": null}})), None);
    }

    #[test]
    fn where_the_bot_is_not_no_thread_can_be() {
        let channel = json!({"id": "7", "type": 0});
        check(&asked(&channel, &json!({"0": "100", "1": "80"})), Some("7"));
        check(&asked(&channel, &json!({"1": "80"})), None);
        check(&asked(&channel, &Value::Null), None);
        let direct = json!({"channel_id": "7", "channel": {"id": "7", "type": 1}, "authorizing_integration_owners": {"0": "0"}});
        check(&direct, None);
    }
}
