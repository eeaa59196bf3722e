//! Payment methods of the second generation: the one behind each payment request, and one that was made by
//! itself and waits for a request (paths and shapes as in the vendor's libraries).

use super::{
    BUSINESS_ID,
    books::{self, Charge, Generation, Status},
    channel::{Channel, Kind},
    read::{self, Object},
    refusal::Refusal,
    second,
};
use crate::{exchange::Reply, world::World};
use database::{Error, FromRow, Json, ReadTx, Row, WriteTx, report_sql, sql};
use serde_json::{Value, json};
use vocabulary::Timestamp;

const LISTED: usize = 10;
const MOST_LISTED: usize = 100;
/// What can be changed about a method.
const CHANGEABLE: [&str; 4] = ["status", "reference_id", "description", "metadata"];

vocabulary::text_enum!(
    /// Where a payment method stands.
    pub(super) enum MethodStatus {
        /// It can be paid by.
        Active = "ACTIVE",
        /// It was paid by, once, and that was all; or the merchant has switched it off.
        Inactive = "INACTIVE",
        /// The buyer did not want it.
        Failed = "FAILED",
        /// Its time is over, or the merchant ended it.
        Expired = "EXPIRED",
    }
);
database::text_column!(MethodStatus);

/// A payment method.
#[derive(Clone, Debug)]
pub(super) struct Method {
    pub(super) id: String,
    pub(super) channel: Channel,
    /// `channel_properties`, with what is paid to or scanned.
    pub(super) properties: Value,
    reference_id: String,
    description: Option<String>,
    metadata: Value,
    status: MethodStatus,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl FromRow for Method {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Method {
            id: row.get("id")?,
            channel: row.get("channel")?,
            properties: row.get::<Json<Value>>("properties")?.0,
            reference_id: row.get("reference_id")?,
            description: row.get("description")?,
            metadata: row.get::<Json<Value>>("metadata")?.0,
            status: row.get("status")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
        })
    }
}

impl From<&Charge> for Method {
    fn from(charge: &Charge) -> Method {
        let mut properties = charge.properties.clone();
        if let Some(properties) = properties.as_object_mut() {
            let (name, code) = match charge.channel.kind() {
                Kind::Qr => ("qr_string", charge.code.as_ref()),
                Kind::Number => ("virtual_account_number", charge.code.as_ref()),
                Kind::Till => ("payment_code", charge.code.as_ref()),
                Kind::Push | Kind::Page => ("", None),
            };
            if let Some(code) = code {
                properties.insert(name.to_owned(), json!(code));
            }
        }
        Method {
            id: charge.payment_method_id.clone(),
            channel: charge.channel,
            properties,
            reference_id: format!("{}-method", charge.reference_id),
            description: None,
            metadata: Value::Null,
            status: match charge.status {
                Status::Pending => MethodStatus::Active,
                Status::Succeeded | Status::Voided => MethodStatus::Inactive,
                Status::Failed => MethodStatus::Failed,
                Status::Expired | Status::Canceled => MethodStatus::Expired,
            },
            created_at: charge.created_at,
            updated_at: charge.updated_at,
        }
    }
}

impl Method {
    fn names(&self) -> (&'static str, &'static str) {
        self.channel.second().unwrap_or(("EWALLET", "OVO"))
    }

    /// As it stands in a request.
    fn told(&self) -> Value {
        let (kind, code) = self.names();
        let details = |of: &str| {
            let mut details = json!({"channel_code": code, "channel_properties": self.properties});
            if let ("EWALLET", Some(details)) = (of, details.as_object_mut()) {
                let account =
                    json!({"name": null, "account_details": null, "balance": null, "point_balance": null});
                details.insert("account".to_owned(), account);
            }
            if kind == of { details } else { Value::Null }
        };
        json!({
            "id": self.id,
            "type": kind,
            "reusability": "ONE_TIME_USE",
            "status": self.status.as_str(),
            "created": self.created_at.rfc3339(),
            "updated": self.updated_at.rfc3339(),
            "description": self.description,
            "reference_id": self.reference_id,
            "card": null,
            "direct_debit": null,
            "ewallet": details("EWALLET"),
            "over_the_counter": details("OVER_THE_COUNTER"),
            "virtual_account": details("VIRTUAL_ACCOUNT"),
            "qr_code": details("QR_CODE"),
            "metadata": self.metadata,
        })
    }

