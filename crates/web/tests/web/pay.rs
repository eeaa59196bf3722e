//! The pay page: what it tells in each state, that looking changes nothing, and its live stream.

use crate::support::*;
use axum::{body::Body, http::Method};
use futures_util::StreamExt as _;
use serde_json::Value;
use std::time::{Duration, Instant};
use testkit::{empty_sqlite, on_both};
use tower::ServiceExt as _;

#[tokio::test]
async fn the_open_page_has_all_that_is_needed_to_pay() {
    let face = face_with(empty_sqlite().await, |s| {
        (s.sandbox, s.wallet_url) = (true, Some("http://127.0.0.1:9".into()))
    })
    .await;
    let (order, path) = face.open_order().await;
    let answer = face.get(&path).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
    let page = answer.text();
    let number = order["number"].as_str().unwrap();
    for part in [
        "lang=\"id\"",
        "Pindai untuk membayar",
        "Rp 20.000",
        "<svg",
        QR,
        "Salin kode",
        "Unduh PNG",
        "86 Diamond",
        "123456789 (2345)",
        number,
        "data-until=",
        "name=\"robots\" content=\"noindex",
        "aria-label=\"Kode QR untuk membayar Rp 20.000\"",
        "<strong>Sandbox</strong>",
        "Bayar di simulator",
        "http://127.0.0.1:9/sandbox/wallet/0b7d1c3e-test",
        "http-equiv=\"refresh\"",
        "aria-live=\"polite\"",
    ] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
    let policy = answer.header("content-security-policy");
    assert!(!policy.contains("unsafe"), "{policy}");
    for foreign in ["style=", "onclick=", "<script>", "og:", "https://", "//cdn"] {
        assert!(!page.contains(foreign), "{foreign} is in {page}");
    }
    assert!(!page.contains("gojek://"), "no wallet app knows the simulator");
    let english = face.send(request(Method::GET, &path, &[("accept-language", "en")], "")).await;
    assert!(english.text().contains("Scan to pay") && english.text().contains("lang=\"en\""));
    assert!(!english.text().contains("Salin"), "no Indonesian leaks");
}

#[tokio::test]
async fn the_page_tells_the_truth_in_every_state() {
    let face = face(empty_sqlite().await).await;
    let (_, path) = face.open_order().await;
    for (state, extra, indonesian, english) in [
        ("awaiting_verification", "", "Menunggu verifikasi", "Waiting for verification"),
        ("in_review", "", "Sedang ditinjau petugas", "Being reviewed"),
        ("blocked", "", "Pesanan tidak bisa diproses", "cannot be processed"),
        ("awaiting_payment", "", "Pindai untuk membayar", "Scan to pay"),
        ("paid", "", "sedang diproses", "being delivered"),
        ("fulfilling", "", "sedang diproses", "being delivered"),
        ("delivered", ", serial_number = '<b>SN&1</b>'", "Terkirim", "Delivered"),
        ("failed", "", "Uang sedang dikembalikan", "on its way back"),
        ("refunding", "", "Uang sedang dikembalikan", "on its way back"),
        ("refunded", "", "Rp 20.000 ada di saldo Anda", "Rp 20.000 is in your store credit"),
        ("expired", "", "Waktu membayar sudah habis", "time for paying is over"),
        ("cancelled", "", "Pesanan dibatalkan", "was cancelled"),
        (
            "needs_attention",
            ", attention = 'supplier_slow'",
            "Sedang dicek petugas, uang Anda aman",
            "your money is safe",
        ),
        ("needs_attention", ", attention = 'odd_money'", "berbeda dengan tagihan", "differs from the amount"),
        (
            "needs_attention",
            ", attention = 'waits_for_supplier', due_at = 1",
            "diproses sendiri begitu bisa",
            "goes on by itself as soon as it can",
        ),
        (
            "needs_attention",
            ", attention = 'waits_for_supplier', due_at = NULL",
            "Sementara itu tidak ada yang dibeli",
            "Meanwhile nothing is bought",
        ),
    ] {
        face.run(&format!("UPDATE shop_order SET state = '{state}'{extra}")).await;
        let page = face.get(&path).await.text();
        assert!(page.contains(indonesian), "{state}: {page}");
        assert_eq!(page.contains("<svg"), state == "awaiting_payment", "{state} and the QR code");
        assert_eq!(
            page.contains("&lt;b&gt;SN&amp;1&lt;/b&gt;"),
            state == "delivered",
            "{state} and the serial number"
        );
        let english_page =
            face.send(request(Method::GET, &path, &[("accept-language", "en")], "")).await.text();
        assert!(english_page.contains(english), "{state}: {english_page}");
    }
}

