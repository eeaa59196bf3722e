//! The use cases of the shop: quote, place, pay, fulfil, refund. The only room that sees all
//! domains; they do not know one another and meet here.

mod act;
mod alert_over;
mod alert_use;
mod amounts;
mod catalog_use;
mod charged_back;
mod circuit;
mod courier;
mod decide;
mod deposit;
mod evidence;
mod header_secrets;
mod inbox;
mod line;
mod look;
mod methods;
mod once;
mod order;
mod origin;
mod pay;
mod place;
mod price_moved;
mod prices;
mod proof;
mod quote;
mod reconcile;
mod refund;
mod refund_proof;
mod routing;
mod sealed;
mod setting;
mod settle;
mod settlement;
mod shop;
mod signals;
mod staff;
mod staff_look;
mod state;
mod taken_back;
mod taken_proof;
mod tier;
mod timeline;
mod unpaid;
mod view;
mod wallet_deposit;
mod watch;
mod withdraw;
pub mod worker;

pub use catalog_use::{CatalogReport, Offer, RestockError, ValidateError, Validated};
pub use circuit::{Circuits, StoredCircuit, circuits};
pub use courier::{Courier, Delivery};
pub use deposit::{DepositForecast, DepositRules};
pub use evidence::{BuyerRecord, Evidence, KeptBody, KeptWebhook};
pub use inbox::{IncomingWebhook, Receipt};
pub use look::{Backlog, Standing, SupplierStanding};
pub use methods::{Bill, FeeAboveMargin};
pub use once::{Decided, Once};
pub use order::{Order, order_by_id, order_by_number, order_by_token};
pub use origin::Origin;
pub use pay::{PayError, WayToPay};
pub use place::{PlaceError, Placed, Placement};
pub use price_moved::PriceMoved;
pub use prices::{Applied, Judged, JudgedRoute, ListOutcome, PriceRules, PriceWord, Synced};
pub use proof::Proof;
pub use quote::{Quote, QuoteError};
pub use reconcile::{
    Counts, DepositReading, Difference, DifferenceKind, NotAsked, Note, Report, StoredRun, Unseen,
};
pub use refund::{
    NotToSource, RefundAnswer, RefundError, RefundRequestView, RefundTarget, RefundWish, SeenRefund, Settled,
};
pub use routing::NotNow;
pub use sealed::{SealPauses, keep_sealed};
pub use setting::{mode, remember_mode, remember_vault, vault_fingerprint};
pub use settle::SettleError;
pub use settlement::{ImportedSettlement, SettlementImport, SettlementImportError, Withdrawal};
pub use shop::{MIGRATIONS, RefundRules, Rules, Shop};
pub use staff::{ActionError, Approved, StaffAction};
pub use staff_look::{OrderFilter, RouteView, latest_orders};
pub use state::{Attention, OrderKind, OrderState};
pub use tier::{BuyerError, BuyerView};
pub use timeline::TimelineEntry;
pub use unpaid::{Unpaid, UnpaidRules};
pub use view::{OrderFile, OrderView, OrdersPage, order_placed_with, order_view_locked};
pub use wallet_deposit::{Deposit, DepositError};
