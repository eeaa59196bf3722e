//! The marks inside a line of Discord's Markdown: bold, italic, underlined and struck words, spoilers
//! and code. They are read one after the other, as a client reads them; what is not closed is only text.
//! What leads elsewhere or stands for something is `links.rs`.

use super::{
    links::{bare, link, masked, pointed},
    reader::Reader,
};
use maud::{Markup, html};

/// How deep marks inside of marks are followed. What is deeper stays as it was written.
const DEPTH: u8 = 8;

/// A text with its marks followed, and everything in it escaped.
pub(super) fn inline(text: &str, reader: &Reader) -> Markup {
    spans(text, reader, DEPTH)
}

fn spans(text: &str, reader: &Reader, depth: u8) -> Markup {
    let mut parts: Vec<Markup> = Vec::new();
    let mut plain = String::new();
    let (mut rest, mut before) = (text, None);
    while let Some(c) = rest.chars().next() {
        if let Some((part, after)) = span(rest, before, reader, depth) {
            parts.push(html! { (plain) (part) });
            plain.clear();
            (rest, before) = (after, None);
        } else {
            plain.push(c);
            (rest, before) = (rest.get(c.len_utf8()..).unwrap_or_default(), Some(c));
        }
    }
    html! {
        @for part in &parts { (part) }
        (plain)
    }
}

/// What a text begins with, when that is more than a character, and what follows.
fn span<'t>(text: &'t str, before: Option<char>, reader: &Reader, depth: u8) -> Option<(Markup, &'t str)> {
    let deeper = depth.checked_sub(1)?;
    let within = |inside: &str| spans(inside, reader, deeper);
    match text.chars().next()? {
        '\\' => escaped(text),
        '`' => code(text).map(|(inside, after)| (html! { code { (inside) } }, after)),
        '*' => {
            let strong = twice(text, "**").map(|(i, after)| (html! { strong { (within(i)) } }, after));
            strong.or_else(|| once(text, '*').map(|(i, after)| (html! { em { (within(i)) } }, after)))
        }
        '_' => {
            let under = twice(text, "__").map(|(i, after)| (html! { u { (within(i)) } }, after));
            under.or_else(|| once(text, '_').map(|(i, after)| (html! { em { (within(i)) } }, after)))
        }
        '~' => twice(text, "~~").map(|(i, after)| (html! { s { (within(i)) } }, after)),
        '|' => {
            twice(text, "||").map(|(i, after)| (html! { span .spoiler tabindex="0" { (within(i)) } }, after))
        }
        '<' => pointed(text, reader),
        '[' => {
            let (label, url, after) = masked(text)?;
            Some((link(url, &within(label)), after))
        }
        'h' if !before.is_some_and(char::is_alphanumeric) => bare(text),
        _ => None,
    }
}

/// A character behind a backslash means only itself.
fn escaped(text: &str) -> Option<(Markup, &str)> {
    let mut chars = text.strip_prefix('\\')?.chars();
    let c = chars.next().filter(|c| !c.is_ascii_alphanumeric() && !c.is_whitespace())?;
    Some((html! { (c) }, chars.as_str()))
}

/// What stands between two runs of as many backticks, and what follows.
fn code(text: &str) -> Option<(&str, &str)> {
    let body = text.trim_start_matches('`');
    let ticks = text.len() - body.len();
    let mut rest = body;
    loop {
        let run = rest.get(rest.find('`')?..)?;
        let after = run.trim_start_matches('`');
        if run.len() - after.len() == ticks {
            return Some((body.get(..body.len() - run.len())?, after));
        }
        rest = after;
    }
}

/// What stands between two double marks, and what follows. Of three marks in a row the last two close.
fn twice<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let whole = text.strip_prefix(mark)?;
    let one = mark.chars().next()?;
    let mut rest = whole;
    loop {
        let inside = whole.get(..whole.len() - rest.len())?;
        match rest.strip_prefix(mark) {
            Some(after) if !inside.is_empty() && !after.starts_with(one) => return Some((inside, after)),
            _ => rest = beyond(rest)?,
        }
    }
}

