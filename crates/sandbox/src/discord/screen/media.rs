//! The files of a message. Pictures are written into the page, so that it is whole by itself.

use super::{
    super::messages::{self, Stored},
    embed, list, text,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use database::{Error, ReadTx};
use maud::{Markup, html};
use serde_json::Value;

/// What a client shows as a picture.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/// A file that is attached.
struct File {
    name: String,
    url: String,
    size: i64,
    description: Option<String>,
    /// All of it as a `data:` address, for a picture.
    data: Option<String>,
}

/// The files of a message.
pub(super) struct Files(Vec<File>);

impl Files {
    /// The files of a message, with what is in them.
    pub(super) async fn of(tx: &mut ReadTx, message: &Stored) -> Result<Files, Error> {
        let mut files = Vec::new();
        for attachment in list(&message.body, "attachments") {
            let id = text(attachment, "id").unwrap_or_default();
            let content = messages::file(tx, id).await?;
            files.push(File {
                name: text(attachment, "filename").unwrap_or_default().to_owned(),
                url: text(attachment, "url").unwrap_or_default().to_owned(),
                size: attachment.get("size").and_then(Value::as_i64).unwrap_or_default(),
                description: text(attachment, "description").map(str::to_owned),
                data: content.and_then(|(kind, content)| data(&kind, &content)),
            });
        }
        Ok(Files(files))
    }

    fn find(&self, url: &str) -> Option<&File> {
        match url.strip_prefix("attachment://") {
            Some(name) => self.0.iter().find(|file| file.name == name),
            None => self.0.iter().find(|file| file.url == url),
        }
    }

    /// The picture at an address. One from elsewhere is named and not loaded.
    pub(super) fn picture(&self, url: &str, description: Option<&str>) -> Markup {
        let file = self.find(url);
        let description = description.or_else(|| file?.description.as_deref());
        match file.and_then(|file| file.data.as_deref().zip(Some(&file.name))) {
            Some((data, name)) => html! { img src=(data) alt=(description.unwrap_or(name)); },
            None => html! {
                span .unknown {
                    @if let Some(description) = description { (description) " · " }
                    span lang="en" { "picture at " } (url)
                }
            },
        }
    }

    /// The files that stand below a text: all but those that an embed shows.
    pub(super) fn beside(&self, embeds: &[Value]) -> Markup {
        let shown: Vec<&str> = embeds.iter().flat_map(embed::addresses).collect();
        let in_embed =
            |file: &File| shown.iter().any(|url| self.find(url).is_some_and(|found| found.url == file.url));
        html! {
            @for file in self.0.iter().filter(|file| !in_embed(file)) {
                @if file.data.is_some() {
                    div .attached { (self.picture(&file.url, None)) }
                } @else {
                    (card(&file.name, file.size))
                }
            }
        }
    }
}

/// A file that is no picture.
pub(super) fn card(name: &str, bytes: i64) -> Markup {
    let size = if bytes < 1_024 {
        format!("{bytes} B")
    } else {
        format!("{} KB", bytes.saturating_add(512) / 1_024)
    };
    html! { div .file { span aria-hidden="true" { "📄 " } (name) " " small { (size) } } }
}

fn data(kind: &str, content: &[u8]) -> Option<String> {
    let picture = PICTURES.contains(&kind);
    picture.then(|| format!("data:{kind};base64,{}", STANDARD.encode(content)))
}
