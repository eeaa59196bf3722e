//! The simulated Snap API: a merchant asks for a page, and the buyer chooses there how to pay.
//!
//! Our reading, where contracts/payments is silent: a transaction exists for Core (status, cancel,
//! expire: 404 before) only once a method was chosen on the page; until then nothing can call the page
//! off. An order id has one page for ever, and a call that repeats it is refused.

mod books;
mod choose;
mod create;

pub(crate) use books::{Checkout, close, newest_pages, page, page_of_order, pages_of_number};
pub(crate) use choose::{Choice, NotChosen, call_off_waiting, choose};

use super::{Refusal, is_authorised};
use crate::{
    exchange::{Incoming, Reply},
    world::World,
};
use axum::http::Method;
use database::{Error, WriteTx};
use serde::Serialize;
use vocabulary::Timestamp;

#[derive(Serialize)]
struct Created {
    token: String,
    redirect_url: String,
}

/// How Snap says no. Not verified: the contract tells the shape of Core's errors alone.
#[derive(Serialize)]
struct ErrorMessages<'a> {
    error_messages: &'a [String],
}

/// Answers one call below `/snap/v1`. Its errors always show in the HTTP status: there is no other place.
pub(super) async fn answer(
    world: &World,
    tx: &mut WriteTx,
    incoming: &Incoming,
    segments: &[&str],
    now: Timestamp,
) -> Result<Reply, Error> {
    if !is_authorised(incoming) {
        let text = "Access denied due to unauthorized transaction, please check client or server key";
        return Ok(refused(401, &[text.to_owned()]));
    }
    if segments != ["transactions"] {
        return Ok(refused(404, &["The requested resource is not found.".to_owned()]));
    }
    if incoming.method != Method::POST {
        return Ok(refused(405, &["HTTP method is not allowed.".to_owned()]));
    }
    if incoming.unreadable {
        return Ok(refused(413, &["The request body is too large or broke off.".to_owned()]));
    }
    Ok(match create::create(world, tx, incoming, now).await? {
        Ok(page) => {
            let redirect_url = page_url(&world.base_url(), &page.token);
            Reply::json(201, &Created { token: page.token, redirect_url })
        }
        // Core's codes for what is wrong with a request are all one here.
        Err(Refusal { message, fields, .. }) => {
            if fields.is_empty() {
                refused(400, &[message])
            } else {
                refused(400, &fields)
            }
        }
    })
}

/// A refusal in its own words.
pub(super) fn refused(http: u16, messages: &[String]) -> Reply {
    Reply::json(http, &ErrorMessages { error_messages: messages }).plain_http()
}

/// Where the buyer is sent to.
pub(crate) fn page_url(base: &str, token: &str) -> String {
    format!("{base}{}", page_path(token))
}

/// [`page_url`] on this server.
pub(crate) fn page_path(token: &str) -> String {
    format!("/sandbox/midtrans/snap/v4/redirection/{token}")
}
