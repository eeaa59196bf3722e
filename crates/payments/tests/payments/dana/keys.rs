//! Keys that cannot be used are refused before anything is sent; and ours is changed (§9 row 18).

use super::{
    OURS, THEIRS, charge_request, dana, pem, private_pem, public_pem, sent, settings, with_settings,
};
use crate::server::{Reply, Seen, Server, answer, cut_short};
use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rsa::{KeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_2048_8192_SHA256,
        UnparsedPublicKey,
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use outside::Http;
use payments::{
    ChargeOutcome, CloseOutcome, Gateway, StatusOutcome,
    gateways::dana::{Dana, KeyError, KeyOf, Settings},
};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{collections::HashSet, sync::LazyLock};
use vocabulary::{Clock, Ids, PaymentMethod, Secret};

const CREATED: &str = include_str!("../../fixtures/dana/create_qris_response.json");
const PAID: &str = include_str!("../../fixtures/dana/query_paid_response.json");
const CANCELLED: &str = include_str!("../../fixtures/dana/cancel_response.json");
const SHORT_PUBLIC: &str = include_str!("../../fixtures/dana/too_short.pub.pem");

fn error_of(change: impl FnOnce(&mut Settings)) -> Option<KeyError> {
    let mut settings = settings("https://api.saas.dana.id");
    change(&mut settings);
    Dana::new(Http::new().unwrap(), settings, Clock::system(), Ids::seeded(1)).err()
}

#[test]
fn a_key_that_cannot_be_used_is_refused_with_which_and_why() {
    assert_eq!(error_of(|_| {}), None);
    let curve = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let curve_private = curve.to_pkcs8v1().unwrap();
    let curve_public: PublicKeyX509Der<'_> = curve.public_key().as_der().unwrap();
    for (private, expected) in [
        (String::new(), KeyError::NoPrivatePem(KeyOf::Merchant)),
        ("nonsense".into(), KeyError::NoPrivatePem(KeyOf::Merchant)),
        (public_pem(&OURS), KeyError::NoPrivatePem(KeyOf::Merchant)),
        (private_pem(&OURS).replace("PRIVATE", "RSA PRIVATE"), KeyError::NoPrivatePem(KeyOf::Merchant)),
        (pem("PRIVATE KEY", b"no key"), KeyError::NotRsa(KeyOf::Merchant)),
        (pem("PRIVATE KEY", curve_private.as_ref()), KeyError::NotRsa(KeyOf::Merchant)),
    ] {
        assert_eq!(error_of(|s| s.private_key = Secret::new(private.clone())), Some(expected), "{private}");
        let previous = match expected {
            KeyError::NoPrivatePem(_) => KeyError::NoPrivatePem(KeyOf::PreviousMerchant),
            _ => KeyError::NotRsa(KeyOf::PreviousMerchant),
        };
        let error = error_of(|s| s.previous_private_key = Some(Secret::new(private.clone())));
        assert_eq!(error, Some(previous), "{private}");
    }
    for (public, expected) in [
        (String::new(), KeyError::NoPublicPem as fn(KeyOf) -> KeyError),
        (private_pem(&THEIRS), KeyError::NoPublicPem),
        (pem("PUBLIC KEY", b"no key"), KeyError::NotRsa),
        (SHORT_PUBLIC.into(), KeyError::NotRsa),
        (pem("PUBLIC KEY", curve_public.as_ref()), KeyError::NotRsa),
    ] {
        let current = error_of(|s| s.gateway_public_key.clone_from(&public));
        assert_eq!(current, Some(expected(KeyOf::Gateway)), "{public}");
        let previous = error_of(|s| s.previous_gateway_public_key = Some(public.clone()));
        assert_eq!(previous, Some(expected(KeyOf::PreviousGateway)), "{public}");
    }
}

#[test]
fn a_key_may_come_with_other_line_ends_and_words_around_it() {
    let spaced = format!("Bag Attributes\r\n{}\r\n", private_pem(&OURS).replace('\n', "\r\n"));
    assert_eq!(error_of(|s| s.private_key = Secret::new(spaced)), None);
}

#[test]
fn our_key_is_told_by_the_fingerprint_of_its_public_half() {
    let public: PublicKeyX509Der<'_> = OURS.public_key().as_der().unwrap();
    let der: &[u8] = public.as_ref();
    let gateway = dana("https://api.saas.dana.id");
    assert_eq!(gateway.key_fingerprint(), Some(hex::encode(Sha256::digest(der))));
}

#[test]
fn our_own_key_in_the_place_of_theirs_is_noticed() {
    assert!(!dana("https://api.saas.dana.id").believes_our_own_key());
    let ours = public_pem(&OURS);
    let settings = settings("https://api.saas.dana.id");
    let mixed = Settings { gateway_public_key: ours.clone(), ..settings.clone() };
    assert!(with_settings(mixed).believes_our_own_key());
    let mixed = Settings { previous_gateway_public_key: Some(ours), ..settings.clone() };
    assert!(with_settings(mixed).believes_our_own_key());
    let new = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let before = Settings { previous_private_key: Some(settings.private_key.clone()), ..settings };
    let mixed = Settings {
        private_key: Secret::new(private_pem(&new)),
        gateway_public_key: public_pem(&OURS),
        ..before
    };
    assert!(with_settings(mixed).believes_our_own_key(), "the key before is ours, too");
}

/// DANA, as far as it looks at who signs: one key is registered, and what another signed is refused without a
/// further look.
fn registered(key: &'static KeyPair, seen: &Seen) -> Reply {
    let path = seen.line.strip_prefix("POST ").unwrap();
    let text = format!(
        "POST:{path}:{}:{}",
        hex::encode(Sha256::digest(&seen.body)),
        seen.header("x-timestamp").unwrap()
    );
    let der: PublicKeyX509Der<'_> = key.public_key().as_der().unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der.as_ref().to_vec());
    let signature = STANDARD.decode(seen.header("x-signature").unwrap()).unwrap();
    let (service, answered) = match path {
        "/payment-gateway/v1.0/debit/payment-host-to-host.htm" => ("54", CREATED),
        "/payment-gateway/v1.0/debit/status.htm" => ("55", PAID),
        _ => ("57", CANCELLED),
    };
    if public.verify(text.as_bytes(), &signature).is_ok() {
        return answer(200, &[], answered);
    }
    let refusal = json!({"responseCode": format!("401{service}00"), "responseMessage": "Unauthorized. Invalid Signature"});
    answer(401, &[], refusal.to_string())
}

#[tokio::test]
async fn while_our_key_is_changed_dana_is_asked_with_the_one_that_it_knows_before_and_after() {
    static NEW: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());
    for (at_dana, tries) in [(&*OURS, 2), (&*NEW, 1)] {
        let server = Server::start(move |seen| registered(at_dana, seen));
        let gateway = with_settings(Settings {
            private_key: Secret::new(private_pem(&NEW)),
            previous_private_key: Some(Secret::new(private_pem(&OURS))),
            ..settings(&server.url)
        });
        let charged = gateway.charge(&charge_request(PaymentMethod::DanaQr)).await;
        assert!(matches!(charged, ChargeOutcome::Opened(_)), "{charged:?}");
        let asked = gateway.status(&sent()).await;
        assert!(matches!(asked, StatusOutcome::Found(_)), "{asked:?}");
        assert_eq!(gateway.cancel(&sent()).await, CloseOutcome::Closed);
        let seen = server.seen();
        assert_eq!(seen.len(), 3 * tries);
        for again in seen.chunks(tries) {
            let ids: HashSet<&str> = again.iter().map(|s| s.header("x-external-id").unwrap()).collect();
            let bodies: HashSet<&str> = again.iter().map(|s| s.body.as_str()).collect();
            assert_eq!((ids.len(), bodies.len()), (tries, 1), "the same, as a call of its own");
        }
    }
}

