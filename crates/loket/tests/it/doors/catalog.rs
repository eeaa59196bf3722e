//! The catalog by command: preview, seed, export and import.

use crate::harness::{Rows, World, command};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn the_preview_tells_what_the_catalog_would_bring_in_and_needs_no_database() {
    let output = command(&["catalog", "preview"])
        .env("LOKET_DATABASE__URL", "postgres://nobody@127.0.0.1:1/none")
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(text.contains("7.066.667") && text.contains("212.000.000"), "{text}");
    let output = command(&["catalog", "preview", "--json"]).output().await.unwrap();
    let preview: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&preview["estimate"]["revenue_per_day"], &preview["estimate"]["revenue_per_month"]),
        (&json!(7_066_667), &json!(212_000_000))
    );
    assert_eq!(preview["products"].as_array().unwrap().len(), 15);
}

#[tokio::test]
async fn seeding_twice_changes_nothing() {
    let folder = testkit::TempFolder::new("seed");
    let run = async |arguments: &[&str]| {
        let output = command(arguments).env("LOKET_DATA_DIR", folder.path()).output().await.unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let first: Value = serde_json::from_str(&run(&["catalog", "seed", "--json"]).await).unwrap();
    assert_eq!((first["added"].as_array().unwrap().len(), &first["added_categories"]), (15, &json!(5)));
    let catalog = run(&["catalog", "export"]).await;
    let second: Value = serde_json::from_str(&run(&["catalog", "seed", "--json"]).await).unwrap();
    assert_eq!(
        second,
        json!({"added_categories": 0, "added": [], "changed": [], "unchanged": 15, "stock_rows_added": 0})
    );
    assert_eq!(run(&["catalog", "export"]).await, catalog);
    run(&["ledger", "check"]).await;
    run(&["audit", "verify"]).await;
}

#[tokio::test]
async fn an_import_with_bad_lines_names_each_and_imports_nothing() {
    let world = World::open(Rows::Sqlite).await;
    let (_, catalog) = world.command(&["catalog", "export"]).await;
    let lines: Vec<&str> = catalog.lines().collect();
    let line_of = |code: &str| lines.iter().position(|line| line.contains(code)).unwrap();
    let (negative, loss, template, fine) =
        (line_of("ML_86"), line_of("FF_70"), line_of("PUBG_60"), line_of("GI_60"));
    let bad: Vec<String> = lines
        .iter()
        .enumerate()
        .map(|(at, line)| match at {
            at if at == negative => line.replace(",20000,", ",-20000,"),
            at if at == loss => line.replace(",10000,", ",1e4,"),
            at if at == template => line.replace("{user_id}", "{userid}"),
            at if at == fine => line.replace(",15000,", ",16000,"),
            _ => (*line).to_owned(),
        })
        .collect();
    let path = world.folder().join("bad.csv");
    std::fs::write(&path, bad.join("\n")).unwrap();
    let (code, text) = world.command(&["catalog", "import", path.to_str().unwrap()]).await;
    assert!(code.is_some_and(|code| code != 0), "{text}");
    for at in [negative, loss, template] {
        assert!(text.contains(&format!("line {}", at + 1)), "line {} is not named: {text}", at + 1);
    }
    assert_eq!(world.command(&["catalog", "export"]).await.1, catalog);
    for (label, bytes) in [
        ("empty", Vec::new()),
        ("not text", vec![0xFF, 0xFE, 0x00, 0x80]),
        ("no table", b"{\"hello\": 1}".to_vec()),
        ("too large", vec![b'x'; 40_000_000]),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let (code, text) = world.command(&["catalog", "import", path.to_str().unwrap()]).await;
        assert!(code.is_some_and(|code| code != 0 && code != 101), "{label}: {code:?} {text}");
        assert!(text.len() < 20_000 && !text.contains("panicked"), "{label}: {}", text.len());
    }
    for place in ["/nonexistent/catalog.csv", "/"] {
        let (code, text) = world.command(&["catalog", "import", place]).await;
        assert!(code.is_some_and(|code| code != 0 && code != 101), "{place}: {code:?} {text}");
    }
    assert_eq!(world.command(&["catalog", "export"]).await.1, catalog);
    world.assert_proofs().await;
}

#[tokio::test]
async fn a_catalog_file_without_an_end_is_read_to_the_limit_only() {
    let program = env!("CARGO_BIN_EXE_loket");
    let mut shell = tokio::process::Command::new("sh");
    // What is read without a limit must not take the machine's memory.
    shell
        .args(["-c", "ulimit -v 4000000; exec \"$0\" catalog preview /dev/zero", program])
        .kill_on_drop(true);
    let tried = tokio::time::timeout(Duration::from_secs(60), shell.output());
    let output = tried.await.expect("it stops reading").unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code().is_some_and(|code| code == 1 || code == 2), "{:?} {text}", output.status);
    assert!(text.contains("at most"), "{text}");
}
