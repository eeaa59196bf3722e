//! `GET /`: what this is, and where to go from here.

use crate::{app::App, headers::Reader, html::Page};
use axum::{extract::State, response::IntoResponse};
use maud::html;

/// The first page.
pub(crate) async fn landing(State(app): State<App>, Reader(locale): Reader) -> impl IntoResponse {
    let main = html! {
        main {
            section .card {
                h1 { (locale.pick("Loket top up game", "Game top-ups")) }
                p {
                    (locale.pick(
                        "Program ini berjalan. Pembeli membuka halaman bayar dari tautan yang mereka terima; program lain memakai API.",
                        "This program is running. Buyers open the pay page from the link they get; programs use the API.",
                    ))
                }
                ul .links {
                    li { a href="/docs/" { (locale.pick("Dokumentasi API", "API documentation")) } }
                    li { a href="/openapi.json" { "OpenAPI 3.1" } }
                    li { a href="/api/v1/game/categories" { (locale.pick("Daftar game", "Games")) } }
                    li { a href="/readyz" { (locale.pick("Kesiapan", "Readiness")) } }
                    @if app.settings.metrics.is_some() {
                        li { a href="/metrics" { (locale.pick("Metrik", "Metrics")) } }
                    }
                    @if app.settings.sandbox {
                        li { a href="/sandbox/transactions" { (locale.pick("Buku simulator", "The simulators' books")) } }
                    }
                }
            }
        }
    };
    let title = locale.pick("Top up game", "Game top-ups").to_owned();
    Page { locale, title, head: html! {}, sandbox: app.settings.sandbox, forms: false, main }
}
