//! What is exported can be imported: here it changes nothing, elsewhere it makes the same catalog.

use crate::{import, parsed, product, seed, seeded, table};
use catalog::InitialStock;
use testkit::on_both_shops;

const FULL: InitialStock = InitialStock { on_hand: 100, minimum: 5 };

on_both_shops!(fn the_base_catalog_comes_back_as_it_went_in(db) {
    let base = seeded(&db).await;
    let mut tx = db.read("test").await.unwrap();
    let text = catalog::export(&mut tx, |_| Some(FULL)).await.unwrap();
    assert_eq!(text, base.to_string());
    drop(tx);
    let report = import(&db, &parsed(&text)).await;
    assert_eq!((report.added_categories.len(), report.added.len(), report.changed.len(), report.unchanged), (0, 0, 0, 15));
});

on_both_shops!(fn an_edited_catalog_moves_to_another_shop_whole(db) {
    seeded(&db).await;
    let odd = "ML,Mobile \"\"Legends\"\"; Bang,⚔️,no,ML_86,\"a, \"\"b\"\"; #c\",22000,18000,1,1,digiflazz,\"m,l;8#6\",{user_id}|{zone_id},\"=1+1, é\",no";
    let odd = odd.replace("Mobile \"\"Legends\"\"; Bang", "\"Mobile \"\"Legends\"\"; Bang\"");
    import(&db, &parsed(&table(&[&odd, "EMPTY,Nothing yet,,no,,,,,,,,,,,"]))).await;
    let stock = |code: &vocabulary::ProductCode| (*code != product("FF_70")).then_some(FULL);
    let mut tx = db.read("test").await.unwrap();
    let text = catalog::export(&mut tx, stock).await.unwrap();
    drop(tx);
    assert_eq!(import(&db, &parsed(&text)).await.changed, []);

    let other = testkit::shop_sqlite().await;
    let report = seed(&other, &parsed(&text)).await;
    assert_eq!((report.added_categories.len(), report.added.len()), (6, 15));
    assert!(report.stock.contains(&(product("FF_70"), InitialStock::default())));
    let mut tx = other.read("test").await.unwrap();
    assert_eq!(catalog::export(&mut tx, stock).await.unwrap(), text);
    let ml_86 = catalog::product(&mut tx, &product("ML_86")).await.unwrap().unwrap();
    assert_eq!((ml_86.name.as_str(), ml_86.description.as_str()), ("a, \"b\"; #c", "=1+1, é"));
});

on_both_shops!(fn an_empty_shop_exports_the_header(db) {
    let mut tx = db.read("test").await.unwrap();
    let text = catalog::export(&mut tx, |_| None).await.unwrap();
    assert_eq!(text, format!("{}\n", crate::HEADER));
    assert_eq!(parsed(&text), catalog::Catalog::default());
});