#[tokio::test]
async fn a_page_in_production_opens_the_wallet_app_and_shows_no_sign_of_the_sandbox() {
    let face = face_with(empty_sqlite().await, |s| s.wallet_url = Some(String::new())).await;
    let (_, path) = face.open_order().await;
    let page = face.get(&path).await.text();
    assert!(page.contains("href=\"gojek://gopay/merchanttransfer?tref=1\""), "{page}");
    assert!(!page.to_lowercase().contains("sandbox") && !page.contains("simulator"), "{page}");
}

#[tokio::test]
async fn the_page_tells_how_the_payment_stands() {
    let face = face(empty_sqlite().await).await;
    let (_, path) = face.open_order().await;
    for (change, text, has_code) in [
        ("state = 'intended', qr_string = NULL", "Menyiapkan QR", false),
        ("state = 'unknown', qr_string = NULL", "jangan membayar lagi", false),
        ("closing = 'cancel'", "sedang bermasalah", false),
        ("closing = NULL", "jangan membayar lagi", false),
        ("state = 'denied'", "Pembayaran ditolak", false),
        ("state = 'expired'", "sudah tidak berlaku", false),
        ("state = 'open', closing = 'cancel', qr_string = 'X'", "", false),
        ("state = 'open', closing = NULL, qr_string = 'X'", "Pindai untuk membayar", true),
        ("deep_link = 'javascript:alert(1)'", "Pindai untuk membayar", true),
        ("expires_at = 1", "Kami sedang menanyakan pembayaran ini", false),
    ] {
        face.run(&format!("UPDATE payment SET {change}")).await;
        let page = face.get(&path).await.text();
        assert!(page.contains(text) && page.contains("<svg") == has_code, "{change}: {page}");
        assert!(!page.contains("javascript:"), "a link that runs something is not shown");
    }
    assert!(face.english(&path).await.contains("We are asking about this payment"));
    face.run("UPDATE payment SET state = 'unknown', closing = 'cancel', odd_amount = 5").await;
    assert!(!face.get(&path).await.text().contains("Tidak ada uang"), "money has come in");
    face.run("UPDATE shop_order SET state = 'expired'").await;
    face.run("INSERT INTO outbox_message (id, once_key, order_id, audience, kind, state, created_at) SELECT 'msg_1', 'k', id, 'buyer', 'credited', 'queued', 1 FROM shop_order").await;
    assert!(face.get(&path).await.text().contains("sudah ditambahkan ke saldo Anda"));
}

#[tokio::test]
async fn whoever_may_have_paid_what_asks_for_another_amount_is_not_told_that_nothing_was_taken() {
    let face = face(empty_sqlite().await).await;
    let (_, path) = face.open_order().await;
    face.run("UPDATE payment SET state = 'open', closing = 'cancel', qr_string = NULL").await;
    face.run("INSERT INTO order_event (id, order_id, at, kind, state, detail) SELECT 'evt_u', order_id, created_at, 'payment_unfit', 'awaiting_payment', reference FROM payment").await;
    let page = face.get(&path).await.text();
    assert!(page.contains("Kode bayarnya dibatalkan") && page.contains("uangnya tidak hilang"), "{page}");
    assert!(!page.contains("Tidak ada uang yang diambil") && !page.contains("<svg"), "{page}");
    let page = face.english(&path).await;
    assert!(page.contains("the money is not lost") && !page.contains("No money was taken"), "{page}");
    // Nobody could pay it at any time.
    face.run("UPDATE payment SET created_at = created_at + 3600000").await;
    let page = face.get(&path).await.text();
    assert!(page.contains("sedang bermasalah") && page.contains("Tidak ada uang yang diambil"), "{page}");
}

