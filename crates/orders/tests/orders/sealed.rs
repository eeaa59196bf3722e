//! Serial numbers at rest: sealed in every row, readable where they should be, and so are those of older versions.

use crate::stage::Stage;
use database::{Database, sql};
use orders::{KeptBody, KeptWebhook, OrderState};
use payments::ObservedState;
use security::Vault;
use std::sync::Arc;
use suppliers::Verdict;
use testkit::on_both_shops;
use vocabulary::{Actor, Secret};

const SERIAL: &str = "AAAA-BBBB-CCCC-DDDD";

/// An order whose delivery the supplier answered with, and told by webhook.
async fn delivered(db: &Database) -> Stage {
    let stage = Stage::open(db).await;
    stage.purchases_bring(SERIAL);
    stage.gateway_says(0, ObservedState::Settled, Some(10_000)).await;
    stage.until_state(OrderState::Delivered).await;
    stage.supplier_delivers(1, SERIAL).await;
    stage
}

/// What stands in the rows that tell a serial number.
async fn rows(stage: &Stage) -> Vec<String> {
    let mut all = Vec::new();
    let mut tx = stage.scene.shop.db.read("test").await.unwrap();
    for statement in [
        sql!("SELECT COALESCE(serial_number, '') FROM shop_order"),
        sql!("SELECT COALESCE(serial_number, '') FROM fulfilment_attempt"),
        sql!("SELECT COALESCE(message, '') FROM fulfilment_attempt"),
        sql!("SELECT COALESCE(detail, '') FROM outbox_message"),
        sql!("SELECT COALESCE(source, '') FROM audit_entry"),
    ] {
        let texts: Vec<String> = statement.query().all(&mut tx).await.unwrap();
        all.extend(texts);
    }
    let bodies: Vec<Vec<u8>> = sql!("SELECT body FROM webhook_inbox").query().all(&mut tx).await.unwrap();
    all.extend(bodies.iter().map(|body| String::from_utf8_lossy(body).into_owned()));
    all
}

/// What a webhook says, or why that is not known.
fn said(webhook: &KeptWebhook) -> String {
    match &webhook.body {
        KeptBody::Opened(body) => String::from_utf8_lossy(body).into_owned(),
        KeptBody::Closed { why } => format!("closed: {why}"),
    }
}

fn in_the_clear(rows: &[String]) -> usize {
    rows.iter().filter(|row| row.contains(SERIAL)).count()
}

/// It is shown to the owner of the order, in its timeline, and to staff.
async fn is_shown(stage: &Stage) {
    let shop = &stage.scene.shop;
    let view = shop.order_view(&stage.order.number, "api:test").await.unwrap().unwrap();
    assert_eq!(view.order.serial_number.as_deref(), Some(SERIAL));
    assert!(view.timeline.iter().any(|entry| entry.detail.as_deref() == Some(SERIAL)), "{:?}", view.timeline);
    let page = shop.orders_page("api:test", None, 10).await.unwrap();
    assert_eq!(page.orders[0].serial_number.as_deref(), Some(SERIAL));
    let file = shop.order_file(&stage.order.number).await.unwrap().unwrap();
    assert_eq!(file.attempts[0].serial_number.as_deref(), Some(SERIAL));
    let evidence = shop.evidence(&stage.order.number).await.unwrap().unwrap();
    assert!(evidence.webhooks.iter().any(|w| said(w).contains(SERIAL)));
}

on_both_shops!(fn what_was_delivered_lies_in_no_row_in_the_clear(db) {
    let stage = delivered(&db).await;
    let kept = rows(&stage).await;
    assert_eq!(in_the_clear(&kept), 0, "{kept:#?}");
    assert!(kept.iter().filter(|row| row.starts_with("sealed:")).count() >= 4, "{kept:#?}");
    is_shown(&stage).await;
    // The rows alone are worth nothing.
    let mut other = stage.scene.shop.clone();
    other.vault = Vault::throw_away().unwrap();
    let view = other.order_view(&stage.order.number, "api:test").await.unwrap().unwrap();
    assert_eq!(view.order.serial_number.as_deref(), Some("(cannot be opened with this vault key)"));
});

