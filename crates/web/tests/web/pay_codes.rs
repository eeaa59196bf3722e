//! Paying by a number, at a bank or a till, and by QRIS: what the API tells, what the page shows, and
//! which of the methods are offered for which amount.

use crate::support::*;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::{on_both_shops, shop_sqlite};

/// Method, where it is paid, its fields in the API, and words of the page in both languages.
const BY_NUMBER: [(&str, &str, [&str; 2], [&str; 2]); 11] = [
    ("va_bca", "BCA", ["va_number", "bank"], ["Transfer lewat BCA", "Transfer by BCA"]),
    ("va_bni", "BNI", ["va_number", "bank"], ["Transfer lewat BNI", "Transfer by BNI"]),
    ("va_bri", "BRI", ["va_number", "bank"], ["Transfer lewat BRI", "Transfer by BRI"]),
    ("va_permata", "Permata", ["va_number", "bank"], ["Transfer lewat Permata", "Transfer by Permata"]),
    ("va_mandiri", "Mandiri", ["va_number", "bank"], ["Transfer lewat Mandiri", "Transfer by Mandiri"]),
    ("va_bsi", "BSI", ["va_number", "bank"], ["Transfer lewat BSI", "Transfer by BSI"]),
    ("va_cimb", "CIMB Niaga", ["va_number", "bank"], ["Transfer lewat CIMB Niaga", "Transfer by CIMB Niaga"]),
    ("va_btpn", "BTPN", ["va_number", "bank"], ["Transfer lewat BTPN", "Transfer by BTPN"]),
    ("va_panin", "Panin", ["va_number", "bank"], ["Transfer lewat Panin", "Transfer by Panin"]),
    (
        "cstore_indomaret",
        "Indomaret",
        ["payment_code", "store"],
        ["Bayar di kasir Indomaret", "Pay at the till of Indomaret"],
    ),
    (
        "cstore_alfamart",
        "Alfamart",
        ["payment_code", "store"],
        ["Bayar di kasir Alfamart", "Pay at the till of Alfamart"],
    ),
];
const FIELDS: [&str; 4] = ["va_number", "bank", "payment_code", "store"];

/// The fields of the payment that are about a number, those that are not null.
fn told(order: &Value) -> Vec<(&'static str, String)> {
    let payment = &order["payment"];
    FIELDS.into_iter().filter_map(|name| Some((name, payment[name].as_str()?.to_owned()))).collect()
}

on_both_shops!(fn a_number_is_told_with_its_bank_or_store_and_shown_to_copy_with_steps_and_time(db) {
    let face = face_paying_with(db, |_| {}).await;
    let _working = face.work();
    for (method, place, fields, titles) in BY_NUMBER {
        let (order, path) = face.ordered_for(method, method, method).await;
        let word = method.split_once('_').unwrap().1;
        let expected = match fields {
            ["va_number", _] => vec![("va_number", NUMBER.to_owned()), ("bank", word.to_owned())],
            _ => vec![("payment_code", NUMBER.to_owned()), ("store", word.to_owned())],
        };
        assert_eq!(told(&order), expected, "{method}");
        assert_eq!(order["payment"]["qr_string"], json!(null), "{method}");

        let pages = [face.get(&path).await.text(), face.english(&path).await];
        for (page, title) in pages.iter().zip(titles) {
            for part in [
                title,
                &format!(">{NUMBER}</p>"),
                "id=\"payment-code\"",
                "data-copy=\"payment-code\"",
                &format!("<strong>{place}</strong>"),
                "role=\"timer\"",
                "<ol class=\"how\"",
                "Rp 20.000",
            ] {
                assert!(page.contains(part), "{method}: {part} is missing in {page}");
            }
            assert!(!page.contains("<svg") && !page.contains("type=\"tel\""), "{method}: {page}");
            for foreign in ["style=", "onclick=", "<script>"] {
                assert!(!page.contains(foreign), "{foreign} is in {page}");
            }
        }
        assert_eq!(pages[0].matches("<li>").count(), 3, "{method} has three steps: {}", pages[0]);
    }
});

