//! A gateway's key is changed while money is on its way.

use crate::{
    hands::{notification, sum},
    harness::{Rows, World},
};
use reqwest::StatusCode;
use serde_json::json;

/// The key that the gateway signs with in the sandbox, and the one that it had before.
const NOW: &str = "SB-Mid-server-loket-sandbox";
const BEFORE: &str = "SB-Mid-server-before";

#[tokio::test]
async fn while_a_gateways_key_is_changed_webhooks_of_both_keys_are_heard_and_of_no_other() {
    let mut world = World::new(Rows::Sqlite).await;
    world.configure("LOKET_MIDTRANS__PREVIOUS_SERVER_KEY", BEFORE);
    world.open_shop(&[]).await.unwrap();
    // What the gateway itself says of the money is lost.
    world.fault("midtrans", "drop_webhook", json!({"operation": "settlement", "count": 10})).await;
    for (buyer, key) in [("budi", BEFORE), ("sari", NOW)] {
        let number = world.placed(buyer, json!({"buyer": buyer})).await;
        world.payable(&number).await;
        world.paid(&number).await;
        let reference = format!("{number}-P1");
        let signed_with = |key: &str| {
            let mut settlement = notification(&reference, "200", "20000.00", "settlement");
            let signed = format!("{reference}20020000.00{key}");
            settlement["signature_key"] = json!(sum("sha512sum", signed.as_bytes()));
            settlement.to_string()
        };
        let (status, text) = world.webhook("midtrans", None, &signed_with("SB-Mid-server-never")).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{text}");
        let (status, text) = world.webhook("midtrans", None, &signed_with(key)).await;
        assert_eq!(status, StatusCode::OK, "{key}: {text}");
        world.until(&number, "delivered").await;
        world.assert_paid_and_delivered_once(&number).await;
    }
    world.assert_proofs().await;
}
