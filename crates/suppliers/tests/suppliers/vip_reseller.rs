//! VIP Reseller: an order is sent once, its status is asked for, and what lost its answer is recognised or left to
//! a person (`contracts/suppliers.md` §2.1).

use crate::{
    scene::purchase,
    server::{Reply, Seen, Server, answer, nobody},
};
use outside::Http;
use serde_json::{Value, json};
use suppliers::{
    Ask, Before, Deposit, ListAsk, LookedUp, Named, PriceList, Purchase, Supplier, SupplierWebhook,
    Unsellable, Verdict, WebhookRefusal,
    adapters::vip_reseller::{Settings, Tier, VipReseller},
};
use vocabulary::{Rupiah, Secret, Timestamp};

const ORDER_ASKED: &str = include_str!("../fixtures/vip_reseller/order_request.txt");
const ORDER: &str = include_str!("../fixtures/vip_reseller/order.json");
const STATUS: &str = include_str!("../fixtures/vip_reseller/status.json");
const NO_BALANCE: &str = include_str!("../fixtures/vip_reseller/no_balance.json");
/// md5 of `loketloket-sandbox`, by md5sum.
const SIGN: &str = "8179e4bb934000b48ab4cdc3504792f9";

fn vip(base_url: &str) -> VipReseller {
    let (base_url, api_id) = (format!("{base_url}/api/"), "loket".to_owned());
    VipReseller::new(
        Http::new().unwrap(),
        Settings { base_url, api_id, api_key: Secret::new("loket-sandbox"), tier: Tier::Basic },
    )
}

fn scene(rule: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> (Server, VipReseller) {
    let server = Server::start(rule);
    let supplier = vip(&server.url);
    (server, supplier)
}

fn wanted(ask: Ask) -> Purchase {
    Purchase { sku: "ML_86".into(), customer_no: "136216325|2685".into(), ..purchase(ask) }
}

/// The order's answer with another status and note.
fn ordered(status: &str, note: &str) -> String {
    let mut body: Value = serde_json::from_str(ORDER).unwrap();
    body["data"]["status"] = json!(status);
    body["data"]["note"] = json!(note);
    body.to_string()
}

fn row(trxid: &str, account: (&str, &str), service: &str, status: &str) -> Value {
    json!({"trxid": trxid, "data": account.0, "zone": account.1, "service": service, "status": status,
           "note": "SN-9", "price": 18_000})
}

const OURS: (&str, &str) = ("136216325", "2685");
const NAME: &str = "Mobile Legends - 86 Diamond";

/// What is told of the product.
fn stock(basic: i64, stock: i64, status: &str) -> Value {
    json!({"code": "ML_86", "name": "86 Diamond", "price": {"basic": basic, "premium": "9000", "special": 8_000},
           "description": "-", "stock": stock, "server": "1", "status": status})
}

/// A supplier that lists these purchases and calls its product `86 Diamond`.
fn lists(rows: Vec<Value>) -> impl Fn(&Seen) -> Reply + Send + Sync + 'static {
    move |seen| {
        let data = if seen.body.contains("service-stock") {
            stock(10_500, 12, "available")
        } else {
            Value::Array(rows.clone())
        };
        answer(200, &[], json!({"result": true, "data": data, "message": ""}).to_string())
    }
}

async fn looked_for(rows: Vec<Value>, others: &[&str]) -> (LookedUp, usize) {
    let (server, supplier) = scene(lists(rows));
    let others = Some(others.iter().map(|other| (*other).to_owned()).collect());
    let told = supplier.look_up(&Purchase { others, ..wanted(Ask::Again) }).await;
    assert!(server.seen().iter().all(|seen| !seen.body.contains("type=order")), "a question has bought");
    (told, server.seen().len())
}

async fn verdict_of(rows: Vec<Value>, others: &[&str]) -> Option<Verdict> {
    match looked_for(rows, others).await.0 {
        LookedUp::Told(report) => Some(report.verdict),
        LookedUp::NoWay | LookedUp::Silent { .. } => None,
    }
}