on_both_shops!(fn qris_shows_a_code_for_any_wallet_and_costs_the_buyer_nothing_more(db) {
    let face = face_paying_with(db, |_| {}).await;
    let _working = face.work();
    let (order, path) = face.ordered("a", "qris").await;
    assert_eq!(order["payment"]["qr_string"], QR, "{order}");
    assert_eq!((&order["amount"], told(&order)), (&json!(20_000), Vec::new()));
    let page = face.get(&path).await.text();
    assert!(page.contains("<svg") && page.contains("Buka dompet atau aplikasi bank apa pun"), "{page}");
    assert!(face.english(&path).await.contains("Open any wallet or bank app that reads QRIS"));
});

#[tokio::test]
async fn a_number_that_nobody_shall_pay_to_any_more_is_told_to_nobody() {
    let face = face_paying(shop_sqlite().await).await;
    let working = face.work();
    let (order, path) = face.ordered("a", "va_bni").await;
    working.ends().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let number = order["number"].as_str().unwrap();
    for (change, says) in [
        ("state = 'expired'", "Nomor bayar sudah tidak berlaku"),
        ("state = 'denied'", "Pembayaran ini ditolak"),
        ("state = 'unknown'", "Memeriksa pembayaran"),
        ("state = 'open', closing = 'cancel'", "Menyiapkan nomor bayar"),
    ] {
        face.run(&format!("UPDATE payment SET {change}")).await;
        let page = face.get(&path).await.text();
        assert!(page.contains(says) && !page.contains(NUMBER), "{change}: {page}");
        let order = face.look(&format!("/api/v1/orders/{number}")).await.json();
        assert_eq!(told(&order), [("bank", "bni".to_owned())], "{change}");
    }
    // Whatever a gateway may say, it runs nothing.
    face.run("UPDATE payment SET state = 'open', closing = NULL, payment_code = '\"><script>x</script>'")
        .await;
    let page = face.get(&path).await.text();
    assert!(!page.contains("<script>x") && page.contains("&lt;script&gt;"), "{page}");
}

on_both_shops!(fn only_what_carries_the_price_is_offered_and_the_shops_cheapest_comes_first(db) {
    let face = face_paying(db).await;
    let _working = face.work();
    let places = |page: &str, methods: &[&str]| -> Vec<Option<usize>> {
        methods.iter().map(|method| page.find(&format!("value=\"{method}\""))).collect()
    };
    let (_, path) = face.ordered("a", "gopay_link").await;
    let page = face.get(&path).await.text();
    let order = ["qris", "dana_qr", "gopay_qr", "ovo_push", "va_bca", "va_permata", "cstore_indomaret"];
    let found = places(&page, &order);
    assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{found:?} in {page}");

    // At Rp 10.000 a transfer would cost the shop nearly half.
    face.run("UPDATE product SET price = 10000, cost = 9000").await;
    let refused = face.place("b", &json!({"product_code": "ML_86", "user_id": "123456789", "server_id": "2345", "payment_method": "va_bca"})).await;
    let problem = refused.problem(422, "validation");
    assert_eq!(problem["errors"][0]["pointer"], "/payment_method");
    let detail = problem["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("Rp 10.000") && detail.contains("qris, dana_qr, dana_link, gopay_qr"), "{detail}");
    assert!(!detail.contains("cstore"), "{detail}");

    let (cheap, path) = face.ordered_for("another", "c", "qris").await;
    let page = face.get(&path).await.text();
    assert_eq!(places(&page, &["va_bca", "va_bni", "cstore_alfamart"]), [None, None, None], "{page}");
    assert!(page.contains("value=\"gopay_qr\""), "{page}");
    let told = face.form(&format!("{path}/method"), "method=va_bni").await;
    assert!(told.status == 409 && told.text().contains("Jumlah ini tidak bisa dibayar"), "{}", told.text());
    let address = format!("/api/v1/orders/{}/payment", cheap["number"].as_str().unwrap());
    let refused = face.post(&address, &json!({"payment_method": "cstore_alfamart"})).await;
    assert_eq!(refused.problem(422, "validation")["errors"][0]["pointer"], "/payment_method");
    assert_eq!(face.payments().await.len(), 2, "nothing was opened");
});
