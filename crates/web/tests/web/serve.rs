//! Serving over a real socket: an end with open streams, and hostile connections.

use crate::support::*;
use std::time::{Duration, Instant};
use testkit::empty_sqlite;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

async fn read_some(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 64 * 1024];
    let read = tokio::time::timeout(Duration::from_secs(60), stream.read(&mut bytes)).await.unwrap().unwrap();
    String::from_utf8_lossy(&bytes[..read]).into_owned()
}

#[tokio::test]
async fn an_open_stream_does_not_hold_up_the_end() {
    let face = face(empty_sqlite().await).await;
    let (_, path) = face.open_order().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(web::serve(listener, face.router.clone(), face.stop.subscribe()));

    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("GET {path}/events HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
    let mut text = read_some(&mut stream).await;
    while !text.contains("event: state") {
        text.push_str(&read_some(&mut stream).await);
    }
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(read_some(&mut idle).await.starts_with("HTTP/1.1 200"));

    let started = Instant::now();
    face.stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(60), serving).await.unwrap().unwrap().unwrap();
    // What is under way would get ten seconds.
    assert!(started.elapsed() < Duration::from_secs(9), "it took {:?}", started.elapsed());
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn nonsense_on_the_wire_closes_its_own_connection_only() {
    let face = face(empty_sqlite().await).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(web::serve(listener, face.router.clone(), face.stop.subscribe()));
    let huge = format!("GET / HTTP/1.1\r\nhost: x\r\nx-big: {}\r\n\r\n", "a".repeat(1_000_000));
    let many = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(5_000));
    for bytes in [
        &b"\x00\xff\xfe nonsense\r\n\r\n"[..],
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"POST /webhooks/midtrans HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /webhooks/midtrans HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"POST /webhooks/midtrans HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n{}",
        huge.as_bytes(),
        many.as_bytes(),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The server may close before it has read all.
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await.unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
        let mut fine = TcpStream::connect(address).await.unwrap();
        fine.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        assert!(read_some(&mut fine).await.starts_with("HTTP/1.1 200"));
    }
    face.stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(60), serving).await.unwrap().unwrap().unwrap();
}
