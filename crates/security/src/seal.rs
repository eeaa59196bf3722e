//! The hash chain over audit entries. A sequencer chains what was committed, so that no order waits
//! for a head that all orders share; two sequencers at once are harmless, because a position exists
//! once. The tail that is not chained yet is visible.

use crate::AuditRecord;
use database::{Error, FromRow, ReadTx, Row, WriteTx, report_sql, sql};
use sha2::{Digest, Sha256};
use vocabulary::Timestamp;

/// How many entries one transaction chains at most.
const BATCH: i64 = 500;
/// What comes first in every hash, so that it cannot be mistaken for a hash of something else.
const DOMAIN: &[u8] = b"loket-audit-v1\0";
/// What the first entry is chained to.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What following the chain has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// Every chained entry fits.
    Holds {
        /// How many entries are chained.
        sealed: i64,
        /// How many are not chained yet.
        unsealed: i64,
        /// Hash of the last one: note it elsewhere, and a later cut is found out too.
        head: String,
    },
    /// The first entry that does not fit.
    Broken {
        /// Its place in the chain, from 1.
        position: i64,
        /// Its id.
        entry: String,
        /// What is wrong with it.
        problem: String,
    },
}

struct Seal {
    position: i64,
    entry_id: String,
    hash: String,
    record: Option<AuditRecord>,
}

impl FromRow for Seal {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let present: Option<String> = row.get("id")?;
        Ok(Seal {
            position: row.get("position")?,
            entry_id: row.get("entry_id")?,
            hash: row.get("hash")?,
            record: present.is_some().then(|| AuditRecord::from_row(row)).transpose()?,
        })
    }
}

/// Chains entries that were committed, oldest first; returns how many. Call until it returns 0.
pub async fn seal(tx: &mut WriteTx, now: Timestamp) -> Result<usize, Error> {
    let entries: Vec<AuditRecord> = sql!(
        "SELECT e.id, e.at, e.actor, e.action, e.subject, e.before_state, e.after_state, e.source
         FROM audit_unsealed u JOIN audit_entry e ON e.id = u.entry_id ORDER BY u.entry_id LIMIT $1"
    )
    .bind(BATCH)
    .all(tx)
    .await?;
    if entries.is_empty() {
        return Ok(0);
    }
    let head: Option<(i64, String)> =
        sql!("SELECT position, hash FROM audit_seal ORDER BY position DESC LIMIT 1")
            .query()
            .optional(tx)
            .await?;
    let (mut position, mut previous) = head.unwrap_or((0, GENESIS.to_owned()));
    for entry in &entries {
        position = position.saturating_add(1);
        previous = hash(position, &previous, entry);
        sql!("INSERT INTO audit_seal (position, entry_id, hash, sealed_at) VALUES ($1, $2, $3, $4)")
            .bind(position)
            .bind(&entry.id)
            .bind(&previous)
            .bind(now)
            .run(tx)
            .await?;
        sql!("DELETE FROM audit_unsealed WHERE entry_id = $1").bind(&entry.id).run(tx).await?;
    }
    Ok(entries.len())
}

/// How many committed entries are not chained yet.
pub async fn unsealed(tx: &mut ReadTx) -> Result<i64, Error> {
    report_sql!("SELECT COUNT(*) FROM audit_unsealed").query().one(tx).await
}

