//! The page that Snap sends the buyer to: choose a method, type a phone number for OVO, and see what
//! became of it. For OVO the buyer's phone is on the page, too. Looking changes nothing.

use crate::{
    buyer::{Acted, NotPayable, Outcome, act_as_buyer},
    exchange::BODY_LIMIT,
    midtrans::{
        self, Chosen, PaymentType, Status, Transaction,
        snap::{self, Checkout, Choice, NotChosen, page_path},
    },
    page::{Page, Then, followed, with_query},
    problem::Problem,
    settings::MIDTRANS_MERCHANT_ID,
    wallet_page::{app, buttons, push_countdown, seen, told},
    worker,
    world::World,
};
use axum::{
    body::to_bytes,
    extract::{Path, Query, RawQuery, Request, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;
use vocabulary::{Rupiah, Timestamp};

/// In the query of the page: shows the methods although something waits.
const ANEW: &str = "ganti";
const TITLE: &str = "Pembayaran simulator";
const NOTE: &str = "Simulator — bukan Midtrans sungguhan";

/// What the form for OVO holds.
#[derive(Deserialize)]
struct Form {
    #[serde(default)]
    phone: String,
}

/// What stands on the page besides the books: what was typed, and what is wrong with it.
#[derive(Default)]
struct Said<'a> {
    typed: &'a str,
    wrong: Option<&'a str>,
    anew: bool,
}

/// `GET …/snap/v4/redirection/{token}`. Changes nothing.
pub(crate) async fn show(
    State(world): State<Arc<World>>,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let said = Said { anew: query.as_deref() == Some(ANEW), ..Said::default() };
    respond(&world, &token, &said, StatusCode::OK).await
}

/// `POST …/snap/v4/redirection/{token}/{ovo|gopay|dana|pay|deny}`, and back to the page.
pub(crate) async fn act(
    State(world): State<Arc<World>>,
    Path((token, action)): Path<(String, String)>,
    request: Request,
) -> Response {
    match action.as_str() {
        "pay" => buyer(&world, &token, Outcome::Settle).await,
        "deny" => buyer(&world, &token, Outcome::Deny).await,
        "gopay" => choose(&world, &token, Choice::Gopay, "").await,
        "dana" => choose(&world, &token, Choice::Dana, "").await,
        "ovo" => {
            let typed = match typed_phone(request).await {
                Ok(typed) => typed,
                Err(problem) => return problem.into_response(),
            };
            match midtrans::Phone::typed(&typed) {
                Ok(phone) => choose(&world, &token, Choice::Ovo(phone), &typed).await,
                Err(_) => {
                    let wrong = "Nomor HP harus dimulai dengan 08 dan berisi 10 sampai 13 angka.";
                    wrong_choice(&world, &token, &typed, wrong).await
                }
            }
        }
        _ => not_found(),
    }
}

async fn typed_phone(request: Request) -> Result<String, Problem> {
    let body = to_bytes(request.into_body(), BODY_LIMIT).await.map_err(|_| Problem::too_large(BODY_LIMIT))?;
    // A form's body is written as a query is.
    let malformed = || Problem::malformed("a form with the field `phone` is expected");
    let query = std::str::from_utf8(&body).map_err(|_| malformed())?;
    let uri: Uri = format!("/?{query}").parse().map_err(|_| malformed())?;
    let Query(form) = Query::<Form>::try_from_uri(&uri).map_err(|_| malformed())?;
    Ok(form.phone.chars().take(32).collect())
}

async fn choose(world: &World, token: &str, choice: Choice, typed: &str) -> Response {
    let chosen = async {
        let mut tx = world.db.write("world.snap").await?;
        let now = world.now();
        worker::catch_up(world, &mut tx, now).await?;
        let Some(page) = snap::page(&mut tx, token).await? else { return Ok(None) };
        let transaction = snap::choose(world, &mut tx, &page, choice, now).await?;
        tx.commit().await?;
        world.wake.notify_one();
        Ok::<_, NotChosen>(Some(transaction))
    };
    let wrong = match chosen.await {
        Ok(Some(_)) => return seen(&page_path(token)),
        Ok(None) => return not_found(),
        // The page tells.
        Err(NotChosen::Over) => return seen(&page_path(token)),
        Err(NotChosen::NotRegistered) => "Nomor ini tidak terdaftar di OVO.",
        Err(NotChosen::NotOffered) => "Metode pembayaran ini tidak tersedia.",
        Err(NotChosen::TooOften) => "Terlalu banyak percobaan. Silakan kembali ke toko.",
        Err(NotChosen::Database(error)) => return Problem::from(error).into_response(),
    };
    wrong_choice(world, token, typed, wrong).await
}

async fn wrong_choice(world: &World, token: &str, typed: &str, wrong: &str) -> Response {
    let said = Said { typed, wrong: Some(wrong), anew: true };
    respond(world, token, &said, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// What the buyer does on the phone with what waits there.
async fn buyer(world: &World, token: &str, outcome: Outcome) -> Response {
    let waiting = match look(world, token).await {
        Ok(Some((_, tries))) => tries.into_iter().find(|t| t.status == Status::Pending),
        Ok(None) => return not_found(),
        Err(error) => return Problem::from(error).into_response(),
    };
    let Some(t) = waiting else { return seen(&page_path(token)) };
    let acted = Acted::WhilePending;
    let chosen = Chosen::default();
    match act_as_buyer(world, &t.transaction_id, outcome, acted, chosen).await {
        Ok(_) | Err(NotPayable::Final(_) | NotPayable::TooLate(_)) => seen(&page_path(token)),
        Err(why) => crate::controls::problem_of(why).into_response(),
    }
}

/// The page and its tries, newest first.
async fn look(world: &World, token: &str) -> Result<Option<(Checkout, Vec<Transaction>)>, database::Error> {
    let mut tx = world.db.read("world.snap").await?;
    let Some(page) = snap::page(&mut tx, token).await? else { return Ok(None) };
    let tries = midtrans::of_order(&mut tx, &page.order_id).await?;
    Ok(Some((page, tries)))
}

fn not_found() -> Response {
    let content = html! { p .state { "Halaman pembayaran tidak ditemukan." } };
    Page { title: TITLE, note: NOTE, content, then: Then::Stay, status: StatusCode::NOT_FOUND }
        .into_response()
}

async fn respond(world: &World, token: &str, said: &Said<'_>, status: StatusCode) -> Response {
    let (page, tries) = match look(world, token).await {
        Ok(Some(found)) => found,
        Ok(None) => return not_found(),
        Err(error) => return Problem::from(error).into_response(),
    };
    let now = world.now();
    let paid = tries.iter().find(|t| t.times_settled > 0);
    let waiting = tries.iter().find(|t| t.is_acceptable(now)).filter(|_| page.closed_at.is_none());
    let last = paid.or(tries.first());
    let (content, then) = match (paid, waiting) {
        (Some(paid), _) => (outcome(told(paid.status), &page, last), finish(&page, last)),
        (None, Some(waiting)) if !said.anew => (wait(world, &page, waiting, now), Then::LookAgain),
        _ if page.is_open(now) => (choice(&page, last, said, now), Then::Stay),
        _ if page.closed_at.is_some() => {
            (outcome("Pembayaran dibatalkan oleh toko.", &page, last), finish(&page, last))
        }
        _ => (outcome("Waktu pembayaran sudah habis.", &page, last), finish(&page, last)),
    };
    Page { title: TITLE, note: NOTE, content, then, status }.into_response()
}

fn head(page: &Checkout) -> Markup {
    html! {
        h1 { "Bayar ke Loket Sandbox" }
        p .amount { (Rupiah::new(page.amount)) }
        dl {
            dt { "Pesanan" } dd { (page.order_id) }
            dt { "Halaman berlaku sampai" } dd { (page.ends_at().wib()) " WIB" }
        }
    }
}

/// Where the buyer picks a method.
fn choice(page: &Checkout, last: Option<&Transaction>, said: &Said<'_>, now: Timestamp) -> Markup {
    let path = page_path(&page.token);
    let waits = last.is_some_and(|t| t.is_acceptable(now));
    html! {
        (head(page))
        @if let Some(wrong) = said.wrong {
            p #wrong .wrong role="alert" { (wrong) }
        } @else if let Some(last) = last.filter(|_| !waits) {
            p .wrong role="status" { (told(last.status)) " Silakan coba lagi." }
        }
        h2 { "Pilih cara membayar" }
        @for method in &page.methods {
            @if *method == PaymentType::Ovo {
                form method="post" action={ (path) "/ovo" } {
                    label for="phone" { "Nomor HP yang terdaftar di OVO" }
                    input #phone name="phone" type="tel" inputmode="tel" autocomplete="tel" required maxlength="20" placeholder="081234567890" value=(said.typed) aria-invalid=[said.wrong.map(|_| "true")] aria-describedby=[said.wrong.map(|_| "wrong")];
                    button type="submit" { "Bayar dengan OVO" }
                }
            } @else {
                form method="post" action={ (path) "/" (method) } {
                    button type="submit" { "Bayar dengan " (app(*method)) }
                }
            }
        }
        @if waits {
            a .back href=(path) { "Kembali ke pembayaran yang menunggu" }
        }
    }
}

/// Something was chosen and waits in the buyer's app.
fn wait(world: &World, page: &Checkout, t: &Transaction, now: Timestamp) -> Markup {
    let path = page_path(&page.token);
    html! {
        (head(page))
        @match t.payment_type {
            PaymentType::Ovo => {
                p role="status" {
                    "Notifikasi sudah dikirim ke " strong { (t.payer_phone.as_deref().unwrap_or_default()) }
                    ". Buka aplikasi OVO dan setujui pembayarannya."
                }
                section .phone aria-label="Ponsel pembeli (simulator)" {
                    h1 { "Ponsel pembeli (simulator)" }
                    p .amount { (Rupiah::new(t.amount)) }
                    (push_countdown(t, now))
                    (buttons(&path))
                }
            }
            PaymentType::Gopay | PaymentType::Qris => {
                img .qr src={ "/sandbox/midtrans/v2/gopay/" (t.transaction_id) "/qr-code" } alt="Kode QR untuk membayar dengan GoPay";
                a .back .main href=(midtrans::wallet_url(world, t)) { "Buka aplikasi GoPay" }
            }
            // Its page offers neither.
            PaymentType::BankTransfer | PaymentType::Cstore => {}
            PaymentType::Dana => {
                p role="status" { "Lanjutkan pembayaran di DANA." }
                a .back .main href=(midtrans::wallet_url(world, t)) { "Buka DANA" }
            }
        }
        a .back href={ (path) "?" (ANEW) } { "Ganti cara membayar" }
    }
}

/// It is over, one way or the other.
fn outcome(text: &str, page: &Checkout, last: Option<&Transaction>) -> Markup {
    html! {
        (head(page))
        p .state role="status" { (text) }
        @if let Some(url) = finish_url(page, last) {
            a .back href=(url) { "Kembali ke toko" }
        }
    }
}

/// The buyer is sent back only when there is an outcome to tell.
fn finish(page: &Checkout, last: Option<&Transaction>) -> Then {
    finish_url(page, last).filter(|_| last.is_some()).map_or(Then::Stay, Then::Go)
}

/// `callbacks.finish` with what Snap adds to it (as Midtrans' public pages tell it; not verified). It is
/// for show: no shop may rely on it.
fn finish_url(page: &Checkout, last: Option<&Transaction>) -> Option<String> {
    let url = page.finish_url.as_deref().and_then(followed)?;
    let mut parts = vec![("merchant_id", MIDTRANS_MERCHANT_ID), ("order_id", page.order_id.as_str())];
    if let Some(last) = last {
        parts.push(("status_code", midtrans::status_answer_code(last.status)));
        parts.push(("transaction_status", last.status.as_str()));
    }
    Some(with_query(url, &parts))
}
