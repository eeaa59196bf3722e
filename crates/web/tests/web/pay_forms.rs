//! The forms of the pay page: another way to pay and a phone number; what is refused and how it is
//! said; that nothing hostile changes anything, and that no number comes back.

use crate::support::*;
use axum::http::Method;
use std::time::Duration;
use testkit::{on_both_shops, shop_sqlite};

on_both_shops!(fn another_method_is_chosen_on_the_page_and_a_second_press_changes_nothing(db) {
    let face = face_paying(db).await;
    let _working = face.work();
    let (_, path) = face.ordered("a", "gopay_qr").await;
    let page = face.get(&path).await.text();
    assert!(page.contains("Ganti cara bayar") && page.contains("jangan dibayar atau disetujui lagi"), "{page}");
    assert!(face.english(&path).await.contains("is cancelled: do not pay or approve it any more"));
    let address = format!("{path}/method");
    let (one, two) = tokio::join!(face.form(&address, "method=dana_link"), face.form(&address, "method=dana_link"));
    for answer in [one, two] {
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, &*path), "{}", answer.text());
    }
    face.page_saying(&path, "https://gateway.example/pay?id=1").await;
    let payments = face.payments().await;
    assert_eq!(payments.len(), 2, "{payments:?}");
    assert_eq!(payments[1].0, "dana_link");
});

#[tokio::test]
async fn what_becomes_of_the_present_way_is_true_of_it_and_of_money_that_comes_late() {
    let face = face_paying(shop_sqlite().await).await;
    let _working = face.work();
    for (method, old, in_english) in [
        (
            "gopay_qr",
            "pembayaran GoPay QR yang sekarang dibatalkan",
            "present payment by GoPay QR is cancelled",
        ),
        (
            "ovo_link",
            "halaman bayar OVO mungkin masih terbuka",
            "OVO's payment page may stay open for a while",
        ),
    ] {
        let (_, path) = face.ordered_for(method, method, method).await;
        let (page, english) = (face.get(&path).await.text(), face.english(&path).await);
        assert!(page.contains(old), "{page}");
        assert!(page.contains("dipakai membayar pesanan ini, atau masuk ke saldo Anda"), "{page}");
        assert!(!page.contains("yang pertama masuk membayar"), "it may come after the order: {page}");
        assert!(english.contains(in_english), "{english}");
        assert!(english.contains("it pays this order, or it becomes your store credit"), "{english}");
        assert_eq!(english.contains("is cancelled"), method != "ovo_link", "{english}");
    }
    let (_, path) = face.ordered("push", "ovo_push").await;
    assert!(face.get(&path).await.text().contains("Permintaan ke OVO belum dikirim"));
    assert!(face.english(&path).await.contains("The request to OVO was not sent yet"));
}

on_both_shops!(fn a_number_that_is_sent_twice_is_pushed_once(db) {
    let face = face_paying(db).await;
    let _working = face.work();
    let (_, path) = face.ordered("a", "ovo_push").await;
    let address = format!("{path}/phone");
    let (one, two, three) = tokio::join!(
        face.form(&address, "phone=081234567890"),
        face.form(&address, "phone=081234567890"),
        face.form(&address, "phone=081299999999"),
    );
    assert_eq!([one.status.as_u16(), two.status.as_u16(), three.status.as_u16()], [303; 3]);
    face.page_saying(&path, "Setujui di aplikasi OVO").await;
    assert_eq!(face.payments().await.len(), 1);
});

