//! What a buyer sends from the page: another way to pay, and the phone number for a push. Well done,
//! the answer leads back to the page; else it is the page itself with what to do. A phone number is
//! never sent back, and never part of an address, an error or a log line.

use crate::{
    app::App,
    body::RawBody,
    headers::{Reader, Segment},
    html::Page,
    pay::{
        Seen, choice,
        notice::{self, Notice},
        origin, page, seen,
    },
    problem::Problem,
};
use axum::{
    extract::{FromRequest as _, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use orders::{PayError, WayToPay};
use vocabulary::{Locale, PaymentMethod, PhoneNumber};

/// The most bytes of a form.
pub(crate) const FORM_LIMIT: usize = 2 * 1024;
/// The most fields of a form.
const MOST_FIELDS: usize = 10;

/// Why the page is shown instead of leading back to it.
enum Refusal {
    /// With what to do.
    Told(Notice),
    /// The page itself cannot be shown.
    Problem(Problem),
}

impl From<PayError> for Refusal {
    fn from(error: PayError) -> Self {
        notice::of(error).map_or_else(Refusal::Problem, Refusal::Told)
    }
}

impl From<Notice> for Refusal {
    fn from(notice: Notice) -> Self {
        Refusal::Told(notice)
    }
}

/// The fields of a form, each at most once.
struct Form(Vec<(String, String)>);

/// `POST /pay/{token}/method`: pays in another way.
pub(crate) async fn method(
    State(app): State<App>,
    Reader(locale): Reader,
    Segment(token): Segment,
    request: Request,
) -> Result<Response, Problem> {
    let before = seen(&app, &token).await?;
    let chosen = choose(&app, &before, request).await;
    answer(&app, &token, locale, false, chosen).await
}

/// `POST /pay/{token}/phone`: tells the number for a push, sends one again, or forgets the number.
pub(crate) async fn phone(
    State(app): State<App>,
    Reader(locale): Reader,
    Segment(token): Segment,
    request: Request,
) -> Result<Response, Problem> {
    let before = seen(&app, &token).await?;
    let mut remember = false;
    let pushed = push(&app, &before, request, &mut remember).await;
    answer(&app, &token, locale, remember, pushed).await
}

/// `GET` of a form's address, as a browser does that loads the answer anew: leads to the page.
pub(crate) async fn back(State(app): State<App>, Segment(token): Segment) -> Result<Redirect, Problem> {
    Ok(to_page(&seen(&app, &token).await?))
}

async fn choose(app: &App, seen: &Seen, request: Request) -> Result<(), Refusal> {
    let form = Form::read(request).await?;
    let word = form.get("method").unwrap_or_default();
    let method: PaymentMethod = word.parse().map_err(|_| notice::no_such_method())?;
    if !choice::may_choose(method) {
        return Err(notice::no_credit_here().into());
    }
    pay(app, seen, &WayToPay::by(method)).await
}

async fn push(app: &App, seen: &Seen, request: Request, remember: &mut bool) -> Result<(), Refusal> {
    let form = Form::read(request).await?;
    *remember = form.get("remember").is_some();
    let order = &seen.view.order;
    let using = form.get("use").unwrap_or("phone");
    if using == "forget" {
        app.shop.forget_phone(&order.buyer).await.map_err(PayError::from)?;
        return Ok(());
    }
    if !order.method.needs_phone() {
        return Err(notice::another_method_now().into());
    }
    let way = WayToPay::by(order.method);
    match using {
        "again" => Ok(app.shop.push_again_by_token(&order.pay_token).await?),
        "remembered" => pay(app, seen, &WayToPay { use_remembered_phone: true, ..way }).await,
        "phone" => {
            let number = PhoneNumber::parse(form.get("phone").unwrap_or_default());
            let number = number.map_err(notice::no_number)?;
            pay(app, seen, &WayToPay { phone: Some(number), remember_phone: *remember, ..way }).await
        }
        _ => Err(notice::unreadable().into()),
    }
}

async fn pay(app: &App, seen: &Seen, way: &WayToPay) -> Result<(), Refusal> {
    Ok(app.shop.pay_by_token(&seen.view.order.pay_token, way).await?)
}

/// Leads back to the page, or is the page as it stands now, with what to do.
async fn answer(
    app: &App,
    token: &str,
    locale: Locale,
    remember: bool,
    done: Result<(), Refusal>,
) -> Result<Response, Problem> {
    let now = seen(app, token).await?;
    match done {
        Ok(()) => Ok(to_page(&now).into_response()),
        Err(Refusal::Problem(problem)) => Err(problem),
        Err(Refusal::Told(notice)) => {
            let page: Page = page::render(app, &now, locale, remember, Some(&notice));
            let mut response = page.into_response();
            *response.status_mut() = notice.status;
            Ok(response)
        }
    }
}

/// The address of the page is made of what we know, not of what was sent.
fn to_page(seen: &Seen) -> Redirect {
    Redirect::to(&format!("/pay/{}", seen.view.order.pay_token))
}

impl Form {
    async fn read(request: Request) -> Result<Form, Notice> {
        if !origin::is_ours(request.headers(), request.uri()) {
            return Err(notice::foreign());
        }
        if !is_form(request.headers()) {
            return Err(Notice { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, ..notice::unreadable() });
        }
        let RawBody(bytes) = RawBody::from_request(request, &()).await.map_err(|problem| {
            if problem.status() == StatusCode::PAYLOAD_TOO_LARGE {
                notice::too_large()
            } else {
                notice::unreadable()
            }
        })?;
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(&bytes) {
            if fields.len() >= MOST_FIELDS || fields.iter().any(|(known, _)| *known == name) {
                return Err(notice::unreadable());
            }
            fields.push((name.into_owned(), value.into_owned()));
        }
        Ok(Form(fields))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
