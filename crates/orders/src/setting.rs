//! What a database remembers about the shop: the mode it was made in, and how far business time is
//! ahead.

use database::{Error, ReadTx, WriteTx, sql};

/// How far business time is ahead of real time, in milliseconds. Only grows.
const CLOCK_OFFSET: &str = "clock_offset_ms";
/// Which key the vault has, without telling the key.
const VAULT: &str = "vault_fingerprint";
/// That no serial number lies in the clear any more.
const SERIALS_SEALED: &str = "serials_sealed";
/// That no secret lies in the clear any more in the headers of a webhook.
const HEADERS_SEALED: &str = "webhook_headers_sealed";
/// `sandbox` or `production`.
const MODE: &str = "mode";

/// The mode that this database was made in, if it was used before.
pub async fn mode(tx: &mut ReadTx) -> Result<Option<String>, Error> {
    get(tx, MODE).await
}

/// Remembers the mode of a database that is used for the first time, and tells the remembered one.
pub async fn remember_mode(tx: &mut WriteTx, mode: &str) -> Result<String, Error> {
    remember(tx, MODE, mode).await
}

/// Which key the vault had when this database was used first, if it was.
pub async fn vault_fingerprint(tx: &mut ReadTx) -> Result<Option<String>, Error> {
    get(tx, VAULT).await
}

/// Remembers the key of the vault by its fingerprint, at first use, and tells the remembered one.
pub async fn remember_vault(tx: &mut WriteTx, fingerprint: &str) -> Result<String, Error> {
    remember(tx, VAULT, fingerprint).await
}

/// Whether everything that an older version stored in the clear was sealed.
pub(crate) async fn serials_are_sealed(tx: &mut ReadTx) -> Result<bool, Error> {
    Ok(get(tx, SERIALS_SEALED).await?.is_some())
}

/// Everything was.
pub(crate) async fn remember_serials_sealed(tx: &mut WriteTx) -> Result<(), Error> {
    remember(tx, SERIALS_SEALED, "yes").await.map(|_| ())
}

/// Whether the headers of webhooks that an older version stored in the clear were sealed.
pub(crate) async fn headers_are_sealed(tx: &mut ReadTx) -> Result<bool, Error> {
    Ok(get(tx, HEADERS_SEALED).await?.is_some())
}

/// They were.
pub(crate) async fn remember_headers_sealed(tx: &mut WriteTx) -> Result<(), Error> {
    remember(tx, HEADERS_SEALED, "yes").await.map(|_| ())
}

async fn remember(tx: &mut WriteTx, name: &str, value: &str) -> Result<String, Error> {
    sql!("INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
        .bind(name)
        .bind(value)
        .run(tx)
        .await?;
    Ok(get(tx, name).await?.unwrap_or_else(|| value.to_owned()))
}

/// How far business time is ahead, in milliseconds.
pub(crate) async fn clock_offset_ms(tx: &mut ReadTx) -> Result<i64, Error> {
    Ok(get(tx, CLOCK_OFFSET).await?.and_then(|v| v.parse().ok()).unwrap_or(0))
}

/// Moves business time forward by `by_ms` and tells the new offset. The database adds to what stands
/// there by then, so that of two moves at the same moment none is lost; at the last number it stays.
pub(crate) async fn advance_clock(tx: &mut WriteTx, by_ms: i64) -> Result<i64, Error> {
    sql!(
        "INSERT INTO setting (name, value) VALUES ($1, CAST(CAST($2 AS BIGINT) AS TEXT))
         ON CONFLICT (name) DO UPDATE SET value = CAST(
             CASE WHEN CAST(setting.value AS BIGINT) > 9223372036854775807 - CAST($2 AS BIGINT) THEN 9223372036854775807
                  ELSE CAST(setting.value AS BIGINT) + CAST($2 AS BIGINT) END AS TEXT)
         RETURNING CAST(value AS BIGINT)"
    )
    .bind(CLOCK_OFFSET)
    .bind(by_ms.max(0))
    .one(tx)
    .await
}

async fn get(tx: &mut ReadTx, name: &str) -> Result<Option<String>, Error> {
    sql!("SELECT value FROM setting WHERE name = $1").bind(name).optional(tx).await
}
