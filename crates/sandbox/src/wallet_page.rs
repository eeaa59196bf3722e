//! The pages that stand for the buyer's wallet app: what waits there, and each payment with its amount,
//! the time left, and two buttons. For a number to pay to, the page is the ATM or the cashier's desk.

use crate::{
    buyer::{self, Acted, NotPayable, Outcome, Payment},
    controls::problem_of,
    dana,
    midtrans::{self, Channel, Chosen, PaymentType, Status, Transaction, snap},
    page::{Page, Then, countdown, followed, with_query},
    problem::Problem,
    world::World,
    xendit::{self, Kind},
};
use axum::{
    extract::{Path, Query, RawQuery, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use vocabulary::{Rupiah, Timestamp};

/// In the query of the page after something was done there: the app returns to the shop by itself.
const RETURNING: &str = "kembali";

/// What the address of DANA's checkout names.
#[derive(Deserialize)]
pub(crate) struct Checkout {
    #[serde(default, rename = "bizNo")]
    reference_no: String,
    #[serde(default)]
    sign: String,
}

/// `GET /sandbox/wallet`: what waits for a buyer. Changes nothing.
pub(crate) async fn list(State(world): State<Arc<World>>) -> Response {
    let waiting = async {
        let mut tx = world.db.read("world.wallet").await?;
        buyer::waiting(&mut tx).await
    };
    let waiting: Result<Vec<Payment>, database::Error> = waiting.await;
    match waiting {
        Ok(waiting) => {
            let now = world.now();
            let waiting: Vec<&Payment> =
                waiting.iter().filter(|payment| payment.is_acceptable(now)).collect();
            Page {
                title: "Dompet simulator",
                note: "Simulator — bukan dompet sungguhan",
                content: inbox(&waiting),
                then: Then::LookAgain,
                status: StatusCode::OK,
            }
            .into_response()
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

/// `GET /sandbox/wallet/{id}`, with the gateway's own reference. Changes nothing.
pub(crate) async fn show(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let returning = query.as_deref() == Some(RETURNING);
    match find(&world, &id).await {
        Ok(Some(payment)) => shown(&payment, returning, world.now()),
        Ok(None) => not_found(),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// DANA's checkout, where a `webRedirectUrl` leads: the same page. Changes nothing.
pub(crate) async fn checkout(State(world): State<Arc<World>>, Query(asked): Query<Checkout>) -> Response {
    let signed =
        |payment: &Payment| matches!(payment, Payment::Dana(o) if o.cashier_request_id == asked.sign);
    match find(&world, &asked.reference_no).await {
        Ok(Some(payment)) if signed(&payment) => shown(&payment, false, world.now()),
        Ok(_) => not_found(),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// `POST /sandbox/wallet/{id}/{pay|deny}`, and back to the page.
pub(crate) async fn act(
    State(world): State<Arc<World>>,
    Path((id, outcome)): Path<(String, String)>,
) -> Response {
    let outcome = match outcome.as_str() {
        "pay" => Outcome::Settle,
        "deny" => Outcome::Deny,
        _ => return not_found(),
    };
    let payment = match find(&world, &id).await {
        Ok(Some(payment)) => payment,
        Ok(None) => return not_found(),
        Err(error) => return Problem::from(error).into_response(),
    };
    let (id, acted) = (payment.id(), Acted::WhilePending);
    let outcome = buyer::act_as_buyer(&world, id, outcome, acted, Chosen::default()).await;
    let page = format!("/sandbox/wallet/{id}");
    match outcome {
        Ok(_) if back(&payment).is_some() => seen(&format!("{page}?{RETURNING}")),
        // A second click finds it done already, and one that comes too late finds nothing: the page tells.
        Ok(_) | Err(NotPayable::Final(_) | NotPayable::TooLate(_)) => seen(&page),
        Err(why) => problem_of(why).into_response(),
    }
}

/// Back to a page after something was done.
pub(crate) fn seen(page: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, page)]).into_response()
}

async fn find(world: &World, id: &str) -> Result<Option<Payment>, database::Error> {
    let mut tx = world.db.read("world.wallet").await?;
    buyer::find(&mut tx, id).await
}

fn shown(payment: &Payment, returning: bool, now: Timestamp) -> Response {
    let back = back(payment);
    let then = match &back {
        Some(back) if returning && !payment.waits() => Then::Go(back.url.clone()),
        _ if payment.is_acceptable(now) && push(payment).is_some() => Then::LookAgain,
        _ => Then::Stay,
    };
    Page {
        title: "Dompet simulator",
        note: &format!("Simulator — bukan {} sungguhan", wallet(payment)),
        content: body(payment, back.as_ref(), now),
        then,
        status: StatusCode::OK,
    }
    .into_response()
}

fn not_found() -> Response {
    Page {
        title: "Dompet simulator",
        note: "Simulator — bukan dompet sungguhan",
        content: html! { p .state { "Transaksi tidak ditemukan." } },
        then: Then::Stay,
        status: StatusCode::NOT_FOUND,
    }
    .into_response()
}

/// The app that the page stands for.
fn wallet(payment: &Payment) -> &'static str {
    match payment {
        Payment::Midtrans(t) => t.channel.map_or_else(|| app(t.payment_type), Channel::label),
        Payment::Dana(o) => match o.pay_option.as_str() {
            "NETWORK_PAY_PG_OVO" => "OVO",
            "NETWORK_PAY_PG_GOPAY" => "GoPay",
            "NETWORK_PAY_PG_SPAY" => "ShopeePay",
            "NETWORK_PAY_PG_LINKAJA" => "LinkAja",
            _ => "DANA",
        },
        Payment::Xendit(x) => app_of_xendit(x.channel),
    }
}

/// The app, bank or store that a channel of Xendit's is.
fn app_of_xendit(channel: xendit::Channel) -> &'static str {
    match channel {
        xendit::Channel::Ovo => "OVO",
        xendit::Channel::Dana => "DANA",
        xendit::Channel::Gopay => "GoPay",
        xendit::Channel::Shopeepay => "ShopeePay",
        xendit::Channel::Linkaja => "LinkAja",
        xendit::Channel::Astrapay => "AstraPay",
        xendit::Channel::Qris => "dompet QRIS",
        xendit::Channel::Alfamart => "Alfamart",
        xendit::Channel::Indomaret => "Indomaret",
        bank => bank.bank(),
    }
}

/// The app that a method of Midtrans' opens.
pub(crate) fn app(payment_type: PaymentType) -> &'static str {
    match payment_type {
        PaymentType::Gopay | PaymentType::Qris => "GoPay",
        PaymentType::Ovo => "OVO",
        PaymentType::Dana => "DANA",
        PaymentType::BankTransfer => "bank",
        PaymentType::Cstore => "toko",
    }
}

/// How long a push to a phone waits there, if the payment is one.
fn push(payment: &Payment) -> Option<Duration> {
    match payment {
        Payment::Midtrans(t) => (t.payment_type == PaymentType::Ovo).then_some(midtrans::ACCEPT_WINDOW),
        Payment::Dana(_) => None,
        Payment::Xendit(x) => x.is_push().then(|| x.channel.life()),
    }
}

/// The phone that a push went to.
fn phone(payment: &Payment) -> Option<&str> {
    push(payment)?;
    match payment {
        Payment::Midtrans(t) => t.payer_phone.as_deref(),
        Payment::Dana(_) => None,
        Payment::Xendit(x) => x.phone(),
    }
}

/// A bank's machine or a store's till, and the number that is typed or read out there.
struct Place<'a> {
    name: &'static str,
    is_store: bool,
    code: &'a str,
}

/// Where it is paid, if that is such a place.
fn place(payment: &Payment) -> Option<Place<'_>> {
    match payment {
        Payment::Midtrans(t) => {
            let (channel, code) = t.channel.zip(t.payment_code.as_deref())?;
            Some(Place { name: channel.label(), is_store: channel.is_store(), code })
        }
        Payment::Dana(_) => None,
        Payment::Xendit(x) => {
            let kind = x.channel.kind();
            let code = x.code.as_deref().filter(|_| matches!(kind, Kind::Number | Kind::Till))?;
            Some(Place { name: app_of_xendit(x.channel), is_store: kind == Kind::Till, code })
        }
    }
}

fn inbox(waiting: &[&Payment]) -> Markup {
    html! {
        h1 { "Menunggu Anda" }
        @if waiting.is_empty() {
            p .state { "Tidak ada pembayaran yang menunggu." }
        }
        ul {
            @for payment in waiting {
                li {
                    a href={ "/sandbox/wallet/" (payment.id()) } {
                        strong { (wallet(payment)) " · " (Rupiah::new(payment.amount())) }
                        br;
                        (payment.order_id())
                        @if let Some(phone) = phone(payment) { " · " (phone) }
                        @if let Some(place) = place(payment) { " · " (place.code) }
                    }
                }
            }
        }
    }
}

fn body(payment: &Payment, back: Option<&Back>, now: Timestamp) -> Markup {
    let place = place(payment);
    html! {
        @match &place {
            Some(place) if place.is_store => { h1 { "Kasir " (place.name) } }
            Some(place) => { h1 { "ATM " (place.name) } }
            None => { h1 { "Bayar ke Loket Sandbox" } }
        }
        p .amount { (Rupiah::new(payment.amount())) }
        dl {
            @if let Some(title) = title(payment) {
                dt { "Untuk" } dd { (title) }
            }
            @if let Some(place) = &place {
                dt { @if place.is_store { "Kode bayar" } @else { "Nomor virtual account" } }
                dd { (place.code) }
                dt { "Penerima" } dd { "Loket Sandbox" }
            }
            dt { "Pesanan" } dd { (payment.order_id()) }
            @if let Some(phone) = phone(payment) {
                dt { "Notifikasi di ponsel" } dd { (phone) }
            }
            dt { "Berlaku sampai" } dd { (payment.acceptable_until().wib()) " WIB" }
        }
        @if payment.is_acceptable(now) {
            @if let Some(whole) = push(payment) { (countdown(payment.acceptable_until(), whole, now)) }
            @let path = format!("/sandbox/wallet/{}", payment.id());
            @match &place {
                Some(place) => { (pay_there(place.is_store, &path)) }
                None => { (buttons(&path)) }
            }
        } @else {
            p .state role="status" {
                @match payment {
                    Payment::Midtrans(t) => { (told(t.status)) }
                    Payment::Dana(o) => { (told_by_dana(o)) }
                    Payment::Xendit(x) => { (told_by_xendit(x)) }
                }
            }
            @if let Some(back) = back {
                a .back href=(back.url) { (back.label) }
            }
        }
    }
}

/// How long the push stays on the phone.
pub(crate) fn push_countdown(t: &Transaction, now: Timestamp) -> Markup {
    countdown(t.acceptable_until(), midtrans::ACCEPT_WINDOW, now)
}

/// The two buttons of a wallet app, which post below `path`.
pub(crate) fn buttons(path: &str) -> Markup {
    html! {
        form method="post" action={ (path) "/pay" } {
            button type="submit" { "Bayar" }
        }
        form method="post" action={ (path) "/deny" } {
            button type="submit" .quiet { "Tolak" }
        }
    }
}

/// The one button of an ATM, or of a cashier who has the money: who does not want to pay goes away.
fn pay_there(is_store: bool, path: &str) -> Markup {
    html! {
        form method="post" action={ (path) "/pay" } {
            button type="submit" {
                @if is_store { "Terima uang dan bayar" } @else { "Transfer sekarang" }
            }
        }
    }
}

/// What is said when the time is over, noticed or not.
const OVER: &str = "Waktu pembayaran sudah habis.";

/// What became of a transaction of Midtrans'.
pub(crate) fn told(status: Status) -> &'static str {
    match status {
        Status::Settlement => "Pembayaran berhasil.",
        Status::Deny => "Pembayaran ditolak.",
        Status::Cancel => "Pembayaran dibatalkan.",
        Status::Expire | Status::Pending => OVER,
        Status::Refund => "Pembayaran sudah dikembalikan.",
        Status::PartialRefund => "Sebagian pembayaran sudah dikembalikan.",
    }
}