    /// Asked about by itself.
    fn alone(&self) -> Value {
        let mut method = self.told();
        if let Some(method) = method.as_object_mut() {
            for (name, value) in [
                ("business_id", json!(BUSINESS_ID)),
                ("customer_id", Value::Null),
                ("customer", Value::Null),
                ("country", json!("ID")),
                ("actions", json!([])),
                ("billing_information", Value::Null),
                ("failure_code", Value::Null),
            ] {
                method.insert(name.to_owned(), value);
            }
        }
        method
    }
}

/// The method of a request, as it stands in it.
pub(super) fn of_charge(charge: &Charge) -> Value {
    Method::from(charge).told()
}

/// What a method says about how it is paid by.
pub(super) fn read(method: &Object) -> Result<(Channel, Value), Refusal> {
    if read::required(method, "reusability", 32)? != "ONE_TIME_USE" {
        return Err(Refusal::invalid("reusability is ONE_TIME_USE: others are not simulated"));
    }
    let (kind, name) = match read::required(method, "type", 32)? {
        "EWALLET" => ("EWALLET", "ewallet"),
        "QR_CODE" => ("QR_CODE", "qr_code"),
        "VIRTUAL_ACCOUNT" => ("VIRTUAL_ACCOUNT", "virtual_account"),
        "OVER_THE_COUNTER" => ("OVER_THE_COUNTER", "over_the_counter"),
        other => return Err(Refusal::invalid(format!("payment_method.type {other} is not simulated"))),
    };
    let details =
        read::object(method, name)?.ok_or_else(|| Refusal::invalid(format!("{name} is required")))?;
    let code = read::required(details, "channel_code", 64)?;
    let channel = Channel::ALL.iter().find(|channel| channel.second() == Some((kind, code)));
    let channel = *channel.ok_or_else(|| {
        Refusal::new(400, "CHANNEL_CODE_NOT_SUPPORTED_ERROR", format!("{code} is no {kind} in ID"))
    })?;
    Ok((channel, read::properties(channel, details, (&["mobile_number"], "success_return_url"))?))
}

