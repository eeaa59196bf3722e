//! The key files of the simulated DANA.

use crate::support::World;
use sandbox::{Error, dana_keys};
use testkit::TempFolder;

#[tokio::test]
async fn all_four_files_are_there_after_the_first_start() {
    let (_world, folder) = World::start().await;
    let files = dana_keys(folder.path()).unwrap();
    for (file, name, label) in [
        (&files.merchant_private, "dana-merchant.key.pem", "PRIVATE KEY"),
        (&files.merchant_public, "dana-merchant.pub.pem", "PUBLIC KEY"),
        (&files.gateway_private, "dana-gateway.key.pem", "PRIVATE KEY"),
        (&files.gateway_public, "dana-gateway.pub.pem", "PUBLIC KEY"),
    ] {
        assert_eq!(*file, folder.path().join("sandbox").join(name));
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.starts_with(&format!("-----BEGIN {label}-----\n")), "{text:.40}");
        assert!(text.lines().all(|line| line.len() <= 64), "lines as others expect them");
    }
    let left: Vec<_> = std::fs::read_dir(folder.path().join("sandbox")).unwrap().collect();
    assert!(left.iter().all(|f| !f.as_ref().unwrap().file_name().to_string_lossy().contains("draft")));
}

#[cfg(unix)]
#[test]
fn private_keys_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempFolder::new("keys");
    let files = dana_keys(folder.path()).unwrap();
    for file in [files.merchant_private, files.gateway_private] {
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn keys_that_are_there_stay_and_a_public_one_is_made_from_its_private_one() {
    let folder = TempFolder::new("keys");
    let files = dana_keys(folder.path()).unwrap();
    let (private, public) =
        (std::fs::read(&files.gateway_private).unwrap(), std::fs::read(&files.gateway_public).unwrap());
    std::fs::remove_file(&files.gateway_public).unwrap();
    assert_eq!(dana_keys(folder.path()).unwrap(), files);
    assert_eq!(std::fs::read(&files.gateway_private).unwrap(), private);
    assert_eq!(std::fs::read(&files.gateway_public).unwrap(), public);
}

#[test]
fn two_that_start_at_once_agree_on_the_keys() {
    let folder = TempFolder::new("keys");
    let start = || dana_keys(folder.path()).unwrap();
    std::thread::scope(|scope| {
        let others: Vec<_> = (0..3).map(|_| scope.spawn(start)).collect();
        others.into_iter().for_each(|other| drop(other.join().unwrap()));
    });
    let files = start();
    let public = std::fs::read(&files.gateway_public).unwrap();
    std::fs::remove_file(&files.gateway_public).unwrap();
    start();
    assert_eq!(std::fs::read(&files.gateway_public).unwrap(), public, "the two halves belong together");
}

#[tokio::test]
async fn a_file_that_holds_no_key_is_named() {
    for (name, text) in [
        ("dana-gateway.key.pem", "not a key"),
        ("dana-gateway.key.pem", ""),
        ("dana-merchant.pub.pem", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
    ] {
        let folder = TempFolder::new("keys");
        let file = folder.path().join("sandbox").join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        let opened = sandbox::Sandbox::open(sandbox::Settings::new(folder.path())).await;
        match opened {
            Err(error @ Error::Key { .. }) => assert!(error.to_string().contains(name), "{error}"),
            Err(other) => panic!("{name}: {other}"),
            Ok(_) => panic!("{name} was taken for a key"),
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "nothing is overwritten");
    }
}
