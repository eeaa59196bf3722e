//! The parts that messages and forms are made of, within Discord's limits whatever is put into them
//! (contracts/discord §1.5–1.7).

use super::text::cut;
use serde_json::{Value, json};

/// Options in one select, and so things on one page.
pub(crate) const PER_SELECT: usize = 25;
/// The name that the picture of a QR code is attached under.
pub(crate) const QR_FILE: &str = "qris.png";
/// The number of the attachment.
pub(crate) const FIRST_QR: u8 = 0;

const TEXT: usize = 4_000;
const LABEL: usize = 80;
const OPTION: usize = 100;
const PLACEHOLDER: usize = 150;

/// A message: one container.
#[derive(Clone, Debug, Default)]
pub(crate) struct Card {
    accent: Option<u32>,
    children: Vec<Value>,
}

impl Card {
    pub(crate) fn new(accent: u32) -> Card {
        Card { accent: Some(accent), children: Vec::new() }
    }

    /// A message that only says something.
    pub(crate) fn notice(words: &str) -> Card {
        Card::default().text(words)
    }

    pub(crate) fn text(mut self, content: &str) -> Card {
        if !content.is_empty() {
            self.children.push(json!({"type": 10, "content": cut(content, TEXT)}));
        }
        self
    }

    pub(crate) fn divider(mut self) -> Card {
        self.children.push(json!({"type": 14}));
        self
    }

    /// Up to five buttons.
    pub(crate) fn buttons(mut self, buttons: Vec<Button>) -> Card {
        let buttons: Vec<Value> = buttons.into_iter().take(5).map(|b| b.0).collect();
        if !buttons.is_empty() {
            self.children.push(json!({"type": 1, "components": buttons}));
        }
        self
    }

    /// One choice out of up to 25; nothing when there is none.
    pub(crate) fn select(mut self, custom_id: &str, placeholder: &str, choices: &[Choice]) -> Card {
        let mut options: Vec<Value> = Vec::new();
        for choice in choices {
            let known = options.iter().any(|o| o.get("value").and_then(Value::as_str) == Some(&choice.value));
            if !known && options.len() < PER_SELECT {
                options.push(choice.json());
            }
        }
        if !options.is_empty() {
            let select = json!({"type": 3, "custom_id": custom_id, "options": options,
                "placeholder": cut(placeholder, PLACEHOLDER), "min_values": 1, "max_values": 1});
            self.children.push(json!({"type": 1, "components": [select]}));
        }
        self
    }

    /// The attached picture of a QR code.
    pub(crate) fn qr(mut self, description: &str) -> Card {
        let media = json!({"url": format!("attachment://{QR_FILE}")});
        let item = json!({"media": media, "description": cut(description, 1_024)});
        self.children.push(json!({"type": 12, "items": [item]}));
        self
    }

    pub(crate) fn components(self) -> Value {
        match self.accent {
            Some(accent) => json!([{"type": 17, "accent_color": accent, "components": self.children}]),
            None => json!([{"type": 17, "components": self.children}]),
        }
    }
}

/// How a button looks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Style {
    Primary = 1,
    Secondary = 2,
    Success = 3,
    Danger = 4,
}

/// A button.
pub(crate) struct Button(Value);

pub(crate) fn button(style: Style, label: &str, custom_id: &str) -> Button {
    Button(json!({"type": 2, "style": style as u8, "label": cut(label, LABEL), "custom_id": custom_id}))
}

/// A button that opens a page; none for an address that Discord does not take.
pub(crate) fn link(label: &str, url: &str) -> Option<Button> {
    let fits = (url.starts_with("https://") || url.starts_with("http://")) && url.len() <= 512;
    fits.then(|| Button(json!({"type": 2, "style": 5, "label": cut(label, LABEL), "url": url})))
}

/// What can be chosen in a select.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) description: Option<String>,
}

impl Choice {
    fn json(&self) -> Value {
        let label = cut(&self.label, OPTION);
        match self.description.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => {
                json!({"label": label, "value": self.value, "description": cut(text, OPTION)})
            }
            None => json!({"label": label, "value": self.value}),
        }
    }
}

/// A form.
#[derive(Clone, Debug)]
pub(crate) struct Modal {
    pub(crate) custom_id: String,
    pub(crate) title: String,
    pub(crate) fields: Vec<Field>,
}

/// A line to fill in.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) custom_id: &'static str,
    pub(crate) label: String,
    pub(crate) description: String,
    pub(crate) placeholder: String,
    pub(crate) value: Option<String>,
    pub(crate) required: bool,
}

impl Modal {
    pub(crate) fn json(&self) -> Value {
        let fields: Vec<Value> = self.fields.iter().take(5).map(Field::json).collect();
        json!({"custom_id": self.custom_id, "title": cut(&self.title, 45), "components": fields})
    }
}

impl Field {
    fn json(&self) -> Value {
        let mut input = json!({"type": 4, "custom_id": self.custom_id, "style": 1, "min_length": u8::from(self.required),
            "max_length": 100, "required": self.required, "placeholder": cut(&self.placeholder, 100)});
        if let (Some(value), Some(input)) = (&self.value, input.as_object_mut()) {
            input.insert("value".into(), json!(cut(value, 100)));
        }
        json!({"type": 18, "label": cut(&self.label, 45), "description": cut(&self.description, 100),
            "component": input})
    }
}
