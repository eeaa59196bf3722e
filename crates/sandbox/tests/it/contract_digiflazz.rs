//! The examples of the contract that the adapter is held against, too, taken and given by the
//! simulator (`contracts/suppliers.md` §1). Each fixture here has a twin of the same bytes beside the
//! adapter's tests. The account is the one that the contract's vectors were made with.

use crate::support::{World, hub_signature, purchase};
use sandbox::{DigiflazzAccount, Settings, SupplierProduct};
use serde_json::{Value, json};
use testkit::TempFolder;
use vocabulary::Rupiah;

const SIGNS: &str = include_str!("../fixtures/digiflazz/signs.json");
const PURCHASE: &str = include_str!("../fixtures/digiflazz/purchase_request.json");
const WITH_DOT: &str = include_str!("../fixtures/digiflazz/purchase_with_dot_request.json");
const SUCCESS: &str = include_str!("../fixtures/digiflazz/success.json");
const OBSERVED_PENDING: &str = include_str!("../fixtures/digiflazz/observed_pending.json");
const DEV_KEY_PENDING: &str = include_str!("../fixtures/digiflazz/dev_key_pending.json");
const BALANCE_ASKED: &str = include_str!("../fixtures/digiflazz/balance_request.json");
const BALANCE: &str = include_str!("../fixtures/digiflazz/balance.json");
const LIMIT: &str = include_str!("../fixtures/digiflazz/price_list_limit.json");
const LIST_ASKED: &str = include_str!("../fixtures/digiflazz/price_list_request.json");
const LIST: &str = include_str!("../fixtures/digiflazz/price_list.json");
const SAMPLE: &str = include_str!("../fixtures/digiflazz/webhook.json");
const SAMPLE_SIGNATURE: &str = "sha1=ca76ad2f32bec78a4211e6eda6bde1c2dab57a73";
const PING: &str = include_str!("../fixtures/digiflazz/ping.json");
const TABLE: &str = include_str!("../fixtures/digiflazz_rc.csv");

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A world whose supplier knows the contract's buyer, with this deposit.
async fn theirs(deposit: i64, change: impl FnOnce(&mut Settings)) -> (World, TempFolder) {
    let folder = TempFolder::new("sandbox");
    let world = World::on(&folder, |settings| {
        settings.digiflazz_account = DigiflazzAccount {
            username: "testuser".into(),
            api_key: "dev-0000".into(),
            webhook_secret: "somesecretvalue".into(),
        };
        change(settings);
    })
    .await;
    let add = deposit - world.deposit().await;
    assert_eq!(world.control("/sandbox/deposit", json!({"add": add})).await.json()["deposit"], deposit);
    (world, folder)
}

#[tokio::test]
async fn every_sign_of_the_contract_opens_the_door_of_its_call_alone() {
    let (world, _folder) = theirs(1_000_000, |_| {}).await;
    let vectors = read(SIGNS);
    let signs = vectors["signs"].as_array().unwrap();
    for vector in signs {
        let call = vector["call"].as_str().unwrap();
        let mut body = match call {
            "cek-saldo" => json!({"cmd": "deposit"}),
            "price-list" => json!({"cmd": "prepaid"}),
            _ => json!({"ref_id": vector["signed"], "buyer_sku_code": "ML_86", "customer_no": "123"}),
        };
        body["username"] = vectors["username"].clone();
        for other in signs.iter().filter(|other| *other != vector) {
            body["sign"] = other["sign"].clone();
            assert_eq!(world.digiflazz(call, &body).await.json()["data"]["rc"], "41", "{call}");
        }
        body["sign"] = vector["sign"].clone();
        let answer = world.digiflazz(call, &body).await;
        assert_eq!(answer.http, 200, "{call}: {}", answer.text);
    }
}

#[tokio::test]
async fn the_purchase_of_the_contract_is_answered_with_its_sample() {
    let (world, _folder) = theirs(1_000_000, |_| {}).await;
    // Word for word, but for whose shop it is: the simulator calls back.
    let asked = read(&PURCHASE.replace("https://shop.example", &world.hooks.base));
    let answer = world.digiflazz("transaction", &asked).await;
    assert_eq!((answer.http, answer.json()), (200, read(SUCCESS)));
    let hook = &world.hooks.wait(1).await[0];
    assert_eq!((hook.json(), hook.header("x-digiflazz-event")), (read(SUCCESS), Some("create")));
    assert_eq!(hook.header("x-hub-signature").unwrap(), hub_signature(&hook.raw, "somesecretvalue"));
    world.advance(61).await;
    assert_eq!(
        world.digiflazz("transaction", &asked).await.json(),
        read(SUCCESS),
        "asked by sending it again"
    );
    assert_eq!(world.deposit().await, 990_000);
}

