//! The page that Snap sends the buyer to.

use crate::support::{World, snap};
use serde_json::{Value, json};

const PHONE: &str = "phone=%2B62+811-1111-1111";

async fn transactions(world: &World) -> Vec<(String, String)> {
    let books = world.books().await;
    let text = |t: &Value, name: &str| t[name].as_str().unwrap().to_owned();
    let all = books["midtrans"]["transactions"].as_array().unwrap();
    all.iter().map(|t| (text(t, "payment_type"), text(t, "transaction_status"))).collect()
}

fn said(all: &[(String, String)]) -> Vec<String> {
    all.iter().map(|(kind, status)| format!("{kind} {status}")).collect()
}

#[tokio::test]
async fn looking_changes_nothing() {
    let (world, _folder) = World::start().await;
    let page = world.snap("LK0000000001-P1", 20_000, &["ovo", "gopay"]).await;
    for _ in 0..2 {
        let shown = world.send(world.request("GET", &page)).await;
        assert_eq!(shown.http, 200);
        for word in [
            "Simulator — bukan Midtrans sungguhan",
            "Rp 20.000",
            "LK0000000001-P1",
            "Nomor HP yang terdaftar di OVO",
            "type=\"tel\"",
            "Bayar dengan OVO",
            "Bayar dengan GoPay",
            "lang=\"id\"",
            "viewport",
        ] {
            assert!(shown.text.contains(word), "{word} is missing in {}", shown.text);
        }
        assert!(!shown.text.contains("DANA") && !shown.text.contains("<script"));
        let policy = shown.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'"), "{policy}");
    }
    assert!(transactions(&world).await.is_empty());
    assert!(world.hooks.settle().await.is_empty());
}

#[tokio::test]
async fn the_buyer_types_a_number_gets_a_push_and_pays_on_the_phone() {
    let (world, _folder) = World::start().await;
    let mut body = snap("LK0000000001-P1", 20_000, &["ovo"]);
    body["callbacks"] = json!({"finish": "https://shop.example/back?a=1"});
    let page = world.snap_of(body).await;
    let chosen = world.choose(&page, "ovo", PHONE).await;
    assert_eq!((chosen.http, chosen.headers["location"].to_str().unwrap()), (303, page.as_str()));
    let shown = world.look(&page).await;
    for word in ["081111111111", "Ponsel pembeli", "role=\"timer\"", "Bayar", "Tolak", "Ganti cara membayar"]
    {
        assert!(shown.contains(word), "{word} is missing in {shown}");
    }
    world.choose(&page, "ovo", PHONE).await;
    assert_eq!(transactions(&world).await.len(), 1, "a second click pushes nothing");
    let paid = world.choose(&page, "pay", "").await;
    assert_eq!(paid.http, 303);
    let shown = world.look(&page).await;
    assert!(shown.contains("Pembayaran berhasil") && !shown.contains("<button"), "{shown}");
    let back = "https://shop.example/back?a=1&amp;merchant_id=G000000001&amp;order_id=LK0000000001-P1&amp;status_code=200&amp;transaction_status=settlement";
    assert!(shown.contains(&format!("content=\"3;url={back}\"")), "{shown}");
    let told: Vec<Value> =
        world.hooks.wait(2).await.iter().map(|h| h.json()["transaction_status"].clone()).collect();
    assert_eq!(told, ["pending", "settlement"]);
}

