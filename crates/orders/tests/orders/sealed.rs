//! Serial numbers at rest: sealed in every row, readable where they should be, and so are those of older versions.

use crate::stage::Stage;
use database::{Database, Sql, sql};
use orders::{KeptBody, KeptWebhook, OrderState, SealPauses, Shop, keep_sealed};
use payments::ObservedState;
use security::Vault;
use std::{sync::Arc, time::Duration};
use suppliers::Verdict;
use testkit::on_both_shops;
use tokio::sync::oneshot;
use vocabulary::{Actor, Secret, Timestamp, WebhookId};

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
async fn rows(shop: &Shop) -> Vec<String> {
    let mut all = Vec::new();
    let mut tx = shop.db.read("test").await.unwrap();
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
        KeptBody::Hidden => "hidden".to_owned(),
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
    let kept = rows(&stage.scene.shop).await;
    assert_eq!(in_the_clear(&kept), 0, "{kept:#?}");
    assert!(kept.iter().filter(|row| row.starts_with("sealed:")).count() >= 4, "{kept:#?}");
    is_shown(&stage).await;
    // The rows alone are worth nothing.
    let mut other = stage.scene.shop.clone();
    other.vault = Vault::throw_away().unwrap();
    let view = other.order_view(&stage.order.number, "api:test").await.unwrap().unwrap();
    assert_eq!(view.order.serial_number.as_deref(), Some("(cannot be opened with this vault key)"));
});

/// An older version writes what was delivered in the clear.
async fn written_in_the_clear(shop: &Shop, webhook: &[u8]) {
    let mut tx = shop.db.write("test").await.unwrap();
    for statement in [
        sql!("UPDATE shop_order SET serial_number = $1"),
        sql!("UPDATE fulfilment_attempt SET serial_number = $1, message = $1"),
        sql!("UPDATE outbox_message SET detail = $1 WHERE detail LIKE 'sealed:%'"),
    ] {
        statement.bind(SERIAL).run(&mut tx).await.unwrap();
    }
    sql!("UPDATE webhook_inbox SET body = $1").bind(webhook).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(in_the_clear(&rows(shop).await), 5);
}

/// The webhook of the supplier, as it came.
async fn webhook(stage: &Stage) -> Vec<u8> {
    let evidence = stage.scene.shop.evidence(&stage.order.number).await.unwrap().unwrap();
    said(&evidence.webhooks[0]).into_bytes()
}

/// An older version stores so many webhooks of a supplier at this moment.
async fn stored_in_the_clear(shop: &Shop, count: usize, at: Timestamp) -> Vec<WebhookId> {
    let mut tx = shop.db.write("test").await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..count {
        let id = WebhookId::new(&shop.ids, at);
        sql!(
            "INSERT INTO webhook_inbox (id, source, body_hash, headers, body, verdict, state, received_at, updated_at)
             VALUES ($1, 'digiflazz', $1, '[]', $2, 'believed', 'applied', $3, $3)"
        )
        .bind(&id)
        .bind(SERIAL.as_bytes())
        .bind(at)
        .run(&mut tx)
        .await
        .unwrap();
        ids.push(id);
    }
    tx.commit().await.unwrap();
    ids
}

on_both_shops!(fn what_an_older_version_kept_in_the_clear_is_readable_and_sealed_once(db) {
    let stage = delivered(&db).await;
    let shop = &stage.scene.shop;
    written_in_the_clear(shop, &webhook(&stage).await).await;
    is_shown(&stage).await;
    // By a shop that buys from this supplier no more, too.
    let mut left = shop.clone();
    left.suppliers = Arc::default();
    assert_eq!(left.seal_what_is_open().await.unwrap(), 4);
    let kept = rows(&stage.scene.shop).await;
    assert_eq!(in_the_clear(&kept), 0, "{kept:#?}");
    is_shown(&stage).await;
    assert_eq!(shop.seal_what_is_open().await.unwrap(), 0);
});

on_both_shops!(fn what_an_older_version_writes_beside_this_one_is_sealed_by_the_next_walk(db) {
    let stage = delivered(&db).await;
    let shop = &stage.scene.shop;
    let body = webhook(&stage).await;
    assert_eq!(shop.seal_what_is_open().await.unwrap(), 0, "this version keeps nothing in the clear");
    // In rows that were walked past, and in new ones.
    written_in_the_clear(shop, &body).await;
    let now = shop.clock.now();
    let days = |days: u64| now.minus(Duration::from_secs(days * 86_400));
    stored_in_the_clear(shop, 1, days(80)).await;
    stored_in_the_clear(shop, 1, now.plus(Duration::from_secs(60))).await;
    assert_eq!(shop.seal_what_is_open().await.unwrap(), 6);
    is_shown(&stage).await;
    // What is so old that no supplier is asked about it any more was read once, and is not read again.
    stored_in_the_clear(shop, 1, days(120)).await;
    assert_eq!(shop.seal_what_is_open().await.unwrap(), 0);
});

