//! QRIS codes: every vector of the contract, every way in which one can be wrong, and properties.

use super::*;
use proptest::prelude::*;
use serde_json::Value;

const VECTORS: &str = include_str!("../tests/fixtures/qris.json");

fn vectors() -> Value {
    serde_json::from_str(VECTORS).unwrap()
}

fn text<'a>(vectors: &'a Value, pointer: &str) -> &'a str {
    vectors.pointer(pointer).and_then(Value::as_str).unwrap()
}

/// The codes of the contract that are whole, with the amount that each asks for.
fn whole(vectors: &Value) -> [(&str, Option<i64>); 5] {
    [
        (text(vectors, "/public_static/payload"), None),
        (text(vectors, "/synthetic_static"), None),
        (text(vectors, "/synthetic_dynamic_25000"), Some(25_000)),
        (text(vectors, "/synthetic_dynamic_25000_ref"), Some(25_000)),
        (text(vectors, "/public_dynamic_15000"), Some(15_000)),
    ]
}

/// A code with a field changed (`None` takes it away), and the right checksum.
fn changed(tag: u8, value: Option<&str>) -> String {
    let vectors = vectors();
    let mut fields = Qris::parse(text(&vectors, "/synthetic_dynamic_25000")).unwrap().fields;
    fields.retain(|(t, _)| *t != tag);
    if let Some(value) = value {
        put(&mut fields, tag, value.to_owned());
    }
    Qris { fields }.to_string()
}

/// Field texts behind the format indicator, with the right checksum.
fn sealed(fields: &str) -> String {
    let covered = format!("000201{fields}6304");
    format!("{covered}{}", checksum(&covered))
}

const OURS: Rupiah = Rupiah::new(25_000);

#[test]
fn the_checksum_is_that_of_the_vectors() {
    let vectors = vectors();
    assert_eq!(checksum(text(&vectors, "/crc_check_string/input")), text(&vectors, "/crc_check_string/crc"));
    for (code, _) in whole(&vectors) {
        assert!(code.ends_with(&checksum(&code[..code.len() - 4])), "{code}");
    }
    assert!(text(&vectors, "/public_static/payload").ends_with(text(&vectors, "/public_static/crc")));
}

#[test]
fn every_code_of_the_contract_is_read_and_written_to_the_letter() {
    let vectors = vectors();
    for (code, amount) in whole(&vectors) {
        let read = Qris::parse(code).unwrap();
        assert_eq!(read.to_string(), code);
        assert_eq!(read.amount().map(Rupiah::get), amount, "{code}");
        let how = if amount.is_some() { DYNAMIC } else { STATIC };
        assert_eq!(read.value(INITIATION), Some(how), "{code}");
        assert_eq!(read.value_within(51, 0).as_deref(), Some("ID.CO.QRIS.WWW"), "{code}");
        assert_eq!(read.value_within(ADDITIONAL, 7).as_deref(), Some("A01"), "{code}");
    }
    let public = Qris::parse(text(&vectors, "/public_static/payload")).unwrap();
    for (tag, value) in
        [(52, "8398"), (53, "360"), (58, "ID"), (59, "Baznas"), (60, "Jakarta Pusat"), (61, "10340")]
    {
        assert_eq!(public.value(tag), Some(value));
    }
    assert_eq!(public.value_within(26, 3).as_deref(), Some("UBE"));
    assert_eq!(public.value_within(26, 1).as_deref(), Some("936009180000000018"));
    assert_eq!((public.value(99), public.value_within(99, 0)), (None, None));
}

#[test]
fn the_dynamic_codes_of_the_contract_are_made_of_its_static_ones() {
    let vectors = vectors();
    let synthetic = Qris::parse(text(&vectors, "/synthetic_static")).unwrap();
    let public = Qris::parse(text(&vectors, "/public_static/payload")).unwrap();
    for (code, amount, label, expected) in [
        (&synthetic, 25_000, None, "/synthetic_dynamic_25000"),
        (&synthetic, 25_000, Some("ORD0001"), "/synthetic_dynamic_25000_ref"),
        (&public, 15_000, None, "/public_dynamic_15000"),
    ] {
        let made = code.for_amount(Rupiah::new(amount), label).unwrap();
        assert_eq!(made.to_string(), text(&vectors, expected));
    }
    // One that is made again of what was made is the same one, whatever amount or tip it had.
    let tipped = Qris::parse(&changed(55, Some("01"))).unwrap();
    let again = tipped.for_amount(OURS, Some("ORD0001")).unwrap();
    assert_eq!(again.to_string(), text(&vectors, "/synthetic_dynamic_25000_ref"));
    assert_eq!(synthetic.for_amount(Rupiah::ZERO, None), None, "a code for nothing");
    assert_eq!(
        synthetic.for_amount(OURS, Some(&"x".repeat(26))).unwrap().to_string(),
        text(&vectors, "/synthetic_dynamic_25000"),
        "a label that does not fit is left out"
    );
}

