//! What a button, a select or a modal stands for, written into its id: a version, a verb, its arguments,
//! and a mark that only this shop can make (contracts/discord §0.2). What belongs to one buyer is marked
//! for that buyer and fits nobody else; what everybody may press is not, and so a panel works for ever.

use crate::draft::DraftId;
use security::Vault;
use vocabulary::{CategoryCode, OrderId, OrderNumber, ProductCode, QuoteId, Rupiah};

/// The version of what is written.
const VERSION: &str = "1";
/// What the mark is for.
const PURPOSE: &str = "discord.press";
/// Discord's limit, in characters.
const LONGEST: usize = 100;

/// What is pressed, picked from or filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Press {
    /// A page of the games.
    Games(u16),
    /// Pick a game.
    PickGame,
    /// A page of the products of a game.
    Products(CategoryCode, u16),
    /// Pick a product of a game.
    PickProduct(CategoryCode),
    /// The form for the account that a product is bought for.
    Form(ProductCode),
    /// The form of a draft, filled in.
    Edit(DraftId),
    /// Check the account of a draft once more.
    Recheck(DraftId),
    /// The account is the right one, as the card shows it.
    Agree(Shown),
    /// Buy although nobody could check the account.
    Insist(Shown),
    /// Drop a draft.
    Leave(DraftId),
    /// Pick how a draft is paid, at the price that the card offers: places the order.
    Place(Offered),
    /// Show an order as it is now.
    Show(OrderNumber),
    /// Show the other ways to pay an order.
    Methods(OrderNumber),
    /// Pick another way to pay an order.
    PayBy(OrderNumber),
    /// Ask whether an order shall be cancelled.
    AskCancel(OrderNumber),
    /// Cancel an order.
    Cancel(OrderNumber),
    /// Buy what an order did not bring once more, for the same account at the present price: a new draft.
    Again(OrderNumber),
    /// A page of the buyer's orders: the newest, or those older than this one.
    History(Option<OrderId>),
    /// Pick one of the buyer's orders.
    PickOrder,
    /// The form for how much is put into the own wallet.
    DepositForm,
    /// Pick how that is paid: places the deposit.
    DepositBy(Wished),
}

/// A draft as a card shows it: what its buyer says yes to, and nothing that is found out later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub(crate) draft: DraftId,
    /// What the card says of the account, as the mark of the draft; `None` on a card of an older program.
    pub(crate) mark: Option<String>,
}

/// A draft at the price that a card offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    pub(crate) draft: DraftId,
    /// The promise of the price; `None` on a card of an older program.
    pub(crate) quote: Option<QuoteId>,
}

/// What somebody wants to put into the own wallet. The form in which they said so is the draft: one form is one
/// deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wished {
    pub(crate) draft: DraftId,
    pub(crate) amount: Rupiah,
}

/// The id is none of this shop's, or not for this reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a button of this shop for this reader")]
pub struct Foreign;

impl Press {
    /// Writes it into an id for this user.
    pub fn encode(&self, vault: &Vault, user: &str) -> String {
        let (verb, argument) = self.parts();
        let body = match argument {
            Some(argument) => format!("{VERSION}.{verb}.{argument}"),
            None => format!("{VERSION}.{verb}"),
        };
        let mark = vault.tag(PURPOSE, &words(&body, self.is_personal(), user));
        format!("{body}.{mark}")
    }

    /// Reads an id that this user pressed.
    ///
    /// # Errors
    /// [`Foreign`] for whatever this shop did not write for this user.
    pub fn decode(vault: &Vault, user: &str, text: &str) -> Result<Press, Foreign> {
        if text.len() > LONGEST {
            return Err(Foreign);
        }
        let (body, mark) = text.rsplit_once('.').ok_or(Foreign)?;
        let mut parts = body.split('.');
        if parts.next() != Some(VERSION) {
            return Err(Foreign);
        }
        let verb = parts.next().ok_or(Foreign)?;
        let arguments: Vec<&str> = parts.collect();
        let press = Press::read(verb, &arguments).ok_or(Foreign)?;
        let fits = vault.tag_fits(PURPOSE, &words(body, press.is_personal(), user), mark);
        if fits { Ok(press) } else { Err(Foreign) }
    }

    fn is_personal(&self) -> bool {
        !matches!(
            self,
            Press::Games(_)
                | Press::PickGame
                | Press::Products(..)
                | Press::PickProduct(_)
                | Press::Form(_)
                | Press::DepositForm
        )
    }

