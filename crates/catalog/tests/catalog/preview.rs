//! The table of margins and the estimate.

use crate::{parsed, table};
use vocabulary::Rupiah;

#[test]
fn the_base_catalog_would_bring_in_what_the_product_promises() {
    let preview = catalog::preview(&catalog::base().unwrap());
    assert_eq!(preview.rows.len(), 15);
    for row in &preview.rows {
        assert_eq!(row.cost.get() * 10, row.price.get() * 9, "{}: the price is the cost / 0.9", row.code);
        assert_eq!(
            (row.margin_of_price.to_string(), row.markup_on_cost.to_string()),
            ("10.0 %".into(), "11.1 %".into())
        );
        assert_eq!(row.margin_of_price.basis_points(), 1_000);
        assert!(row.active);
    }
    let first = &preview.rows[0];
    assert_eq!(
        (first.category_name.as_str(), first.name.as_str(), first.margin),
        ("Mobile Legends", "86 Diamond", Rupiah::new(2_000))
    );

    let estimate = preview.estimate.unwrap();
    assert_eq!((estimate.products, estimate.transactions_per_day, estimate.days_per_month), (15, 100, 30));
    let shown = [
        estimate.mean_price,
        estimate.revenue_per_day,
        estimate.revenue_per_month,
        estimate.margin_per_day,
        estimate.margin_per_month,
    ];
    assert_eq!(
        shown.map(|amount| amount.to_string()),
        ["Rp 70.667", "Rp 7.066.667", "Rp 212.000.000", "Rp 706.667", "Rp 21.200.000"]
    );
}

#[test]
fn an_estimate_rounds_once_at_the_end_and_half_up() {
    let row =
        |code: &str, price: u32| format!("G,Game,,,{code},One,{price},1,0,0,digiflazz,x,{{user_id}},,yes");
    let rows: Vec<String> =
        [("A", 1), ("B", 1), ("C", 2)].iter().map(|(code, price)| row(code, *price)).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let estimate = catalog::preview(&parsed(&table(&rows))).estimate.unwrap();
    assert_eq!(estimate.mean_price, Rupiah::new(1), "4 / 3");
    assert_eq!(estimate.revenue_per_day, Rupiah::new(133), "400 / 3, not 100 x 1");
    assert_eq!(estimate.revenue_per_month, Rupiah::new(4_000), "12,000 / 3, not 30 x 133");

    let halves = catalog::preview(&parsed(&table(&rows[1..]))).estimate.unwrap();
    assert_eq!(halves.mean_price, Rupiah::new(2), "1.5 goes up");
}

#[test]
fn what_is_switched_off_is_in_the_table_and_not_in_the_estimate() {
    let off = [
        "G,Game,,,A,One,100,90,0,0,digiflazz,x,{user_id},,yes",
        "G,Game,,,B,One,900,90,0,0,digiflazz,x,{user_id},,no",
        "H,Hidden,,no,C,One,900,90,0,0,digiflazz,x,{user_id},,yes",
    ];
    let preview = catalog::preview(&parsed(&table(&off)));
    assert_eq!(preview.rows.iter().map(|row| row.active).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(preview.estimate.unwrap().mean_price, Rupiah::new(100));
    assert_eq!(catalog::preview(&parsed(&table(&off[1..]))).estimate, None);
}
