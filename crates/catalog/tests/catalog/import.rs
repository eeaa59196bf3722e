//! What a seed and an import do to the database, and what they say about it.

use crate::{import, parsed, product, seed, seeded, table};
use catalog::{Change, ImportReport, InitialStock, Subject};
use database::sql;
use testkit::on_both_shops;
use vocabulary::Rupiah;

fn ml_86(price: u32, more: &str) -> String {
    format!(
        "ML,Mobile Legends,⚔️,yes,ML_86,86 Diamond,{price},18000,7,1,digiflazz,ml86,{{user_id}}{{zone_id}},{more},yes"
    )
}

fn change(code: &str, field: &'static str, before: &str, after: &str) -> Change {
    Change { subject: Subject::Product(product(code)), field, before: before.into(), after: after.into() }
}

on_both_shops!(fn a_second_seed_changes_nothing_and_says_so(db) {
    let base = catalog::base().unwrap();
    let first = seed(&db, &base).await;
    assert_eq!((first.added_categories.len(), first.added.len(), first.unchanged), (5, 15, 0));
    assert_eq!(first.changed, []);
    assert_eq!(first.stock.len(), 15);
    assert!(first.stock.contains(&(product("ML_86"), InitialStock { on_hand: 100, minimum: 5 })));

    let second = seed(&db, &base).await;
    assert_eq!(second, ImportReport { unchanged: 15, stock: first.stock, ..ImportReport::default() });
    assert_eq!(import(&db, &base).await, second);
});

on_both_shops!(fn a_seed_leaves_the_owners_edits_alone_and_adds_what_is_missing(db) {
    let base = seeded(&db).await;
    let mut tx = db.write("test").await.unwrap();
    sql!("UPDATE product SET price = 21000 WHERE code = 'ML_86'").query().run(&mut tx).await.unwrap();
    sql!("DELETE FROM product WHERE code = 'FF_140'").query().run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();

    let report = seed(&db, &base).await;
    assert_eq!((report.added, report.changed, report.unchanged), (vec![product("FF_140")], vec![], 14));
    let mut tx = db.read("test").await.unwrap();
    assert_eq!(catalog::product(&mut tx, &product("ML_86")).await.unwrap().unwrap().price, Rupiah::new(21_000));
});

on_both_shops!(fn an_import_tells_every_field_that_it_changed_and_nothing_else_moves(db) {
    seeded(&db).await;
    let file = parsed(&table(&[
        &ml_86(22_000, "Baru"),
        "ML,,,,ML_9288,9288 Diamond,2000000,1800000,3,1,digiflazz,ml9288,{user_id}{zone_id},,yes",
        "FF,Free Fire MAX,🔥,yes,,,,,,,,,,,",
        "HOK,Honor of Kings,,yes,HOK_80,80 Token,16000,13653,10,2,digiflazz,hok80,{user_id},,yes",
    ]));
    let report = import(&db, &file).await;
    assert_eq!(report.added_categories, ["HOK".parse().unwrap()]);
    assert_eq!(report.added, [product("HOK_80"), product("ML_9288")]);
    let name = Change {
        subject: Subject::Category("FF".parse().unwrap()),
        field: "name",
        before: "Free Fire".into(),
        after: "Free Fire MAX".into(),
    };
    let description = "Masuk ke akun Mobile Legends dengan User ID dan Zone ID ini";
    assert_eq!(report.changed, [
        name,
        change("ML_86", "price", "20000", "22000"),
        change("ML_86", "description", description, "Baru"),
    ]);
    assert_eq!(report.unchanged, 0);
    assert_eq!(report.stock.len(), 3);

    let again = import(&db, &file).await;
    assert_eq!((again.added.len(), again.changed.len(), again.unchanged), (0, 0, 3));
    let mut tx = db.read("test").await.unwrap();
    let codes: Vec<_> = catalog::products_of(&mut tx, &"ML".parse().unwrap()).await.unwrap();
    let codes: Vec<_> = codes.iter().map(|p| p.code.as_str()).collect();
    assert_eq!(codes, ["ML_86", "ML_172", "ML_257", "ML_344", "ML_429", "ML_9288"], "new ones come last");
    let ff = catalog::product(&mut tx, &product("FF_70")).await.unwrap().unwrap();
    assert_eq!(ff.price, Rupiah::new(10_000), "what the file does not name is left alone");
});

on_both_shops!(fn every_field_of_a_product_can_be_imported(db) {
    seeded(&db).await;
    let report = import(&db, &parsed(&table(&[
        "FF,Free Fire,🔥,yes,ML_86,87 Diamonds,21000,17000,7,1,vip-reseller,M87,{user_id}.x,Lain,no",
    ]))).await;
    let fields: Vec<_> = report.changed.iter().map(|c| (c.field, c.after.as_str())).collect();
    assert_eq!(fields, [
        ("category", "FF"),
        ("name", "87 Diamonds"),
        ("price", "21000"),
        ("cost", "17000"),
        ("description", "Lain"),
        ("supplier", "vip-reseller"),
        ("supplier_sku", "M87"),
        ("customer_template", "{user_id}.x"),
        ("active", "false"),
    ]);
});

