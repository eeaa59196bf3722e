//! What suppliers say of their products: the newest word about each, and whether it can be bought now.

use database::{Error, FromRow, ReadTx, Row, WriteTx, sql};
use std::time::Duration;
use vocabulary::{Rupiah, Timestamp};

/// How old a supplier's word about a product may be to be acted on. The guard against a price that has moved
/// since is the ceiling that a purchase names.
pub const STALE_AFTER: Duration = Duration::from_secs(24 * 3_600);

/// Minutes of a day.
const DAY_MINUTES: u32 = 24 * 60;

/// A product, as its supplier lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Whose word it is.
    pub supplier: String,
    /// The supplier's code of the product.
    pub sku: String,
    /// What the supplier calls it.
    pub name: String,
    /// The supplier's category (`Games`); may be empty.
    pub category: String,
    /// The supplier's brand (`MOBILE LEGENDS`); may be empty.
    pub brand: String,
    /// Who sells it there; may be empty.
    pub seller: String,
    /// What the supplier says of it; may be empty.
    pub description: String,
    /// What it costs us.
    pub price: Rupiah,
    /// Whether we have it switched on there.
    pub buyer_active: bool,
    /// Whether its seller has it switched on.
    pub seller_active: bool,
    /// How many there are; `None` for any number.
    pub stock: Option<i64>,
    /// Whether the same account may have it more than once on one day (WIB).
    pub multi: bool,
    /// When it cannot be bought every day.
    pub cut_off: Option<CutOff>,
    /// Why its price is not believed. Set by whoever compares it, not by the supplier.
    pub doubt: Option<Doubt>,
    /// When the supplier said so.
    pub seen_at: Timestamp,
}

vocabulary::text_enum!(
    /// Why a price is not believed.
    pub enum Doubt {
        /// Nothing, or less.
        NotPositive = "not_positive",
        /// It moved too far at once.
        Jump = "price_jump",
        /// A unit of it costs far less or more than of its like.
        Outlier = "outlier",
    }
);
database::text_column!(Doubt);

vocabulary::text_enum!(
    /// Why a product cannot be bought now, by its supplier's word.
    pub enum Unsellable {
        /// It is no product but the check of an account, which is sold like one.
        AccountCheck = "account_check",
        /// We have it switched off there, or it is not ours.
        BuyerInactive = "buyer_inactive",
        /// Its seller has it switched off.
        SellerInactive = "seller_inactive",
        /// There is none left.
        Empty = "empty",
        /// It is in its daily cut-off: [`Listing::opens_at`] tells until when.
        Closed = "closed",
        /// Its price is not believed.
        Doubtful = "doubtful",
        /// The supplier has not listed it for [`STALE_AFTER`]: it is gone, or the supplier is silent.
        Stale = "stale",
        /// A purchase of it was refused since it was listed, because it is not sold to us under its code.
        Gone = "refused",
    }
);

/// A part of every day, in WIB, that may wrap midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutOff {
    start: u32,
    end: u32,
}

impl Listing {
    /// Why it cannot be bought at `now`; none when it can.
    pub fn trouble(&self, now: Timestamp) -> Option<Unsellable> {
        if self.is_account_check() {
            return Some(Unsellable::AccountCheck);
        }
        if now.since(self.seen_at) >= STALE_AFTER {
            return Some(Unsellable::Stale);
        }
        if self.doubt.is_some() || !self.price.is_positive() {
            return Some(Unsellable::Doubtful);
        }
        if !self.buyer_active {
            return Some(Unsellable::BuyerInactive);
        }
        if !self.seller_active {
            return Some(Unsellable::SellerInactive);
        }
        if self.stock.is_some_and(|stock| stock <= 0) {
            return Some(Unsellable::Empty);
        }
        self.cut_off.is_some_and(|cut_off| cut_off.contains(now)).then_some(Unsellable::Closed)
    }

