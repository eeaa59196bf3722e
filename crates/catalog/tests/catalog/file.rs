//! What a good file may look like.

use crate::{HEADER, parsed, table};
use catalog::{BASE, Column};
use proptest::prelude::*;

const ROW: &str =
    "ML,Mobile Legends,⚔️,yes,ML_86,86 Diamond,20000,18000,100,5,digiflazz,ml86,{user_id}{zone_id},Cepat,yes";

#[test]
fn the_base_catalog_has_five_categories_and_fifteen_products() {
    let base = catalog::base().unwrap();
    let categories: Vec<_> = base.categories().iter().map(|c| (c.code.as_str(), c.name.as_str())).collect();
    assert_eq!(
        categories,
        [
            ("ML", "Mobile Legends"),
            ("FF", "Free Fire"),
            ("PUBG", "PUBG Mobile"),
            ("GENSHIN", "Genshin Impact"),
            ("VALORANT", "Valorant")
        ]
    );
    let products: Vec<_> = base
        .products()
        .iter()
        .map(|p| (p.code.as_str(), p.name.as_str(), p.price.get(), p.cost.get()))
        .collect();
    assert_eq!(
        products,
        [
            ("ML_86", "86 Diamond", 20_000, 18_000),
            ("ML_172", "172 Diamond", 40_000, 36_000),
            ("ML_257", "257 Diamond", 60_000, 54_000),
            ("ML_344", "344 Diamond", 80_000, 72_000),
            ("ML_429", "429 Diamond", 100_000, 90_000),
            ("FF_70", "70 Diamond", 10_000, 9_000),
            ("FF_140", "140 Diamond", 20_000, 18_000),
            ("FF_355", "355 Diamond", 50_000, 45_000),
            ("FF_720", "720 Diamond", 100_000, 90_000),
            ("PUBG_60", "60 UC", 15_000, 13_500),
            ("PUBG_325", "325 UC", 75_000, 67_500),
            ("PUBG_660", "660 UC", 150_000, 135_000),
            ("GI_60", "60 Genesis Crystal", 15_000, 13_500),
            ("GI_330", "330 Genesis Crystal", 75_000, 67_500),
            ("GI_1090", "1090 Genesis Crystal", 250_000, 225_000),
        ]
    );
    assert!(base.products().iter().all(|p| p.active && (p.stock.on_hand, p.stock.minimum) == (100, 5)));
}

#[test]
fn a_route_at_another_supplier_never_takes_the_template_of_the_first() {
    let read = |routes: &str| catalog::parse(format!("{HEADER},routes\n{ROW},{routes}\n").as_bytes());
    let file = read("digiflazz ml86b1 > apigames ML86 {user_id}|{zone_id}").unwrap();
    let routes = file.products()[0].routes.clone().unwrap();
    let templates: Vec<String> = routes.iter().map(|route| route.customer_template.to_string()).collect();
    assert_eq!(templates, ["{user_id}{zone_id}", "{user_id}|{zone_id}"]);
    for refused in ["apigames ML86", "digiflazz ml86b1 > apigames ML86 off"] {
        let problem = read(refused).unwrap_err().to_string();
        assert!(problem.contains("`apigames` is not the product's own supplier"), "{refused}: {problem}");
    }
}

#[test]
fn who_sells_a_product_is_noted_with_each_route_and_read_back() {
    let read = |routes: &str, seller: &str| {
        catalog::parse(format!("{HEADER},routes,seller\n{ROW},{routes},{seller}\n").as_bytes())
    };
    let routes = "digiflazz ml86b1 off [Toko  Jujur] > apigames ML86 [{user_id}|{zone_id}] [PT A]";
    let file = read(routes, "  Toko   Satu ").unwrap();
    let product = &file.products()[0];
    assert_eq!(product.seller.as_deref(), Some("Toko Satu"));
    let found: Vec<(&str, String, bool)> = product
        .routes
        .iter()
        .flatten()
        .map(|route| (route.seller.as_str(), route.customer_template.to_string(), route.active))
        .collect();
    let expected = [
        ("Toko Jujur", "{user_id}{zone_id}".to_owned(), false),
        ("PT A", "[{user_id}|{zone_id}]".to_owned(), true),
    ];
    assert_eq!(found, expected);
    assert_eq!(parsed(&file.to_string()), file);
    assert_eq!(parsed(&table(&[ROW])).products()[0].seller, None, "a file without the column does not say");
    for (routes, seller, expected) in [
        ("digiflazz ml86b1 [Toko", "", "does not end with `]`"),
        ("digiflazz ml86b1 [Toko] off", "", "does not end with `]`"),
        ("digiflazz ml86b1 [Toko]]", "", "is not the name of a seller"),
        ("", "Toko > Lain", "is not the name of a seller"),
        ("", &"x".repeat(101), "the limit is 100"),
    ] {
        let problem = read(routes, seller).unwrap_err().to_string();
        assert!(problem.contains(expected), "{routes} {seller}: {problem}");
    }
}

