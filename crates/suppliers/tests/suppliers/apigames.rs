//! Apigames: a purchase is sent once, its status is asked for, and no error of the way to them is a failure
//! (`contracts/suppliers.md` §2.2).

use crate::{
    scene::{REFERENCE, purchase},
    server::{Reply, Seen, Server, answer, nobody},
};
use outside::Http;
use serde_json::{Value, json};
use suppliers::{
    Ask, Deposit, LookedUp, Named, Purchase, Supplier, SupplierWebhook, Verdict, WebhookRefusal,
    adapters::apigames::{Apigames, Settings},
};
use vocabulary::{Rupiah, Secret};

const PURCHASE: &str = include_str!("../fixtures/apigames/purchase_request.json");
const PENDING: &str = include_str!("../fixtures/apigames/pending.json");
const BAD_SIGNATURE: &str = include_str!("../fixtures/apigames/bad_signature.json");
/// md5 of `loket:loket-sandbox:LK0123456789-F1`, by md5sum.
const SIGNATURE: &str = "3d122f3b6db60af1c2839d419ca135df";

fn apigames(base_url: &str) -> Apigames {
    Apigames::new(Http::new().unwrap(), settings(base_url, false))
}

fn settings(base_url: &str, colon: bool) -> Settings {
    let (base_url, merchant_id) = (format!("{base_url}/"), "loket".to_owned());
    Settings { base_url, merchant_id, secret: Secret::new("loket-sandbox"), colon }
}

