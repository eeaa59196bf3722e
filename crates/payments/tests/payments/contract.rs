//! The examples of the contract that the simulator is held against, too, read and written by the
//! adapter (`contracts/payments.md` §1.3, §1.11, §5). Each fixture here has a twin of the same bytes
//! beside the simulator's tests. The notification's is in `webhook.rs`, the signatures' beside their code.

use crate::{
    scene::{REFERENCE, at_home, charge_request, midtrans, scene, sent, with},
    server::{Reply, Seen, Server, answer},
};
use payments::{ChargeOutcome, ChargeRequest, Gateway, ObservedState, Opened, Sent, StatusOutcome};
use serde_json::{Value, json};
use vocabulary::{PaymentMethod, Rupiah};

const REQUEST: &str = include_str!("../fixtures/midtrans/gopay_charge_request.json");
const CREATED: &str = include_str!("../fixtures/midtrans/gopay_charge_response.json");
const QRIS: &str = include_str!("../fixtures/qris.json");
const ID: &str = "231c79c5-e39e-4993-86da-cadcaee56c1d";

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn the_charge_of_the_contract_is_sent_but_for_what_we_do_not_tell() {
    let (server, gateway) = scene(|request| answer(201, &[], at_home(CREATED, request)));
    let asked = ChargeRequest { item_code: "id1".into(), item_name: "86 Diamond".into(), ..charge_request() };
    gateway.charge(&asked).await;
    // Nothing about the buyer leaves the shop, and nobody comes back from an app: it is paid by QR.
    let mut expected = read(&with(REQUEST, &json!({"customer_details": null, "gopay": null})));
    assert_eq!(expected["transaction_details"]["order_id"], "order03");
    expected["transaction_details"]["order_id"] = json!(REFERENCE);
    assert_eq!(read(&server.seen()[0].body), expected);
}

#[tokio::test]
async fn the_answer_of_the_contract_is_read_field_by_field() {
    let (server, gateway) = scene(|request| match request.line.as_str() {
        "POST /v2/charge" => answer(201, &[], at_home(CREATED, request)),
        _ => answer(404, &[], ""),
    });
    let example = read(&CREATED.replace("$BASE", &server.url));
    let action = |at: usize| Some(example["actions"][at]["url"].as_str().unwrap().to_owned());
    let expected = Opened {
        redirect_url: None,
        payment_code: None,
        transaction_id: ID.into(),
        qr_string: None,
        qr_image_url: action(1),
        deep_link: action(2),
        expires_at: None,
    };
    assert_eq!(gateway.charge(&of(10_000)).await, ChargeOutcome::Opened(expected.clone()));
    let told = example.to_string();
    let server = Server::start(move |_| answer(200, &[], &told));
    let sent = Sent { amount: Rupiah::new(10_000), ..sent() };
    let StatusOutcome::Found(seen) = midtrans(&server.url).status(&sent).await else { panic!("not found") };
    assert_eq!((seen.state, seen.amount), (ObservedState::Pending, Some(Rupiah::new(10_000))));
    assert_eq!((seen.stated.as_str(), seen.opened.transaction_id.as_str()), ("pending", ID));
    assert_eq!(seen.opened.deep_link, expected.deep_link);
}

#[tokio::test]
async fn an_amount_with_an_imposed_fee_is_told_as_it_is() {
    let settled = json!({
        "status_code": "200", "transaction_status": "settlement", "fraud_status": "accept",
        "gross_amount": "10071.00",
        "metadata": {"extra_info": {"gross_amount_info": {"original_amount": "10000.00"}}},
    });
    let (_server, gateway) = scene(move |_| answer(200, &[], with(CREATED, &settled)));
    let StatusOutcome::Found(seen) = gateway.status(&sent()).await else { panic!("not found") };
    // Whoever compares it with the order finds a difference of 71.
    assert_eq!((seen.state, seen.amount), (ObservedState::Settled, Some(Rupiah::new(10_071))));
}

