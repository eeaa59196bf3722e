//! `GET /pay/{token}`: the page. What changes is a region that is rendered here once and sent again
//! by the stream; the rest stays.

use crate::{
    app::App,
    headers::{Reader, Segment},
    html::Page,
    pay::{Seen, assets, notice::Notice, region::Region, seen},
    problem::Problem,
};
use axum::extract::State;
use maud::{Markup, PreEscaped, html};
use orders::OrderKind;
use vocabulary::Locale;

/// How often the page is loaded anew where no script runs.
const RELOAD_SECONDS: u32 = 10;

/// The page on which a buyer pays.
pub(crate) async fn page(
    State(app): State<App>,
    Reader(locale): Reader,
    Segment(token): Segment,
) -> Result<Page, Problem> {
    Ok(render(&app, &seen(&app, &token).await?, locale, false, None))
}

/// The page; with a notice when something that was sent from it was not carried out. `remember` is
/// whether the box for remembering a phone number is ticked.
pub(crate) fn render(
    app: &App,
    seen: &Seen,
    locale: Locale,
    remember: bool,
    notice: Option<&Notice>,
) -> Page {
    let order = &seen.view.order;
    let region = Region::new(app, seen, locale, remember);
    // What somebody types or reads must not vanish under their hands.
    let reloads = !order.state.is_final() && !region.has_input && notice.is_none();
    let head = html! {
        script src=(assets::js_url()) defer {}
        @if reloads {
            noscript { meta http-equiv="refresh" content=(RELOAD_SECONDS); }
        }
    };
    let main = html! {
        main #pay
            data-events={ "/pay/" (order.pay_token) "/events" }
            data-now=(app.shop.clock.now().millis())
            data-connected=(locale.pick("Terhubung", "Connected"))
            data-reconnecting=(locale.pick("Menyambung lagi…", "Reconnecting…"))
            data-copied=(locale.pick("Tersalin", "Copied"))
            data-copy-failed=(locale.pick("Tidak bisa menyalin", "Could not copy"))
        {
            @if let Some(notice) = notice {
                section #notice .card .notice role="alert" {
                    h2 { (notice.title.for_reader(locale)) }
                    p { (notice.text.for_reader(locale)) }
                }
            }
            p #announce .hidden role="status" aria-live="polite" {}
            div #live data-key=(region.key) { (PreEscaped(region.html)) }
            (order_card(&seen.view, locale))
            p #link .link .js-only aria-live="polite" { span .dot aria-hidden="true" {} span #link-text { (locale.pick("Menyambung…", "Connecting…")) } }
            noscript {
                p .link {
                    @if reloads {
                        (locale.pick("Halaman ini dimuat ulang setiap ", "This page is loaded anew every "))
                        (RELOAD_SECONDS) (locale.pick(" detik.", " seconds."))
                    } @else {
                        a href={ "/pay/" (order.pay_token) } { (locale.pick("Muat ulang halaman", "Load the page anew")) }
                    }
                }
            }
        }
    };
    let title = format!("{} {}", locale.pick("Pesanan", "Order"), order.number);
    Page { locale, title, head, sandbox: app.settings.sandbox, forms: true, main }
}

/// What was ordered; it does not change.
fn order_card(view: &orders::OrderView, locale: Locale) -> Markup {
    let order = &view.order;
    html! {
        section .card .order aria-labelledby="order-title" {
            h2 #order-title { (locale.pick("Pesanan", "Order")) }
            dl {
                dt { (locale.pick("Produk", "Product")) }
                dd {
                    (order.product_name)
                    @if order.kind == OrderKind::Purchase { " " span .soft { "(" (order.category) ")" } }
                }
                @if order.kind == OrderKind::Purchase {
                    dt { (locale.pick("Akun game", "Game account")) }
                    dd { (order.account) }
                }
                dt { (locale.pick("No. pesanan", "Order no.")) }
                dd { code { (order.number) } }
                dt { (locale.pick("Dibuat", "Placed")) }
                dd { (order.placed_at.wib().chars().take(16).collect::<String>()) " WIB" }
            }
        }
    }
}
