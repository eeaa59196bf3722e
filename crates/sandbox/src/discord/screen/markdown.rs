//! Discord's Markdown as a client shows it, line by line: headings, subtext, quotes, lists and blocks of
//! code. What stands inside a line is `inline.rs`.

use super::{inline::inline, reader::Reader};
use maud::{Markup, html};

/// What opens and closes a block of code.
const FENCE: &str = "```";

/// A text with its marks followed. Everything in it is escaped, and a mark that means nothing stays.
pub(super) fn markdown(text: &str, reader: &Reader) -> Markup {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, code, after)) = fenced(rest) {
        parts.push(lines(before.strip_suffix('\n').unwrap_or(before), reader));
        parts.push(html! { pre { code { (code) } } });
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    parts.push(lines(rest, reader));
    html! {
        @for part in &parts { (part) }
    }
}

/// What stands before the first block of code, in it, and after it.
fn fenced(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0_usize;
    loop {
        let at = from + text.get(from..)?.find(FENCE)?;
        let before = text.get(..at)?;
        if before.ends_with('\\') {
            from = at + 1;
            continue;
        }
        let (code, after) = text.get(at + FENCE.len()..)?.split_once(FENCE)?;
        return (!code.trim().is_empty()).then(|| (before, without_language(code), after));
    }
}

/// The code without the name of its language in the first line.
fn without_language(code: &str) -> &str {
    let names = |line: &str| line.chars().all(|c| c.is_ascii_alphanumeric() || "_+-.#".contains(c));
    let code = match code.split_once('\n') {
        Some((line, rest)) if names(line) && !rest.trim().is_empty() => rest,
        _ => code,
    };
    code.trim_matches('\n')
}

fn lines(text: &str, reader: &Reader) -> Markup {
    let all: Vec<&str> = if text.is_empty() { Vec::new() } else { text.split('\n').collect() };
    let mut parts = Vec::new();
    let mut rest = all.as_slice();
    while let Some((first, others)) = rest.split_first() {
        if let Some((level, words)) = heading(first) {
            parts.push(html! { h4 .{ "size" (level) } { (inline(words, reader)) } });
            rest = others;
        } else if let Some(words) = subtext(first) {
            parts.push(html! { p .subtext { (inline(words, reader)) } });
            rest = others;
        } else if let Some(words) = first.strip_prefix(">>> ") {
            // All that follows is quoted.
            let quoted: Vec<&str> = std::iter::once(words).chain(others.iter().copied()).collect();
            parts.push(quotation(&quoted, reader));
            rest = &[];
        } else if quote(first).is_some() {
            let (quoted, after) = run(rest, quote);
            parts.push(quotation(&quoted, reader));
            rest = after;
        } else if item(first).is_some() {
            let (items, after) = run(rest, item);
            parts.push(bullets(&items, reader));
            rest = after;
        } else {
            let (plain, after) = run(rest, plain);
            parts.push(html! { p { (inline(&plain.join("\n"), reader)) } });
            rest = after;
        }
    }
    html! {
        @for part in &parts { (part) }
    }
}

/// The lines from here on that are of one kind, and those behind them.
fn run<'l, 't, T>(lines: &'l [&'t str], read: impl Fn(&'t str) -> Option<T>) -> (Vec<T>, &'l [&'t str]) {
    let taken: Vec<T> = lines.iter().copied().map_while(read).collect();
    let after = lines.get(taken.len()..).unwrap_or_default();
    (taken, after)
}

fn quotation(lines: &[&str], reader: &Reader) -> Markup {
    html! { blockquote { (inline(&lines.join("\n"), reader)) } }
}

fn bullets(items: &[(bool, &str)], reader: &Reader) -> Markup {
    html! {
        ul {
            @for (deeper, words) in items {
                li class=[deeper.then_some("deeper")] { (inline(words, reader)) }
            }
        }
    }
}

fn heading(line: &str) -> Option<(u8, &str)> {
    let marks = [("# ", 1), ("## ", 2), ("### ", 3)];
    let found = marks.into_iter().find_map(|(mark, level)| Some((level, line.strip_prefix(mark)?)));
    found.filter(|(_, words)| !words.trim().is_empty())
}

fn subtext(line: &str) -> Option<&str> {
    line.strip_prefix("-# ").filter(|words| !words.trim().is_empty())
}

fn quote(line: &str) -> Option<&str> {
    line.strip_prefix("> ")
}

/// An item of a list, and whether it belongs to the one above it.
fn item(line: &str) -> Option<(bool, &str)> {
    let bare = line.trim_start_matches(' ');
    let words = bare.strip_prefix("- ").or_else(|| bare.strip_prefix("* "))?;
    Some((line.len() - bare.len() >= 2, words)).filter(|(_, words)| !words.trim().is_empty())
}

/// A line that is nothing else.
fn plain(line: &str) -> Option<&str> {
    let other = heading(line).is_some()
        || subtext(line).is_some()
        || line.starts_with(">>> ")
        || quote(line).is_some()
        || item(line).is_some();
    (!other).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vocabulary::Locale;

    fn check(text: &str, expected: &str) {
        let reader = Reader::in_test(Locale::English);
        assert_eq!(markdown(text, &reader).into_string(), expected, "{text:?}");
    }

    #[test]
    fn headings_and_subtext_are_lines_of_their_own() {
        check("# a", r#"<h4 class="size1">a</h4>"#);
        check(
            "### ⏳ **Scan** to pay\nb\nc\n-# small",
            r#"<h4 class="size3">⏳ <strong>Scan</strong> to pay</h4><p>b
c</p><p class="subtext">small</p>"#,
        );
        check("#### a", "<p>#### a</p>");
        check("#a", "<p>#a</p>");
        check("# ", "<p># </p>");
        check(r"\# a", "<p># a</p>");
        check("a # b", "<p>a # b</p>");
    }

    #[test]
    fn quotes_and_lists_hold_together() {
        check("> a\n> *b*\nc", "<blockquote>a\n<em>b</em></blockquote><p>c</p>");
        check(">>> a\n# b", "<blockquote>a\n# b</blockquote>");
        check("- a\n- b\n  - c", r#"<ul><li>a</li><li>b</li><li class="deeper">c</li></ul>"#);
        check("* a", "<ul><li>a</li></ul>");
        check("-a", "<p>-a</p>");
        check("- ", "<p>- </p>");
    }

    #[test]
    fn a_block_of_code_means_nothing_but_itself() {
        check("SN\n```\n**1** <b>\n```\nb", "<p>SN</p><pre><code>**1** &lt;b&gt;</code></pre><p>b</p>");
        check("```json\n{}\n```", "<pre><code>{}</code></pre>");
        check("```json```", "<pre><code>json</code></pre>");
        check("a ```b", "<p>a ```b</p>");
        check(r"\```b```", "<p>```b```</p>");
    }

    #[test]
    fn a_text_of_several_lines_keeps_them() {
        check("", "");
        check("a\n\nb", "<p>a\n\nb</p>");
        check("**a\nb**", "<p><strong>a\nb</strong></p>");
    }
}
