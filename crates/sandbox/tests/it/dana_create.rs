//! New orders: how they can be paid, what they have to say, and the same one again.

use crate::dana_support::{CONSULT, CREATE, Call, code, rupiah};
use crate::support::World;
use serde_json::{Value, json};
use std::time::Duration;

/// A change to an otherwise good order, where it is made, and the code and message that it gets.
type Spoiled = (&'static str, Value, &'static str, &'static str);

#[tokio::test]
async fn an_order_for_the_balance_leads_to_a_page() {
    let (world, _folder) = World::start().await;
    let answer = world.ordered(&world.order("LK0000000001-P1", 25_000)).await;
    assert_eq!(answer["responseMessage"], "Successful");
    assert_eq!(answer["partnerReferenceNo"], "LK0000000001-P1");
    let reference = answer["referenceNo"].as_str().unwrap();
    assert!(reference.len() == 23 && reference.bytes().all(|b| b.is_ascii_digit()), "{reference}");
    let url = answer["webRedirectUrl"].as_str().unwrap();
    let start = format!("{}/sandbox/dana/m/portal/cashier/checkout?bizNo={reference}&mid=", world.base);
    assert!(url.starts_with(&start), "{url}");
    assert!(answer["additionalInfo"].get("paymentCode").is_none());
}

#[tokio::test]
async fn an_order_for_qris_has_a_code_with_its_amount_and_no_page() {
    let (world, _folder) = World::start().await;
    let order = world.order_by("LK0000000001-P1", 25_000, "NETWORK_PAY", "NETWORK_PAY_PG_QRIS");
    let answer = world.ordered(&order).await;
    assert!(answer.get("webRedirectUrl").is_none(), "{answer}");
    let code = answer["additionalInfo"]["paymentCode"].as_str().unwrap();
    assert!(code.starts_with("000201010212"), "a dynamic code: {code}");
    for part in ["ID.DANA.WWW", "5303360", "540525000", "5802ID", "0115LK0000000001-P1"] {
        assert!(code.contains(part), "{part} is missing in {code}");
    }
    let crc = code.as_bytes()[..code.len() - 4].iter().fold(0xFFFF_u16, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc >> 15 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    });
    assert_eq!(format!("{crc:04X}"), code[code.len() - 4..]);
    assert_eq!(world.pay(code, "settle").await.json()["order_id"], "LK0000000001-P1", "the code can be paid");
    assert_eq!(world.asked("LK0000000001-P1").await["latestTransactionStatus"], "00");
}

#[tokio::test]
async fn other_wallets_want_a_phone_number_and_ovo_has_no_page() {
    let (world, _folder) = World::start().await;
    for (option, page) in
        [("NETWORK_PAY_PG_OVO", false), ("NETWORK_PAY_PG_GOPAY", true), ("NETWORK_PAY_PG_LINKAJA", true)]
    {
        let mut order = world.order_by(option, 25_000, "NETWORK_PAY", option);
        order["payOptionDetails"][0]["additionalInfo"] = json!({});
        let answer = world.dana(CREATE, &order).await;
        assert_eq!(code(&answer), "4005402", "{option}");
        assert!(answer.text.contains("phoneNumber"));
        let order = world.order_by(option, 25_000, "NETWORK_PAY", option);
        let answer = world.ordered(&order).await;
        assert_eq!(answer.get("webRedirectUrl").is_some(), page, "{option}");
    }
}

