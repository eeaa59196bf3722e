//! Every fault of a file is told with its line and column, and nothing of the file is taken.

use crate::{HEADER, table};

/// The row of a good product with one field replaced; fields are counted from 0.
fn row(place: usize, value: &str) -> String {
    let good = "ML,Mobile Legends,⚔️,yes,ML_86,86 Diamond,20000,18000,100,5,digiflazz,ml86,{user_id}{zone_id},Cepat,yes";
    let mut fields: Vec<&str> = good.split(',').collect();
    fields[place] = value;
    fields.join(",")
}

fn faults(text: impl AsRef<[u8]>) -> Vec<String> {
    catalog::parse(text.as_ref()).unwrap_err().problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_bad_field_is_named_with_its_line_and_column() {
    for (place, value, expected) in [
        (0, "", "column `category_code`: `` is not a category code: 1 to 32 letters, digits or `_`"),
        (0, "M L", "column `category_code`: `M L` is not a category code: 1 to 32 letters, digits or `_`"),
        (1, "", "column `category_name`: the category `ML` is unknown: none of its rows gives it a name"),
        (2, "12345678901234567", "column `category_icon`: it is 17 characters long, and the limit is 16"),
        (3, "maybe", "column `category_active`: `maybe` is neither `yes` nor `no`"),
        (4, "", "column `code`: `` is not a product code: 1 to 64 letters, digits or `_`"),
        (4, "ML-86", "column `code`: `ML-86` is not a product code: 1 to 64 letters, digits or `_`"),
        (5, "", "column `name`: it is empty"),
        (5, "tab\there", "column `name`: it contains characters that cannot be seen"),
        (5, "86\u{202E}dnomaiD", "column `name`: it contains characters that cannot be seen"),
        (6, "", "column `price`: it is empty"),
        (6, "mahal", "column `price`: `mahal` is not a whole amount of rupiah"),
        (6, "20000.5", "column `price`: `20000.5` is not a whole amount of rupiah"),
        (6, "2e4", "column `price`: `2e4` is not a whole amount of rupiah"),
        (6, "99999999999999999999", "column `price`: `99999999999999999999` is not a whole amount of rupiah"),
        (6, "0", "column `price`: Rp 0 is not above zero"),
        (6, "-20000", "column `price`: -Rp 20.000 is not above zero"),
        (6, "1000000001", "column `price`: Rp 1.000.000.001 is above the limit of Rp 1.000.000.000"),
        (7, "0", "column `cost`: Rp 0 is not above zero"),
        (7, "20001", "column `cost`: Rp 20.001 is above the price of Rp 20.000: every sale would lose money"),
        (8, "-1", "column `stock`: `-1` is not a whole number from 0 to 1000000"),
        (8, "+1", "column `stock`: `+1` is not a whole number from 0 to 1000000"),
        (8, "1000001", "column `stock`: `1000001` is not a whole number from 0 to 1000000"),
        (9, "", "column `minimum_stock`: it is empty"),
        (9, "5.0", "column `minimum_stock`: `5.0` is not a whole number from 0 to 1000000"),
        (
            10,
            "Digi Flazz",
            "column `supplier`: `Digi Flazz` is not the name of a supplier: 1 to 32 small letters, digits, `_` or `-`, a letter first",
        ),
        (
            11,
            "ml 86",
            "column `supplier_sku`: `ml 86` is not a supplier's code: 1 to 64 visible ASCII characters, no spaces",
        ),
        (
            12,
            "{user_id}{zone}",
            "column `customer_template`: `{zone}` is not a placeholder: there are `{user_id}` and `{zone_id}`",
        ),
        (
            12,
            "{user_id}",
            "column `customer_template`: accounts of this game have a zone, and `{zone_id}` is missing",
        ),
        (12, "{zone_id}", "column `customer_template`: `{user_id}` is missing"),
        (12, "{user_id}{zone_id", "column `customer_template`: a `{` or `}` has no partner"),
        (14, "", "column `active`: it is empty: write `yes` or `no`"),
        (14, "2", "column `active`: `2` is neither `yes` nor `no`"),
    ] {
        assert_eq!(faults(table(&[&row(place, value)])), [format!("line 2, {expected}")]);
    }
    let long = "line 2, column `description`: it is 201 characters long, and the limit is 200";
    assert_eq!(faults(table(&[&row(13, &"x".repeat(201))])), [long]);
    assert_eq!(faults(table(&[&row(5, &"x".repeat(101))])).len(), 1);
    assert_eq!(faults(table(&[&row(11, &"x".repeat(65))])).len(), 1);
    let zone = "FF,Free Fire,,,FF_70,70 Diamond,100,90,0,0,digiflazz,ff70,{user_id}{zone_id},,yes";
    let expected = "line 2, column `customer_template`: accounts of this game have no zone, so `{zone_id}` cannot be filled in";
    assert_eq!(faults(table(&[zone])), [expected]);
}

#[test]
fn all_faults_are_told_at_once_and_lines_are_counted_as_an_editor_does() {
    let text = format!(
        "# a comment\r\n\r\n{HEADER}\r\n{}\r\n\r\n# another\r\n{}\r\n{}\r\n{}\r\n",
        row(4, "ML_1"),
        row(6, "mahal").replace("digiflazz", "DIGI"),
        row(4, "ml_1"),
        row(4, "ML_2").replace("Mobile Legends", "Mobil Legend").replace("⚔️", "🔥"),
    );
    let error = catalog::parse(text.as_bytes()).unwrap_err();
    let expected = [
        "line 7, column `price`: `mahal` is not a whole amount of rupiah",
        "line 7, column `supplier`: `DIGI` is not the name of a supplier: 1 to 32 small letters, digits, `_` or `-`, a letter first",
        "line 8, column `code`: `ML_1` is on line 4 too",
        "line 9, column `category_name`: it is not what line 4 says about the same category",
        "line 9, column `category_icon`: it is not what line 4 says about the same category",
    ];
    assert_eq!(faults(&text), expected);
    assert_eq!(error.to_string(), format!("the catalog file has 5 problems:\n  {}", expected.join("\n  ")));
}

#[test]
fn a_row_that_cannot_be_taken_apart_spoils_only_itself() {
    let good = row(4, "ML_2");
    let text = table(&[
        &row(13, "\"never closed"),
        &good,
        "ML,Mobile Legends",
        &format!("{good},surplus"),
        &row(6, "x"),
    ]);
    let found = faults(text);
    assert_eq!(
        found,
        [
            "line 2: a quotation mark has no partner on this line; a field cannot go on in the next",
            "line 4: it has 2 fields, and the header has 15; a text that contains a separator needs quotation marks",
            "line 5: it has 16 fields, and the header has 15; a text that contains a separator needs quotation marks",
            "line 6, column `price`: `x` is not a whole amount of rupiah",
        ]
    );
}

#[test]
fn the_header_names_every_column_once() {
    let message = format!("line 1: the file is empty; it must begin with the line `{HEADER}`");
    for empty in ["", "\u{FEFF}", "\n\n", "# only a comment\n"] {
        assert_eq!(faults(empty), std::slice::from_ref(&message));
    }
    assert_eq!(
        faults(HEADER.replace("price", "prise")),
        [
            "line 1: `prise` is not a column of this file",
            "line 1, column `price`: the header does not name it",
        ]
    );
    assert_eq!(faults(format!("{HEADER},code\n")), ["line 1, column `code`: the header names it twice"]);
    assert_eq!(
        faults(HEADER.replace("category_code,", "")),
        ["line 1, column `category_code`: the header does not name it"]
    );
    assert_eq!(faults("<html>\n").len(), 16);
    assert_eq!(
        faults("\"open\n"),
        ["line 1: a quotation mark has no partner on this line; a field cannot go on in the next"]
    );
}

#[test]
fn what_is_no_text_or_too_much_of_it_is_refused() {
    let mut bytes = table(&[&row(4, "ML_1"), &row(4, "ML_2")]).into_bytes();
    let place = bytes.len() - 3;
    bytes[place] = 0xFF;
    assert_eq!(faults(&bytes), ["line 3: this is not UTF-8 text; save the file as “CSV UTF-8”"]);
    assert_eq!(
        faults([0xFF, 0xFE, b'c', 0]),
        ["line 1: this is not UTF-8 text; save the file as “CSV UTF-8”"]
    );

    let large = vec![b'\n'; catalog::MAX_BYTES + 1];
    assert_eq!(faults(large), ["line 1: the file is larger than 4 MiB"]);

    let rows = vec!["ML,Mobile Legends,,,,,,,,,,,,,"; catalog::MAX_ROWS + 2];
    assert_eq!(faults(table(&rows)), ["line 10002: the file has more than 10000 rows"]);
}
