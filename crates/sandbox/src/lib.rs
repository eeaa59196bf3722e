//! The outside world in a box: simulators of Midtrans and Digiflazz that speak the vendors' wire
//! protocols, check what the vendors check, fail as they fail, and keep their own books on disk.
//!
//! Written from the wire contracts alone; it shares no type with the adapters. Every change is
//! committed to `DATA_DIR/sandbox/world.db` before an answer is given, and work that is due later
//! (expiries, webhooks, outcomes of a supplier) is rows, so that the world survives a killed server.
//! All waiting runs on business time, which [`Sandbox::advance`] moves forward.

mod controls;
mod deliveries;
mod digiflazz;
mod exchange;
mod faults;
mod journal;
mod midtrans;
mod problem;
mod settings;
mod wallet_page;
mod worker;
mod world;

pub use settings::{
    DIGIFLAZZ_API_KEY, DIGIFLAZZ_USERNAME, DIGIFLAZZ_WEBHOOK_SECRET, ErrorStyle, MIDTRANS_MERCHANT_ID,
    MIDTRANS_SERVER_KEY, Requery, Settings, SupplierProduct,
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
