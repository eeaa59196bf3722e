//! Proof that stock, movements and reservations agree.

use database::{Error, FromRow, ReadTx, Row, report_sql};
use std::fmt;
use vocabulary::ProductCode;

/// Something about a product's stock that does not add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The product.
    pub product: ProductCode,
    /// What is wrong.
    pub problem: Problem,
}

/// What can be wrong. `stored` is what the stock row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// On hand is not the sum of the movements.
    OnHand {
        /// What the stock row says.
        stored: i64,
        /// What the movements add up to.
        moved: i64,
    },
    /// Reserved is not the sum of the movements.
    Reserved {
        /// What the stock row says.
        stored: i64,
        /// What the movements add up to.
        moved: i64,
    },
    /// Reserved is not the sum of the reservations that are held.
    Held {
        /// What the stock row says.
        stored: i64,
        /// What the held reservations add up to.
        held: i64,
    },
    /// The number of movements is not what the stock row counted.
    Movements {
        /// What the stock row says.
        stored: i64,
        /// How many there are.
        found: i64,
    },
    /// A movement does not begin where the one before it ended.
    Gap {
        /// Number of the movement that does not fit.
        sequence: i64,
    },
}

/// Everything that does not add up; empty when all is well. Reads every movement: give the
/// transaction a deadline that fits.
pub async fn check(tx: &mut ReadTx) -> Result<Vec<Finding>, Error> {
    let sums: Vec<Sums> = report_sql!(
        "SELECT s.product_code, s.on_hand, s.reserved, s.movements,
                COALESCE(m.found, 0) AS found, COALESCE(m.on_hand, 0) AS moved_on_hand,
                COALESCE(m.reserved, 0) AS moved_reserved, COALESCE(r.held, 0) AS held
         FROM stock s
         LEFT JOIN (SELECT product_code, COUNT(*) AS found,
                           CAST(SUM(on_hand_after - on_hand_before) AS BIGINT) AS on_hand,
                           CAST(SUM(reserved_after - reserved_before) AS BIGINT) AS reserved
                    FROM stock_movement GROUP BY product_code) m ON m.product_code = s.product_code
         LEFT JOIN (SELECT product_code, CAST(SUM(quantity) AS BIGINT) AS held
                    FROM reservation WHERE state = 'held' GROUP BY product_code) r
                ON r.product_code = s.product_code
         ORDER BY s.product_code"
    )
    .query()
    .all(tx)
    .await?;
    let gaps: Vec<(ProductCode, i64)> = report_sql!(
        "SELECT m.product_code, m.sequence
         FROM stock_movement m
         LEFT JOIN stock_movement p ON p.product_code = m.product_code AND p.sequence = m.sequence - 1
         WHERE m.on_hand_before <> COALESCE(p.on_hand_after, 0)
            OR m.reserved_before <> COALESCE(p.reserved_after, 0)
            OR (p.id IS NULL AND m.sequence <> 1)
         ORDER BY m.product_code, m.sequence"
    )
    .query()
    .all(tx)
    .await?;
    let gaps =
        gaps.into_iter().map(|(product, sequence)| Finding { product, problem: Problem::Gap { sequence } });
    Ok(sums.iter().flat_map(Sums::findings).chain(gaps).collect())
}

/// What is stored about one product, and what it should add up to.
struct Sums {
    product: ProductCode,
    on_hand: i64,
    reserved: i64,
    movements: i64,
    found: i64,
    moved_on_hand: i64,
    moved_reserved: i64,
    held: i64,
}

impl Sums {
    fn findings(&self) -> Vec<Finding> {
        let Sums { on_hand, reserved, movements, found, moved_on_hand, moved_reserved, held, .. } = *self;
        [
            (on_hand != moved_on_hand).then_some(Problem::OnHand { stored: on_hand, moved: moved_on_hand }),
            (reserved != moved_reserved)
                .then_some(Problem::Reserved { stored: reserved, moved: moved_reserved }),
            (reserved != held).then_some(Problem::Held { stored: reserved, held }),
            (movements != found).then_some(Problem::Movements { stored: movements, found }),
        ]
        .into_iter()
        .flatten()
        .map(|problem| Finding { product: self.product.clone(), problem })
        .collect()
    }
}

impl FromRow for Sums {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Sums {
            product: row.get("product_code")?,
            on_hand: row.get("on_hand")?,
            reserved: row.get("reserved")?,
            movements: row.get("movements")?,
            found: row.get("found")?,
            moved_on_hand: row.get("moved_on_hand")?,
            moved_reserved: row.get("moved_reserved")?,
            held: row.get("held")?,
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let product = &self.product;
        match self.problem {
            Problem::OnHand { stored, moved } => {
                write!(f, "{product}: {stored} on hand, but its movements add up to {moved}")
            }
            Problem::Reserved { stored, moved } => {
                write!(f, "{product}: {stored} reserved, but its movements add up to {moved}")
            }
            Problem::Held { stored, held } => {
                write!(f, "{product}: {stored} reserved, but its held reservations add up to {held}")
            }
            Problem::Movements { stored, found } => {
                write!(f, "{product}: {stored} movements counted, but {found} are there")
            }
            Problem::Gap { sequence } => {
                write!(f, "{product}: movement {sequence} does not begin where the one before it ended")
            }
        }
    }
}