/// Makes a method by itself. Of a wallet alone: what has a number or a code gets it with its request.
pub(super) async fn create(
    world: &World,
    tx: &mut WriteTx,
    body: &Object,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    let method = match read_alone(world, body, now) {
        Ok(method) => method,
        Err(refusal) => return Ok(Err(refusal)),
    };
    sql!(
        "INSERT INTO world_xendit_method
            (id, channel, properties, reference_id, description, metadata, status, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    )
    .bind(&method.id)
    .bind(method.channel)
    .bind(Json(&method.properties))
    .bind(&method.reference_id)
    .bind(method.description.as_ref())
    .bind(Json(&method.metadata))
    .bind(method.status)
    .bind(method.created_at)
    .bind(method.updated_at)
    .run(tx)
    .await?;
    Ok(Ok(Reply::json(201, &method.alone()).plain_http()))
}

fn read_alone(world: &World, body: &Object, now: Timestamp) -> Result<Method, Refusal> {
    if read::text(body, "country", 2)?.is_some_and(|country| country != "ID") {
        return Err(Refusal::invalid("country is ID"));
    }
    let (channel, properties) = read(body)?;
    if !matches!(channel.kind(), Kind::Push | Kind::Page) {
        return Err(Refusal::invalid("by itself a payment method is simulated for wallets alone"));
    }
    let reference = read::text(body, "reference_id", 255)?.map(str::to_owned);
    Ok(Method {
        id: format!("pm-{}", world.uuid()),
        channel,
        properties,
        reference_id: reference.unwrap_or_else(|| world.uuid()),
        description: read::description(body)?,
        metadata: read::metadata(body)?,
        status: MethodStatus::Active,
        created_at: now,
        updated_at: now,
    })
}

/// A method that waits for a request.
pub(super) async fn unused(tx: &mut ReadTx, id: &str) -> Result<Option<Method>, Error> {
    if books::of_method(tx, id).await?.is_some() {
        return Ok(None);
    }
    Ok(by_itself(tx, id).await?.filter(|method| method.status == MethodStatus::Active))
}

async fn by_itself(tx: &mut ReadTx, id: &str) -> Result<Option<Method>, Error> {
    sql!("SELECT * FROM world_xendit_method WHERE id = $1").bind(id).optional(tx).await
}

async fn charge_of(tx: &mut ReadTx, id: &str) -> Result<Option<Charge>, Error> {
    Ok(books::of_method(tx, id).await?.filter(|charge| charge.generation == Generation::Second))
}

/// The request that is paid by a method.
pub(super) async fn request_of(tx: &mut ReadTx, id: &str) -> Result<Result<Charge, Refusal>, Error> {
    if let Some(charge) = charge_of(tx, id).await? {
        return Ok(Ok(charge));
    }
    Ok(Err(match by_itself(tx, id).await? {
        Some(_) => Refusal::invalid("no payment request waits for this payment method"),
        None => Refusal::not_found("payment method"),
    }))
}

/// One method. Once there is a request by it, it is that request's.
async fn find(tx: &mut ReadTx, id: &str) -> Result<Option<Method>, Error> {
    match charge_of(tx, id).await? {
        Some(charge) => Ok(Some(Method::from(&charge))),
        None => by_itself(tx, id).await,
    }
}

pub(super) async fn get(tx: &mut WriteTx, id: &str) -> Result<Result<Reply, Refusal>, Error> {
    match find(tx, id).await? {
        Some(method) => Ok(Ok(Reply::json(200, &method.alone()).plain_http())),
        None => Ok(Err(Refusal::not_found("payment method"))),
    }
}

/// The methods that fit, the newest first.
pub(super) async fn list(tx: &mut WriteTx, query: &str) -> Result<Result<Reply, Refusal>, Error> {
    let mut methods: Vec<Method> =
        report_sql!("SELECT * FROM world_xendit_method ORDER BY created_at DESC, id DESC LIMIT 100")
            .query()
            .all(tx)
            .await?;
    let charges = books::newest_of(tx, Generation::Second).await?;
    methods.retain(|method| charges.iter().all(|charge| charge.payment_method_id != method.id));
    methods.extend(charges.iter().map(Method::from));
    methods.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    let mut limit = LISTED;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let mut keep = |fits: &dyn Fn(&Method) -> bool| methods.retain(fits);
        match name.as_ref() {
            "id" | "payment_method_id" => keep(&|method| method.id == value),
            "reference_id" => keep(&|method| method.reference_id == value),
            "type" => keep(&|method| method.names().0 == value),
            "channel_code" => keep(&|method| method.names().1 == value),
            "status" => keep(&|method| method.status.as_str() == value),
            "reusability" => keep(&|_| value == "ONE_TIME_USE"),
            "limit" => match read::limit(&value, MOST_LISTED) {
                Ok(asked) => limit = asked,
                Err(refusal) => return Ok(Err(refusal)),
            },
            other => return Ok(Err(Refusal::invalid(format!("a list by {other} is not simulated")))),
        }
    }
    let data: Vec<Value> = methods.iter().take(limit).map(Method::alone).collect();
    let body = json!({"data": data, "has_more": methods.len() > limit});
    Ok(Ok(Reply::json(200, &body).plain_http()))
}