#[tokio::test]
async fn whoever_paid_a_second_time_or_too_late_reads_in_every_state_what_became_of_it() {
    let face = face(empty_sqlite().await).await;
    let (_, path) = face.open_order().await;
    assert!(!face.get(&path).await.text().contains("ditambahkan ke saldo"), "nothing was credited");
    let credited = |n: u32, detail: &str| {
        format!(
            "INSERT INTO outbox_message (id, once_key, order_id, audience, kind, state, created_at, detail) SELECT 'msg_{n}', 'k{n}', id, 'buyer', 'credited', 'queued', {n}, '{detail}' FROM shop_order"
        )
    };
    face.run(&credited(1, "Rp 20.000")).await;
    // Whether it is another payment: only where the order was paid by one.
    for (state, paid_at) in [
        ("awaiting_payment", "NULL"),
        ("expired", "NULL"),
        ("cancelled", "NULL"),
        ("needs_attention", "NULL"),
        ("paid", "1"),
        ("fulfilling", "1"),
        ("delivered", "1"),
        ("failed", "1"),
        ("refunding", "1"),
        ("refunded", "1"),
        ("cancelled", "1"),
        ("needs_attention", "1"),
    ] {
        face.run(&format!("UPDATE shop_order SET state = '{state}', paid_at = {paid_at}")).await;
        let (page, english) = (face.get(&path).await.text(), face.english(&path).await);
        let (which, in_english) = if paid_at == "NULL" {
            ("pembayaran", "a payment")
        } else {
            ("pembayaran lain", "another payment")
        };
        assert!(
            page.contains(&format!(
                "Rp 20.000 dari {which} untuk pesanan ini sudah ditambahkan ke saldo Anda"
            )),
            "{state}: {page}"
        );
        assert!(
            english.contains(&format!(
                "Rp 20.000 from {in_english} for this order was added to your store credit"
            )),
            "{state}: {english}"
        );
        assert!(!english.contains("pembayaran"), "{state}: {english}");
    }
    face.run(&credited(2, "Rp 5.000")).await;
    assert!(face.get(&path).await.text().contains("Rp 20.000 + Rp 5.000 dari pembayaran lain"));
}

#[tokio::test]
async fn money_that_the_gateway_gave_back_is_not_said_to_be_in_the_shop() {
    let face = face(empty_sqlite().await).await;
    let (_, path) = face.open_order().await;
    face.run("UPDATE shop_order SET state = 'cancelled'").await;
    face.run("UPDATE payment SET state = 'refunded', settled_at = 1").await;
    let event = "INSERT INTO order_event (id, order_id, at, kind, state) SELECT 'evt_back', id, 1, 'payment_taken_back', 'cancelled' FROM shop_order";
    let message = |n: u32, kind: &str| {
        format!(
            "INSERT INTO outbox_message (id, once_key, order_id, audience, kind, state, created_at) SELECT 'msg_{n}', 'k{n}', id, 'buyer', '{kind}', 'queued', {n} FROM shop_order"
        )
    };
    for (change, indonesian, english) in [
        (event.to_owned(), "sudah dikembalikan kepada pembayarnya", "gave the payment back"),
        (message(2, "money_returned"), "sudah dikembalikan kepada pembayarnya", "gave the payment back"),
        (message(3, "taken_back"), "Pemasok menarik kembali produknya", "The supplier took the product back"),
    ] {
        face.run(&change).await;
        let (page, in_english) = (face.get(&path).await.text(), face.english(&path).await);
        assert!(page.contains(indonesian) && !page.contains("tidak hilang"), "{change}: {page}");
        assert!(in_english.contains(english) && !in_english.contains("not lost"), "{change}: {in_english}");
    }
    // A part of it is not all.
    face.run("DELETE FROM outbox_message").await;
    face.run("UPDATE payment SET state = 'partly_refunded'").await;
    assert!(!face.english(&path).await.contains("gave the payment back"));
}

#[tokio::test]
async fn a_delivery_that_was_taken_back_is_told_beside_where_the_money_is() {
    let face = face(empty_sqlite().await).await;
    let (order, path) = face.open_order().await;
    face.run("INSERT INTO outbox_message (id, once_key, order_id, audience, kind, state, created_at) SELECT 'msg_1', 'k1', id, 'buyer', 'delivery_taken_back', 'queued', 1 FROM shop_order").await;
    for (state, attention, indonesian, english) in [
        ("refunding", "NULL", "Uang sedang dikembalikan", "on its way back"),
        ("refunded", "NULL", "ada di saldo Anda", "in your store credit"),
        ("needs_attention", "'partly_refunded'", "Petugas mengembalikan sisanya", "gives back the rest"),
    ] {
        face.run(&format!("UPDATE shop_order SET state = '{state}', attention = {attention}")).await;
        let (page, in_english) = (face.get(&path).await.text(), face.english(&path).await);
        for words in [indonesian, "pemasok menarik kembali kirimannya", "bisa diambil lagi oleh gimnya"] {
            assert!(page.contains(words), "{state}: {words}: {page}");
        }
        for words in [english, "has taken its delivery back", "may take the items away"] {
            assert!(in_english.contains(words), "{state}: {words}: {in_english}");
        }
    }
    let number = order["number"].as_str().unwrap();
    let told = face.look(&format!("/api/v1/orders/{number}")).await.json();
    let kinds: Vec<&str> =
        told["timeline"].as_array().unwrap().iter().filter_map(|entry| entry["kind"].as_str()).collect();
    assert!(kinds.contains(&"message:delivery_taken_back"), "{kinds:?}");
    face.run("UPDATE shop_order SET state = 'delivered', attention = NULL").await;
    assert!(
        !face.english(&path).await.contains("taken its delivery back"),
        "it was paid again, and is theirs"
    );
}

