//! A message of Discord in a terminal: what stands in the payload, as boxes, buttons and menus.

use serde_json::Value;

/// Columns of a text.
pub(super) const WIDTH: usize = 78;
/// Options of a menu that are told.
const OPTIONS: usize = 8;

/// The lines of a message.
pub(super) fn message(message: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(content) = text(message, "content").filter(|content| !content.is_empty()) {
        lines.extend(paragraphs(content));
    }
    for embed in list(message, "embeds") {
        lines.extend(embed_lines(embed));
    }
    for part in list(message, "components") {
        component(part, &mut lines);
    }
    boxed(lines)
}

/// The lines of a form.
pub(super) fn modal(modal: &Value) -> Vec<String> {
    let mut lines = vec![text(modal, "title").unwrap_or_default().to_owned()];
    for label in list(modal, "components") {
        let input = label.get("component").unwrap_or(&Value::Null);
        let inside = text(input, "value").or_else(|| text(input, "placeholder")).unwrap_or_default();
        lines.push(format!("{}: [{inside}]", text(label, "label").unwrap_or_default()));
        lines.extend(text(label, "description").map(|words| format!("  {words}")));
    }
    boxed(lines)
}

/// Text in lines of at most `width` characters.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = line.chars().count().saturating_add(word.chars().count()).saturating_add(1);
        if !line.is_empty() && longer > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

fn component(part: &Value, lines: &mut Vec<String>) {
    match part.get("type").and_then(Value::as_i64) {
        Some(10) => lines.extend(paragraphs(text(part, "content").unwrap_or_default())),
        Some(12) => {
            for item in list(part, "items") {
                lines.push(format!("🖼  {}", text(item, "description").unwrap_or("picture")));
            }
        }
        Some(14) => lines.push("──────".to_owned()),
        Some(1) => {
            let buttons = list(part, "components").iter().filter(|c| c.get("type") == Some(&2.into()));
            let labels: Vec<String> = buttons.map(button).collect();
            if !labels.is_empty() {
                lines.push(labels.join("  "));
            }
            list(part, "components").iter().filter(|c| c.get("options").is_some()).for_each(|menu| {
                lines.extend(menu_lines(menu));
            });
        }
        _ => {
            list(part, "components").iter().for_each(|inner| component(inner, lines));
        }
    }
}

fn button(button: &Value) -> String {
    let label = text(button, "label").unwrap_or_default();
    match text(button, "url") {
        Some(_) => format!("[ {label} ↗ ]"),
        None => format!("[ {label} ]"),
    }
}

fn menu_lines(menu: &Value) -> Vec<String> {
    let options = list(menu, "options");
    let mut labels: Vec<&str> = options.iter().take(OPTIONS).filter_map(|o| text(o, "label")).collect();
    if options.len() > OPTIONS {
        labels.push("…");
    }
    let placeholder = text(menu, "placeholder").unwrap_or_default();
    wrapped(&format!("▾ {placeholder}: {}", labels.join(" | ")), WIDTH)
}

fn embed_lines(embed: &Value) -> Vec<String> {
    let mut lines: Vec<String> = text(embed, "title").map(plain).into_iter().collect();
    lines.extend(paragraphs(text(embed, "description").unwrap_or_default()));
    for field in list(embed, "fields") {
        let value = paragraphs(text(field, "value").unwrap_or_default()).join(" ");
        lines.push(format!("{}: {value}", text(field, "name").unwrap_or_default()));
    }
    lines
}

fn paragraphs(content: &str) -> Vec<String> {
    content
        .lines()
        .filter(|line| line.trim() != "```")
        .flat_map(|line| wrapped(&plain(line), WIDTH))
        .collect()
}

/// Without the marks that Discord formats by.
fn plain(marked: &str) -> String {
    let line = marked.trim_start_matches("-# ").trim_start_matches('#').trim_start();
    let mut shown = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => shown.extend(rest.next()),
            '*' | '`' => {}
            '<' => {
                let inside: String = rest.by_ref().take_while(|c| *c != '>').collect();
                shown.push_str(if inside.starts_with("t:") { "(counting down)" } else { "@…" });
            }
            other => shown.push(other),
        }
    }
    shown
}

fn boxed(lines: Vec<String>) -> Vec<String> {
    let rule = "─".repeat(40);
    let inside = lines.into_iter().filter(|line| !line.trim().is_empty()).map(|line| format!("│ {line}"));
    [format!("╭{rule}")].into_iter().chain(inside).chain([format!("╰{rule}")]).collect()
}

fn list<'v>(holder: &'v Value, name: &str) -> &'v [Value] {
    holder.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'v>(holder: &'v Value, name: &str) -> Option<&'v str> {
    holder.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_card_is_told_with_its_text_picture_menu_and_buttons() {
        let card = json!({"components": [{"type": 17, "components": [
            {"type": 10, "content": "### 💳 Pilih cara bayar\n**Total Rp 20.000** \\*\n-# sampai <t:1:R>"},
            {"type": 12, "items": [{"description": "Kode QR"}]},
            {"type": 1, "components": [{"type": 3, "placeholder": "Cara", "options": [
                {"label": "a"}, {"label": "b"}, {"label": "c"}]}]},
            {"type": 1, "components": [
                {"type": 2, "label": "Batal"}, {"type": 2, "label": "Halaman bayar", "url": "https://x"}]},
        ]}]});
        let lines = message(&card);
        let inside: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("│ ")).collect();
        assert_eq!(
            inside,
            [
                "💳 Pilih cara bayar",
                "Total Rp 20.000 *",
                "sampai (counting down)",
                "🖼  Kode QR",
                "▾ Cara: a | b | c",
                "[ Batal ]  [ Halaman bayar ↗ ]",
            ]
        );
    }

    #[test]
    fn a_receipt_and_a_form_are_told_field_by_field() {
        let receipt = json!({"content": "", "embeds": [{"title": "✅ Terkirim", "description": "Selesai.",
            "fields": [{"name": "Nomor seri", "value": "`SN1`"}]}]});
        assert!(message(&receipt).contains(&"│ Nomor seri: SN1".to_owned()));
        let form = json!({"title": "86 Diamond", "components": [{"type": 18, "label": "User ID",
            "description": "Dari profil", "component": {"placeholder": "123"}}]});
        assert!(modal(&form).contains(&"│ User ID: [123]".to_owned()));
    }

    #[test]
    fn long_text_is_broken_between_words() {
        assert_eq!(wrapped("aa bb cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrapped("", 5), [""]);
    }
}