/// Opens a payment of this amount by this method whose QR code is this text, in the answer itself or as a picture.
async fn charged(
    method: PaymentMethod,
    payload: &str,
    in_answer: bool,
    amount: i64,
) -> (ChargeOutcome, StatusOutcome) {
    let (text, picture) = (payload.to_owned(), vocabulary::qr::png(payload).unwrap());
    let rule = move |request: &Seen| -> Reply {
        match request.line.as_str() {
            "POST /v2/charge" if in_answer => {
                answer(201, &[], with(&at_home(CREATED, request), &json!({"qr_string": text})))
            }
            "POST /v2/charge" => answer(201, &[], at_home(CREATED, request)),
            _ if in_answer => answer(404, &[], ""),
            _ => answer(200, &[], &picture),
        }
    };
    let (_server, gateway) = scene(rule);
    let outcome = gateway.charge(&ChargeRequest { method, ..of(amount) }).await;
    let (text, picture) = (payload.to_owned(), vocabulary::qr::png(payload).unwrap());
    let server = Server::start(move |request| match request.line.ends_with("/status") {
        true => {
            let told = at_home(CREATED, request).replace("10000", &amount.to_string());
            let text = if in_answer { json!(text) } else { Value::Null };
            answer(200, &[], with(&told, &json!({"qr_string": text})))
        }
        false if in_answer => answer(404, &[], ""),
        false => answer(200, &[], &picture),
    });
    // The answer to the charge was lost.
    let lost = Sent { method, amount: Rupiah::new(amount), was_open: false, ..sent() };
    (outcome, midtrans(&server.url).status(&lost).await)
}

fn of(amount: i64) -> ChargeRequest {
    ChargeRequest { amount: Rupiah::new(amount), ..charge_request() }
}

#[tokio::test]
async fn every_qris_vector_is_shown_for_its_own_amount_alone_and_the_tampered_ones_for_none() {
    let vectors = read(QRIS);
    let text = |pointer: &str| vectors.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
    for (payload, amount, is_shown) in [
        (text("/synthetic_dynamic_25000"), 25_000, true),
        (text("/synthetic_dynamic_25000_ref"), 25_000, true),
        (text("/public_dynamic_15000"), 15_000, true),
        (text("/synthetic_dynamic_25000"), 25_001, false),
        (text("/synthetic_dynamic_25000"), 2_500_000, false),
        (text("/public_dynamic_15000"), 25_000, false),
        // In a static code the buyer chooses the amount, and can pay as often as it is scanned.
        (text("/synthetic_static"), 25_000, false),
        (text("/public_static/payload"), 25_000, false),
        (text("/tampered/0/payload"), 25_000, false),
        (text("/tampered/1/payload"), 95_000, false),
    ] {
        for in_answer in [true, false] {
            // A link is given to nobody either, where the code beside it asks for something else.
            for method in [PaymentMethod::GopayQr, PaymentMethod::GopayLink, PaymentMethod::Qris] {
                if method == PaymentMethod::GopayLink && !in_answer {
                    continue;
                }
                let (opened, asked) = charged(method, &payload, in_answer, amount).await;
                let what = format!("{method}: {payload} for {amount}");
                let StatusOutcome::Found(seen) = asked else { panic!("{what}: {asked:?}") };
                if is_shown {
                    let ChargeOutcome::Opened(opened) = opened else { panic!("{what}: {opened:?}") };
                    assert_eq!(opened.qr_string.as_ref(), Some(&payload), "{what}");
                    assert_eq!(
                        (seen.state, seen.opened.qr_string),
                        (ObservedState::Pending, opened.qr_string)
                    );
                    continue;
                }
                let ChargeOutcome::Unfit { transaction_id, reason } = opened else { panic!("{what}") };
                assert!(transaction_id == ID && reason.starts_with("its QR code is not shown"), "{reason}");
                assert_eq!((seen.state, &seen.stated), (ObservedState::Unfit, &reason), "{what}");
                let nothing = Opened { transaction_id: ID.into(), ..Opened::default() };
                assert_eq!(seen.opened, nothing, "{what}: nothing of it is handed on");
            }
        }
    }
}

