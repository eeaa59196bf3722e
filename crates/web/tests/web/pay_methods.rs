//! The pay page by method: what its buyer needs, in both languages, and what follows a push.

use crate::support::*;
use axum::{body::Body, http::Method};
use futures_util::StreamExt as _;
use std::time::{Duration, Instant};
use testkit::{on_both_shops, shop_sqlite};
use tower::ServiceExt as _;

const PAGE: &str = "https://gateway.example/pay?id=1";

on_both_shops!(fn each_method_shows_what_its_buyer_needs(db) {
    let face = face_paying_with(db, |_| {}).await;
    let _working = face.work();
    for (method, indonesian, english, link) in [
        ("gopay_qr", "Buka GoPay atau dompet lain", "Open GoPay, or another wallet", Some(APP)),
        ("gopay_link", "Bayar di aplikasi GoPay", "Pay in the GoPay app", Some(APP)),
        ("dana_qr", "Buka DANA atau dompet lain", "Open DANA, or another wallet", None),
        ("dana_link", "Bayar di halaman DANA", "Pay on the page of DANA", Some(PAGE)),
        ("ovo_link", "Bayar di halaman OVO", "Pay on the page of OVO", Some(PAGE)),
        ("ovo_push", "Nomor HP OVO Anda", "Your OVO phone number", None),
    ] {
        let (_, path) = face.ordered_for(method, method, method).await;
        let answer = face.get(&path).await;
        let page = answer.text();
        assert!(page.contains(indonesian), "{method}: {page}");
        assert!(face.english(&path).await.contains(english), "{method}");
        if let Some(link) = link {
            assert!(page.contains(&format!("href=\"{link}\"")), "{method}: {page}");
        }
        assert_eq!(page.contains("<svg"), method.ends_with("_qr"), "{method} and the QR code");
        assert_eq!(page.contains("type=\"tel\""), method == "ovo_push", "{method} and the form");
        // Nobody's typing is swept away where no script runs.
        assert_eq!(page.contains("http-equiv=\"refresh\""), method != "ovo_push", "{method}");
        for other in ["gopay_qr", "gopay_link", "dana_qr", "dana_link", "ovo_link", "ovo_push"] {
            assert_eq!(page.contains(&format!("value=\"{other}\"")), other != method, "{method}: {other} in the list");
        }
        assert!(!page.contains("value=\"wallet\""), "store credit is not spent from here");
        assert!(answer.header("content-security-policy").contains("form-action 'self'"));
        assert_eq!(answer.header("referrer-policy"), "same-origin", "or browsers call our own forms foreign");
        for foreign in ["style=", "onclick=", "<script>"] {
            assert!(!page.contains(foreign), "{foreign} is in {page}");
        }
    }
});

#[tokio::test]
async fn links_that_are_not_a_page_or_an_app_are_never_shown() {
    for sandbox in [false, true] {
        let face = face_paying_with(shop_sqlite().await, |s| s.sandbox = sandbox).await;
        let working = face.work();
        let (_, path) = face.ordered("a", "ovo_link").await;
        working.ends().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        for (link, shown) in [
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
            ("ovo://pay", false),
            ("http://pay.example/x", sandbox),
            ("https://pay.example/x", true),
            ("https://pay.example/\"><script>", true),
        ] {
            face.run(&format!("UPDATE payment SET redirect_url = '{link}'")).await;
            let page = face.get(&path).await.text();
            assert_eq!(page.contains("Bayar di halaman OVO"), shown, "{link}: {page}");
            assert_eq!(page.contains("sedang bermasalah"), !shown, "{link}: {page}");
            assert!(!page.contains("javascript:") && !page.contains("><script>"), "{page}");
        }
    }
}

on_both_shops!(fn a_push_is_asked_for_counted_down_and_sent_again(db) {
    let face = face_paying(db).await;
    let _working = face.work();
    let (order, path) = face.ordered("a", "ovo_push").await;
    assert_eq!(order["payment"]["state"], "intended");
    let page = face.get(&path).await.text();
    for part in ["for=\"phone\"", "inputmode=\"tel\"", "autocomplete=\"tel\"", "name=\"remember\"", "Ingat nomor ini"] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
    let started = Instant::now();
    let sent = face.form(&format!("{path}/phone"), "phone=0812-3456-7890").await;
    assert_eq!((sent.status.as_u16(), sent.header("location")), (303, &*path), "{}", sent.text());

    let page = face.page_saying(&path, "Setujui di aplikasi OVO").await;
    assert!(page.contains("data-seconds") && page.contains("********7890"), "{page}");
    let left = page.split("role=\"timer\">").nth(1).unwrap().split('<').next().unwrap();
    let left: u64 = left.parse().unwrap();
    let least = 54_u64.saturating_sub(started.elapsed().as_secs());
    assert!((least..=55).contains(&left), "the buyer has 55 s of the 65 s: {left}");
    assert!(face.english(&path).await.contains("Approve it in the OVO app"));
    assert!(page.contains("http-equiv=\"refresh\"") && !page.contains("type=\"tel\""), "{page}");

    // The buyer's time is over before the payment's is.
    face.shop.clock.raise_offset_ms(56_000);
    let page = face.get(&path).await.text();
    assert!(page.contains("Memastikan pembayaran") && page.contains("Jangan membayar lagi dulu"), "{page}");
    assert!(face.english(&path).await.contains("We are asking OVO"));

    for (state, indonesian, english) in [
        ("expired", "tidak sempat disetujui", "not approved in time"),
        ("denied", "ditolak di aplikasi", "declined in the app"),
    ] {
        // What the worker is hearing meanwhile is not written over it.
        face.run(&format!("UPDATE payment SET state = '{state}', due_at = NULL, fence = fence + 1")).await;
        let page = face.get(&path).await.text();
        assert!(page.contains(indonesian) && page.contains("Kirim lagi ke ") && page.contains("Pakai nomor lain"), "{page}");
        assert!(page.contains("Cara bayar lain") && page.contains("value=\"gopay_qr\""), "{page}");
        let in_english = face.english(&path).await;
        assert!(in_english.contains(english) && in_english.contains("Send again to "), "{in_english}");
    }
    let again = face.form(&format!("{path}/phone"), "use=again").await;
    assert_eq!(again.status, 303, "{}", again.text());
    face.page_saying(&path, "Setujui di aplikasi OVO").await;
    let pushes = face.payments().await;
    assert_eq!((pushes.len(), pushes[1].2.as_deref()), (2, Some("********7890")));
});

