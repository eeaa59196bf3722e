//! What somebody asks for when they place an order, read from the body.

use crate::{
    app::App,
    body::Fields,
    problem::Problem,
    words::{Words, words},
};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use vocabulary::{BuyerId, PaymentMethod, ProductCode, QuoteId};

/// The longest text in a field that has no shorter limit of its own.
const LONGEST_TEXT: usize = 200;

/// What is bought, for whom, and how it is paid.
#[derive(ToSchema)]
#[schema(as = PlaceOrder)]
pub(crate) struct PlaceOrder {
    /// Code of the product, in any case.
    #[schema(value_type = String, example = "ML_86")]
    pub(crate) product_code: ProductCode,
    /// The player's id. Ids are strings.
    #[schema(example = "123456789")]
    pub(crate) user_id: String,
    /// The zone or server, where the game has one.
    #[schema(example = "2345")]
    pub(crate) server_id: Option<String>,
    /// How it is paid: `gopay_qr`, or `wallet` for the buyer's store credit.
    #[schema(value_type = String, example = "gopay_qr")]
    pub(crate) payment_method: PaymentMethod,
    /// The buyer's phone number. Accepted and not used: no method that is offered now needs it.
    pub(crate) phone: Option<String>,
    /// Your own customer id: limits, risk and store credit are per buyer. Default: the key itself.
    #[schema(example = "customer-42")]
    pub(crate) buyer: Option<String>,
    /// A price promise from `POST /api/v1/quotes`. Default: the present price.
    #[schema(value_type = Option<String>)]
    pub(crate) quote: Option<QuoteId>,
}

impl PlaceOrder {
    /// Reads the fields, and tells everything that is wrong with them at once.
    pub(crate) fn read(app: &App, mut fields: Fields) -> Result<Self, Problem> {
        let product =
            fields.parsed("product_code", words("Produk ini tidak dijual.", "This product is not for sale."));
        let user_id = fields.text("user_id");
        let server_id = fields.optional_text("server_id");
        let method = fields.text("payment_method").and_then(|word| {
            let method = word.parse().ok().filter(|method| offered(app, *method));
            if method.is_none() {
                fields.refuse("payment_method", not_offered(app));
            }
            method
        });
        let phone = short(&mut fields, "phone");
        let buyer = short(&mut fields, "buyer");
        let quote = fields.optional_parsed("quote", unknown_quote());
        let read = product.zip(user_id).zip(method);
        fields.finish(read.map(|((product_code, user_id), payment_method)| PlaceOrder {
            product_code,
            user_id,
            server_id,
            payment_method,
            phone,
            buyer,
            quote,
        }))
    }

    /// Who buys: the caller's customer in the caller's name space, else the caller.
    pub(crate) fn buyer_of(&self, caller: &str) -> Result<BuyerId, Problem> {
        let refused = || {
            let rule = words(
                "Paling panjang sekitar 100 karakter ASCII tanpa spasi.",
                "At most about 100 visible ASCII characters.",
            );
            Problem::field("buyer", rule)
        };
        let id = match self.buyer.as_deref() {
            Some("") => return Err(refused()),
            Some(own) => format!("{caller}/{own}"),
            None => caller.to_owned(),
        };
        id.parse().map_err(|_| refused())
    }

    /// Hash of what is asked for, whatever the order of fields and the white space.
    pub(crate) fn hash(&self) -> String {
        let canonical = serde_json::json!([
            1,
            self.product_code.as_str(),
            self.user_id,
            self.server_id,
            self.payment_method.as_str(),
            self.phone,
            self.buyer,
            self.quote.as_ref().map(QuoteId::as_str),
        ]);
        hex::encode(Sha256::digest(canonical.to_string()))
    }
}

/// There is no such promise.
pub(crate) fn unknown_quote() -> Words {
    words("Janji harga ini tidak dikenal.", "There is no such quote.")
}

/// Which methods there are instead.
pub(crate) fn not_offered(app: &App) -> Words {
    let offered: Vec<&str> =
        PaymentMethod::ALL.iter().filter(|m| offered(app, **m)).map(|m| m.as_str()).collect();
    let list = offered.join(", ");
    words(
        format!("Cara bayar ini belum tersedia. Yang tersedia: {list}."),
        format!("This payment method is not available. Available: {list}."),
    )
}

fn offered(app: &App, method: PaymentMethod) -> bool {
    method == PaymentMethod::Wallet || app.shop.gateway_for(method).is_some()
}

fn short(fields: &mut Fields, name: &str) -> Option<String> {
    let text = fields.optional_text(name)?;
    if text.chars().count() > LONGEST_TEXT {
        fields.refuse(name, words("Isian ini terlalu panjang.", "This field is too long."));
    }
    Some(text)
}
