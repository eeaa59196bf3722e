//! What a text points at: mentions, times, emoji that were uploaded, and addresses on the web.

use super::{inline::beyond, moment, reader::Reader};
use crate::page::followed;
use maud::{Markup, html};

/// `[label](address)`: label, address, and what follows.
pub(super) fn masked(text: &str) -> Option<(&str, &str, &str)> {
    let whole = text.strip_prefix('[')?;
    let mut rest = whole;
    let after = loop {
        match rest.strip_prefix(']') {
            Some(after) => break after,
            None => rest = beyond(rest)?,
        }
    };
    let label = whole.get(..whole.len() - rest.len()).filter(|label| !label.trim().is_empty())?;
    let (target, after) = after.strip_prefix('(')?.split_once(')')?;
    Some((label, address(target.trim_matches(['<', '>']))?, after))
}

/// `<…>`: a time, a mention, an emoji that was uploaded, or an address.
pub(super) fn pointed<'t>(text: &'t str, reader: &Reader) -> Option<(Markup, &'t str)> {
    let (inside, after) = text.strip_prefix('<')?.split_once('>')?;
    let part = if let Some(time) = inside.strip_prefix("t:") {
        stamp(time, reader)?
    } else if let Some(id) = inside.strip_prefix("@&") {
        mention(&format!("@role-{}", digits(id)?))
    } else if let Some(id) = inside.strip_prefix("@!").or_else(|| inside.strip_prefix('@')) {
        mention(&format!("@{}", reader.person(digits(id)?)))
    } else if let Some(id) = inside.strip_prefix('#') {
        mention(&format!("#{}", reader.channel(digits(id)?)))
    } else if let Some((name, id)) = inside.strip_prefix('/').and_then(|command| command.rsplit_once(':')) {
        digits(id)?;
        mention(&format!("/{name}"))
    } else if let Some(emoji) = inside.strip_prefix("a:").or_else(|| inside.strip_prefix(':')) {
        let (name, id) = emoji.split_once(':')?;
        digits(id)?;
        html! { span .emoji { ":" (name) ":" } }
    } else {
        let url = address(inside)?;
        link(url, &html! { (url) })
    };
    Some((part, after))
}

fn digits(id: &str) -> Option<&str> {
    let well = !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
    well.then_some(id)
}

fn mention(name: &str) -> Markup {
    html! { span .mention { (name) } }
}

fn stamp(time: &str, reader: &Reader) -> Option<Markup> {
    let (seconds, style) = time.split_once(':').unwrap_or((time, "f"));
    let at = moment::at(seconds)?;
    let words = moment::shown(at, style, reader.now, reader.locale)?;
    Some(html! { time .stamp datetime=(at.rfc3339()) title={ (at.wib()) " WIB" } { (words) } })
}

/// An address that stands in a text as it is, without the punctuation behind it.
pub(super) fn bare(text: &str) -> Option<(Markup, &str)> {
    let word = text.split(|c: char| c.is_whitespace() || c == '<').next()?;
    let url = address(word.trim_end_matches(['.', ',', ':', ';', '"', '\'', ')', ']', '!', '?']))?;
    let after = text.get(url.len()..)?;
    Some((link(url, &html! { (url) }), after))
}

/// An address on the web, which has more than a scheme.
fn address(text: &str) -> Option<&str> {
    let url = followed(text).filter(|url| !url.contains(char::is_whitespace))?;
    url.split_once("://").filter(|(_, place)| !place.is_empty()).map(|_| url)
}

/// A link with these words.
pub(super) fn link(url: &str, words: &Markup) -> Markup {
    html! { a href=(url) rel="noopener noreferrer" { (words) } }
}

#[cfg(test)]
mod tests {
    use super::{super::inline::inline, *};
    use vocabulary::Locale;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(inline(text, &Reader::in_test(Locale::English)).into_string(), expected, "{text:?}");
    }

    #[test]
    fn people_channels_commands_and_emoji_are_shown_by_name() {
        let mention = |name: &str| format!(r#"<span class="mention">{name}</span>"#);
        check("<@1>", &mention("@Sari"));
        check("<@!1>", &mention("@Sari"));
        check("<@9>", &mention("@unknown-user"));
        check("<#2>", &mention("#topup"));
        check("<@&3>", &mention("@role-3"));
        check("</topup:4>", &mention("/topup"));
        check("<:ok:5>", r#"<span class="emoji">:ok:</span>"#);
        check("<@x>", "&lt;@x&gt;");
    }

    #[test]
    fn times_are_told_from_the_readers_clock() {
        let time = |title: &str, words: &str| {
            format!(
                r#"<time class="stamp" datetime="2026-11-22T05:15:00.000Z" title="{title}">{words}</time>"#
            )
        };
        check("<t:1795324500:R>", &time("2026-11-22 12:15:00 WIB", "in 15 minutes"));
        check("<t:1795324500>", &time("2026-11-22 12:15:00 WIB", "22 November 2026 12:15"));
        check("<t:1795324500:x>", "&lt;t:1795324500:x&gt;");
        let indonesian = inline("<t:1795323480:R>", &Reader::in_test(Locale::Indonesian)).into_string();
        assert!(indonesian.contains(">2 menit yang lalu<"), "{indonesian}");
    }

    #[test]
    fn addresses_are_links() {
        let link =
            |url: &str, words: &str| format!(r#"<a href="{url}" rel="noopener noreferrer">{words}</a>"#);
        check("[**page**](https://a.b/c)", &link("https://a.b/c", "<strong>page</strong>"));
        check("see https://a.b/c_d_e.", &format!("see {}.", link("https://a.b/c_d_e", "https://a.b/c_d_e")));
        check("<https://a.b>", &link("https://a.b", "https://a.b"));
        check("xhttps://a.b", "xhttps://a.b");
    }
}
