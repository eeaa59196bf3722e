//! GoPay by a link that opens its app (`contracts/payments.md` §1.3).

use crate::{
    scene::{QRIS, at_home, charge_request, scene, sent, with},
    server::{Reply, Seen, Server, answer},
};
use payments::{ChargeOutcome, ChargeRequest, Gateway, LostCharge, Opened, Sent, StatusOutcome};
use serde_json::{Value, json};
use vocabulary::PaymentMethod;

const REQUEST: &str = include_str!("../fixtures/midtrans/gopay_link_charge_request.json");
const CREATED: &str = include_str!("../fixtures/midtrans/gopay_charge_response.json");

fn by_link() -> ChargeRequest {
    ChargeRequest {
        method: PaymentMethod::GopayLink,
        return_url: Some("https://shop.example/pay/opaque".into()),
        ..charge_request()
    }
}

fn rule(created: String) -> impl Fn(&Seen) -> Reply + Send + Sync + 'static {
    move |request| match request.line.as_str() {
        "POST /v2/charge" | "GET /v2/LK0123456789-P1/status" => answer(201, &[], at_home(&created, request)),
        _ => answer(200, &[], vocabulary::qr::png(QRIS).unwrap()),
    }
}

async fn opened(created: String, request: ChargeRequest) -> (Opened, Server) {
    let (server, gateway) = scene(rule(created));
    match gateway.charge(&request).await {
        ChargeOutcome::Opened(opened) => (opened, server),
        other => panic!("not opened: {other:?}"),
    }
}

#[tokio::test]
async fn the_app_is_told_where_to_come_back_to() {
    let (_, server) = opened(CREATED.to_owned(), by_link()).await;
    let (_, nowhere) = opened(CREATED.to_owned(), ChargeRequest { return_url: None, ..by_link() }).await;
    let (_, by_qr) =
        opened(CREATED.to_owned(), ChargeRequest { method: PaymentMethod::GopayQr, ..by_link() }).await;
    let expected: Value = serde_json::from_str(REQUEST).unwrap();
    let body = |server: &Server| serde_json::from_str::<Value>(&server.seen()[0].body).unwrap();
    assert_eq!(body(&server), expected);
    let without: Value = serde_json::from_str(&with(REQUEST, &json!({"gopay": null}))).unwrap();
    assert_eq!((body(&nowhere), body(&by_qr)), (without.clone(), without), "nobody comes back from a code");
}

#[tokio::test]
async fn the_link_is_whole_and_no_picture_is_fetched() {
    let back = "https%3A%2F%2Fshop.example%2Fpay%2F".to_owned() + &"x".repeat(600);
    let link =
        format!("gojek://gopay/merchanttransfer?tref=1&amount=275000&activity=GP:RR&callback_url={back}");
    let actions = json!({"actions": [{"name": "deeplink-redirect", "method": "GET", "url": link}]});
    let (opened, server) = opened(with(CREATED, &actions), by_link()).await;
    assert_eq!(opened.deep_link, Some(link));
    assert_eq!(opened.transaction_id, "231c79c5-e39e-4993-86da-cadcaee56c1d");
    assert_eq!(server.seen().len(), 1, "the charge");
}

#[tokio::test]
async fn a_link_that_opens_no_app_is_not_shown_and_the_code_takes_its_place() {
    for url in ["javascript:alert(1)", "data:text/html,x", "", "gojek://a b", "https://user@evil.test/"] {
        let actions = json!({"actions": [{"name": "deeplink-redirect", "method": "GET", "url": url}]});
        let (opened, _server) = opened(with(CREATED, &actions), by_link()).await;
        assert_eq!((opened.deep_link, opened.qr_string.as_deref()), (None, Some(QRIS)), "{url}");
    }
}

#[tokio::test]
async fn a_lost_link_is_asked_for_and_a_known_one_costs_no_second_call() {
    let told = json!({"actions": null, "gross_amount": "275000.00"});
    let (server, gateway) = scene(rule(with(CREATED, &told)));
    assert_eq!(gateway.lost_charge(PaymentMethod::GopayLink), LostCharge::Ask);
    let lost = Sent { method: PaymentMethod::GopayLink, was_open: false, ..sent() };
    let StatusOutcome::Found(adopted) = gateway.status(&lost).await else { panic!("not found") };
    assert_eq!((adopted.opened.deep_link, adopted.opened.qr_string.as_deref()), (None, Some(QRIS)));
    let before = server.seen().len();
    gateway.status(&Sent { was_open: true, ..lost }).await;
    assert_eq!(server.seen().len() - before, 1, "the question");
}
