//! What all simulators share: the books, the clock, the addresses, and the wake-up of the worker.

use crate::{Error, Settings, dana, discord::Discord};
use database::{Database, DatabaseUrl, ReadTx, WriteTx, sql};
use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::{Notify, watch};
use vocabulary::{Clock, Timestamp};

vocabulary::text_enum!(
    /// A simulated party.
    pub(crate) enum Target {
        /// The payment gateway.
        Midtrans = "midtrans",
        /// The other payment gateway.
        Dana = "dana",
        /// The third payment gateway.
        Xendit = "xendit",
        /// The supplier.
        Digiflazz = "digiflazz",
        /// Another supplier, and a source of account names.
        VipReseller = "vip-reseller",
        /// A third supplier, and a source of account names.
        Apigames = "apigames",
        /// The chat that the shop lives in.
        Discord = "discord",
    }
);
database::text_column!(Target);

/// The outside world.
pub(crate) struct World {
    pub(crate) db: Database,
    pub(crate) settings: Settings,
    /// What the simulated DANA verifies and signs with.
    pub(crate) dana_keys: dana::Keys,
    /// Sends the webhooks.
    pub(crate) http: reqwest::Client,
    pub(crate) discord: Discord,
    /// Rung when something may have become due.
    pub(crate) wake: Notify,
    /// True once the worker was told to stop: answers that are held back are given up.
    pub(crate) closing: watch::Sender<bool>,
    addresses: RwLock<Addresses>,
}

#[derive(Clone)]
struct Addresses {
    base: String,
    midtrans: Option<String>,
    dana: Option<String>,
    xendit: Option<String>,
    digiflazz: Option<String>,
    vip_reseller: Option<String>,
    apigames: Option<String>,
}

impl World {
    pub(crate) async fn open(settings: Settings) -> Result<World, Error> {
        let folder = settings.data_dir.join("sandbox");
        std::fs::create_dir_all(&folder)
            .map_err(|source| Error::Folder { path: folder.display().to_string(), source })?;
        let data_dir = settings.data_dir.clone();
        let dana_keys = tokio::task::spawn_blocking(move || dana::Keys::open(&data_dir)).await??;
        let db = Database::open(&DatabaseUrl::Sqlite(folder.join("world.db"))).await?;
        db.migrate(&database::migrations!(
            "0001_world",
            "0002_snap",
            "0003_dana",
            "0005_discord",
            "0021_midtrans_code",
            "0024_goods",
            "0026_digiflazz_listing",
            "0032_xendit",
            "0038_vip_listing",
            "0050_xendit_method",
            "0060_shelf",
            "0062_xendit_method_off"
        ))
        .await?;
        let mut tx = db.read("world.open").await?;
        settings.clock.raise_offset_ms(stored_offset(&mut tx).await?);
        drop(tx);
        let addresses = Addresses {
            base: "http://127.0.0.1:8080".into(),
            midtrans: settings.midtrans_notify.clone(),
            dana: settings.dana_notify.clone(),
            xendit: settings.xendit_notify.clone(),
            digiflazz: settings.digiflazz_notify.clone(),
            vip_reseller: settings.vip_reseller_notify.clone(),
            apigames: settings.apigames_notify.clone(),
        };
        let discord = Discord::open(&settings)?;
        Ok(World {
            db,
            settings,
            dana_keys,
            discord,
            http: crate::deliveries::client()?,
            wake: Notify::new(),
            closing: watch::Sender::new(false),
            addresses: RwLock::new(addresses),
        })
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.settings.clock
    }

    /// Business time.
    pub(crate) fn now(&self) -> Timestamp {
        self.settings.clock.now()
    }

    /// Where the simulators are reached, without a slash at the end.
    pub(crate) fn base_url(&self) -> String {
        self.addresses().base
    }