#[tokio::test]
async fn a_customer_number_with_a_dot_is_taken_when_the_request_allows_it() {
    let (world, _folder) = theirs(1_000_000, |_| {}).await;
    let asked = read(WITH_DOT);
    let answer = world.digiflazz("transaction", &asked).await.json();
    assert_eq!((&answer["data"]["status"], &answer["data"]["rc"]), (&json!("Pending"), &json!("")));
    world.advance(61).await;
    assert_eq!(world.digiflazz("transaction", &asked).await.json(), answer, "asked by sending it again");

    let (world, _folder) = theirs(1_000_000, |_| {}).await;
    let mut silent = asked;
    silent.as_object_mut().unwrap().remove("allow_dot");
    assert_eq!(world.digiflazz("transaction", &silent).await.json()["data"]["rc"], "54");
}

#[tokio::test]
async fn with_a_development_key_any_other_number_is_pending_without_a_code() {
    let (world, _folder) = theirs(1_000_000, |_| {}).await;
    let example = read(DEV_KEY_PENDING);
    let mut asked = read(PURCHASE);
    asked["cb_url"] = Value::Null;
    for name in ["customer_no", "buyer_sku_code"] {
        asked[name] = example["data"][name].clone();
    }
    let answer = world.digiflazz("transaction", &asked).await;
    assert_eq!((answer.http, answer.text.as_str()), (200, DEV_KEY_PENDING.trim_end()));
    let observed = read(OBSERVED_PENDING);
    for (name, value) in observed["data"].as_object().unwrap() {
        assert_eq!(&answer.json()["data"][name], value, "{name} as observed");
    }
}

#[tokio::test]
async fn the_deposit_is_asked_for_and_told_as_in_the_contract() {
    let deposit = read(BALANCE)["data"]["deposit"].as_i64().unwrap();
    let (world, _folder) = theirs(deposit, |_| {}).await;
    let answer = world.digiflazz("cek-saldo", &read(BALANCE_ASKED)).await;
    assert_eq!((answer.http, answer.text.as_str()), (200, BALANCE.trim_end()));
}

#[tokio::test]
async fn the_price_list_is_asked_for_and_told_as_in_the_contract() {
    let (world, _folder) = theirs(1_000_000, |settings| {
        let product = SupplierProduct::new("xld10", "Xl 10.000", "XL", Rupiah::new(10_000));
        settings.products = vec![SupplierProduct {
            category: "Pulsa".into(),
            multi: false,
            stock: Some(1_200),
            cut_off: ("23:45".into(), "0:15".into()),
            description: "-".into(),
            ..product
        }];
    })
    .await;
    assert_eq!(read(LIST_ASKED)["sign"], read(SIGNS)["signs"][1]["sign"]);
    let answer = world.digiflazz("price-list", &read(LIST_ASKED)).await;
    assert_eq!((answer.http, answer.text.as_str()), (200, LIST.trim_end()));
}

#[tokio::test]
async fn a_price_list_that_is_asked_for_too_soon_is_an_object() {
    let (world, _folder) = theirs(1_000_000, |_| {}).await;
    let asked =
        json!({"cmd": "prepaid", "username": "testuser", "sign": read(SIGNS)["signs"][1]["sign"].clone()});
    assert!(world.digiflazz("price-list", &asked).await.json()["data"].is_array());
    let answer = world.digiflazz("price-list", &asked).await;
    assert_eq!((answer.http, answer.text.as_str()), (400, LIMIT.trim_end()));
}