#[tokio::test]
async fn with_redirect_or_the_widget_the_buyer_chooses_on_the_page() {
    let (world, _folder) = World::start().await;
    let mut order = world.order("A", 25_000);
    order.as_object_mut().unwrap().remove("payOptionDetails");
    assert_eq!(world.dana_code(CREATE, &order).await, "4005402", "API names a way to pay");
    order["additionalInfo"]["order"]["scenario"] = json!("REDIRECT");
    assert!(world.ordered(&order).await["webRedirectUrl"].is_string());
    let widget = json!({
        "partnerReferenceNo": "B", "merchantId": "216620000000000000001", "amount": rupiah(1_000),
        "validUpTo": world.wib_in(60),
        "urlParams": [{"url": "https://shop.example/back", "type": "PAY_RETURN", "isDeeplink": "Y"}],
        "additionalInfo": {"supportDeepLinkCheckoutUrl": "true"},
    });
    let path = "/rest/redirection/v1.0/debit/payment-host-to-host";
    let answer = world.dana(path, &widget).await;
    assert_eq!(code(&answer), "2005400");
    assert!(answer.json()["webRedirectUrl"].is_string());
    assert_eq!(
        world.dana_code("/rest/v1.1/debit/status", &crate::dana_support::question("B")).await,
        "2005500"
    );
    assert_eq!(
        world.dana_code("/v1.0/debit/cancel.htm", &crate::dana_support::question("B")).await,
        "2005700"
    );
    let refund = crate::dana_support::refunding("B", "B-R1", 1_000);
    assert_eq!(world.dana_code("/v1.0/debit/refund.htm", &refund).await, "4045800");
}

#[tokio::test]
async fn nobody_pays_in_a_way_that_the_merchant_disables() {
    let (world, _folder) = World::start().await;
    let (mut order, long) = (world.order("A", 25_000), "X".repeat(65));
    for (disabled, expected) in [
        ("VIRTUAL_ACCOUNT,BALANCE", "4035415"),
        ("BALANCE", "4035415"),
        (long.as_str(), "4005401"),
        ("VIRTUAL_ACCOUNT,BALANCE_OF_POINTS", "2005400"),
    ] {
        order["disabledPayMethods"] = json!(disabled);
        assert_eq!(world.dana_code(CREATE, &order).await, expected, "{disabled}");
    }
}

