//! Reports in many forms, and what is read of them.

use super::*;
use vocabulary::{Rupiah, Timestamp};

fn read(text: &str, said: &str) -> Result<SettlementFile, SettlementUnreadable> {
    read_settlement(text.as_bytes(), &said.parse().unwrap())
}

fn kinds(file: &SettlementFile) -> Vec<(LineKind, &str, i64, Option<i64>)> {
    let of = |line: &'_ SettlementLine| (line.kind, line.gross.get(), line.fee.map(Rupiah::get));
    let lines = file.lines.iter();
    lines.map(|line| (of(line).0, line.reference.as_str(), of(line).1, of(line).2)).collect()
}

#[test]
fn a_report_with_the_usual_names_needs_no_description() {
    let text = "Order ID,Transaction ID,Transaction Type,Gross Amount,Fee,Net Amount,Transaction Time,Settlement Time\n\
        LK0000000001-P1,b58d,Payment,20000.00,400.00,19600.00,2026-11-20 12:00:00,2026-11-23 03:00:00\n\
        LK0000000002-P1,b58e,Refund,-20000.00,0.00,-20000.00,2026-11-20 13:00:00,2026-11-23 03:00:00\n";
    let file = read(text, "").unwrap();
    assert_eq!(file.unreadable, []);
    assert_eq!(
        kinds(&file),
        [
            (LineKind::Payment, "LK0000000001-P1", 20_000, Some(400)),
            (LineKind::Refund, "LK0000000002-P1", 20_000, None)
        ]
    );
    let first = &file.lines[0];
    assert_eq!((first.line, first.their_id.as_str()), (2, "b58d"));
    assert_eq!(first.paid_at, Some(Timestamp::parse_wib("2026-11-20 12:00:00").unwrap()));
    assert_eq!(first.settled_at, Some(Timestamp::parse_wib("2026-11-23 03:00:00").unwrap()));
    assert!(file.lists_refunds && file.lists == ListedBy::Settled);
}

#[test]
fn a_report_as_a_spreadsheet_in_indonesia_writes_it_is_read() {
    let text = "\u{feff}Laporan Settlement;;;;\nPeriode;20/11/2026;;;\n\n\
        No;Merchant Order ID;Nominal;MDR;PPN;Tanggal Transaksi\n\
        1;'LK0000000001-P1;Rp 20.000;300,00;33,00;20/11/2026 12.00\n\
        2;LK0000000002-P1;25.000;375,00;41,25;20/11/2026 13:30\n\
        Total;;45.000;675,00;74,25;\n";
    let file = read(text, "").unwrap();
    assert_eq!(kinds(&file), [(LineKind::Payment, "LK0000000002-P1", 25_000, Some(416))], "{file:#?}");
    // Nothing is lost: what cannot be read is told with its line.
    assert_eq!((file.unreadable.len(), file.unreadable[0].line), (1, 5));
    assert!(file.unreadable[0].reason.contains("date="), "{:?}", file.unreadable);
    assert!(file.unreadable[0].text.contains("Rp 20.000"), "{:?}", file.unreadable);
    assert_eq!(file.totals, [7]);
    let file = read(text, "date=%d/%m/%Y %H:%M | %d/%m/%Y %H.%M").unwrap();
    assert_eq!(kinds(&file)[0], (LineKind::Payment, "LK0000000001-P1", 20_000, Some(333)));
    assert_eq!(file.unreadable, []);
    assert!(!file.lists_refunds, "no column says what a line is");
}

