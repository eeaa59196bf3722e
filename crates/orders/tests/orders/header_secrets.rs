//! Secrets in the headers of webhooks: in no row in the clear, and good for verifying a webhook from its row.

use crate::scene::Scene;
use database::{Database, Json, sql};
use orders::{IncomingWebhook, Receipt, Shop, worker};
use outside::{Http, Pending};
use payments::{
    Gateway,
    gateways::xendit::{Settings, Xendit},
};
use std::{sync::Arc, time::Duration};
use suppliers::{
    Capabilities, Named, Purchase, Report, Supplier, SupplierWebhook, Verdict, WebhookRefusal,
    adapters::digiflazz::CAPABILITIES,
};
use testkit::on_both_shops;
use vocabulary::{Secret, WebhookId};

const SECRET: &str = "74a52f59f2bb9e3b8c5a0c1d6a0b9c3e";
const SECRET_HEADER: &str = "x-static";
/// Bound to what is said: evidence.
const SIGNATURE: &str = "x-bound";

/// Proves who it is with the same words each time.
struct Static;

impl Supplier for Static {
    fn name(&self) -> &'static str {
        "static"
    }
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }
    fn purchase<'a>(&'a self, _: &'a Purchase) -> Pending<'a, Report> {
        let report = Report::bare(Verdict::NotSent, "unreachable");
        Box::pin(async move { report })
    }
    fn webhook_headers(&self) -> &'static [&'static str] {
        &[SECRET_HEADER, SIGNATURE]
    }
    fn webhook_secrets(&self) -> &'static [&'static str] {
        &[SECRET_HEADER]
    }
    fn read_webhook(
        &self,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<SupplierWebhook, WebhookRefusal> {
        let named = Named::Reference(String::from_utf8_lossy(body).into_owned());
        let fits = headers.iter().any(|(name, value)| name == SECRET_HEADER && value == SECRET);
        if fits { Ok(SupplierWebhook::Hint(named)) } else { Err(WebhookRefusal::BadSignature) }
    }
}

/// A shop that has heard from it once.
async fn told(db: &Database) -> Shop {
    let mut shop = Scene::with_ten(db).await.shop;
    shop.suppliers = Arc::new(vec![Arc::new(Static) as Arc<dyn Supplier>]);
    let headers =
        [("content-type", "text/plain"), (SECRET_HEADER, SECRET), (SIGNATURE, "ab12"), ("x-other", "1")];
    let headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let webhook = IncomingWebhook { source: "static", headers: &headers, body: b"LK0000000001-F1" };
    assert_eq!(shop.receive_webhook(&webhook).await.unwrap(), Receipt::Taken);
    shop
}

type Headers = Vec<(String, String)>;

/// The headers as they lie there, and what was done about it.
async fn row(shop: &Shop) -> (Headers, String, Option<String>) {
    let mut tx = shop.db.read("test").await.unwrap();
    let (Json(headers), state, note): (Json<Headers>, String, Option<String>) =
        sql!("SELECT headers, state, note FROM webhook_inbox").query().one(&mut tx).await.unwrap();
    (headers, state, note)
}

/// The row is heard, and why nothing follows from it.
async fn heard(shop: &Shop) -> Option<String> {
    let mut tx = shop.db.write("test").await.unwrap();
    let again =
        sql!("UPDATE webhook_inbox SET state = 'received', note = NULL, due_at = $1, lease_until = NULL");
    again.bind(shop.clock.now()).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    worker::run(shop.clone(), std::future::ready(())).await;
    let (_, state, note) = row(shop).await;
    assert_eq!(state, "ignored", "{note:?}");
    note
}

const BELIEVED: &str = "it is about no attempt of ours";

on_both_shops!(fn a_secret_that_comes_with_each_webhook_is_kept_sealed_and_still_proves_who_sent_it(db) {
    let shop = told(&db).await;
    let (kept, ..) = row(&shop).await;
    assert_eq!(kept.len(), 3, "{kept:?}");
    assert!(kept.iter().all(|(_, value)| !value.contains(SECRET)), "{kept:?}");
    assert!(kept.contains(&(SIGNATURE.into(), "ab12".into())), "a signature over what is said is evidence: {kept:?}");
    assert_eq!(heard(&shop).await.as_deref(), Some(BELIEVED));
    // The row alone proves nothing, with another key no more than with another secret in it.
    let mut other = shop.clone();
    other.vault = security::Vault::throw_away().unwrap();
    let mut tx = shop.db.write("test").await.unwrap();
    let forged = Json(vec![(SECRET_HEADER.to_owned(), other_secret(&other))]);
    sql!("UPDATE webhook_inbox SET headers = $1").bind(forged).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(heard(&shop).await.as_deref(), Some("its signature does not fit any more"));
});

/// The secret, sealed by a shop with another key.
fn other_secret(other: &Shop) -> String {
    let sealed = other.vault.seal("webhook:static:x-static", &Secret::new(SECRET)).unwrap();
    format!("sealed:{sealed}")
}

