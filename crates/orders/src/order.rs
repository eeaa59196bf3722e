//! The row of an order: how it is stored, found, claimed and changed.

use crate::{Attention, OrderKind, OrderState};
use database::{Error, FromRow, Json, ReadTx, Row, RowQueue, WriteTx, queue_sql, sql};
use security::{Action, Finding};
use vocabulary::{
    Account, BuyerId, CategoryCode, Locale, OrderId, OrderNumber, PaymentMethod, ProductCode, QuoteId,
    Rupiah, Timestamp,
};

/// One purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// What it is for.
    pub kind: OrderKind,
    /// What people call it.
    pub number: OrderNumber,
    /// The secret in the address of its pay page.
    pub pay_token: String,
    /// Where it stands.
    pub state: OrderState,
    /// Why a person has to look, in `needs_attention`.
    pub attention: Option<Attention>,
    /// Through whom it was placed; only they see it.
    pub owner: String,
    /// Who buys.
    pub buyer: BuyerId,
    /// The price promise it was placed under.
    pub quote: QuoteId,
    /// What is bought.
    pub product: ProductCode,
    /// Its name at the time.
    pub product_name: String,
    /// Its category.
    pub category: CategoryCode,
    /// For which game account.
    pub account: Account,
    /// Who delivers.
    pub supplier: String,
    /// The supplier's code of the product.
    pub supplier_sku: String,
    /// The account in the supplier's form.
    pub customer_no: String,
    /// What the buyer pays.
    pub amount: Rupiah,
    /// What it may cost us at most.
    pub cost: Rupiah,
    /// How the buyer pays.
    pub method: PaymentMethod,
    /// The buyer's language.
    pub locale: Locale,
    /// The risk score, 0 to 100.
    pub risk_score: i64,
    /// What followed from it.
    pub risk_action: Action,
    /// What each parameter found.
    pub risk_findings: Vec<Finding>,
    /// Proof of delivery, or a code: sealed as it stands in the row ([`Shop::open_order`](crate::Shop::open_order)).
    pub serial_number: Option<String>,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Until when verification or review may take.
    pub hold_until: Option<Timestamp>,
    /// Until when it may be paid.
    pub pay_by: Option<Timestamp>,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// When it was delivered.
    pub delivered_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it is to be worked on next.
    pub due_at: Option<Timestamp>,
    /// Number of the latest claim.
    pub fence: i64,
    /// The supplier whose deposit it waits for.
    pub waits_for: Option<String>,
}

impl FromRow for Order {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let (user, server): (String, Option<String>) = (row.get("user_id")?, row.get("server_id")?);
        let account = Account::new(&user, server.as_deref());
        Ok(Order {
            id: row.get("id")?,
            kind: row.get("kind")?,
            number: row.get("number")?,
            pay_token: row.get("pay_token")?,
            state: row.get("state")?,
            attention: row.get("attention")?,
            owner: row.get("owner")?,
            buyer: row.get("buyer")?,
            quote: row.get("quote_id")?,
            product: row.get("product_code")?,
            product_name: row.get("product_name")?,
            category: row.get("category_code")?,
            account: account
                .map_err(|e| Error::Column { column: "user_id".into(), reason: e.to_string() })?,
            supplier: row.get("supplier")?,
            supplier_sku: row.get("supplier_sku")?,
            customer_no: row.get("customer_no")?,
            amount: row.get("amount")?,
            cost: row.get("cost")?,
            method: row.get("method")?,
            locale: row.get("locale")?,
            risk_score: row.get("risk_score")?,
            risk_action: row.get("risk_action")?,
            risk_findings: row.get::<Json<Vec<Finding>>>("risk_findings")?.0,
            serial_number: row.get("serial_number")?,
            placed_at: row.get("placed_at")?,
            hold_until: row.get("hold_until")?,
            pay_by: row.get("pay_by")?,
            paid_at: row.get("paid_at")?,
            delivered_at: row.get("delivered_at")?,
            updated_at: row.get("updated_at")?,
            due_at: row.get("due_at")?,
            fence: row.get("fence")?,
            waits_for: row.get("waits_for")?,
        })
    }
}