fn scene(rule: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> (Server, Apigames) {
    let server = Server::start(rule);
    let supplier = apigames(&server.url);
    (server, supplier)
}

fn wanted(ask: Ask) -> Purchase {
    Purchase { sku: "ML_86".into(), customer_no: "136216325|2685".into(), ..purchase(ask) }
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn with(changes: &Value) -> String {
    let mut body = read(PENDING);
    for (name, value) in changes.as_object().unwrap() {
        body["data"][name] = value.clone();
    }
    body.to_string()
}

/// What this answer means to a purchase, and to a question about it.
async fn both(http: u16, body: &str) -> (Verdict, Option<Verdict>) {
    let body = body.to_owned();
    let (_server, supplier) = scene(move |_| answer(http, &[], &body));
    let asked = match supplier.look_up(&wanted(Ask::Again)).await {
        LookedUp::Told(report) => Some(report.verdict),
        _ => None,
    };
    (supplier.purchase(&wanted(Ask::First)).await.verdict, asked)
}

#[tokio::test]
async fn the_purchase_of_the_contract_is_sent_and_its_answer_read() {
    let (server, supplier) = scene(|_| answer(200, &[], PENDING));
    let report = supplier.purchase(&wanted(Ask::First)).await;
    let seen = server.seen();
    assert_eq!((seen[0].line.as_str(), read(&seen[0].body)), ("POST /v2/transaksi", read(PURCHASE)));
    assert_eq!((report.verdict, report.code.as_deref()), (Verdict::Pending, Some("Pending")));
    assert_eq!(report.number.as_deref(), Some("TRX1"));
    // The price in rupiah, not in the product's own unit.
    assert_eq!(report.price, Some(Rupiah::new(750)));
    assert_eq!((report.balance, report.serial_number), (Some(Rupiah::new(99_049_000)), None));
}

#[tokio::test]
async fn where_there_is_no_zone_the_server_is_empty() {
    let (server, supplier) = scene(|_| answer(200, &[], PENDING));
    supplier.purchase(&Purchase { customer_no: "225009777".into(), ..wanted(Ask::First) }).await;
    let sent = read(&server.seen()[0].body);
    assert_eq!((&sent["tujuan"], &sent["server_id"]), (&json!("225009777"), &json!("")));
    let odd = Purchase { customer_no: "|2685".into(), ..wanted(Ask::First) };
    assert_eq!(supplier.purchase(&odd).await.verdict, Verdict::RefusedConfiguration);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_purchase_is_never_sent_a_second_time_and_its_status_is_asked_for() {
    let (server, supplier) = scene(|_| answer(200, &[], with(&json!({"status": "Sukses", "sn": "SN-1"}))));
    assert_eq!(supplier.purchase(&wanted(Ask::Again)).await.verdict, Verdict::UnknownAlarm);
    assert_eq!(server.seen().len(), 0);
    let LookedUp::Told(report) = supplier.look_up(&wanted(Ask::Again)).await else {
        panic!("nothing was told")
    };
    assert_eq!((report.verdict, report.serial_number.as_deref()), (Verdict::Succeeded, Some("SN-1")));
    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /v2/transaksi/status");
    assert_eq!(
        read(&seen[0].body),
        json!({"merchant_id": "loket", "ref_id": REFERENCE, "signature": SIGNATURE})
    );
    let can = supplier.capabilities();
    assert!(can.supports_client_ref && can.partial_possible);
    assert!(!can.resend_is_status && !can.price_guard && !can.callback_is_authenticated);
    assert!(!can.needs_end_user_ip);
}

#[tokio::test]
async fn every_status_means_the_same_to_a_purchase_and_to_a_question() {
    for (status, expected) in [
        ("Pending", Verdict::Pending),
        ("Proses", Verdict::Pending),
        ("Validasi Provider", Verdict::Pending),
        ("Sukses", Verdict::Succeeded),
        ("Sukses Sebagian", Verdict::PartlySucceeded),
        ("Gagal", Verdict::FailedProvider),
        ("Diteruskan", Verdict::UnknownWord),
    ] {
        let body = with(&json!({"status": status}));
        assert_eq!(both(200, &body).await, (expected, Some(expected)), "{status}");
    }
}

#[tokio::test]
async fn neither_an_error_of_http_nor_silence_is_a_failure() {
    let failed = with(&json!({"status": "Gagal"}));
    for http in [400, 404, 429, 500, 503] {
        assert_eq!(both(http, &failed).await, (Verdict::Unknown, None), "{http}");
        assert_eq!(both(http, BAD_SIGNATURE).await, (Verdict::Unknown, None), "{http}");
    }
    for body in
        ["", "<html>", "{}", r#"{"status":1}"#, r#"{"status":1,"data":[]}"#, r#"{"status":0,"data":{}}"#]
    {
        assert_eq!(both(200, body).await, (Verdict::Unknown, None), "{body}");
    }
    let server = Server::start(|_| Reply::Silence);
    let (report, waited) = server.wait_out(apigames(&server.url).purchase(&wanted(Ask::First))).await;
    assert_eq!((report.verdict, waited.as_secs()), (Verdict::Unknown, 25));
    assert_eq!(apigames(&nobody()).purchase(&wanted(Ask::First)).await.verdict, Verdict::NotSent);
    assert!(matches!(apigames(&nobody()).look_up(&wanted(Ask::Again)).await, LookedUp::Silent { .. }));
}

#[tokio::test]
async fn a_refusal_is_about_the_call_and_not_about_what_was_bought_before() {
    let refused = (Verdict::RefusedConfiguration, Some(Verdict::Unknown));
    assert_eq!(both(200, BAD_SIGNATURE).await, refused);
    assert_eq!(both(200, r#"{"error_msg":"Balance not enough","status":"0"}"#).await, refused);
}

#[tokio::test]
async fn an_answer_about_another_reference_brings_nothing_along() {
    let other = with(&json!({"ref_id": "LK0123456789-F2", "status": "Sukses"}));
    assert_eq!(both(200, &other).await, (Verdict::UnknownAlarm, Some(Verdict::UnknownAlarm)));
    let none = with(&json!({"ref_id": null, "status": "Gagal"}));
    assert_eq!(both(200, &none).await, (Verdict::Unknown, Some(Verdict::Unknown)));
}

#[tokio::test]
async fn the_deposit_is_asked_for_with_the_signature_that_is_configured() {
    for (colon, sign) in
        [(false, "8179e4bb934000b48ab4cdc3504792f9"), (true, "d7e9bc7da6e1bb566ac535c7ed181a17")]
    {
        let server = Server::start(|_| answer(200, &[], r#"{"status":1,"data":{"saldo":99049000}}"#));
        let supplier = Apigames::new(Http::new().unwrap(), settings(&server.url, colon));
        assert_eq!(supplier.deposit().await, Deposit::Left(Rupiah::new(99_049_000)));
        assert_eq!(server.seen()[0].line, format!("GET /merchant/loket?signature={sign}"));
    }
    let (_server, supplier) = scene(|_| answer(200, &[], BAD_SIGNATURE));
    assert!(matches!(supplier.deposit().await, Deposit::Silent { reason } if reason.contains("Signature")));
}

#[test]
fn a_callback_is_a_hint_whatever_it_says() {
    let supplier = apigames("http://127.0.0.1:1");
    let read = |sign: Option<&str>, body: &str| {
        let header = sign.map(|sign| ("X-Apigames-Authorization".to_owned(), sign.to_owned()));
        supplier.read_webhook(&header.into_iter().collect::<Vec<_>>(), body.as_bytes())
    };
    let hint = Ok(SupplierWebhook::Hint(Named::Reference(REFERENCE.into())));
    for status in ["Sukses", "Gagal", "Sukses Sebagian"] {
        let body = json!({"ref_id": REFERENCE, "status": status, "sn": "SN-1"}).to_string();
        assert_eq!(read(Some(SIGNATURE), &body), hint, "{status}: only the reference is signed");
    }
    let body = json!({"ref_id": "LK0123456789-F2", "status": "Sukses"}).to_string();
    for (sign, body) in
        [(Some(SIGNATURE), body.as_str()), (None, &body), (Some(SIGNATURE), "{}"), (Some(SIGNATURE), "7")]
    {
        assert_eq!(read(sign, body), Err(WebhookRefusal::BadSignature), "{body}");
    }
}

#[test]
fn no_output_shows_the_secret() {
    assert!(!format!("{:?}", apigames("http://127.0.0.1:1")).contains("loket-sandbox"));
}
