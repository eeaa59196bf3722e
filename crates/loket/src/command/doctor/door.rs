//! The shop's own door, knocked at from outside, as buyers, gateways, suppliers and Discord come in. Only
//! questions are asked, and one forged signature is shown: nothing is stored for it.

use super::Check;
use outside::{Answer, CallError, Http, Method, Request};
use serde_json::Value;
use std::time::Duration;
use vocabulary::Clock;

const REACHED: &str = "reachable";
const WEBHOOKS: &str = "webhooks";
const INTERACTIONS: &str = "interactions";
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(8);

/// Where Discord sends interactions, below the public URL.
pub(super) const INTERACTIONS_PATH: &str = "/discord/interactions";

/// The shop, as one comes to it from outside.
pub(super) struct Door<'a> {
    /// The public URL.
    pub(super) url: &'a str,
    /// Where the shop listens, for the fix.
    pub(super) listen: &'a str,
    pub(super) http: &'a Http,
}

impl Door<'_> {
    async fn get(&self, name: &'static str, path: &str) -> Result<Answer, CallError> {
        let url = format!("{}{path}", self.url);
        let (method, headers) = (Method::Get, Vec::new());
        self.http.call(Request { name, method, url, headers, body: None, timeout: PATIENCE }).await
    }

    /// Whether the shop answers.
    pub(super) async fn reached(&self) -> Check {
        let Door { url, listen, .. } = self;
        match self.get("doctor.healthz", "/healthz").await {
            Ok(answer) if is_alive(&answer) => Check::fine(REACHED, format!("the shop answers at {url}")),
            Ok(answer) => {
                let found = format!("{url}/healthz answers {}, and not as the shop does", answer.status);
                Check::wrong(REACHED, found, self.fix_of(&answer))
            }
            Err(error) => Check::wrong(
                REACHED,
                format!("{url}/healthz: {error}"),
                format!(
                    "start `loket serve`, and let DNS, firewall and reverse proxy lead to {listen}, with a valid certificate; if {url} answers from elsewhere, let this machine reach itself by that name, too"
                ),
            ),
        }
    }

    fn fix_of(&self, answer: &Answer) -> String {
        let listen = self.listen;
        match answer.status {
            300..=399 => format!(
                "set LOKET_SERVER__PUBLIC_URL to where this sends on ({}): gateways and Discord do not follow",
                answer.header("location").unwrap_or("it does not say where")
            ),
            401 | 403 => format!(
                "let the reverse proxy forward to {listen} without asking for a password: gateways and Discord have none"
            ),
            502..=504 => format!("start `loket serve`, and let the reverse proxy forward to {listen}"),
            _ => format!("let the reverse proxy forward everything below this name to {listen}, unchanged"),
        }
    }

    /// A question is not what the doors for webhooks are for, and the shop itself says so: nothing is stored.
    pub(super) async fn webhooks(&self, paths: &[&str]) -> Check {
        let mut lost = Vec::new();
        for path in paths {
            match self.get("doctor.webhook", path).await {
                Ok(answer) if answer.status == 405 && is_a_problem(&answer) => {}
                Ok(answer) => lost.push(format!("{path} answers {}", answer.status)),
                Err(error) => lost.push(format!("{path}: {error}")),
            }
        }
        if lost.is_empty() {
            return Check::fine(WEBHOOKS, format!("{} lead to the shop", paths.join(", ")));
        }
        Check::wrong(
            WEBHOOKS,
            lost.join("; "),
            format!(
                "let the reverse proxy forward these paths to {}, headers and body unchanged",
                self.listen
            ),
        )
    }

    /// Discord shows forged signatures, and takes no address that does not refuse them
    /// (contracts/discord §1.3).
    pub(super) async fn interactions(&self) -> Check {
        let url = format!("{}{INTERACTIONS_PATH}", self.url);
        let now = Clock::system().real_now().millis().div_euclid(1_000);
        let request = Request {
            name: "doctor.interactions",
            method: Method::Post,
            url: url.clone(),
            headers: vec![
                ("Content-Type", "application/json".to_owned()),
                ("X-Signature-Ed25519", "0".repeat(128)),
                ("X-Signature-Timestamp", now.to_string()),
            ],
            body: Some(br#"{"type":1}"#.to_vec()),
            timeout: PATIENCE,
        };
        match self.http.call(request).await {
            Ok(answer) if answer.status == 401 && is_a_problem(&answer) => {
                Check::fine(INTERACTIONS, format!("{url} refuses a forged signature"))
            }
            Ok(answer) if answer.status == 404 && is_a_problem(&answer) => Check::wrong(
                INTERACTIONS,
                format!("the shop at {url} was started without Discord"),
                "start `loket serve` again, with LOKET_DISCORD__PUBLIC_KEY, __APPLICATION_ID and __BOT_TOKEN set",
            ),
            Ok(answer) => Check::wrong(
                INTERACTIONS,
                format!(
                    "{url} answers {} to a forged signature; Discord wants the shop's 401",
                    answer.status
                ),
                format!(
                    "let the reverse proxy forward {INTERACTIONS_PATH} to {}, headers and body unchanged",
                    self.listen
                ),
            ),
            Err(error) => Check::wrong(
                INTERACTIONS,
                format!("{url}: {error}"),
                format!("let the reverse proxy forward {INTERACTIONS_PATH} to {}", self.listen),
            ),
        }
    }
}

/// Whether this is the shop's own sign of life, and not some page with the status 200.
fn is_alive(answer: &Answer) -> bool {
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    answer.status == 200 && body.is_some_and(|body| body.get("status").and_then(Value::as_str) == Some("ok"))
}

/// Whether it was the shop that said no: its form for that is its own.
fn is_a_problem(answer: &Answer) -> bool {
    answer.header("content-type").is_some_and(|kind| kind.starts_with("application/problem+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_says_200_is_not_the_shop() {
        let answer = |status, body: &str| Answer {
            status,
            retry_after: None,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        assert!(is_alive(&answer(200, r#"{"status":"ok"}"#)));
        for (status, body) in [(200, "<html>welcome</html>"), (200, "{}"), (503, r#"{"status":"ok"}"#)] {
            assert!(!is_alive(&answer(status, body)), "{status} {body}");
        }
    }
}
