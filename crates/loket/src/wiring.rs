//! Putting a shop together: its database, the parties it works with, the simulators.

use crate::{
    config::{Config, Dana, Discord, Mode, Xendit},
    gateways::{self, Parts},
    suppliers, validation, vault_key,
};
use ::suppliers::adapters::digiflazz;
use anyhow::{Context, Result, bail};
use database::{Database, DatabaseUrl};
use discord::{Cards, DiscordCourier, Rest, RestSettings};
use orders::{BoughtNames, Courier, MIGRATIONS, Rules, Shop};
use outside::Http;
use payments::{
    SettlementProfile,
    gateways::{Until, dana, xendit},
};
use std::{path::Path, sync::Arc, time::Duration};
use vocabulary::{Actor, Clock, Ids, Secret};

/// Opens the database of the configuration.
pub(crate) async fn open_database(config: &Config) -> Result<Database> {
    if let DatabaseUrl::Sqlite(path) = &config.database {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder).with_context(|| {
                format!("the folder {} cannot be made: choose another with --data-dir", folder.display())
            })?;
        }
    }
    Database::open(&config.database).await.with_context(|| format!("{} cannot be opened", config.database))
}

/// Opens a database that must be up to date and of this mode: for commands beside the server.
pub(crate) async fn open_ready(config: &Config) -> Result<Database> {
    if let DatabaseUrl::Sqlite(path) = &config.database
        && !path.exists()
    {
        bail!(
            "there is no database at {}: start `loket` once, or name its folder with --data-dir",
            path.display()
        );
    }
    let db = open_database(config).await?;
    let pending = db.pending(&MIGRATIONS).await?;
    if !pending.is_empty() {
        bail!(
            "the database lacks {}: run `loket migrate` (or start `loket serve`) first",
            pending.join(", ")
        );
    }
    check_mode(&db, config.mode).await?;
    Ok(db)
}

/// Brings the schema up to date and remembers, or checks, the mode.
pub(crate) async fn prepare(db: &Database, mode: Mode) -> Result<()> {
    db.migrate(&MIGRATIONS).await?;
    let mut tx = db.write("mode.remember").await?;
    orders::remember_mode(&mut tx, mode.as_str()).await?;
    tx.commit().await?;
    check_mode(db, mode).await
}

async fn check_mode(db: &Database, mode: Mode) -> Result<()> {
    let made_in = orders::mode(&mut db.read("mode.check").await?).await?;
    match made_in.as_deref() {
        Some(made_in) if made_in != mode.as_str() => bail!(
            "this database was made in {made_in} mode and must not be used in {} mode: name another one with LOKET_DATABASE__URL or LOKET_DATA_DIR",
            mode.as_str()
        ),
        _ => Ok(()),
    }
}

/// The shop on this database. `simulators` is where the simulators inside this process listen.
pub(crate) async fn shop(config: &Config, db: Database, simulators: Option<&str>) -> Result<Shop> {
    let http = Http::new().context("the HTTP client cannot be made")?;
    let (clock, ids) = (Clock::system(), Ids::random());
    let public_url = config.public_url.clone().or_else(|| simulators.map(str::to_owned));
    let parts =
        Parts { http: &http, clock: &clock, ids: &ids, public_url: public_url.as_deref(), simulators };
    let gateways = gateways::connect(gateways::ALL, config, &parts)?;
    let suppliers = suppliers::connect(suppliers::ALL, config, &parts)?;
    let books: Arc<dyn catalog::NameBooks> = Arc::new(BoughtNames::new(db.clone(), ids.clone()));
    let validator = validation::validator(config, &http, (&clock, books), simulators);
    let mut couriers: Vec<Arc<dyn Courier>> = Vec::new();
    if let Some(account) = &config.discord
        && let Some(rest) = discord_rest(config, account, http, simulators)
    {
        couriers.push(Arc::new(DiscordCourier::new(rest, Arc::new(Cards))));
    }
    let shop = Shop {
        couriers: Arc::new(couriers),
        vault: vault_key::open(config)?,
        db,
        clock,
        ids,
        gateways: Arc::new(gateways),
        circuits: Arc::default(),
        suppliers: Arc::new(suppliers),
        rules: Arc::new(Rules {
            movable_clock: config.mode == Mode::Sandbox,
            public_url,
            ..config.rules.clone()
        }),
        validator,
    };
    shop.refresh_clock().await?;
    shop.refresh_circuits().await?;
    Ok(shop)
}

