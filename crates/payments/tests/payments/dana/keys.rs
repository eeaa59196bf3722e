//! Keys that cannot be used are refused before anything is sent.

use super::{OURS, THEIRS, dana, pem, private_pem, public_pem, settings, with_settings};
use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use outside::Http;
use payments::gateways::dana::{Dana, KeyError, KeyOf, Settings};
use sha2::{Digest, Sha256};
use vocabulary::{Clock, Ids, Secret};

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
    let mixed = Settings { previous_gateway_public_key: Some(ours), ..settings };
    assert!(with_settings(mixed).believes_our_own_key());
}