    fn parts(&self) -> (&'static str, Option<String>) {
        match self {
            Press::Games(page) => ("g", Some(page.to_string())),
            Press::PickGame => ("pg", None),
            Press::Products(game, page) => ("p", Some(format!("{game}.{page}"))),
            Press::PickProduct(game) => ("pp", Some(game.to_string())),
            Press::Form(product) => ("f", Some(product.to_string())),
            Press::Edit(draft) => ("e", Some(draft.to_string())),
            Press::Recheck(draft) => ("r", Some(draft.to_string())),
            Press::Agree(shown) => ("a", Some(shown.argument())),
            Press::Insist(shown) => ("i", Some(shown.argument())),
            Press::Leave(draft) => ("l", Some(draft.to_string())),
            Press::Place(offered) => ("o", Some(offered.argument())),
            Press::Show(number) => ("s", Some(number.to_string())),
            Press::Methods(number) => ("m", Some(number.to_string())),
            Press::PayBy(number) => ("pb", Some(number.to_string())),
            Press::AskCancel(number) => ("ac", Some(number.to_string())),
            Press::Cancel(number) => ("c", Some(number.to_string())),
            Press::Again(number) => ("ag", Some(number.to_string())),
            Press::History(after) => ("h", after.as_ref().map(ToString::to_string)),
            Press::PickOrder => ("po", None),
            Press::DepositForm => ("df", None),
            Press::DepositBy(wished) => ("d", Some(wished.argument())),
        }
    }

    fn read(verb: &str, arguments: &[&str]) -> Option<Press> {
        let press = match (verb, arguments) {
            ("g", [page]) => Press::Games(page.parse().ok()?),
            ("pg", []) => Press::PickGame,
            ("p", [game, page]) => Press::Products(game.parse().ok()?, page.parse().ok()?),
            ("pp", [game]) => Press::PickProduct(game.parse().ok()?),
            ("f", [product]) => Press::Form(product.parse().ok()?),
            ("e", [draft]) => Press::Edit(draft.parse().ok()?),
            ("r", [draft]) => Press::Recheck(draft.parse().ok()?),
            ("a", [draft, mark @ ..]) => Press::Agree(Shown::read(draft, mark)?),
            ("i", [draft, mark @ ..]) => Press::Insist(Shown::read(draft, mark)?),
            ("l", [draft]) => Press::Leave(draft.parse().ok()?),
            ("o", [draft, quote @ ..]) => Press::Place(Offered::read(draft, quote)?),
            ("s", [number]) => Press::Show(number.parse().ok()?),
            ("m", [number]) => Press::Methods(number.parse().ok()?),
            ("pb", [number]) => Press::PayBy(number.parse().ok()?),
            ("ac", [number]) => Press::AskCancel(number.parse().ok()?),
            ("c", [number]) => Press::Cancel(number.parse().ok()?),
            ("ag", [number]) => Press::Again(number.parse().ok()?),
            ("h", []) => Press::History(None),
            ("h", [after]) => Press::History(Some(after.parse().ok()?)),
            ("po", []) => Press::PickOrder,
            ("df", []) => Press::DepositForm,
            ("d", [draft, amount]) => Press::DepositBy(Wished::read(draft, amount)?),
            _ => return None,
        };
        Some(press)
    }
}

impl Shown {
    fn argument(&self) -> String {
        match &self.mark {
            Some(mark) => format!("{}.{mark}", self.draft),
            None => self.draft.to_string(),
        }
    }

    fn read(draft: &str, mark: &[&str]) -> Option<Shown> {
        let mark = match mark {
            [] => None,
            [mark] => Some((*mark).to_owned()),
            _ => return None,
        };
        Some(Shown { draft: draft.parse().ok()?, mark })
    }
}

impl Offered {
    fn argument(&self) -> String {
        match &self.quote {
            Some(quote) => format!("{}.{quote}", self.draft),
            None => self.draft.to_string(),
        }
    }

    fn read(draft: &str, quote: &[&str]) -> Option<Offered> {
        let quote = match quote {
            [] => None,
            [quote] => Some(quote.parse().ok()?),
            _ => return None,
        };
        Some(Offered { draft: draft.parse().ok()?, quote })
    }
}

impl Wished {
    fn argument(&self) -> String {
        format!("{}.{}", self.draft, self.amount.get())
    }

    fn read(draft: &str, amount: &str) -> Option<Wished> {
        Some(Wished { draft: draft.parse().ok()?, amount: Rupiah::new(amount.parse().ok()?) })
    }
}