#[test]
fn the_owner_says_which_column_is_what() {
    let text = "a|b|c|d|e|f\n1|LK0000000001-P1|20.000,50|20.000|2026-11-20T05:00:00Z|Jual\n\
        2|LK0000000002-P1|20.000|19.600|2026-11-20T05:00:00Z|Batal\n3|x|5.000|5.000|2026-11-20T05:00:00Z|Tarik\n";
    let said = "reference=b; gross=d; paid=e; type=f; type.payment=Jual; type.refund=Batal|Retur; lists=paid; refunds=no";
    let file = read(text, said).unwrap();
    assert_eq!(
        kinds(&file),
        [
            (LineKind::Payment, "LK0000000001-P1", 20_000, None),
            (LineKind::Refund, "LK0000000002-P1", 19_600, None),
            (LineKind::Other, "x", 5_000, None)
        ]
    );
    assert_eq!(file.lines[0].paid_at, Some(Timestamp::parse_rfc3339("2026-11-20T05:00:00Z").unwrap()));
    assert_eq!((file.lists, file.lists_refunds), (ListedBy::Paid, false));
    // The amount of the first line is no whole number of rupiah in the other column.
    let file = read(text, "reference=b; gross=c; decimal=,").unwrap();
    assert_eq!(file.unreadable[0].reason, "the amount is not whole rupiah");
    assert_eq!(file.lines.len(), 2);
}

#[test]
fn a_time_is_read_in_the_place_that_is_said() {
    let text = "order id,amount,paid at\nLK0000000001-P1,20000,2026-11-22 20:00:00\n";
    let at = |said: &str| read(text, said).unwrap().lines[0].paid_at.unwrap();
    assert_eq!(at("").wib_day().to_string(), "2026-11-22");
    assert_eq!(at("offset=+00:00").wib_day().to_string(), "2026-11-23", "in WIB it was three in the night");
}

#[test]
fn what_was_kept_is_what_the_net_amount_lacks() {
    let line = |cells: &str| {
        let file =
            read(&format!("order id,amount,fee,vat,net\nLK0000000001-P1,{cells}\n"), "decimal=.").unwrap();
        file.lines
            .first()
            .map(|line| line.fee.map(Rupiah::get))
            .ok_or_else(|| file.unreadable[0].reason.clone())
    };
    assert_eq!(line("20000,300,33,19667"), Ok(Some(333)));
    // The tax is in the fee already.
    assert_eq!(line("20000,333,33,19667"), Ok(Some(333)));
    assert_eq!(line("20000,-300.00,-33.00,19667.00"), Ok(Some(333)), "kept amounts may be below zero");
    // Half a rupiah goes upwards.
    assert_eq!(line("20000,332.5,,"), Ok(Some(333)));
    assert_eq!(line("20000,,,19667.4"), Ok(Some(333)));
    assert_eq!(line("20000,,,"), Ok(None), "it does not say");
    assert!(line("20000,300,,19600").unwrap_err().contains("tax="));
}

#[test]
fn what_is_kept_of_money_that_goes_back_or_given_back_with_it_is_what_the_net_amount_tells() {
    let fee = |cells: &str| {
        let file =
            read(&format!("order id,amount,fee,net,type\nLK0000000001-P1,{cells},refund\n"), "decimal=.");
        let file = file.unwrap();
        assert_eq!(file.unreadable, [], "{cells}");
        file.lines[0].fee.map(Rupiah::get)
    };
    assert_eq!(fee("-20000,-400,-19600"), Some(-400), "what was kept of the payment comes back");
    assert_eq!(fee("-20000,100,-20100"), Some(100), "giving back costs something");
    assert_eq!(fee("20000,400,19600"), Some(-400), "the same without signs");
    assert_eq!(fee("-20000,0,-20000"), None);
    // The fee of the payment stands there once more, and nothing of it came back.
    assert_eq!(fee("-20000,400,-20000"), None);
    assert_eq!(fee("-20000,400,"), None, "whether it was kept or given back nobody can tell");
    assert_eq!(fee("-20000,400,19600"), None, "it contradicts itself");
}

#[test]
fn a_line_of_a_fee_is_below_zero_when_it_was_kept_however_the_file_writes_it() {
    let gross = |other: &str, fee: &str| {
        let text = format!("order id,amount,type\nLK0000000001-P1,{other}\nLK0000000001-P1,{fee},fee\n");
        read(&text, "").unwrap().lines[1].gross.get()
    };
    assert_eq!(gross("20000,payment", "-400"), -400);
    assert_eq!(gross("-20000,refund", "400"), 400, "given back, where what goes out is below zero");
    assert_eq!(gross("20000,payment", "400"), -400, "nothing is below zero there");
}

