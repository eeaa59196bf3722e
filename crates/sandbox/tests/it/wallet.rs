//! The page that stands for the wallet app.

use crate::support::World;
use serde_json::json;

async fn open(world: &World) -> String {
    let mut body = crate::support::gopay("LK0000000001-P1", 20_000);
    body["gopay"] = json!({"enable_callback": true, "callback_url": "https://shop.example/back?a=<b>"});
    let charge = world.midtrans("POST", "/v2/charge", Some(body)).await.json();
    format!("/sandbox/wallet/{}", charge["transaction_id"].as_str().unwrap())
}

#[tokio::test]
async fn looking_changes_nothing_and_paying_leads_back() {
    let (world, _folder) = World::start().await;
    let path = open(&world).await;
    for _ in 0..2 {
        let page = world.send(world.request("GET", &path)).await;
        assert_eq!(page.http, 200);
        for word in [
            "Simulator — bukan GoPay sungguhan",
            "Rp 20.000",
            "LK0000000001-P1",
            "Bayar",
            "Tolak",
            "lang=\"id\"",
            "viewport",
        ] {
            assert!(page.text.contains(word), "{word} is missing");
        }
    }
    assert_eq!(world.status("LK0000000001-P1").await["transaction_status"], "pending");
    let paid = world.send(world.request("POST", &format!("{path}/pay"))).await;
    let after = format!("{path}?kembali");
    assert_eq!((paid.http, paid.headers["location"].to_str().unwrap()), (303, after.as_str()));
    let returning = world.look(&after).await;
    assert!(
        returning.contains("http-equiv=\"refresh\" content=\"3;url=https://shop.example/back?a=&lt;b&gt;&amp;order_id=LK0000000001-P1&amp;result=success\""),
        "the app returns to the shop by itself: {returning}"
    );
    let page = world.send(world.request("GET", &path)).await;
    assert!(!page.text.contains("http-equiv"), "who only looks stays");
    assert!(page.text.contains("Pembayaran berhasil") && !page.text.contains("Tolak"));
    assert!(
        page.text.contains(
            "https://shop.example/back?a=&lt;b&gt;&amp;order_id=LK0000000001-P1&amp;result=success"
        ),
        "{}",
        page.text
    );
    let again = world.send(world.request("POST", &format!("{path}/deny"))).await;
    assert_eq!(again.http, 303, "a second click leads to the page, which tells");
    assert_eq!(world.status("LK0000000001-P1").await["transaction_status"], "settlement");
}

#[tokio::test]
async fn declining_and_waiting_too_long_are_told() {
    let (world, _folder) = World::start().await;
    let path = open(&world).await;
    world.send(world.request("POST", &format!("{path}/deny"))).await;
    assert!(world.send(world.request("GET", &path)).await.text.contains("Pembayaran ditolak"));
    let charge = world.charge("LK0000000002-P1", 20_000).await;
    world.advance(901).await;
    let path = format!("/sandbox/wallet/{}", charge["transaction_id"].as_str().unwrap());
    let page = world.send(world.request("GET", &path)).await;
    assert!(page.text.contains("sudah habis") && !page.text.contains("<button"));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (world, _folder) = World::start().await;
    let path = open(&world).await;
    for (method, path) in [
        ("GET", "/sandbox/wallet/none".to_owned()),
        ("GET", "/sandbox/wallet/LK0000000001-P1".to_owned()),
        ("GET", "/sandbox/wallet/%00%ff".to_owned()),
        ("POST", "/sandbox/wallet/none/pay".to_owned()),
        ("POST", format!("{path}/steal")),
    ] {
        let answer = world.send(world.request(method, &path)).await;
        assert!(matches!(answer.http, 400 | 404), "{method} {path}: {}", answer.http);
    }
    assert_eq!(world.send(world.request("DELETE", &path)).await.http, 405);
}

#[tokio::test]
async fn declining_leads_back_as_a_failure_and_no_other_kind_of_address_is_followed() {
    let (world, _folder) = World::start().await;
    for (order_id, callback, followed) in [
        ("LK0000000001-P1", "https://shop.example/back", true),
        ("LK0000000002-P1", "javascript:alert(1)", false),
        ("LK0000000003-P1", "shopapp://back", false),
    ] {
        let mut body = crate::support::gopay(order_id, 20_000);
        body["gopay"] = json!({"enable_callback": true, "callback_url": callback});
        let charge = world.midtrans("POST", "/v2/charge", Some(body)).await.json();
        let path = format!("/sandbox/wallet/{}", charge["transaction_id"].as_str().unwrap());
        let denied = world.send(world.request("POST", &format!("{path}/deny"))).await;
        let page = world.look(denied.headers["location"].to_str().unwrap()).await;
        assert!(page.contains("Pembayaran ditolak"), "{page}");
        let address = format!("url={callback}?order_id={order_id}&amp;result=failure");
        assert_eq!(page.contains(&address), followed, "{page}");
        assert!(followed || !page.contains(callback), "{page}");
    }
}

#[tokio::test]
async fn the_wallet_lists_what_waits() {
    let (world, _folder) = World::start().await;
    assert!(world.look("/sandbox/wallet").await.contains("Tidak ada pembayaran"));
    let path = open(&world).await;
    assert!(world.look("/sandbox/wallet").await.contains(&path));
    world.send(world.request("POST", &format!("{path}/pay"))).await;
    assert!(!world.look("/sandbox/wallet").await.contains(&path), "what is paid waits no more");
    let order = world.ordered(&world.order("LK0000000002-P1", 30_000)).await;
    let list = world.look("/sandbox/wallet").await;
    let dana = format!("/sandbox/wallet/{}", order["referenceNo"].as_str().unwrap());
    assert!(list.contains(&dana) && list.contains("DANA · Rp 30.000"), "whichever gateway it is at: {list}");
    world.send(world.request("POST", &format!("{dana}/deny"))).await;
    assert!(!world.look("/sandbox/wallet").await.contains(&dana), "what is declined waits no more");
    assert_eq!(world.send(world.request("POST", "/sandbox/wallet")).await.http, 405);
}
