//! Discord: whether it knows the bot, and whether what stands in its developer portal is what the shop has.

use super::{Check, door::INTERACTIONS_PATH};
use crate::{
    config::{Config, Discord},
    wiring,
};
use discord::{PublicKey, Refusal, RegisterError, Rest};
use outside::Http;
use serde_json::Value;

const BOT: &str = "discord";
const KEY: &str = "discord key";
const ENDPOINT: &str = "discord endpoint";
const SERVERS: &str = "discord servers";
const COMMANDS: &str = "discord commands";

/// What the bot has to be let do in a server: View Channel, Send Messages, Embed Links, Attach Files, Read
/// Message History, Create Private Threads, Send Messages in Threads (contracts/discord §1.9).
const PERMISSIONS: u64 = (1 << 10) | (1 << 11) | (1 << 14) | (1 << 15) | (1 << 16) | (1 << 36) | (1 << 38);

/// What Discord says of the application that the bot's token belongs to.
struct Told(Value);

impl Told {
    /// A text; empty when it is not set.
    fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

pub(super) async fn check(config: &Config, http: &Http) -> Vec<Check> {
    let Some(account) = &config.discord else {
        return vec![Check::note(
            BOT,
            "not configured: the shop is not on Discord",
            "set LOKET_DISCORD__PUBLIC_KEY, __APPLICATION_ID and __BOT_TOKEN (developer portal: General Information, and Bot)",
        )];
    };
    let rest = wiring::discord_rest(config, account, http.clone(), None);
    let (Some(api), Some(rest)) = (&account.api_url, rest) else {
        return vec![Check::inside(BOT, config, "LOKET_DISCORD__API_URL")];
    };
    let told = match rest.application().await {
        Ok(application) => Told(application),
        Err(refusal) => return vec![Check::wrong(BOT, format!("{api}: {refusal}"), fix_of(&refusal))],
    };
    if told.text("id") != account.application_id {
        let (id, name) = (told.text("id"), told.text("name"));
        return vec![Check::wrong(
            BOT,
            format!(
                "the bot's token belongs to the application {id} (`{name}`), not to {}",
                account.application_id
            ),
            "set LOKET_DISCORD__APPLICATION_ID, __PUBLIC_KEY and __BOT_TOKEN of one application",
        )];
    }
    let mut checks = vec![
        Check::fine(BOT, format!("{api} knows the bot of `{}`", told.text("name"))),
        key(account, &told),
        endpoint(api, config.public_url.as_deref(), &told),
    ];
    checks.extend(servers(&account.application_id, &told));
    checks.push(commands(&rest).await);
    checks
}

/// What Discord signs is verified with this key alone.
fn key(account: &Discord, told: &Told) -> Check {
    let ours = match account.settings() {
        Ok(settings) => settings.public_key,
        Err(error) => {
            return Check::wrong(
                KEY,
                format!("{error:#}"),
                "set LOKET_DISCORD__PUBLIC_KEY, __APPLICATION_ID and __BOT_TOKEN",
            );
        }
    };
    match PublicKey::from_hex(told.text("verify_key")) {
        Ok(theirs) if theirs == ours => Check::fine(KEY, "the public key is the application's"),
        _ => Check::wrong(
            KEY,
            "the public key is not the application's: nothing that Discord sends would be believed",
            "set LOKET_DISCORD__PUBLIC_KEY (developer portal: General Information, Public Key)",
        ),
    }
}

/// Where Discord sends interactions. `api` is where Discord is, `base` our public URL.
fn endpoint(api: &str, base: Option<&str>, told: &Told) -> Check {
    let Some(base) = base else {
        return Check::note(
            ENDPOINT,
            "without a public url Discord cannot send interactions",
            "set LOKET_SERVER__PUBLIC_URL=https://…",
        );
    };
    let (ours, theirs) = (format!("{base}{INTERACTIONS_PATH}"), told.text("interactions_endpoint_url"));
    if theirs == ours {
        return Check::fine(ENDPOINT, format!("interactions come to {ours}"));
    }
    if api.starts_with("https://") && !ours.starts_with("https://") {
        return Check::wrong(
            ENDPOINT,
            format!("Discord sends interactions to https:// alone, and the public url is {base}"),
            "set LOKET_SERVER__PUBLIC_URL=https://…",
        );
    }
    let found = match theirs {
        "" => "no interactions endpoint URL is set: Discord sends nothing here".to_owned(),
        theirs => format!("the interactions endpoint URL is {theirs}, so Discord sends nothing here"),
    };
    Check::wrong(
        ENDPOINT,
        found,
        format!(
            "while `loket serve` runs, set it to {ours} (developer portal: General Information, Interactions Endpoint URL)"
        ),
    )
}

/// Whether the bot is anywhere. Discord counts only now and then, so this proves little; nothing when it
/// does not say.
fn servers(application_id: &str, told: &Told) -> Option<Check> {
    let servers = told.0.get("approximate_guild_count")?.as_i64()?;
    Some(match servers {
        0 => Check::note(
            SERVERS,
            "the bot is on no server, as far as Discord has counted",
            format!("open {} and add it to yours", install_link(application_id)),
        ),
        1 => Check::fine(SERVERS, "the bot is on one server"),
        several => Check::fine(SERVERS, format!("the bot is on {several} servers")),
    })
}

/// The link by which the bot is added to a server.
fn install_link(application_id: &str) -> String {
    format!(
        "https://discord.com/oauth2/authorize?client_id={application_id}&scope=bot+applications.commands&permissions={PERMISSIONS}"
    )
}

/// Whether Discord has the commands as this version has them. Those of a single server are not looked at.
async fn commands(rest: &Rest) -> Check {
    let ours = discord::definitions();
    let found = match discord::register(rest, &ours, None, true).await {
        Ok(found) => found,
        Err(RegisterError::Refused(refusal)) => {
            return Check::wrong(COMMANDS, refusal.to_string(), fix_of(&refusal));
        }
        Err(error @ RegisterError::NoList) => {
            return Check::wrong(COMMANDS, error.to_string(), "check LOKET_DISCORD__API_URL");
        }
    };
    if found.is_same() {
        let count = ours.as_array().map_or(0, Vec::len);
        return Check::fine(COMMANDS, format!("Discord has all {count}"));
    }
    let lists = [("not there", &found.added), ("out of date", &found.changed), ("not ours", &found.removed)];
    let told = lists.into_iter().filter(|(_, names)| !names.is_empty());
    let told: Vec<_> = told.map(|(word, names)| format!("{word}: {}", names.join(", "))).collect();
    Check::wrong(COMMANDS, told.join("; "), "run `loket discord register`")
}

fn fix_of(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Unauthorized => {
            "set LOKET_DISCORD__BOT_TOKEN to the token alone, without `Bot ` (developer portal: Bot, Reset Token)"
        }
        Refusal::RateLimited { .. } => "ask again later",
        Refusal::NotSent(_) | Refusal::Unknown(_) => {
            "check the way out of this machine, and LOKET_DISCORD__API_URL, which need not be set"
        }
        Refusal::Gone { .. } | Refusal::Forbidden { .. } | Refusal::Invalid { .. } => {
            "check that LOKET_DISCORD__APPLICATION_ID and __BOT_TOKEN are of one application, and LOKET_DISCORD__API_URL, which need not be set"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;
    use serde_json::json;

    const API: &str = "https://discord.com";

    #[test]
    fn the_address_in_the_portal_is_held_against_ours() {
        let check = |api, base, theirs: Value| {
            endpoint(api, base, &Told(json!({ "interactions_endpoint_url": theirs })))
        };
        let base = Some("https://toko.example");
        let ours = json!("https://toko.example/discord/interactions");
        assert_eq!(check(API, base, ours.clone()).verdict, Verdict::Fine);
        assert_eq!(check(API, None, ours).verdict, Verdict::Note);
        for (theirs, said) in [
            (Value::Null, "no interactions endpoint URL"),
            (json!("https://old.example/discord/interactions"), "https://old.example"),
            (json!("https://toko.example/"), "https://toko.example/,"),
        ] {
            let check = check(API, base, theirs);
            assert_eq!(check.verdict, Verdict::Wrong);
            assert!(check.found.contains(said), "{check:?}");
            assert!(check.fix.unwrap().contains("to https://toko.example/discord/interactions ("));
        }
        let plain = check(API, Some("http://127.0.0.1:8080"), Value::Null);
        assert!(plain.found.contains("https:// alone"), "{plain:?}");
        let simulated = "http://127.0.0.1:8090/sandbox/discord";
        let theirs = json!("http://127.0.0.1:8080/discord/interactions");
        assert_eq!(check(simulated, Some("http://127.0.0.1:8080"), theirs).verdict, Verdict::Fine);
    }

    #[test]
    fn a_bot_that_is_nowhere_is_told_by_which_link_it_is_added() {
        let check = |told| servers("1290000000000000999", &Told(told));
        assert!(check(json!({})).is_none());
        assert_eq!(check(json!({"approximate_guild_count": 2})).unwrap().verdict, Verdict::Fine);
        let nowhere = check(json!({"approximate_guild_count": 0})).unwrap();
        assert_eq!(
            nowhere.fix.as_deref(),
            Some(
                "open https://discord.com/oauth2/authorize?client_id=1290000000000000999&scope=bot+applications.commands&permissions=343597501440 and add it to yours"
            )
        );
    }
}