#[tokio::test]
async fn nothing_is_sent_twice_but_what_dana_itself_refused_for_its_key() {
    let unauthorised =
        json!({"responseCode": "4015400", "responseMessage": "Unauthorized. Invalid Signature"});
    for (why, reply, tries) in [
        ("neither key is known", answer(401, &[], unauthorised.to_string()), 2),
        ("somebody between", answer(401, &[], "<html>401</html>"), 1),
        ("another refusal", answer(403, &[], r#"{"responseCode":"4035415"}"#), 1),
        ("another reason for a 401", answer(401, &[], r#"{"responseCode":"4015401"}"#), 1),
        ("nothing that can be read", answer(500, &[], "<html>"), 1),
        ("an answer that breaks off", cut_short("{"), 1),
    ] {
        let server = Server::start(move |_| reply.clone());
        let gateway = with_settings(Settings {
            previous_private_key: Some(Secret::new(private_pem(&THEIRS))),
            ..settings(&server.url)
        });
        let outcome = gateway.charge(&charge_request(PaymentMethod::DanaQr)).await;
        assert!(!matches!(outcome, ChargeOutcome::Opened(_)), "{why}");
        assert_eq!(server.seen().len(), tries, "{why}");
    }
    let server = Server::start(move |_| answer(401, &[], unauthorised.to_string()));
    let outcome = dana(&server.url).charge(&charge_request(PaymentMethod::DanaQr)).await;
    assert!(matches!(outcome, ChargeOutcome::Refused { .. }), "{outcome:?}");
    assert_eq!(server.seen().len(), 1, "with one key there is one try");
}