#[tokio::test]
async fn the_same_again_gets_the_same_answer_and_other_content_does_not() {
    let (world, _folder) = World::start().await;
    let order = world.order("LK0000000001-P1", 25_000);
    let first = world.ordered(&order).await;
    // Other white space is not other content.
    let call = Call::new(&world, CREATE, &order).sending(&serde_json::to_string_pretty(&order).unwrap());
    assert_eq!(world.send(world.signed(&call)).await.json(), first);
    for (pointer, value) in [
        ("/amount/value", json!("25001.00")),
        ("/validUpTo", json!(world.wib_in(300))),
        ("/additionalInfo/order/orderTitle", json!("87 Diamonds")),
    ] {
        let mut other = order.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        assert_eq!(world.dana_code(CREATE, &other).await, "4045418", "{pointer}");
    }
    world.pay("LK0000000001-P1", "settle").await;
    world.advance(3_600).await;
    assert_eq!(world.ordered(&order).await, first, "also once it is paid and its time is over");
    assert_eq!(world.books().await["dana"]["transactions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_an_order_says_is_checked_field_by_field() {
    let (world, _folder) = World::start().await;
    let cases: [Spoiled; 17] = [
        ("/amount/value", json!("1500"), "4005401", "Invalid Field Format amount"),
        ("/amount/value", json!("1500.5"), "4005401", "Invalid Field Format amount"),
        ("/amount/value", json!(1500), "4005401", "Invalid Field Format amount"),
        ("/amount/currency", json!("USD"), "4005401", "Invalid Field Format amount"),
        ("/amount", json!(null), "4005402", "Invalid Mandatory Field amount"),
        ("/amount/value", json!("10000001.00"), "4035402", "Exceeds Transaction Amount Limit"),
        ("/merchantId", json!("somebody"), "4045408", "Invalid Merchant"),
        ("/partnerReferenceNo", json!(""), "4005402", "Invalid Mandatory Field partnerReferenceNo"),
        ("/partnerReferenceNo", json!("x".repeat(65)), "4005401", "Invalid Field Format partnerReferenceNo"),
        ("/validUpTo", json!("2026-11-22 12:00:00"), "4005401", "Invalid Field Format validUpTo"),
        ("/validUpTo", json!("2020-11-22T12:00:00+07:00"), "4005401", "Invalid Field Format validUpTo"),
        ("/urlParams", json!([]), "4005402", "Invalid Mandatory Field urlParams"),
        ("/urlParams/1/url", json!("file:///etc/passwd"), "4005401", "Invalid Field Format urlParams.url"),
        ("/urlParams/0/type", json!("ELSEWHERE"), "4005401", "Invalid Field Format urlParams.type"),
        (
            "/payOptionDetails/0/payMethod",
            json!("SHELLS"),
            "4005401",
            "Invalid Field Format payOptionDetails.payMethod",
        ),
        ("/payOptionDetails/0/payMethod", json!("CREDIT_CARD"), "4035415", "Transaction Not Permitted"),
        (
            "/additionalInfo/envInfo/terminalType",
            json!("FRIDGE"),
            "4005401",
            "Invalid Field Format additionalInfo.envInfo.terminalType",
        ),
    ];
    for (pointer, value, expected, message) in cases {
        let mut order = world.order("A", 1_000);
        *order.pointer_mut(pointer).unwrap() = value.clone();
        let answer = world.dana(CREATE, &order).await;
        assert_eq!(code(&answer), expected, "{pointer} {value:.40}");
        assert_eq!(answer.json()["responseMessage"], message, "{pointer} {value:.40}");
    }
    assert!(world.books().await["dana"]["transactions"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn qris_wants_a_short_reference_and_a_store() {
    let (world, _folder) = World::start().await;
    let qris = |reference: &str| world.order_by(reference, 1_000, "NETWORK_PAY", "NETWORK_PAY_PG_QRIS");
    assert_eq!(world.dana_code(CREATE, &qris(&"x".repeat(26))).await, "4005401");
    assert_eq!(world.dana_code(CREATE, &qris(&"x".repeat(25))).await, "2005400");
    let mut order = qris("A");
    order["externalStoreId"] = json!("");
    let answer = world.dana(CREATE, &order).await;
    assert_eq!(code(&answer), "4005402");
    assert!(answer.text.contains("externalStoreId"));
}

#[tokio::test]
async fn an_order_is_valid_for_half_an_hour_at_most() {
    let (world, _folder) = World::start().await;
    let lasting = |reference: &str, seconds: u64| {
        let mut order = world.order(reference, 1_000);
        order["validUpTo"] = json!(world.wib_in(seconds));
        order
    };
    assert_eq!(world.dana_code(CREATE, &lasting("A", 1_860)).await, "4005401");
    assert_eq!(world.dana_code(CREATE, &lasting("A", 1_800)).await, "2005400");
    world.advance(86_400).await;
    assert_eq!(world.dana_code(CREATE, &lasting("B", 1_800)).await, "2005400", "measured in business time");
}

#[tokio::test]
async fn a_virtual_account_is_paid_with_the_tool_of_the_dashboard() {
    let (world, _folder) = World::start().await;
    let order = world.order_by("LK0000000001-P1", 11_011, "VIRTUAL_ACCOUNT", "VIRTUAL_ACCOUNT_BRI");
    let answer = world.ordered(&order).await;
    let number = answer["additionalInfo"]["paymentCode"].as_str().unwrap().to_owned();
    let told = world.asked("LK0000000001-P1").await;
    assert_eq!(told["additionalInfo"]["virtualAccountInfo"]["virtualAccountCode"], number);
    let tool = "/sandbox/dana/merchant-portal-app/api/sandbox-tools/execute";
    let pay = |number: &str| json!({"urlEndpoint": "/v1.0/transfer-va/payment.htm", "requestBody": {"virtualAccountNo": number}});
    assert_eq!(world.control(tool, pay("nothing")).await.http, 404);
    assert_eq!(world.control(tool, json!({"urlEndpoint": "/else"})).await.http, 400);
    assert_eq!(world.control(tool, pay(&number)).await.http, 200);
    assert_eq!(world.control(tool, pay(&number)).await.http, 409, "only once");
    let hooks = world.hooks.wait(1).await;
    assert_eq!(hooks[0].json()["latestTransactionStatus"], "00");
}

#[tokio::test]
async fn consulting_lists_the_ways_to_pay() {
    let (world, _folder) = World::start().await;
    let mut ask = json!({"merchantId": "216620000000000000001", "amount": rupiah(1_000),
        "additionalInfo": {"envInfo": {"terminalType": "SYSTEM"}}});
    let methods = async |ask: &Value| {
        let answer = world.dana(CONSULT, ask).await;
        assert_eq!(code(&answer), "2005700");
        answer.json()["paymentInfos"].to_string()
    };
    let without_store = methods(&ask).await;
    assert!(without_store.contains("BALANCE") && !without_store.contains("QRIS"), "{without_store}");
    ask["externalStoreId"] = json!("LOKET-STORE-01");
    let all = methods(&ask).await;
    for option in ["QRIS", "OVO", "GOPAY", "SPAY", "LINKAJA"] {
        assert!(all.contains(&format!("NETWORK_PAY_PG_{option}")), "what can be ordered is told: {all}");
    }
    ask["amount"] = rupiah(10_000_001);
    assert_eq!(methods(&ask).await, "[]");
    ask["merchantId"] = json!("somebody");
    assert_eq!(world.dana_code(CONSULT, &ask).await, "4045708");
}

#[tokio::test]
async fn the_page_shows_what_to_pay_takes_it_and_leads_back() {
    let (world, _folder) = World::start().await;
    let answer = world.ordered(&world.order("LK0000000001-P1", 20_000)).await;
    let url = answer["webRedirectUrl"].as_str().unwrap().strip_prefix(&world.base).unwrap().to_owned();
    for _ in 0..2 {
        let page = world.send(world.request("GET", &url)).await;
        assert_eq!(page.http, 200);
        for word in [
            "bukan DANA sungguhan",
            "Rp 20.000",
            "86 Diamonds",
            "LK0000000001-P1",
            "Bayar",
            "Tolak",
            "lang=\"id\"",
        ] {
            assert!(page.text.contains(word), "{word} is missing");
        }
    }
    assert_eq!(
        world.asked("LK0000000001-P1").await["latestTransactionStatus"],
        "01",
        "looking changes nothing"
    );
    let path = format!("/sandbox/wallet/{}", answer["referenceNo"].as_str().unwrap());
    let paid = world.send(world.request("POST", &format!("{path}/pay"))).await;
    let after = format!("{path}?kembali");
    assert_eq!((paid.http, paid.headers["location"].to_str().unwrap()), (303, after.as_str()));
    let returning = "http-equiv=\"refresh\" content=\"3;url=https://shop.example/back?a=&lt;b&gt;\"";
    assert!(world.look(&after).await.contains(returning), "the app returns to the shop by itself");
    let page = world.send(world.request("GET", &path)).await;
    assert!(!page.text.contains("http-equiv"), "who only looks stays");
    assert!(page.text.contains("Pembayaran berhasil") && !page.text.contains("<button"));
    assert!(page.text.contains("href=\"https://shop.example/back?a=&lt;b&gt;\""), "{}", page.text);
    for wrong in [
        url.replace("sign=", "sign=0"),
        url.replace("bizNo=", "bizNo=0"),
        "/sandbox/dana/m/portal/cashier/checkout".to_owned(),
    ] {
        assert_eq!(world.send(world.request("GET", &wrong)).await.http, 404, "{wrong}");
    }
}

#[tokio::test]
async fn the_page_tells_of_declining_cancelling_and_time_that_is_over() {
    let (world, _folder) = World::start().await;
    let mut pages = Vec::new();
    for reference in ["A", "B", "C"] {
        let answer = world.ordered(&world.order(reference, 20_000)).await;
        pages.push(format!("/sandbox/wallet/{}", answer["referenceNo"].as_str().unwrap()));
    }
    world.send(world.request("POST", &format!("{}/deny", pages[0]))).await;
    world.dana(crate::dana_support::CANCEL, &crate::dana_support::cancellation("B")).await;
    world.clock.advance(Duration::from_secs(901));
    for (page, word) in pages.iter().zip(["ditolak", "dibatalkan oleh toko", "sudah habis"]) {
        let shown = world.send(world.request("GET", page)).await.text;
        assert!(shown.contains(word) && !shown.contains("<button"), "{word}");
    }
}
