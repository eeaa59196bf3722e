//! The list of other ways to pay. Store credit is not in it: whoever was sent the link could spend
//! what belongs to the buyer; credit is spent where the buyer is known, in Discord or by the API key.

use crate::{
    app::App,
    pay::{paying::wallet, situation::Situation},
};
use maud::{Markup, html};
use orders::OrderView;
use vocabulary::{Locale, PaymentMethod, Timestamp};

/// The ways that this page may choose.
pub(crate) fn may_choose(method: PaymentMethod) -> bool {
    method != PaymentMethod::Wallet
}

/// The list, folded while the present way can be used.
pub(crate) fn markup(
    app: &App,
    view: &OrderView,
    situation: Situation<'_>,
    now: Timestamp,
    locale: Locale,
) -> Markup {
    if situation == Situation::Settled {
        return html! {};
    }
    let present = view.order.method;
    let methods = possible(app, view, now);
    let others = || methods.iter().copied().filter(|method| *method != present);
    let again = methods.iter().copied().find(|method| *method == present && tries_again(situation, *method));
    let address = format!("/pay/{}/method", view.order.pay_token);
    let buttons = html! {
        form .methods method="post" action=(address) {
            @for method in others() {
                button .button type="submit" name="method" value=(method.as_str()) { (method.label(locale)) }
            }
        }
    };
    html! {
        @if let Some(method) = again {
            form method="post" action=(address) {
                button .button .main .full type="submit" name="method" value=(method.as_str()) {
                    (locale.pick("Coba lagi dengan ", "Try again with ")) (method.label(locale))
                }
            }
        }
        @if others().next().is_none() {
        } @else if situation.is_stuck() {
            div .choice {
                h2 { (locale.pick("Cara bayar lain", "Other ways to pay")) }
                (buttons)
            }
        } @else {
            details #methods .choice {
                summary { (locale.pick("Ganti cara bayar", "Pay in another way")) }
                p .small { (consequence(present, situation, locale)) }
                (buttons)
            }
        }
    }
}

/// The methods that carry the amount and for which enough time is left, the shop's cheapest first.
fn possible(app: &App, view: &OrderView, now: Timestamp) -> Vec<PaymentMethod> {
    let over = view.order.pay_by.is_some_and(|until| now >= until);
    let mut methods = app.shop.payment_methods_until(view.order.bill(), view.order.pay_by);
    methods.retain(|method| may_choose(*method) && !over);
    methods
}

/// Whether the present way can be tried once more with one press; a push has a form of its own.
fn tries_again(situation: Situation<'_>, method: PaymentMethod) -> bool {
    matches!(situation, Situation::Ended(..)) && !method.needs_phone()
}

/// What becomes of the present payment when another way is chosen. Nothing closes a page of OVO before its
/// time unless a push waits on it; and money that comes in all the same may come too late for the order.
fn consequence(present: PaymentMethod, situation: Situation<'_>, locale: Locale) -> String {
    let (label, name) = (present.label(locale), wallet(present));
    if matches!(situation, Situation::PhoneWanted { .. }) {
        return match locale {
            Locale::Indonesian => {
                format!("Permintaan ke {name} belum dikirim, karena nomornya belum diisi.")
            }
            Locale::English => {
                format!("The request to {name} was not sent yet, because no number was entered.")
            }
        };
    }
    let page = present == PaymentMethod::OvoLink;
    let old = match locale {
        Locale::Indonesian if page => format!(
            "Kalau Anda memilih cara lain, halaman bayar {name} mungkin masih terbuka beberapa saat: jangan membayar di sana lagi."
        ),
        Locale::Indonesian => format!(
            "Kalau Anda memilih cara lain, pembayaran {label} yang sekarang dibatalkan: jangan dibayar atau disetujui lagi."
        ),
        Locale::English if page => format!(
            "If you choose another way, {name}'s payment page may stay open for a while: do not pay on it any more."
        ),
        Locale::English => format!(
            "If you choose another way, the present payment by {label} is cancelled: do not pay or approve it any more."
        ),
    };
    let money = locale.pick(
        "Kalau terlanjur, uangnya tidak hilang: dipakai membayar pesanan ini, atau masuk ke saldo Anda.",
        "If you do all the same, the money is not lost: it pays this order, or it becomes your store credit.",
    );
    format!("{old} {money}")
}
