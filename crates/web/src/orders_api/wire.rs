//! Orders as the API shows them. The database's words stay inside: renaming a column changes
//! nothing here.

use crate::{app::App, links, payable::payable};
use orders::{Order, OrderView, PriceMoved, TimelineEntry};
use serde::Serialize;
use utoipa::ToSchema;
use vocabulary::{BuyerId, Locale, PayPoint, Rupiah, Timestamp};

/// An order.
#[derive(Serialize, ToSchema)]
#[schema(as = Order)]
pub(crate) struct OrderBody {
    #[serde(flatten)]
    summary: SummaryBody,
    /// How it is paid.
    payment: PaymentBody,
    /// What the risk rules found.
    risk: RiskBody,
    /// What happened, oldest first.
    timeline: Vec<TimelineBody>,
    /// Set when it was not delivered because its supplier's price no longer fits its own.
    price_moved: Option<PriceMovedBody>,
}

/// An order whose supplier asks more than its price allows.
#[derive(Serialize, ToSchema)]
#[schema(as = PriceMoved)]
pub(crate) struct PriceMovedBody {
    /// What its buyer may be told, in the order's language.
    text: String,
    /// What the product costs now, in whole rupiah; null while it would come to nothing again, or is not for sale.
    #[schema(example = 21000)]
    price_now: Option<i64>,
}

/// An order in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderSummary)]
pub(crate) struct SummaryBody {
    /// What people call it.
    #[schema(example = "LK7Q2M9XK4VT")]
    number: String,
    /// `purchase`, or `deposit`: credit for the buyer's own wallet. A deposit is `refunded` when its money is there.
    #[schema(example = "purchase")]
    kind: &'static str,
    /// Where it stands: `awaiting_verification`, `in_review`, `blocked`, `awaiting_payment`, `paid`,
    /// `fulfilling`, `delivered`, `failed`, `refunding`, `refunded`, `expired`, `cancelled` or
    /// `needs_attention`.
    #[schema(example = "awaiting_payment")]
    state: &'static str,
    /// Why it is in `needs_attention`: `odd_money`, `supplier_slow`, `supplier_refuses_us`, `supplier_odd`,
    /// `partly_delivered`, `partly_refunded`, or `waits_for_supplier`, which goes on by itself
    /// unless a person decides about its refund.
    attention: Option<&'static str>,
    /// What is bought.
    #[schema(example = "ML_86")]
    product_code: String,
    /// Its name when the order was placed.
    #[schema(example = "86 Diamond")]
    product_name: String,
    /// For which game account.
    account: AccountBody,
    /// What it costs, in whole rupiah.
    #[schema(example = 20000)]
    amount: i64,
    /// The caller's own customer id, as it was given.
    #[schema(example = "customer-42")]
    buyer: Option<String>,
    /// Proof of delivery.
    serial_number: Option<String>,
    /// When it was placed (RFC 3339, UTC).
    #[schema(example = "2026-11-22T05:00:00.000Z")]
    placed_at: String,
    /// Until when it may be paid.
    pay_by: Option<String>,
    /// When it was paid.
    paid_at: Option<String>,
    /// When it was delivered.
    delivered_at: Option<String>,
    /// When it last changed.
    #[schema(example = "2026-11-22T05:00:01.000Z")]
    updated_at: String,
}

/// A game account.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountBody {
    /// The player's id.
    #[schema(example = "123456789")]
    user_id: String,
    /// The zone or server, where the game has one.
    #[schema(example = "2345")]
    server_id: Option<String>,
}

/// A payment.
#[derive(Serialize, ToSchema)]
#[schema(as = Payment)]
pub(crate) struct PaymentBody {
    /// How it is paid.
    #[schema(example = "gopay_qr")]
    method: &'static str,
    /// `intended`, `open`, `settled`, `denied`, `expired`, `cancelled`, `refunding`,
    /// `partly_refunded`, `refunded` or `unknown`; null while the order is held.
    #[schema(example = "open")]
    state: Option<&'static str>,
    /// The page for the buyer. Whoever has the address sees the order: treat it as a secret.
    #[schema(example = "https://shop.example/pay/7q2m9xk4vt7q2m9xk4vt7q2m9xk4vt7q")]
    pay_url: String,
    /// Text of the QR code, while it can be paid.
    qr_string: Option<String>,
    /// The QR code as PNG, at our own address, while it can be paid.
    qr_image_url: Option<String>,
    /// Link that opens the wallet app, while it can be paid.
    deep_link: Option<String>,
    /// Page of the gateway, for methods that have one, while it can be paid.
    redirect_url: Option<String>,
    /// Number of the virtual account to transfer to, while it can be paid.
    #[schema(example = "812785002530231")]
    va_number: Option<String>,
    /// Bank of the virtual account: `bca`, `bni`, `bri`, `permata`, `mandiri`, `bsi`, `cimb`, `btpn`
    /// or `panin`.
    #[schema(example = "bca")]
    bank: Option<&'static str>,
    /// Code to tell at the till, while it can be paid.
    #[schema(example = "25709650945026")]
    payment_code: Option<String>,
    /// Whose till it is: `indomaret` or `alfamart`.
    #[schema(example = "indomaret")]
    store: Option<&'static str>,
    /// Until when it may be paid (RFC 3339, UTC).
    expires_at: Option<String>,
}

