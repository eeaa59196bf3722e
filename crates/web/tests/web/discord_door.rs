//! The door for Discord: what is answered over HTTP, and how.

use crate::support::*;
use axum::http::Method;
use discord::{Desk, Settings};
use ed25519_dalek::{Signer as _, SigningKey};
use testkit::empty_sqlite;
use tokio::sync::watch;
use web::WebSettings;

const DOOR: &str = "/discord/interactions";

/// The same shop, with a desk on Discord.
async fn with_desk() -> (Face, SigningKey) {
    let mut face = face(empty_sqlite().await).await;
    let key = SigningKey::from_bytes(&[42; 32]);
    let settings = Settings::new(&hex::encode(key.verifying_key().as_bytes()), "1").unwrap();
    let desk = Desk { shop: face.shop.clone(), settings };
    let settings = WebSettings { discord: Some(desk), ..WebSettings::default() };
    let (stop, stopping) = watch::channel(false);
    face.router = web::router(face.shop.clone(), settings, stopping);
    face.stop = stop;
    (face, key)
}

async fn send(face: &Face, key: &SigningKey, body: &str) -> Answer {
    let timestamp = (face.shop.clock.real_now().millis() / 1_000).to_string();
    let signature = hex::encode(key.sign(format!("{timestamp}{body}").as_bytes()).to_bytes());
    let headers = [("X-Signature-Ed25519", signature.as_str()), ("X-Signature-Timestamp", &timestamp)];
    face.send(request(Method::POST, DOOR, &headers, body)).await
}

#[tokio::test]
async fn discord_gets_its_answers_as_json_and_everybody_else_a_problem() {
    let (face, key) = with_desk().await;
    let pong = send(&face, &key, "{\"type\": 1}").await;
    assert_eq!((pong.status.as_u16(), pong.text()), (200, "{\"type\":1}".into()));
    assert_eq!(pong.header("content-type"), "application/json");
    let help = r#"{"type":2,"id":"7","application_id":"1","token":"t","user":{"id":"5"},"locale":"id","data":{"name":"help"}}"#;
    assert_eq!(send(&face, &key, help).await.json()["type"], 4);
    send(&face, &SigningKey::from_bytes(&[1; 32]), help).await.problem(401, "webhook-refused");
    face.send(request(Method::POST, DOOR, &[], help)).await.problem(401, "webhook-refused");
    send(&face, &key, "nonsense").await.problem(400, "malformed-request");
    // More than the other doors take: a message with its components comes along.
    let long = format!("{{\"type\": 1, \"x\": \"{}\"}}", "x".repeat(200 * 1024));
    assert_eq!(send(&face, &key, &long).await.status, 200);
    let longer = format!("{{\"type\": 1, \"x\": \"{}\"}}", "x".repeat(260 * 1024));
    send(&face, &key, &longer).await.problem(413, "too-large");
}

#[tokio::test]
async fn a_shop_without_a_desk_has_no_door_for_discord() {
    let face = face(empty_sqlite().await).await;
    face.send(request(Method::POST, DOOR, &[], "{\"type\":1}")).await.problem(404, "not-found");
}
