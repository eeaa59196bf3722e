//! Giving money back: where it can go, what staff want, the word of a second person, and what is booked. A
//! refund to where the money came from is a row of `payments` that the worker carries out
//! (`worker/refund.rs`); here it is begun and ended.

mod approval;
mod booking;
mod end;
mod error;
mod once;
mod plan;
mod request;
mod source;
pub(crate) mod word;

pub use approval::SeenRefund;
pub(crate) use booking::{Begin, begin, book_end, told};
pub use end::Settled;
pub(crate) use end::end;
pub use error::RefundError;
pub use request::{RefundAnswer, RefundRequestView, RefundWish};
pub(crate) use request::{carried_out, requests, waiting};
pub use source::{NotToSource, RefundTarget};
pub(crate) use source::{is_on_its_way, source_of_escrow};