#[tokio::test]
async fn a_page_that_is_over_takes_nobody_in_while_somebody_may_be_paying_on_it() {
    let face = face_paying(shop_sqlite().await).await;
    let working = face.work();
    let (_, path) = face.ordered("a", "ovo_link").await;
    working.ends().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(face.get(&path).await.text().contains(&format!("href=\"{PAGE}\"")));
    // Its own time is over before the order's.
    face.run("UPDATE payment SET expires_at = expires_at - 80000").await;
    face.shop.clock.raise_offset_ms(15 * 60_000 - 70_000);
    let page = face.get(&path).await.text();
    assert!(page.contains("Memastikan pembayaran") && !page.contains(PAGE), "{page}");
    assert!(face.english(&path).await.contains("We are asking OVO"));
}

#[tokio::test]
async fn a_number_that_the_wallet_does_not_know_is_asked_for_again() {
    let face = face_paying(shop_sqlite().await).await;
    let working = face.work();
    let (_, path) = face.ordered("a", "ovo_push").await;
    face.form(&format!("{path}/phone"), "phone=081234567890&remember=1").await;
    face.page_saying(&path, "Setujui di aplikasi OVO").await;
    working.ends().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    face.run("UPDATE payment SET state = 'denied'").await;
    for (detail, known) in [("NULL", true), ("'unknown_phone'", false)] {
        face.run("DELETE FROM order_event WHERE kind = 'payment_refused'").await;
        face.run(&format!("INSERT INTO order_event (id, order_id, at, kind, state, detail) SELECT 'oev_x', id, 4000000000000, 'payment_refused', state, {detail} FROM shop_order")).await;
        let page = face.get(&path).await.text();
        assert_eq!(page.contains("Nomor ini tidak terdaftar di OVO"), !known, "{page}");
        assert_eq!(page.contains("sedang bermasalah"), known, "{page}");
        assert!(page.contains("type=\"tel\"") && page.contains("Cara bayar lain"), "{page}");
        // What is remembered is the number that failed: it is not offered once more.
        assert!(!page.contains("Kirim ke ") && !page.contains("Kirim lagi"), "{page}");
    }
    assert!(face.english(&path).await.contains("OVO does not know this number"));
}

on_both_shops!(fn a_remembered_number_is_offered_by_its_mask_and_can_be_forgotten(db) {
    let face = face_paying(db).await;
    let _working = face.work();
    let (_, first) = face.ordered("a", "ovo_push").await;
    assert!(!face.get(&first).await.text().contains("Kirim ke "));
    let sent = face.form(&format!("{first}/phone"), "phone=081234567890&remember=1&use=phone").await;
    assert_eq!(sent.status, 303);
    let (_, second) = face.ordered("b", "ovo_push").await;
    let page = face.get(&second).await.text();
    assert!(page.contains("Kirim ke ") && page.contains("********7890") && page.contains("Lupakan nomor ini"), "{page}");
    let sent = face.form(&format!("{second}/phone"), "use=remembered").await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    face.page_saying(&second, "Setujui di aplikasi OVO").await;

    let (_, third) = face.ordered("c", "ovo_push").await;
    assert_eq!(face.form(&format!("{third}/phone"), "use=forget").await.status, 303);
    assert!(!face.get(&third).await.text().contains("Kirim ke "));
    let gone = face.form(&format!("{third}/phone"), "use=remembered").await;
    assert!(gone.status == 409 && gone.text().contains("Tidak ada nomor yang tersimpan"), "{}", gone.text());
});

#[tokio::test]
async fn the_stream_follows_a_push_and_is_silent_while_only_time_passes() {
    let face = face_paying(shop_sqlite().await).await;
    let working = face.work();
    let (_, path) = face.ordered("a", "ovo_push").await;
    face.form(&format!("{path}/phone"), "phone=081234567890").await;
    let page = face.page_saying(&path, "Setujui di aplikasi OVO").await;
    working.ends().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let asked = request(Method::GET, &format!("{path}/events"), &[], "");
    let body: Body = face.router.clone().oneshot(asked).await.unwrap().into_body();
    let mut stream = body.into_data_stream();
    let mut next = async |within: u64| {
        let piece = tokio::time::timeout(Duration::from_secs(within), stream.next()).await.ok()?;
        Some(String::from_utf8(piece.unwrap().unwrap().to_vec()).unwrap())
    };
    let first = next(60).await.unwrap();
    assert!(first.contains("Setujui di aplikasi OVO"), "{first}");
    let key = page.split("data-key=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(first.contains(&format!("\"key\":\"{key}\"")), "the page has shown this already: {first}");
    assert_eq!(next(4).await, None, "the seconds that pass are no news");
    face.shop.clock.raise_offset_ms(56_000);
    let over = next(60).await.unwrap();
    assert!(over.contains("Memastikan pembayaran"), "{over}");
    face.run("UPDATE payment SET state = 'expired'").await;
    assert!(next(60).await.unwrap().contains("Kirim lagi ke "));
}
