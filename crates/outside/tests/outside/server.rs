//! An outside party on a real socket that answers as it is told: also late, cut short, never, or
//! with something that is no HTTP. Used by the tests of every crate that calls outside parties.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Method and path: `POST /v2/charge`.
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    /// The body. What is no text is here all the same, one character for each byte.
    pub(crate) body: String,
}

impl Seen {
    /// The value of a header, by its name in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// How a request is answered.
#[derive(Clone)]
pub(crate) enum Reply {
    /// These bytes; then the connection is closed.
    Bytes(Vec<u8>),
    /// Never.
    Silence,
    /// The beginning of an answer, then one byte after another for ever.
    Drip,
}

/// An answer with this status and body.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let mut head =
        format!("HTTP/1.1 {status} Whatever\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    Reply::Bytes([head.as_bytes(), b"\r\n", body].concat())
}

/// An answer that breaks off: it promises more than it sends.
pub(crate) fn cut_short(body: &str) -> Reply {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len() + 100);
    Reply::Bytes([head.as_bytes(), body.as_bytes()].concat())
}

/// An address where nobody listens. One that is free at this moment may be another test's in the next.
pub(crate) fn nobody() -> String {
    "http://127.0.0.1:1".into()
}

/// The outside party.
pub(crate) struct Server {
    /// `http://127.0.0.1:port`.
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    arrived: Arc<Notify>,
}

impl Server {
    /// Starts one that answers every request by this rule.
    pub(crate) fn start(rule: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (seen, arrived, rule) =
            (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()), Arc::new(rule));
        let server = Server { url, seen: seen.clone(), arrived: arrived.clone() };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, arrived, rule) = (seen.clone(), arrived.clone(), rule.clone());
                std::thread::spawn(move || {
                    let Some(request) = read(&stream) else { return };
                    let reply = rule(&request);
                    seen.lock().unwrap().push(request);
                    arrived.notify_one();
                    write(stream, reply);
                });
            }
        });
        server
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Awaits a call that this party will not answer in time, and tells how long it waited: once
    /// the request has arrived, the clock of the test's runtime jumps to the time-out.
    pub(crate) async fn wait_out<T>(&self, call: impl Future<Output = T>) -> (T, Duration) {
        let started = Instant::now();
        let (outcome, ()) = tokio::join!(call, async {
            self.arrived.notified().await;
            tokio::time::pause();
        });
        let waited = started.elapsed();
        tokio::time::resume();
        (outcome, waited)
    }
}

fn read(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut next_line = || {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0).map(|_| line.trim_end().to_owned())
    };
    let line = next_line()?.trim_end_matches(" HTTP/1.1").to_owned();
    let mut headers = Vec::new();
    while let Some((name, value)) = next_line()?.split_once(": ") {
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut seen = Seen { line, headers, body: String::new() };
    let length: usize = seen.header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    seen.body = String::from_utf8(body)
        .unwrap_or_else(|no_text| no_text.into_bytes().into_iter().map(char::from).collect());
    Some(seen)
}

fn write(mut stream: TcpStream, reply: Reply) {
    match reply {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes);
            let _ = stream.shutdown(Shutdown::Write);
            let _ = stream.read_to_end(&mut Vec::new());
        }
        Reply::Silence => std::thread::sleep(Duration::from_secs(600)),
        Reply::Drip => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{");
            while stream.write_all(b" ").is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}