#[test]
fn what_was_tampered_with_is_refused() {
    let vectors = vectors();
    let tampered = vectors["tampered"].as_array().unwrap();
    assert_eq!(tampered.len(), 2);
    for (tampered, amount) in tampered.iter().zip([25_000, 95_000]) {
        assert_eq!(tampered["expect"], "crc mismatch");
        let code = tampered["payload"].as_str().unwrap();
        assert_eq!(Qris::parse(code), Err(QrisError::Checksum));
        assert_eq!(check(code, Rupiah::new(amount)), Err(QrisError::Checksum));
    }
}

#[test]
fn a_code_that_is_cut_short_anywhere_is_refused() {
    let vectors = vectors();
    for (code, _) in whole(&vectors) {
        for end in 0..code.len() {
            assert!(Qris::parse(&code[..end]).is_err(), "{}", &code[..end]);
        }
    }
}

#[test]
fn only_a_code_for_one_payment_of_our_amount_in_rupiah_is_shown() {
    let vectors = vectors();
    assert_eq!(check(text(&vectors, "/synthetic_dynamic_25000"), OURS), Ok(()));
    assert_eq!(check(text(&vectors, "/synthetic_dynamic_25000_ref"), OURS), Ok(()));
    assert_eq!(check(text(&vectors, "/public_dynamic_15000"), Rupiah::new(15_000)), Ok(()));
    for (tag, value, expected) in [
        (AMOUNT, Some("25000.00"), Ok(())),
        (AMOUNT, Some("25001"), Err(QrisError::Amount)),
        (AMOUNT, Some("24999"), Err(QrisError::Amount)),
        (AMOUNT, Some("2500000"), Err(QrisError::Amount)),
        (AMOUNT, Some("25000.50"), Err(QrisError::Amount)),
        (AMOUNT, Some("9999999999999"), Err(QrisError::Amount)),
        (AMOUNT, None, Err(QrisError::Amount)),
        (53, Some("702"), Err(QrisError::Foreign)),
        (53, None, Err(QrisError::Foreign)),
        (58, Some("MY"), Err(QrisError::Foreign)),
        (58, Some("id"), Err(QrisError::Foreign)),
        (58, None, Err(QrisError::Foreign)),
        // A static code with an amount is paid as often as it is scanned.
        (INITIATION, Some(STATIC), Err(QrisError::Static)),
        (INITIATION, None, Ok(())),
        (55, Some("01"), Err(QrisError::OnTop)),
        (56, Some("500"), Err(QrisError::OnTop)),
        (57, Some("1.5"), Err(QrisError::OnTop)),
        (61, None, Ok(())),
        (99, Some("something new"), Ok(())),
    ] {
        assert_eq!(check(&changed(tag, value), OURS), expected, "{tag} {value:?}");
    }
    for (code, _) in &whole(&vectors)[..2] {
        assert_eq!(check(code, OURS), Err(QrisError::Static), "the buyer would choose the amount");
    }
}