#[tokio::test]
async fn a_declined_or_missed_push_can_be_tried_again_until_one_is_paid() {
    let (world, _folder) = World::start().await;
    let page = world.snap("LK0000000001-P1", 20_000, &["ovo"]).await;
    world.choose(&page, "ovo", PHONE).await;
    world.choose(&page, "deny", "").await;
    let shown = world.look(&page).await;
    assert!(shown.contains("Pembayaran ditolak. Silakan coba lagi."), "{shown}");
    assert_eq!(world.status("LK0000000001-P1").await["transaction_status"], "deny");
    world.choose(&page, "ovo", PHONE).await;
    world.advance(65).await;
    assert!(world.look(&page).await.contains("sudah habis. Silakan coba lagi."));
    world.choose(&page, "ovo", PHONE).await;
    let newest = world.status("LK0000000001-P1").await;
    assert_eq!(newest["transaction_status"], "pending");
    world.choose(&page, "pay", "").await;
    assert_eq!(world.status("LK0000000001-P1").await["transaction_status"], "settlement");
    world.choose(&page, "ovo", PHONE).await;
    world.choose(&page, "pay", "").await;
    let mut all = said(&transactions(&world).await);
    all.sort();
    assert_eq!(all, ["ovo deny", "ovo expire", "ovo settlement"], "paid once, and then nothing more");
    let ids: std::collections::HashSet<String> =
        world.hooks.wait(6).await.iter().map(|h| h.json()["transaction_id"].to_string()).collect();
    assert_eq!(ids.len(), 3, "each try is a transaction of its own");
}

#[tokio::test]
async fn changing_ones_mind_calls_off_what_waits() {
    let (world, _folder) = World::start().await;
    let page = world.snap("LK0000000001-P1", 20_000, &["ovo", "gopay"]).await;
    world.choose(&page, "ovo", PHONE).await;
    let shown = world.look(&format!("{page}?ganti")).await;
    assert!(shown.contains("Bayar dengan GoPay") && shown.contains("yang menunggu"), "{shown}");
    assert_eq!(
        world.status("LK0000000001-P1").await["transaction_status"],
        "pending",
        "looking is not choosing"
    );
    world.choose(&page, "gopay", "").await;
    let mut all = said(&transactions(&world).await);
    all.sort();
    assert_eq!(all, ["gopay pending", "ovo cancel"]);
    let status = world.status("LK0000000001-P1").await;
    assert_eq!(status["payment_type"], "gopay");
    let shown = world.look(&page).await;
    let id = status["transaction_id"].as_str().unwrap();
    assert!(shown.contains(&format!("/sandbox/midtrans/v2/gopay/{id}/qr-code")), "{shown}");
    let wallet = format!("/sandbox/wallet/{id}");
    assert!(shown.contains(&wallet));
    assert!(world.look(&wallet).await.contains("bukan GoPay sungguhan"));
    let paid = world.send(world.request("POST", &format!("{wallet}/pay"))).await;
    let shown = world.look(paid.headers["location"].to_str().unwrap()).await;
    assert!(shown.contains(&format!("url={page}")), "the app leads back to the page: {shown}");
    assert!(world.look(&page).await.contains("Pembayaran berhasil"));
}

#[tokio::test]
async fn a_late_payment_of_an_earlier_try_closes_the_page() {
    let (world, _folder) = World::start().await;
    let page = world.snap("LK0000000001-P1", 20_000, &["ovo"]).await;
    world.choose(&page, "ovo", PHONE).await;
    let first = world.status("LK0000000001-P1").await["transaction_id"].clone();
    world.advance(66).await;
    world.choose(&page, "ovo", PHONE).await;
    let late = json!({"reference": first, "outcome": "settle", "late": true});
    assert_eq!(world.control("/sandbox/pay", late).await.http, 200);
    let status = world.status("LK0000000001-P1").await;
    assert_eq!(
        (&status["transaction_status"], &status["transaction_id"]),
        (&json!("settlement"), &first),
        "of several tries the paid one counts"
    );
    let mut all = said(&transactions(&world).await);
    all.sort();
    assert_eq!(all, ["ovo cancel", "ovo settlement"]);
    assert!(!world.look(&page).await.contains("<button"));
}

