//! The doors of the program: what comes in by HTTP, by a command or by its configuration, and how
//! it starts and stops.

use crate::{
    hands::{nap, patience},
    harness::{API_KEY, Loket, Rows, World, command},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    process::Stdio,
    time::{Duration, Instant},
};

#[tokio::test]
async fn the_sixth_order_within_a_minute_waits_for_a_person_whose_decision_is_audited() {
    let world = World::open(Rows::Sqlite).await;
    let stock = world.stock("ML", "ML_86").await;
    let mut numbers = Vec::new();
    for key in 1..=7 {
        let number = world.placed(&format!("order-{key}"), json!({"buyer": "budi"})).await;
        let order = world.order(&number).await.unwrap();
        let expected = if key <= 5 { "awaiting_payment" } else { "awaiting_verification" };
        assert_eq!(order["state"], expected, "order {key}: {order:#}");
        numbers.push(number);
    }
    let other = world.placed("other", json!({"buyer": "sari"})).await;
    assert_eq!(world.order(&other).await.unwrap()["state"], "awaiting_payment", "counted for each buyer");
    let (approved, rejected) = (&numbers[5], &numbers[6]);
    let held = world.order(approved).await.unwrap();
    assert_eq!((&held["risk"]["score"], &held["risk"]["action"]), (&json!(30), &json!("verify")));
    assert!(world.books(approved).await["midtrans"]["transactions"].as_array().unwrap().is_empty());
    world.staff("approve", approved).await;
    world.until(approved, "awaiting_payment").await;
    world.paid(approved).await;
    world.until(approved, "delivered").await;
    world.staff("reject", rejected).await;
    world.until(rejected, "cancelled").await;
    for (number, after) in [(approved, "awaiting_payment"), (rejected, "cancelled")] {
        let file = world.file(number).await;
        let audit = file["audit"].as_array().unwrap();
        let decision = audit.iter().find(|a| a["actor"].as_str().unwrap().contains("rina"));
        assert_eq!(decision.expect("an entry of the decision")["after"], after, "{audit:#?}");
    }
    assert_eq!(world.stock("ML", "ML_86").await, stock - 7);
    // What is decided stays decided, and what is not there is said to be so.
    assert_eq!(world.command(&["order", "approve", rejected]).await.0, Some(1));
    assert_eq!(world.command(&["order", "reject", approved]).await.0, Some(1));
    assert_eq!(world.command(&["order", "approve", "LK0000000000"]).await.0, Some(3));
    assert_ne!(world.command(&["order", "approve", "'; DROP TABLE shop_order; --"]).await.0, Some(0));
    world.assert_paid_and_delivered_once(approved).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_held_order_that_nobody_decides_expires_and_frees_its_stock() {
    let world = World::open(Rows::Sqlite).await;
    let stock = world.stock("ML", "ML_86").await;
    for key in 1..=6 {
        world.placed(&format!("order-{key}"), json!({"buyer": "budi"})).await;
    }
    world.advance(7 * 86_400).await.unwrap();
    let started = Instant::now();
    while world.stock("ML", "ML_86").await != stock {
        patience(started, "the stock");
        nap().await;
    }
    let orders = world.printed(&["order", "list", "--json"]).await;
    assert!(orders.as_array().unwrap().iter().all(|o| o["state"] == "expired"), "{orders:#}");
    world.assert_proofs().await;
}

#[tokio::test]
async fn cancelling_before_payment_frees_the_stock_and_closes_the_payment_at_the_gateway() {
    let world = World::open(Rows::Sqlite).await;
    let stock = world.stock("ML", "ML_86").await;
    let number = world.placed("one", json!({})).await;
    assert_eq!(world.stock("ML", "ML_86").await, stock - 1);
    let cancel = |number: &str| {
        world.http.post(world.url(&format!("/api/v1/orders/{number}/cancel"))).bearer_auth(API_KEY).send()
    };
    let order: Value = cancel(&number).await.unwrap().json().await.unwrap();
    assert_eq!(order["state"], "cancelled", "{order:#}");
    assert_eq!(world.stock("ML", "ML_86").await, stock);
    assert_eq!(cancel(&number).await.unwrap().status(), StatusCode::OK, "a second time changes nothing");
    let started = Instant::now();
    while world.books(&number).await["midtrans"]["transactions"][0]["transaction_status"] != "cancel" {
        patience(started, "the gateway");
        nap().await;
    }
    let (status, answer) = world.pay(&number, "settle").await;
    assert!(status.is_client_error(), "paid a cancelled payment: {answer}");
    assert_eq!(cancel("LK0000000000").await.unwrap().status(), StatusCode::NOT_FOUND);
    let paid = world.placed("two", json!({})).await;
    world.paid(&paid).await;
    world.until(&paid, "delivered").await;
    assert_eq!(cancel(&paid).await.unwrap().status(), StatusCode::CONFLICT);
    world.assert_paid_and_delivered_once(&paid).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn one_key_makes_one_order_however_often_and_at_once_on_sqlite() {
    one_key(Rows::Sqlite).await;
}

#[tokio::test]
async fn one_key_makes_one_order_however_often_and_at_once_on_postgres() {
    one_key(Rows::Postgres(testkit::empty_postgres().await)).await;
}

async fn one_key(rows: Rows) {
    let world = std::sync::Arc::new(World::open(rows).await);
    let stock = world.stock("ML", "ML_86").await;
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let world = std::sync::Arc::clone(&world);
        requests.spawn(async move { world.placed("same", json!({})).await });
    }
    let numbers: BTreeSet<String> = requests.join_all().await.into_iter().collect();
    assert_eq!(numbers.len(), 1, "{numbers:?}");
    let number = numbers.first().unwrap();
    world.paid(number).await;
    world.until(number, "delivered").await;
    let (status, replayed) = world.place("same", json!({})).await.unwrap();
    assert_eq!((status, replayed["number"].as_str()), (StatusCode::CREATED, Some(number.as_str())));
    let (status, problem) = world.place("same", json!({"user_id": "1114917747"})).await.unwrap();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    assert_eq!(world.stock("ML", "ML_86").await, stock - 1);
    world.assert_paid_and_delivered_once(number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_second_server_on_one_sqlite_file_is_refused_kindly_and_commands_run_beside_the_first() {
    let mut world = World::open(Rows::Sqlite).await;
    let second =
        tokio::time::timeout(Duration::from_secs(10), world.command(&["serve", "--listen", "127.0.0.1:0"]));
    let (code, text) = second.await.expect("it gives up at once");
    assert!(code.is_some_and(|code| code != 0), "{text}");
    assert!(text.contains("another `loket serve`") && text.contains("--data-dir"), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    let number = world.placed("one", json!({})).await;
    world.paid(&number).await;
    for arguments in [
        &["order", "list"][..],
        &["order", "show", &number],
        &["alerts"],
        &["ledger", "check"],
        &["audit", "verify"],
        &["catalog", "export"],
        &["migrate", "--check"],
        &["doctor"],
    ] {
        let (code, text) = world.command(arguments).await;
        assert_eq!(code, Some(0), "{arguments:?}: {text}");
    }
    world.until(&number, "delivered").await;
    // The lock ends with its owner, however it ends.
    world.shop.take().unwrap().stop().await;
    world.open_shop(&[]).await.unwrap();
    world.until(&number, "delivered").await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn production_starts_with_nothing_that_belongs_to_the_sandbox() {
    let folder = testkit::TempFolder::new("production");
    let run = |change: &[(&str, &str)]| {
        let mut program = command(&["serve", "--listen", "127.0.0.1:0"]);
        program
            .env("LOKET_MODE", "production")
            .env("LOKET_DATA_DIR", folder.path())
            .env("LOKET_SERVER__PUBLIC_URL", "https://shop.example")
            .env("LOKET_MIDTRANS__SERVER_KEY", "Mid-server-of-a-test")
            .env("LOKET_DIGIFLAZZ__USERNAME", "owner")
            .env("LOKET_DIGIFLAZZ__API_KEY", "7b1c-of-a-test")
            .env("LOKET_DIGIFLAZZ__WEBHOOK_SECRET", "hush-of-a-test");
        for (name, value) in change {
            program.env(name, value);
        }
        program.kill_on_drop(true);
        async move {
            let output = tokio::time::timeout(Duration::from_secs(10), program.output())
                .await
                .expect("it ends at once")
                .unwrap();
            (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
        }
    };
    for (name, value, key) in [
        ("LOKET_MIDTRANS__SERVER_KEY", "SB-Mid-server-loket-sandbox", "midtrans.server_key"),
        ("LOKET_MIDTRANS__SERVER_KEY", "", "midtrans.server_key"),
        ("LOKET_DIGIFLAZZ__API_KEY", "dev-loket-sandbox", "digiflazz.api_key"),
        ("LOKET_DIGIFLAZZ__USERNAME", "loket", "digiflazz.username"),
        ("LOKET_DIGIFLAZZ__WEBHOOK_SECRET", "loket-sandbox-secret", "digiflazz.webhook_secret"),
        ("LOKET_API__KEY", "loket-sandbox-key", "api.key"),
        ("LOKET_MIDTRANS__BASE_URL", "http://127.0.0.1:8090/sandbox/midtrans", "midtrans.base_url"),
        ("LOKET_DIGIFLAZZ__BASE_URL", "https://localhost/v1", "digiflazz.base_url"),
        ("LOKET_SERVER__PUBLIC_URL", "", "server.public_url"),
    ] {
        let (code, text) = run(&[(name, value)]).await;
        assert!(code.is_some_and(|code| code != 0) && text.contains(key), "{name}={value}: {code:?} {text}");
        assert!(!text.contains("-of-a-test"), "a secret is told: {text}");
    }
    // A database remembers that it was made in sandbox mode.
    let seeded = command(&["catalog", "seed"]).env("LOKET_DATA_DIR", folder.path()).output().await.unwrap();
    assert!(seeded.status.success(), "{seeded:?}");
    let (code, text) = run(&[]).await;
    assert!(code.is_some_and(|code| code != 0) && text.contains("sandbox"), "{code:?} {text}");
}

#[tokio::test]
async fn production_has_no_controls_and_no_simulators() {
    let folder = testkit::TempFolder::new("production");
    let environment = [
        ("LOKET_MODE", "production".to_owned()),
        ("LOKET_DATA_DIR", folder.path().display().to_string()),
        ("LOKET_SERVER__PUBLIC_URL", "https://shop.example".to_owned()),
        ("LOKET_MIDTRANS__SERVER_KEY", "Mid-server-of-a-test".to_owned()),
        ("LOKET_DIGIFLAZZ__USERNAME", "owner".to_owned()),
        ("LOKET_DIGIFLAZZ__API_KEY", "7b1c-of-a-test".to_owned()),
        ("LOKET_DIGIFLAZZ__WEBHOOK_SECRET", "hush-of-a-test".to_owned()),
        ("LOKET_API__KEY", "a-key-of-a-test-that-is-long".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let shop = Loket::start(&["serve", "--listen", "127.0.0.1:0"], &environment).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for path in [
        "clock",
        "stock",
        "pay",
        "faults",
        "supplier",
        "deposit",
        "midtrans/v2/charge",
        "digiflazz/v1/transaction",
    ] {
        let url = format!("{}/sandbox/{path}", shop.base());
        let status = http.post(url).body("{}").send().await.unwrap().status();
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/sandbox/transactions", "/playground"] {
        assert_eq!(
            http.get(format!("{}{path}", shop.base())).send().await.unwrap().status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let orders =
        http.get(format!("{}/api/v1/orders", shop.base())).bearer_auth(API_KEY).send().await.unwrap();
    assert_eq!(orders.status(), StatusCode::UNAUTHORIZED, "the sandbox's key opens nothing");
    assert!(shop.stop().await.success());
}

#[tokio::test]
async fn an_open_stream_does_not_keep_the_program_from_ending() {
    let mut world = World::open(Rows::Sqlite).await;
    let number = world.placed("one", json!({})).await;
    let page = world.order(&number).await.unwrap()["payment"]["pay_url"].as_str().unwrap().to_owned();
    let mut stream = world.http.get(format!("{page}/events")).send().await.unwrap();
    assert_eq!(stream.status(), StatusCode::OK);
    let first = stream.chunk().await.unwrap().expect("the present state");
    assert!(String::from_utf8_lossy(&first).contains("event: state"));
    let started = Instant::now();
    let ended = world.shop.take().unwrap().stop().await;
    assert!(ended.success(), "{ended:?}");
    assert!(started.elapsed() < Duration::from_secs(2), "it took {:?}", started.elapsed());
    while stream.chunk().await.ok().flatten().is_some() {}
    // What was under way goes on after the next start.
    world.open_shop(&[]).await.unwrap();
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn the_preview_tells_what_the_catalog_would_bring_in_and_needs_no_database() {
    let output = command(&["catalog", "preview"])
        .env("LOKET_DATABASE__URL", "postgres://nobody@127.0.0.1:1/none")
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(text.contains("7.066.667") && text.contains("212.000.000"), "{text}");
    let output = command(&["catalog", "preview", "--json"]).output().await.unwrap();
    let preview: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&preview["estimate"]["revenue_per_day"], &preview["estimate"]["revenue_per_month"]),
        (&json!(7_066_667), &json!(212_000_000))
    );
    assert_eq!(preview["products"].as_array().unwrap().len(), 15);
}

#[tokio::test]
async fn seeding_twice_changes_nothing() {
    let folder = testkit::TempFolder::new("seed");
    let run = async |arguments: &[&str]| {
        let output = command(arguments).env("LOKET_DATA_DIR", folder.path()).output().await.unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let first: Value = serde_json::from_str(&run(&["catalog", "seed", "--json"]).await).unwrap();
    assert_eq!((first["added"].as_array().unwrap().len(), &first["added_categories"]), (15, &json!(5)));
    let catalog = run(&["catalog", "export"]).await;
    let second: Value = serde_json::from_str(&run(&["catalog", "seed", "--json"]).await).unwrap();
    assert_eq!(
        second,
        json!({"added_categories": 0, "added": [], "changed": [], "unchanged": 15, "stock_rows_added": 0})
    );
    assert_eq!(run(&["catalog", "export"]).await, catalog);
    run(&["ledger", "check"]).await;
    run(&["audit", "verify"]).await;
}

#[tokio::test]
async fn an_import_with_bad_lines_names_each_and_imports_nothing() {
    let world = World::open(Rows::Sqlite).await;
    let (_, catalog) = world.command(&["catalog", "export"]).await;
    let lines: Vec<&str> = catalog.lines().collect();
    let line_of = |code: &str| lines.iter().position(|line| line.contains(code)).unwrap();
    let (negative, loss, template, fine) =
        (line_of("ML_86"), line_of("FF_70"), line_of("PUBG_60"), line_of("GI_60"));
    let bad: Vec<String> = lines
        .iter()
        .enumerate()
        .map(|(at, line)| match at {
            at if at == negative => line.replace(",20000,", ",-20000,"),
            at if at == loss => line.replace(",10000,", ",1e4,"),
            at if at == template => line.replace("{user_id}", "{userid}"),
            at if at == fine => line.replace(",15000,", ",16000,"),
            _ => (*line).to_owned(),
        })
        .collect();
    let path = world.folder().join("bad.csv");
    std::fs::write(&path, bad.join("\n")).unwrap();
    let (code, text) = world.command(&["catalog", "import", path.to_str().unwrap()]).await;
    assert!(code.is_some_and(|code| code != 0), "{text}");
    for at in [negative, loss, template] {
        assert!(text.contains(&format!("line {}", at + 1)), "line {} is not named: {text}", at + 1);
    }
    assert_eq!(world.command(&["catalog", "export"]).await.1, catalog);
    for (label, bytes) in [
        ("empty", Vec::new()),
        ("not text", vec![0xFF, 0xFE, 0x00, 0x80]),
        ("no table", b"{\"hello\": 1}".to_vec()),
        ("too large", vec![b'x'; 40_000_000]),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let (code, text) = world.command(&["catalog", "import", path.to_str().unwrap()]).await;
        assert!(code.is_some_and(|code| code != 0 && code != 101), "{label}: {code:?} {text}");
        assert!(text.len() < 20_000 && !text.contains("panicked"), "{label}: {}", text.len());
    }
    for place in ["/nonexistent/catalog.csv", "/"] {
        let (code, text) = world.command(&["catalog", "import", place]).await;
        assert!(code.is_some_and(|code| code != 0 && code != 101), "{place}: {code:?} {text}");
    }
    assert_eq!(world.command(&["catalog", "export"]).await.1, catalog);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_mistake_in_flags_or_configuration_is_told_kindly_and_nothing_starts() {
    let folder = testkit::TempFolder::new("mistakes");
    let file = folder.path().join("bad.toml");
    std::fs::write(&file, "[midtrans]\nserver_key = \"hunter2\nlisten").unwrap();
    let file = file.to_str().unwrap();
    let long = "9".repeat(100_000);
    let cases = [
        (&["serve"][..], ("LOKET_DATABSE__URL", "x"), "LOKET_DATABASE__URL"),
        (&["serve"], ("LOKET_MIDTRANS__SERVERKEY", "hunter2"), "LOKET_MIDTRANS__SERVER_KEY"),
        (&["order", "list"], ("LOKET_SERVER__LISTN", "x"), "LOKET_SERVER__LISTEN"),
        (&["serve"], ("LOKET_MODE", "prod"), "mode"),
        (&["serve"], ("LOKET_DATABASE__URL", "mysql://root:hunter2@db/x"), "database.url"),
        (&["serve"], ("LOKET_DATABASE__URL", "postgres://x:hunter2@127.0.0.1:1/x"), ""),
        (&["serve"], ("LOKET_SERVER__LISTEN", "nowhere"), "nowhere"),
        (&["serve"], ("LOKET_WORKER__LEASE_SECONDS", "-1"), "worker.lease_seconds"),
        (&["serve"], ("LOKET_RULES__PAY_WITHIN_SECONDS", &long), "rules.pay_within_seconds"),
        (&["serve"], ("LOKET_LOG", "][=hunter"), "LOKET_LOG"),
        (&["serve", "--config", file], ("LOKET_MODE", "sandbox"), "line"),
        (
            &["serve", "--config", "/nonexistent/loket.toml"],
            ("LOKET_MODE", "sandbox"),
            "/nonexistent/loket.toml",
        ),
        (&["serve", "--role", "boss"], ("LOKET_MODE", "sandbox"), "worker"),
        (&["srve"], ("LOKET_MODE", "sandbox"), "serve"),
        (&["order", "list", "--state", "lost"], ("LOKET_MODE", "sandbox"), "delivered"),
        (&["order", "list", "--limit=-1"], ("LOKET_MODE", "sandbox"), "limit"),
        (&["order", "show", &long], ("LOKET_MODE", "sandbox"), "order number"),
        (&["ledger", "check"], ("LOKET_MODE", "sandbox"), "there is no database"),
    ];
    for (at, (arguments, variable, expected)) in cases.into_iter().enumerate() {
        let mut program = command(arguments);
        program
            .env("LOKET_DATA_DIR", folder.path().join(at.to_string()))
            .env("LOKET_SERVER__LISTEN", "127.0.0.1:0");
        program.env(variable.0, variable.1).kill_on_drop(true);
        let label = format!("{:.60} {}={:.60}", arguments.join(" "), variable.0, variable.1);
        let tried = tokio::time::timeout(Duration::from_secs(20), program.output());
        let output = tried.await.unwrap_or_else(|_| panic!("{label} does not end")).unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code().is_some_and(|code| code != 0 && code != 101),
            "{label}: {:?} {text}",
            output.status
        );
        assert!(output.stdout.is_empty(), "{label}: an error belongs to standard error");
        assert!(text.contains(expected), "{label}: `{expected}` is not in {text:.2000}");
        assert!(!text.contains("hunter2") && !text.contains("panicked"), "{label}: {text:.2000}");
    }
}

#[tokio::test]
async fn hostile_requests_get_a_problem_and_change_nothing() {
    let world = World::open(Rows::Sqlite).await;
    let orders = world.url("/api/v1/orders");
    let send = async |key: &str, body: Vec<u8>| {
        let request = world.http.post(&orders).bearer_auth(API_KEY).header("Idempotency-Key", key);
        let response = request.header("Content-Type", "application/json").body(body).send().await.unwrap();
        let kind = response
            .headers()
            .get("content-type")
            .map(|v| v.to_str().unwrap().to_owned())
            .unwrap_or_default();
        (response.status(), kind, response.text().await.unwrap())
    };
    let order = |name: &str, value: Value| {
        let mut body = json!({"product_code": "ML_86", "user_id": "1114917746", "server_id": "13486", "payment_method": "gopay_qr"});
        body[name] = value;
        body.to_string().into_bytes()
    };
    let cases = [
        b"".to_vec(),
        b"{".to_vec(),
        b"[]".to_vec(),
        b"\xFF\xFE".to_vec(),
        "[".repeat(50_000).into_bytes(),
        vec![b' '; 100_000],
        order("user_id", json!("1' OR '1'='1")),
        order("user_id", json!("1\u{0}2")),
        order("user_id", json!("٣٣٣٣٣٣٣٣")),
        order("user_id", json!("9".repeat(100_000))),
        order("user_id", json!({"$gt": ""})),
        order("product_code", json!("../../etc/passwd")),
        order("product_code", json!(null)),
        order("payment_method", json!("cash")),
        order("payment_method", json!("dana_qr")),
        order("buyer", json!("<script>alert(1)</script>\r\nSet-Cookie: a=b")),
        order("quote", json!("none")),
        order("amount", json!(1)).iter().copied().chain(*b"x").collect(),
    ];
    for (at, body) in cases.into_iter().enumerate() {
        let label = format!("case {at}: {:.80}", String::from_utf8_lossy(&body));
        let (status, kind, text) = send(&format!("hostile-{at}"), body).await;
        assert!(status.is_client_error(), "{label}: {status} {text:.500}");
        assert_eq!(kind, "application/problem+json", "{label}");
    }
    for key in ["", "has space", &"k".repeat(256)] {
        let (status, _, text) = send(key, order("buyer", json!("budi"))).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{text}");
    }
    let without_key = world
        .http
        .post(&orders)
        .bearer_auth(API_KEY)
        .body(order("buyer", json!("budi")))
        .send()
        .await
        .unwrap();
    assert!(without_key.status().is_client_error());
    for token in ["", "wrong", "loket-sandbox-key "] {
        let request = world.http.get(&orders).header("Authorization", format!("Bearer {token}x"));
        assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED, "{token}");
    }
    assert_eq!(world.printed(&["order", "list", "--json"]).await, json!([]));
    assert_eq!(world.books("").await["midtrans"]["requests"], json!([]));
    assert_eq!(world.stock("ML", "ML_86").await, 100);
    world.assert_proofs().await;
}

#[tokio::test]
async fn two_processes_on_one_postgres_share_the_work_of_a_purchase() {
    let mut world = World::new(Rows::Postgres(testkit::empty_postgres().await)).await;
    let base = world.url("");
    world.configure("LOKET_SERVER__PUBLIC_URL", &base);
    let listen = base.trim_start_matches("http://").to_owned();
    let environment = world.environment();
    let web = Loket::start(&["serve", "--listen", &listen, "--role", "web"], &environment).await.unwrap();
    world.shop = Some(web);
    let number = world.placed("one", json!({})).await;
    let order = world.order(&number).await.unwrap();
    assert_eq!(order["payment"]["state"], "intended", "nobody works yet");
    let mut worker = command(&["serve", "--role", "worker"]);
    worker.envs(environment).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let mut worker = worker.spawn().unwrap();
    let started = Instant::now();
    while world.order(&number).await.unwrap()["payment"]["state"] != "open" {
        patience(started, "the worker");
        nap().await;
    }
    world.paid(&number).await;
    world.until(&number, "delivered").await;
    // Business time that the web process moves is the worker's time, too.
    let unpaid = world.placed("two", json!({})).await;
    world.advance(16 * 60).await.unwrap();
    world.until(&unpaid, "expired").await;
    assert!(worker.try_wait().unwrap().is_none());
    world.assert_paid_and_delivered_once(&number).await;
    world.assert_proofs().await;
}

#[tokio::test]
async fn two_whole_servers_on_one_postgres_deliver_each_order_once() {
    let world = World::open(Rows::Postgres(testkit::empty_postgres().await)).await;
    let second = Loket::start(&["serve", "--listen", "127.0.0.1:0"], &world.environment()).await.unwrap();
    let mut numbers = Vec::new();
    for at in 0..8 {
        numbers.push(world.placed(&format!("order-{at}"), json!({"buyer": format!("buyer-{at}")})).await);
    }
    for number in &numbers {
        world.paid(number).await;
    }
    for number in &numbers {
        world.until(number, "delivered").await;
        world.assert_paid_and_delivered_once(number).await;
        let url = format!("{}/api/v1/orders/{number}", second.base());
        let order: Value =
            world.http.get(url).bearer_auth(API_KEY).send().await.unwrap().json().await.unwrap();
        assert_eq!(order["state"], "delivered");
    }
    world.assert_proofs().await;
    assert!(second.stop().await.success());
}

#[tokio::test]
async fn a_catalog_file_without_an_end_is_read_to_the_limit_only() {
    let program = env!("CARGO_BIN_EXE_loket");
    let mut shell = tokio::process::Command::new("sh");
    // What is read without a limit must not take the machine's memory.
    shell
        .args(["-c", "ulimit -v 4000000; exec \"$0\" catalog preview /dev/zero", program])
        .kill_on_drop(true);
    let tried = tokio::time::timeout(Duration::from_secs(10), shell.output());
    let output = tried.await.expect("it stops reading").unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code().is_some_and(|code| code == 1 || code == 2), "{:?} {text}", output.status);
    assert!(text.contains("at most"), "{text}");
}
