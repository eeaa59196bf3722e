//! VIP Reseller as a supplier: every order is a new one, its words, its callbacks.

use crate::support::{Answer, World, fields};
use serde_json::{Value, json};

const ORDER_ASKED: &str = include_str!("../fixtures/vip_reseller/order_request.txt");
const ORDER: &str = include_str!("../fixtures/vip_reseller/order.json");
const STATUS: &str = include_str!("../fixtures/vip_reseller/status.json");
const NO_BALANCE: &str = include_str!("../fixtures/vip_reseller/no_balance.json");
/// md5 of `loket` and `loket-sandbox`.
const SIGN: &str = "8179e4bb934000b48ab4cdc3504792f9";

async fn send(world: &World, body: &str) -> Answer {
    let request = world.request("POST", "/sandbox/vip-reseller/api/game-feature");
    world
        .send(request.header("content-type", "application/x-www-form-urlencoded").body(body.to_owned()))
        .await
}

async fn call(world: &World, rest: &str) -> Value {
    let answer = send(world, &format!("key=loket-sandbox&sign={SIGN}&{rest}")).await;
    assert_eq!(answer.http, 200, "{}", answer.text);
    answer.json()
}

async fn ordered(world: &World) -> Value {
    let answer = send(world, ORDER_ASKED).await.json();
    assert_eq!(answer["result"], true, "{answer}");
    answer["data"].clone()
}

