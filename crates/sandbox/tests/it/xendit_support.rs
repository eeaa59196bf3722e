//! A merchant of Xendit's.

use crate::support::{Answer, World};
use serde_json::{Value, json};

pub(crate) const KEY: &str = "xnd_development_loket";
pub(crate) const TOKEN: &str = "loket-sandbox-callback-token";
pub(crate) const REQUESTS: &str = "/payment_requests";
pub(crate) const THIRD: &str = "/v3/payment_requests";
pub(crate) const LEGACY: &str = "/ewallets/charges";

impl World {
    /// A call with the right key.
    pub(crate) async fn xendit(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.xendit_with(method, path, body, &[]).await
    }

    /// A call with the right key and further headers.
    pub(crate) async fn xendit_with(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.request(method, &format!("/sandbox/xendit{path}")).basic_auth(KEY, Some(""));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        self.send(request).await
    }

    /// A call that has to succeed; answers with the vendor's body.
    pub(crate) async fn xendit_ok(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let answer = self.xendit(method, path, body).await;
        assert!((200..300).contains(&answer.http), "{path}: {} {}", answer.http, answer.text);
        answer.json()
    }

    /// A call that is refused: HTTP status and `error_code`.
    pub(crate) async fn xendit_refused(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, String) {
        let answer = self.xendit(method, path, body).await;
        (answer.http, answer.json()["error_code"].as_str().unwrap().to_owned())
    }

    /// Where a charge stands in the simulator's own books.
    pub(crate) async fn xendit_charges(&self, reference: &str) -> Vec<Value> {
        let books =
            self.send(self.request("GET", &format!("/sandbox/transactions?reference={reference}"))).await;
        books.json()["xendit"]["transactions"].as_array().unwrap().clone()
    }
}

/// A payment request of the second generation, by OVO.
pub(crate) fn push(reference: &str, amount: i64) -> Value {
    second(
        reference,
        amount,
        "EWALLET",
        "ewallet",
        json!({
            "channel_code": "OVO", "channel_properties": {"mobile_number": "+6281234567890"},
        }),
    )
}

/// One by DANA.
pub(crate) fn link(reference: &str, amount: i64) -> Value {
    second(
        reference,
        amount,
        "EWALLET",
        "ewallet",
        json!({
            "channel_code": "DANA", "channel_properties": {"success_return_url": "https://shop.example/back?a=<b>"},
        }),
    )
}

pub(crate) fn second(reference: &str, amount: i64, kind: &str, name: &str, details: Value) -> Value {
    json!({
        "reference_id": reference, "amount": amount, "currency": "IDR", "country": "ID",
        "payment_method": {"type": kind, "reusability": "ONE_TIME_USE", name: details},
    })
}

/// A payment request of the third generation.
pub(crate) fn third(reference: &str, amount: i64, channel: &str, properties: Value) -> Value {
    json!({
        "reference_id": reference, "type": "PAY", "country": "ID", "currency": "IDR", "request_amount": amount,
        "channel_code": channel, "channel_properties": properties,
    })
}

/// A charge of the first generation.
pub(crate) fn legacy(reference: &str, amount: i64) -> Value {
    json!({
        "reference_id": reference, "currency": "IDR", "amount": amount, "checkout_method": "ONE_TIME_PAYMENT",
        "channel_code": "ID_OVO", "channel_properties": {"mobile_number": "+6281234567890"},
    })
}

/// The id in an answer of any generation.
pub(crate) fn id(answer: &Value) -> String {
    let id = answer.get("id").or_else(|| answer.get("payment_request_id")).unwrap();
    id.as_str().unwrap().to_owned()
}
