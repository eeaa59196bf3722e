//! Which methods an order can be paid by, in which order they are offered, and what the shop is left with.

use crate::scene::{ITEM, Scene};
use database::{Database, sql};
use orders::{Bill, FeeAboveMargin, PayError, PlaceError, Rules, WayToPay};
use outside::Http;
use payments::{
    AgreedFees, Gateway,
    gateways::midtrans::{Midtrans, Settings},
};
use std::{sync::Arc, time::Duration};
use testkit::on_both_shops;
use vocabulary::{PaymentMethod, Rupiah, Secret};

const GOPAY_OVO: &str = "gopay_qr gopay_link ovo_push";
const BANKS: &str = "va_bca va_bni va_bri va_permata";
const TILLS: &str = "cstore_indomaret cstore_alfamart";

/// A shop with all of Core's methods and one product at Rp 10.000. Nobody answers there.
async fn scene(db: &Database) -> Scene {
    let mut scene = Scene::with_ten(db).await;
    let settings = Settings {
        base_url: "http://127.0.0.1:1".into(),
        snap_url: None,
        server_key: Secret::new("SB-Mid-server-TESTKEY0001"),
        previous_server_key: None,
        previous_until: None,
    };
    let gateway = Midtrans::new(Http::new().unwrap(), settings);
    scene.shop.gateways = Arc::new(vec![Arc::new(gateway) as Arc<dyn Gateway>]);
    scene
}

/// The same shop by other rules.
fn ruled(scene: &Scene, change: impl FnOnce(&mut Rules)) -> Scene {
    let (mut scene, mut rules) = (scene.clone(), Scene::rules());
    change(&mut rules);
    scene.shop.rules = Arc::new(rules);
    scene
}

/// By what money that nothing is bought for is taken.
fn offered(scene: &Scene, amount: i64) -> String {
    offered_for(scene, Bill::without_goods(Rupiah::new(amount)))
}

fn offered_for(scene: &Scene, bill: Bill) -> String {
    let methods = scene.shop.payment_methods(bill);
    methods.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(" ")
}

on_both_shops!(fn what_carries_the_price_is_offered_and_what_costs_the_shop_least_comes_first(db) {
    let shop = scene(&db).await;
    for (amount, expected) in [
        (10_000, format!("qris {GOPAY_OVO} wallet")),
        (14_000, format!("qris {GOPAY_OVO} wallet")),
        (14_800, format!("qris {GOPAY_OVO} {BANKS} wallet")),
        (20_000, format!("qris {GOPAY_OVO} {BANKS} {TILLS} wallet")),
        (1_000_000, format!("{BANKS} {TILLS} qris {GOPAY_OVO} wallet")),
        (5_000_001, format!("{BANKS} qris {GOPAY_OVO} wallet")),
        (10_000_001, format!("{BANKS} {GOPAY_OVO} wallet")),
        (20_000_001, format!("{BANKS} ovo_push wallet")),
        (100_000_000, format!("{BANKS} wallet")),
    ] {
        assert_eq!(offered(&shop, amount), expected, "Rp {amount}");
    }
    // An owner who bears any fee offers all that lies within the limits.
    let generous = ruled(&shop, |rules| rules.most_fee_basis_points = 10_000);
    assert_eq!(
        offered(&generous, 9_000),
        format!("qris {GOPAY_OVO} va_bni va_bri va_permata cstore_alfamart wallet")
    );
    // What was agreed moves a method to its place.
    let agreed = AgreedFees { gopay: Some(50), ..AgreedFees::default() };
    let agreed = ruled(&shop, |rules| rules.fees = agreed);
    assert_eq!(offered(&agreed, 10_000), "gopay_qr gopay_link qris ovo_push wallet");
});

