//! Waiting a moment for what the buyer of an order needs in order to pay (a QR code, a link), so that
//! most callers get it with the first answer.

use crate::{app::App, orders_api::unknown_order, problem::Problem};
use orders::{OrderState, OrderView};
use payments::{Payment, PaymentState};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};
use vocabulary::OrderNumber;

/// How long the answer waits at most.
const LONGEST_WAIT: Duration = Duration::from_secs(3);
const _: () = assert!(LONGEST_WAIT.as_secs() <= 5, "a buyer looks at nothing meanwhile, and may press again");
/// How often to look when another process does the work.
const POLL: Duration = Duration::from_millis(100);

/// The order as soon as it can be paid (or cannot any more), or as it stands when patience ends.
pub(crate) async fn payable(app: &App, number: &OrderNumber, owner: &str) -> Result<OrderView, Problem> {
    let until = Instant::now().checked_add(LONGEST_WAIT).unwrap_or_else(Instant::now);
    loop {
        // Subscribed before looking, so that nothing that is committed meanwhile is slept over.
        let mut commits = app.shop.db.commits();
        let view = app.shop.order_view(number, owner).await?.ok_or_else(unknown_order)?;
        if !still_opening(&view) || Instant::now() >= until {
            return Ok(view);
        }
        let changed = async {
            if commits.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = changed => {}
            () = sleep(POLL) => {}
            () = sleep_until(until) => {}
            () = app.ending() => return Ok(view),
        }
    }
}

/// Whether what the buyer needs may be there in a moment. A payment that waits for a phone number
/// waits for a person, and one that nobody wants any more is never shown.
fn still_opening(view: &OrderView) -> bool {
    let opening = |p: &Payment| {
        let o = &p.opened;
        let link = o.deep_link.is_some() || o.redirect_url.is_some();
        let nothing = o.qr_string.is_none() && o.payment_code.is_none() && !link;
        let opening = matches!(p.state, PaymentState::Intended | PaymentState::Unknown);
        opening && p.closing.is_none() && nothing && !p.waits_for_phone()
    };
    view.order.state == OrderState::AwaitingPayment && view.payment.as_ref().is_some_and(opening)
}
