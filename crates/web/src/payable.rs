//! What can be paid at this moment: the only payment whose code and links are handed out. A code that
//! nobody shall pay any more must not be found at an address of ours.

use orders::{Order, OrderState};
use payments::Payment;
use vocabulary::Timestamp;

/// The payment, while its gateway takes the money and the order waits for it.
pub(crate) fn payable<'a>(
    order: &Order,
    payment: Option<&'a Payment>,
    now: Timestamp,
) -> Option<&'a Payment> {
    let waits = order.state == OrderState::AwaitingPayment;
    payment.filter(|p| waits && p.payable_until(now).is_some())
}
