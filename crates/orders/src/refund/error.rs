//! Why nothing is given back, in the words that staff read.

use super::NotToSource;
use crate::{ActionError, OrderState};
use database::Error;
use vocabulary::{Actor, OrderNumber, Reference, RefundRequestId, Rupiah};

/// Why nothing is given back.
#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    /// As with any decision about an order.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// An order goes back whole; a part of its store credit can follow.
    #[error(
        "order {number}: {whole} goes back whole; refund it to the wallet, and then a part of that to its source"
    )]
    NotWhole {
        /// The order.
        number: OrderNumber,
        /// What is left of it.
        whole: Rupiah,
    },
    /// This order gave the buyer no store credit that could go back.
    #[error("order {number} is {state} and gave its buyer no store credit that could go back")]
    NothingToGiveBack {
        /// The order.
        number: OrderNumber,
        /// Where it stands.
        state: OrderState,
    },
    /// More than can go back.
    #[error("order {number}: at most {most} of its store credit can go back (the wallet holds {balance})")]
    TooMuch {
        /// The order.
        number: OrderNumber,
        /// So much can.
        most: Rupiah,
        /// What the buyer has.
        balance: Rupiah,
    },
    /// It was to go to where it came from and cannot: it stays store credit.
    #[error("order {number}: it stays store credit, because {why}")]
    NotToSource {
        /// The order.
        number: OrderNumber,
        /// Why not.
        why: NotToSource,
    },
    /// A request waits already.
    #[error(
        "order {number}: a refund of it waits for a second person already; `loket order refund-approve {number} {request}` or `refund-reject {number} {request}`"
    )]
    WaitsAlready {
        /// The order.
        number: OrderNumber,
        /// What waits.
        request: RefundRequestId,
    },
    /// There is none to decide about.
    #[error("order {0}: no refund of it waits for a second person")]
    NoneWaits(OrderNumber),
    /// What waits now is another request than the one that is decided about.
    #[error(
        "order {number}: {asked} does not wait any more; {waits} of {amount}, which {by} wants, does: look at that, and decide about it by its id"
    )]
    AnotherWaits {
        /// The order.
        number: OrderNumber,
        /// What was to be decided about.
        asked: RefundRequestId,
        /// What waits.
        waits: RefundRequestId,
        /// How much that is.
        amount: Rupiah,
        /// Who wants it.
        by: Actor,
    },
    /// What waits is of another amount than was seen.
    #[error("order {number}: {request} is about {amount}, and not about {seen}")]
    AnotherAmount {
        /// The order.
        number: OrderNumber,
        /// What waits.
        request: RefundRequestId,
        /// How much it is.
        amount: Rupiah,
        /// How much whoever decides has seen.
        seen: Rupiah,
    },
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The same person has said so already.
    #[error("refund {key}: {by} has said so already, and somebody else has to say the same")]
    SaidAlready {
        /// The refund.
        key: Reference,
        /// Who has.
        by: Actor,
    },
    /// There is no refund with this key that a person could end now.
    #[error(
        "refund {0}: there is none, it has ended, or its gateway may say yet how it ends (a person can say so an hour after it was begun)"
    )]
    NotToSettle(Reference),
    /// Its gateway has taken it on, so that nobody can say that it will not come.
    #[error(
        "refund {0}: its gateway has taken it on and may give it back yet; `given-back` once its dashboard shows that, else wait for its word"
    )]
    MayCome(Reference),
    /// Its gateway is being called just now.
    #[error("refund {0}: its gateway is being asked at this moment; try again in a minute")]
    InHand(Reference),
    /// The second person has to be another one.
    #[error("order {number}: {by} wanted this refund, so somebody else has to agree")]
    SamePerson {
        /// The order.
        number: OrderNumber,
        /// Who wanted it.
        by: Actor,
    },
}

impl From<Error> for RefundError {
    fn from(error: Error) -> Self {
        RefundError::Action(ActionError::Database(error))
    }
}
