//! What is to be there once is made once: by several processes at the same moment, and when one of them dies
//! in the middle.

use crate::scene::{Gate, Scene, THERE, closed, in_thread, open};
use notifications::MessageKind;
use orders::{Courier, Delivery};
use outside::Pending;
use std::time::Duration;
use testkit::on_both_shops;

const FIRST_POST: &str = "POST /api/v10/channels/5/messages";

fn is_later(delivery: &Delivery) -> bool {
    matches!(delivery, Delivery::Later { after: Some(after), .. } if *after <= Duration::from_secs(5))
}

/// Begins to carry, and dies as soon as Discord was asked.
async fn dies(gate: &Gate, mut carried: Pending<'_, Delivery>) {
    tokio::select! {
        early = &mut carried => panic!("{early:?} before it could die"),
        () = gate.reached() => {}
    }
}

on_both_shops! {
    fn two_processes_make_one_message_about_an_order(db) {
        let gate = Gate::default();
        let scene = Scene::new(&db, gate.before(FIRST_POST, open)).await;
        let (shop, courier) = scene.process(db.second().await);
        let delivered = scene.message(MessageKind::Delivered, None).await;
        let number = scene.message(MessageKind::SerialNumber, None).await;
        let (first, second) = tokio::join!(scene.courier.deliver(&scene.shop, &delivered), async {
            gate.reached().await;
            let second = courier.deliver(&shop, &number).await;
            gate.open();
            second
        });
        assert_eq!(first, THERE);
        assert!(is_later(&second), "{second:?}");
        // It comes again, and finds what the first one made.
        assert_eq!(courier.deliver(&shop, &number).await, THERE);
        assert_eq!(
            scene.discord.lines(),
            ["POST /users/@me/channels", "POST /channels/5/messages", "PATCH /channels/5/messages/55"]
        );
    }
}

on_both_shops! {
    fn what_a_dead_process_may_have_sent_is_not_sent_a_second_time(db) {
        let gate = Gate::default();
        let scene = Scene::new(&db, gate.before(FIRST_POST, open)).await;
        let (shop, courier) = scene.process(db.second().await);
        let slow = scene.message(MessageKind::SlowFiveMinutes, None).await;
        let delivered = scene.message(MessageKind::Delivered, None).await;
        dies(&gate, scene.courier.deliver(&scene.shop, &slow)).await;
        gate.open();
        scene.discord.answered(2).await;

        let waits = courier.deliver(&shop, &delivered).await;
        assert!(is_later(&waits), "{waits:?}");
        assert_eq!(scene.discord.lines().len(), 2, "something was sent under the claim of another");
        scene.shop.clock.advance(Duration::from_secs(61));
        assert_eq!(courier.deliver(&shop, &delivered).await, THERE);
        // Discord takes the second for the first, which says what was true then: it is changed at once.
        let nonces = scene.discord.nonces();
        assert!(nonces.len() == 2 && nonces[0] == nonces[1] && slow.id.as_str().ends_with(&nonces[0]), "{nonces:?}");
        assert_eq!(scene.discord.lines()[2..], ["POST /channels/5/messages", "PATCH /channels/5/messages/55"]);
        assert_eq!(scene.discord.last_json()["embeds"][0]["title"], "✅ Terkirim");
    }
}

on_both_shops! {
    fn the_message_that_was_being_carried_goes_on_at_once_after_a_crash(db) {
        let gate = Gate::default();
        let scene = Scene::new(&db, gate.before(FIRST_POST, open)).await;
        let (shop, courier) = scene.process(db.second().await);
        let delivered = scene.message(MessageKind::Delivered, None).await;
        dies(&gate, scene.courier.deliver(&scene.shop, &delivered)).await;
        gate.open();
        scene.discord.answered(2).await;
        assert_eq!(courier.deliver(&shop, &delivered).await, THERE);
        let nonces = scene.discord.nonces();
        assert!(nonces.len() == 2 && nonces[0] == nonces[1], "{nonces:?}");
    }
}

on_both_shops! {
    fn two_orders_of_one_buyer_make_one_thread(db) {
        let gate = Gate::default();
        let scene = Scene::new(&db, gate.before("POST /api/v10/channels/101/threads", closed(50_007))).await;
        scene.is_in(Some(("100", "101"))).await;
        let (shop, courier) = scene.process(db.second().await);
        let other = scene.another_order().await;
        let one = scene.message(MessageKind::Delivered, None).await;
        let two = scene.message_about(&other, MessageKind::Delivered, None).await;
        let (first, second) = tokio::join!(scene.courier.deliver(&scene.shop, &one), async {
            gate.reached().await;
            let second = courier.deliver(&shop, &two).await;
            gate.open();
            second
        });
        assert_eq!(first, in_thread());
        assert!(is_later(&second), "{second:?}");
        assert_eq!(courier.deliver(&shop, &two).await, in_thread());
        let lines = scene.discord.lines();
        let made = lines.iter().filter(|line| *line == "POST /channels/101/threads").count();
        assert_eq!(made, 1, "{lines:?}");
        let told = lines.iter().filter(|line| *line == "POST /channels/9/messages").count();
        assert_eq!(told, 2, "{lines:?}");
    }
}