on_both_shops!(fn what_is_no_form_of_ours_changes_nothing_and_is_explained(db) {
    let face = face_paying(db).await;
    let working = face.work();
    let (qr, push) = (face.ordered("a", "gopay_qr").await.1, face.ordered("b", "ovo_push").await.1);
    working.ends().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = face.dump().await;
    let (method, phone) = (format!("{qr}/method"), format!("{push}/phone"));
    let long = format!("phone={}", "0".repeat(5_000));
    let many = (0..50).map(|n| format!("f{n}=1")).collect::<Vec<_>>().join("&");
    for (path, body, status, text) in [
        (&method, "", 422, "tidak tersedia"),
        (&method, "method=", 422, "tidak tersedia"),
        (&method, "method=cash", 422, "tidak tersedia"),
        (&method, "method='; DROP TABLE payment; --", 422, "tidak tersedia"),
        (&method, "method=wallet", 403, "Saldo tidak bisa dipakai dari halaman ini"),
        (&method, "method=dana_qr&method=wallet", 400, "tidak bisa dibaca"),
        (&method, &*many, 400, "tidak bisa dibaca"),
        (&method, &*long, 413, "terlalu panjang"),
        (&phone, "", 422, "10 sampai 14 angka"),
        (&phone, "phone=0812", 422, "10 sampai 14 angka"),
        (&phone, "phone=02112345678", 422, "diawali 08"),
        (&phone, "phone=%3Cscript%3Ealert(1)%3C/script%3E", 422, "angka saja"),
        (&phone, "phone=081234567890'%20OR%201=1", 422, "angka saja"),
        (&phone, "phone=%00%FF%FE", 422, "angka saja"),
        (&phone, "phone=081234567890&phone=081299999999", 400, "tidak bisa dibaca"),
        (&phone, "use=nonsense", 400, "tidak bisa dibaca"),
        (&phone, "use=again", 409, "Tidak ada nomor"),
        (&phone, "use=remembered", 409, "Tidak ada nomor"),
        (&phone, &*long, 413, "terlalu panjang"),
        (&format!("{qr}/phone"), "phone=081234567890", 409, "Cara bayarnya sudah diganti"),
    ] {
        let answer = face.form(path, body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.text());
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{body}");
        let page = answer.text();
        assert!(page.contains(text) && page.contains("role=\"alert\""), "{body}: {page}");
        assert!(!page.contains("alert(1)") && !page.contains("DROP"), "{body}: {page}");
        assert!(!page.contains("http-equiv=\"refresh\""), "the explanation stays");
        let events = format!("data-events=\"{}/events\"", path.rsplit_once('/').unwrap().0);
        assert!(page.contains(&events), "it lives on: {page}");
    }
    for kind in ["application/json", "multipart/form-data; boundary=x", "text/plain", ""] {
        let sent = face.send(request(Method::POST, &method, &[("content-type", kind)], "method=dana_qr")).await;
        assert_eq!(sent.status, 415, "{kind}");
    }
    for headers in [
        [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        [("sec-fetch-site", "same-site"), ("origin", "https://shop.example")],
        [("host", "shop.example"), ("origin", "https://evil.example")],
        [("host", "shop.example"), ("origin", "null")],
    ] {
        let answer = face.form_with(&method, &headers, "method=dana_qr").await;
        assert!(answer.status == 403 && answer.text().contains("dari situs lain"), "{headers:?}: {}", answer.text());
    }
    assert_eq!(face.dump().await, before);
    let ours = [("host", "shop.example"), ("origin", "https://shop.example")];
    assert_eq!(face.form_with(&method, &ours, "method=dana_qr").await.status, 303);
});

#[tokio::test]
async fn a_token_opens_its_own_order_only() {
    let face = face_paying(shop_sqlite().await).await;
    let working = face.work();
    let (first, path) = face.ordered("a", "gopay_qr").await;
    let (second, _) = face.ordered("b", "gopay_qr").await;
    working.ends().await;
    face.form(&format!("{path}/method"), "method=dana_qr").await;
    let method = async |order: &serde_json::Value| {
        let number = order["number"].as_str().unwrap();
        face.look(&format!("/api/v1/orders/{number}")).await.json()["payment"]["method"].clone()
    };
    assert_eq!((method(&first).await, method(&second).await), ("dana_qr".into(), "gopay_qr".into()));
    let (head, tail) = path.split_at(path.len() - 1);
    let other = if tail == "0" { "1" } else { "0" };
    for token in [format!("{head}{other}"), "/pay/x".into(), "/pay/%00".into(), "/pay/..%2Fadmin".into()] {
        for (form, body) in [("method", "method=dana_link"), ("phone", "phone=081234567890")] {
            let answer = face.form(&format!("{token}/{form}"), body).await;
            assert_eq!(answer.status, 404, "{token}");
            assert!(answer.text().contains("Halaman bayar ini tidak ada"), "{}", answer.text());
            assert_eq!(face.get(&format!("{token}/{form}")).await.status, 404, "{token}");
        }
    }
}

on_both_shops!(fn what_is_paid_or_over_is_not_paid_in_another_way(db) {
    let face = face_paying(db).await;
    let working = face.work();
    let (_, path) = face.ordered("a", "ovo_push").await;
    working.ends().await;
    for (state, text) in [("paid", "sedang diproses"), ("delivered", "Terkirim"), ("expired", "sudah habis"), ("cancelled", "dibatalkan")] {
        face.run(&format!("UPDATE shop_order SET state = '{state}'")).await;
        let before = face.payments().await;
        for (form, body) in [("method", "method=gopay_qr"), ("phone", "phone=081234567890")] {
            let answer = face.form(&format!("{path}/{form}"), body).await;
            assert_eq!(answer.status, 409, "{state}: {}", answer.text());
            let page = answer.text();
            assert!(page.contains("tidak menunggu pembayaran lagi") && page.contains(text), "{state}: {page}");
            assert!(!page.contains("<form"), "there is nothing to choose: {page}");
        }
        assert_eq!(face.payments().await, before);
    }
});

#[tokio::test]
async fn what_comes_too_late_or_too_often_is_told_in_the_readers_language() {
    let face = face_paying(shop_sqlite().await).await;
    let _working = face.work();
    let (_, path) = face.ordered("a", "gopay_qr").await;
    let address = format!("{path}/method");
    for method in ["gopay_link", "dana_qr", "dana_link"] {
        assert_eq!(face.form(&address, &format!("method={method}")).await.status, 303);
    }
    let english = [("accept-language", "en"), ("sec-fetch-site", "same-origin")];
    let often = face.form_with(&address, &english, "method=ovo_link").await;
    assert_eq!(often.status, 409);
    assert!(often.text().contains("Too many attempts") && often.text().contains("wait two minutes"));
    assert_eq!(face.payments().await.len(), 4);

    face.shop.clock.raise_offset_ms(14 * 60_000 + 10_000);
    let page = face.get(&path).await.text();
    assert!(
        !page.contains("value=\"ovo_push\""),
        "what takes longer than there is time is not offered: {page}"
    );
    let late = face.form_with(&address, &english, "method=ovo_push").await;
    assert!(
        late.status == 409 && late.text().contains("takes longer than the time that is left"),
        "{}",
        late.text()
    );
}

#[tokio::test]
async fn a_phone_number_never_comes_back_and_the_rest_of_the_form_does() {
    let face = face_paying(shop_sqlite().await).await;
    let _working = face.work();
    let (_, path) = face.ordered("a", "ovo_push").await;
    let address = format!("{path}/phone");
    let wrong = face.form(&address, "phone=0812345678901234&remember=1").await;
    assert_eq!(wrong.status, 422);
    assert!(!wrong.text().contains("0812345678901234"), "{}", wrong.text());
    assert!(wrong.text().contains("name=\"remember\" value=\"1\" checked"), "{}", wrong.text());
    let sent = face.form(&address, "phone=081234567890&remember=1").await;
    assert_eq!((sent.status.as_u16(), sent.text().as_str()), (303, ""));
    let page = face.page_saying(&path, "********7890").await;
    assert!(!page.contains("34567890"), "{page}");
    assert!(!format!("{:?}", sent.headers).contains("34567890"));
    assert!(
        !face.dump().await.iter().any(|row| row.contains("81234567890")),
        "it lies in a row in the clear"
    );
}

#[tokio::test]
async fn loading_the_answer_to_a_form_anew_leads_to_the_page() {
    let face = face_paying(shop_sqlite().await).await;
    let _working = face.work();
    let (_, path) = face.ordered("a", "gopay_qr").await;
    for form in ["method", "phone"] {
        let answer = face.get(&format!("{path}/{form}")).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, &*path));
        let deleted = face.send(request(Method::DELETE, &format!("{path}/{form}"), &[], "")).await;
        deleted.problem(405, "method-not-allowed");
    }
}