on_both_shops!(fn a_secret_that_an_older_version_kept_in_a_header_is_sealed_once_and_still_proves_it(db) {
    let shop = told(&db).await;
    for connected in [true, false] {
        let old = Json(vec![(SECRET_HEADER, SECRET), ("content-type", "text/plain")]);
        let mut tx = shop.db.write("test").await.unwrap();
        sql!("UPDATE webhook_inbox SET headers = $1").bind(old).run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        // By a shop that buys from it no more, too.
        let mut start = shop.clone();
        if !connected {
            start.suppliers = Arc::default();
        }
        assert_eq!(start.seal_what_is_open().await.unwrap(), 1);
        let (kept, ..) = row(&shop).await;
        assert!(kept.iter().all(|(_, value)| !value.contains(SECRET)), "{kept:?}");
        assert!(kept.contains(&("content-type".into(), "text/plain".into())), "{kept:?}");
        assert_eq!(start.seal_what_is_open().await.unwrap(), 0);
        assert_eq!(heard(&shop).await.as_deref(), Some(BELIEVED));
    }
});

/// A gateway whose callbacks carry a token.
fn gateway() -> Arc<dyn Gateway> {
    let settings = Settings {
        base_url: "http://127.0.0.1:9".to_owned(),
        secret_key: Secret::new("a key of this test"),
        previous_secret_key: None,
        callback_token: Secret::new(SECRET),
        previous_callback_token: None,
        previous_until: None,
    };
    Arc::new(Xendit::new(Http::new().unwrap(), settings))
}

/// An older version stores a webhook of the gateway with these headers.
async fn stored(shop: &Shop, headers: &str) {
    let (now, mut tx) = (shop.clock.now(), shop.db.write("test").await.unwrap());
    sql!(
        "INSERT INTO webhook_inbox (id, source, body_hash, headers, body, verdict, state, received_at, updated_at)
         VALUES ($1, 'xendit', $1, $2, $3, 'believed', 'applied', $4, $4)"
    )
    .bind(WebhookId::new(&shop.ids, now))
    .bind(headers)
    .bind(b"{}".as_slice())
    .bind(now)
    .run(&mut tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

on_both_shops!(fn the_token_of_a_gateway_in_old_headers_is_sealed_and_what_nobody_can_read_keeps_no_other_row_from_it(db) {
    let mut shop = Scene::with_ten(&db).await.shop;
    shop.gateways = Arc::new(vec![gateway()]);
    let open = format!(r#"[["x-callback-token","{SECRET}"],["content-type","application/json"]]"#);
    for headers in [open.as_str(), "no headers", open.as_str()] {
        stored(&shop, headers).await;
    }
    assert_eq!(shop.seal_what_is_open().await.unwrap(), 2, "what nobody can read is reported, and no failure");
    let mut tx = shop.db.read("test").await.unwrap();
    let kept: Vec<(String, Vec<u8>)> =
        sql!("SELECT headers, body FROM webhook_inbox ORDER BY id").query().all(&mut tx).await.unwrap();
    drop(tx);
    let sealed = kept.iter().filter(|(headers, _)| headers.contains(r#"["x-callback-token","sealed:"#));
    assert_eq!(sealed.count(), 2, "{kept:?}");
    assert!(kept.iter().all(|(headers, body)| !headers.contains(SECRET) && body == b"{}"), "{kept:?}");
    let mut tx = shop.db.write("test").await.unwrap();
    sql!("UPDATE webhook_inbox SET headers = $1 WHERE headers = 'no headers'").bind(&open).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(shop.seal_what_is_open().await.unwrap(), 1);
    assert_eq!(shop.seal_what_is_open().await.unwrap(), 0);
});

on_both_shops!(fn headers_that_nobody_can_read_hold_up_no_walk_and_each_start_goes_back_to_them(db) {
    let mut scene = Scene::with_ten(&db).await;
    scene.shop.gateways = Arc::new(vec![gateway()]);
    let shop = &scene.shop;
    let open = format!(r#"[["x-callback-token","{SECRET}"]]"#);
    stored(shop, "no headers").await;
    // Longer ago than a walk looks back by itself.
    shop.clock.advance(Duration::from_secs(200 * 86_400));
    stored(shop, &open).await;
    let is_through = sql!(
        "SELECT COUNT(*) FROM setting
         WHERE name = 'sealed_until:webhook_inbox' AND value = (SELECT MAX(id) FROM webhook_inbox)"
    );
    let is_known = sql!(
        "SELECT COUNT(*) FROM setting
         WHERE name = 'unreadable_from:webhook_inbox' AND value = (SELECT MIN(id) FROM webhook_inbox)"
    );
    for sealed in [1, 0] {
        assert_eq!(shop.seal_what_is_open().await.unwrap(), sealed);
        assert_eq!((scene.count(is_through).await, scene.count(is_known).await), (1, 1));
    }
    let mut tx = shop.db.write("test").await.unwrap();
    sql!("UPDATE webhook_inbox SET headers = $1 WHERE headers = 'no headers'").bind(&open).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(shop.seal_what_is_open().await.unwrap(), 1, "it is not forgotten");
    assert_eq!(scene.count(is_known).await, 0);
    assert_eq!(shop.seal_what_is_open().await.unwrap(), 0);
});