impl Order {
    /// Whether it waits for a supplier and is not looked at again before a person has decided: about a refund that
    /// waits for a second person, or because it made no progress. It does not go on by itself.
    pub fn stands_still(&self) -> bool {
        self.attention == Some(Attention::WaitsForSupplier) && self.due_at.is_none()
    }
}

/// Stores a new order. The caller has decided its state.
pub(crate) async fn insert(tx: &mut WriteTx, order: &Order, source: Option<&str>) -> Result<(), Error> {
    sql!(
        "INSERT INTO shop_order (id, number, pay_token, state, owner, buyer, quote_id, product_code, product_name,
             category_code, user_id, server_id, supplier, supplier_sku, customer_no, amount, cost, method, locale,
             source, risk_score, risk_action, risk_findings, placed_at, hold_until, pay_by, updated_at, due_at, kind)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
             $23, $24, $25, $26, $24, $27, $28)"
    )
    .bind(&order.id)
    .bind(&order.number)
    .bind(&order.pay_token)
    .bind(order.state)
    .bind(&order.owner)
    .bind(&order.buyer)
    .bind(&order.quote)
    .bind(&order.product)
    .bind(&order.product_name)
    .bind(&order.category)
    .bind(order.account.user_id())
    .bind(order.account.server_id())
    .bind(&order.supplier)
    .bind(&order.supplier_sku)
    .bind(&order.customer_no)
    .bind(order.amount)
    .bind(order.cost)
    .bind(order.method)
    .bind(order.locale)
    .bind(source)
    .bind(order.risk_score)
    .bind(order.risk_action)
    .bind(Json(&order.risk_findings))
    .bind(order.placed_at)
    .bind(order.hold_until)
    .bind(order.pay_by)
    .bind(order.due_at)
    .bind(order.kind)
    .run(tx)
    .await?;
    Ok(())
}

/// Stores what changed in an order that stood in `before`, and frees its lease. False when it does
/// not stand there any more: nothing was changed.
pub(crate) async fn update(tx: &mut WriteTx, order: &Order, before: OrderState) -> Result<bool, Error> {
    let changed = sql!(
        "UPDATE shop_order SET state = $3, attention = $4, method = $5, serial_number = $6, hold_until = $7, pay_by = $8,
                paid_at = $9, delivered_at = $10, updated_at = $11, due_at = $12, waits_for = $13, lease_until = NULL, claims = 0
         WHERE id = $1 AND state = $2"
    )
    .bind(&order.id)
    .bind(before)
    .bind(order.state)
    .bind(order.attention)
    .bind(order.method)
    .bind(&order.serial_number)
    .bind(order.hold_until)
    .bind(order.pay_by)
    .bind(order.paid_at)
    .bind(order.delivered_at)
    .bind(order.updated_at)
    .bind(order.due_at)
    .bind(&order.waits_for)
    .run(tx)
    .await?;
    Ok(changed > 0)
}

/// Keeps what a person gave back of an order of which a part was delivered: what is booked is compared with it.
pub(crate) async fn store_share(tx: &mut WriteTx, id: &OrderId, share: Rupiah) -> Result<(), Error> {
    sql!("UPDATE shop_order SET share_back = $2 WHERE id = $1").bind(id).bind(share).run(tx).await?;
    Ok(())
}

/// The order with its row locked until the transaction ends.
pub(crate) async fn locked(tx: &mut WriteTx, id: &OrderId) -> Result<Option<Order>, Error> {
    sql!(
        sqlite: "SELECT * FROM shop_order WHERE id = $1",
        postgres: "SELECT * FROM shop_order WHERE id = $1 FOR UPDATE"
    )
    .bind(id)
    .optional(tx)
    .await
}

/// The order with this number, its row locked until the transaction ends.
pub(crate) async fn locked_by_number(tx: &mut WriteTx, number: &OrderNumber) -> Result<Option<Order>, Error> {
    sql!(
        sqlite: "SELECT * FROM shop_order WHERE number = $1",
        postgres: "SELECT * FROM shop_order WHERE number = $1 FOR UPDATE"
    )
    .bind(number)
    .optional(tx)
    .await
}

