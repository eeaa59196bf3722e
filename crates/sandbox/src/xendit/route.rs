//! Which call a path is.

use super::{books, further::Product, refund};
use crate::{exchange::Incoming, qris::Acquirer};
use axum::http::Method;
use database::{Error, ReadTx};

/// Who stands behind a QR code of Xendit's.
pub(super) const ACQUIRER: Acquirer =
    Acquirer { domain: "CO.XENDIT.WWW", account: "936008880000000001", merchant: "LOKET-XENDIT-01" };

/// One of the calls, with the id in its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call<'a> {
    OldestCreate,
    OldestGet,
    LegacyCreate,
    LegacyGet(&'a str),
    LegacyVoid(&'a str),
    LegacyRefund(&'a str),
    Create,
    Get(&'a str),
    List,
    Simulate(&'a str),
    Captures(&'a str),
    Capture(&'a str),
    Authorize(&'a str),
    MethodCreate,
    MethodList,
    Method(&'a str),
    ChangeMethod(&'a str),
    ExpireMethod(&'a str),
    Payments(&'a str),
    MethodSimulate(&'a str),
    ThirdCreate,
    ThirdGet(&'a str),
    ThirdCancel(&'a str),
    ThirdSimulate(&'a str),
    Refund,
    RefundGet(&'a str),
    RefundList,
    RefundCancel(&'a str),
    /// Of a product that Loket does not use.
    Further(Product),
}

impl<'a> Call<'a> {
    pub(super) fn of(incoming: &'a Incoming) -> Option<Call<'a>> {
        Call::at(incoming.method == Method::POST, &incoming.method, &incoming.path)
            .or_else(|| Product::of(&incoming.path).map(Call::Further))
    }

    fn at(posts: bool, method: &Method, path: &'a str) -> Option<Call<'a>> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        if let (&Method::PATCH, ["v2", "payment_methods", id]) = (method, parts.as_slice()) {
            return Some(Call::ChangeMethod(id));
        }
        if !posts && *method != Method::GET {
            return None;
        }
        Some(match (posts, parts.as_slice()) {
            (true, ["ewallets"]) => Call::OldestCreate,
            (false, ["ewallets"]) => Call::OldestGet,
            (true, ["ewallets", "charges"]) => Call::LegacyCreate,
            (false, ["ewallets", "charges", id]) => Call::LegacyGet(id),
            (true, ["ewallets", "charges", id, "void"]) => Call::LegacyVoid(id),
            (true, ["ewallets", "charges", id, "refunds"]) => Call::LegacyRefund(id),
            (true, ["payment_requests"]) => Call::Create,
            (false, ["payment_requests"]) => Call::List,
            (false, ["payment_requests", id]) => Call::Get(id),
            (true, ["payment_requests", id, "payments", "simulate"]) => Call::Simulate(id),
            (false, ["payment_requests", id, "captures"]) => Call::Captures(id),
            (true, ["payment_requests", id, "captures"]) => Call::Capture(id),
            (true, ["payment_requests", id, "auth"]) => Call::Authorize(id),
            (true, ["v2", "payment_methods"]) => Call::MethodCreate,
            (false, ["v2", "payment_methods"]) => Call::MethodList,
            (false, ["v2", "payment_methods", id]) => Call::Method(id),
            (true, ["v2", "payment_methods", id, "expire"]) => Call::ExpireMethod(id),
            (false, ["v2", "payment_methods", id, "payments"]) => Call::Payments(id),
            (true, ["v2", "payment_methods", id, "payments", "simulate"]) => Call::MethodSimulate(id),
            (true, ["v3", "payment_requests"]) => Call::ThirdCreate,
            (false, ["v3", "payment_requests", id]) => Call::ThirdGet(id),
            (true, ["v3", "payment_requests", id, "cancel"]) => Call::ThirdCancel(id),
            (true, ["v3", "payment_requests", id, "simulate"]) => Call::ThirdSimulate(id),
            (true, ["refunds"]) => Call::Refund,
            (false, ["refunds"]) => Call::RefundList,
            (false, ["refunds", id]) => Call::RefundGet(id),
            (true, ["refunds", id, "cancel"]) => Call::RefundCancel(id),
            _ => return None,
        })
    }

    /// As a fault can name it; the limit counts by it, too.
    pub(super) fn operation(self) -> &'static str {
        match self {
            Call::OldestCreate => "create-wallet",
            Call::LegacyCreate | Call::Create | Call::ThirdCreate => "create",
            Call::OldestGet | Call::LegacyGet(_) | Call::Get(_) | Call::ThirdGet(_) => "status",
            Call::List => "list",
            Call::Simulate(_) | Call::MethodSimulate(_) | Call::ThirdSimulate(_) => "simulate",
            Call::Captures(_) => "captures",
            Call::Capture(_) => "capture",
            Call::Authorize(_) => "authorize",
            Call::MethodCreate => "create-method",
            Call::MethodList => "methods",
            Call::Method(_) => "method",
            Call::ChangeMethod(_) => "change-method",
            Call::ExpireMethod(_) => "expire",
            Call::Payments(_) => "payments",
            Call::ThirdCancel(_) => "cancel",
            Call::LegacyVoid(_) => "void",
            Call::LegacyRefund(_) | Call::Refund => "refund",
            Call::RefundGet(_) => "refund-status",
            Call::RefundList => "refunds",
            Call::RefundCancel(_) => "refund-cancel",
            Call::Further(product) => product.operation(),
        }
    }

    /// Within what a repetition under one key is one, if it is. The first and the third generation have no
    /// keys when they create, so that there a repetition pushes twice (contracts/payments §3.6); what came
    /// before them has one in its library. Where the path says what is done to what, a key counts for that
    /// alone (UNVERIFIED); who only asks has none.
    pub(super) fn scope_of_keys(self, incoming: &Incoming) -> Option<String> {
        match self {
            Call::OldestCreate | Call::Create | Call::Refund => Some(self.operation().to_owned()),
            Call::RefundCancel(_) | Call::Further(_) if incoming.method != Method::GET => {
                Some(format!("{} {}", incoming.method, incoming.path))
            }
            _ => None,
        }
    }

    /// Whether a body is read.
    pub(super) fn has_body(self) -> bool {
        matches!(
            self,
            Call::OldestCreate
                | Call::LegacyCreate
                | Call::LegacyRefund(_)
                | Call::Create
                | Call::Capture(_)
                | Call::Authorize(_)
                | Call::MethodCreate
                | Call::ChangeMethod(_)
                | Call::ThirdCreate
                | Call::Refund
        )
    }
}

/// The merchant's reference of the charge that a request names by an id of Xendit's.
pub(crate) async fn about(tx: &mut ReadTx, incoming: &Incoming) -> Result<Option<String>, Error> {
    let charge = match Call::of(incoming) {
        Some(
            Call::LegacyGet(id)
            | Call::LegacyVoid(id)
            | Call::LegacyRefund(id)
            | Call::Get(id)
            | Call::Simulate(id)
            | Call::Captures(id)
            | Call::Capture(id)
            | Call::Authorize(id)
            | Call::ThirdGet(id)
            | Call::ThirdCancel(id)
            | Call::ThirdSimulate(id),
        ) => books::find(tx, id).await?,
        Some(
            Call::Method(id)
            | Call::ChangeMethod(id)
            | Call::ExpireMethod(id)
            | Call::Payments(id)
            | Call::MethodSimulate(id),
        ) => books::of_method(tx, id).await?,
        Some(Call::RefundGet(id) | Call::RefundCancel(id)) => refund::charge_of(tx, id).await?,
        Some(Call::RefundList) => {
            let query = incoming.query.as_deref().unwrap_or_default();
            let mut asked = form_urlencoded::parse(query.as_bytes());
            match asked.find(|(name, _)| name == "payment_request_id") {
                Some((_, id)) => books::find(tx, &id).await?,
                None => None,
            }
        }
        _ => None,
    };
    Ok(charge.map(|charge| charge.reference_id))
}

/// Which operation a request is, as a fault can name it; empty for none.
pub(crate) fn operation(incoming: &Incoming) -> &'static str {
    Call::of(incoming).map_or("", Call::operation)
}