#[tokio::test]
async fn of_a_part_whose_money_went_back_at_the_gateway_no_store_credit_is_claimed() {
    let face = face(empty_sqlite().await).await;
    let (_, path) = face.open_order().await;
    for (n, (state, kind, detail, credited)) in [
        ("delivered", "share_went_back", "NULL", false),
        ("delivered", "share_went_back", "'Rp 4.000'", true),
        ("refunded", "money_returned", "NULL", false),
        ("refunded", "taken_back", "NULL", false),
    ]
    .into_iter()
    .enumerate()
    {
        face.run(&format!("UPDATE shop_order SET state = '{state}'")).await;
        face.run(&format!(
            "INSERT INTO outbox_message (id, once_key, order_id, audience, kind, detail, state, created_at) SELECT 'msg_{n}', 'k{n}', id, 'buyer', '{kind}', {detail}, 'queued', {n} FROM shop_order"
        ))
        .await;
        let (page, english) = (face.get(&path).await.text(), face.english(&path).await);
        assert!(page.contains("kepada pembayarnya") && english.contains("whoever paid"), "{kind}: {english}");
        assert_eq!(page.contains("Rp 4.000 lagi"), credited, "{kind}: {page}");
        assert_eq!(english.contains("another Rp 4.000"), credited, "{kind}: {english}");
        assert!(!page.contains("ada di saldo") && !english.contains("is in your store credit"), "{english}");
    }
}

#[tokio::test]
async fn a_code_is_handed_out_only_while_it_can_be_paid() {
    let face = face(empty_sqlite().await).await;
    let (order, path) = face.open_order().await;
    // What the worker had under way is over before we look.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let number = order["number"].as_str().unwrap();
    face.run("UPDATE payment SET redirect_url = 'https://gateway.example/pay?id=1'").await;
    let mut shown = Vec::new();
    for (order_state, payment) in [
        ("awaiting_payment", "state = 'open'"),
        ("awaiting_payment", "state = 'open', closing = 'cancel'"),
        ("awaiting_payment", "state = 'unknown', closing = NULL"),
        ("awaiting_payment", "state = 'intended'"),
        ("awaiting_payment", "state = 'denied'"),
        ("awaiting_payment", "state = 'expired'"),
        ("awaiting_payment", "state = 'cancelled'"),
        ("awaiting_payment", "state = 'settled'"),
        ("expired", "state = 'open'"),
        ("cancelled", "state = 'open'"),
        ("paid", "state = 'open'"),
        ("delivered", "state = 'settled'"),
        ("needs_attention", "state = 'open'"),
        ("awaiting_payment", "state = 'open', expires_at = expires_at - 1000000000"),
        ("awaiting_payment", "state = 'open', expires_at = expires_at + 1000000000"),
    ] {
        face.run(&format!("UPDATE payment SET {payment}")).await;
        face.run(&format!("UPDATE shop_order SET state = '{order_state}'")).await;
        let told = face.look(&format!("/api/v1/orders/{number}")).await.json()["payment"].clone();
        let fields = ["qr_string", "qr_image_url", "deep_link", "redirect_url"].map(|f| !told[f].is_null());
        let pictures = [
            face.get(&format!("{path}/qr.png")).await.status == 200,
            face.get(&format!("{path}/qr.svg")).await.status == 200,
        ];
        let all = [&fields[..], &pictures[..]].concat();
        assert!(all.iter().all(|given| *given == all[0]), "{order_state} {payment}: {all:?} {told}");
        shown.push(all[0]);
    }
    let (first, rest) = shown.split_first().unwrap();
    let (last, between) = rest.split_last().unwrap();
    assert!(*first && *last && !between.contains(&true), "{shown:?}");
    face.run("UPDATE payment SET state = 'expired'").await;
    face.get(&format!("{path}/qr.png")).await.problem(404, "not-found");
}

