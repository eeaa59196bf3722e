//! `POST /api/v1/game/validate`: whether a game account exists. Open to all, so that a shop's own site
//! can ask; how often is limited by the key that is shown, or by the address.

use crate::{
    app::App,
    auth::Caller,
    body::Fields,
    headers::{Peer, Reader},
    problem::{Kind, Problem, ProblemBody},
    words::words,
};
use axum::{Json, extract::State};
use catalog::{Asker, TooMany, Validation};
use orders::ValidateError;
use serde::Serialize;
use std::net::IpAddr;
use utoipa::ToSchema;
use vocabulary::CategoryCode;

/// The account to check.
#[derive(ToSchema)]
#[schema(as = Validate)]
pub(crate) struct ValidateBody {
    /// Code of the game, in any case.
    #[schema(value_type = String, example = "ML")]
    game_code: CategoryCode,
    /// The player's id, as typed. Ids are strings.
    #[schema(example = "123456789")]
    user_id: String,
    /// The zone or server, where the game has one.
    #[schema(example = "2345")]
    server_id: Option<String>,
}

/// What the check found.
#[derive(Serialize, ToSchema)]
pub(crate) struct ValidationBody {
    /// The player's id, cleaned when it could be read.
    #[schema(example = "123456789")]
    user_id: String,
    /// The zone or server, where the game has one.
    #[schema(example = "2345")]
    server_id: Option<String>,
    /// The player's name, when the account exists. Untrusted text: escape it where you show it. May be
    /// empty, when nothing of the name can be seen.
    #[schema(example = "Itacimo")]
    nickname: Option<String>,
    /// True only when the account was seen to exist.
    #[schema(example = true)]
    is_valid: bool,
    /// `valid`, `invalid` (there is no such account, or the id cannot be one of this game), or
    /// `unavailable` (nobody could say whether the account exists; its format is fine, and it may be
    /// bought for).
    #[schema(example = "valid")]
    status: &'static str,
    /// True when the buyer should be asked once more before buying, because nobody could say.
    #[schema(example = false)]
    needs_confirmation: bool,
    /// The same in words, in the reader's language.
    message: String,
}

/// Whether a game account exists, and whose it is. Answers within two seconds.
#[utoipa::path(post, path = "/api/v1/game/validate", tag = "game", request_body = ValidateBody, responses(
    (status = 200, description = "What was found", body = ValidationBody),
    (status = 400, description = "The body is not JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "Not sent as JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "A field is missing, unknown or of the wrong type, or the game is not known", body = ProblemBody, content_type = "application/problem+json"),
    (status = 429, description = "Too many accounts were checked from this address or with this key. It says nothing about the account", body = ProblemBody, content_type = "application/problem+json", headers(
        ("Retry-After" = u64, description = "Seconds after which one more is answered"),
    )),
    (status = 503, description = "The database cannot answer now", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn validate(
    State(app): State<App>,
    caller: Option<Caller>,
    Peer(ip): Peer,
    Reader(locale): Reader,
    fields: Fields,
) -> Result<Json<ValidationBody>, Problem> {
    let asked = ValidateBody::read(fields)?;
    let server_id = asked.server_id.as_deref();
    let asker = asker(caller.as_ref(), ip.as_deref());
    let found = app.shop.validate_account(&asked.game_code, &asked.user_id, server_id, &asker);
    let found = found.await.map_err(refusal)?;
    let nickname = match &found.validation {
        Validation::Valid { nickname } => Some(nickname.as_str().to_owned()),
        Validation::Invalid { .. } | Validation::Unavailable { .. } => None,
    };
    let (user_id, server_id) = match &found.account {
        Some(account) => (account.user_id().to_owned(), account.server_id().map(str::to_owned)),
        None => (asked.user_id, asked.server_id),
    };
    Ok(Json(ValidationBody {
        user_id,
        server_id,
        is_valid: nickname.is_some(),
        nickname,
        status: found.validation.as_str(),
        needs_confirmation: found.confirm,
        message: found.validation.message(locale),
    }))
}

/// Who is counted: the holder of a key for all whom they ask for, anybody else by their address. A
/// network of version 6 counts as one address: each of its hosts has very many.
fn asker(caller: Option<&Caller>, ip: Option<&str>) -> Asker {
    if let Some(caller) = caller {
        return Asker::group(caller.id());
    }
    let ip = ip.unwrap_or("unknown");
    match ip.parse() {
        Ok(IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            Asker::person(format!("ip:{a:x}:{b:x}:{c:x}:{d:x}::/64"))
        }
        _ => Asker::person(format!("ip:{ip}")),
    }
}

fn refusal(error: ValidateError) -> Problem {
    match error {
        ValidateError::UnknownGame(_) => Problem::field("game_code", unknown_game()),
        ValidateError::TooMany(too_many) => later(too_many),
        ValidateError::Database(error) => error.into(),
    }
}

fn later(too_many: TooMany) -> Problem {
    let seconds = too_many.seconds();
    Problem::new(
        Kind::TooMany { seconds },
        words(
            format!("Terlalu banyak pengecekan akun. Coba lagi dalam {seconds} detik."),
            format!("Too many accounts were checked. Try again in {seconds} seconds."),
        ),
    )
}

impl ValidateBody {
    fn read(mut fields: Fields) -> Result<Self, Problem> {
        let game_code = fields.parsed("game_code", unknown_game());
        let user_id = fields.text("user_id");
        let server_id = fields.optional_text("server_id");
        let read = game_code.zip(user_id);
        fields.finish(read.map(|(game_code, user_id)| ValidateBody { game_code, user_id, server_id }))
    }
}

fn unknown_game() -> crate::words::Words {
    words("Tidak ada game dengan kode ini.", "There is no game with this code.")
}
