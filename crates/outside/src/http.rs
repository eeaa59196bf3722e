//! HTTP to outside parties, with three outcomes: an answer, *not sent*, or *unknown*.

use database::crash;
use std::{
    fmt,
    time::{Duration, Instant},
};

/// What an outside party may answer with at most, unless the caller expects more.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// How long it may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The client. Cheap to clone; clones share connections.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
}

/// How a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Asks.
    Get,
    /// Asks or acts.
    Post,
    /// Changes a part.
    Patch,
    /// Replaces a whole.
    Put,
}

/// One call. Its debug output names the headers without their values and tells only the size of
/// the body: both may hold keys.
#[derive(Clone)]
pub struct Request {
    /// What is called, for logs, metrics and crash points: `midtrans.charge`.
    pub name: &'static str,
    /// How.
    pub method: Method,
    /// Where.
    pub url: String,
    /// Headers. Their values do not appear in logs.
    pub headers: Vec<(&'static str, String)>,
    /// Body, sent as it is.
    pub body: Option<Vec<u8>>,
    /// How long the whole call may take. Shorter than the lease of the row it is made for.
    pub timeout: Duration,
}

/// What the other side answered, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The `Retry-After` header in seconds, when it was given so.
    pub retry_after: Option<Duration>,
    /// The headers that are plain text, with their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as received.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The request never left: no connection. Nothing happened on the other side.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The request may have arrived and may have been acted on. A time-out is this, never a failure.
    #[error("no usable answer: {0}")]
    Unknown(String),
}

impl Http {
    /// A client that follows no redirect and keeps no cookie.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new() -> Result<Self, CallError> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("loket/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .build();
        client.map(|client| Http { client }).map_err(|e| CallError::NotSent(chain(&e)))
    }

    /// Makes one call. No transaction may be open meanwhile.
    ///
    /// # Errors
    /// [`CallError::NotSent`] when it is certain that nothing arrived, else [`CallError::Unknown`].
    pub async fn call(&self, request: Request) -> Result<Answer, CallError> {
        self.call_for_up_to(MAX_ANSWER_BYTES, request).await
    }

    /// Makes one call whose answer may have this many bytes: a list of everything that somebody sells.
    ///
    /// # Errors
    /// As [`Http::call`].
    pub async fn call_for_up_to(&self, bytes: usize, request: Request) -> Result<Answer, CallError> {
        let name = request.name;
        crash::point(crash::When::Before, "call", name);
        let started = Instant::now();
        let outcome = match tokio::time::timeout(request.timeout, self.send(request, bytes)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(CallError::Unknown("no answer in time".into())),
        };
        crash::point(crash::When::After, "call", name);
        let word = match &outcome {
            Ok(answer) if answer.status < 400 => "ok",
            Ok(_) => "error_answer",
            Err(CallError::NotSent(_)) => "not_sent",
            Err(CallError::Unknown(_)) => "unknown",
        };
        metrics::histogram!("loket_outside_call_seconds", "call" => name, "outcome" => word)
            .record(started.elapsed().as_secs_f64());
        match &outcome {
            Ok(answer) => {
                tracing::debug!(call = name, status = answer.status, "{name} answered {}", answer.status)
            }
            Err(error) => tracing::warn!(call = name, %error, "{name}: {error}"),
        }
        outcome
    }

    async fn send(&self, request: Request, most: usize) -> Result<Answer, CallError> {
        let mut builder = match request.method {
            Method::Get => self.client.get(&request.url),
            Method::Post => self.client.post(&request.url),
            Method::Patch => self.client.patch(&request.url),
            Method::Put => self.client.put(&request.url),
        };
        for (header, value) in request.headers {
            builder = builder.header(header, value);
        }
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let mut response = builder.send().await.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                CallError::NotSent(chain(&error.without_url()))
            } else {
                CallError::Unknown(chain(&error.without_url()))
            }
        })?;
        let status = response.status().as_u16();
        let retry_after = response
            .headers()
            .get("retry-after")
            .and_then(|v| v.to_str().ok()?.trim().parse().ok())
            .map(|seconds: u64| Duration::from_secs(seconds.min(86_400)));
        let told = response.headers().iter();
        let headers = told
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) =
            response.chunk().await.map_err(|e| CallError::Unknown(chain(&e.without_url())))?
        {
            if body.len().saturating_add(chunk.len()) > most {
                return Err(CallError::Unknown(format!("the answer is larger than {} KiB", most / 1024)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, retry_after, headers, body })
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        f.debug_struct("Request")
            .field("name", &self.name)
            .field("method", &self.method)
            .field("url", &self.url)
            .field("headers", &headers)
            .field("body_bytes", &self.body.as_ref().map_or(0, Vec::len))
            .field("timeout", &self.timeout)
            .finish()
    }
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
