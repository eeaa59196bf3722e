//! `GET /pay/{token}/events`: the changing part of the page as a stream of server-sent events. The
//! present state comes at once, then every change; the stream ends when the program is about to.

use crate::{
    app::App,
    headers::{Reader, Segment},
    pay::{Seen, region::Region, seen},
    problem::Problem,
};
use axum::{
    extract::State,
    http::HeaderName,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, StreamExt as _, stream};
use serde::Serialize;
use std::{convert::Infallible, time::Duration};
use tokio::{sync::watch, time::sleep};
use vocabulary::Locale;

/// How often to look when another process does the work.
const POLL: Duration = Duration::from_millis(1500);
/// The shortest time between two looks, however busy the shop is.
const REST: Duration = Duration::from_millis(300);
/// How often a silent stream shows that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// When the browser should come back after the stream ended.
const COME_BACK: Duration = Duration::from_secs(2);

/// What the page gets.
#[derive(Serialize)]
struct Update {
    /// Business time in milliseconds: the page counts down by it.
    now: i64,
    /// What is said aloud.
    headline: String,
    /// The changing part of the page.
    html: String,
    /// The same as of the part that is shown when nothing but the time that is left has changed.
    key: String,
}

/// A page that is being looked at.
struct Watched {
    app: App,
    token: String,
    locale: Locale,
    commits: watch::Receiver<u64>,
    /// Read when the stream was opened, and sent first.
    first: Option<Seen>,
    /// What the page shows: the key of its changing part, and how far business time is ahead.
    shown: Option<(String, i64)>,
}

/// The state of an order, now and at every change.
pub(crate) async fn events(
    State(app): State<App>,
    Reader(locale): Reader,
    Segment(token): Segment,
) -> Result<Response, Problem> {
    let commits = app.shop.db.commits();
    let first = Some(seen(&app, &token).await?);
    let ending = app.ending();
    let watched = Watched { app, token, locale, commits, first, shown: None };
    let events = stream::unfold(watched, next).take_until(Box::pin(ending));
    Ok(answer(events))
}

fn answer(events: impl Stream<Item = Event> + Send + 'static) -> Response {
    let stream =
        Sse::new(events.map(Ok::<Event, Infallible>)).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE));
    let mut response = stream.into_response();
    let headers = response.headers_mut();
    headers.insert(axum::http::header::CACHE_CONTROL, axum::http::HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), axum::http::HeaderValue::from_static("no"));
    response
}

/// Waits for the next change. The stream ends when the order cannot be read: the browser comes back.
async fn next(mut watched: Watched) -> Option<(Event, Watched)> {
    loop {
        let now = match watched.first.take() {
            Some(first) => first,
            None => {
                watched.wait().await;
                seen(&watched.app, &watched.token).await.ok()?
            }
        };
        let region = Region::new(&watched.app, &now, watched.locale, false);
        let shows = (region.key.clone(), watched.app.shop.clock.offset_ms());
        if watched.shown.as_ref() == Some(&shows) {
            continue;
        }
        let update = Update {
            now: watched.app.shop.clock.now().millis(),
            headline: region.headline,
            html: region.html,
            key: region.key,
        };
        let event = Event::default().event("state").retry(COME_BACK).json_data(&update).ok()?;
        watched.shown = Some(shows);
        return Some((event, watched));
    }
}

impl Watched {
    async fn wait(&mut self) {
        sleep(REST).await;
        let changed = async {
            if self.commits.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = changed => {}
            () = sleep(POLL) => {}
        }
    }
}
