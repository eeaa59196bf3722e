//! Paying by a number: to a virtual account at a bank, or with a code at a till. What the buyer is told,
//! the number to copy, and what to do with it, step by step.

use crate::words::{Words, words};
use maud::{Markup, html};
use vocabulary::{Bank, Locale, PayPoint, Rupiah};

/// What the buyer is told before the number is there.
pub(crate) fn preparing() -> (Words, Words) {
    (
        words("Menyiapkan nomor bayar", "Preparing the number to pay to"),
        words("Sebentar, nomornya muncul di sini.", "One moment, the number appears here."),
    )
}

/// What the buyer is told while it can be paid.
pub(crate) fn ready(point: PayPoint) -> (Words, Words) {
    let name = point.label();
    match point {
        PayPoint::Bank(_) => (
            words(format!("Transfer lewat {name}"), format!("Transfer by {name}")),
            words(
                "Nomor ini hanya untuk pesanan ini. Transfer jumlah yang persis sama, satu kali saja.",
                "This number is for this order only. Transfer exactly this amount, and only once.",
            ),
        ),
        PayPoint::Store(_) => (
            words(format!("Bayar di kasir {name}"), format!("Pay at the till of {name}")),
            words(
                "Kode ini hanya untuk pesanan ini. Tunjukkan atau bacakan kepada kasir, dan bayar satu kali saja.",
                "This code is for this order only. Show it or read it out at the till, and pay only once.",
            ),
        ),
    }
}

/// What the buyer is told when it was declined.
pub(crate) fn declined() -> (Words, Words) {
    (
        words("Pembayaran ditolak", "The payment was declined"),
        words(
            "Pembayaran ini ditolak; tidak ada uang yang diambil. Coba lagi, atau pilih cara lain.",
            "This payment was declined; no money was taken. Try again, or choose another way.",
        ),
    )
}

/// What the buyer is told when its time is over, or somebody withdrew it.
pub(crate) fn over() -> (Words, Words) {
    (
        words("Nomor bayar sudah tidak berlaku", "The number is no longer valid"),
        words(
            "Jangan membayar lagi ke nomor yang lama. Coba lagi, atau pilih cara lain.",
            "Do not pay to the old number. Try again, or choose another way.",
        ),
    )
}

/// The number, with what it is, and a button that copies it.
pub(crate) fn number(point: PayPoint, code: &str, locale: Locale) -> Markup {
    let name = point.label();
    let (what, copy) = match point {
        PayPoint::Bank(_) => (
            locale.pick("Nomor virtual account ", "Virtual account at "),
            locale.pick("Salin nomor", "Copy number"),
        ),
        PayPoint::Store(_) => {
            (locale.pick("Kode bayar ", "Code for "), locale.pick("Salin kode", "Copy code"))
        }
    };
    html! {
        div .number {
            p .small #payment-code-label { (what) strong { (name) } }
            p #payment-code .mono aria-labelledby="payment-code-label" { (code) }
            button .button .js-only type="button" data-copy="payment-code" { (copy) }
        }
    }
}

/// What to do with it.
pub(crate) fn steps(point: PayPoint, amount: Rupiah, locale: Locale) -> Markup {
    html! {
        ol .how aria-label=(locale.pick("Cara membayar", "How to pay")) {
            @for step in steps_of(point, amount, locale) { li { (step) } }
        }
    }
}

fn steps_of(point: PayPoint, amount: Rupiah, locale: Locale) -> [String; 3] {
    let name = point.label();
    match (point, locale) {
        (PayPoint::Bank(bank), Locale::Indonesian) => [
            match bank {
                Bank::Bca => "Buka aplikasi BCA atau datang ke ATM BCA, lalu pilih pembayaran ke Virtual Account. Dari bank lain tidak bisa.".to_owned(),
                _ => format!("Buka aplikasi {name} atau datang ke ATM {name}, lalu pilih pembayaran ke Virtual Account. Dari bank lain: transfer antarbank ke {name}, mungkin dengan biaya dari bank Anda."),
            },
            format!("Masukkan nomor di atas. Jumlahnya harus persis {amount}."),
            "Periksa nama dan jumlahnya, lalu setujui. Halaman ini berubah sendiri begitu uangnya masuk.".to_owned(),
        ],
        (PayPoint::Bank(bank), Locale::English) => [
            match bank {
                Bank::Bca => "Open BCA's app or go to an ATM of BCA, and choose to pay to a virtual account. It cannot be paid from another bank.".to_owned(),
                _ => format!("Open {name}'s app or go to an ATM of {name}, and choose to pay to a virtual account. From another bank: transfer to {name}; your bank may charge for it."),
            },
            format!("Enter the number above. The amount has to be exactly {amount}."),
            "Check the name and the amount, and approve. This page changes by itself when the money arrives.".to_owned(),
        ],
        (PayPoint::Store(_), Locale::Indonesian) => [
            format!("Datang ke kasir {name} dan katakan bahwa Anda ingin membayar belanja online."),
            format!("Tunjukkan atau bacakan kode di atas. Jumlahnya {amount}."),
            "Bayar, dan simpan struknya sampai pesanan terkirim. Halaman ini berubah sendiri begitu uangnya masuk.".to_owned(),
        ],
        (PayPoint::Store(_), Locale::English) => [
            format!("Go to a till of {name} and say that you want to pay for an online purchase."),
            format!("Show the code above, or read it out. The amount is {amount}."),
            "Pay, and keep the receipt until the order is delivered. This page changes by itself when the money arrives.".to_owned(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vocabulary::PaymentMethod;

    #[test]
    fn every_place_to_pay_has_its_steps_in_both_languages_and_they_name_the_amount() {
        let amount = Rupiah::new(20_000);
        for point in PaymentMethod::ALL.iter().filter_map(|method| method.pay_point()) {
            for locale in Locale::ALL {
                let steps = steps_of(point, amount, *locale).concat();
                assert!(steps.contains(point.label()) && steps.contains("Rp 20.000"), "{steps}");
                let number = number(point, "8812345678901234", *locale).into_string();
                assert!(number.contains(">8812345678901234</p>"), "{number}");
                assert!(number.contains("data-copy=\"payment-code\""), "{number}");
            }
        }
    }
}