on_both_shops!(fn what_an_older_version_kept_in_the_clear_is_readable_and_sealed_once(db) {
    let stage = delivered(&db).await;
    let shop = &stage.scene.shop;
    let body = said(&shop.evidence(&stage.order.number).await.unwrap().unwrap().webhooks[0]);
    let mut tx = shop.db.write("test").await.unwrap();
    for statement in [
        sql!("UPDATE shop_order SET serial_number = $1"),
        sql!("UPDATE fulfilment_attempt SET serial_number = $1, message = $1"),
        sql!("UPDATE outbox_message SET detail = $1 WHERE detail LIKE 'sealed:%'"),
    ] {
        statement.bind(SERIAL).run(&mut tx).await.unwrap();
    }
    sql!("UPDATE webhook_inbox SET body = $1").bind(body.as_bytes()).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(in_the_clear(&rows(&stage).await), 5);
    is_shown(&stage).await;
    // By a shop that buys from this supplier no more, too.
    let mut left = shop.clone();
    left.suppliers = Arc::default();
    assert_eq!(left.seal_what_is_open().await.unwrap(), 4);
    let kept = rows(&stage).await;
    assert_eq!(in_the_clear(&kept), 0, "{kept:#?}");
    is_shown(&stage).await;
    assert_eq!(shop.seal_what_is_open().await.unwrap(), 0);
});

on_both_shops!(fn what_a_supplier_wrote_is_hidden_from_who_does_not_ask(db) {
    let stage = delivered(&db).await;
    let hidden = async |shop: &orders::Shop| {
        let mut evidence = shop.evidence(&stage.order.number).await.unwrap().unwrap();
        evidence.mask(shop);
        let bodies: Vec<String> = evidence.webhooks.iter().map(said).collect();
        assert!(!bodies.is_empty() && bodies.iter().all(|body| body.contains("--reveal")), "{bodies:?}");
    };
    hidden(&stage.scene.shop).await;
    // It was taken out of the configuration since.
    let mut left = stage.scene.shop.clone();
    left.suppliers = Arc::default();
    hidden(&left).await;
    // Nobody has heard yet what was written.
    let mut tx = stage.scene.shop.db.write("test").await.unwrap();
    for statement in [
        sql!("UPDATE shop_order SET serial_number = NULL"),
        sql!("UPDATE fulfilment_attempt SET serial_number = NULL"),
    ] {
        statement.query().run(&mut tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    hidden(&stage.scene.shop).await;
});

on_both_shops!(fn an_old_audit_entry_that_quotes_what_was_delivered_is_shown_without_it(db) {
    let stage = delivered(&db).await;
    let (shop, number, actor) = (&stage.scene.shop, &stage.order.number, Actor::system());
    let entry = security::Entry {
        actor: &actor,
        action: "order.delivered",
        subject: number.as_str(),
        before: None,
        after: None,
        source: Some(format!("vip-reseller {number}-F1: success {SERIAL}")),
    };
    let mut tx = shop.db.write("test").await.unwrap();
    security::record(&mut tx, &shop.ids, shop.clock.now(), &entry).await.unwrap();
    tx.commit().await.unwrap();
    let mut file = shop.order_file(number).await.unwrap().unwrap();
    assert!(format!("{:?}", file.audit).contains(SERIAL));
    file.mask();
    assert!(!format!("{file:?}").contains(SERIAL), "{file:#?}");
});

on_both_shops!(fn a_webhook_that_cannot_be_opened_hides_nothing_else_of_the_evidence(db) {
    let stage = delivered(&db).await;
    stage.supplier_says(1, Verdict::Succeeded).await;
    let (shop, number) = (&stage.scene.shop, &stage.order.number);
    let whole = shop.evidence(number).await.unwrap().unwrap();
    assert_eq!(whole.webhooks.len(), 2, "{:?}", whole.webhooks);
    // One was stored by a shop with another key.
    let other = Vault::throw_away().unwrap().seal("webhook:digiflazz", &Secret::new("00")).unwrap();
    let mut tx = shop.db.write("test").await.unwrap();
    let swap = sql!("UPDATE webhook_inbox SET body = $1 WHERE id = $2");
    let strange = format!("sealed:{other}");
    swap.bind(strange.as_bytes()).bind(&whole.webhooks[0].id).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let mut left = shop.evidence(number).await.unwrap().unwrap();
    assert_eq!(left.webhooks[1], whole.webhooks[1]);
    let closed = said(&left.webhooks[0]);
    assert!(closed.starts_with("closed: it is encrypted") && closed.contains("vault.key"), "{closed}");
    assert!(!closed.contains(&other), "{closed}");
    assert_eq!(left.webhooks[0].received_at, whole.webhooks[0].received_at, "that it came is known");
    assert_eq!((left.words.len(), left.file.timeline.len()), (whole.words.len(), whole.file.timeline.len()));
    assert_eq!(left.file.order.serial_number.as_deref(), Some(SERIAL));
    // Who does not ask for what was delivered is told why, all the same.
    left.mask(shop);
    assert_eq!(said(&left.webhooks[0]), closed);
    assert!(said(&left.webhooks[1]).contains("--reveal"));
});