/// Follows the chain from its beginning and names the first entry that does not fit.
pub async fn verify(tx: &mut ReadTx) -> Result<Verification, Error> {
    let mut position = 0_i64;
    let mut previous = GENESIS.to_owned();
    loop {
        let page: Vec<Seal> = sql!(
            "SELECT s.position, s.entry_id, s.hash, e.id, e.at, e.actor, e.action, e.subject,
                    e.before_state, e.after_state, e.source
             FROM audit_seal s LEFT JOIN audit_entry e ON e.id = s.entry_id
             WHERE s.position > $1 ORDER BY s.position LIMIT $2"
        )
        .bind(position)
        .bind(BATCH)
        .all(tx)
        .await?;
        if page.is_empty() {
            break;
        }
        for seal in page {
            position = position.saturating_add(1);
            let broken = |problem: &str| Verification::Broken {
                position,
                entry: seal.entry_id.clone(),
                problem: problem.to_owned(),
            };
            if seal.position != position {
                return Ok(broken("the entry that stood before it is missing from the chain"));
            }
            let Some(record) = &seal.record else {
                return Ok(broken("the entry is gone"));
            };
            previous = hash(position, &previous, record);
            if previous != seal.hash {
                return Ok(broken("its content, or one before it, is not what was chained"));
            }
        }
    }
    if let Some(loose) = loose_entry(tx, position).await? {
        return Ok(loose);
    }
    Ok(Verification::Holds { sealed: position, unsealed: unsealed(tx).await?, head: previous })
}

/// An entry that is neither chained nor waiting for it: somebody put it there past the shop, or
/// took its seal away.
async fn loose_entry(tx: &mut ReadTx, sealed: i64) -> Result<Option<Verification>, Error> {
    let loose: Option<String> = report_sql!(
        "SELECT e.id FROM audit_entry e
         WHERE NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.entry_id = e.id)
         AND NOT EXISTS (SELECT 1 FROM audit_unsealed u WHERE u.entry_id = e.id) ORDER BY e.id LIMIT 1"
    )
    .query()
    .optional(tx)
    .await?;
    Ok(loose.map(|entry| Verification::Broken {
        position: sealed.saturating_add(1),
        entry,
        problem: "it is neither chained nor waiting to be".to_owned(),
    }))
}

/// SHA-256 over the domain tag, the position, the previous hash and every field with its length.
fn hash(position: i64, previous: &str, entry: &AuditRecord) -> String {
    let mut digest = Sha256::new();
    digest.update(DOMAIN);
    digest.update(position.to_be_bytes());
    digest.update(previous.as_bytes());
    digest.update(entry.at.millis().to_be_bytes());
    let fields: [(&str, Option<&str>); 7] = [
        ("id", Some(entry.id.as_str())),
        ("actor", Some(&entry.actor)),
        ("action", Some(&entry.action)),
        ("subject", Some(&entry.subject)),
        ("before", entry.before.as_deref()),
        ("after", entry.after.as_deref()),
        ("source", entry.source.as_deref()),
    ];
    for (name, value) in fields {
        digest.update(name.as_bytes());
        match value {
            Some(text) => {
                digest.update([1]);
                digest.update((text.len() as u64).to_be_bytes());
                digest.update(text.as_bytes());
            }
            None => digest.update([0]),
        }
    }
    hex::encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> AuditRecord {
        AuditRecord {
            id: "aud_01arz3ndektsv4rrffq69g5fav".parse().unwrap(),
            at: Timestamp::from_millis(1_795_000_000_000),
            actor: "system".into(),
            action: "order.paid".into(),
            subject: "LK0123456789".into(),
            before: Some("awaiting_payment".into()),
            after: Some("paid".into()),
            source: None,
        }
    }

    /// A golden value: were it to change, every chain in the world would be broken.
    #[test]
    fn the_hash_of_an_entry_is_fixed_for_ever() {
        assert_eq!(hash(1, GENESIS, &entry()), GOLDEN);
    }

    const GOLDEN: &str = "dbd9a0589d6569e09126460d5c25e365305a9e5f42652e2a65fca73e2bd569cd";

    #[test]
    fn every_field_counts() {
        let original = hash(1, GENESIS, &entry());
        let changes: [fn(&mut AuditRecord); 7] = [
            |e| e.at = Timestamp::from_millis(1_795_000_000_001),
            |e| e.actor.push('x'),
            |e| e.action.push('x'),
            |e| e.subject.push('x'),
            |e| e.before = None,
            |e| e.after = Some(String::new()),
            |e| e.source = Some(String::new()),
        ];
        for change in changes {
            let mut changed = entry();
            change(&mut changed);
            assert_ne!(hash(1, GENESIS, &changed), original);
        }
        assert_ne!(hash(2, GENESIS, &entry()), original);
    }
}
