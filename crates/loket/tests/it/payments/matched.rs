//! Whose money it is: told by the reference under which it was paid, never by its amount.

use crate::harness::{Rows, World};
use serde_json::json;

#[tokio::test]
async fn of_two_orders_of_one_amount_the_one_that_was_paid_is_delivered() {
    let world = World::open(Rows::Sqlite).await;
    let mut numbers = Vec::new();
    for buyer in ["budi", "sari"] {
        let number = world.placed(buyer, json!({"buyer": buyer})).await;
        world.payable(&number).await;
        // Nothing is put on top of the price to tell them apart.
        let books = world.books(&number).await;
        assert_eq!(books["midtrans"]["transactions"][0]["gross_amount"], 20_000, "{books:#}");
        numbers.push(number);
    }
    let [waits, paid] = [&numbers[0], &numbers[1]];
    world.paid(paid).await;
    world.until(paid, "delivered").await;
    let before = world.requests("midtrans", "/status", &format!("{waits}-P1")).await.len();
    world.advance(30).await.unwrap();
    world.asked_again(waits, before).await;
    let order = world.order(waits).await.unwrap();
    assert_eq!((&order["state"], &order["payment"]["state"]), (&json!("awaiting_payment"), &json!("open")));
    assert_eq!(world.books(waits).await["digiflazz"]["transactions"], json!([]));
    world.paid(waits).await;
    world.until(waits, "delivered").await;
    for number in &numbers {
        world.assert_paid_and_delivered_once(number).await;
        assert_eq!(world.wallet_change(number).await, 0);
    }
    world.assert_proofs().await;
}