#[tokio::test]
async fn the_sample_webhook_is_sent_signed_with_the_shops_secret() {
    assert_eq!(hub_signature(SAMPLE, "somesecretvalue"), SAMPLE_SIGNATURE);
    let example = read(SAMPLE)["data"].clone();
    let whole = |name: &str| example[name].as_i64().unwrap();
    let text = |name: &str| example[name].as_str().unwrap();
    let (world, _folder) = theirs(whole("buyer_last_saldo") + whole("price"), |settings| {
        let price = Rupiah::new(whole("price"));
        settings.products.push(SupplierProduct::new(text("buyer_sku_code"), "OVO 200.000", "OVO", price));
    })
    .await;
    world.script(json!({"outcome": "success", "sn": text("sn")})).await;
    // Made with md5sum over "testuser", "dev-0000" and the reference.
    let asked = json!({
        "username": "testuser", "sign": "345af00f8110032835cddd2e24ed59b1", "ref_id": text("ref_id"),
        "buyer_sku_code": text("buyer_sku_code"), "customer_no": text("customer_no"),
    });
    assert_eq!(world.digiflazz("transaction", &asked).await.http, 200);
    let hook = &world.hooks.wait(1).await[0];
    // The sample says "Sukses" where the table of codes says "Transaksi Sukses".
    let expected = SAMPLE.replace(r#""message":"Sukses""#, r#""message":"Transaksi Sukses""#);
    assert_eq!(hook.raw, expected);
    assert_eq!(hook.header("x-hub-signature").unwrap(), hub_signature(&expected, "somesecretvalue"));
    assert_eq!(hook.header("x-digiflazz-event"), Some("create"));
    assert_eq!(hook.header("user-agent"), Some("Digiflazz-Hookshot"));
    assert_eq!(hook.header("content-type"), Some("application/json"));
    assert_eq!(hook.header("x-digiflazz-delivery"), None, "in no source");
}

#[tokio::test]
async fn without_a_secret_a_webhook_has_no_signature() {
    let folder = TempFolder::new("sandbox");
    let world =
        World::on(&folder, |settings| settings.digiflazz_account.webhook_secret = String::new()).await;
    world.buy("REF-1", "ML_86", "123").await;
    let hook = &world.hooks.wait(1).await[0];
    assert_eq!((hook.header("x-hub-signature"), hook.header("x-digiflazz-event")), (None, Some("create")));
}

#[tokio::test]
async fn a_ping_has_no_data_and_is_signed() {
    let (world, _folder) = theirs(1_000_000, |_| {}).await;
    let mut expected = read(&PING.replace("https://shop.example", &world.hooks.base));
    let path = format!("/sandbox/digiflazz/v1/report/hooks/{}/pings", expected["hook_id"].as_str().unwrap());
    let answer = world.send(world.request("POST", &path)).await;
    assert_eq!(answer.http, 200);
    let hook = &world.hooks.wait(1).await[0];
    assert_eq!(hook.raw, answer.text);
    let sed = hook.json()["sed"].as_str().unwrap().to_owned();
    assert_eq!(sed.len(), expected["sed"].as_str().unwrap().len());
    expected["sed"] = json!(sed);
    assert_eq!(hook.json(), expected);
    assert_eq!(hook.header("x-hub-signature").unwrap(), hub_signature(&hook.raw, "somesecretvalue"));
    assert_eq!(hook.header("x-digiflazz-event"), None);
    world.sandbox.set_notify_urls(None, None);
    assert_eq!(world.send(world.request("POST", &path)).await.http, 404, "there is nobody to ping");
    assert_eq!(world.send(world.request("GET", &path)).await.http, 405);
    assert_eq!(world.hooks.settle().await.len(), 1);
}

/// One row of the table: code, message, status, and whether there is a transaction afterwards.
fn rows() -> Vec<(&'static str, &'static str, &'static str, bool)> {
    let row = |line: &'static str| {
        let (rc, rest) = line.split_once(',').unwrap();
        let (message, rest) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once("\",").unwrap(),
            None => rest.split_once(',').unwrap(),
        };
        let mut rest = rest.split(',');
        (rc, message, rest.next().unwrap(), rest.next().unwrap() == "1")
    };
    TABLE.lines().skip(1).map(row).collect()
}

#[tokio::test]
async fn every_code_of_the_table_is_answered_as_the_table_has_it() {
    let (world, _folder) = World::start().await;
    assert_eq!(rows().len(), 47);
    for (rc, message, status, booked) in rows() {
        let outcome = match status {
            "Sukses" => json!({"outcome": "success"}),
            "Pending" => json!({"outcome": "pending", "rc": rc}),
            _ => json!({"outcome": "fail", "rc": rc}),
        };
        world.script(outcome).await;
        let ref_id = format!("REF-{rc}");
        let answer = world.digiflazz("transaction", &purchase(&ref_id, "ML_86", "123")).await;
        let data = answer.json()["data"].clone();
        assert_eq!(
            (&data["rc"], &data["message"], &data["status"], &data["ref_id"]),
            (&json!(rc), &json!(message), &json!(status), &json!(ref_id))
        );
        assert_eq!(answer.http, if status == "Gagal" { 400 } else { 200 }, "{rc}");
        let books = world.books().await;
        let all = books["digiflazz"]["transactions"].as_array().unwrap();
        // 85 to a first send means here that it came too soon: nothing was done.
        let expected = booked && rc != "85";
        assert_eq!(all.iter().any(|t| t["ref_id"] == ref_id.as_str()), expected, "{rc}");
    }
}

#[tokio::test]
async fn endpoints_that_are_only_rumoured_do_not_exist() {
    let (world, _folder) = World::start().await;
    for path in ["saldo", "balance", "pricelist", "transaksi", "cek-username"] {
        assert_eq!(world.digiflazz(path, &purchase("REF-1", "ML_86", "123")).await.http, 404, "{path}");
    }
}