/// What the risk rules found.
#[derive(Serialize, ToSchema)]
#[schema(as = Risk)]
pub(crate) struct RiskBody {
    /// 0 to 100.
    #[schema(example = 0)]
    score: i64,
    /// `allow`, `verify`, `review` or `block`.
    #[schema(example = "allow")]
    action: &'static str,
}

/// One line of an order's history.
#[derive(Serialize, ToSchema)]
#[schema(as = TimelineEntry)]
pub(crate) struct TimelineBody {
    /// When (RFC 3339, UTC).
    #[schema(example = "2026-11-22T05:00:00.000Z")]
    at: String,
    /// A state, an event, or `message:` and what the buyer was told.
    #[schema(example = "placed")]
    kind: String,
    /// More about it.
    detail: Option<String>,
}

impl OrderBody {
    pub(crate) fn new(app: &App, view: &OrderView) -> Self {
        let order = &view.order;
        OrderBody {
            summary: SummaryBody::from(order),
            payment: PaymentBody::new(app, view),
            risk: RiskBody { score: order.risk_score, action: order.risk_action.as_str() },
            timeline: view.timeline.iter().map(TimelineBody::from).collect(),
            price_moved: view.price_moved.map(|moved| PriceMovedBody::new(moved, order.locale)),
        }
    }
}

impl PriceMovedBody {
    fn new(moved: PriceMoved, locale: Locale) -> Self {
        let (indonesian, english) = moved.words();
        let text = if locale == Locale::Indonesian { indonesian } else { english };
        PriceMovedBody { text, price_now: moved.price_now.map(Rupiah::get) }
    }
}

impl PaymentBody {
    fn new(app: &App, view: &OrderView) -> Self {
        let (order, payment) = (&view.order, view.payment.as_ref());
        let page = app.address(&format!("/pay/{}", order.pay_token));
        let open = payable(order, payment, app.shop.clock.now());
        let (opened, sandbox) = (open.map(|p| &p.opened), app.settings.sandbox);
        let qr_string = opened.and_then(|o| o.qr_string.clone());
        let code = opened.and_then(|o| o.payment_code.clone());
        let (va_number, bank, payment_code, store) = match order.method.pay_point() {
            Some(PayPoint::Bank(bank)) => (code, Some(bank.as_str()), None, None),
            Some(PayPoint::Store(store)) => (None, None, code, Some(store.as_str())),
            None => (None, None, None, None),
        };
        PaymentBody {
            method: view.method().as_str(),
            state: payment.map(|p| p.state.as_str()),
            qr_image_url: qr_string.as_ref().map(|_| format!("{page}/qr.png")),
            qr_string,
            deep_link: opened.and_then(|o| links::app(o.deep_link.as_deref(), sandbox)).map(str::to_owned),
            redirect_url: opened
                .and_then(|o| links::page(o.redirect_url.as_deref(), sandbox))
                .map(str::to_owned),
            va_number,
            bank,
            payment_code,
            store,
            expires_at: payment.map(|p| p.expires_at).or(order.pay_by).map(Timestamp::rfc3339),
            pay_url: page,
        }
    }
}

impl From<&Order> for SummaryBody {
    fn from(order: &Order) -> Self {
        SummaryBody {
            number: order.number.to_string(),
            kind: order.kind.as_str(),
            state: order.state.as_str(),
            attention: order.attention.map(|a| a.as_str()),
            product_code: order.product.to_string(),
            product_name: order.product_name.clone(),
            account: AccountBody {
                user_id: order.account.user_id().to_owned(),
                server_id: order.account.server_id().map(str::to_owned),
            },
            amount: order.amount.get(),
            buyer: own_name(&order.owner, &order.buyer),
            serial_number: order.serial_number.clone(),
            placed_at: order.placed_at.rfc3339(),
            pay_by: order.pay_by.map(Timestamp::rfc3339),
            paid_at: order.paid_at.map(Timestamp::rfc3339),
            delivered_at: order.delivered_at.map(Timestamp::rfc3339),
            updated_at: order.updated_at.rfc3339(),
        }
    }
}

impl From<&TimelineEntry> for TimelineBody {
    fn from(entry: &TimelineEntry) -> Self {
        TimelineBody { at: entry.at.rfc3339(), kind: entry.kind.clone(), detail: entry.detail.clone() }
    }
}

/// The buyer in the caller's own name space; `None` for the caller itself.
fn own_name(owner: &str, buyer: &BuyerId) -> Option<String> {
    buyer.as_str().strip_prefix(owner)?.strip_prefix('/').map(str::to_owned)
}
