//! The body of a call: a form, urlencoded or multipart. Of a field that is given twice the last counts.

use crate::exchange::Incoming;
use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request},
    http::header,
};
use std::collections::BTreeMap;

/// The fields of a form.
pub(super) struct Form(BTreeMap<String, String>);

/// Reads the form, or says what is wrong with it.
pub(super) async fn read(incoming: &Incoming) -> Result<Form, String> {
    if incoming.unreadable {
        return Err("Permintaan tidak sesuai: isi terlalu besar atau terputus.".into());
    }
    let content_type = incoming.header("content-type").unwrap_or_default().trim().to_ascii_lowercase();
    if content_type.starts_with("application/x-www-form-urlencoded") {
        Ok(Form(form_urlencoded::parse(&incoming.body).into_owned().collect()))
    } else if content_type.starts_with("multipart/form-data") {
        multipart(incoming).await.map_err(|why| format!("Permintaan tidak sesuai: {why}"))
    } else {
        Err("Permintaan tidak sesuai: isi harus berupa form.".into())
    }
}

async fn multipart(incoming: &Incoming) -> Result<Form, String> {
    let mut request = Request::new(Body::from(incoming.body.clone()));
    if let Some(content_type) = incoming.headers.get(header::CONTENT_TYPE) {
        request.headers_mut().insert(header::CONTENT_TYPE, content_type.clone());
    }
    let mut parts = Multipart::from_request(request, &()).await.map_err(|e| e.body_text())?;
    let mut fields = BTreeMap::new();
    while let Some(part) = parts.next_field().await.map_err(|e| e.body_text())? {
        let Some(name) = part.name().map(str::to_owned) else { continue };
        let value = part.bytes().await.map_err(|e| e.body_text())?;
        fields.insert(name, String::from_utf8_lossy(&value).into_owned());
    }
    Ok(Form(fields))
}

impl Form {
    /// A field that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }
}