/// The Digiflazz adapter of the configuration, at this address.
pub(crate) fn digiflazz(
    config: &Config,
    http: Http,
    base_url: String,
    previous_until: Option<Until>,
) -> digiflazz::Digiflazz {
    digiflazz::Digiflazz::new(
        http,
        digiflazz::Settings {
            base_url,
            username: config.digiflazz.username.clone(),
            api_key: config.digiflazz.api_key.clone(),
            webhook_secret: config.digiflazz.webhook_secret.clone(),
            previous_webhook_secret: config.given(suppliers::PREVIOUS_DIGIFLAZZ_SECRET).map(Secret::new),
            previous_until,
        },
    )
}

/// The DANA adapter of this account, at this address, for a shop at `origin`.
pub(crate) fn dana(
    account: &Dana,
    http: Http,
    (base_url, origin): (String, String),
    (clock, ids, previous_until): (Clock, Ids, Option<Until>),
) -> Result<dana::Dana> {
    let read = |key: &str, file: &Path| {
        std::fs::read_to_string(file).with_context(|| format!("`{key}`: {} cannot be read", file.display()))
    };
    let previous = account.previous_gateway_public_key_file.as_ref();
    let previous_own = account.previous_private_key_file.as_ref();
    let settings = dana::Settings {
        base_url,
        origin,
        partner_id: account.partner_id.clone(),
        merchant_id: account.merchant_id.clone(),
        store_id: account.store_id.clone(),
        private_key: Secret::new(read("dana.private_key_file", &account.private_key_file)?),
        previous_private_key: previous_own
            .map(|file| read("dana.previous_private_key_file", file).map(Secret::new))
            .transpose()?,
        gateway_public_key: read("dana.gateway_public_key_file", &account.gateway_public_key_file)?,
        previous_gateway_public_key: previous
            .map(|file| read("dana.previous_gateway_public_key_file", file))
            .transpose()?,
        previous_until,
    };
    dana::Dana::new(http, settings, clock, ids).context("the keys of `dana`")
}

/// The Xendit adapter of this account, at this address.
pub(crate) fn xendit(
    account: &Xendit,
    http: Http,
    base_url: String,
    previous_until: Option<Until>,
) -> xendit::Xendit {
    let settings = xendit::Settings {
        base_url,
        secret_key: account.secret_key.clone(),
        previous_secret_key: account.previous_secret_key.clone(),
        callback_token: account.callback_token.clone(),
        previous_callback_token: account.previous_callback_token.clone(),
        previous_until,
    };
    xendit::Xendit::new(http, settings)
}

/// Discord as the configuration has it; in the sandbox the simulator at `simulators`, if it runs.
pub(crate) fn discord_rest(
    config: &Config,
    account: &Discord,
    http: Http,
    simulators: Option<&str>,
) -> Option<Rest> {
    let simulator = || simulators.map(|base| format!("{base}/sandbox/discord"));
    let settings = RestSettings {
        base_url: account.api_url.clone().or_else(simulator)?,
        application_id: account.application_id.clone(),
        bot_token: account.bot_token.clone(),
        about: config.public_url.clone(),
    };
    Some(Rest::new(http, settings))
}

/// A shop for commands that only look at or change rows: no outside party is called.
pub(crate) async fn shop_for_command(config: &Config) -> Result<Shop> {
    shop(config, open_ready(config).await?, Some("http://127.0.0.1:0")).await
}

