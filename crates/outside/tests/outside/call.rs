//! What became of a call, whatever the other side does.

use crate::server::{Reply, Server, answer, cut_short, nobody};
use outside::{Answer, CallError, Http, Method, Request};
use std::time::Duration;

fn request(url: &str) -> Request {
    Request {
        name: "test.call",
        method: Method::Post,
        url: format!("{url}/somewhere"),
        headers: vec![("Authorization", "Basic c2VjcmV0".to_owned())],
        body: Some(b"api-key=secret".to_vec()),
        timeout: Duration::from_secs(5),
    }
}

async fn call(url: &str) -> Result<Answer, CallError> {
    Http::new().unwrap().call(request(url)).await
}

async fn answered_with(reply: Reply) -> Result<Answer, CallError> {
    let server = Server::start(move |_| reply.clone());
    call(&server.url).await
}

#[tokio::test]
async fn an_answer_of_any_status_is_handed_on_as_it_is() {
    for status in [200, 201, 400, 401, 404, 407, 429, 500, 503] {
        let server = Server::start(move |_| answer(status, &[], "{\"status_code\":\"407\"}"));
        let got = call(&server.url).await.unwrap();
        assert_eq!((got.status, got.body.as_slice()), (status, b"{\"status_code\":\"407\"}".as_slice()));
        let seen = server.seen();
        assert_eq!((seen[0].line.as_str(), seen[0].body.as_str()), ("POST /somewhere", "api-key=secret"));
        assert_eq!(seen[0].header("authorization"), Some("Basic c2VjcmV0"));
    }
}

#[tokio::test]
async fn a_request_goes_out_by_its_method_and_the_headers_of_the_answer_come_back() {
    let server = Server::start(|_| answer(200, &[("X-RateLimit-Remaining", "4")], "{}"));
    let http = Http::new().unwrap();
    for (method, verb) in
        [(Method::Get, "GET"), (Method::Post, "POST"), (Method::Patch, "PATCH"), (Method::Put, "PUT")]
    {
        let mut sent = Request { method, ..request(&server.url) };
        sent.headers.push(("User-Agent", "somebody else".into()));
        let got = http.call(sent).await.unwrap();
        assert_eq!(got.header("x-ratelimit-remaining"), Some("4"));
        assert_eq!(got.header("x-ratelimit-limit"), None);
        let seen = server.seen().pop().unwrap();
        assert_eq!(seen.line, format!("{verb} /somewhere"));
        assert_eq!(seen.header("user-agent"), Some("somebody else"));
    }
}

#[tokio::test]
async fn a_request_that_never_left_is_not_sent() {
    assert!(matches!(call(&nobody()).await, Err(CallError::NotSent(_))), "nobody listens");
    assert!(matches!(call("no address").await, Err(CallError::NotSent(_))), "no address");
    let mut broken = request(&nobody());
    broken.headers.push(("X-Override-Notification", "two\nlines".into()));
    assert!(matches!(Http::new().unwrap().call(broken).await, Err(CallError::NotSent(_))), "a broken header");
}

#[tokio::test]
async fn whatever_arrived_and_was_not_answered_properly_is_unknown() {
    for (why, reply) in [
        ("closed at once", Reply::Bytes(Vec::new())),
        ("no HTTP", Reply::Bytes(b"220 smtp.example ESMTP\r\n".to_vec())),
        ("cut short", cut_short("{\"status_code\":")),
        ("too large", answer(200, &[], vec![b' '; 1024 * 1024 + 1])),
    ] {
        let outcome = answered_with(reply).await;
        assert!(matches!(outcome, Err(CallError::Unknown(_))), "{why}: {outcome:?}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_end_in_time_is_unknown() {
    for reply in [Reply::Silence, Reply::Drip] {
        let server = Server::start(move |_| reply.clone());
        let (outcome, waited) = server.wait_out(call(&server.url)).await;
        assert_eq!(outcome.unwrap_err(), CallError::Unknown("no answer in time".into()));
        assert_eq!(waited.as_secs(), 5);
    }
}

#[tokio::test]
async fn the_largest_answer_that_is_read_is_one_mebibyte() {
    let outcome = answered_with(answer(200, &[], vec![b' '; 1024 * 1024])).await;
    assert_eq!(outcome.unwrap().body.len(), 1024 * 1024);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let elsewhere = Server::start(|_| answer(200, &[], "{}"));
    let location = format!("{}/elsewhere", elsewhere.url);
    for status in [301, 302, 303, 307, 308] {
        let got = answered_with(answer(status, &[("Location", &location)], "")).await.unwrap();
        assert_eq!(got.status, status);
    }
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn retry_after_is_read_in_seconds_and_no_longer_than_a_day() {
    for (value, expected) in [
        ("120", Some(120)),
        ("0", Some(0)),
        ("99999999", Some(86_400)),
        ("-1", None),
        ("soon", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ] {
        let got = answered_with(answer(429, &[("Retry-After", value)], "")).await.unwrap();
        assert_eq!(got.retry_after, expected.map(Duration::from_secs), "{value}");
    }
}

#[tokio::test]
async fn neither_headers_nor_bodies_nor_queries_show_in_debug_output_or_errors() {
    let shown = format!("{:?}", request("http://127.0.0.1:1"));
    assert!(!shown.contains("c2VjcmV0") && !shown.contains("api-key"), "{shown}");
    assert!(shown.contains("test.call") && shown.contains("Authorization"), "{shown}");
    let error = call(&format!("{}/?token=hunter2&x=", nobody())).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("hunter2"), "{error}");
}
