//! `POST /api/v1/deposits`: puts money into the buyer's own wallet, once for each `Idempotency-Key`. What comes
//! of it is an order of the kind `deposit`: it is looked at, cancelled and paid in another way like any other.

use crate::{
    app::App,
    auth::Caller,
    body::Fields,
    headers::{Key, Peer, Reader},
    orders_api::{
        place::{placed_order, refusal},
        request::{buyer_of, method, not_a_phone, short},
        wire::OrderBody,
    },
    problem::{Kind, Problem, ProblemBody},
    words::words,
};
use axum::{extract::State, response::Response};
use orders::{Deposit, DepositError, Origin};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use vocabulary::{PaymentMethod, PhoneNumber, Rupiah};

/// What the vault's mark of a phone number in a request is for.
const PHONE_MARK: &str = "deposit.phone";

/// How much is put into whose wallet, and how it is paid.
#[derive(ToSchema)]
#[schema(as = PlaceDeposit)]
pub(crate) struct PlaceDeposit {
    /// How much, in whole rupiah. The shop has a least and a most.
    #[schema(value_type = u64, example = 50000)]
    amount: Rupiah,
    /// How it is paid: any method that is offered, but `wallet`.
    #[schema(value_type = String, example = "qris")]
    payment_method: PaymentMethod,
    /// The buyer's number with the wallet app, for `ovo_push`. Without it the buyer gives it on the pay page.
    #[schema(value_type = Option<String>, example = "081234567890")]
    phone: Option<PhoneNumber>,
    /// Your own customer id: store credit is per buyer. Default: the key itself.
    #[schema(example = "customer-42")]
    buyer: Option<String>,
}

impl PlaceDeposit {
    fn read(app: &App, mut fields: Fields) -> Result<Self, Problem> {
        // The shop's own bounds are looked at after the key: what was taken once is answered as it was.
        let amount = fields.rupiah("amount", 1);
        let method = method(app, &mut fields);
        let phone = fields.optional_parsed("phone", not_a_phone());
        let buyer = short(&mut fields, "buyer");
        let read = amount.zip(method);
        fields.finish(read.map(|(amount, payment_method)| PlaceDeposit {
            amount,
            payment_method,
            phone,
            buyer,
        }))
    }

    /// Hash of what is asked for; a phone number is in it by a mark, as in that of an order.
    fn hash(&self, app: &App) -> String {
        let phone = self.phone.as_ref().map(|phone| app.shop.vault.tag(PHONE_MARK, phone.local()));
        let method = self.payment_method.as_str();
        let canonical = serde_json::json!(["deposit", 1, self.amount.get(), method, phone, self.buyer]);
        hex::encode(Sha256::digest(canonical.to_string()))
    }
}

/// Puts money into the buyer's wallet. The answer waits a moment for the QR code; when it is not there yet, it
/// appears on the pay page and in the order.
#[utoipa::path(post, path = "/api/v1/deposits", tag = "orders", request_body = PlaceDeposit, security(("api_key" = [])),
    params(("Idempotency-Key" = String, Header, description = "A unique text of your own, 1 to 255 visible ASCII characters. The same request with the same key gets the same deposit.", example = "8a1f0c1e-deposit-1")),
    responses(
        (status = 201, description = "The deposit, as it stands now: an order of the kind `deposit`", body = OrderBody, headers(
            ("Location" = String, description = "Address of the order"),
            ("Idempotency-Replayed" = String, description = "`true` when the key had been used for the same request before: nothing was done now"),
        )),
        (status = 400, description = "No Idempotency-Key, or the body is not JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No API key, or a wrong one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "This shop takes no deposits, or too many orders and deposits of this buyer are unpaid", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Not sent as JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be accepted, or the key was used for another request", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Unknown whether it was placed: send the same again with the same key", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn deposit(
    State(app): State<App>,
    caller: Caller,
    Reader(locale): Reader,
    Key(key): Key,
    Peer(ip): Peer,
    fields: Fields,
) -> Result<Response, Problem> {
    let asked = PlaceDeposit::read(&app, fields)?;
    let deposit = Deposit {
        owner: caller.id().to_owned(),
        key,
        request_hash: asked.hash(&app),
        buyer: buyer_of(asked.buyer.as_deref(), caller.id())?,
        amount: asked.amount,
        method: asked.payment_method,
        phone: asked.phone,
        locale,
        ip,
        origin: Origin::default(),
    };
    let placed = app.shop.deposit(&deposit).await.map_err(|error| match error {
        DepositError::Place(error) => refusal(&app, error, "a deposit"),
        DepositError::NotTaken => not_taken(),
        DepositError::OutOfBounds { least, most } => Problem::field(
            "amount",
            words(format!("Isi {least} sampai {most}."), format!("A deposit is {least} to {most}.")),
        ),
    })?;
    placed_order(&app, &caller, &placed).await
}

fn not_taken() -> Problem {
    let detail = words("Toko ini tidak menerima isi saldo.", "This shop takes no deposits.");
    Problem::new(Kind::NotPossible, detail)
}