#[tokio::test]
async fn what_asks_for_another_amount_in_its_answer_or_its_link_is_not_open() {
    let link = |amount: &str| {
        let url = format!("gojek://gopay/merchanttransfer?tref=x&amount={amount}&activity=GP:RR");
        json!({"actions": [{"name": "deeplink-redirect", "method": "GET", "url": url}]})
    };
    for (changes, is_fit) in [
        (json!({"gross_amount": "25000.00"}), true),
        (json!({"gross_amount": "25000"}), true),
        (json!({"gross_amount": null}), true),
        (json!({"gross_amount": "25177.00"}), false),
        (json!({"gross_amount": "25000.50"}), false),
        (json!({"gross_amount": "2500000.00"}), false),
        (json!({"currency": "USD"}), false),
        (link("25000"), true),
        (link("25000.00"), true),
        (link("25177"), false),
        // No amount that could be read, so nothing is said of it.
        (link("a lot"), true),
    ] {
        let told = with(CREATED, &json!({"gross_amount": "25000.00", "actions": []}));
        let told = with(&told, &changes);
        for method in [PaymentMethod::GopayQr, PaymentMethod::GopayLink] {
            let told = told.clone();
            let (_server, gateway) = scene(move |request| match request.line.ends_with("qr-code") {
                true => answer(404, &[], ""),
                false => answer(201, &[], &told),
            });
            let charged = gateway.charge(&ChargeRequest { method, ..of(25_000) }).await;
            assert_eq!(matches!(charged, ChargeOutcome::Opened(_)), is_fit, "{changes}: {charged:?}");
            assert_eq!(matches!(charged, ChargeOutcome::Unfit { .. }), !is_fit, "{changes}: {charged:?}");
            let lost = Sent { method, amount: Rupiah::new(25_000), was_open: false, ..sent() };
            let StatusOutcome::Found(seen) = gateway.status(&lost).await else { panic!("{changes}") };
            let foreign = changes["currency"] == "USD";
            let expected = match (is_fit, foreign) {
                (true, _) => ObservedState::Pending,
                (false, true) => ObservedState::Suspicious,
                (false, false) => ObservedState::Unfit,
            };
            assert_eq!(seen.state, expected, "{changes}");
        }
    }
}

#[tokio::test]
async fn a_code_of_gopays_own_is_shown_as_it_is() {
    let own = "https://gopay.example/q/1";
    let (charged, _) = charged(PaymentMethod::GopayQr, own, true, 25_000).await;
    let ChargeOutcome::Opened(opened) = charged else { panic!("{charged:?}") };
    assert_eq!(opened.qr_string.as_deref(), Some(own));
}

#[tokio::test]
async fn a_text_that_is_not_for_our_amount_is_made_up_for_by_the_picture() {
    let vectors = read(QRIS);
    let whole = vectors["synthetic_dynamic_25000"].as_str().unwrap();
    let picture = vocabulary::qr::png(whole).unwrap();
    let tampered = vectors["tampered"][1]["payload"].as_str().unwrap();
    for wrong in [tampered, vectors["public_dynamic_15000"].as_str().unwrap()] {
        let (wrong, picture) = (wrong.to_owned(), picture.clone());
        let (_server, gateway) = scene(move |request| match request.line.as_str() {
            "POST /v2/charge" => {
                answer(201, &[], with(&at_home(CREATED, request), &json!({"qr_string": wrong})))
            }
            _ => answer(200, &[], &picture),
        });
        let outcome = gateway.charge(&of(25_000)).await;
        let ChargeOutcome::Opened(opened) = outcome else { panic!("not opened: {outcome:?}") };
        assert_eq!(opened.qr_string.as_deref(), Some(whole));
    }
}
