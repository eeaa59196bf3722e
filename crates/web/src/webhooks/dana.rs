//! DANA's door. Its path is fixed, because it is signed, and its answers are in DANA's own form: a
//! code whose first three digits are the HTTP status (`contracts/payments.md` §2.5, §2.6). Anything
//! but 2005600 means that it is to be sent again.

use super::receive;
use crate::{app::App, body::RawBody, door::SaidInItsOwnForm, problem::Problem};
use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use orders::Receipt;
use serde::Serialize;
use utoipa::ToSchema;

/// What DANA is told.
#[derive(Serialize, ToSchema)]
#[schema(as = DanaAnswer)]
pub(crate) struct Said {
    /// HTTP status, service 56, and a case of it.
    #[serde(rename = "responseCode")]
    #[schema(rename = "responseCode", example = "2005600")]
    code: &'static str,
    /// The same in words.
    #[serde(rename = "responseMessage")]
    #[schema(rename = "responseMessage", example = "Successful")]
    message: &'static str,
}

type Answer = (StatusCode, Extension<SaidInItsOwnForm>, Json<Said>);

/// News of a payment, from DANA.
#[utoipa::path(post, path = "/v1.0/debit/notify", tag = "webhooks", operation_id = "dana",
    request_body(content = Object, content_type = "application/json", description = "As DANA sends it, with `X-TIMESTAMP` and `X-SIGNATURE`"),
    responses(
        (status = 200, description = "Stored; sent again, it changes nothing", body = Said),
        (status = 400, description = "Not a notification for this merchant", body = Said),
        (status = 401, description = "The signature does not fit", body = Said),
        (status = 404, description = "This shop has no account at DANA", body = Said),
        (status = 413, description = "The body is too large", body = Said),
        (status = 500, description = "Could not be stored: send it again", body = Said),
    ))]
pub(crate) async fn notify(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<RawBody, Problem>,
) -> Answer {
    let body = match body {
        Ok(RawBody(body)) => body,
        Err(problem) if problem.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return say(StatusCode::PAYLOAD_TOO_LARGE, "4135600", "Payload Too Large");
        }
        Err(_) => return say(StatusCode::BAD_REQUEST, "4005600", "Bad Request"),
    };
    match receive(&app, "dana", &headers, &body).await {
        Ok(Receipt::Taken) => say(StatusCode::OK, "2005600", "Successful"),
        Ok(Receipt::Refused) => say(StatusCode::UNAUTHORIZED, "4015600", "Unauthorized. Invalid Signature"),
        Ok(Receipt::Unreadable) => say(StatusCode::BAD_REQUEST, "4005600", "Bad Request"),
        Ok(Receipt::UnknownSource) => say(StatusCode::NOT_FOUND, "4045600", "Not Found"),
        Err(error) => {
            tracing::error!(%error, "a notification of DANA could not be stored: {error}");
            say(StatusCode::INTERNAL_SERVER_ERROR, "5005601", "Internal Server Error")
        }
    }
}

fn say(status: StatusCode, code: &'static str, message: &'static str) -> Answer {
    (status, Extension(SaidInItsOwnForm), Json(Said { code, message }))
}
