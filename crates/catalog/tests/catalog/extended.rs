//! The extended catalog: what it costs and sells for is what the survey found, and what is not proven
//! is not sold.

use std::collections::HashMap;
use vocabulary::CategoryCode;

/// Cost, suggested price and confidence of a supplier's code, from the survey.
fn survey() -> HashMap<String, (i64, i64, String)> {
    let mut reader =
        csv::Reader::from_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/price_survey.csv"))
            .unwrap();
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| (row[3].to_owned(), (row[5].parse().unwrap(), row[6].parse().unwrap(), row[7].to_owned())))
        .collect()
}

/// Cost + max(500, 8 % / 6 % / 4.5 % / 3.5 %), rounded up to a hundred (`contracts/suppliers.md` §4).
fn suggested(cost: i64) -> i64 {
    let per_mille = match cost {
        ..20_000 => 80,
        20_000..100_000 => 60,
        100_000..300_000 => 45,
        _ => 35,
    };
    let price = cost * 1_000 + (cost * per_mille).max(500_000);
    (price + 99_999) / 100_000 * 100
}

#[test]
fn every_extended_product_costs_and_sells_for_what_the_survey_found() {
    let survey = survey();
    let extended = catalog::extended().unwrap();
    assert_eq!(extended.products().len(), 74);
    for product in extended.products() {
        let (cost, sell, confidence) = &survey[&product.supplier_sku];
        let (code, price) = (&product.code, product.price.get());
        assert_eq!((product.cost.get(), price), (*cost, *sell), "{code}");
        assert_eq!(price, suggested(*cost), "{code}");
        assert!(price > *cost, "{code} would lose money");
        assert!(
            confidence == "OBSERVED_COST" || !product.active,
            "{code}: {confidence} is no cost to sell by"
        );
    }
}

#[test]
fn what_the_supplier_does_not_explain_is_switched_off() {
    let extended = catalog::extended().unwrap();
    let off = |code: &str| ["GENSHIN", "HSR", "AOV"].contains(&code);
    for product in extended.products() {
        let code = product.code.as_str();
        // More diamonds for less than the base catalog takes for 140.
        let odd = code.starts_with("ML_WDP") || code == "FF_210";
        assert_eq!(product.active, !odd && !off(product.category.as_str()), "{code}");
    }
    let sold: Vec<_> =
        extended.products().iter().filter(|p| p.active && p.category.as_str() == "VALORANT").collect();
    assert_eq!(
        sold.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(),
        ["475 VP", "1000 VP", "1475 VP", "2050 VP", "3650 VP", "5350 VP", "11000 VP"]
    );
}

#[test]
fn every_extended_product_sends_the_number_that_its_supplier_wants() {
    for product in catalog::extended().unwrap().products() {
        let sample = match product.category.as_str() {
            "ML" | "MCGG" => "0136216325 (2685)",
            "FF" | "PUBG" => "0225009777",
            "GENSHIN" | "HSR" => "618285856",
            "VALORANT" => "yuyun#123",
            "HOK" => "012345678901",
            "CODM" | "AOV" => "11943769307349683075",
            other => panic!("no sample for {other}"),
        };
        let account = catalog::account::parse(&product.category, sample, None).unwrap();
        let expected = match product.category.as_str() {
            "ML" | "MCGG" => "01362163252685",
            _ => sample,
        };
        assert_eq!(product.customer_template.fill(&account).unwrap(), expected, "{}", product.code);
    }
}

/// How many of what a name promises: `86 Diamond`.
fn counted(name: &str) -> Option<(u32, &str)> {
    let (count, unit) = name.split_once(' ')?;
    Some((count.parse().ok()?, unit))
}

#[test]
fn more_of_the_same_never_costs_less() {
    let both = catalog::base().unwrap().with(catalog::extended().unwrap());
    let mut sold: HashMap<(&str, &str), Vec<(u32, i64)>> = HashMap::new();
    for product in both.products().iter().filter(|product| product.active) {
        if let Some((count, unit)) = counted(&product.name) {
            sold.entry((product.category.as_str(), unit)).or_default().push((count, product.price.get()));
        }
    }
    assert!(sold.len() >= 8 && sold.values().map(Vec::len).sum::<usize>() > 60, "{sold:?}");
    for (what, mut steps) in sold {
        steps.sort_unstable();
        for pair in steps.windows(2) {
            assert!(pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1, "{what:?}: {pair:?}");
        }
    }
}

#[test]
fn base_and_extended_make_one_catalog_without_a_clash() {
    let (base, extended) = (catalog::base().unwrap(), catalog::extended().unwrap());
    let both = base.clone().with(extended.clone());
    assert_eq!(both.products().len(), base.products().len() + extended.products().len(), "no code twice");
    let codes: Vec<&str> = both.categories().iter().map(|c| c.code.as_str()).collect();
    assert_eq!(codes, ["ML", "FF", "PUBG", "GENSHIN", "VALORANT", "HOK", "CODM", "MCGG", "HSR", "AOV"]);
    for category in extended.categories() {
        let known = |code: &CategoryCode| base.categories().iter().find(|c| c.code == *code);
        assert!(known(&category.code).is_none_or(|same| same == category), "{}", category.code);
    }
    let skus: std::collections::HashSet<_> = both.products().iter().map(|p| &p.supplier_sku).collect();
    assert_eq!(skus.len(), both.products().len(), "one product for each code of the supplier");
    assert!(catalog::parse(both.to_string().as_bytes()).unwrap() == both, "it can be written and read");
    assert!(both.clone().with(base) == both, "what is there stands");
}
