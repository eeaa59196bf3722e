//! A merchant of DANA's: signs as the contract says, with code of its own.

use crate::support::{Answer, World};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{self, RsaKeyPair, UnparsedPublicKey},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use vocabulary::Timestamp;

pub(crate) const CREATE: &str = "/payment-gateway/v1.0/debit/payment-host-to-host.htm";
pub(crate) const QUERY: &str = "/payment-gateway/v1.0/debit/status.htm";
pub(crate) const CANCEL: &str = "/payment-gateway/v1.0/debit/cancel.htm";
pub(crate) const REFUND: &str = "/payment-gateway/v1.0/debit/refund.htm";
pub(crate) const CONSULT: &str = "/v1.0/payment-gateway/consult-pay.htm";

/// A call to DANA that can still be spoiled.
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) body: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// What is signed instead of the body.
    pub(crate) signed_body: Option<String>,
}

static CALLS: AtomicU64 = AtomicU64::new(0);

/// The DER in a PEM text.
fn der(pem: &str) -> Vec<u8> {
    let lines: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(lines).unwrap()
}

/// A time in WIB, as DANA writes it.
pub(crate) fn wib(time: Timestamp) -> String {
    format!("{}+07:00", time.wib().replace(' ', "T"))
}

pub(crate) fn rupiah(amount: i64) -> Value {
    json!({"value": format!("{amount}.00"), "currency": "IDR"})
}