/// A shop for commands that ask outside parties. Simulators inside a server are asked where the configuration says
/// that it listens.
pub(crate) async fn shop_for_asking(config: &Config) -> Result<Shop> {
    let listen = config.listen.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]");
    shop(config, open_ready(config).await?, Some(&format!("http://{listen}"))).await
}

/// What each of the simulated suppliers sells: the base products and the extended ones, at the catalog's own cost,
/// each at another seller as well (`ml86b1`).
pub(crate) fn simulated_products() -> Result<Vec<sandbox::SupplierProduct>> {
    let catalog = shipped_catalog(Shipped::Extended)?;
    let products = catalog.with_category().flat_map(|(category, product)| {
        let sku = &product.supplier_sku;
        [sku.clone(), format!("{sku}b1")]
            .map(|sku| sandbox::SupplierProduct::new(&sku, &product.name, &category.name, product.cost))
    });
    // What a shop can hear names by, as Digiflazz sells it (`contracts/suppliers.md` §1.7).
    let checks = [("cekml", "Mobile Legends"), ("cekff", "Free Fire"), ("cekpubg", "PUBG Mobile")];
    let checks = checks.map(|(sku, game)| {
        let (name, price) = (format!("{game} Cek Username"), vocabulary::Rupiah::new(83));
        sandbox::SupplierProduct::new(sku, &name, game, price)
    });
    Ok(products.chain(checks).collect())
}

/// The catalogs that come with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shipped {
    /// The base catalog.
    Base,
    /// The base catalog and the extended one.
    Extended,
}

/// A catalog that comes with the program.
pub(crate) fn shipped_catalog(which: Shipped) -> Result<catalog::Catalog> {
    let base = catalog::base().context("the base catalog")?;
    Ok(match which {
        Shipped::Base => base,
        Shipped::Extended => base.with(catalog::extended().context("the extended catalog")?),
    })
}

/// Adds what is missing of a catalog that comes with the program.
pub(crate) async fn seed(shop: &Shop, which: Shipped, actor: &Actor) -> Result<orders::CatalogReport> {
    Ok(shop.seed_catalog(&shipped_catalog(which)?, actor).await?)
}

/// How long simulators elsewhere have to answer about their clock.
const CLOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// Moves the clock of simulators that run elsewhere.
pub(crate) async fn advance_elsewhere(http: &Http, base: &str, seconds: u64) -> Result<()> {
    let Some((origin, _)) = base.split_once("/sandbox/") else { return Ok(()) };
    let request = outside::Request {
        name: "sandbox.clock",
        method: outside::Method::Post,
        url: format!("{origin}/sandbox/clock"),
        headers: vec![("content-type", "application/json".into())],
        body: Some(serde_json::to_vec(&serde_json::json!({ "advance_seconds": seconds }))?),
        timeout: CLOCK_TIMEOUT,
    };
    let answer = http.call(request).await?;
    if answer.status != 200 {
        bail!("the simulators at {origin} answered {} to the clock", answer.status);
    }
    Ok(())
}

/// The key of the HTTP interface, as the web room wants it.
pub(crate) fn api_keys(config: &Config) -> Vec<web::ApiKey> {
    let id = format!("api:{}", config.mode.as_str());
    config
        .api_key
        .iter()
        .map(|secret: &Secret| web::ApiKey { id: id.clone(), secret: secret.clone() })
        .collect()
}

/// The keys of the staff.
pub(crate) fn staff_keys(config: &Config) -> Vec<web::ApiKey> {
    let key = |(name, secret): &(String, Secret)| web::ApiKey { id: name.clone(), secret: secret.clone() };
    config.staff_keys.iter().map(key).collect()
}

/// How the settlement reports of every gateway are written.
pub(crate) fn settlement_profiles(config: &Config) -> Result<Vec<(String, SettlementProfile)>> {
    let names = gateways::ALL.iter().map(|registration| registration.name);
    names.map(|name| config.settlement_profile(name).map(|profile| (name.to_owned(), profile))).collect()
}