/// What became of an order of DANA's.
fn told_by_dana(order: &dana::Order) -> &'static str {
    match order.status {
        dana::Status::Success => "Pembayaran berhasil.",
        dana::Status::Cancelled => "Pembayaran dibatalkan oleh toko.",
        dana::Status::Closed if order.was_declined() => "Pembayaran ditolak.",
        dana::Status::Closed | dana::Status::Init => OVER,
    }
}

/// What became of a charge of Xendit's.
fn told_by_xendit(charge: &xendit::Charge) -> &'static str {
    match charge.status {
        _ if charge.is_paid() => "Pembayaran berhasil.",
        xendit::Status::Failed => "Pembayaran ditolak.",
        xendit::Status::Canceled => "Pembayaran dibatalkan oleh toko.",
        xendit::Status::Voided => "Pembayaran sudah dikembalikan.",
        xendit::Status::Succeeded | xendit::Status::Expired | xendit::Status::Pending => OVER,
    }
}

/// What it is for, where the merchant says so.
fn title(payment: &Payment) -> Option<&str> {
    match payment {
        Payment::Midtrans(_) => None,
        Payment::Dana(o) => Some(o.title.as_str()).filter(|title| !title.is_empty()),
        Payment::Xendit(x) => x.description.as_deref(),
    }
}

/// Where the app returns to.
struct Back {
    url: String,
    label: &'static str,
}

/// The shop, or the Snap page that the app was opened from. The result in the address is for show: no shop
/// may rely on it.
fn back(payment: &Payment) -> Option<Back> {
    let shop = match payment {
        Payment::Midtrans(t) => {
            let result = if t.times_settled > 0 { "success" } else { "failure" };
            let parts = [("order_id", t.order_id.as_str()), ("result", result)];
            t.callback_url.as_deref().and_then(followed).map(|url| with_query(url, &parts))
        }
        // What DANA adds to the address is UNVERIFIED, so nothing is added.
        Payment::Dana(o) => o.pay_return_url.as_deref().and_then(followed).map(str::to_owned),
        Payment::Xendit(x) => x.return_url().and_then(followed).map(str::to_owned),
    };
    let page = || match payment {
        Payment::Midtrans(t) => t.snap_token.as_deref().map(snap::page_path),
        Payment::Dana(_) | Payment::Xendit(_) => None,
    };
    shop.map(|url| Back { url, label: "Kembali ke toko" })
        .or_else(|| page().map(|url| Back { url, label: "Kembali ke halaman pembayaran" }))
}
