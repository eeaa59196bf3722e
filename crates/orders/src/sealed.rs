//! Serial numbers and codes at rest: a code is money for whoever reads it, so it lies in the database encrypted by the
//! vault, and with it the raw webhooks of suppliers, which name it (contracts/suppliers §6 row 28). It is opened for the
//! buyer's own screens, for the key that owns the order, and for staff who ask and are written down. What an older
//! version stored in the clear is readable, and is sealed beside the work ([`keep_sealed`]).

mod old;
mod phones;

use crate::{Evidence, KeptBody, Order, OrderFile, Shop, order, timeline::TimelineEntry};
use database::Error;
use suppliers::{Attempt, Report};
use vocabulary::{Actor, OrderId, OrderNumber, Secret};

pub use old::{SealPauses, keep_sealed};

/// How sealed text begins. No supplier's text does.
pub(crate) const SEALED: &str = "sealed:";
/// Stands where something cannot be opened.
pub(crate) const CLOSED: &str = "(cannot be opened with this vault key)";
/// Stands in a supplier's words where they name what was delivered.
const NAMED: &str = "(its serial number)";
/// Characters of a long serial number that stay readable, for talking about it.
const SHOWN: usize = 4;

/// What a serial number is sealed for: a row cannot be swapped for another order's.
fn of_order(order: &OrderId) -> String {
    format!("serial:{order}")
}

fn of_webhook(source: &str) -> String {
    format!("webhook:{source}")
}

fn refused(column: &str, reason: &dyn std::fmt::Display) -> Error {
    Error::Column { column: column.to_owned(), reason: reason.to_string() }
}

/// A serial number of which the end is left, when there is enough before it.
fn masked(serial: &str) -> String {
    let count = serial.chars().count();
    let shown = if count > 2 * SHOWN { SHOWN } else { 0 };
    let end: String = serial.chars().skip(count.saturating_sub(shown)).collect();
    format!("••••{end}")
}

impl Shop {
    /// A text as it is kept.
    pub(crate) fn seal(&self, purpose: &str, text: &str) -> Result<String, Error> {
        let sealed =
            self.vault.seal(purpose, &Secret::new(text)).map_err(|e| refused("serial_number", &e))?;
        Ok(format!("{SEALED}{sealed}"))
    }

    /// What a supplier said of an attempt for this order, as it may be kept: its serial number is sealed, and
    /// does not stand in its words.
    pub(crate) fn sealed_report(&self, order: &OrderId, report: &Report) -> Result<Report, Error> {
        let mut kept = report.clone();
        if let Some(serial) = &report.serial_number {
            kept.serial_number = Some(self.seal(&of_order(order), serial)?);
            kept.message = words_of(report);
        }
        Ok(kept)
    }

    /// A serial number as it came, whether it is sealed or was kept by an older version.
    pub(crate) fn open_serial(&self, order: &OrderId, kept: &str) -> String {
        let Some(sealed) = kept.strip_prefix(SEALED) else { return kept.to_owned() };
        match self.vault.open(&of_order(order), sealed) {
            Ok(serial) => serial.expose().to_owned(),
            Err(error) => {
                tracing::error!(order.id = %order, %error, "what was delivered for {order} cannot be opened: {error}");
                CLOSED.to_owned()
            }
        }
    }

    /// Opens what was delivered, for the order's own buyer: as it is read from its row it is sealed.
    pub fn open_order(&self, order: &mut Order) {
        order.serial_number = order.serial_number.as_deref().map(|kept| self.open_serial(&order.id, kept));
    }

    /// The same in what was told of it.
    pub fn open_detail(&self, order: &OrderId, detail: &mut Option<String>) {
        *detail = detail.as_deref().map(|kept| self.open_serial(order, kept));
    }

    pub(crate) fn open_timeline(&self, order: &OrderId, timeline: &mut [TimelineEntry]) {
        for entry in timeline {
            self.open_detail(order, &mut entry.detail);
        }
    }

    pub(crate) fn open_attempt(&self, attempt: &mut Attempt) {
        attempt.serial_number =
            attempt.serial_number.as_deref().map(|kept| self.open_serial(&attempt.order, kept));
    }

    /// A raw webhook as it is kept: a supplier's is sealed, to the byte.
    pub(crate) fn seal_webhook(&self, source: &str, body: &[u8]) -> Result<Vec<u8>, Error> {
        if self.gateway(source).is_some() {
            return Ok(body.to_vec());
        }
        Ok(self.seal(&of_webhook(source), &hex::encode(body))?.into_bytes())
    }