on_both_shops!(fn a_table_of_any_size_is_sealed_in_small_steps_that_go_on_where_the_last_one_ended(db) {
    let stage = delivered(&db).await;
    let shop = stage.scene.shop.clone();
    stage.end().await;
    let ids = stored_in_the_clear(&shop, 620, shop.clock.now().plus(Duration::from_secs(1))).await;
    let commits = shop.db.commits();
    let before = *commits.borrow();
    assert_eq!(shop.seal_what_is_open().await.unwrap(), 620);
    let made = *commits.borrow() - before;
    assert!(made >= 620 / 50, "nobody waits for long behind one of them: {made}");
    assert_eq!(in_the_clear(&rows(&shop).await), 0);
    let mut tx = shop.db.read("test").await.unwrap();
    let known: String =
        sql!("SELECT value FROM setting WHERE name = 'sealed_until:webhook_inbox'").query().one(&mut tx).await.unwrap();
    assert_eq!(known, ids[619].to_string());
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sealing_gives_way_to_whoever_is_at_a_row_and_goes_on_with_the_others_on_postgres() {
    let db = testkit::shop_postgres().await;
    let stage = delivered(&db).await;
    let shop = stage.scene.shop.clone();
    stage.end().await;
    let ids = stored_in_the_clear(&shop, 5, shop.clock.now().plus(Duration::from_secs(1))).await;
    let mut other = shop.db.write("test").await.unwrap();
    let lock = sql!("SELECT source FROM webhook_inbox WHERE id = $1 FOR UPDATE");
    let _: String = lock.bind(&ids[3]).one(&mut other).await.unwrap();
    // Whoever waits for a row is told after five seconds that it was in vain, and would wait once more for it alone.
    let walked = tokio::time::timeout(Duration::from_secs(9), shop.seal_what_is_open()).await.unwrap();
    assert!(walked.is_err(), "one row is left: {walked:?}");
    assert_eq!(in_the_clear(&rows(&shop).await), 1, "the others are sealed");
    drop(other);
    assert_eq!(shop.seal_what_is_open().await.unwrap(), 1);
}

on_both_shops!(fn what_cannot_be_sealed_now_is_tried_again_and_keeps_nothing_else_from_it(db) {
    let stage = delivered(&db).await;
    let (shop, body) = (stage.scene.shop.clone(), webhook(&stage).await);
    stage.end().await;
    written_in_the_clear(&shop, &body).await;
    let run = async |statement: Sql| {
        let mut tx = shop.db.write("test").await.unwrap();
        statement.query().run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
    };
    // One of the tables cannot be read at first.
    run(sql!("ALTER TABLE outbox_message RENAME TO out_of_reach")).await;
    let pauses = SealPauses { every: Duration::from_secs(3_600), again: Duration::from_millis(100) };
    let (stop, stopped) = oneshot::channel::<()>();
    let keeper = tokio::spawn(keep_sealed(shop.clone(), pauses, async move { drop(stopped.await) }));
    let sealed = async |statement: Sql, count: i64| {
        for _ in 0..2_000 {
            let mut tx = shop.db.read("test").await.unwrap();
            let found: i64 = statement.query().one(&mut tx).await.unwrap();
            if found == count {
                return;
            }
            drop(tx);
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        panic!("not sealed");
    };
    for statement in [
        sql!("SELECT COUNT(*) FROM shop_order WHERE serial_number LIKE 'sealed:%'"),
        sql!("SELECT COUNT(*) FROM fulfilment_attempt WHERE serial_number LIKE 'sealed:%'"),
        sql!(
            sqlite: "SELECT COUNT(*) FROM webhook_inbox WHERE substr(body, 1, 7) = CAST('sealed:' AS BLOB)",
            postgres: "SELECT COUNT(*) FROM webhook_inbox WHERE substring(body FROM 1 FOR 7) = 'sealed:'::bytea"
        ),
    ] {
        sealed(statement, 1).await;
    }
    run(sql!("ALTER TABLE out_of_reach RENAME TO outbox_message")).await;
    sealed(sql!("SELECT COUNT(*) FROM outbox_message WHERE detail LIKE 'sealed:%'"), 1).await;
    assert_eq!(in_the_clear(&rows(&shop).await), 0);
    stop.send(()).unwrap();
    keeper.await.unwrap();
});

on_both_shops!(fn what_a_supplier_wrote_is_hidden_from_who_does_not_ask(db) {
    let stage = delivered(&db).await;
    let hidden = async |shop: &orders::Shop| {
        let mut evidence = shop.evidence(&stage.order.number).await.unwrap().unwrap();
        evidence.mask(shop);
        let bodies: Vec<String> = evidence.webhooks.iter().map(said).collect();
        assert!(!bodies.is_empty() && bodies.iter().all(|body| body == "hidden"), "{bodies:?}");
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
    assert_eq!(said(&left.webhooks[1]), "hidden");
});