#[tokio::test]
async fn the_order_of_the_contract_is_sent_and_its_answer_read() {
    let (server, supplier) = scene(|_| answer(200, &[], ORDER));
    let report = supplier.purchase(&wanted(Ask::First)).await;
    let seen = server.seen();
    assert_eq!((seen[0].line.as_str(), seen[0].body.as_str()), ("POST /api/game-feature", ORDER_ASKED));
    assert_eq!(seen[0].header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!((report.verdict, report.code.as_deref()), (Verdict::Pending, Some("waiting")));
    assert_eq!(report.number.as_deref(), Some("VIP0000000001"));
    assert_eq!((report.price, report.serial_number), (Some(Rupiah::new(195_695)), None));
    // Whether it is what was left before or after is not documented: it counts for nothing.
    assert_eq!(report.balance, None);
}

#[tokio::test]
async fn an_order_is_never_sent_a_second_time() {
    let (server, supplier) = scene(|_| answer(200, &[], ORDER));
    let report = supplier.purchase(&wanted(Ask::Again)).await;
    assert_eq!((report.verdict, server.seen().len()), (Verdict::UnknownAlarm, 0));
    let can = supplier.capabilities();
    assert!(!can.resend_is_status && !can.supports_client_ref && !can.price_guard && !can.partial_possible);
    assert!(!can.callback_is_authenticated && !can.needs_end_user_ip);
}

#[tokio::test]
async fn what_an_order_came_to_is_said_by_its_status() {
    for (status, note, expected, serial) in [
        ("waiting", "", Verdict::Pending, None),
        ("processing", "antri", Verdict::Pending, None),
        ("success", "SN-1", Verdict::Succeeded, Some("SN-1")),
        ("Success", "", Verdict::Succeeded, None),
        ("error", "Zone tujuan salah.", Verdict::FailedCustomer, None),
        ("error", "Gangguan", Verdict::FailedProvider, None),
        ("partial", "SN-1", Verdict::UnknownWord, None),
        ("", "SN-1", Verdict::Unknown, None),
    ] {
        let body = ordered(status, note);
        let (_server, supplier) = scene(move |_| answer(200, &[], &body));
        let report = supplier.purchase(&wanted(Ask::First)).await;
        assert_eq!((report.verdict, report.serial_number.as_deref()), (expected, serial), "{status} {note}");
        // What may be a serial number is said as one, and not in words that are kept as they are.
        assert!(serial.is_some() || !report.message.contains("SN-1"), "{report:?}");
    }
}

#[tokio::test]
async fn a_refusal_buys_nothing_and_refunds_nobody_by_itself() {
    let refused = |message: &str| json!({"result": false, "data": null, "message": message}).to_string();
    for (http, body, expected) in [
        (200, NO_BALANCE.to_owned(), Verdict::RefusedBalance),
        (400, NO_BALANCE.to_owned(), Verdict::RefusedBalance),
        (200, refused("Sign tidak valid."), Verdict::RefusedConfiguration),
        (200, refused("Layanan tidak ditemukan."), Verdict::RefusedConfiguration),
        (
            200,
            json!({"result": false, "data": {"trxid": "1"}, "message": "?"}).to_string(),
            Verdict::UnknownAlarm,
        ),
        (500, NO_BALANCE.to_owned(), Verdict::Unknown),
        (200, "{}".to_owned(), Verdict::Unknown),
        (200, json!({"result": "true", "data": {"status": "success"}}).to_string(), Verdict::Unknown),
        (200, json!({"result": true, "data": null}).to_string(), Verdict::Unknown),
        (200, "<html>".to_owned(), Verdict::Unknown),
    ] {
        let shown = body.clone();
        let (_server, supplier) = scene(move |_| answer(http, &[], &body));
        assert_eq!(supplier.purchase(&wanted(Ask::First)).await.verdict, expected, "{http} {shown}");
    }
}

#[tokio::test]
async fn an_answer_about_another_account_is_an_alarm() {
    for (field, value) in [("data", "136216326"), ("zone", "2686")] {
        let mut body: Value = serde_json::from_str(&ordered("success", "SN-1")).unwrap();
        body["data"][field] = json!(value);
        let (_server, supplier) = scene(move |_| answer(200, &[], body.to_string()));
        let report = supplier.purchase(&wanted(Ask::First)).await;
        assert_eq!((report.verdict, report.serial_number), (Verdict::UnknownAlarm, None), "{field}");
    }
}

#[tokio::test]
async fn an_account_without_a_zone_has_none_and_one_that_cannot_be_read_is_not_sent() {
    let (server, supplier) = scene(|_| answer(200, &[], NO_BALANCE));
    supplier.purchase(&Purchase { customer_no: "225009777".into(), ..wanted(Ask::First) }).await;
    assert!(server.seen()[0].body.ends_with("&data_no=225009777"), "{}", server.seen()[0].body);
    let odd = Purchase { customer_no: "1|2|3".into(), ..wanted(Ask::First) };
    assert_eq!(supplier.purchase(&odd).await.verdict, Verdict::RefusedConfiguration);
    assert_eq!(server.seen().len(), 1, "nobody's account is guessed");
}

#[tokio::test]
async fn no_answer_is_unknown_and_no_connection_bought_nothing() {
    let server = Server::start(|_| Reply::Silence);
    let (report, waited) = server.wait_out(vip(&server.url).purchase(&wanted(Ask::First))).await;
    assert_eq!((report.verdict, waited.as_secs()), (Verdict::Unknown, 25));
    assert_eq!(vip(&nobody()).purchase(&wanted(Ask::First)).await.verdict, Verdict::NotSent);
}

#[tokio::test]
async fn a_purchase_with_a_number_is_asked_about_by_it() {
    let (server, supplier) = scene(|_| answer(200, &[], STATUS));
    let known = Purchase { number: Some("VIP0000000001".into()), ..wanted(Ask::Again) };
    let LookedUp::Told(report) = supplier.look_up(&known).await else { panic!("nothing was told") };
    assert_eq!((report.verdict, report.serial_number.as_deref()), (Verdict::Succeeded, Some("SN-1")));
    assert_eq!(report.price, Some(Rupiah::new(195_695)));
    assert!(server.seen()[0].body.ends_with("&type=status&trxid=VIP0000000001"), "{}", server.seen()[0].body);
    // Another's row says nothing, and neither does a refusal.
    let other = Purchase { number: Some("VIP0000000002".into()), ..wanted(Ask::Again) };
    let LookedUp::Told(report) = supplier.look_up(&other).await else { panic!("nothing was told") };
    assert_eq!(report.verdict, Verdict::Unknown);
    let (_server, supplier) = scene(|_| answer(200, &[], NO_BALANCE));
    let LookedUp::Told(report) = supplier.look_up(&known).await else { panic!("nothing was told") };
    assert_eq!(report.verdict, Verdict::Unknown);
    assert!(matches!(vip(&nobody()).look_up(&known).await, LookedUp::Silent { .. }), "never *not sent*");
}

#[tokio::test]
async fn what_was_there_before_the_first_send_is_remembered_for_this_account() {
    let rows = vec![row("A1", OURS, NAME, "success"), row("B2", ("136216325", "2686"), NAME, "success")];
    let (_server, supplier) = scene(lists(rows));
    let before = supplier.before_first_send(&wanted(Ask::First)).await;
    assert_eq!(before, Before::Ready { earlier: Some("A1".into()) });
    let (_server, supplier) = scene(lists(Vec::new()));
    let before = supplier.before_first_send(&wanted(Ask::First)).await;
    assert_eq!(before, Before::Ready { earlier: Some(String::new()) });
    // Who does not answer gets no order.
    assert!(matches!(vip(&nobody()).before_first_send(&wanted(Ask::First)).await, Before::NotNow { .. }));
}

#[tokio::test]
async fn who_refuses_a_question_gets_no_order_at_a_price_that_nobody_has_read() {
    // Both are refused, in words that are read like those about an order.
    let refused = |message: &str| json!({"result": false, "data": null, "message": message}).to_string();
    for (body, expected) in [
        (NO_BALANCE.to_owned(), Verdict::RefusedBalance),
        (refused("Sign tidak valid."), Verdict::RefusedConfiguration),
    ] {
        let shown = body.clone();
        let (_server, supplier) = scene(move |_| answer(200, &[], &body));
        let before = supplier.before_first_send(&wanted(Ask::First)).await;
        let Before::NotBought(report) = before else { panic!("{shown}: {before:?}") };
        assert!(report.verdict == expected && report.message.starts_with("not sent"), "{shown}: {report:?}");
    }
    // The list of purchases alone is refused: it is sent at a price that was read, and cannot be told from others later.
    let no_list = move |price: i64| {
        move |seen: &Seen| {
            let told = json!({"result": true, "data": stock(price, 12, "available"), "message": ""});
            let asks_price = seen.body.contains("service-stock");
            answer(200, &[], if asks_price { told.to_string() } else { refused("Gangguan") })
        }
    };
    let (_server, supplier) = scene(no_list(10_500));
    assert_eq!(supplier.before_first_send(&wanted(Ask::First)).await, Before::Ready { earlier: None });
    let (_server, supplier) = scene(no_list(10_501));
    let before = supplier.before_first_send(&wanted(Ask::First)).await;
    assert!(
        matches!(&before, Before::NotBought(report) if report.verdict == Verdict::FailedPrice),
        "{before:?}"
    );
}

#[tokio::test]
async fn what_they_refuse_to_tell_of_a_product_in_words_that_nobody_documented_decides_nothing() {
    for (message, balance) in [
        ("Terlalu banyak permintaan, coba lagi nanti.", false),
        ("Layanan sedang maintenance.", false),
        ("Layanan tidak ditemukan.", false),
        ("", false),
        ("Saldo tidak cukup.", true),
    ] {
        // They tell of purchases, so it is not us whom they refuse.
        let (server, supplier) = scene(move |seen| {
            let body = if seen.body.contains("service-stock") {
                json!({"result": false, "data": null, "message": message})
            } else {
                json!({"result": true, "data": [], "message": ""})
            };
            answer(200, &[], body.to_string())
        });
        match supplier.before_first_send(&wanted(Ask::First)).await {
            // Nobody is kept from their other products because of it.
            Before::NotTold { reason } if !balance => assert!(reason.contains(message), "{reason}"),
            Before::NotBought(report) if balance => assert_eq!(report.verdict, Verdict::RefusedBalance),
            other => panic!("{message}: {other:?}"),
        }
        assert!(server.seen().iter().all(|seen| !seen.body.contains("type=order")), "nothing was sent");
    }
}

#[tokio::test]
async fn a_purchase_whose_answer_was_lost_is_recognised_when_it_can_be_no_other() {
    let rows = vec![
        row("NEW", OURS, NAME, "success"),
        row("OLD", OURS, NAME, "success"),
        row("X", ("136216326", "2685"), NAME, "success"),
        row("Y", ("136216325", "2686"), NAME, "success"),
    ];
    let (told, questions) = looked_for(rows, &["OLD"]).await;
    let LookedUp::Told(report) = told else { panic!("{told:?}") };
    assert_eq!((report.verdict, report.number.as_deref(), questions), (Verdict::Succeeded, Some("NEW"), 2));
    for (rows, others, expected) in [
        (vec![], vec![], Verdict::Unknown),
        (vec![row("OLD", OURS, NAME, "success")], vec!["OLD"], Verdict::Unknown),
        (vec![row("NEW", OURS, NAME, "waiting")], vec![], Verdict::Pending),
        (vec![row("NEW", OURS, NAME, "error")], vec![], Verdict::FailedProvider),
        (vec![row("NEW", OURS, "Mobile Legends - 186 Diamond", "success")], vec![], Verdict::Unknown),
        (vec![row("NEW", OURS, "86 diamond", "success")], vec![], Verdict::Succeeded),
        (vec![row("NEW", ("136216325", ""), NAME, "success")], vec![], Verdict::Unknown),
        (vec![row("", OURS, NAME, "success")], vec![], Verdict::Unknown),
        (
            vec![row("N1", OURS, NAME, "success"), row("N2", OURS, NAME, "error")],
            vec![],
            Verdict::UnknownAlarm,
        ),
    ] {
        assert_eq!(verdict_of(rows.clone(), &others).await, Some(expected), "{rows:?} beside {others:?}");
    }
}

#[tokio::test]
async fn without_a_look_before_nothing_is_recognised() {
    let (server, supplier) = scene(lists(vec![row("NEW", OURS, NAME, "success")]));
    assert_eq!(supplier.look_up(&wanted(Ask::Again)).await, LookedUp::NoWay);
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn the_deposit_is_what_the_profile_says() {
    let (server, supplier) =
        scene(|_| answer(200, &[], r#"{"result":true,"data":{"balance":"1000.7"},"message":""}"#));
    assert_eq!(supplier.deposit().await, Deposit::Left(Rupiah::new(1_000)));
    assert_eq!(server.seen()[0].line, "POST /api/profile");
    let (_server, supplier) = scene(|_| answer(200, &[], NO_BALANCE));
    assert!(matches!(supplier.deposit().await, Deposit::Silent { reason } if reason.contains("Saldo")));
}

#[test]
fn a_callback_is_a_hint_whatever_it_says() {
    let supplier = vip("http://127.0.0.1:1");
    let read = |sign: Option<&str>, body: &str| {
        let header = sign.map(|sign| ("X-Client-Signature".to_owned(), sign.to_owned()));
        supplier.read_webhook(&header.into_iter().collect::<Vec<_>>(), body.as_bytes())
    };
    let object = json!({"data": {"trxid": "VIP0000000001", "status": "success", "note": "SN-1"}}).to_string();
    let list = json!({"data": [{"trxid": "VIP0000000001", "status": "error"}]}).to_string();
    let hint = Ok(SupplierWebhook::Hint(Named::Number("VIP0000000001".into())));
    assert_eq!(read(Some(SIGN), &object), hint);
    assert_eq!(read(Some(SIGN), &list), hint, "for other goods `data` is a list");
    assert_eq!(read(Some(SIGN), "{}"), Ok(SupplierWebhook::Ping));
    for body in ["", "7", r#"{"data":[]}"#, r#"{"data":{"status":"success"}}"#, r#"{"data":{"trxid":"a b"}}"#]
    {
        assert!(matches!(read(Some(SIGN), body), Err(WebhookRefusal::Malformed(_))), "{body}");
    }
    for sign in [None, Some(""), Some("8179e4bb934000b48ab4cdc3504792f8")] {
        assert_eq!(read(sign, &object), Err(WebhookRefusal::BadSignature));
    }
}

#[test]
fn the_signature_of_every_callback_is_called_a_secret() {
    let supplier = vip("http://127.0.0.1:1");
    assert_eq!(supplier.webhook_secrets(), ["x-client-signature"]);
    assert_eq!(supplier.webhook_secrets(), supplier.webhook_headers());
}

#[test]
fn no_output_shows_the_key() {
    assert!(!format!("{:?}", vip("http://127.0.0.1:1")).contains("loket-sandbox"));
}

/// What is told right before the first send, where the product is told of like this.
async fn before(tier: Tier, told: Value) -> (Before, usize) {
    let server = Server::start(move |seen: &Seen| {
        let data = if seen.body.contains("service-stock") { told.clone() } else { json!([]) };
        answer(200, &[], json!({"result": true, "data": data, "message": ""}).to_string())
    });
    let settings = Settings {
        base_url: format!("{}/api", server.url),
        api_id: "loket".to_owned(),
        api_key: Secret::new("loket-sandbox"),
        tier,
    };
    let supplier = VipReseller::new(Http::new().unwrap(), settings);
    let before = supplier.before_first_send(&wanted(Ask::First)).await;
    assert!(server.seen().iter().all(|seen| !seen.body.contains("type=order")), "a question has bought");
    (before, server.seen().len())
}

#[tokio::test]
async fn what_costs_more_than_it_may_or_is_empty_is_not_sent() {
    let ready = Before::Ready { earlier: Some(String::new()) };
    // It may cost Rp 10.500.
    assert_eq!(before(Tier::Basic, stock(10_500, 1, "available")).await, (ready.clone(), 2));
    assert_eq!(
        before(Tier::Premium, stock(99_000, 1, "available")).await.0,
        ready,
        "our level pays Rp 9.000"
    );
    for (told, expected) in [
        (stock(10_501, 1, "available"), Verdict::FailedPrice),
        (stock(0, 1, "available"), Verdict::FailedProvider),
        (stock(10_500, 0, "available"), Verdict::FailedEmpty),
        (stock(10_500, 12, "empty"), Verdict::FailedEmpty),
    ] {
        let (before, _) = before(Tier::Basic, told.clone()).await;
        let Before::NotBought(report) = before else { panic!("{told}: {before:?}") };
        assert!(report.verdict == expected && report.message.starts_with("not sent"), "{told}: {report:?}");
        assert_eq!((report.price, report.code), (None, None));
    }
    // What cannot be read is no price.
    let mut other = stock(10_500, 1, "available");
    other["code"] = json!("ML_87");
    for told in [json!({}), json!([]), json!(null), stock(10_500, 1, "closed"), other] {
        assert!(matches!(before(Tier::Basic, told.clone()).await.0, Before::NotTold { .. }), "{told}");
    }
}

#[tokio::test]
async fn the_list_has_our_price_and_what_is_empty_and_leaves_out_what_cannot_be_read() {
    let entry = |code: &str, price: Value, status: &str| {
        json!({"code": code, "game": "Mobile Legends A", "name": "86 Diamonds", "price": price, "server": "1",
               "status": status})
    };
    let price = json!({"basic": 20_000, "premium": "19000", "special": 18_500});
    let list = json!([
        entry("ML86-S14", price.clone(), "available"),
        entry("ML87-S14", price.clone(), "empty"),
        entry("ML88-S14", price.clone(), "soon"),
        entry("ML89-S14", json!(20_000), "available"),
        entry("", price, "available"),
        7,
    ]);
    let server = Server::start(move |_: &Seen| {
        answer(200, &[], json!({"result": true, "data": list, "message": ""}).to_string())
    });
    let now = Timestamp::from_millis(1_795_323_600_000);
    let ask = ListAsk { sku: None, now, last_asked_at: None };
    let PriceList::Told { listings, unreadable } = vip(&server.url).price_list(&ask).await else {
        panic!("nothing was told")
    };
    assert!(server.seen()[0].body.ends_with("&type=services&filter_type=game"), "{}", server.seen()[0].body);
    assert_eq!(unreadable, 4);
    let told: Vec<_> = listings.iter().map(|l| (l.sku.as_str(), l.price.get(), l.trouble(now))).collect();
    assert_eq!(told, [("ML86-S14", 20_000, None), ("ML87-S14", 20_000, Some(Unsellable::Empty))]);
    assert_eq!(
        (listings[0].supplier.as_str(), listings[0].brand.as_str()),
        ("vip-reseller", "Mobile Legends A")
    );
    let (_server, supplier) = scene(|_| answer(200, &[], NO_BALANCE));
    assert!(matches!(supplier.price_list(&ask).await, PriceList::Silent { .. }));
    assert!(matches!(vip(&nobody()).price_list(&ask).await, PriceList::Silent { .. }));
}