impl Call {
    pub(crate) fn new(world: &World, path: &str, body: &Value) -> Call {
        let id = CALLS.fetch_add(1, Ordering::Relaxed);
        let run = world.folder.file_name().unwrap().to_str().unwrap().rsplit('-').next().unwrap().to_owned();
        Call {
            path: path.to_owned(),
            body: body.to_string(),
            headers: vec![
                ("Content-Type", "application/json".into()),
                ("X-TIMESTAMP", "2026-11-22T12:00:00+07:00".into()),
                ("ORIGIN", "https://shop.example".into()),
                ("X-PARTNER-ID", "loket-sandbox-partner".into()),
                ("X-EXTERNAL-ID", format!("{run}-{id}")),
                ("CHANNEL-ID", "95221".into()),
            ],
            signed_body: None,
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Call {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Call {
        self.headers.retain(|(other, _)| *other != name);
        self
    }

    /// Sends another text than is signed.
    pub(crate) fn sending(mut self, body: &str) -> Call {
        self.signed_body.get_or_insert_with(|| self.body.clone());
        self.body = body.to_owned();
        self
    }
}

impl World {
    /// The request for a call, signed with the merchant's key unless it has a signature.
    pub(crate) fn signed(&self, call: &Call) -> reqwest::RequestBuilder {
        let mut request = self.request("POST", &format!("/sandbox/dana{}", call.path));
        let time = call.headers.iter().find(|(n, _)| *n == "X-TIMESTAMP").map_or("", |(_, v)| v.as_str());
        let body = call.signed_body.as_ref().unwrap_or(&call.body);
        let text = format!("POST:{}:{}:{time}", call.path, hex::encode(Sha256::digest(body)));
        if !call.headers.iter().any(|(name, _)| *name == "X-SIGNATURE") {
            request = request.header("X-SIGNATURE", self.sign(&text));
        }
        for (name, value) in call.headers.iter().filter(|(_, value)| value != "<none>") {
            request = request.header(*name, value);
        }
        request.body(call.body.clone())
    }

    /// The merchant's signature.
    pub(crate) fn sign(&self, text: &str) -> String {
        let pem = std::fs::read_to_string(self.folder.join("sandbox/dana-merchant.key.pem")).unwrap();
        let pair = RsaKeyPair::from_pkcs8(&der(&pem)).unwrap();
        let mut signed = vec![0; pair.public_modulus_len()];
        pair.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signed).unwrap();
        STANDARD.encode(signed)
    }

    /// Whether the gateway signed this text.
    pub(crate) fn is_gateways(&self, text: &str, signature: &str) -> bool {
        let pem = std::fs::read_to_string(self.folder.join("sandbox/dana-gateway.pub.pem")).unwrap();
        let key = UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, der(&pem));
        key.verify(text.as_bytes(), &STANDARD.decode(signature).unwrap()).is_ok()
    }

    pub(crate) async fn dana(&self, path: &str, body: &Value) -> Answer {
        self.send(self.signed(&Call::new(self, path, body))).await
    }

    /// The `responseCode` of a call; its first digits have to be the HTTP status.
    pub(crate) async fn dana_code(&self, path: &str, body: &Value) -> String {
        code(&self.dana(path, body).await)
    }

    /// A moment from now, in business time.
    pub(crate) fn wib_in(&self, seconds: u64) -> String {
        wib(self.clock.now().plus(Duration::from_secs(seconds)))
    }

    /// An order to be paid on DANA's page.
    pub(crate) fn order(&self, reference: &str, amount: i64) -> Value {
        json!({
            "partnerReferenceNo": reference, "merchantId": "216620000000000000001",
            "externalStoreId": "LOKET-STORE-01", "amount": rupiah(amount), "validUpTo": self.wib_in(900),
            "urlParams": [
                {"url": "https://shop.example/back?a=<b>", "type": "PAY_RETURN", "isDeeplink": "N"},
                {"url": format!("{}/v1.0/debit/notify", self.hooks.base), "type": "NOTIFICATION", "isDeeplink": "N"},
            ],
            "payOptionDetails": [{"payMethod": "BALANCE", "payOption": "", "transAmount": rupiah(amount)}],
            "additionalInfo": {
                "mcc": "5816", "envInfo": {"sourcePlatform": "IPG", "terminalType": "SYSTEM"},
                "order": {"orderTitle": "86 Diamonds", "scenario": "API"},
            },
        })
    }

    /// An order to be paid by this option of other networks.
    pub(crate) fn order_by(&self, reference: &str, amount: i64, method: &str, option: &str) -> Value {
        let mut order = self.order(reference, amount);
        order["payOptionDetails"][0]["payMethod"] = json!(method);
        order["payOptionDetails"][0]["payOption"] = json!(option);
        order["payOptionDetails"][0]["additionalInfo"] = json!({"phoneNumber": "081234567890"});
        order
    }

    /// Makes an order and answers with the vendor's body.
    pub(crate) async fn ordered(&self, order: &Value) -> Value {
        let answer = self.dana(CREATE, order).await;
        assert_eq!(code(&answer), "2005400", "{}", answer.text);
        answer.json()
    }

    /// Makes an order and pays it.
    pub(crate) async fn paid(&self, order: &Value) -> String {
        self.ordered(order).await;
        let reference = order["partnerReferenceNo"].as_str().unwrap().to_owned();
        assert_eq!(self.pay(&reference, "settle").await.http, 200);
        reference
    }

    /// What DANA says about an order.
    pub(crate) async fn asked(&self, reference: &str) -> Value {
        let answer = self.dana(QUERY, &question(reference)).await;
        assert_eq!(code(&answer), "2005500", "{}", answer.text);
        answer.json()
    }
}

pub(crate) fn question(reference: &str) -> Value {
    json!({"originalPartnerReferenceNo": reference, "serviceCode": "54", "merchantId": "216620000000000000001"})
}

pub(crate) fn cancellation(reference: &str) -> Value {
    json!({"originalPartnerReferenceNo": reference, "merchantId": "216620000000000000001", "reason": "too late"})
}

pub(crate) fn refunding(reference: &str, number: &str, amount: i64) -> Value {
    json!({"merchantId": "216620000000000000001", "originalPartnerReferenceNo": reference,
        "partnerRefundNo": number, "refundAmount": rupiah(amount), "reason": "not delivered"})
}

/// `responseCode`; its first three digits are the HTTP status.
pub(crate) fn code(answer: &Answer) -> String {
    let code = answer.json()["responseCode"].as_str().unwrap().to_owned();
    assert_eq!(code.get(..3), Some(answer.http.to_string().as_str()), "{}", answer.text);
    code
}
