//! The catalog over the API: the file comes out, goes in whole or not at all, and says what is wrong with it.

use crate::support::*;
use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::json;
use testkit::{empty_sqlite, on_both};

const CATALOG: &str = "/api/v1/staff/catalog";

/// The file.
async fn exported(face: &Face) -> String {
    let answer = asks(face, Method::GET, CATALOG, STAFF_KEY).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, "text/csv; charset=utf-8"),
        "{}",
        answer.text()
    );
    answer.text()
}

/// Rina sends a file.
async fn imported(face: &Face, file: impl Into<Vec<u8>>) -> Answer {
    let request = Request::builder().method(Method::POST).uri(CATALOG);
    let request = request.header("authorization", bearer(STAFF_KEY)).header("content-type", "text/csv");
    face.send(request.body(Body::from(file.into())).unwrap()).await
}

/// The file with something else in the line of a product, and the number of that line.
fn edited(file: &str, product: &str, from: &str, to: &str) -> (String, usize) {
    let place = file.lines().position(|line| line.contains(&format!(",{product},"))).unwrap();
    let line = file.lines().nth(place).unwrap();
    assert!(line.contains(from), "{line}");
    (file.replace(line, &line.replace(from, to)), place + 1)
}

on_both! {
    fn the_file_comes_out_is_edited_and_goes_in_and_each_change_has_its_entry(database) {
        let face = face(database).await;
        let file = exported(&face).await;
        let nothing =
            json!({"added_categories": 0, "added": [], "changed": [], "unchanged": 15, "stock_rows_added": 0});
        assert_eq!(imported(&face, file.clone()).await.json(), nothing);
        assert_eq!(exported(&face).await, file);

        let (dearer, _) = edited(&file, "ML_86", ",20000,", ",20500,");
        let of_another = file.lines().find(|line| line.contains(",FF_70,")).unwrap().replace("FF_70", "FF_999");
        let columns = file.lines().next().unwrap().split(',').count();
        let of_a_category = format!("NEW,Something New,,yes{}", ",".repeat(columns - 4));
        let whole = format!("{dearer}{of_another}\n{of_a_category}\n");
        let answer = imported(&face, whole.clone()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(
            answer.json(),
            json!({
                "added_categories": 1, "added": ["FF_999"], "unchanged": 14, "stock_rows_added": 1,
                "changed": [{"subject": "ML_86", "field": "price", "before": "20000", "after": "20500"}],
            })
        );
        // Buyers see it, and the audit says who did.
        let products = face.get("/api/v1/game/products/ML").await.json();
        let price = products.as_array().unwrap().iter().find(|product| product["code"] == "ML_86").unwrap();
        assert_eq!(price["price"], 20_500);
        let text =
            "SELECT action, subject, after_state FROM audit_entry WHERE actor = 'staff:rina' ORDER BY action";
        let audit: Vec<(String, String, String)> = face.all(text, text).await;
        let of = |action: &str, subject: &str, after: &str| {
            (format!("catalog.{action}"), subject.to_owned(), after.to_owned())
        };
        let entries = [
            of("category_added", "NEW", "Something New"),
            of("price", "ML_86", "20500"),
            of("product_added", "FF_999", "price 10000, cost 9000"),
        ];
        assert_eq!(audit, entries);
        let again = imported(&face, whole).await.json();
        assert_eq!((&again["changed"], &again["unchanged"]), (&json!([]), &json!(16)), "{again:#}");
        // What a file does not name is left alone.
        let back = imported(&face, file).await.json();
        assert_eq!((&back["changed"][0]["after"], &back["unchanged"]), (&json!("20000"), &json!(14)), "{back:#}");
        assert!(exported(&face).await.contains(",FF_999,"));
    }
}

on_both! {
    fn of_a_file_with_faults_each_is_told_with_its_place_and_nothing_goes_in(database) {
        let face = face(database).await;
        let file = exported(&face).await;
        let before = face.dump().await;
        let (bad, negative) = edited(&file, "ML_86", ",20000,", ",-20000,");
        let (bad, odd) = edited(&bad, "FF_70", ",10000,", ",1e4,");
        let (bad, template) = edited(&bad, "PUBG_60", "{user_id}", "{userid}");
        let (bad, _) = edited(&bad, "GI_60", ",15000,", ",16000,");
        let problem = imported(&face, bad.clone()).await.problem(422, "validation");
        let told: Vec<(&str, &str)> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| (error["pointer"].as_str().unwrap(), error["detail"].as_str().unwrap()))
            .collect();
        let mut places = [(negative, "price"), (odd, "price"), (template, "customer_template")];
        places.sort_unstable();
        let places = places.map(|(line, column)| format!("/{line}/{column}"));
        // In the words of the command line.
        let faults = catalog::parse(bad.as_bytes()).unwrap_err().problems;
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let wanted: Vec<(&str, &str)> =
            places.iter().map(String::as_str).zip(faults.iter().map(String::as_str)).collect();
        assert_eq!((told, faults.len()), (wanted, 3));
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("tidak ada yang berubah") && detail.contains('3'), "{detail}");

        // Of very many the first hundred.
        let header = file.lines().next().unwrap();
        let many = format!("{header}\n{}", "x\n".repeat(150));
        let problem = imported(&face, many).await.problem(422, "validation");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 100);
        assert!(problem["detail"].as_str().unwrap().contains("150"), "{}", problem["detail"]);

        for bytes in [Vec::new(), vec![0xFF, 0xFE, 0x00, 0x80], b"{\"hello\": 1}".to_vec(), b"\0".to_vec()] {
            let problem = imported(&face, bytes.clone()).await.problem(422, "validation");
            assert!(!problem["errors"].as_array().unwrap().is_empty(), "{bytes:?}");
        }
        assert_eq!(face.dump().await, before);
    }
}

#[tokio::test]
async fn a_catalog_may_be_larger_than_any_other_body_and_has_a_limit() {
    let face = face(empty_sqlite().await).await;
    let file = exported(&face).await;
    let large = format!("{file}# {}\n", "x".repeat(100_000));
    let answer = imported(&face, large).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["unchanged"]), (200, &json!(15)), "{}", answer.text());
    let problem = imported(&face, "x".repeat(4 * 1024 * 1024 + 1)).await.problem(413, "too-large");
    assert!(problem["detail"].as_str().unwrap().contains("4 MiB"), "{problem}");
    assert_eq!(exported(&face).await, file);
}

#[tokio::test]
async fn a_file_that_breaks_off_is_not_called_too_large_and_changes_nothing() {
    let face = face(empty_sqlite().await).await;
    let (dearer, _) = edited(&exported(&face).await, "ML_86", ",20000,", ",20500,");
    let before = face.dump().await;
    let parts = [Ok(dearer), Err(std::io::Error::other("nobody is there any more"))];
    let request = Request::builder().method(Method::POST).uri(CATALOG);
    let request = request.header("authorization", bearer(STAFF_KEY)).header("content-type", "text/csv");
    let body = Body::from_stream(futures_util::stream::iter(parts));
    face.send(request.body(body).unwrap()).await.problem(400, "malformed-request");
    assert_eq!(face.dump().await, before);
}