    /// The webhook URL in a party's "dashboard".
    pub(crate) fn notify_url(&self, target: Target) -> Option<String> {
        match target {
            Target::Midtrans => self.addresses().midtrans,
            Target::Dana => self.addresses().dana,
            Target::Xendit => self.addresses().xendit,
            Target::Digiflazz => self.addresses().digiflazz,
            Target::VipReseller => self.addresses().vip_reseller,
            Target::Apigames => self.addresses().apigames,
            // It is sent interactions, while somebody waits; there is nothing to be delivered later.
            Target::Discord => None,
        }
    }

    pub(crate) fn set_base_url(&self, base: &str) {
        self.addresses.write().unwrap_or_else(PoisonError::into_inner).base =
            base.trim_end_matches('/').into();
    }

    pub(crate) fn set_notify_urls(&self, midtrans: Option<&str>, digiflazz: Option<&str>) {
        let mut addresses = self.addresses.write().unwrap_or_else(PoisonError::into_inner);
        addresses.midtrans = midtrans.map(str::to_owned);
        addresses.digiflazz = digiflazz.map(str::to_owned);
        drop(addresses);
        self.wake.notify_one();
    }

    pub(crate) fn set_supplier_notify_urls(&self, vip_reseller: Option<&str>, apigames: Option<&str>) {
        let mut addresses = self.addresses.write().unwrap_or_else(PoisonError::into_inner);
        addresses.vip_reseller = vip_reseller.map(str::to_owned);
        addresses.apigames = apigames.map(str::to_owned);
        drop(addresses);
        self.wake.notify_one();
    }

    pub(crate) fn set_dana_notify_url(&self, url: Option<&str>) {
        self.addresses.write().unwrap_or_else(PoisonError::into_inner).dana = url.map(str::to_owned);
        self.wake.notify_one();
    }

    pub(crate) fn set_xendit_notify_url(&self, url: Option<&str>) {
        self.addresses.write().unwrap_or_else(PoisonError::into_inner).xendit = url.map(str::to_owned);
        self.wake.notify_one();
    }

    pub(crate) async fn advance(&self, seconds: u64) -> Result<i64, database::Error> {
        let by = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000);
        let mut tx = self.db.write("world.advance").await?;
        let offset = stored_offset(&mut tx).await?.saturating_add(by);
        self.store_offset(tx, offset).await
    }

    pub(crate) async fn raise_offset_ms(&self, offset: i64) -> Result<i64, database::Error> {
        let mut tx = self.db.write("world.advance").await?;
        let offset = stored_offset(&mut tx).await?.max(offset);
        self.store_offset(tx, offset).await
    }

    async fn store_offset(&self, mut tx: WriteTx, offset: i64) -> Result<i64, database::Error> {
        sql!("UPDATE world_clock SET offset_ms = $1 WHERE id = 1").bind(offset).run(&mut tx).await?;
        tx.commit().await?;
        self.clock().raise_offset_ms(offset);
        self.wake.notify_one();
        Ok(self.clock().offset_ms())
    }

    /// A random version 4 UUID.
    pub(crate) fn uuid(&self) -> String {
        let ids = &self.settings.ids;
        let random = (u128::from(ids.below(u64::MAX)) << 64) | u128::from(ids.below(u64::MAX));
        let bits = random & !(0xF000 << 64) & !(0b11 << 62) | (0x4000 << 64) | (0b10 << 62);
        uuid_text(bits)
    }

    /// Waits in real time, but not longer than the server lives.
    pub(crate) async fn hold(&self, time: Duration) {
        let mut closing = self.closing.subscribe();
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            _ = closing.wait_for(|closed| *closed) => {}
        }
    }

    fn addresses(&self) -> Addresses {
        self.addresses.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn stored_offset(tx: &mut ReadTx) -> Result<i64, database::Error> {
    sql!("SELECT offset_ms FROM world_clock WHERE id = 1").query().one(tx).await
}

/// 128 bits in the notation of a UUID.
pub(crate) fn uuid_text(bits: u128) -> String {
    let hex = format!("{bits:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

/// The 128 bits of a UUID.
pub(crate) fn uuid_bits(text: &str) -> Option<u128> {
    let hex: String = text.chars().filter(|c| *c != '-').collect();
    (hex.len() == 32).then(|| u128::from_str_radix(&hex, 16).ok()).flatten()
}
