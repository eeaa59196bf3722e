//! Behind a reverse proxy: each visitor counts as themselves when the proxy is trusted, and never otherwise.

use crate::support::*;
use catalog::{
    Validator,
    account::Game,
    validation::{Nickname, NicknameSource, Settings, Word},
};
use outside::Pending;
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use testkit::empty_sqlite;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use vocabulary::Account;

/// Knows everybody.
struct TestSource;

impl NicknameSource for TestSource {
    fn name(&self) -> &'static str {
        "test"
    }

    fn knows(&self, _: Game) -> bool {
        true
    }

    fn look_up<'a>(&'a self, _: Game, _: &'a Account, _: Duration) -> Pending<'a, Word> {
        Box::pin(async { Word::Found { nickname: Nickname::clean("Budi") } })
    }
}

/// Sends a body as a proxy on this machine passes it on, and tells the status of the answer.
async fn passed_on(address: SocketAddr, path: &str, headers: &str, body: &Value) -> String {
    let body = body.to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}content-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer.split(' ').nth(1).unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[tokio::test]
async fn a_visitor_behind_a_proxy_counts_as_themselves_when_the_proxy_is_trusted() {
    for (trusted, expected, source) in [
        ("10.0.0.0/8, 127.0.0.1", ["200", "200", "429", "429"], "203.0.113.9"),
        ("10.0.0.0/8", ["200", "429", "429", "429"], "127.0.0.1"),
        ("", ["200", "429", "429", "429"], "127.0.0.1"),
    ] {
        let settings = Settings { per_asker_per_minute: 1, ..Settings::default() };
        let validator = Validator::new(vec![Arc::new(TestSource)], settings);
        let face = face_asking(empty_sqlite().await, validator, |settings| {
            settings.trusted_proxies = trusted.parse().unwrap();
        })
        .await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(web::serve(listener, face.router.clone(), face.stop.subscribe()));

        let mut told = Vec::new();
        // The third is the first one again, who pretends to be another; the fourth comes by two proxies.
        let visitors = ["203.0.113.7", "203.0.113.8", "198.51.100.1, 203.0.113.7", "203.0.113.8, 10.1.2.3"];
        for (n, visitor) in visitors.into_iter().enumerate() {
            let asked = json!({"game_code": "FF", "user_id": format!("12345678{n}")});
            let header = format!("x-forwarded-for: {visitor}\r\n");
            told.push(passed_on(address, "/api/v1/game/validate", &header, &asked).await);
        }
        assert_eq!(told, expected, "{trusted}");

        let headers = format!(
            "x-forwarded-for: 203.0.113.9\r\nauthorization: {}\r\nidempotency-key: one\r\n",
            bearer(KEY)
        );
        assert_eq!(passed_on(address, "/api/v1/orders", &headers, &diamonds()).await, "201");
        for text in
            ["SELECT source FROM shop_order", "SELECT source FROM audit_entry WHERE action = 'order.placed'"]
        {
            assert_eq!(face.all::<String>(text, text).await, [source], "{trusted}: {text}");
        }
        face.stop.send(true).unwrap();
        tokio::time::timeout(Duration::from_secs(60), serving).await.unwrap().unwrap().unwrap();
    }
}