    /// When its cut-off ends; none when it is not in one at `now`.
    pub fn opens_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.cut_off.filter(|cut_off| cut_off.contains(now)).map(|cut_off| cut_off.next_end(now))
    }

    /// Whether it tells the name of an account for money, and is nothing that a buyer could want
    /// (`contracts/suppliers.md` §1.7).
    pub fn is_account_check(&self) -> bool {
        let name = self.name.to_lowercase();
        let words = name.split_whitespace().collect::<Vec<_>>().join(" ");
        ["cek username", "cek nama"].iter().any(|check| words.contains(check))
    }
}

impl CutOff {
    /// From two moments as suppliers write them, `hh:mm`, unpadded as well; none when they are the same, or
    /// cannot be read.
    pub fn read(start: &str, end: &str) -> Option<CutOff> {
        Self::between(minutes(start)?, minutes(end)?)
    }

    /// From two minutes of the day; none when they are the same.
    pub fn between(start: u32, end: u32) -> Option<CutOff> {
        let (start, end) = (start.checked_rem(DAY_MINUTES)?, end.checked_rem(DAY_MINUTES)?);
        (start != end).then_some(CutOff { start, end })
    }

    /// The minute of the WIB day at which it begins.
    pub fn start(self) -> u32 {
        self.start
    }

    /// The minute of the WIB day at which it is over.
    pub fn end(self) -> u32 {
        self.end
    }

    /// Whether `now` is within it.
    pub fn contains(self, now: Timestamp) -> bool {
        let minute = minute_of_day(now);
        if self.start < self.end {
            (self.start..self.end).contains(&minute)
        } else {
            minute >= self.start || minute < self.end
        }
    }

    /// The next moment after `now` at which it ends.
    fn next_end(self, now: Timestamp) -> Timestamp {
        let at = |day: vocabulary::WibDay| {
            day.start().plus(Duration::from_secs(u64::from(self.end).saturating_mul(60)))
        };
        let today = at(now.wib_day());
        if today > now { today } else { at(now.wib_day().day_after()) }
    }
}

fn minute_of_day(now: Timestamp) -> u32 {
    let minutes = now.since(now.wib_day().start()).as_secs() / 60;
    u32::try_from(minutes).unwrap_or(0)
}

/// Minutes since midnight of `hh:mm`, in which neither needs a leading zero.
fn minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let number = |text: &str| {
        let plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours.trim())?, number(minutes.trim())?);
    (hours <= 24 && minutes < 60).then(|| hours.saturating_mul(60).saturating_add(minutes))
}

impl FromRow for Listing {
    fn from_row(row: &Row) -> Result<Self, Error> {
        let ends: (Option<u32>, Option<u32>) = (row.get("cut_off_start")?, row.get("cut_off_end")?);
        Ok(Listing {
            supplier: row.get("supplier")?,
            sku: row.get("sku")?,
            name: row.get("name")?,
            category: row.get("category")?,
            brand: row.get("brand")?,
            seller: row.get("seller")?,
            description: row.get("description")?,
            price: row.get("price")?,
            buyer_active: row.get("buyer_active")?,
            seller_active: row.get("seller_active")?,
            stock: row.get("stock")?,
            multi: row.get("multi")?,
            cut_off: ends.0.zip(ends.1).and_then(|(start, end)| CutOff::between(start, end)),
            doubt: row.get("doubt")?,
            seen_at: row.get("seen_at")?,
        })
    }
}

/// What a supplier last said of a product; none when it never did.
pub async fn listing(tx: &mut ReadTx, supplier: &str, sku: &str) -> Result<Option<Listing>, Error> {
    sql!("SELECT * FROM supplier_listing WHERE supplier = $1 AND sku = $2")
        .bind(supplier)
        .bind(sku)
        .optional(tx)
        .await
}

/// What a supplier last said of each of its products, by their codes.
pub async fn listings(tx: &mut ReadTx, supplier: &str) -> Result<Vec<Listing>, Error> {
    sql!("SELECT * FROM supplier_listing WHERE supplier = $1 ORDER BY sku").bind(supplier).all(tx).await
}

