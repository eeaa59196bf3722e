//! `discord register`: the slash commands, sent to Discord only when they differ.

use crate::{cli, config::Config, output, wiring};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::process::ExitCode;

pub(super) async fn run(command: cli::Discord, config: &Config, json: bool) -> Result<ExitCode> {
    let cli::Discord::Register { guild, dry_run } = command;
    if let Some(guild) = guild.as_deref()
        && !(guild.len() <= 20 && !guild.is_empty() && guild.bytes().all(|b| b.is_ascii_digit()))
    {
        bail!(
            "`{guild}` is no id of a guild: on Discord, switch on the developer mode, then *Copy Server ID*"
        );
    }
    let Some(account) = &config.discord else {
        bail!(
            "Discord is not configured: set LOKET_DISCORD__PUBLIC_KEY, __APPLICATION_ID and __BOT_TOKEN (developer portal: General Information, and Bot)"
        )
    };
    let simulators = config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.listen));
    let http = outside::Http::new()?;
    let rest = wiring::discord_rest(config, account, http, Some(&simulators))
        .context("there is no address of Discord")?;
    let registered =
        discord::register(&rest, &discord::definitions(), guild.as_deref(), dry_run).await.context(
            "the commands were not registered: check LOKET_DISCORD__APPLICATION_ID and __BOT_TOKEN with `loket doctor`",
        )?;
    let place = guild.map_or_else(|| "everywhere".to_owned(), |guild| format!("in the guild {guild}"));
    if json {
        output::print_json(&json!({
            "added": registered.added, "changed": registered.changed, "removed": registered.removed,
            "replaced": registered.replaced,
        }));
    } else if registered.is_same() {
        output::print(&format!("Discord has these commands already, {place}"));
    } else {
        let lines =
            [("new", &registered.added), ("changed", &registered.changed), ("gone", &registered.removed)];
        for (word, names) in lines.into_iter().filter(|(_, names)| !names.is_empty()) {
            output::print(&format!("{word:<8} {}", names.join(", ")));
        }
        let done = if registered.replaced { "registered" } else { "would be registered" };
        output::print(&format!("{done} {place}"));
    }
    Ok(ExitCode::SUCCESS)
}
