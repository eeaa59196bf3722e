//! Where an order is placed is kept with it: there hangs the private thread that its buyer may need.

use crate::{
    envelope::{self, BUYER},
    scene::{Scene, select},
};
use orders::Order;
use serde_json::{Value, json};
use testkit::on_both_shops;

const GUILD: &str = "290926798626357999";
const CHANNEL: &str = "645027906669510667";

/// An order whose last press came from a place that is described like this.
async fn placed(scene: &Scene, describe: impl Fn(&mut Value)) -> Order {
    let options = [("game", "ML"), ("product", "ML_86"), ("user_id", "123456789"), ("server", "1234")];
    scene.command("topup", &options).await;
    let ways = scene.press(&scene.owed().await, "Yes, choose how to pay").await;
    let mut pick = envelope::component(scene.from(), &select(&ways), Some("gopay_qr"));
    describe(&mut pick);
    scene.send(&pick).await;
    scene.order().await
}

type Spot = (Option<String>, Option<String>);

fn spot(guild: &str, channel: &str) -> Spot {
    (Some(guild.into()), Some(channel.into()))
}

async fn of_buyer(scene: &Scene) -> Vec<Spot> {
    scene.all("SELECT guild_id, channel_id FROM discord_buyer").await
}

async fn of_orders(scene: &Scene) -> Vec<(String, String, String)> {
    scene.all("SELECT order_id, guild_id, channel_id FROM discord_order_place").await
}

on_both_shops!(fn an_order_keeps_the_channel_that_it_was_placed_in(db) {
    let scene = Scene::open(&db).await;
    let order = placed(&scene, |_| {}).await;
    assert_eq!(of_orders(&scene).await, [(order.id.to_string(), GUILD.to_owned(), CHANNEL.to_owned())]);
    assert_eq!(of_buyer(&scene).await, [spot(GUILD, CHANNEL)]);
});

on_both_shops!(fn in_a_thread_it_is_the_channel_above(db) {
    let scene = Scene::open(&db).await;
    let order = placed(&scene, |pick| pick["channel"] = json!({"id": CHANNEL, "type": 11, "parent_id": "101"})).await;
    assert_eq!(of_orders(&scene).await, [(order.id.to_string(), GUILD.to_owned(), "101".to_owned())]);
    assert_eq!(of_buyer(&scene).await, [spot(GUILD, "101")]);
});

on_both_shops!(fn a_server_that_the_bot_is_not_in_is_no_place(db) {
    let scene = Scene::open(&db).await;
    placed(&scene, |pick| pick["authorizing_integration_owners"] = json!({"1": BUYER})).await;
    assert_eq!(of_orders(&scene).await, []);
    assert_eq!(of_buyer(&scene).await, [(None, None)], "the buyer is known, and no place");
});
