//! The part of the page that changes: the state in words, the QR code, the countdown, the steps, and
//! what was delivered.

use crate::{
    app::App,
    pay::told::{Tone, told},
};
use maud::{Markup, PreEscaped, html};
use orders::{OrderState, OrderView};
use payments::{Payment, PaymentState};
use vocabulary::{Locale, Timestamp};

/// Links that may lead into a wallet app.
const WALLET_SCHEMES: [&str; 5] = ["https://", "http://", "gojek://", "gopay://", "gopayapp://"];

/// The part of the page that changes.
pub(crate) struct Region {
    /// As HTML.
    pub(crate) markup: Markup,
    /// What is said aloud when it changes.
    pub(crate) headline: String,
}

impl Region {
    pub(crate) fn new(app: &App, view: &OrderView, locale: Locale) -> Self {
        let told = told(view);
        let tone = match told.tone {
            Tone::Act => "act",
            Tone::Wait => "wait",
            Tone::Good => "good",
            Tone::Over => "over",
        };
        let order = &view.order;
        let open = view.payment.as_ref().filter(|p| {
            order.state == OrderState::AwaitingPayment && p.state == PaymentState::Open && p.closing.is_none()
        });
        let headline = told.title.for_reader(locale).to_owned();
        let markup = html! {
            section class={ "card state " (tone) } aria-labelledby="state-title" {
                h1 #state-title tabindex="-1" { (headline) }
                p { (told.text.for_reader(locale)) }
                p .amount {
                    span .hidden { (locale.pick("Jumlah: ", "Amount: ")) }
                    (order.amount)
                }
                @if let Some(payment) = open { (code(app, view, payment, locale)) }
                @if order.state == OrderState::AwaitingPayment && open.is_none() {
                    @if tone == "wait" { div .spinner aria-hidden="true" {} }
                }
                @if matches!(order.state, OrderState::Paid | OrderState::Fulfilling) {
                    div .spinner aria-hidden="true" {}
                }
                @if let (OrderState::Delivered, Some(serial)) = (order.state, &order.serial_number) {
                    (serial_number(serial, locale))
                }
                (steps(order.state, locale))
            }
        };
        Region { markup, headline }
    }
}

/// The QR code with all ways to use it, and the time that is left.
fn code(app: &App, view: &OrderView, payment: &Payment, locale: Locale) -> Markup {
    let Some(text) = &payment.opened.qr_string else { return html! {} };
    let now = app.shop.clock.now();
    let picture = vocabulary::qr::svg(text).unwrap_or_default();
    let png = format!("/pay/{}/qr.png", view.order.pay_token);
    let label = format!("{} {}", locale.pick("Kode QR untuk membayar", "QR code to pay"), view.order.amount);
    html! {
        div .qr role="img" aria-label=(label) { (PreEscaped(picture)) }
        p .left {
            (locale.pick("Bayar dalam ", "Pay within "))
            strong { time data-until=(payment.expires_at.millis()) role="timer" { (minutes(now, payment.expires_at)) } }
            span .small { " · " (locale.pick("sampai ", "until ")) (wall_time(payment.expires_at)) " WIB" }
        }
        div .actions {
            @if let Some(link) = simulator_link(app, payment) {
                a .button .main href=(link) { (locale.pick("Bayar di simulator", "Pay in the simulator")) }
            } @else if let Some(link) = wallet_link(payment) {
                a .button .main href=(link) rel="noreferrer" { (locale.pick("Buka aplikasi GoPay", "Open the GoPay app")) }
            }
            button .button .js-only type="button" data-copy="qr-text" { (locale.pick("Salin kode", "Copy code")) }
            a .button href=(png) download={ "loket-" (view.order.number) ".png" } { (locale.pick("Unduh PNG", "Download PNG")) }
        }
        details {
            summary { (locale.pick("Kode sebagai teks", "The code as text")) }
            p #qr-text .mono { (text) }
        }
    }
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

/// `14:59`, never below zero. The script counts on from here.
fn minutes(now: Timestamp, until: Timestamp) -> String {
    let seconds = until.since(now).as_secs();
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

/// `12:05` in WIB.
fn wall_time(at: Timestamp) -> String {
    at.wib().chars().skip(11).take(5).collect()
}

fn wallet_link(payment: &Payment) -> Option<&str> {
    let link = payment.opened.deep_link.as_deref()?;
    WALLET_SCHEMES.iter().any(|scheme| link.starts_with(scheme)).then_some(link)
}

fn simulator_link(app: &App, payment: &Payment) -> Option<String> {
    let base = app.settings.wallet_url.as_ref().filter(|_| app.settings.sandbox)?;
    let id = &payment.opened.transaction_id;
    let plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    plain.then(|| format!("{}/sandbox/wallet/{id}", base.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_counted_in_minutes_and_never_below_zero() {
        let at = Timestamp::from_millis;
        for (now, until, text) in [(0, 900_000, "15:00"), (1, 900_000, "14:59"), (900_001, 900_000, "00:00")]
        {
            assert_eq!(minutes(at(now), at(until)), text);
        }
        assert_eq!(wall_time(Timestamp::parse_wib("2026-11-22 12:05:59").unwrap()), "12:05");
    }
}
