//! What the demo prints: headings, what somebody does, and the messages that are seen.

use super::{journey::Purchase, picture};
use crate::output;
use serde_json::Value;

/// Where the demo is told: on standard output, or not at all when a program reads it.
pub(super) struct Stage {
    json: bool,
}

impl Stage {
    pub(super) fn new(json: bool) -> Stage {
        Stage { json }
    }

    fn say(&self, text: &str) {
        if !self.json {
            output::print(text);
        }
    }

    /// A heading.
    pub(super) fn title(&self, text: &str) {
        self.say(&format!("\n━━━ {text} ━━━"));
    }

    /// What somebody should know.
    pub(super) fn note(&self, text: &str) {
        for line in picture::wrapped(text, picture::WIDTH) {
            self.say(&line);
        }
    }

    /// What followed from what was done.
    pub(super) fn then(&self, text: &str) {
        self.say(&format!("  {text}"));
    }

    /// What a member does.
    pub(super) fn act(&self, who: &str, what: &str) {
        self.say(&format!("\n▶ {who} {what}"));
    }

    /// A message, as a member's client shows it.
    pub(super) fn show(&self, caption: &str, message: &Value) {
        self.say(&format!("  {caption}"));
        for line in picture::message(message) {
            self.say(&format!("  {line}"));
        }
    }

    /// A form.
    pub(super) fn form(&self, caption: &str, modal: &Value) {
        self.say(&format!("  {caption}"));
        for line in picture::modal(modal) {
            self.say(&format!("  {line}"));
        }
    }

    /// All purchases at a glance.
    pub(super) fn table(&self, purchases: &[Purchase]) {
        let row = |purchase: &Purchase| {
            let (state, serial) = match &purchase.outcome {
                Ok(delivered) => ("delivered".to_owned(), delivered.serial_number.clone()),
                Err(error) => ("FAILED".to_owned(), format!("{error:#}")),
            };
            vec![
                purchase.member.to_owned(),
                purchase.method.to_owned(),
                purchase.number.clone().unwrap_or_default(),
                state,
                serial,
                format!("{:.1} s", purchase.took.as_secs_f64()),
            ]
        };
        let headings = ["member", "paid by", "order", "state", "serial number", "took"];
        self.say(&output::table(&headings, &[5], purchases.iter().map(row).collect()));
    }

    /// What a program reads.
    pub(super) fn json(&self, summary: &Value) {
        if self.json {
            output::print_json(summary);
        }
    }
}