/// What stands between two single marks, and what follows. Double ones belong to what is inside.
fn once(text: &str, mark: char) -> Option<(&str, &str)> {
    let whole = text.strip_prefix(mark)?;
    if mark == '*' && whole.starts_with(char::is_whitespace) {
        return None;
    }
    let mut rest = whole;
    loop {
        let Some(after) = rest.strip_prefix(mark) else {
            rest = beyond(rest)?;
            continue;
        };
        if let Some(behind) = after.strip_prefix(mark) {
            rest = behind;
            continue;
        }
        let inside = whole.get(..whole.len() - rest.len())?;
        // A star does not close behind a space, nor a line inside a word.
        let closes = match mark {
            '*' => !inside.ends_with(char::is_whitespace),
            _ => !after.starts_with(char::is_alphanumeric),
        };
        return (closes && inside.chars().any(|c| c != mark)).then_some((inside, after));
    }
}

/// The text behind its first character, behind an escaped one, or behind code: nothing in there closes.
pub(super) fn beyond(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    match chars.next()? {
        '\\' => {
            chars.next();
            Some(chars.as_str())
        }
        '`' => Some(code(text).map_or(chars.as_str(), |(_, after)| after)),
        _ => Some(chars.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vocabulary::Locale;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(inline(text, &Reader::in_test(Locale::English)).into_string(), expected, "{text:?}");
    }

    #[test]
    fn marks_are_followed_also_inside_of_one_another() {
        check("**b** *i* _i_ __u__ ~~s~~", "<strong>b</strong> <em>i</em> <em>i</em> <u>u</u> <s>s</s>");
        check("**a *b* c**", "<strong>a <em>b</em> c</strong>");
        check("*a **b** c*", "<em>a <strong>b</strong> c</em>");
        check("***a***", "<strong><em>a</em></strong>");
        check("__**a**__", "<u><strong>a</strong></u>");
        check("||a||", r#"<span class="spoiler" tabindex="0">a</span>"#);
        check("**Rp 20.000** · **86**", "<strong>Rp 20.000</strong> · <strong>86</strong>");
    }

    #[test]
    fn a_mark_that_is_not_closed_is_only_text() {
        let open =
            "**a|a**|*a|* a *|_a|__a|~~a|~a~|`a|****|**|a_b_c|2 * 3 * 4|[a]|[a](b)|[a](javascript:x)|(a)";
        for text in open.split('|').chain(["||a", "|a|", "https://", "1 < 2 > 1", r"\a", r"\"]) {
            check(text, &text.replace('<', "&lt;").replace('>', "&gt;"));
        }
        check("**a*", "*<em>a</em>");
        check("*a** b*", "<em>a** b</em>");
    }

    #[test]
    fn what_is_escaped_or_code_means_itself() {
        check(r"\*\*a\*\*", "**a**");
        check(r"**a\*\*b**", "<strong>a**b</strong>");
        check(r"\<\@1\> \[a\]\(https\://b\) \# c", "&lt;@1&gt; [a](https://b) # c");
        check(r"\\*a*", r"\<em>a</em>");
        check("`**a** <@1> \\`", r"<code>**a** &lt;@1&gt; \</code>");
        check("``a`b``", "<code>a`b</code>");
        check("**a `**` b**", "<strong>a <code>**</code> b</strong>");
    }

    #[test]
    fn nothing_of_a_text_becomes_html() {
        check("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
        check("`<b>` \"&\"", "<code>&lt;b&gt;</code> &quot;&amp;&quot;");
        check(
            "[<b>](https://a.b/\"x)",
            r#"<a href="https://a.b/&quot;x" rel="noopener noreferrer">&lt;b&gt;</a>"#,
        );
    }
}