/// Changes a payment method that waits by itself: what the merchant keeps with it, and whether it can be paid
/// by. The library says so of a wallet's; that one is switched off for new requests alone, and that switching
/// it again to where it stands is no mistake, is UNVERIFIED.
pub(super) async fn change(
    tx: &mut WriteTx,
    id: &str,
    body: &Object,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    if charge_of(tx, id).await?.is_some() {
        let message = "the payment method is of a payment request: changing it then is not simulated";
        return Ok(Err(Refusal::invalid(message)));
    }
    let Some(mut method) = by_itself(tx, id).await? else {
        return Ok(Err(Refusal::not_found("payment method")));
    };
    if let Err(refusal) = read_change(&mut method, body) {
        return Ok(Err(refusal));
    }
    method.updated_at = now;
    save(tx, &method).await?;
    Ok(Ok(Reply::json(200, &method.alone()).plain_http()))
}

fn read_change(method: &mut Method, body: &Object) -> Result<(), Refusal> {
    if !matches!(method.status, MethodStatus::Active | MethodStatus::Inactive) {
        return Err(not_active());
    }
    let mut sent = body.iter().filter(|(_, value)| !value.is_null());
    if let Some((name, _)) = sent.find(|(name, _)| !CHANGEABLE.contains(&name.as_str())) {
        return Err(Refusal::invalid(format!("changing {name} is not simulated")));
    }
    match read::text(body, "status", 32)? {
        None => {}
        Some("ACTIVE") => method.status = MethodStatus::Active,
        Some("INACTIVE") => method.status = MethodStatus::Inactive,
        Some(_) => return Err(Refusal::invalid("status is ACTIVE or INACTIVE")),
    }
    if let Some(reference) = read::text(body, "reference_id", 255)? {
        method.reference_id = reference.to_owned();
    }
    if let Some(description) = read::description(body)? {
        method.description = Some(description);
    }
    if let metadata @ Value::Object(_) = read::metadata(body)? {
        method.metadata = metadata;
    }
    Ok(())
}

/// Writes down what has changed about a method that waits by itself.
async fn save(tx: &mut WriteTx, method: &Method) -> Result<(), Error> {
    sql!(
        "UPDATE world_xendit_method
         SET reference_id = $2, description = $3, metadata = $4, status = $5, updated_at = $6 WHERE id = $1"
    )
    .bind(&method.id)
    .bind(&method.reference_id)
    .bind(method.description.as_ref())
    .bind(Json(&method.metadata))
    .bind(method.status)
    .bind(method.updated_at)
    .run(tx)
    .await?;
    Ok(())
}

fn not_active() -> Refusal {
    Refusal::new(400, "INVALID_PAYMENT_METHOD", "the payment method is not active")
}

/// Ends a payment method. That the request which waits on it ends with it, and with this word, is UNVERIFIED.
pub(super) async fn expire(
    tx: &mut WriteTx,
    id: &str,
    now: Timestamp,
) -> Result<Result<Reply, Refusal>, Error> {
    if let Some(mut charge) = charge_of(tx, id).await? {
        if charge.status != Status::Pending {
            return Ok(Err(not_active()));
        }
        charge.status = Status::Expired;
        charge.updated_at = now;
        books::save(tx, &charge).await?;
    } else {
        match by_itself(tx, id).await? {
            Some(mut method) if method.status == MethodStatus::Active => {
                (method.status, method.updated_at) = (MethodStatus::Expired, now);
                save(tx, &method).await?;
            }
            Some(_) => return Ok(Err(not_active())),
            None => return Ok(Err(Refusal::not_found("payment method"))),
        }
    }
    get(tx, id).await
}

/// What was paid by a payment method.
pub(super) async fn payments(tx: &mut WriteTx, id: &str) -> Result<Result<Reply, Refusal>, Error> {
    let charge = charge_of(tx, id).await?;
    if charge.is_none() && by_itself(tx, id).await?.is_none() {
        return Ok(Err(Refusal::not_found("payment method")));
    }
    let data: Vec<Value> = charge.iter().filter_map(second::payment).collect();
    Ok(Ok(Reply::json(200, &json!({"data": data, "has_more": false})).plain_http()))
}
