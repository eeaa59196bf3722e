//! What only CI needs: cargo-deny, which judges the licences and sources of the libraries that we use.

use std::process::Stdio;

use anyhow::Result;
use xtask::workspace::cargo;

use crate::install::CargoProgram;
use crate::version::Version;

const DENY: CargoProgram = CargoProgram { name: "cargo-deny", version: "0.20.2", features: &[] };

/// The versions that read our `deny.toml` as it is meant: those compatible with the one we install.
const COMPATIBLE: std::ops::Range<Version> = Version(0, 20, 2)..Version(0, 21, 0);

/// Installs cargo-deny unless a fitting one is there.
pub(crate) fn ensure() -> Result<()> {
    match Version::of(cargo().arg("deny").stderr(Stdio::null())) {
        Some(version) if COMPATIBLE.contains(&version) => {
            println!("cargo-deny {version} is there");
            Ok(())
        }
        _ => DENY.install(),
    }
}
