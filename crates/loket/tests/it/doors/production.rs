//! Production mode has nothing of the sandbox.

use crate::harness::{API_KEY, Loket, command};
use reqwest::StatusCode;
use std::time::Duration;

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
            .env("LOKET_DIGIFLAZZ__WEBHOOK_SECRET", "hush-hush-of-a-test");
        for (name, value) in change {
            program.env(name, value);
        }
        program.kill_on_drop(true);
        async move {
            let output = tokio::time::timeout(Duration::from_secs(60), program.output())
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
        ("LOKET_DIGIFLAZZ__WEBHOOK_SECRET", "hush-of-a-test", "digiflazz.webhook_secret"),
        ("LOKET_API__KEY", "loket-sandbox-key", "api.key"),
        ("LOKET_MIDTRANS__BASE_URL", "http://127.0.0.1:8090/sandbox/midtrans", "midtrans.base_url"),
        ("LOKET_DIGIFLAZZ__BASE_URL", "https://localhost/v1", "digiflazz.base_url"),
        ("LOKET_DIGIFLAZZ__BASE_URL", "https://LOCALHOST/v1", "digiflazz.base_url"),
        ("LOKET_MIDTRANS__BASE_URL", "https://api.SANDBOX.midtrans.com", "midtrans.base_url"),
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
        ("LOKET_DIGIFLAZZ__WEBHOOK_SECRET", "hush-hush-of-a-test".to_owned()),
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
