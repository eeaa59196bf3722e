//! What a database remembers about the shop: the mode it was made in, and how far business time is
//! ahead.

use database::{Error, ReadTx, WriteTx, sql};

/// How far business time is ahead of real time, in milliseconds. Only grows.
const CLOCK_OFFSET: &str = "clock_offset_ms";
/// Which key the vault has, without telling the key.
const VAULT: &str = "vault_fingerprint";
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

/// The id up to which the rows of a table were looked through for what an older version stored in the clear.
pub(crate) async fn sealed_until(tx: &mut ReadTx, table: &str) -> Result<Option<String>, Error> {
    get(tx, &sealed_name(table)).await
}

/// They were looked through up to this id. Of two that do so at the same moment who is further counts.
pub(crate) async fn remember_sealed_until(tx: &mut WriteTx, table: &str, id: &str) -> Result<(), Error> {
    sql!(
        "INSERT INTO setting (name, value) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE setting.value < excluded.value"
    )
    .bind(sealed_name(table))
    .bind(id)
    .run(tx)
    .await?;
    Ok(())
}

/// The first id of a table whose row nobody could read when it was looked through, if there is one.
pub(crate) async fn unreadable_from(tx: &mut ReadTx, table: &str) -> Result<Option<String>, Error> {
    Ok(get(tx, &unreadable_name(table)).await?.filter(|id| !id.is_empty()))
}

/// That is this one from now on, or none.
pub(crate) async fn remember_unreadable_from(
    tx: &mut WriteTx,
    table: &str,
    id: Option<&str>,
) -> Result<(), Error> {
    sql!(
        "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )
    .bind(unreadable_name(table))
    .bind(id.unwrap_or_default())
    .run(tx)
    .await?;
    Ok(())
}

fn sealed_name(table: &str) -> String {
    format!("sealed_until:{table}")
}

fn unreadable_name(table: &str) -> String {
    format!("unreadable_from:{table}")
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
