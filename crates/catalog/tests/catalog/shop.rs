//! What the shop reads.

use crate::{category, import, parsed, product, seeded, table};
use testkit::on_both_shops;
use vocabulary::Rupiah;

on_both_shops!(fn the_shop_shows_categories_and_products_in_the_order_of_the_file(db) {
    seeded(&db).await;
    let mut tx = db.read("test").await.unwrap();
    let shown = catalog::categories(&mut tx).await.unwrap();
    assert_eq!(shown.iter().map(|c| c.code.as_str()).collect::<Vec<_>>(), ["ML", "FF", "PUBG", "GENSHIN", "VALORANT"]);
    assert_eq!((shown[0].name.as_str(), shown[0].icon.as_str()), ("Mobile Legends", "⚔️"));
    let products = catalog::products_of(&mut tx, &category("ml")).await.unwrap();
    let codes: Vec<_> = products.iter().map(|p| p.code.as_str()).collect();
    assert_eq!(codes, ["ML_86", "ML_172", "ML_257", "ML_344", "ML_429"]);
    assert_eq!(catalog::products_of(&mut tx, &category("VALORANT")).await.unwrap(), []);
    assert_eq!(catalog::products_of(&mut tx, &category("NONE")).await.unwrap(), []);

    let one = catalog::product(&mut tx, &product("gi_1090")).await.unwrap().unwrap();
    assert_eq!((one.name.as_str(), one.price, one.cost), ("1090 Genesis Crystal", Rupiah::new(250_000), Rupiah::new(225_000)));
    assert_eq!((one.category.as_str(), one.active, one.margin()), ("GENSHIN", true, Rupiah::new(25_000)));
    assert_eq!((one.supplier.as_str(), one.supplier_sku.as_str()), ("digiflazz", "gi1090"));
    assert_eq!(one.customer_template.to_string(), "{user_id}");
    assert_eq!(catalog::product(&mut tx, &product("GI_2")).await.unwrap(), None);
    assert_eq!(catalog::category(&mut tx, &category("NONE")).await.unwrap(), None);
    assert_eq!(catalog::category(&mut tx, &category("FF")).await.unwrap().unwrap().name, "Free Fire");
});

on_both_shops!(fn what_is_switched_off_is_not_shown_and_not_sold(db) {
    seeded(&db).await;
    import(&db, &parsed(&table(&[
        "ML,Mobile Legends,⚔️,yes,ML_86,86 Diamond,20000,18000,100,5,digiflazz,ml86,{user_id}{zone_id},,no",
        "FF,Free Fire,🔥,no,,,,,,,,,,,",
    ]))).await;
    let mut tx = db.read("test").await.unwrap();
    let shown = catalog::categories(&mut tx).await.unwrap();
    assert_eq!(shown.iter().map(|c| c.code.as_str()).collect::<Vec<_>>(), ["ML", "PUBG", "GENSHIN", "VALORANT"]);
    assert_eq!(catalog::products_of(&mut tx, &category("FF")).await.unwrap(), []);
    assert_eq!(catalog::products_of(&mut tx, &category("ML")).await.unwrap().len(), 4);
    for code in ["ML_86", "FF_70"] {
        assert!(!catalog::product(&mut tx, &product(code)).await.unwrap().unwrap().active, "{code}");
    }
    assert!(!catalog::category(&mut tx, &category("FF")).await.unwrap().unwrap().active);
});