#[test]
fn the_same_table_is_read_however_the_spreadsheet_wrote_it() {
    let expected = parsed(&table(&[ROW]));
    let spaced = ROW.replace(',', " , ");
    let quoted = ROW.split(',').map(|field| format!("\"{field}\"")).collect::<Vec<_>>().join(",");
    let mut columns: Vec<&str> = HEADER.split(',').collect();
    let mut fields: Vec<&str> = ROW.split(',').collect();
    columns.reverse();
    fields.reverse();
    for (name, text) in [
        ("byte order mark", format!("\u{FEFF}{HEADER}\n{ROW}\n")),
        ("Windows", format!("{HEADER}\r\n{ROW}\r\n")),
        ("old Macintosh", format!("{HEADER}\r{ROW}\r")),
        ("no end", format!("{HEADER}\n{ROW}")),
        ("comments and empty lines", format!("# a comment\n\n{HEADER}\n  \n # another, with \"\n{ROW}\n\n")),
        ("empty rows", format!("{HEADER}\n,,,,,,,,,,,,,,\n{ROW}\n,,,,,,,,,,,,,,,,,\n")),
        ("spaces", format!("{}\n{spaced}\n", HEADER.replace(',', " , "))),
        ("quotation marks", format!("{HEADER}\n{quoted}\n")),
        ("semicolons", format!("{HEADER}\n{ROW}\n").replace(',', ";")),
        (
            "capitals",
            format!("{}\n{}\n", HEADER.to_uppercase(), ROW.replace("ML_86", "ml_86").replace("yes", "TRUE")),
        ),
        ("other order", format!("{}\n{}\n", columns.join(","), fields.join(","))),
        (
            "dotted amounts",
            format!("{HEADER}\n{}\n", ROW.replace("20000", "Rp 20.000").replace("18000", "18.000")),
        ),
        ("Indonesian", format!("{HEADER}\n{}\n", ROW.replace("yes", "ya"))),
    ] {
        assert_eq!(parsed(&text), expected, "{name}");
    }
}

#[test]
fn a_category_is_put_together_from_its_rows() {
    let text = table(&[
        "ML,,,,ML_1,One,100,90,0,0,digiflazz,a,{user_id}{zone_id},,yes",
        "FF,Free Fire,,no,,,,,,,,,,,",
        "ML,Mobile Legends,⚔️,,ML_2,Two,100,100,0,0,digiflazz,b,{user_id}{zone_id},\"a, \"\"b\"\"\",no",
    ]);
    let file = parsed(&text);
    let categories: Vec<_> = file
        .categories()
        .iter()
        .map(|c| (c.code.as_str(), c.name.as_str(), c.icon.as_str(), c.active))
        .collect();
    assert_eq!(categories, [("ML", "Mobile Legends", "⚔️", true), ("FF", "Free Fire", "", false)]);
    assert_eq!(file.products()[1].description, "a, \"b\"");
    assert!(!file.products()[1].active);
}

#[test]
fn a_file_of_the_header_alone_holds_nothing() {
    assert_eq!(parsed(HEADER), catalog::Catalog::default());
}

#[test]
fn the_largest_file_allowed_is_read() {
    let rows: Vec<String> = (0..catalog::MAX_ROWS)
        .map(|n| format!("G,Game,,,P_{n},Product {n},{},1,0,0,digiflazz,p{n},{{user_id}},,yes", n + 1))
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    assert_eq!(parsed(&table(&rows)).products().len(), catalog::MAX_ROWS);
}

#[test]
fn the_base_file_reads_back_from_what_is_written() {
    let base = parsed(BASE);
    let written = base.to_string();
    assert_eq!(parsed(&written), base);
    assert_eq!(parsed(&written).to_string(), written);
    let columns = Column::ALL.iter().filter(|column| !matches!(column, Column::Routes | Column::Seller));
    assert_eq!(written.lines().next().unwrap(), columns.map(|c| c.as_str()).collect::<Vec<_>>().join(","));
}

proptest! {
    #[test]
    fn what_is_written_reads_back_the_same(
        products in proptest::collection::vec((0usize..4, "\\PC{1,30}", 1i64..1_000_000_000, "\\PC{0,40}", any::<bool>()), 0..12),
    ) {
        let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let rows: Vec<String> = products.iter().enumerate().map(|(n, (category, name, price, description, active))| {
            let (name, description) = (quote(name), quote(description));
            let active = if *active { "yes" } else { "no" };
            format!("C{category},Game {category},,,P{n},{name},{price},1,7,2,digiflazz,p{n},{{user_id}},{description},{active}")
        }).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        // Names of spaces alone, or with marks that turn the text around, are refused: no promise.
        if let Ok(file) = catalog::parse(table(&rows).as_bytes()) {
            let written = file.to_string();
            let again = parsed(&written);
            prop_assert_eq!(again.categories(), file.categories());
            prop_assert_eq!(again.products().len(), file.products().len());
            for product in file.products() {
                prop_assert!(again.products().contains(product), "{}", written);
            }
            prop_assert_eq!(again.to_string(), written);
        }
    }

    #[test]
    fn no_file_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), lines in "(\\PC{0,40}\n){0,6}") {
        let _ = catalog::parse(&bytes);
        let _ = catalog::parse(lines.as_bytes());
        let _ = catalog::parse(format!("{HEADER}\n{lines}").as_bytes());
    }
}
