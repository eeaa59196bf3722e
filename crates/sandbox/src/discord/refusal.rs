//! What Discord says when it does not do what it was asked: an HTTP status, a JSON error code, and for
//! a form with mistakes (50035) a tree that names each of them by its path.

use crate::exchange::Reply;
use serde_json::{Map, Value, json};

/// A refusal, or books that cannot be used.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Discord's own no.
    Api(Box<ApiError>),
    /// The simulator is broken.
    Books(database::Error),
}

/// Discord's own no.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) http: u16,
    pub(crate) code: i64,
    pub(crate) message: String,
    /// The tree of a 50035.
    pub(crate) errors: Option<Value>,
    /// Seconds, when it says when to come back.
    pub(crate) retry_after: Option<f64>,
}

/// A refusal that needs no more words: HTTP status, code, message (contracts/discord §1.8).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known(pub(crate) u16, pub(crate) i64, pub(crate) &'static str);

pub(crate) const UNAUTHORIZED: Known = Known(401, 0, "401: Unauthorized");
pub(crate) const NOT_FOUND: Known = Known(404, 0, "404: Not Found");
pub(crate) const METHOD: Known = Known(405, 0, "405: Method Not Allowed");
pub(crate) const BAD_AGENT: Known = Known(403, 40333, "internal network error");
pub(crate) const BAD_JSON: Known = Known(400, 50109, "The request body contains invalid JSON.");
pub(crate) const TOO_LARGE: Known = Known(413, 40005, "Request entity too large");
pub(crate) const NOT_YOUR_APP: Known =
    Known(403, 20012, "You are not authorized to perform this action on this application");
pub(crate) const UNKNOWN_CHANNEL: Known = Known(404, 10003, "Unknown Channel");
pub(crate) const UNKNOWN_GUILD: Known = Known(404, 10004, "Unknown Guild");
pub(crate) const UNKNOWN_MESSAGE: Known = Known(404, 10008, "Unknown Message");
pub(crate) const UNKNOWN_USER: Known = Known(404, 10013, "Unknown User");
pub(crate) const UNKNOWN_WEBHOOK: Known = Known(404, 10015, "Unknown Webhook");
pub(crate) const UNKNOWN_INTERACTION: Known = Known(404, 10062, "Unknown interaction");
pub(crate) const TOO_MANY_COMMANDS: Known =
    Known(400, 30032, "Maximum number of application commands reached");
pub(crate) const DAILY_COMMANDS: Known =
    Known(429, 30034, "Max number of daily application command creates has been reached (200)");
pub(crate) const DMS_TOO_FAST: Known = Known(400, 40003, "You are opening direct messages too fast");
pub(crate) const ALREADY_ACKNOWLEDGED: Known =
    Known(400, 40060, "Interaction has already been acknowledged.");
pub(crate) const TOO_MANY_FOLLOW_UPS: Known =
    Known(400, 40094, "This interaction has reached the maximum number of follow up messages");
pub(crate) const MISSING_ACCESS: Known = Known(403, 50001, "Missing Access");
pub(crate) const NOT_THE_AUTHOR: Known = Known(403, 50005, "Cannot edit a message authored by another user");
pub(crate) const EMPTY_MESSAGE: Known = Known(400, 50006, "Cannot send an empty message");
pub(crate) const CLOSED_DMS: Known = Known(403, 50007, "Cannot send messages to this user");
pub(crate) const MISSING_PERMISSIONS: Known = Known(403, 50013, "Missing Permissions");
pub(crate) const WRONG_CHANNEL: Known = Known(400, 50024, "Cannot execute action on this channel type");
pub(crate) const EXPIRED_TOKEN: Known = Known(401, 50027, "Invalid Webhook Token");
pub(crate) const THREAD_ARCHIVED: Known = Known(400, 50083, "Thread is archived");
pub(crate) const NO_MUTUAL_GUILD: Known =
    Known(403, 50278, "Cannot send messages to this user due to having no mutual guilds");

impl From<Known> for Refusal {
    fn from(known: Known) -> Self {
        let Known(http, code, message) = known;
        Refusal::Api(Box::new(ApiError {
            http,
            code,
            message: message.into(),
            errors: None,
            retry_after: None,
        }))
    }
}

impl From<database::Error> for Refusal {
    fn from(error: database::Error) -> Self {
        Refusal::Books(error)
    }
}

impl ApiError {
    /// The body of the answer.
    pub(crate) fn body(&self) -> Value {
        let mut body = json!({"message": self.message, "code": self.code});
        if let Some(fields) = body.as_object_mut() {
            if let Some(errors) = &self.errors {
                fields.insert("errors".into(), errors.clone());
            }
            if let Some(seconds) = self.retry_after {
                fields.insert("retry_after".into(), json!(seconds));
                fields.insert("global".into(), json!(false));
            }
        }
        body
    }

    /// The answer.
    pub(crate) fn reply(&self) -> Reply {
        Reply::json(self.http, &self.body()).plain_http()
    }
}

/// Where in a form a mistake is: `components`, `0`, `custom_id`.
#[derive(Clone, Debug, Default)]
pub(crate) struct At(Vec<String>);

impl At {
    /// A field below this one.
    pub(crate) fn to(&self, name: impl Into<String>) -> At {
        let mut path = self.0.clone();
        path.push(name.into());
        At(path)
    }

    /// An element of this list.
    pub(crate) fn nth(&self, index: usize) -> At {
        self.to(index.to_string())
    }
}

/// The mistakes of a form.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Vec<(At, &'static str, String)>);

impl Mistakes {
    /// Notes one.
    pub(crate) fn add(&mut self, at: &At, code: &'static str, message: impl Into<String>) {
        self.0.push((at.clone(), code, message.into()));
    }

    /// Nothing, or the 50035 that names them all.
    pub(crate) fn check(self) -> Result<(), Refusal> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut tree = Value::Object(Map::new());
        for (At(path), code, message) in &self.0 {
            let mut here = &mut tree;
            for step in path {
                here = child(here, step);
            }
            let leaf = child(here, "_errors");
            if !leaf.is_array() {
                *leaf = json!([]);
            }
            if let Some(list) = leaf.as_array_mut() {
                list.push(json!({"code": code, "message": message}));
            }
        }
        Err(Refusal::Api(Box::new(ApiError {
            http: 400,
            code: 50035,
            message: "Invalid Form Body".into(),
            errors: Some(tree),
            retry_after: None,
        })))
    }
}

/// The value under this name, made an empty object when there is none.
fn child<'t>(tree: &'t mut Value, name: &str) -> &'t mut Value {
    if !tree.is_object() {
        *tree = json!({});
    }
    match tree {
        Value::Object(fields) => fields.entry(name).or_insert_with(|| json!({})),
        other => other,
    }
}

/// A form with a single mistake.
pub(crate) fn mistake(at: &At, code: &'static str, message: impl Into<String>) -> Refusal {
    let mut mistakes = Mistakes::default();
    mistakes.add(at, code, message);
    match mistakes.check() {
        Err(refusal) => refusal,
        Ok(()) => BAD_JSON.into(),
    }
}