#[test]
fn fields_that_are_not_as_they_must_be_are_refused_although_the_checksum_fits() {
    // A merchant's template: the least that a code has besides its format.
    let merchant = "26080004ABCD";
    assert_eq!(Qris::parse(&sealed(merchant)).unwrap().value_within(26, 0).as_deref(), Some("ABCD"));
    for (fields, why) in [
        ("54035303360", "a length that reaches into the next field"),
        ("530336", "a value that is shorter than its length"),
        ("5x03360", "a tag that is no number"),
        ("53+3360", "a length that is no number"),
        ("530336060", "half a field"),
        ("53033605303360", "a field twice"),
        ("000201", "the format twice"),
        ("27040004", "a template whose fields are broken"),
        ("010213", "neither static nor dynamic"),
        ("5401x", "an amount that is none"),
        ("5403.00", "an amount without digits"),
        ("54041.5x", "cents that are none"),
        ("5404١٢٣٤", "digits of another script"),
        ("6204070A", "more about the order that is broken"),
        ("5926ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a name that is too long"),
        ("6016JAKARTA SELATAN1", "a city that is too long"),
        ("5903a\nb", "a control character"),
        (&"99990".repeat(250), "more than can be scanned"),
    ] {
        let read = Qris::parse(&sealed(&format!("{merchant}{fields}")));
        assert_eq!(read, Err(QrisError::Malformed), "{fields}: {why}");
    }
    assert_eq!(Qris::parse(&sealed("5303360")), Err(QrisError::Malformed), "no merchant");
    let cents = Qris::parse(&sealed(&format!("{merchant}54041.50"))).unwrap();
    assert_eq!((cents.value(AMOUNT), cents.amount()), (Some("1.50"), None), "a rupiah has no cents");
}

#[test]
fn lengths_count_characters_and_the_checksum_bytes() {
    let code = sealed("26080004ABCD5904Kopé5303360");
    let read = Qris::parse(&code).unwrap();
    assert_eq!((read.value(59), read.to_string()), (Some("Kopé"), code));
}

#[test]
fn what_is_no_qris_code_is_told_apart_from_one_that_is_broken() {
    for text in ["", "0002", "000202", "gojek://gopay/merchanttransfer?tref=1", "https://shop.example", "é"]
    {
        assert!(!is_qris(text));
        assert_eq!(Qris::parse(text), Err(QrisError::NotQris), "{text}");
    }
    assert!(is_qris("000201"));
    assert_eq!(Qris::parse("000201"), Err(QrisError::Checksum));
}

/// A code of any merchant, amount and order.
fn code() -> impl Strategy<Value = Qris> {
    let texts = ("[A-Z0-9.]{1,30}", "[ -~]{1,25}", "[ -~]{1,15}", "[A-Za-z0-9-]{1,25}");
    (texts, 1_i64..10_000_000, any::<bool>()).prop_map(|((domain, name, city, label), amount, dynamic)| {
        let mut fields = vec![
            (0, "01".to_owned()),
            (INITIATION, if dynamic { DYNAMIC } else { STATIC }.to_owned()),
            (26, write(&[(0, domain), (1, "936009150000000001".to_owned())])),
            (51, write(&[(0, "ID.CO.QRIS.WWW".to_owned()), (2, "ID1020000000001".to_owned())])),
            (52, "5816".to_owned()),
            (53, "360".to_owned()),
        ];
        if dynamic {
            fields.push((AMOUNT, amount.to_string()));
        }
        fields.extend([(58, "ID".to_owned()), (59, name), (60, city)]);
        fields.push((ADDITIONAL, write(&[(5, label)])));
        Qris { fields }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(code in code()) {
        prop_assert_eq!(Qris::parse(&code.to_string()), Ok(code));
    }

    #[test]
    fn a_code_is_for_its_own_amount_alone(code in code(), amount in 1_i64..10_000_000, other in 1_i64..10_000_000) {
        let made = code.for_amount(Rupiah::new(amount), Some("LK0123456789-P1")).unwrap();
        prop_assert_eq!(check(&made.to_string(), Rupiah::new(amount)), Ok(()));
        let is_ours = check(&made.to_string(), Rupiah::new(other)).is_ok();
        prop_assert_eq!(is_ours, amount == other);
    }

    #[test]
    fn no_changed_character_is_overlooked(code in code(), at in 0usize..400, to in "[ -~]") {
        let text = code.to_string();
        let mut changed = text.clone();
        // The checksum may be written in small letters.
        if at < text.len() - 4 { changed.replace_range(at..=at, &to); }
        prop_assert_eq!(Qris::parse(&changed).is_ok(), changed == text);
    }

    #[test]
    fn no_text_panics_and_none_is_shown_that_is_not_whole(junk in "\\PC{0,60}", tail in "[0-9A-F]{4}", amount in any::<i64>()) {
        for text in [junk.clone(), format!("000201{junk}"), format!("000201{junk}6304{tail}"), sealed(&junk)] {
            let read = Qris::parse(&text);
            if let Ok(read) = &read {
                prop_assert!(read.to_string().eq_ignore_ascii_case(&text));
            }
            prop_assert!(check(&text, Rupiah::new(amount)).is_err() || read.is_ok());
        }
    }
}
