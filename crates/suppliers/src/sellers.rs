//! Sellers that are not bought from. A supplier sells for others, and its code of a product hides whom it takes the
//! product from; what the owner notes of that, and what the supplier's list says, is held against this list.

/// Sellers that are not bought from. Small and large letters are the same, and so are one space and several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusedSellers(Vec<String>);

impl RefusedSellers {
    /// The sellers of these names; one without a name is nobody.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> RefusedSellers {
        RefusedSellers(names.into_iter().map(plain).filter(|name| !name.is_empty()).collect())
    }

    /// The first of these that is one of them, as it is written there.
    pub fn first_of<'a>(&self, sellers: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        sellers.into_iter().find(|seller| self.0.contains(&plain(seller)))
    }
}

fn plain(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seller_is_known_however_the_name_is_spaced_or_capitalised_and_nobody_is_nobody() {
        let refused = RefusedSellers::new(["Toko  Curang ", "", "PT Maju, Tbk"]);
        for (seller, known) in [
            ("TOKO CURANG", true),
            (" toko\tcurang", true),
            ("pt maju, tbk", true),
            ("Toko Curang 2", false),
            ("Toko", false),
            ("", false),
        ] {
            assert_eq!(refused.first_of([seller]), known.then_some(seller), "{seller:?}");
        }
        assert_eq!(refused.first_of(["", "Jujur", "toko curang"]), Some("toko curang"));
        assert_eq!(RefusedSellers::default().first_of(["", "Toko Curang"]), None);
    }
}
