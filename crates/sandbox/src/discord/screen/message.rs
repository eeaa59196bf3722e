//! One message: who wrote it and when, what it says, and for whose eyes it is.

use super::{
    super::{
        check::message::{IS_COMPONENTS_V2, SUPPRESS_EMBEDS, flags},
        form::Form,
    },
    Shown,
    component::component,
    embed, list,
    markdown::markdown,
    moment,
    reader::{BOT, Reader},
    text,
};
use maud::{Markup, html};
use serde_json::Value;

/// A message with everything around it.
pub(super) fn message(shown: &Shown, reader: &Reader) -> Markup {
    let message = &shown.seen.message;
    let at = message.created_at;
    html! {
        article .message .private[message.ephemeral_to.is_some()] {
            span .face aria-hidden="true" { (BOT.chars().take(1).collect::<String>()) }
            div .said {
                h3 .author {
                    (BOT) " " span .app { "APP" } " "
                    time datetime=(at.rfc3339()) { (moment::short(at)) }
                }
                @if message.loading() {
                    p .thinking lang="en" { (BOT) " is thinking…" }
                } @else {
                    (content(shown, reader))
                }
                @if let Some(only) = &message.ephemeral_to {
                    p .only lang="en" { (for_whom(only, reader)) }
                }
            }
        }
    }
}

/// The words of Discord's English client.
fn for_whom(only: &str, reader: &Reader) -> String {
    if reader.user.as_deref() == Some(only) {
        "👁 Only you can see this • Dismiss message".to_owned()
    } else {
        format!("👁 Only @{} can see this", reader.person(only))
    }
}

/// Text, files, embeds and components, in the order in which a client shows them.
fn content(shown: &Shown, reader: &Reader) -> Markup {
    let (body, files) = (&shown.seen.message.body, &shown.files);
    let flags = flags(Form(body));
    let embeds: &[Value] = if flags & SUPPRESS_EMBEDS == 0 { list(body, "embeds") } else { &[] };
    html! {
        @if let Some(words) = text(body, "content") {
            div .text { (markdown(words, reader)) }
        }
        // Components V2 show no file but those that a component names.
        @if flags & IS_COMPONENTS_V2 == 0 {
            (files.beside(embeds))
        }
        @for one in embeds {
            (embed::embed(one, files, reader))
        }
        @for one in list(body, "components") {
            (component(one, files, reader))
        }
    }
}
