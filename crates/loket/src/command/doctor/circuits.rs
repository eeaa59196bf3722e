//! The circuits: which gateways fail again and again, and are left alone at the moment.

use super::Check;
use database::Database;
use orders::StoredCircuit;

pub(super) async fn check(db: &Database) -> Vec<Check> {
    const WHAT: &str = "circuits";
    let circuits = match db.read("doctor.circuits").await {
        Ok(mut tx) => orders::circuits(&mut tx).await,
        Err(error) => Err(error),
    };
    match circuits {
        Ok(circuits) => {
            let open: Vec<&StoredCircuit> =
                circuits.iter().filter(|row| row.circuit.rest.is_some()).collect();
            if open.is_empty() {
                return vec![Check::fine(WHAT, "no gateway is left alone for failing")];
            }
            let told = |row: &&StoredCircuit| {
                let why = row.why.as_deref().unwrap_or("no reason given");
                Check::note(
                    WHAT,
                    format!("{} fails again and again and is left alone: {why}", row.name),
                    "see what the check of that gateway says; it is tried by itself until it works",
                )
            };
            open.iter().map(told).collect()
        }
        Err(error) => vec![Check::note(WHAT, format!("cannot be told: {error}"), "mend the database first")],
    }
}