#[test]
fn lines_that_say_nothing_are_told_with_their_reason() {
    let text = "order id,amount,type\n,20000,payment\nLK0000000001-P1,,payment\nLK0000000001-P1,0,payment\n\
        LK0000000001-P1,-1,payment\nLK0000000001-P1,abc,payment\nLK0000000001-P1,20000,payment\n,-500,monthly fee\n";
    let file = read(text, "").unwrap();
    let told: Vec<(i64, &str)> = file.unreadable.iter().map(|bad| (bad.line, bad.reason.as_str())).collect();
    assert_eq!(
        told,
        [
            (2, "it names neither our reference nor an id of theirs"),
            (3, "there is nothing in `amount`"),
            (4, "a payment of nothing or less"),
            (5, "a payment of nothing or less"),
            (6, "`abc` in `amount` is no amount"),
        ]
    );
    assert_eq!(
        kinds(&file),
        [(LineKind::Payment, "LK0000000001-P1", 20_000, None), (LineKind::Fee, "", -500, None)]
    );
}

#[test]
fn no_line_is_lost_by_what_divides_lines_or_by_a_quotation_mark() {
    let numbers = |text: &str| {
        let file = read(text, "").unwrap();
        let lines: Vec<i64> = file.lines.iter().map(|line| line.line).collect();
        (lines, file.unreadable)
    };
    // As old spreadsheets end their lines: all of them would be the first.
    let old = "Order ID,Amount\rLK0000000001-P1,20000\rLK0000000002-P1,25000\r";
    assert_eq!(numbers(old), (vec![2, 3], vec![]));
    let open = "Order ID,Amount,Name\nLK0000000001-P1,20000,\"Budi\nLK0000000002-P1,25000,Sari\n";
    let (lines, unreadable) = numbers(open);
    assert_eq!((lines, unreadable.len()), (vec![], 1), "{unreadable:?}");
    assert_eq!(unreadable[0].line, 2);
    assert!(unreadable[0].reason.contains("quotation mark"), "{unreadable:?}");
    assert!(unreadable[0].text.contains("LK0000000002-P1"), "{unreadable:?}");
    let address = "Order ID,Amount,Address\nLK0000000001-P1,20000,\"Jl. Mawar 5, RT 3\nBandung\"\n";
    assert_eq!(numbers(address), (vec![2], vec![]));
}

#[test]
fn a_file_that_is_no_report_is_refused_with_what_is_missing() {
    let error = |text: &str, said: &str| read(text, said).unwrap_err().to_string();
    assert!(error("nomor,jumlah\n1,2\n", "").contains("a column `reference`"));
    assert!(error("order id,jumlah\n1,2\n", "").contains("`order id | jumlah`"));
    assert!(error("order id,amount\n1,2\n", "net=Bersih").contains("`Bersih`"), "what is said must be there");
    assert!(error("", "").contains("it is empty"));
    assert_eq!(
        read_settlement(&[0xff, 0xfe, 0x41, 0x00], &SettlementProfile::default()),
        Err(SettlementUnreadable::NotText)
    );
    let mixed = error("order id,amount\nLK0000000001-P1,\"1.250,50\"\nLK0000000002-P1,25000.00\n", "");
    assert!(mixed.contains("decimal="), "{mixed}");
}

#[test]
fn a_description_that_cannot_be_read_is_refused_with_what_can() {
    let error = |said: &str| said.parse::<SettlementProfile>().unwrap_err().to_string();
    assert!(error("Order ID").contains("there is no `=`"));
    assert!(error("refrence=Order ID").contains("reference, id, gross"));
    assert!(error("type.gift=x").contains("type.refund"));
    for said in
        ["decimal=;", "delimiter=x", "offset=25:00", "offset=+07:61", "lists=both", "refunds=maybe", "fee="]
    {
        assert!(error(said).contains(said.split_once('=').unwrap().0), "{said}");
    }
}