/// What the mark is made over. The user's id is digits, and `|` stands nowhere else.
fn words(body: &str, personal: bool, user: &str) -> String {
    if personal { format!("{body}|{user}") } else { body.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vocabulary::{Ids, Timestamp};

    fn vault() -> Vault {
        Vault::new(&[3; 32]).unwrap()
    }

    fn presses() -> impl Strategy<Value = Press> {
        let code = "[A-Z0-9_]{1,32}";
        let product = "[A-Z0-9_]{1,64}";
        let draft = "d[0-9]{1,20}".prop_map(|d| d.parse::<DraftId>().unwrap());
        let mark = proptest::option::of("[A-Za-z0-9_-]{11}");
        let quote = any::<u64>().prop_map(|seed| QuoteId::new(&Ids::seeded(seed), Timestamp::from_millis(1)));
        let quote = proptest::option::of(quote);
        let number = any::<u64>().prop_map(|seed| OrderNumber::new(&Ids::seeded(seed)));
        let order = any::<u64>().prop_map(|seed| OrderId::new(&Ids::seeded(seed), Timestamp::from_millis(1)));
        prop_oneof![
            any::<u16>().prop_map(Press::Games),
            Just(Press::PickGame),
            Just(Press::PickOrder),
            Just(Press::DepositForm),
            Just(Press::History(None)),
            order.prop_map(|o| Press::History(Some(o))),
            (code, any::<u16>()).prop_map(|(g, p)| Press::Products(g.parse().unwrap(), p)),
            code.prop_map(|g| Press::PickProduct(g.parse().unwrap())),
            product.prop_map(|p| Press::Form(p.parse().unwrap())),
            (draft, 0..7_u8, mark, quote, any::<i64>()).prop_map(|(draft, n, mark, quote, amount)| match n {
                0 => Press::Edit(draft),
                1 => Press::Recheck(draft),
                2 => Press::Agree(Shown { draft, mark }),
                3 => Press::Insist(Shown { draft, mark }),
                4 => Press::Leave(draft),
                5 => Press::DepositBy(Wished { draft, amount: Rupiah::new(amount) }),
                _ => Press::Place(Offered { draft, quote }),
            }),
            (number, 0..6_u8).prop_map(|(o, n)| match n {
                0 => Press::Show(o),
                1 => Press::Methods(o),
                2 => Press::PayBy(o),
                3 => Press::AskCancel(o),
                4 => Press::Again(o),
                _ => Press::Cancel(o),
            }),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_by_its_reader_and_fits_discord(press in presses(), user in "[0-9]{1,20}") {
            let id = press.encode(&vault(), &user);
            prop_assert!(id.len() <= 100 && id.is_ascii(), "{}", id);
            prop_assert_eq!(Press::decode(&vault(), &user, &id), Ok(press.clone()));
            let other = format!("9{user}");
            let others = Press::decode(&vault(), &other, &id);
            prop_assert_eq!(others.is_ok(), !press.is_personal());
            prop_assert_eq!(Press::decode(&Vault::new(&[4; 32]).unwrap(), &user, &id), Err(Foreign));
        }

        #[test]
        fn no_changed_id_is_taken(press in presses(), at in 0..100_usize, with in "[A-Za-z0-9_.-]") {
            let id = press.encode(&vault(), "1");
            let at = at % id.len();
            let changed = format!("{}{with}{}", &id[..at], &id[at + 1..]);
            prop_assume!(changed != id);
            prop_assert_eq!(Press::decode(&vault(), "1", &changed), Err(Foreign));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,120}|[0-9a-z.]{0,120}") {
            prop_assert_eq!(Press::decode(&vault(), "1", &text), Err(Foreign));
        }
    }

    #[test]
    fn the_buttons_of_an_older_program_are_read() {
        let draft: DraftId = "d123".parse().unwrap();
        let shown = Shown { draft: draft.clone(), mark: None };
        for (body, press) in [
            ("1.a.d123", Press::Agree(shown.clone())),
            ("1.i.d123", Press::Insist(shown)),
            ("1.o.d123", Press::Place(Offered { draft, quote: None })),
        ] {
            let id = format!("{body}.{}", vault().tag(PURPOSE, &format!("{body}|7")));
            assert_eq!(Press::decode(&vault(), "7", &id), Ok(press), "{body}");
        }
        for body in ["1.a.d123.x.y", "1.o.d123.quo_1", "1.o.d123.x.y"] {
            let id = format!("{body}.{}", vault().tag(PURPOSE, &format!("{body}|7")));
            assert_eq!(Press::decode(&vault(), "7", &id), Err(Foreign), "{body}");
        }
    }
}
