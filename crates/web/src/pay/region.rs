//! The part of the page that changes: the state in words, the way to pay, the steps, and what was
//! delivered.

use crate::{
    app::App,
    pay::{
        Seen, choice,
        situation::Situation,
        told::{Tone, credit_less, credited, late, price_moved, told},
        ways::Ways,
    },
};
use maud::{Markup, html};
use orders::OrderState;
use sha2::{Digest, Sha256};
use vocabulary::Locale;

/// The part of the page that changes.
pub(crate) struct Region {
    /// As HTML.
    pub(crate) html: String,
    /// What is said aloud when it changes.
    pub(crate) headline: String,
    /// The same for two regions that differ by nothing but the time that is left.
    pub(crate) key: String,
    /// Whether somebody may be typing in it.
    pub(crate) has_input: bool,
}

impl Region {
    /// `remember` is whether the box for remembering a phone number is ticked.
    pub(crate) fn new(app: &App, seen: &Seen, locale: Locale, remember: bool) -> Self {
        let (view, order) = (&seen.view, &seen.view.order);
        let now = app.shop.clock.now();
        let situation = Situation::of(app, view, now);
        let told = told(view, situation);
        let tone = match told.tone {
            Tone::Act => "act",
            Tone::Wait => "wait",
            Tone::Good => "good",
            Tone::Over => "over",
        };
        let paying = order.state == OrderState::AwaitingPayment;
        let busy = (paying && told.tone == Tone::Wait)
            || matches!(order.state, OrderState::Paid | OrderState::Fulfilling);
        let headline = told.title.for_reader(locale).to_owned();
        let ways = Ways { app, seen, locale, now, remember };
        let markup = html! {
            section class={ "card state " (tone) } aria-labelledby="state-title" {
                h1 #state-title tabindex="-1" { (headline) }
                p { (told.text.for_reader(locale)) }
                @if let Some(credited) = credited(view) {
                    p .credited { (credited.for_reader(locale)) }
                }
                @if let Some(less) = credit_less(view) {
                    p .credited { (less.for_reader(locale)) }
                }
                @if let Some(moved) = price_moved(view) {
                    p .credited { (moved.for_reader(locale)) }
                }
                @if let Some(late) = late(view) {
                    p .credited { (late.for_reader(locale)) }
                }
                p .amount {
                    span .hidden { (locale.pick("Jumlah: ", "Amount: ")) }
                    (order.amount)
                }
                (ways.markup(situation))
                @if busy { div .spinner aria-hidden="true" {} }
                @if let (OrderState::Delivered, Some(serial)) = (order.state, &order.serial_number) {
                    (serial_number(serial, locale))
                }
                @if paying { (choice::markup(app, view, situation, now, locale)) }
                (steps(order.state, locale))
            }
        };
        let html = markup.into_string();
        Region { key: key(&html), html, headline, has_input: situation.asks_for_phone() }
    }
}

/// A hash of all but what stands between the tags of a `time`.
fn key(html: &str) -> String {
    let mut hash = Sha256::new();
    for piece in html.split("<time") {
        let (counted, rest) = piece.split_once("</time>").unwrap_or(("", piece));
        hash.update(counted.split('>').next().unwrap_or_default());
        hash.update([0]);
        hash.update(rest);
    }
    hex::encode(hash.finalize()).chars().take(16).collect()
}

fn serial_number(serial: &str, locale: Locale) -> Markup {
    html! {
        div .serial {
            p .small #serial-label { (locale.pick("Nomor seri (bukti pengiriman)", "Serial number (proof of delivery)")) }
            p #serial .mono aria-labelledby="serial-label" { (serial) }
            button .button .js-only type="button" data-copy="serial" { (locale.pick("Salin nomor seri", "Copy serial number")) }
        }
    }
}

/// The way of an order that goes well; nothing for one that does not.
fn steps(state: OrderState, locale: Locale) -> Markup {
    use OrderState as S;
    let at = match state {
        S::AwaitingVerification | S::InReview => 0,
        S::AwaitingPayment => 1,
        S::Paid | S::Fulfilling | S::NeedsAttention => 2,
        S::Delivered => 4,
        _ => return html! {},
    };
    let names = [
        locale.pick("Pesanan", "Order"),
        locale.pick("Pembayaran", "Payment"),
        locale.pick("Pengiriman", "Delivery"),
        locale.pick("Selesai", "Done"),
    ];
    html! {
        ol .steps aria-label=(locale.pick("Perjalanan pesanan", "Progress of the order")) {
            @for (place, name) in names.into_iter().enumerate() {
                @let kind = if place < at { "done" } else if place == at { "now" } else { "next" };
                li class=(kind) aria-current=[(place == at).then_some("step")] { (name) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn the_time_that_is_left_is_no_change_and_all_else_is() {
        let page = |until: i64, left: &str, text: &str| {
            format!("<p>a <time data-until=\"{until}\">{left}</time> {text}</p>")
        };
        assert_eq!(key(&page(9, "14:59", "x")), key(&page(9, "00:01", "x")));
        assert_ne!(key(&page(9, "14:59", "x")), key(&page(8, "14:59", "x")));
        assert_ne!(key(&page(9, "14:59", "x")), key(&page(9, "14:59", "y")));
        assert_ne!(key("<p>a</p>"), key("<p>b</p>"));
    }
}
