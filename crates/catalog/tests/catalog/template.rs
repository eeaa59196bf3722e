//! From an account to the supplier's customer number.

use crate::category;
use catalog::{
    CustomerTemplate, Product, TemplateError,
    account::{self, AccountProblem},
};
use vocabulary::{Account, Rupiah};

#[test]
fn every_base_product_sends_the_number_that_its_supplier_wants() {
    let base = catalog::base().unwrap();
    for product in base.products() {
        let (user, server, expected) = match product.category.as_str() {
            "ML" => ("0136216325", Some("2685"), "01362163252685"),
            "FF" => ("0225009777", None, "0225009777"),
            "PUBG" => ("5123456789", None, "5123456789"),
            "GENSHIN" => ("618285856", None, "618285856"),
            other => panic!("no golden number for {other}"),
        };
        let account = account::parse(&product.category, user, server).unwrap();
        assert_eq!(product.customer_template.fill(&account).unwrap(), expected, "{}", product.code);
        assert_eq!(product.supplier, "digiflazz");
    }
    let skus: Vec<_> = base.products().iter().map(|p| p.supplier_sku.as_str()).collect();
    assert_eq!(
        skus,
        [
            "ml86", "ml172", "ml257", "ml344", "ml429", "ff70", "ff140", "ff355", "ff720", "pubg60",
            "pubg325", "pubg660", "gi60", "gi330", "gi1090"
        ]
    );
}

#[test]
fn the_separator_is_the_sellers_choice() {
    let account = account::parse(&category("ML"), "136216325", Some("2685")).unwrap();
    for (template, expected) in [
        ("{user_id}{zone_id}", "1362163252685"),
        ("{user_id}|{zone_id}", "136216325|2685"),
        ("{user_id}-{zone_id}", "136216325-2685"),
        ("ml:{zone_id}/{user_id}", "ml:2685/136216325"),
    ] {
        let template: CustomerTemplate = template.parse().unwrap();
        assert_eq!(template.fill(&account).unwrap(), expected);
        assert!(template.wants_zone());
        assert_eq!(template.to_string().parse::<CustomerTemplate>().unwrap(), template);
    }
    let without = Account::new("136216325", None).unwrap();
    let template: CustomerTemplate = "{user_id}{zone_id}".parse().unwrap();
    assert_eq!(template.fill(&without), Err(TemplateError::NoZone), "never sent without its zone");
}

#[test]
fn of_a_game_without_a_rule_the_template_tells_whether_there_is_a_zone() {
    let product = |game: &str, template: &str| Product {
        code: "X_1".parse().unwrap(),
        category: category(game),
        name: "One".into(),
        price: Rupiah::new(100),
        cost: Rupiah::new(90),
        description: String::new(),
        active: true,
        kept_off: None,
        supplier: "digiflazz".into(),
        supplier_sku: "x1".into(),
        customer_template: template.parse().unwrap(),
        seller: String::new(),
        position: 0,
    };
    for (game, template, user, server, expected) in [
        ("CHESS", "{user_id}", "１２３４ ５６７８", None, Ok("12345678")),
        ("CHESS", "{user_id}", "12345678", Some(" \u{200B} "), Ok("12345678")),
        ("CHESS", "{user_id}", "12345678", Some("2685"), Err(AccountProblem::ServerNotUsed)),
        ("CHESS", "{user_id}.{zone_id}", "12345678", Some("２６８５"), Ok("12345678.2685")),
        ("CHESS", "{user_id}.{zone_id}", "12345678", None, Err(AccountProblem::ServerMissing)),
        ("GENSHIN", "{user_id}", "800000001", Some("asia"), Ok("800000001")),
        ("FF", "{user_id}", "225009777", Some("2685"), Err(AccountProblem::ServerNotUsed)),
    ] {
        let product = product(game, template);
        let account = product.account(user, server);
        let number = account.map(|account| product.customer_template.fill(&account).unwrap());
        assert_eq!(number, expected.map(str::to_owned), "{game} {template} {user} {server:?}");
    }
}

#[test]
fn what_is_no_template_says_why() {
    for (text, expected) in [
        ("{user_id}{zone}", TemplateError::UnknownPlaceholder("zone".into())),
        ("{USER_ID}", TemplateError::UnknownPlaceholder("USER_ID".into())),
        ("{user_id}{}", TemplateError::UnknownPlaceholder(String::new())),
        ("{user_id", TemplateError::Unbalanced),
        ("user_id}", TemplateError::Unbalanced),
        ("{user_id}}", TemplateError::Unbalanced),
        ("{{user_id}}", TemplateError::UnknownPlaceholder("{user_id".into())),
        ("{user_id}{", TemplateError::Unbalanced),
        ("08123456789", TemplateError::NoUser),
        ("{zone_id}", TemplateError::NoUser),
        ("", TemplateError::Unreadable),
        ("{user_id} {zone_id}", TemplateError::Unreadable),
        ("{user_id}é", TemplateError::Unreadable),
        (&format!("{{user_id}}{}", "x".repeat(100)), TemplateError::Unreadable),
    ] {
        assert_eq!(text.parse::<CustomerTemplate>(), Err(expected), "{text}");
    }
}
