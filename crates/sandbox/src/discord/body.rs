//! The body of a request: JSON, or multipart with `payload_json` and `files[n]` (contracts/discord §1.5).

use super::refusal::{At, BAD_JSON, Refusal, TOO_LARGE, mistake};
use crate::exchange::Incoming;
use serde_json::{Value, json};

/// Each file of a message.
pub(crate) const FILE_LIMIT: usize = 10 * 1024 * 1024;
/// A whole request.
pub(crate) const REQUEST_LIMIT: usize = 25 * 1024 * 1024;

/// A request's JSON and the files beside it.
#[derive(Debug)]
pub(crate) struct Payload {
    pub(crate) json: Value,
    pub(crate) files: Vec<Upload>,
}

/// One file.
#[derive(Debug)]
pub(crate) struct Upload {
    /// The n of `files[n]`.
    pub(crate) number: u64,
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) content: Vec<u8>,
}

impl Payload {
    /// JSON without files.
    pub(crate) fn of(json: Value) -> Payload {
        Payload { json, files: Vec::new() }
    }

    /// The message inside an interaction response, with the same files.
    pub(crate) fn data(self) -> Payload {
        let json = self.json.get("data").cloned().unwrap_or(Value::Null);
        Payload { json, files: self.files }
    }
}

/// Reads the body. An absent one is an empty object.
pub(crate) async fn read(incoming: &Incoming) -> Result<Payload, Refusal> {
    if incoming.unreadable {
        return Err(TOO_LARGE.into());
    }
    let content_type = incoming.header("content-type").unwrap_or_default();
    if content_type.starts_with("multipart/form-data") {
        return multipart(content_type, &incoming.body).await;
    }
    if incoming.body.is_empty() {
        return Ok(Payload::of(json!({})));
    }
    if !content_type.starts_with("application/json") {
        let message =
            "Expected \"Content-Type\" header to be one of {'application/json', 'multipart/form-data'}.";
        return Err(mistake(&At::default(), "CONTENT_TYPE_INVALID", message));
    }
    serde_json::from_slice(&incoming.body).map(Payload::of).map_err(|_| BAD_JSON.into())
}

async fn multipart(content_type: &str, body: &[u8]) -> Result<Payload, Refusal> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| Refusal::from(BAD_JSON))?;
    let bytes = axum::body::Bytes::copy_from_slice(body);
    let whole = futures_util::stream::once(async move { Ok::<_, std::io::Error>(bytes) });
    let mut parts = multer::Multipart::new(whole, boundary);
    let (mut json, mut files) = (None, Vec::<Upload>::new());
    while let Some(part) = parts.next_field().await.map_err(|_| Refusal::from(BAD_JSON))? {
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(bare_name);
        let content_type = part.content_type().map(ToString::to_string);
        let content = part.bytes().await.map_err(|_| Refusal::from(BAD_JSON))?;
        if name == "payload_json" {
            json = Some(serde_json::from_slice(&content).map_err(|_| Refusal::from(BAD_JSON))?);
            continue;
        }
        let number = name.strip_prefix("files[").and_then(|rest| rest.strip_suffix(']')?.parse().ok());
        let Some(number) = number else {
            let message = format!("The part \"{name}\" is neither payload_json nor files[n]");
            return Err(mistake(&At::default().to(name), "MULTIPART_UNKNOWN_PART", message));
        };
        let Some(file_name) = file_name.filter(|name| !name.is_empty()) else {
            return Err(mistake(&At::default().to(name), "BASE_TYPE_REQUIRED", "A file needs a filename"));
        };
        if content.len() > FILE_LIMIT {
            return Err(TOO_LARGE.into());
        }
        if files.iter().any(|file| file.number == number) {
            return Err(mistake(
                &At::default().to(name),
                "MULTIPART_DUPLICATED",
                "There is such a part already",
            ));
        }
        let content_type = content_type.unwrap_or_else(|| guess(&file_name).to_owned());
        files.push(Upload { number, name: file_name, content_type, content: content.to_vec() });
    }
    Ok(Payload { json: json.unwrap_or_else(|| json!({})), files })
}

/// A name without a path.
fn bare_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    name.chars().map(|c| if c.is_whitespace() || c.is_control() { '_' } else { c }).collect()
}

/// What a file is by its name, when its part does not say.
fn guess(name: &str) -> &'static str {
    match name.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("gif") => "image/gif",
        Some("txt") => "text/plain; charset=utf-8",
        Some("csv") => "text/csv; charset=utf-8",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}