on_both_shops!(fn what_costs_more_than_a_sale_leaves_is_not_offered_unless_the_owner_says_so(db) {
    let shop = scene(&db).await;
    let sale = |amount: i64, cost: i64| Bill { amount: Rupiah::new(amount), cost: Some(Rupiah::new(cost)) };
    for (bill, expected) in [
        // 86 diamonds leave Rp 2.000: a transfer takes 4.440 of it, a till 5.550.
        (sale(20_000, 18_000), format!("qris {GOPAY_OVO} wallet")),
        (sale(60_000, 55_561), format!("qris {GOPAY_OVO} wallet")),
        // What is just enough is enough.
        (sale(60_000, 55_560), format!("qris {GOPAY_OVO} {BANKS} wallet")),
        (sale(60_000, 54_450), format!("qris {GOPAY_OVO} {BANKS} {TILLS} wallet")),
        (sale(60_000, 54_451), format!("qris {GOPAY_OVO} {BANKS} wallet")),
        // 1 %: no wallet is as cheap as that, but QRIS is.
        (sale(100_000, 99_000), "qris wallet".to_owned()),
        (sale(100_000, 99_301), "wallet".to_owned()),
        (sale(100_000, 100_000), "wallet".to_owned()),
        (sale(100_000, 120_000), "wallet".to_owned()),
        // And what is much of a price that leaves much is too much all the same.
        (sale(14_000, 1), format!("qris {GOPAY_OVO} wallet")),
    ] {
        assert_eq!(offered_for(&shop, bill), expected, "{bill:?}");
    }
    let generous = ruled(&shop, |rules| rules.fee_above_margin = FeeAboveMargin::Allow);
    let all = format!("qris {GOPAY_OVO} {BANKS} {TILLS} wallet");
    assert_eq!(offered_for(&generous, sale(20_000, 18_000)), all);
    assert_eq!(offered_for(&generous, sale(14_000, 13_000)), format!("qris {GOPAY_OVO} wallet"));
    // Who takes nothing takes nothing of the margin.
    let agreed = AgreedFees { qris: Some(0), ..AgreedFees::default() };
    let free = ruled(&shop, |rules| rules.fees = agreed);
    assert_eq!(offered_for(&free, sale(20_000, 20_500)), "qris wallet");

    // By placing and by changing the way it is refused as well, at what the order's price promise says.
    let mut tx = db.write("test").await.unwrap();
    sql!("UPDATE product SET price = 20000, cost = 18000").query().run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let mut wish = shop.wish("buyer", ITEM);
    wish.method = PaymentMethod::VaBni;
    let refused = shop.shop.place(&wish).await;
    assert!(matches!(refused, Err(PlaceError::NotForAmount { .. })), "{refused:?}");
    wish.method = PaymentMethod::Qris;
    let placed = shop.shop.place(&wish).await.unwrap();
    let order = shop.order(&placed.number).await;
    assert_eq!(order.bill(), sale(20_000, 18_000));
    let to_a_bank = WayToPay::by(PaymentMethod::VaBni);
    let refused = shop.shop.pay_by(&order.number, &order.owner, &to_a_bank).await;
    assert!(matches!(refused, Err(PayError::NotForAmount { .. })), "{refused:?}");
    generous.shop.pay_by(&order.number, &order.owner, &to_a_bank).await.unwrap();
});