async fn status(world: &World, id: &str) -> Value {
    call(world, &format!("type=status&trxid={id}")).await["data"][0].clone()
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

async fn seller(world: &World) -> Value {
    world.books().await["vip-reseller"].clone()
}

async fn script(world: &World, body: Value) {
    let mut all = json!({"target": "vip-reseller"});
    all.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    world.script(all).await;
}

#[tokio::test]
async fn the_order_of_the_contract_is_answered_as_there() {
    let (world, _folder) = World::start().await;
    let answer = send(&world, ORDER_ASKED).await.json();
    assert_eq!(fields(&answer), fields(&read(ORDER)));
    assert_eq!(fields(&answer["data"]), fields(&read(ORDER)["data"]));
    assert_eq!(answer["message"], read(ORDER)["message"]);
    let data = &answer["data"];
    assert_eq!(
        (&data["data"], &data["zone"], &data["status"]),
        (&json!("136216325"), &json!("2685"), &json!("waiting"))
    );
    // What is shown of the product is its name, not its code.
    assert_eq!(data["service"], "MOBILE LEGENDS - 86 Diamond");
    world.advance(2).await;
    let asked = call(&world, &format!("type=status&trxid={}", data["trxid"].as_str().unwrap())).await;
    assert_eq!(fields(&asked), fields(&read(STATUS)));
    assert_eq!(fields(&asked["data"][0]), fields(&read(STATUS)["data"][0]));
    assert_eq!(
        (&asked["data"][0]["status"], &asked["message"]),
        (&json!("success"), &read(STATUS)["message"])
    );
    assert!(asked["data"][0]["note"].as_str().unwrap().starts_with("SN"));
}

#[tokio::test]
async fn the_same_order_sent_twice_is_two_orders() {
    let (world, _folder) = World::start().await;
    let (one, two) = (ordered(&world).await, ordered(&world).await);
    assert_ne!(one["trxid"], two["trxid"]);
    world.advance(2).await;
    let all = call(&world, "type=status&limit=10").await["data"].clone();
    assert_eq!(all.as_array().unwrap().len(), 2);
    assert_eq!(all[0]["trxid"], two["trxid"], "the newest first");
    assert_eq!(call(&world, "type=status&limit=1").await["data"].as_array().unwrap().len(), 1);
    let books = seller(&world).await;
    assert_eq!(books["deposit"], 100_000_000 - 36_000);
    assert!(books["transactions"].as_array().unwrap().iter().all(|t| t["deliveries"] == 1));
}

#[tokio::test]
async fn a_refused_order_is_not_written_down() {
    let (world, _folder) = World::start().await;
    for (rest, words) in [
        ("type=order&service=nothing&data_no=1", "tidak ditemukan"),
        ("type=order&service=off&data_no=1", "tidak tersedia"),
        ("type=order&service=ML_86", "wajib"),
        ("type=status", "wajib"),
        ("type=status&limit=all", "angka"),
        ("type=status&trxid=nothing", "tidak ditemukan"),
    ] {
        let answer = call(&world, rest).await;
        assert_eq!((&answer["result"], &answer["data"]), (&json!(false), &Value::Null), "{rest}");
        assert!(answer["message"].as_str().unwrap().contains(words), "{rest}: {answer}");
    }
    let drained = json!({"target": "vip-reseller", "add": -100_000_000});
    assert_eq!(world.control("/sandbox/deposit", drained).await.http, 200);
    assert_eq!(send(&world, ORDER_ASKED).await.json(), read(NO_BALANCE));
    assert_eq!(seller(&world).await["transactions"], json!([]));
    assert_eq!(world.deposit().await, 100_000_000, "the deposit at Digiflazz is another");
}

#[tokio::test]
async fn the_list_of_products_has_the_code_and_the_name() {
    let (world, _folder) = World::start().await;
    let all =
        call(&world, "type=services&filter_type=game&filter_value=mobile%20legends&filter_status=available")
            .await;
    let first = &all["data"][0];
    assert_eq!(fields(first), ["code", "game", "name", "price", "server", "status"]);
    assert!(all["data"].as_array().unwrap().iter().all(|s| s["code"] != "off"));
    let stock = call(&world, "type=service-stock&service=ML_86").await["data"].clone();
    assert_eq!((&stock["code"], &stock["name"]), (&json!("ML_86"), &json!("86 Diamond")));
    assert_eq!(stock["price"]["basic"], 18_000);
}

#[tokio::test]
async fn scripts_decide_how_an_order_goes_and_a_failure_gives_the_money_back() {
    for (outcome, first, last, charged, deliveries) in [
        ("success", "success", "success", 18_000, 1),
        ("fail", "error", "error", 0, 0),
        ("pending", "processing", "processing", 18_000, 0),
        ("pending_then_fail", "waiting", "error", 0, 0),
        ("fail_then_success", "error", "success", 18_000, 1),
        ("success_then_refund", "success", "error", 0, 1),
    ] {
        let (world, _folder) = World::start().await;
        script(&world, json!({"outcome": outcome, "customer_no": "136216325"})).await;
        let order = ordered(&world).await;
        assert_eq!(order["status"], first, "{outcome}");
        world.advance(2).await;
        let id = order["trxid"].as_str().unwrap();
        assert_eq!(status(&world, id).await["status"], last, "{outcome}");
        let books = seller(&world).await;
        let sold = &books["transactions"][0];
        assert_eq!(
            (&sold["charged"], &sold["deliveries"]),
            (&json!(charged), &json!(deliveries)),
            "{outcome}"
        );
        assert_eq!(books["deposit"], 100_000_000 - charged, "{outcome}");
        assert_eq!(books["scripts"], json!([]), "{outcome}: used once");
    }
    let (world, _folder) = World::start().await;
    for body in [
        json!({"target": "vip-reseller", "outcome": "partial"}),
        json!({"target": "vip-reseller", "outcome": "success", "rc": "00"}),
        json!({"target": "midtrans", "outcome": "success"}),
    ] {
        assert_eq!(world.control("/sandbox/supplier", body.clone()).await.http, 422, "{body}");
    }
}

#[tokio::test]
async fn callbacks_tell_every_state_and_carry_the_sign_of_every_call() {
    let (world, _folder) = World::start().await;
    let order = ordered(&world).await;
    world.advance(2).await;
    let hooks = world.hooks.wait(2).await;
    let told: Vec<Value> = hooks.iter().map(|hook| hook.json()["data"].clone()).collect();
    assert_eq!((&told[0]["status"], &told[1]["status"]), (&json!("waiting"), &json!("success")));
    for hook in &hooks {
        assert_eq!(
            (hook.path.as_str(), hook.header("x-client-signature")),
            ("/webhooks/vip-reseller", Some(SIGN))
        );
        assert_eq!(hook.json()["data"]["trxid"], order["trxid"]);
    }
    assert_eq!(fields(&told[1]), fields(&read(STATUS)["data"][0]));
}

#[tokio::test]
async fn callbacks_can_be_lost_doubled_forged_and_unsigned() {
    let (world, _folder) = World::start().await;
    for (fault, arrive) in
        [("drop_webhook", 0), ("duplicate_webhook", 2), ("forge_signature", 1), ("missing_signature", 1)]
    {
        let before = world.hooks.got().len();
        world.fault("vip-reseller", fault, 1).await;
        script(&world, json!({"outcome": "success"})).await;
        ordered(&world).await;
        let got =
            if arrive > 0 { world.hooks.wait(before + arrive).await } else { world.hooks.settle().await };
        assert_eq!(got.len(), before + arrive, "{fault}");
        let sign = got.last().and_then(|hook| hook.header("x-client-signature"));
        match fault {
            "duplicate_webhook" => assert_eq!(sign, Some(SIGN)),
            "forge_signature" => assert!(sign.is_some() && sign != Some(SIGN)),
            "missing_signature" => assert_eq!(sign, None),
            _ => {}
        }
    }
    assert_eq!(seller(&world).await["webhooks"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_fault_strikes_orders_or_questions_and_an_effect_stays() {
    let (world, _folder) = World::start().await;
    let arm = |fault: &str, operation: &str| json!({"target": "vip-reseller", "fault": fault, "operation": operation, "delay_ms": 50});
    assert_eq!(world.control("/sandbox/faults", arm("error_500", "order")).await.http, 200);
    call(&world, "type=status&limit=1").await;
    assert_eq!(send(&world, ORDER_ASKED).await.http, 500);
    assert_eq!(seller(&world).await["transactions"], json!([]));
    assert_eq!(world.control("/sandbox/faults", arm("garbage", "order")).await.http, 200);
    let garbage = send(&world, ORDER_ASKED).await;
    assert!(serde_json::from_str::<Value>(&garbage.text).is_err(), "{}", garbage.text);
    assert_eq!(seller(&world).await["transactions"].as_array().unwrap().len(), 1);
    assert_eq!(world.control("/sandbox/faults", arm("error_500", "service-stock")).await.http, 200);
    call(&world, "type=status&limit=1").await;
    let stock = format!("key=loket-sandbox&sign={SIGN}&type=service-stock&service=ML_86");
    assert_eq!(send(&world, &stock).await.http, 500);
    assert_eq!(send(&world, &stock).await.http, 200);
    assert_eq!(world.control("/sandbox/faults", arm("unknown_status", "status")).await.http, 200);
    assert_eq!(call(&world, "type=status&limit=1").await["data"][0]["status"], "partial");
    assert_ne!(call(&world, "type=status&limit=1").await["data"][0]["status"], "partial");
}

#[tokio::test]
async fn a_fault_for_one_account_strikes_the_question_that_names_its_order_by_number_alone() {
    let (world, _folder) = World::start().await;
    let order = ordered(&world).await;
    let (id, account) = (order["trxid"].as_str().unwrap(), order["data"].as_str().unwrap());
    let arm =
        json!({"target": "vip-reseller", "fault": "error_500", "operation": "status", "reference": account});
    assert_eq!(world.control("/sandbox/faults", arm).await.http, 200);
    call(&world, "type=status&limit=1").await;
    let asked = format!("key=loket-sandbox&sign={SIGN}&type=status&trxid={id}");
    assert_eq!(send(&world, &asked).await.http, 500, "{order}");
    assert_eq!(send(&world, &asked).await.http, 200);
}