on_both_shops!(fn who_sells_a_product_is_stored_and_exported_and_left_alone_by_a_file_that_does_not_say(db) {
    seeded(&db).await;
    let file = |seller: &str| {
        let row = ml_86(20_000, "Baru");
        parsed(&format!("{},routes,seller\n{row},digiflazz ml86b1 [Toko Dua],{seller}\n", crate::HEADER))
    };
    let report = import(&db, &file("Toko Satu")).await;
    let route = "digiflazz ml86b1 {user_id}{zone_id} [Toko Dua]";
    for expected in [change("ML_86", "seller", "", "Toko Satu"), change("ML_86", "routes", "", route)] {
        assert!(report.changed.contains(&expected), "{:?}", report.changed);
    }
    assert_eq!(import(&db, &parsed(&table(&[&ml_86(20_000, "Baru")]))).await.changed, []);
    let mut tx = db.read("test").await.unwrap();
    let ml_86_now = catalog::product(&mut tx, &product("ML_86")).await.unwrap().unwrap();
    let own = ml_86_now.own_route().seller;
    let further = catalog::further_routes(&mut tx, &product("ML_86")).await.unwrap();
    let of_category = catalog::further_routes_of_category(&mut tx, &ml_86_now.category).await.unwrap();
    assert_eq!((own.as_str(), further[0].seller.as_str()), ("Toko Satu", "Toko Dua"));
    assert_eq!(of_category, further);
    let all = catalog::all_routes(&mut tx).await.unwrap();
    let sellers: Vec<&str> =
        all.iter().filter(|r| r.product == product("ML_86")).map(|r| r.seller.as_str()).collect();
    assert_eq!(sellers, ["Toko Satu", "Toko Dua"]);
    let text = catalog::export(&mut tx, |_| None).await.unwrap();
    drop(tx);
    assert!(text.contains(&format!("{route},Toko Satu")), "{text}");
    assert_eq!(import(&db, &parsed(&text)).await.changed, []);
    assert_eq!(import(&db, &file("")).await.changed, [change("ML_86", "seller", "Toko Satu", "")]);

    let other = testkit::shop_sqlite().await;
    seed(&other, &parsed(&text)).await;
    let mut tx = other.read("test").await.unwrap();
    let seeded = catalog::product(&mut tx, &product("ML_86")).await.unwrap().unwrap();
    assert_eq!(seeded.seller, "Toko Satu");
});

on_both_shops!(fn imports_at_the_same_moment_report_each_change_once(db) {
    seeded(&db).await;
    let mut imports = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let db = db.clone();
        imports.spawn(async move {
            let rows = [
                ml_86(22_000, ""),
                "FF,Free Fire,🔥,yes,FF_NEW,New,100,90,0,0,digiflazz,n,{user_id},,yes".to_owned(),
                "A,New,,yes,A_NEW,New,100,90,0,0,digiflazz,n,{user_id},,yes".to_owned(),
            ];
            let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
            import(&db, &parsed(&table(&rows))).await
        });
    }
    let reports = imports.join_all().await;
    let prices = reports.iter().flat_map(|r| &r.changed).filter(|c| c.field == "price").count();
    let added: usize = reports.iter().map(|r| r.added.len()).sum();
    assert_eq!((prices, added), (1, 2), "{reports:?}");
    assert!(reports.iter().all(|r| r.added.len() + r.unchanged + usize::from(!r.changed.is_empty()) == 3), "{reports:?}");
});

on_both_shops!(fn an_import_that_is_not_committed_never_happened(db) {
    let base = seeded(&db).await;
    let mut tx = db.write("test").await.unwrap();
    let report = catalog::import_in_tx(&mut tx, &parsed(&table(&[&ml_86(99_000, "")])), crate::NOW).await.unwrap();
    assert_eq!(report.changed.len(), 2);
    drop(tx);
    assert_eq!(import(&db, &base).await.changed, []);
});

on_both_shops!(fn the_schema_refuses_a_price_below_the_cost(db) {
    seeded(&db).await;
    for touch in [
        sql!("UPDATE product SET price = 17999 WHERE code = 'ML_86'"),
        sql!("UPDATE product SET cost = 0"),
        sql!("UPDATE product SET active = 2"),
        sql!("UPDATE product SET category_code = 'NONE'"),
    ] {
        let mut tx = db.write("test").await.unwrap();
        assert!(touch.query().run(&mut tx).await.is_err(), "{touch:?}");
    }
});
