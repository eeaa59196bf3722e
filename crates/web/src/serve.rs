//! Serving: connections that do not progress are closed, and an end is graceful but bounded.

use crate::{
    app::ending,
    socket::{Patient, PeerAddress},
};
use axum::Router;
use std::{io, time::Duration};
use tokio::{net::TcpListener, sync::watch};

/// How long requests that are under way may take to finish once the program is ending.
const LONGEST_DRAIN: Duration = Duration::from_secs(10);

/// Serves until `stopping` turns true; then no new connection is taken, open streams end, and what
/// is under way gets ten seconds.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, router: Router, stopping: watch::Receiver<bool>) -> io::Result<()> {
    let service = router.into_make_service_with_connect_info::<PeerAddress>();
    let serving = axum::serve(Patient(listener), service).with_graceful_shutdown(ending(stopping.clone()));
    let overdue = async {
        ending(stopping).await;
        tokio::time::sleep(LONGEST_DRAIN).await;
    };
    tokio::select! {
        served = serving.into_future() => served,
        () = overdue => {
            tracing::warn!("requests were still under way after {} s; they were dropped", LONGEST_DRAIN.as_secs());
            Ok(())
        }
    }
}
