//! `POST /api/v1/game/validate`: the check of an account id. In this version only its format is
//! checked, and the answer says so: nobody was asked whether the account exists.

use crate::{
    app::App,
    body::Fields,
    headers::Reader,
    problem::{Problem, ProblemBody},
    words::words,
};
use axum::{Json, extract::State};
use serde::Serialize;
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
    /// The player's name, when it is known. Always null in this version.
    nickname: Option<String>,
    /// True only when the account was seen to exist. Always false in this version.
    #[schema(example = false)]
    is_valid: bool,
    /// `valid`, `invalid` (the id cannot be one of this game), or `unavailable` (nobody could say
    /// whether the account exists; its format is fine).
    #[schema(example = "unavailable")]
    status: &'static str,
    /// The same in words, in the reader's language.
    message: String,
}

/// Checks an account id. In this version only the format is checked.
#[utoipa::path(post, path = "/api/v1/game/validate", tag = "game", request_body = ValidateBody, responses(
    (status = 200, description = "What was found", body = ValidationBody),
    (status = 400, description = "The body is not JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, description = "Not sent as JSON", body = ProblemBody, content_type = "application/problem+json"),
    (status = 422, description = "A field is missing, unknown or of the wrong type, or the game is not known", body = ProblemBody, content_type = "application/problem+json"),
    (status = 503, description = "The database cannot answer now", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn validate(
    State(app): State<App>,
    Reader(locale): Reader,
    fields: Fields,
) -> Result<Json<ValidationBody>, Problem> {
    let asked = ValidateBody::read(fields)?;
    let categories = app.shop.categories().await?;
    if categories.iter().all(|category| category.code != asked.game_code) {
        return Err(Problem::field("game_code", unknown_game()));
    }
    let account = catalog::account::parse(&asked.game_code, &asked.user_id, asked.server_id.as_deref());
    Ok(Json(match account {
        Ok(account) => ValidationBody {
            user_id: account.user_id().to_owned(),
            server_id: account.server_id().map(str::to_owned),
            nickname: None,
            is_valid: false,
            status: "unavailable",
            message: locale
                .pick(
                    "Format ID benar. Keberadaan akun belum bisa dicek otomatis: pastikan lagi ID-nya sebelum membeli.",
                    "The format of the id is fine. Whether the account exists could not be checked: make sure of it before buying.",
                )
                .to_owned(),
        },
        Err(problem) => ValidationBody {
            user_id: asked.user_id,
            server_id: asked.server_id,
            nickname: None,
            is_valid: false,
            status: "invalid",
            message: problem.message(locale),
        },
    }))
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