/// The order with this number, to look at.
pub async fn order_by_number(tx: &mut ReadTx, number: &OrderNumber) -> Result<Option<Order>, Error> {
    sql!("SELECT * FROM shop_order WHERE number = $1").bind(number).optional(tx).await
}

/// The order with this id, to look at.
pub async fn order_by_id(tx: &mut ReadTx, id: &OrderId) -> Result<Option<Order>, Error> {
    sql!("SELECT * FROM shop_order WHERE id = $1").bind(id).optional(tx).await
}

/// The order whose pay page has this token.
pub async fn order_by_token(tx: &mut ReadTx, token: &str) -> Result<Option<Order>, Error> {
    sql!("SELECT * FROM shop_order WHERE pay_token = $1").bind(token).optional(tx).await
}

/// Orders of one owner, newest first, older than `after` when it is given: a page of keys.
pub(crate) async fn orders_of(
    tx: &mut ReadTx,
    owner: &str,
    after: Option<&OrderId>,
    limit: u32,
) -> Result<Vec<Order>, Error> {
    sql!(
        "SELECT * FROM shop_order WHERE owner = $1 AND (CAST($2 AS TEXT) IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"
    )
    .bind(owner)
    .bind(after)
    .bind(limit.min(200))
    .all(tx)
    .await
}

/// Orders of one buyer through one owner, newest first, older than `after` when it is given.
pub(crate) async fn orders_of_buyer(
    tx: &mut ReadTx,
    owner: &str,
    buyer: &BuyerId,
    after: Option<&OrderId>,
    limit: u32,
) -> Result<Vec<Order>, Error> {
    sql!(
        "SELECT * FROM shop_order WHERE buyer = $1 AND owner = $2 AND (CAST($3 AS TEXT) IS NULL OR id < $3)
         ORDER BY id DESC LIMIT $4"
    )
    .bind(buyer)
    .bind(owner)
    .bind(after)
    .bind(limit.min(201))
    .all(tx)
    .await
}

/// Serial numbers that an older version stored in the clear, of the orders after one id and up to another.
pub(crate) async fn serials_in_the_clear(
    tx: &mut ReadTx,
    (after, until): (&str, &str),
) -> Result<Vec<(OrderId, String)>, Error> {
    sql!(
        "SELECT id, serial_number FROM shop_order WHERE id > $1 AND id <= $2
             AND serial_number IS NOT NULL AND serial_number NOT LIKE 'sealed:%'"
    )
    .bind(after)
    .bind(until)
    .all(tx)
    .await
}

/// Puts another form in the place of a serial number. True when it still stood there.
pub(crate) async fn replace_serial(
    tx: &mut WriteTx,
    id: &OrderId,
    (before, after): (&str, &str),
) -> Result<bool, Error> {
    let changed = sql!("UPDATE shop_order SET serial_number = $3 WHERE id = $1 AND serial_number = $2")
        .bind(id)
        .bind(before)
        .bind(after)
        .run(tx)
        .await?;
    Ok(changed > 0)
}

/// The orders that are due.
pub(crate) const QUEUE: RowQueue = queue_sql!("shop_order");

/// Works on an order no more, because it makes no progress; it is never deleted.
pub(crate) async fn park(tx: &mut WriteTx, id: &OrderId, fence: i64) -> Result<bool, Error> {
    let parked = sql!(
        "UPDATE shop_order SET due_at = NULL, lease_until = NULL, claims = 0 WHERE id = $1 AND fence = $2"
    )
    .bind(id)
    .bind(fence)
    .run(tx)
    .await?;
    Ok(parked > 0)
}

/// Takes a parked row up again. True when it was parked (or had nothing due).
pub(crate) async fn unpark(tx: &mut WriteTx, id: &str, now: Timestamp) -> Result<bool, Error> {
    let changed = sql!("UPDATE shop_order SET due_at = $2, claims = 0 WHERE id = $1 AND due_at IS NULL")
        .bind(id)
        .bind(now)
        .run(tx)
        .await?;
    Ok(changed > 0)
}

/// How many orders wait for a person.
pub(crate) async fn needing_attention(tx: &mut ReadTx) -> Result<i64, Error> {
    sql!("SELECT COUNT(*) FROM shop_order WHERE state = 'needs_attention'").query().one(tx).await
}
