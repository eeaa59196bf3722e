//! The outside world in a box: simulators of Midtrans, DANA, Xendit, Digiflazz, VIP Reseller and Apigames that
//! speak the vendors' wire protocols, check what the vendors check, fail as they fail, and keep their own
//! books on disk.
//!
//! Written from the wire contracts alone; it shares no type with the adapters. Every change is
//! committed to `DATA_DIR/sandbox/world.db` before an answer is given, and work that is due later
//! (expiries, webhooks, outcomes of a supplier) is rows, so that the world survives a killed server.
//! All waiting runs on business time, which [`Sandbox::advance`] moves forward.
//!
//! # Test accounts
//!
//! VIP Reseller and Apigames are asked for the names of game accounts. They know the same accounts, in
//! every game by the same rule: an id that ends in
//!
//! | ending | what the sources say |
//! |---|---|
//! | `404` | there is no such account |
//! | `503` | HTTP 503: no source can tell |
//! | `999` | the name, but only after five seconds |
//! | anything else | the name |
//!
//! A text that is no id in its game (letters in a Free Fire id, no `#` in a Riot ID) has no account. The
//! name is made from the game, the id and, in Mobile Legends, the zone; it is the same at every time and
//! from both sources. Zones and servers play no part in the endings.
//!
//! The last digit of the id (of the zone, where the game has one) picks what kind of name it is, as
//! players have them: `4` Markdown, `5` ornaments, `6` emoji and a flag, `7` right-to-left with an
//! override that is never closed, `8` other scripts and combining marks, `9` HTML and a mention of
//! everyone. All others, and ids that end in no digit, have plain names. Whoever shows them must escape
//! them.
//!
//! Apigames gets the id and the zone of Mobile Legends as one number and cannot tell where the zone
//! begins. It tries a zone of four digits and one of five; if either reading leaves an id with a special
//! ending, the account is that one.

mod accounts;
mod apigames;
mod buyer;
mod controls;
mod dana;
mod deliveries;
mod digiflazz;
mod discord;
mod exchange;
mod faults;
mod goods;
mod journal;
mod mask;
mod midtrans;
mod page;
mod problem;
mod qris;
mod settings;
mod shelf;
mod snap_page;
mod vip_reseller;
mod wallet_page;
mod worker;
mod world;
mod xendit;

pub use dana::{DanaKeyFiles, dana_keys};
pub use discord::{
    DISCORD_APPLICATION_ID, DISCORD_BOT_TOKEN, DISCORD_GUILD_ID, DISCORD_LOG_CHANNEL_ID,
    DISCORD_SHOP_CHANNEL_ID, DISCORD_STAFF_CHANNEL_ID, DiscordLimits, DiscordSettings, discord_key_path,
    discord_public_key, discord_public_key_path,
};
pub use settings::{
    APIGAMES_MERCHANT_ID, APIGAMES_SECRET, DANA_MERCHANT_ID, DANA_PARTNER_ID, DANA_STORE_ID,
    DIGIFLAZZ_API_KEY, DIGIFLAZZ_USERNAME, DIGIFLAZZ_WEBHOOK_SECRET, DigiflazzAccount, ErrorStyle,
    MIDTRANS_MERCHANT_ID, MIDTRANS_SERVER_KEY, Requery, Settings, SupplierProduct, VIP_RESELLER_API_ID,
    VIP_RESELLER_API_KEY, XENDIT_CALLBACK_TOKEN, XENDIT_SECRET_KEY,
};

use axum::Router;
use std::{future::Future, sync::Arc};
use world::World;

/// The simulated outside world. Cheap to clone; clones share the books.
#[derive(Clone)]
pub struct Sandbox {
    world: Arc<World>,
}

/// Why the world's books could not be opened or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder for the books cannot be made.
    #[error("the folder {path} cannot be made: {source}")]
    Folder {
        /// The folder.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A key file of the outside world cannot be made or read.
    #[error("the key file {path} cannot be used: {why}")]
    Key {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// Making the keys was broken off.
    #[error("the keys of the simulated DANA could not be made: {0}")]
    Task(#[from] tokio::task::JoinError),
    /// The client that sends webhooks cannot be made.
    #[error("the HTTP client for webhooks cannot be made: {0}")]
    Http(#[from] reqwest::Error),
    /// The books themselves.
    #[error(transparent)]
    Database(#[from] database::Error),
}

impl Sandbox {
    /// Opens the books below `settings.data_dir`, brings their schema up to date and sets the clock
    /// to the offset that they remember.
    ///
    /// # Errors
    /// When the folder, the database or the HTTP client cannot be had.
    pub async fn open(settings: Settings) -> Result<Sandbox, Error> {
        let world = World::open(settings).await?;
        Ok(Sandbox { world: Arc::new(world) })
    }

    /// Tells the simulators where they can be reached (`http://127.0.0.1:8080`): used in the URLs
    /// that they hand out.
    pub fn set_base_url(&self, base: &str) {
        self.world.set_base_url(base);
    }

    /// Sets the "dashboard" webhook URLs, when the port is known only after opening.
    pub fn set_notify_urls(&self, midtrans: Option<&str>, digiflazz: Option<&str>) {
        self.world.set_notify_urls(midtrans, digiflazz);
    }

    /// Sets the callback URLs in the "dashboards" of the suppliers beside Digiflazz.
    pub fn set_supplier_notify_urls(&self, vip_reseller: Option<&str>, apigames: Option<&str>) {
        self.world.set_supplier_notify_urls(vip_reseller, apigames);
    }

    /// Sets the webhook URL in the "dashboard" of DANA, for orders that name none.
    pub fn set_dana_notify_url(&self, url: Option<&str>) {
        self.world.set_dana_notify_url(url);
    }

    /// Sets the webhook URL in the "dashboard" of Xendit.
    pub fn set_xendit_notify_url(&self, url: Option<&str>) {
        self.world.set_xendit_notify_url(url);
    }

    /// Sets the interactions endpoint URL in the "dashboard" of Discord.
    pub fn set_discord_interactions_url(&self, url: Option<&str>) {
        self.world.discord.set_interactions_url(url);
    }

    /// The public key that the simulated Discord signs interactions with, as 64 hex digits.
    pub fn discord_public_key(&self) -> String {
        self.world.discord.public_key()
    }

    /// Everything below `/sandbox` except the clock: the vendors' own paths, the controls and the
    /// wallet page.
    pub fn router(&self) -> Router {
        controls::router(Arc::clone(&self.world))
    }

    /// `POST /sandbox/clock`, for simulators that run alone.
    pub fn clock_router(&self) -> Router {
        controls::clock_router(Arc::clone(&self.world))
    }

    /// Moves business time forward, durably, and answers with the new offset in milliseconds.
    ///
    /// # Errors
    /// When the books cannot be written: then time has not moved.
    pub async fn advance(&self, seconds: u64) -> Result<i64, Error> {
        Ok(self.world.advance(seconds).await?)
    }

    /// Brings business time up to an offset that another clock has reached; a smaller one is ignored.
    ///
    /// # Errors
    /// When the books cannot be written: then time has not moved.
    pub async fn raise_offset_ms(&self, offset_ms: i64) -> Result<i64, Error> {
        Ok(self.world.raise_offset_ms(offset_ms).await?)
    }

    /// Does what falls due (expiries, outcomes of the supplier, webhooks with their retries) until
    /// `shutdown` is done.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        worker::run(self.world, shutdown).await;
    }
}