on_both_shops!(fn a_method_that_is_not_offered_or_does_not_carry_the_price_takes_no_order(db) {
    let by = |scene: &Scene, method: PaymentMethod| {
        let mut wish = scene.wish("buyer", ITEM);
        wish.method = method;
        wish
    };
    let shop = scene(&db).await;
    for method in [PaymentMethod::VaBca, PaymentMethod::CstoreAlfamart] {
        let refused = shop.shop.place(&by(&shop, method)).await;
        let Err(PlaceError::NotForAmount { method: told, bill }) = refused else { panic!("{refused:?}") };
        assert_eq!((told, bill.amount), (method, Rupiah::new(10_000)));
    }
    assert_eq!(shop.count(sql!("SELECT COUNT(*) FROM shop_order")).await, 0);
    assert_eq!(shop.available().await, 10);

    let few = ruled(&shop, |rules| rules.methods = Some(vec![PaymentMethod::Qris]));
    assert_eq!(offered(&few, 20_000), "qris wallet");
    let refused = few.shop.place(&by(&few, PaymentMethod::GopayQr)).await;
    assert!(matches!(refused, Err(PlaceError::MethodUnavailable(PaymentMethod::GopayQr))), "{refused:?}");

    let placed = few.shop.place(&by(&few, PaymentMethod::Qris)).await.unwrap();
    let order = few.order(&placed.number).await;
    assert_eq!(order.amount, Rupiah::new(10_000), "nothing is put on top for QRIS");
    for (shop, method) in [(&few, PaymentMethod::GopayLink), (&shop, PaymentMethod::VaBni)] {
        let refused = shop.shop.pay_by(&order.number, &order.owner, &WayToPay::by(method)).await;
        match method {
            PaymentMethod::VaBni => {
                assert!(matches!(refused, Err(PayError::NotForAmount { .. })), "{refused:?}");
            }
            _ => assert!(matches!(refused, Err(PayError::MethodUnavailable(_))), "{refused:?}"),
        }
    }
    assert_eq!(few.order(&placed.number).await.method, PaymentMethod::Qris, "nothing was changed");
});

on_both_shops!(fn no_payment_is_asked_to_live_longer_than_its_gateway_lets_it(db) {
    let shop = ruled(&scene(&db).await, |rules| {
        rules.pay_within = Duration::from_secs(10 * 86_400);
        rules.most_fee_basis_points = 10_000;
    });
    for (method, days) in [(PaymentMethod::Qris, 7), (PaymentMethod::VaBni, 10)] {
        let mut wish = shop.wish(method.as_str(), ITEM);
        wish.method = method;
        let placed = shop.shop.place(&wish).await.unwrap();
        let order = shop.order(&placed.number).await;
        let mut tx = db.read("test").await.unwrap();
        let opened = payments::payments_of_order(&mut tx, &order.id).await.unwrap();
        let ends = order.placed_at.plus(Duration::from_secs(days * 86_400));
        assert_eq!(opened[0].expires_at, ends, "{method}");
    }
});

on_both_shops!(fn a_fee_is_what_was_agreed_and_else_what_the_list_says(db) {
    let shop = scene(&db).await;
    let fee = |scene: &Scene, method| scene.shop.fee("midtrans", method, Rupiah::new(20_000)).get();
    for (method, kept) in [
        (PaymentMethod::Qris, 140),
        (PaymentMethod::GopayQr, 400),
        (PaymentMethod::GopayLink, 400),
        (PaymentMethod::DanaQr, 140),
        (PaymentMethod::OvoPush, 606),
        (PaymentMethod::VaBca, 4_440),
        (PaymentMethod::VaPermata, 4_440),
        (PaymentMethod::CstoreIndomaret, 5_550),
        (PaymentMethod::CstoreAlfamart, 5_550),
        (PaymentMethod::Wallet, 0),
    ] {
        assert_eq!(fee(&shop, method), kept, "{method}");
    }
    let agreed = AgreedFees {
        ovo: Some(167),
        qris: Some(0),
        virtual_account: Some(Rupiah::new(3_500)),
        alfamart: Some(Rupiah::new(2_775)),
        ..AgreedFees::default()
    };
    let own = ruled(&shop, |rules| rules.fees = agreed);
    for (method, kept) in [
        (PaymentMethod::Qris, 0),
        (PaymentMethod::GopayQr, 400),
        (PaymentMethod::OvoPush, 334),
        (PaymentMethod::VaBri, 3_500),
        (PaymentMethod::CstoreIndomaret, 5_550),
        (PaymentMethod::CstoreAlfamart, 2_775),
    ] {
        assert_eq!(fee(&own, method), kept, "{method}");
    }
});
