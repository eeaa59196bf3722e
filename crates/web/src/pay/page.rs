//! `GET /pay/{token}`: the page. What changes is a region that is rendered here once and sent again
//! by the stream; the rest stays.

use crate::{
    app::App,
    headers::{Reader, Segment},
    html::Page,
    pay::{assets, order, region::Region},
    problem::Problem,
};
use axum::extract::State;
use maud::{Markup, html};
use vocabulary::Locale;

/// How often the page is loaded anew where no script runs.
const RELOAD_SECONDS: u32 = 10;

/// The page on which a buyer pays.
pub(crate) async fn page(
    State(app): State<App>,
    Reader(locale): Reader,
    Segment(token): Segment,
) -> Result<Page, Problem> {
    let view = order(&app, &token).await?;
    let region = Region::new(&app, &view, locale);
    let head = html! {
        script src=(assets::js_url()) defer {}
        @if !view.order.state.is_final() {
            noscript { meta http-equiv="refresh" content=(RELOAD_SECONDS); }
        }
    };
    let main = html! {
        main #pay
            data-events={ "/pay/" (token) "/events" }
            data-now=(app.shop.clock.now().millis())
            data-connected=(locale.pick("Terhubung", "Connected"))
            data-reconnecting=(locale.pick("Menyambung lagi…", "Reconnecting…"))
            data-copied=(locale.pick("Tersalin", "Copied"))
            data-copy-failed=(locale.pick("Tidak bisa menyalin", "Could not copy"))
        {
            p #announce .hidden role="status" aria-live="polite" {}
            div #live { (region.markup) }
            (order_card(&view, locale))
            p #link .link .js-only aria-live="polite" { span .dot aria-hidden="true" {} span #link-text { (locale.pick("Menyambung…", "Connecting…")) } }
            noscript {
                p .link {
                    (locale.pick("Halaman ini dimuat ulang setiap ", "This page is loaded anew every "))
                    (RELOAD_SECONDS) (locale.pick(" detik.", " seconds."))
                }
            }
        }
    };
    let title = format!("{} {}", locale.pick("Pesanan", "Order"), view.order.number);
    Ok(Page { locale, title, head, sandbox: app.settings.sandbox, main })
}

/// What was ordered; it does not change.
fn order_card(view: &orders::OrderView, locale: Locale) -> Markup {
    let order = &view.order;
    html! {
        section .card .order aria-labelledby="order-title" {
            h2 #order-title { (locale.pick("Pesanan", "Order")) }
            dl {
                dt { (locale.pick("Produk", "Product")) }
                dd { (order.product_name) " " span .soft { "(" (order.category) ")" } }
                dt { (locale.pick("Akun game", "Game account")) }
                dd { (order.account) }
                dt { (locale.pick("No. pesanan", "Order no.")) }
                dd { code { (order.number) } }
                dt { (locale.pick("Dibuat", "Placed")) }
                dd { (order.placed_at.wib().chars().take(16).collect::<String>()) " WIB" }
            }
        }
    }
}
