//! `serve` and `sandbox`: everything that stays up.

mod banner;
mod lock;
mod simulators;

use crate::{
    cli::Role,
    config::{Config, Mode},
    vault_key, wiring,
};
use anyhow::{Context, Result, bail};
use orders::Shop;
use std::{
    net::SocketAddr,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch};
use vocabulary::Actor;

pub(crate) use simulators::run as run_simulators;

/// How long background work may take to finish after the stop signal.
const STOP_WITHIN: Duration = Duration::from_secs(15);
/// How often a process without a worker looks how far business time is ahead, and how the gateways answer.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);

/// Runs the shop until it is told to stop.
pub(crate) async fn run(config: Config, roles: &[Role]) -> Result<ExitCode> {
    let plays = |role| roles.is_empty() || roles.contains(&role);
    let metrics =
        metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder().context("metrics")?;
    let db = wiring::open_database(&config).await?;
    let lock = lock::take(&config)?;
    wiring::prepare(&db, config.mode).await?;
    let (stop, stopping) = watch::channel(false);
    let listener = match plays(Role::Web) {
        true => Some(listen(&config).await?),
        false => None,
    };
    let address = listener.as_ref().map(TcpListener::local_addr).transpose()?;
    let own_base = address.map(|address| base_of(&address));
    if config.has_own_simulators() && own_base.is_none() {
        bail!(
            "a sandbox worker without HTTP needs simulators elsewhere: set LOKET_MIDTRANS__BASE_URL and LOKET_DIGIFLAZZ__BASE_URL, or add the role `web`"
        );
    }
    let simulators = match own_base.as_deref().filter(|_| config.has_own_simulators()) {
        Some(base) => Some(simulators::open(&config, base).await?),
        None => None,
    };
    let shop = wiring::shop(&config, db.clone(), own_base.as_deref()).await?;
    vault_key::check(&db, &shop.vault, &config).await?;
    if config.mode == Mode::Sandbox {
        wiring::seed(&shop, wiring::Shipped::Base, &Actor::system()).await?;
        if let Some(simulators) = &simulators {
            // Whichever is ahead (a new database beside old books, or the other way round) leads.
            let ahead = simulators
                .raise_offset_ms(shop.clock.offset_ms())
                .await?
                .saturating_sub(shop.clock.offset_ms());
            if let Some(ahead) = u64::try_from(ahead).ok().filter(|ahead| *ahead > 0) {
                shop.advance_clock(Duration::from_millis(ahead)).await?;
            }
        }
    }

    let heartbeat = Arc::new(AtomicI64::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(tidy_metrics(metrics.clone(), stopped(stopping.clone())));
    if plays(Role::Worker) {
        if lock.is_some() {
            orders::worker::free_leases(&shop).await?;
        }
        tasks.spawn(beat(Arc::clone(&heartbeat), shop.clone(), stopped(stopping.clone())));
        let worker = orders::worker::run(shop.clone(), stopped(stopping.clone()));
        tasks.spawn(worker);
        tasks.spawn(orders::keep_sealed(
            shop.clone(),
            orders::SealPauses::default(),
            stopped(stopping.clone()),
        ));
    } else {
        tasks.spawn(follow(shop.clone(), stopped(stopping.clone())));
    }
    if let Some(simulators) = &simulators {
        tasks.spawn(simulators.clone().run(stopped(stopping.clone())));
    }
    if let (Some(listener), Some(base)) = (listener, own_base) {
        let settings = web::WebSettings {
            public_url: shop.rules.public_url.clone(),
            sandbox: config.mode == Mode::Sandbox,
            trusted_proxies: config.trusted_proxies.clone(),
            api_keys: wiring::api_keys(&config),
            staff_keys: wiring::staff_keys(&config),
            settlement_profiles: wiring::settlement_profiles(&config)?,
            wallet_url: simulators.as_ref().map(|_| base.clone()),
            discord: desk(&config, &shop, simulators.is_some()),
            metrics: Some(metrics),
            clock_control: (config.mode == Mode::Sandbox)
                .then(|| simulators::clock_control(&config, shop.clone(), simulators.clone()))
                .transpose()?,
            worker_heartbeat: plays(Role::Worker).then(|| Arc::clone(&heartbeat)),
        };
        let mut router = web::router(shop.clone(), settings, stopping.clone());
        if let Some(simulators) = &simulators {
            router = router.merge(simulators.router());
        }
        banner::print(&config, &base, simulators.is_some());
        let stopping = stopping.clone();
        tasks.spawn(async move {
            if let Err(error) = web::serve(listener, router, stopping).await {
                tracing::error!(%error, "the HTTP server stopped: {error}");
            }
        });
    }
    wait_for_signal().await?;
    tracing::info!("stopping: no new requests are taken, work under way is finished");
    stop.send_replace(true);
    let finish = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(STOP_WITHIN, finish).await.is_err() {
        tracing::warn!("stopped with work under way; it is taken up again at the next start");
    }
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// The desk on Discord. In the sandbox it takes what the simulated Discord signs, so there is none
/// without the simulators' key.
fn desk(config: &Config, shop: &Shop, simulators: bool) -> Option<discord::Desk> {
    let account = config.discord.as_ref()?;
    match account.settings() {
        Ok(settings) => Some(discord::Desk { shop: shop.clone(), settings }),
        Err(error) => {
            if simulators || config.mode == Mode::Production {
                tracing::warn!("the shop is not on Discord: {error:#}");
            }
            None
        }
    }
}

async fn listen(config: &Config) -> Result<TcpListener> {
    let listener = TcpListener::bind(&config.listen).await.with_context(|| {
        format!(
            "cannot listen on {}: choose another address with --listen or LOKET_SERVER__LISTEN",
            config.listen
        )
    })?;
    let address = listener.local_addr()?;
    if config.mode == Mode::Sandbox && !address.ip().is_loopback() {
        tracing::warn!(
            %address,
            "SANDBOX ON AN OPEN ADDRESS: everybody who reaches {address} can use the well-known sandbox keys and controls"
        );
    }
    Ok(listener)
}

/// Where this process can be reached from this machine.
fn base_of(address: &SocketAddr) -> String {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => format!("http://127.0.0.1:{}", v4.port()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => format!("http://[::1]:{}", v6.port()),
        other => format!("http://{other}"),
    }
}

/// Tells readiness that this process works: as long as the runtime turns and the database answers.
async fn beat(heartbeat: Arc<AtomicI64>, shop: Shop, stopped: impl Future<Output = ()>) {
    tokio::pin!(stopped);
    loop {
        if shop.db.read("worker.heartbeat").await.is_ok() {
            heartbeat.store(shop.clock.real_now().millis(), Ordering::Relaxed);
        }
        tokio::select! {
            () = &mut stopped => return,
            () = tokio::time::sleep(Duration::from_secs(5)) => {}
        }
    }
}

/// Follows business time, which another process may move, and the circuits of the gateways, which whoever calls
/// them opens and closes, where no worker does so.
async fn follow(shop: Shop, stopped: impl Future<Output = ()>) {
    tokio::pin!(stopped);
    loop {
        if let Err(error) = shop.refresh_clock().await {
            tracing::debug!(%error, "business time cannot be read now: {error}");
        }
        if let Err(error) = shop.refresh_circuits().await {
            tracing::debug!(%error, "how the gateways answer cannot be read now: {error}");
        }
        tokio::select! {
            () = &mut stopped => return,
            () = tokio::time::sleep(FOLLOW_EVERY) => {}
        }
    }
}

/// Folds what was measured, so that it does not pile up when nobody reads the metrics.
async fn tidy_metrics(
    metrics: metrics_exporter_prometheus::PrometheusHandle,
    stopped: impl Future<Output = ()>,
) {
    tokio::pin!(stopped);
    loop {
        metrics.run_upkeep();
        tokio::select! {
            () = &mut stopped => return,
            () = tokio::time::sleep(Duration::from_secs(5)) => {}
        }
    }
}

/// Completes when the process is told to stop.
async fn stopped(mut stopping: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is a stop as well.
    let _ = stopping.wait_for(|stop| *stop).await;
}

async fn wait_for_signal() -> Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        result = tokio::signal::ctrl_c() => result?,
    }
    Ok(())
}
