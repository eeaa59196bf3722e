//! How strict the simulated Discord is about time: deadlines and rate limits, all on real time.

use std::time::Duration;

/// Id of the simulated application, and of its bot user.
pub const DISCORD_APPLICATION_ID: &str = "1290000000000000001";
/// Token that the simulated Discord knows the bot by.
pub const DISCORD_BOT_TOKEN: &str = "loket-sandbox-bot-token";
/// The guild that exists from the start.
pub const DISCORD_GUILD_ID: &str = "1290000000000000100";
/// Its channel for buyers, `#topup`.
pub const DISCORD_SHOP_CHANNEL_ID: &str = "1290000000000000101";
/// Its public log, `#transaksi`.
pub const DISCORD_LOG_CHANNEL_ID: &str = "1290000000000000102";
/// Its channel for staff, `#staf`.
pub const DISCORD_STAFF_CHANNEL_ID: &str = "1290000000000000103";

/// The part of the [`Settings`](crate::Settings) that is about Discord.
#[derive(Clone, Debug)]
pub struct DiscordSettings {
    /// Interactions endpoint URL in the "dashboard".
    pub interactions_url: Option<String>,
    /// How long the shop may take for its first answer. Discord's 3 s.
    pub answer_within: Duration,
    /// How long Discord takes to process an answer that came in the HTTP response; until then
    /// `@original` does not exist (contracts/discord §1.2, the race).
    pub processing: Duration,
    /// Rate limits.
    pub limits: DiscordLimits,
    /// Whether the text displays of a Components V2 message may have 4000 characters together. Known
    /// from a library alone, so it can be switched off.
    pub text_sum_limit: bool,
    /// New DM channels within ten minutes; more are refused with 40003. `None` for any number: the
    /// real number is not documented.
    pub dm_opens: Option<usize>,
}

/// Rate limits (contracts/discord §1.8). The real numbers of buckets are not documented, and change.
#[derive(Clone, Copy, Debug)]
pub struct DiscordLimits {
    /// Requests that a bucket takes in a window.
    pub per_bucket: u32,
    /// The window of a bucket.
    pub window: Duration,
    /// Requests of the bot in a second, over all buckets.
    pub global_per_second: u32,
    /// Requests answered with 401, 403 or 429 within ten minutes, after which an address is shut out.
    pub invalid_per_ten_minutes: u32,
}

impl Default for DiscordSettings {
    fn default() -> Self {
        DiscordSettings {
            interactions_url: None,
            answer_within: Duration::from_secs(3),
            processing: Duration::ZERO,
            limits: DiscordLimits::default(),
            text_sum_limit: true,
            dm_opens: None,
        }
    }
}

impl Default for DiscordLimits {
    fn default() -> Self {
        DiscordLimits {
            per_bucket: 30,
            window: Duration::from_secs(1),
            global_per_second: 50,
            invalid_per_ten_minutes: 10_000,
        }
    }
}