/// Keeps what a supplier said of a product, unless something newer is known.
pub async fn store_listing(tx: &mut WriteTx, listing: &Listing) -> Result<(), Error> {
    sql!(
        "INSERT INTO supplier_listing (supplier, sku, name, category, brand, seller, description, price, buyer_active,
                                       seller_active, stock, multi, cut_off_start, cut_off_end, doubt, priced_at, seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)
         ON CONFLICT (supplier, sku) DO UPDATE SET name = excluded.name, category = excluded.category,
             brand = excluded.brand, seller = excluded.seller, description = excluded.description,
             priced_at = CASE WHEN supplier_listing.price = excluded.price THEN supplier_listing.priced_at
                              ELSE excluded.priced_at END,
             price = excluded.price, buyer_active = excluded.buyer_active, seller_active = excluded.seller_active,
             stock = excluded.stock, multi = excluded.multi, cut_off_start = excluded.cut_off_start,
             cut_off_end = excluded.cut_off_end, doubt = excluded.doubt, seen_at = excluded.seen_at
         WHERE supplier_listing.seen_at <= excluded.seen_at"
    )
    .bind(&listing.supplier)
    .bind(&listing.sku)
    .bind(&listing.name)
    .bind(&listing.category)
    .bind(&listing.brand)
    .bind(&listing.seller)
    .bind(&listing.description)
    .bind(listing.price)
    .bind(listing.buyer_active)
    .bind(listing.seller_active)
    .bind(listing.stock)
    .bind(listing.multi)
    .bind(listing.cut_off.map(|cut_off| i64::from(cut_off.start)))
    .bind(listing.cut_off.map(|cut_off| i64::from(cut_off.end)))
    .bind(listing.doubt)
    .bind(listing.seen_at)
    .run(tx)
    .await?;
    Ok(())
}

/// Notes whether the price of a product is believed.
pub async fn store_doubt(
    tx: &mut WriteTx,
    supplier: &str,
    sku: &str,
    doubt: Option<Doubt>,
) -> Result<(), Error> {
    sql!("UPDATE supplier_listing SET doubt = $3 WHERE supplier = $1 AND sku = $2")
        .bind(supplier)
        .bind(sku)
        .bind(doubt)
        .run(tx)
        .await?;
    Ok(())
}

/// What products of a supplier may cost by the word of a person, by their codes.
pub async fn accepted_prices(tx: &mut ReadTx, supplier: &str) -> Result<Vec<(String, Rupiah)>, Error> {
    sql!(
        "SELECT sku, accepted FROM supplier_listing WHERE supplier = $1 AND accepted IS NOT NULL ORDER BY sku"
    )
    .bind(supplier)
    .all(tx)
    .await
}

/// Keeps everybody else from what a supplier says of a product, and from what is said of that, until the transaction
/// ends. False when the supplier never listed it.
pub async fn hold_listing(tx: &mut WriteTx, supplier: &str, sku: &str) -> Result<bool, Error> {
    let held: Option<String> = sql!(
        sqlite: "SELECT sku FROM supplier_listing WHERE supplier = $1 AND sku = $2",
        postgres: "SELECT sku FROM supplier_listing WHERE supplier = $1 AND sku = $2 FOR UPDATE"
    )
    .bind(supplier)
    .bind(sku)
    .optional(tx)
    .await?;
    Ok(held.is_some())
}

