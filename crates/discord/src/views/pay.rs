//! How something is paid.

use super::{Card, Choice, Reader, Style, button, closing::consequence};
use crate::{DraftId, Press, custom_id::Offered};
use database::Error;
use orders::{Bill, OrderView, Quote, Shop, WayToPay};
use vocabulary::{BuyerId, PaymentMethod, Rupiah};

const BLUE: u32 = 0x0034_98DB;
/// After the word of a method: with the number that the buyer asked us to remember.
const REMEMBERED: &str = "+saved";

/// What a buyer can pay with.
pub(crate) struct Ways {
    pub(crate) methods: Vec<PaymentMethod>,
    pub(crate) balance: Rupiah,
    pub(crate) phone: Option<String>,
}

impl Ways {
    /// The ways that are open to a buyer here to pay this, the shop's cheapest first.
    pub(crate) async fn of(shop: &Shop, buyer: &BuyerId, bill: Bill) -> Result<Ways, Error> {
        Ok(Ways {
            methods: shop.payment_methods(bill),
            balance: shop.wallet_balance(buyer).await?,
            phone: shop.remembered_phone_mask(buyer).await?,
        })
    }

    /// The same for a deposit: credit cannot be paid into credit.
    pub(crate) fn without_credit(mut self) -> Ways {
        self.methods.retain(|method| *method != PaymentMethod::Wallet);
        self
    }

    /// All but the one that stands already.
    pub(super) fn choices(
        &self,
        reader: Reader<'_>,
        amount: Rupiah,
        standing: Option<PaymentMethod>,
    ) -> Vec<Choice> {
        let mut choices = Vec::new();
        for method in self.methods.iter().copied().filter(|method| Some(*method) != standing) {
            let (value, label) = (method.as_str().to_owned(), method.label(reader.locale).to_owned());
            match (method, &self.phone) {
                (PaymentMethod::Wallet, _) => {
                    let enough = if self.balance < amount {
                        reader.pick(" (tidak cukup)", " (not enough)")
                    } else {
                        ""
                    };
                    choices.push(Choice {
                        label,
                        value,
                        description: Some(format!(
                            "{} {}{enough}",
                            reader.pick("Saldo", "You have"),
                            self.balance
                        )),
                    });
                }
                (PaymentMethod::OvoPush, phone) => {
                    if let Some(mask) = phone {
                        choices.push(Choice {
                            label: format!("OVO {mask}"),
                            value: format!("{value}{REMEMBERED}"),
                            description: Some(
                                reader.pick("Notifikasi ke nomor ini", "Push to this number").to_owned(),
                            ),
                        });
                    }
                    choices.push(Choice {
                        label,
                        value,
                        description: Some(
                            reader
                                .pick(
                                    "Nomornya diisi di halaman bayar, bukan di Discord",
                                    "The number is entered on the payment page, not in Discord",
                                )
                                .to_owned(),
                        ),
                    });
                }
                _ => choices.push(Choice { label, value, description: None }),
            }
        }
        choices
    }
}

/// The way that was picked; `None` for a word that is none.
pub(crate) fn way(value: &str) -> Option<WayToPay> {
    let (word, remembered) = match value.strip_suffix(REMEMBERED) {
        Some(word) => (word, true),
        None => (value, false),
    };
    let method: PaymentMethod = word.parse().ok()?;
    let use_remembered_phone = remembered && method.needs_phone();
    Some(WayToPay { use_remembered_phone, ..WayToPay::by(method) })
}

/// The ways to pay for a draft, at a price that is promised. Picking one places the order at this price and
/// no other.
pub(crate) fn for_draft(
    reader: Reader<'_>,
    ways: &Ways,
    summary: &str,
    (draft, quote): (&DraftId, &Quote),
) -> Card {
    let amount = quote.price;
    let offered = Offered { draft: draft.clone(), quote: Some(quote.id.clone()) };
    let hint = reader
        .pick("Pesanan dibuat begitu cara bayar dipilih.", "The order is placed as soon as you choose.");
    let back =
        button(Style::Secondary, reader.pick("Batal", "Cancel"), &reader.id(&Press::Leave(draft.clone())));
    Card::new(BLUE)
        .text(reader.pick("### 💳 Pilih cara bayar", "### 💳 Choose how to pay"))
        .text(summary)
        .text(&format!("**Total {amount}**\n-# {hint}"))
        .select(
            &reader.id(&Press::Place(offered)),
            reader.pick("Cara bayar", "How to pay"),
            &ways.choices(reader, amount, None),
        )
        .buttons(vec![back])
}

/// The way that an order is being paid by: choosing it once more would change nothing. One that came to
/// nothing can be tried again, and one that waits for a number can be given the remembered one.
fn standing(view: &OrderView) -> Option<PaymentMethod> {
    let payment = view.payment.as_ref().filter(|payment| payment.is_live() && !payment.waits_for_phone());
    payment.map(|payment| payment.method)
}

/// The other ways to pay an order.
pub(crate) fn for_order(reader: Reader<'_>, ways: &Ways, view: &OrderView) -> Card {
    let order = &view.order;
    let now = format!(
        "{} **{}** · {}\n{}: {}",
        reader.pick("Pesanan", "Order"),
        order.number,
        order.amount,
        reader.pick("Sekarang", "Now"),
        order.method.label(reader.locale)
    );
    let back = button(
        Style::Secondary,
        reader.pick("Kembali", "Back"),
        &reader.id(&Press::Show(order.number.clone())),
    );
    Card::new(BLUE)
        .text(reader.pick("### 💳 Ganti cara bayar", "### 💳 Pay in another way"))
        .text(&now)
        .text(&format!("-# {}", consequence(reader, view)))
        .select(
            &reader.id(&Press::PayBy(order.number.clone())),
            reader.pick("Cara bayar", "How to pay"),
            &ways.choices(reader, order.amount, standing(view)),
        )
        .buttons(vec![back])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::PER_SELECT;
    use security::Vault;
    use vocabulary::Locale;

    #[test]
    fn every_way_to_pay_fits_into_one_select_and_comes_back_as_itself() {
        let vault = Vault::throw_away().unwrap();
        let ways = Ways {
            methods: PaymentMethod::ALL.to_vec(),
            balance: Rupiah::ZERO,
            phone: Some("********7890".into()),
        };
        for locale in Locale::ALL {
            let reader = Reader { vault: &vault, user: "80351110224678912", locale: *locale };
            let choices = ways.choices(reader, Rupiah::new(20_000), None);
            assert!(choices.len() > PaymentMethod::ALL.len() && choices.len() <= PER_SELECT);
            let back = choices.iter().filter_map(|choice| way(&choice.value)).map(|way| way.method);
            let mut back: Vec<PaymentMethod> = back.collect();
            back.dedup();
            assert_eq!(back, PaymentMethod::ALL);
        }
    }
}