    /// A raw webhook as it came in.
    ///
    /// # Errors
    /// When it was sealed with another key.
    pub fn open_webhook(&self, source: &str, kept: &[u8]) -> Result<Vec<u8>, Error> {
        let Some(sealed) = kept.strip_prefix(SEALED.as_bytes()) else { return Ok(kept.to_vec()) };
        let sealed = std::str::from_utf8(sealed).map_err(|e| refused("body", &e))?;
        let opened = self.vault.open(&of_webhook(source), sealed).map_err(|e| refused("body", &e))?;
        hex::decode(opened.expose()).map_err(|e| refused("body", &e))
    }

    /// Writes down that somebody of the staff looks at what was delivered for an order.
    ///
    /// # Errors
    /// When the database refuses: then it must not be shown.
    pub async fn reveal(&self, number: &OrderNumber, actor: &Actor) -> Result<(), Error> {
        let mut tx = self.db.write("order.reveal").await?;
        if order::order_by_number(&mut tx, number).await?.is_none() {
            return Ok(());
        }
        let entry = security::Entry {
            actor,
            action: "order.serial_revealed",
            subject: number.as_str(),
            before: None,
            after: None,
            source: None,
        };
        security::record(&mut tx, &self.ids, self.clock.now(), &entry).await?;
        tx.commit().await
    }
}

/// What a supplier says, as it may be kept and shown to anybody: without what was delivered.
pub(crate) fn words_of(report: &Report) -> String {
    report
        .serial_number
        .as_deref()
        .map_or_else(|| report.message.clone(), |serial| unnamed(&report.message, serial))
}

/// Their words without the serial number, which some suppliers say twice.
fn unnamed(message: &str, serial: &str) -> String {
    let serial = serial.trim();
    if serial.is_empty() || message.is_empty() {
        return message.to_owned();
    }
    if message.contains(serial) {
        return message.replace(serial, NAMED);
    }
    // Their words are cut to a length, and their white space is made plain: a part of a long one stands there then.
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (words, whole) = (plain(message), plain(serial));
    let begins = words.chars().count() >= SHOWN && whole.starts_with(words.trim_end_matches('…').trim_end());
    if begins || words.contains(&whole) { NAMED.to_owned() } else { message.to_owned() }
}

impl OrderFile {
    /// Hides what was delivered, but for its end.
    pub fn mask(&mut self) {
        let attempts = self.attempts.iter().filter_map(|attempt| attempt.serial_number.clone());
        let serials: Vec<String> = attempts.chain(self.order.serial_number.clone()).collect();
        let hide = |text: &mut Option<String>| {
            if let Some(serial) = text.as_ref().filter(|text| serials.contains(text)) {
                *text = Some(masked(serial));
            }
        };
        hide(&mut self.order.serial_number);
        self.attempts.iter_mut().for_each(|attempt| hide(&mut attempt.serial_number));
        self.timeline.iter_mut().for_each(|entry| hide(&mut entry.detail));
        self.messages.iter_mut().for_each(|message| hide(&mut message.detail));
        // An audit entry of an older version may quote their words, and nobody can change it.
        let long = |serial: &&String| serial.chars().count() > 2 * SHOWN;
        for entry in &mut self.audit {
            for text in [&mut entry.before, &mut entry.after, &mut entry.source].into_iter().flatten() {
                for serial in serials.iter().filter(long) {
                    *text = text.replace(serial.as_str(), &masked(serial));
                }
            }
        }
    }
}

impl Evidence {
    /// The same, and the raw words of suppliers with it: also of one that is not connected any more, and
    /// where what they say has not been heard yet. In those of gateways, phone numbers are hidden but for their end.
    pub fn mask(&mut self, shop: &Shop) {
        for webhook in &mut self.webhooks {
            let KeptBody::Opened(body) = &mut webhook.body else { continue };
            if shop.gateway(&webhook.source).is_some() {
                *body = phones::masked(body);
            } else {
                webhook.body = KeptBody::Hidden;
            }
        }
        self.file.mask();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_serial_number_the_end_is_shown_when_there_is_more() {
        for (serial, shown) in
            [("", "••••"), ("1234", "••••"), ("12345678", "••••"), ("123456789", "••••6789")]
        {
            assert_eq!(masked(serial), shown);
        }
    }

    #[test]
    fn words_that_name_the_serial_number_are_kept_without_it() {
        let check = |message: &str, kept: &str| assert_eq!(unnamed(message, "AAAA-BBBB CCCC"), kept);
        check("Transaksi Sukses", "Transaksi Sukses");
        check("SN: AAAA-BBBB CCCC!", "SN: (its serial number)!");
        check("AAAA-BBBB", NAMED);
        check("code  AAAA-BBBB  CCCC", NAMED);
        check("", "");
        assert_eq!(unnamed("ok", ""), "ok");
    }
}
