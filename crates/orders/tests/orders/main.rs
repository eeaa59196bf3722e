//! The promises of the use cases and of the whole schema, on both engines.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has to stop, and say where"
)]

mod attempt_age;
mod bait;
mod circuits;
mod claim;
mod clock;
mod decided_once;
mod denied;
mod deposit;
mod desk;
mod expiry;
mod extract;
mod first_buy;
mod given_up;
mod gone;
mod hastened;
mod header_secrets;
mod held;
mod hinted;
mod look;
mod market;
mod messages;
mod methods;
mod moody;
mod odd_money;
mod one_attempt;
mod parity;
mod partly;
mod pay_by;
mod place;
mod price_asked;
mod price_moved;
mod prices;
mod proof;
mod rail;
mod rails;
mod reconcile;
mod reconcile_daily;
mod refunds;
mod refused;
mod replaced;
mod risk;
mod routes_open;
mod routing;
mod scene;
mod sealed;
mod second_person;
mod sellers;
mod settlement;
mod signals;
mod slow;
mod stage;
mod statements;
mod taken_back;
mod tiers;
mod told;
mod unpaid;
mod unsent;
mod waiting;
mod wallet_deposit;
