//! What somebody asks for when they place an order, read from the body.

use crate::{
    app::App,
    body::Fields,
    problem::Problem,
    words::{Words, words},
};
use orders::Bill;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use vocabulary::{BuyerId, PaymentMethod, PhoneNumber, ProductCode, QuoteId};

/// The longest text in a field that has no shorter limit of its own.
const LONGEST_TEXT: usize = 200;
/// What the vault's mark of a phone number in a request is for.
const PHONE_MARK: &str = "request.phone";

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
    /// How it is paid: `qris`, `gopay_qr`, `gopay_link`, `ovo_push`, `ovo_link`, `dana_qr`, `dana_link`,
    /// `va_bca`, `va_bni`, `va_bri`, `va_permata`, `va_mandiri`, `va_bsi`, `va_cimb`, `va_btpn`, `va_panin`,
    /// `cstore_indomaret`, `cstore_alfamart`, or `wallet` for the buyer's store credit. Which of them are offered
    /// depends on the shop and on the price.
    #[schema(value_type = String, example = "gopay_qr")]
    pub(crate) payment_method: PaymentMethod,
    /// The buyer's number with the wallet, for `ovo_push`. Without it the buyer gives it on the pay page.
    #[schema(value_type = Option<String>, example = "081234567890")]
    pub(crate) phone: Option<PhoneNumber>,
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
        let method = method(app, &mut fields);
        let phone = fields.optional_parsed("phone", not_a_phone());
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
        buyer_of(self.buyer.as_deref(), caller)
    }

    /// Hash of what is asked for, whatever the order of fields and the white space. It is stored, so a
    /// phone number is in it by a mark that nobody makes without the vault's key: there are so few numbers
    /// that whoever has the rows could try them all.
    pub(crate) fn hash(&self, app: &App) -> String {
        match &self.phone {
            None => self.digest(1, None),
            Some(phone) => self.digest(2, Some(&app.shop.vault.tag(PHONE_MARK, phone.local()))),
        }
    }

    /// The hash as versions before the mark made it; none where it is the same. It is compared with what
    /// they stored, and never stored.
    pub(crate) fn hash_before_marks(&self) -> Option<String> {
        self.phone.as_ref().map(|phone| self.digest(1, Some(phone.local())))
    }

    fn digest(&self, version: u32, phone: Option<&str>) -> String {
        let canonical = serde_json::json!([
            version,
            self.product_code.as_str(),
            self.user_id,
            self.server_id,
            self.payment_method.as_str(),
            phone,
            self.buyer,
            self.quote.as_ref().map(QuoteId::as_str),
        ]);
        hex::encode(Sha256::digest(canonical.to_string()))
    }
}

/// Who buys: the caller's customer of this name in the caller's name space, else the caller.
pub(crate) fn buyer_of(own: Option<&str>, caller: &str) -> Result<BuyerId, Problem> {
    let refused = || {
        let rule = words(
            "Paling panjang sekitar 100 karakter ASCII tanpa spasi.",
            "At most about 100 visible ASCII characters.",
        );
        Problem::field("buyer", rule)
    };
    let id = match own {
        Some("") => return Err(refused()),
        Some(own) => format!("{caller}/{own}"),
        None => caller.to_owned(),
    };
    id.parse().map_err(|_| refused())
}

/// What a phone number looks like.
pub(crate) fn not_a_phone() -> Words {
    words(
        "Nomor HP Indonesia diawali 08 atau +628, 10 sampai 14 angka.",
        "An Indonesian mobile number begins with 08 or +628 and has 10 to 14 digits.",
    )
}

/// There is no such promise.
pub(crate) fn unknown_quote() -> Words {
    words("Janji harga ini tidak dikenal.", "There is no such quote.")
}

/// Which methods there are instead.
pub(crate) fn not_offered(app: &App) -> Words {
    let offered: Vec<&str> =
        PaymentMethod::ALL.iter().filter(|m| app.shop.offers_method(**m)).map(|m| m.as_str()).collect();
    let list = offered.join(", ");
    words(
        format!("Cara bayar ini belum tersedia. Yang tersedia: {list}."),
        format!("This payment method is not available. Available: {list}."),
    )
}

/// Which methods there are for this bill.
pub(crate) fn not_for(app: &App, method: PaymentMethod, bill: Bill) -> Words {
    let possible: Vec<&str> = app.shop.payment_methods(bill).iter().map(|m| m.as_str()).collect();
    let (list, amount) = (possible.join(", "), bill.amount);
    words(
        format!("{amount} tidak bisa dibayar dengan {method}. Yang bisa: {list}."),
        format!("{amount} cannot be paid by {method}. Possible: {list}."),
    )
}

/// Who collects by this method does not answer now; which others there are.
pub(crate) fn resting(app: &App, method: PaymentMethod) -> Words {
    let works = PaymentMethod::ALL.iter().filter(|m| app.shop.offers_method_now(**m));
    let list = works.map(|m| m.as_str()).collect::<Vec<_>>().join(", ");
    words(
        format!(
            "{method} sedang tidak bisa dipakai. Pakai cara lain ({list}), atau coba lagi beberapa menit lagi."
        ),
        format!(
            "{method} cannot be used at the moment. Use another method ({list}), or try again in a few minutes."
        ),
    )
}

/// A method that is offered here.
pub(crate) fn method(app: &App, fields: &mut Fields) -> Option<PaymentMethod> {
    let word = fields.text("payment_method")?;
    let method = word.parse().ok().filter(|method| app.shop.offers_method(*method));
    if method.is_none() {
        fields.refuse("payment_method", not_offered(app));
    }
    method
}

/// A text of a length that is kept.
pub(crate) fn short(fields: &mut Fields, name: &str) -> Option<String> {
    let text = fields.optional_text(name)?;
    if text.chars().count() > LONGEST_TEXT {
        fields.refuse(name, words("Isian ini terlalu panjang.", "This field is too long."));
    }
    Some(text)
}
