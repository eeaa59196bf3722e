//! What the handlers share: the shop, the settings of this face, and the sign that it is ending.

use crate::proxies::TrustedProxies;
use futures_util::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;
use orders::Shop;
use payments::SettlementProfile;
use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64},
    },
};
use tokio::sync::watch;
use vocabulary::Secret;

/// Moves business time forward by so many seconds, everywhere, and answers with the new offset in
/// milliseconds, or with why it could not.
pub type ClockControl = Arc<dyn Fn(u64) -> BoxFuture<'static, Result<i64, String>> + Send + Sync>;

/// How this face is set up.
#[derive(Clone, Default)]
pub struct WebSettings {
    /// Base of our own addresses as buyers reach them (`https://shop.example`).
    pub public_url: Option<String>,
    /// Whether the sandbox's controls and signs are shown.
    pub sandbox: bool,
    /// Reverse proxies that are believed about where a request comes from.
    pub trusted_proxies: TrustedProxies,
    /// Who may use the API.
    pub api_keys: Vec<ApiKey>,
    /// Who of the staff may use the API: the names are theirs.
    pub staff_keys: Vec<ApiKey>,
    /// How the settlement reports of each gateway are written.
    pub settlement_profiles: Vec<(String, SettlementProfile)>,
    /// Sandbox: base of the simulators, so that the pay page can link the simulated wallet
    /// (`{base}/sandbox/wallet/{gateway_transaction_id}`). Empty for our own address.
    pub wallet_url: Option<String>,
    /// Where `/metrics` reads from.
    pub metrics: Option<PrometheusHandle>,
    /// What `POST /sandbox/clock` does; without it the shop's own clock alone is moved.
    pub clock_control: Option<ClockControl>,
    /// The desk on Discord; without one, `POST /discord/interactions` does not exist.
    pub discord: Option<discord::Desk>,
    /// Real time of the worker's last sign of life, in milliseconds. `None` where no worker is
    /// expected in this process.
    pub worker_heartbeat: Option<Arc<AtomicI64>>,
}

/// A key of the API.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Name of its holder, under which orders are kept (`api:sandbox`).
    pub id: String,
    /// The key itself.
    pub secret: Secret,
}

/// What every handler gets. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) shop: Shop,
    pub(crate) settings: WebSettings,
    pub(crate) stopping: watch::Receiver<bool>,
    /// Set when the schema was once seen to be up to date: it does not go back.
    pub(crate) migrated: AtomicBool,
}

impl App {
    pub(crate) fn new(shop: Shop, settings: WebSettings, stopping: watch::Receiver<bool>) -> Self {
        App(Arc::new(Inner { shop, settings, stopping, migrated: AtomicBool::new(false) }))
    }

    /// One of our own addresses, absolute when the public one is known.
    pub(crate) fn address(&self, path: &str) -> String {
        let base = self.settings.public_url.as_deref().unwrap_or_default();
        format!("{}{path}", base.trim_end_matches('/'))
    }

    /// Completes when the program is about to end.
    pub(crate) fn ending(&self) -> impl Future<Output = ()> + Send + 'static {
        ending(self.stopping.clone())
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Completes when `stopping` turns true; never when its sender is gone without a word.
pub(crate) async fn ending(mut stopping: watch::Receiver<bool>) {
    if stopping.wait_for(|ending| *ending).await.is_err() {
        std::future::pending::<()>().await;
    }
}
