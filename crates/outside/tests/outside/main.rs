//! The door to outside parties, on real sockets: an answer, *not sent*, or *unknown*.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has to stop, and say where")]

mod call;
mod server;
