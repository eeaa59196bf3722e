//! The page that stands for the wallet app: merchant, amount, time left, and two buttons.

use crate::{
    controls::problem_of,
    midtrans::{self, Acted, NotPayable, Outcome, Status, Transaction},
    problem::Problem,
    world::World,
};
use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::sync::Arc;
use vocabulary::{Rupiah, Timestamp};

const CSS: &str = "
:root{color-scheme:light dark;--page:#f2f3f5;--card:#fff;--ink:#1c1f24;--soft:#636b76;--line:#d9dde3;--act:#2f5d8a}
@media(prefers-color-scheme:dark){:root{--page:#15181c;--card:#1f2329;--ink:#eceff3;--soft:#9aa4b1;--line:#343b44;--act:#7fb0e0}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{width:100%;max-width:24rem;background:var(--card);border:1px solid var(--line);border-radius:16px;padding:1.5rem}
.note{margin:0 0 1.25rem;padding:.5rem .75rem;border:1px dashed var(--soft);border-radius:8px;color:var(--soft);font-size:.875rem;text-align:center}
h1{font-size:1rem;font-weight:600;margin:0;color:var(--soft)}
.amount{font-size:2.25rem;font-weight:700;margin:.25rem 0 1rem;font-variant-numeric:tabular-nums}
dl{margin:0 0 1.5rem;display:grid;grid-template-columns:auto 1fr;gap:.35rem 1rem;font-size:.9rem}
dt{color:var(--soft)}dd{margin:0;text-align:right;overflow-wrap:anywhere}
form+form{margin-top:.75rem}
button,.back{display:block;width:100%;min-height:3rem;border-radius:10px;font:inherit;font-weight:600;text-align:center;line-height:3rem;padding:0;cursor:pointer;text-decoration:none}
button{border:1px solid var(--act);background:var(--act);color:var(--card)}
button.quiet,.back{border:1px solid var(--line);background:transparent;color:var(--ink)}
button:focus-visible,.back:focus-visible{outline:3px solid var(--act);outline-offset:2px}
.state{font-size:1.125rem;font-weight:600;text-align:center;margin:0 0 1rem}
";

/// `GET /sandbox/wallet/{transaction_id}`. Changes nothing.
pub(crate) async fn show(State(world): State<Arc<World>>, Path(id): Path<String>) -> Response {
    match find(&world, &id).await {
        Ok(Some(transaction)) => page(&body(&transaction, world.now()), StatusCode::OK),
        Ok(None) => not_found(),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// `POST /sandbox/wallet/{transaction_id}/{pay|deny}`, and back to the page.
pub(crate) async fn act(
    State(world): State<Arc<World>>,
    Path((id, outcome)): Path<(String, String)>,
) -> Response {
    let outcome = match outcome.as_str() {
        "pay" => Outcome::Settle,
        "deny" => Outcome::Deny,
        _ => return not_found(),
    };
    let transaction_id = match find(&world, &id).await {
        Ok(Some(transaction)) => transaction.transaction_id,
        Ok(None) => return not_found(),
        Err(error) => return Problem::from(error).into_response(),
    };
    let acted = midtrans::act_as_buyer(&world, &transaction_id, outcome, Acted::WhilePending).await;
    match acted {
        // A second click finds it done already: the page tells.
        Ok(_) | Err(NotPayable::Final(_)) => {
            (StatusCode::SEE_OTHER, [(header::LOCATION, format!("/sandbox/wallet/{transaction_id}"))])
                .into_response()
        }
        Err(why) => problem_of(why).into_response(),
    }
}

async fn find(world: &World, id: &str) -> Result<Option<Transaction>, database::Error> {
    let mut tx = world.db.read("world.wallet").await?;
    Ok(midtrans::find(&mut tx, id).await?.filter(|t| t.transaction_id == id))
}

fn page(content: &Markup, status: StatusCode) -> Response {
    let document = html! {
        (DOCTYPE)
        html lang="id" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { "Dompet simulator" }
                style { (PreEscaped(CSS)) }
            }
            body {
                main {
                    p .note { "Simulator — bukan GoPay sungguhan" }
                    (content)
                }
            }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
        ),
    ];
    (status, headers, document.into_string()).into_response()
}

fn not_found() -> Response {
    page(&html! { p .state { "Transaksi tidak ditemukan." } }, StatusCode::NOT_FOUND)
}

fn body(t: &Transaction, now: Timestamp) -> Markup {
    let open = t.status == Status::Pending && now < t.expires_at;
    html! {
        h1 { "Bayar ke Loket Sandbox" }
        p .amount { (Rupiah::new(t.amount)) }
        dl {
            dt { "Pesanan" } dd { (t.order_id) }
            dt { "Berlaku sampai" } dd { (t.expires_at.wib()) " WIB" }
        }
        @if open {
            form method="post" action={ "/sandbox/wallet/" (t.transaction_id) "/pay" } {
                button type="submit" { "Bayar" }
            }
            form method="post" action={ "/sandbox/wallet/" (t.transaction_id) "/deny" } {
                button type="submit" .quiet { "Tolak" }
            }
        } @else {
            p .state role="status" { (told(t.status)) }
            @if let Some(url) = return_url(t) {
                a .back href=(url) { "Kembali ke toko" }
            }
        }
    }
}

fn told(status: Status) -> &'static str {
    match status {
        Status::Settlement => "Pembayaran berhasil.",
        Status::Deny => "Pembayaran ditolak.",
        Status::Cancel => "Pembayaran dibatalkan oleh toko.",
        // Also when the time is over and nobody has noticed yet.
        Status::Expire | Status::Pending => "Waktu pembayaran sudah habis.",
        Status::Refund => "Pembayaran sudah dikembalikan.",
        Status::PartialRefund => "Sebagian pembayaran sudah dikembalikan.",
    }
}

/// Where the app would return to. Its result is for show: no shop may rely on it.
fn return_url(t: &Transaction) -> Option<String> {
    let url =
        t.callback_url.as_ref().filter(|url| url.starts_with("https://") || url.starts_with("http://"))?;
    let result = if t.times_settled > 0 { "success" } else { "failure" };
    let joint = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{joint}order_id={}&result={result}", t.order_id))
}
