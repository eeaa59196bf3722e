//! Where the workspace is and what Cargo says about it, without building anything.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The workspace that this program was built from.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The folder of the root manifest.
    pub root: PathBuf,
    /// Where Cargo puts what it builds.
    pub target: PathBuf,
    /// The members as `cargo metadata --no-deps` describes them.
    pub packages: Vec<Value>,
}

impl Workspace {
    /// Asks Cargo about the workspace around this crate; needs no network and builds nothing.
    pub fn load() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no folder above it")?;
        let output = cargo()
            .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
            .current_dir(root)
            .output()
            .context("cargo metadata did not start")?;
        if !output.status.success() {
            bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let metadata: Value =
            serde_json::from_slice(&output.stdout).context("cargo metadata did not print JSON")?;
        let packages = metadata.get("packages").and_then(Value::as_array).cloned();
        Ok(Self {
            root: root.to_owned(),
            target: PathBuf::from(text(&metadata, "target_directory")?),
            packages: packages.context("cargo metadata names no packages")?,
        })
    }
}

/// The Cargo that runs us, else the one on the path.
pub fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

/// A field of Cargo's JSON that must be a string.
pub(crate) fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str> {
    value.get(field).and_then(Value::as_str).with_context(|| format!("cargo metadata has no `{field}`"))
}
