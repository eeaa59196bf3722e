//! The account of a purchase, for suppliers that want id and zone apart: the customer number of a product of
//! theirs is `{user_id}|{zone_id}`, or `{user_id}` where there is no zone.

/// An id, and a zone where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tujuan<'a> {
    pub(super) id: &'a str,
    pub(super) zone: Option<&'a str>,
}

/// Takes a customer number apart. `None` when it can be read in more than one way, or a part is empty: that is a
/// template which does not fit this supplier, and nobody's account is guessed from it.
pub(super) fn split(customer_no: &str) -> Option<Tujuan<'_>> {
    let (id, zone) = match customer_no.split_once('|') {
        Some((id, zone)) => (id, Some(zone)),
        None => (customer_no, None),
    };
    let readable = !id.is_empty() && zone.is_none_or(|zone| !zone.is_empty() && !zone.contains('|'));
    readable.then_some(Tujuan { id, zone })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_taken_apart_in_one_way_or_not_at_all() {
        assert_eq!(split("136216325|2685"), Some(Tujuan { id: "136216325", zone: Some("2685") }));
        assert_eq!(split("225009777"), Some(Tujuan { id: "225009777", zone: None }));
        for wrong in ["", "|", "1|", "|2", "1|2|3", "1||2"] {
            assert_eq!(split(wrong), None, "{wrong}");
        }
    }
}