on_both! {
    fn looking_changes_nothing(database) {
        let face = face(database).await;
        let (order, path) = face.open_order().await;
        // What the worker had under way is over before we look.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let before = face.dump().await;
        let number = order["number"].as_str().unwrap();
        for path in [
            path.clone(), format!("{path}/qr.png"), format!("{path}/qr.svg"), format!("/api/v1/orders/{number}"),
            "/api/v1/orders".into(), "/api/v1/game/products/ML".into(), "/api/v1/game/price/ML".into(), "/readyz".into(),
            "/".into(), "/openapi.json".into(),
        ] {
            for method in [Method::GET, Method::HEAD] {
                let answer = face.send(request(method, &path, &[("authorization", &bearer(KEY))], "")).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            }
        }
        assert_eq!(face.dump().await, before);
    }
}

#[tokio::test]
async fn the_qr_code_is_a_picture_that_other_sites_may_show() {
    let face = face(empty_sqlite().await).await;
    let (_, path) = face.open_order().await;
    let png = face.get(&format!("{path}/qr.png")).await;
    assert!(png.body.starts_with(b"\x89PNG") && png.header("content-type") == "image/png");
    let svg = face.get(&format!("{path}/qr.svg")).await;
    assert!(svg.text().starts_with("<svg") && svg.header("content-type") == "image/svg+xml");
    assert_eq!(png.header("cross-origin-resource-policy"), "cross-origin");
    face.run("UPDATE payment SET qr_string = NULL").await;
    face.get(&format!("{path}/qr.png")).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_token_that_is_none_gets_a_page_for_people() {
    let face = face(empty_sqlite().await).await;
    for token in [
        "x",
        "%00",
        "0123456789abcdef0123456789abcdef",
        "0123456789ABCDEF0123456789ABCDEF",
        "..%2F..%2Fetc",
        "%FF",
    ] {
        let answer = face.get(&format!("/pay/{token}")).await;
        assert!(answer.status.is_client_error(), "{token}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{token}");
        assert!(answer.text().contains(answer.header("x-request-id")));
    }
}

/// The next event of a stream, as its name and data.
async fn event(stream: &mut axum::body::BodyDataStream) -> Option<Value> {
    let mut text = String::new();
    while let Some(piece) = stream.next().await {
        text.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
        if text.ends_with("\n\n") {
            assert!(text.contains("event: state"), "{text}");
            let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
            return Some(serde_json::from_str(data).unwrap());
        }
    }
    None
}

async fn stream(face: &Face, path: &str) -> axum::body::BodyDataStream {
    let asked = request(Method::GET, &format!("{path}/events"), &[], "");
    let response = face.router.clone().oneshot(asked).await.unwrap();
    assert_eq!(response.status(), 200);
    for (name, value) in
        [("content-type", "text/event-stream"), ("cache-control", "no-store"), ("x-accel-buffering", "no")]
    {
        assert_eq!(response.headers()[name], value);
    }
    let body: Body = response.into_body();
    body.into_data_stream()
}

#[tokio::test]
async fn the_stream_sends_the_present_state_then_every_change_and_ends_at_shutdown() {
    let face = face(empty_sqlite().await).await;
    let (_, path) = face.open_order().await;
    let mut events = stream(&face, &path).await;
    let first = event(&mut events).await.unwrap();
    assert_eq!(first["headline"], "Pindai untuk membayar");
    assert!(
        face.get(&path).await.text().contains(first["html"].as_str().unwrap()),
        "page and stream show the same"
    );
    assert!(first["now"].as_i64().unwrap() > 0);

    let started = Instant::now();
    face.run("UPDATE shop_order SET state = 'delivered', serial_number = 'SN-1'").await;
    let second = event(&mut events).await.unwrap();
    assert!(second["html"].as_str().unwrap().contains("SN-1"));
    // By itself it looks 1.8 s later.
    assert!(started.elapsed() < Duration::from_millis(1_700), "a commit wakes the stream");

    let started = Instant::now();
    face.stop.send(true).unwrap();
    assert!(event(&mut events).await.is_none(), "the stream has ended");
    assert!(started.elapsed() < Duration::from_millis(1_400), "it ended after {:?}", started.elapsed());
}

#[tokio::test]
async fn the_stream_notices_what_another_process_does() {
    let face = face(empty_sqlite().await).await;
    let (_, path) = face.open_order().await;
    let mut events = stream(&face, &path).await;
    event(&mut events).await.unwrap();
    let elsewhere = face.second().await;
    let mut tx = elsewhere.write("test.change").await.unwrap();
    database::sql!("UPDATE shop_order SET state = 'paid'").query().run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let update = tokio::time::timeout(Duration::from_secs(60), event(&mut events)).await.unwrap().unwrap();
    assert!(update["headline"].as_str().unwrap().contains("diproses"));
}
