//! The one door to outside parties. Every call to a gateway, supplier or source goes through
//! [`Http::call`], which gives it a crash point on each side, a time-out, a limit on what is read,
//! no redirects, a metric and a log line; so an adapter holds only what is the vendor's own. Beside it is
//! the [`Circuit`], by which a party that fails is left alone.

mod circuit;
mod http;

pub use circuit::{Admission, Circuit, Patience, Rest};
pub use http::{Answer, CallError, Http, Method, Request};

/// A future in a box, for traits whose implementations are chosen at run time.
pub type Pending<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
