//! The simulators of gateways and suppliers: inside `serve`, or alone with `loket sandbox`.

use crate::{cli, config::Config, output, wiring};
use anyhow::{Context, Result};
use orders::Shop;
use outside::Http;
use sandbox::{Sandbox, Settings};
use std::{process::ExitCode, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch};

/// Opens the simulators that run inside `serve`, with the shop's addresses as their dashboards have
/// them.
pub(super) async fn open(config: &Config, base: &str) -> Result<Sandbox> {
    let simulators = prepare(config).await?;
    let shop = config.public_url.as_deref().unwrap_or(base);
    point_at(&simulators, base, shop);
    Ok(simulators)
}

async fn prepare(config: &Config) -> Result<Sandbox> {
    let mut settings = Settings::new(&config.data_dir);
    settings.products = wiring::simulated_products()?;
    Sandbox::open(settings).await.context("the simulators cannot open their books")
}

fn point_at(simulators: &Sandbox, base: &str, shop: &str) {
    let (midtrans, digiflazz) = (format!("{shop}/webhooks/midtrans"), format!("{shop}/webhooks/digiflazz"));
    simulators.set_base_url(base);
    simulators.set_notify_urls(Some(&midtrans), Some(&digiflazz));
    let (vip, apigames) = (format!("{shop}/webhooks/vip-reseller"), format!("{shop}/webhooks/apigames"));
    simulators.set_supplier_notify_urls(Some(&vip), Some(&apigames));
    simulators.set_xendit_notify_url(Some(&format!("{shop}/webhooks/xendit")));
    // DANA prescribes the path.
    simulators.set_dana_notify_url(Some(&format!("{shop}/v1.0/debit/notify")));
    simulators.set_discord_interactions_url(Some(&format!("{shop}/discord/interactions")));
}

/// What `POST /sandbox/clock` does on `serve`: the shop's clock, and that of its simulators.
pub(super) fn clock_control(
    config: &Config,
    shop: Shop,
    simulators: Option<Sandbox>,
) -> Result<web::ClockControl> {
    let http = Http::new()?;
    let dana = config.dana.as_ref().and_then(|dana| dana.base_url.clone());
    let xendit = config.xendit.as_ref().and_then(|xendit| xendit.base_url.clone());
    let vip = config.validation.vip_reseller.as_ref().and_then(|vip| vip.base_url.clone());
    let apigames = config.validation.apigames.as_ref().and_then(|apigames| apigames.base_url.clone());
    let bases =
        [config.midtrans.base_url.clone(), config.digiflazz.base_url.clone(), dana, xendit, vip, apigames];
    // They are commonly one process, whose clock must move once.
    let process = |base: &str| base.split("/sandbox/").next().map(str::to_owned);
    let mut elsewhere: Vec<String> = Vec::new();
    for base in bases.into_iter().flatten() {
        if elsewhere.iter().all(|known| process(known) != process(&base)) {
            elsewhere.push(base);
        }
    }
    Ok(Arc::new(move |seconds: u64| {
        let (shop, simulators, http, elsewhere) =
            (shop.clone(), simulators.clone(), http.clone(), elsewhere.clone());
        Box::pin(async move {
            // The outside world first: a shop that is ahead of it would ask too early.
            for base in elsewhere {
                wiring::advance_elsewhere(&http, &base, seconds).await.map_err(|e| e.to_string())?;
            }
            if let Some(simulators) = simulators {
                simulators.advance(seconds).await.map_err(|e| e.to_string())?;
            }
            let offset = shop.advance_clock(Duration::from_secs(seconds)).await.map_err(|e| e.to_string())?;
            Ok(offset)
        })
    }))
}

/// `loket sandbox`: only the simulators.
pub(crate) async fn run(config: Config, arguments: &cli::Sandbox) -> Result<ExitCode> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("the folder {} cannot be made", config.data_dir.display()))?;
    let listener = TcpListener::bind(&arguments.listen).await.with_context(|| {
        format!("cannot listen on {}: choose another address with --listen", arguments.listen)
    })?;
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        tracing::warn!(%address, "SIMULATORS ON AN OPEN ADDRESS: everybody who reaches {address} can use them");
    }
    let base = super::base_of(&address);
    let simulators = prepare(&config).await?;
    match &arguments.notify {
        Some(shop) => point_at(&simulators, &base, shop.trim_end_matches('/')),
        None => simulators.set_base_url(&base),
    }
    let (stop, stopping) = watch::channel(false);
    let router = simulators.router().merge(simulators.clock_router());
    let work = tokio::spawn(simulators.clone().run(super::stopped(stopping.clone())));
    let server = tokio::spawn(web::serve(listener, router, stopping));
    output::print(&format!(
        "simulators listening on {base}\n  Midtrans: {base}/sandbox/midtrans   DANA: {base}/sandbox/dana   Xendit: {base}/sandbox/xendit   Digiflazz: {base}/sandbox/digiflazz/v1\n  VIP Reseller: {base}/sandbox/vip-reseller/api   Apigames: {base}/sandbox/apigames\n  books: {base}/sandbox/transactions"
    ));
    super::wait_for_signal().await?;
    stop.send_replace(true);
    server.await??;
    work.await?;
    Ok(ExitCode::SUCCESS)
}