#[tokio::test]
async fn a_wrong_number_is_told_and_what_was_typed_stays() {
    let (world, _folder) = World::start().await;
    let page = world.snap("LK0000000001-P1", 20_000, &["ovo"]).await;
    for (form, word) in [
        ("phone=", "10 sampai 13 angka"),
        ("", "10 sampai 13 angka"),
        ("phone=abc", "value=\"abc\""),
        ("phone=0812345", "value=\"0812345\""),
        ("phone=%3Cscript%3Ealert(1)%3C%2Fscript%3E", "&lt;script&gt;"),
        ("phone=%00%00", "10 sampai 13 angka"),
        ("phone=081234567404", "tidak terdaftar di OVO"),
    ] {
        let answer = world.choose(&page, "ovo", form).await;
        assert_eq!(answer.http, 422, "{form}");
        assert!(
            answer.text.contains(word) && answer.text.contains("role=\"alert\""),
            "{form}: {}",
            answer.text
        );
        assert!(!answer.text.contains("<script"), "{form}");
    }
    assert_eq!(world.choose(&page, "gopay", "").await.http, 422, "not offered here");
    assert!(transactions(&world).await.is_empty());
}

#[tokio::test]
async fn nothing_that_is_sent_to_a_page_brings_it_down() {
    let (world, _folder) = World::start().await;
    let page = world.snap("LK0000000001-P1", 20_000, &["ovo"]).await;
    let huge = format!("phone={}", "9".repeat(70_000));
    for (form, http) in [
        (huge.as_str(), 413),
        ("phone=é", 400),
        ("phone=1 2\n", 400),
        ("phone=%ff%fe", 422),
        ("phone=1&phone=2", 400),
        ("{\"phone\":1}", 400),
    ] {
        let answer = world.choose(&page, "ovo", form).await;
        let fits = answer.http == http || (http == 400 && answer.http == 422);
        assert!(fits, "{:?}: {}", form.get(..20), answer.http);
    }
    for (method, path) in [
        ("GET", "/sandbox/midtrans/snap/v4/redirection/none".to_owned()),
        ("GET", "/sandbox/midtrans/snap/v4/redirection/%00%ff".to_owned()),
        ("POST", "/sandbox/midtrans/snap/v4/redirection/none/ovo".to_owned()),
        ("POST", "/sandbox/midtrans/snap/v4/redirection/none/pay".to_owned()),
        ("POST", "/sandbox/midtrans/snap/v4/redirection/none/gopay".to_owned()),
        ("POST", format!("{page}/steal")),
        ("POST", format!("{page}/ovo/pay")),
        ("DELETE", page.clone()),
        ("POST", page.clone()),
        ("GET", format!("{page}/pay")),
    ] {
        let answer = world.send(world.request(method, &path)).await;
        assert!((400..500).contains(&answer.http), "{method} {path}: {}", answer.http);
    }
    assert!(transactions(&world).await.is_empty());
    assert_eq!(world.choose(&page, "pay", "").await.http, 303, "nothing waits: the page tells");
    assert!(transactions(&world).await.is_empty());
}

#[tokio::test]
async fn many_clicks_at_once_push_once_and_pay_once() {
    let (world, _folder) = World::start().await;
    let page = world.snap("LK0000000001-P1", 20_000, &["ovo"]).await;
    let push = || world.choose(&page, "ovo", PHONE);
    tokio::join!(push(), push(), push(), push());
    assert_eq!(transactions(&world).await.len(), 1);
    let pay = || world.choose(&page, "pay", "");
    tokio::join!(pay(), pay(), pay(), pay());
    let books = world.books().await;
    assert_eq!(books["midtrans"]["transactions"][0]["times_settled"], 1);
    world.hooks.wait(2).await;
    assert_eq!(world.hooks.settle().await.len(), 2);
}

#[tokio::test]
async fn a_page_does_not_take_tries_without_end() {
    let (world, _folder) = World::start().await;
    let page = world.snap("LK0000000001-P1", 20_000, &["ovo", "gopay"]).await;
    for _ in 0..25 {
        world.choose(&page, "gopay", "").await;
        world.choose(&page, "ovo", PHONE).await;
    }
    assert_eq!(transactions(&world).await.len(), 50);
    let refused = world.choose(&page, "gopay", "").await;
    assert_eq!(refused.http, 422);
    assert!(refused.text.contains("Terlalu banyak percobaan"), "{}", refused.text);
    assert_eq!(transactions(&world).await.len(), 50);
}