/// Notes what a product may cost by the word of a person, if its supplier has listed it.
pub async fn accept_price(tx: &mut WriteTx, supplier: &str, sku: &str, price: Rupiah) -> Result<(), Error> {
    sql!("UPDATE supplier_listing SET accepted = $3 WHERE supplier = $1 AND sku = $2")
        .bind(supplier)
        .bind(sku)
        .bind(price)
        .run(tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        Timestamp::parse_wib(&format!("2026-11-29 {time}")).unwrap()
    }

    fn listed() -> Listing {
        Listing {
            supplier: "digiflazz".into(),
            sku: "ml86".into(),
            name: "MOBILELEGEND - 86 Diamond".into(),
            category: "Games".into(),
            brand: "MOBILE LEGENDS".into(),
            seller: "A seller".into(),
            description: "no pelanggan = gabungan antara user_id dan zone_id".into(),
            price: Rupiah::new(19_350),
            buyer_active: true,
            seller_active: true,
            stock: None,
            multi: true,
            cut_off: None,
            doubt: None,
            seen_at: at("12:00:00"),
        }
    }

    #[test]
    fn hours_come_unpadded_and_twice_the_same_is_no_cut_off() {
        for (start, end, expected) in [
            ("23:45", "00:15", Some((1_425, 15))),
            ("0:5", "0:15", Some((5, 15))),
            (" 8:30", "9:00 ", Some((510, 540))),
            ("23:30", "24:00", Some((1_410, 0))),
            ("00:00", "00:00", None),
            ("0:0", "0:0", None),
            ("0:0", "00:00", None),
            ("3:00", "03:00", None),
            ("", "", None),
            ("25:00", "1:00", None),
            ("1:60", "2:00", None),
            ("-1:00", "2:00", None),
            ("1", "2", None),
            ("001:00", "2:00", None),
        ] {
            let read = CutOff::read(start, end).map(|cut_off| (cut_off.start(), cut_off.end()));
            assert_eq!(read, expected, "{start:?} to {end:?}");
        }
    }

    #[test]
    fn a_cut_off_wraps_midnight_and_tells_when_it_opens() {
        let wrapping = Listing { cut_off: CutOff::read("23:45", "0:15"), ..listed() };
        for (time, opens) in [
            ("23:44:59", None),
            ("23:45:00", Some("2026-11-30 00:15:00")),
            ("00:00:00", Some("2026-11-29 00:15:00")),
            ("00:14:59", Some("2026-11-29 00:15:00")),
            ("00:15:00", None),
            ("12:00:00", None),
        ] {
            assert_eq!(wrapping.opens_at(at(time)).map(Timestamp::wib).as_deref(), opens, "{time}");
        }
        let within = Listing { cut_off: CutOff::read("8:0", "9:30"), seen_at: at("01:00:00"), ..listed() };
        assert_eq!(within.trouble(at("07:59:59")), None);
        assert_eq!(within.trouble(at("08:00:00")), Some(Unsellable::Closed));
        assert_eq!(within.trouble(at("09:29:59")), Some(Unsellable::Closed));
        assert_eq!(within.trouble(at("09:30:00")), None);
    }

    #[test]
    fn a_product_is_sellable_only_when_everything_speaks_for_it() {
        let now = at("12:00:00");
        assert_eq!(listed().trouble(now), None);
        let unlimited_is_not_counted = Listing { stock: Some(1), ..listed() };
        assert_eq!(unlimited_is_not_counted.trouble(now), None);
        for (listing, trouble) in [
            (Listing { buyer_active: false, ..listed() }, Unsellable::BuyerInactive),
            (Listing { seller_active: false, ..listed() }, Unsellable::SellerInactive),
            (Listing { stock: Some(0), ..listed() }, Unsellable::Empty),
            (Listing { stock: Some(-3), ..listed() }, Unsellable::Empty),
            (Listing { cut_off: CutOff::read("11:00", "13:00"), ..listed() }, Unsellable::Closed),
            (Listing { doubt: Some(Doubt::Jump), ..listed() }, Unsellable::Doubtful),
            (Listing { price: Rupiah::ZERO, ..listed() }, Unsellable::Doubtful),
            (Listing { seen_at: now.minus(STALE_AFTER), ..listed() }, Unsellable::Stale),
            (Listing { name: "Mobile Legends Cek  Username".into(), ..listed() }, Unsellable::AccountCheck),
            (Listing { name: "CEK NAMA Token PLN".into(), ..listed() }, Unsellable::AccountCheck),
        ] {
            assert_eq!(listing.trouble(now), Some(trouble), "{listing:?}");
        }
        let young_enough = Listing { seen_at: now.minus(STALE_AFTER - Duration::from_millis(1)), ..listed() };
        assert_eq!(young_enough.trouble(now), None);
    }
}
