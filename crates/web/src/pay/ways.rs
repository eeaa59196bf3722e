//! How to pay, as markup: the QR code, the number to pay to, the button into an app or to a page, the form
//! for a phone number, and the push that waits for approval.

use crate::{
    app::App,
    pay::{
        Seen, codes,
        paying::wallet,
        situation::{Ended, Needs, Situation, link_first},
    },
};
use maud::{Markup, PreEscaped, html};
use payments::Payment;
use vocabulary::{Locale, Timestamp};

/// The gateway whose simulator has a page for its payments.
const HAS_WALLET_PAGE: &str = "midtrans";

/// All that the markup is made of.
#[derive(Clone, Copy)]
pub(crate) struct Ways<'a> {
    pub(crate) app: &'a App,
    pub(crate) seen: &'a Seen,
    pub(crate) locale: Locale,
    pub(crate) now: Timestamp,
    /// Whether the box for remembering the number is ticked.
    pub(crate) remember: bool,
}

impl Ways<'_> {
    /// What there is to do in this situation.
    pub(crate) fn markup(self, situation: Situation<'_>) -> Markup {
        let locale = self.locale;
        match situation {
            Situation::Ready(payment, needs) => self.ready(payment, needs),
            Situation::PhoneWanted { unknown } => html! {
                @if let Some(mask) = unknown.filter(|mask| !mask.is_empty()) {
                    p { (locale.pick("Nomor yang dicoba: ", "The number that was tried: ")) strong .mask { (mask) } }
                }
                (self.remembered(unknown))
                (self.phone_form())
            },
            Situation::Pushed(payment, until) => self.pushed(payment, until),
            Situation::Ended(payment, how) if payment.method.needs_phone() => html! {
                @if how != Ended::Unusable { (self.again(payment)) }
                details #other-number {
                    summary { (locale.pick("Pakai nomor lain", "Use another number")) }
                    (self.phone_form())
                }
            },
            _ => html! {},
        }
    }

    fn ready(self, payment: &Payment, needs: Needs<'_>) -> Markup {
        let locale = self.locale;
        let link = needs.app.is_some() || needs.page.is_some();
        let code_first = !(link_first(payment.method) && link);
        let number = payment.method.pay_point().zip(needs.code);
        html! {
            @if let Some((point, code)) = number { (codes::number(point, code, locale)) }
            @if let Some(text) = needs.qr.filter(|_| code_first) { (self.picture(text)) }
            p .left {
                (locale.pick("Bayar dalam ", "Pay within "))
                strong { time data-until=(payment.expires_at.millis()) role="timer" { (minutes(self.now, payment.expires_at)) } }
                span .small { " · " (locale.pick("sampai ", "until ")) (wall_time(payment.expires_at)) " WIB" }
            }
            @if let Some((point, _)) = number { (codes::steps(point, self.seen.view.order.amount, locale)) }
            (self.actions(payment, needs))
            @if let Some(text) = needs.qr {
                @if code_first {
                    details #code-text {
                        summary { (locale.pick("Kode sebagai teks", "The code as text")) }
                        p #qr-text .mono { (text) }
                    }
                } @else {
                    details #code {
                        summary { (locale.pick("Bayar dari perangkat lain: pindai QR", "Pay from another device: scan a QR code")) }
                        (self.picture(text))
                    }
                }
            }
        }
    }

    fn picture(self, text: &str) -> Markup {
        let amount = self.seen.view.order.amount;
        let label = format!("{} {amount}", self.locale.pick("Kode QR untuk membayar", "QR code to pay"));
        let picture = vocabulary::qr::svg(text).unwrap_or_default();
        html! { div .qr role="img" aria-label=(label) { (PreEscaped(picture)) } }
    }

    fn actions(self, payment: &Payment, needs: Needs<'_>) -> Markup {
        let (locale, name) = (self.locale, wallet(payment.method));
        let order = &self.seen.view.order;
        let png = format!("/pay/{}/qr.png", order.pay_token);
        let code_first = !(link_first(payment.method) && (needs.app.is_some() || needs.page.is_some()));
        html! {
            div .actions {
                @if let Some(link) = needs.page {
                    a .button .main href=(link) rel="noreferrer" { (locale.pick("Bayar di halaman ", "Pay on the page of ")) (name) }
                    @if let Some(link) = needs.app.filter(|app| Some(*app) != needs.page) {
                        a .button .wide href=(link) rel="noreferrer" { (self.open_app(name)) }
                    }
                } @else if let Some(link) = self.simulator_link(payment) {
                    a .button .main href=(link) { (locale.pick("Bayar di simulator", "Pay in the simulator")) }
                } @else if let Some(link) = needs.app {
                    a .button .main href=(link) rel="noreferrer" { (self.open_app(name)) }
                }
                @if needs.qr.is_some() && code_first {
                    button .button .js-only type="button" data-copy="qr-text" { (locale.pick("Salin kode", "Copy code")) }
                    a .button href=(png) download={ "loket-" (order.number) ".png" } { (locale.pick("Unduh PNG", "Download PNG")) }
                }
            }
        }
    }

    fn open_app(self, name: &str) -> String {
        match self.locale {
            Locale::Indonesian => format!("Buka aplikasi {name}"),
            Locale::English => format!("Open the {name} app"),
        }
    }

    fn pushed(self, payment: &Payment, until: Timestamp) -> Markup {
        let (locale, name) = (self.locale, wallet(payment.method));
        html! {
            p .left {
                (locale.pick("Setujui dalam ", "Approve within "))
                strong { time data-until=(until.millis()) data-seconds role="timer" { (until.since(self.now).as_secs()) } }
                (locale.pick(" detik", " seconds"))
            }
            @if let Some(phone) = &payment.phone {
                p .small {
                    (locale.pick("Dikirim ke nomor ", "Sent to the number ")) span .mask { (phone.mask) }
                    (locale.pick(". Tidak muncul? Buka aplikasi ", ". Nothing there? Open the app of ")) (name)
                    (locale.pick(" dan lihat notifikasinya.", " and look at its notifications."))
                }
            }
            @if let Some(link) = self.simulator_link(payment) {
                div .actions {
                    a .button .main href=(link) { (locale.pick("Setujui di simulator", "Approve in the simulator")) }
                }
            }
        }
    }

    /// The same push once more, to the number that it went to.
    fn again(self, payment: &Payment) -> Markup {
        let Some(phone) = &payment.phone else { return html! {} };
        html! {
            (self.form("again", &html! {
                (self.locale.pick("Kirim lagi ke ", "Send again to ")) span .mask { (phone.mask) }
            }))
        }
    }

    /// A button for the number that the buyer asked us to remember, unless it is the one that failed.
    fn remembered(self, unknown: Option<&str>) -> Markup {
        let mask = self.seen.remembered.as_deref().filter(|mask| unknown != Some(mask));
        let Some(mask) = mask else { return html! {} };
        html! {
            (self.form("remembered", &html! {
                (self.locale.pick("Kirim ke ", "Send to ")) span .mask { (mask) }
            }))
            form .forget method="post" action=(self.address()) {
                button .plain type="submit" name="use" value="forget" { (self.locale.pick("Lupakan nomor ini", "Forget this number")) }
            }
            p .or { (self.locale.pick("atau pakai nomor lain", "or use another number")) }
        }
    }

    fn form(self, word: &str, label: &Markup) -> Markup {
        html! {
            form method="post" action=(self.address()) {
                button .button .main .full type="submit" name="use" value=(word) { span { (label) } }
            }
        }
    }

    fn phone_form(self) -> Markup {
        let (locale, name) = (self.locale, wallet(self.seen.view.order.method));
        html! {
            form .phone method="post" action=(self.address()) {
                label for="phone" { (locale.pick("Nomor HP yang terdaftar di ", "Phone number registered with ")) (name) }
                input #phone name="phone" type="tel" inputmode="tel" autocomplete="tel" maxlength="30" required
                    aria-describedby="phone-hint";
                p #phone-hint .small {
                    (locale.pick("Contoh: 0812 3456 7890. Nomor Anda disimpan terenkripsi dan hanya diberikan ke ", "For example 0812 3456 7890. Your number is stored encrypted and given to nobody but "))
                    (name) "."
                }
                label .check {
                    input type="checkbox" name="remember" value="1" checked[self.remember];
                    span { (locale.pick("Ingat nomor ini untuk pesanan saya berikutnya", "Remember this number for my next orders")) }
                }
                button .button .main .full type="submit" name="use" value="phone" { (locale.pick("Kirim permintaan bayar", "Send the payment request")) }
            }
        }
    }

    fn address(self) -> String {
        format!("/pay/{}/phone", self.seen.view.order.pay_token)
    }

    fn simulator_link(self, payment: &Payment) -> Option<String> {
        let settings = &self.app.settings;
        let base = settings.wallet_url.as_ref().filter(|_| settings.sandbox)?;
        let id = &payment.opened.transaction_id;
        let plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let known = plain && payment.gateway == HAS_WALLET_PAGE;
        known.then(|| format!("{}/sandbox/wallet/{id}", base.trim_end_matches('/')))
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
