//! The public doors: HTTP to the shop, and to the simulators as the outside world around it.

use anyhow::{Context, Result, anyhow, bail};
use outside::{Answer, Http, Method, Request};
use serde_json::Value;
use std::time::Duration;

/// How long one call may take: an answer that is waited for is among them.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many payloads are asked for at once: an answer may have a mebibyte.
const PAGE: usize = 100;

/// The shop at an address.
pub(super) struct Door {
    http: Http,
    base: String,
}

impl Door {
    pub(super) fn new(base: &str) -> Result<Door> {
        if !base.starts_with("http://") && !base.starts_with("https://") {
            bail!("`{base}` is no address of a shop: name one such as http://127.0.0.1:8080");
        }
        Ok(Door { http: Http::new()?, base: base.to_owned() })
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Says what is missing when this is no shop in sandbox mode with its simulators.
    pub(super) async fn check_is_sandbox(&self) -> Result<()> {
        let seen = self.raw(Method::Get, &format!("{}/sandbox/discord/channels", self.base), None).await;
        match seen {
            Ok(answer) if answer.status == 200 => Ok(()),
            Ok(answer) => bail!(
                "{} has no simulators (it answered {}): the demo needs a shop in sandbox mode that runs them itself",
                self.base,
                answer.status
            ),
            Err(error) => Err(error.context(format!("nobody answers at {}: start `loket` first", self.base))),
        }
    }

    /// Reads JSON from a path of the shop.
    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        let answer = self.raw(Method::Get, &format!("{}{path}", self.base), None).await?;
        read(path, &answer)
    }

    /// Sends JSON to a path of the shop and reads what is answered.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}{path}", self.base);
        let answer = self.raw(Method::Post, &url, Some(("application/json", body.to_string()))).await?;
        read(path, &answer)
    }

    /// A page, as text.
    pub(super) async fn page(&self, url: &str) -> Result<String> {
        let answer = self.raw(Method::Get, url, None).await?;
        if answer.status != 200 {
            bail!("{url} answered {}", answer.status);
        }
        String::from_utf8(answer.body).with_context(|| format!("{url} is no text"))
    }

    /// A file.
    pub(super) async fn file(&self, url: &str) -> Result<Vec<u8>> {
        let answer = self.raw(Method::Get, url, None).await?;
        if answer.status != 200 {
            bail!("{url} answered {}", answer.status);
        }
        Ok(answer.body)
    }

    /// Sends a form, as a browser does.
    pub(super) async fn form(&self, url: &str, fields: &str) -> Result<()> {
        let body = ("application/x-www-form-urlencoded", fields.to_owned());
        let answer = self.raw(Method::Post, url, Some(body)).await?;
        match answer.status {
            200..=399 => Ok(()),
            status => bail!("{url} answered {status} to the form"),
        }
    }

    /// Everything that the shop has sent to Discord so far, with what became of it.
    pub(super) async fn payloads(&self) -> Result<Vec<Value>> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let after = all.last().and_then(|last| last.get("seq")).and_then(Value::as_i64).unwrap_or(0);
            let path = format!("/sandbox/discord/payloads?after={after}&limit={PAGE}");
            let answer = self.get(&path).await?;
            let page = answer.get("payloads").and_then(Value::as_array).cloned().unwrap_or_default();
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    async fn raw(&self, method: Method, url: &str, body: Option<(&'static str, String)>) -> Result<Answer> {
        let headers = body.as_ref().map(|(kind, _)| ("content-type", (*kind).to_owned()));
        let request = Request {
            name: "demo",
            method,
            url: url.to_owned(),
            headers: headers.into_iter().collect(),
            body: body.map(|(_, text)| text.into_bytes()),
            timeout: PATIENCE,
        };
        self.http.call(request).await.map_err(|error| anyhow!("{url}: {error}"))
    }
}

fn read(path: &str, answer: &Answer) -> Result<Value> {
    let text = String::from_utf8_lossy(&answer.body);
    if !(200..300).contains(&answer.status) {
        bail!("{path} answered {}: {text}", answer.status);
    }
    serde_json::from_str(&text).with_context(|| format!("{path} did not answer with JSON: {text}"))
}
