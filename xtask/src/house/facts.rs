//! The facts that the rules judge: crates with their dependencies and sources, and the pages of prose.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::rust_text::RustText;
use crate::workspace::{Workspace, text};

/// Folders that hold no work of ours.
const SKIPPED_FOLDERS: [&str; 4] = ["target", "node_modules", "loket-data", "__pycache__"];

/// Everything that the rules look at.
#[derive(Debug, Default)]
pub struct House {
    /// The root manifest.
    pub manifest: String,
    /// The members of the workspace.
    pub crates: Vec<Crate>,
    /// The Markdown files.
    pub pages: Vec<Page>,
}

/// One member of the workspace.
#[derive(Debug, Default)]
pub struct Crate {
    /// Its package name.
    pub name: String,
    /// Its folder, from the root: `crates/ledger`.
    pub folder: String,
    /// The text of its manifest.
    pub manifest: String,
    /// Everything that it depends on, ours and others'.
    pub dependencies: Vec<Dependency>,
    /// Its Rust files.
    pub sources: Vec<Source>,
}

/// One dependency of a crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The package that is depended on.
    pub name: String,
    /// What it is needed for.
    pub kind: Kind,
}

/// What a dependency is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The library or program itself.
    Normal,
    /// A build script.
    Build,
    /// Tests, benches and examples.
    Dev,
}

/// One Rust file.
#[derive(Debug)]
pub struct Source {
    /// Its path from the root.
    pub path: String,
    /// Whether it ends up in what people run.
    pub role: Role,
    /// Its full text.
    pub text: String,
    pub(super) rust: RustText,
}

/// Whether a file ends up in what people run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It does.
    Program,
    /// Only tests, benches and examples see it.
    Test,
}

/// One Markdown file.
#[derive(Debug)]
pub struct Page {
    /// Its path from the root.
    pub path: String,
    /// Its full text.
    pub text: String,
}

impl House {
    /// Reads the workspace that this crate belongs to.
    pub fn load() -> Result<Self> {
        let workspace = Workspace::load()?;
        let root = &workspace.root;
        let crates = workspace.packages.iter().map(|package| Crate::load(root, package));
        let mut pages = Vec::new();
        each_file(root, &mut |path| {
            if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(Page { path: relative(root, path), text: read(path)? });
            }
            Ok(())
        })?;
        Ok(Self { manifest: read(&root.join("Cargo.toml"))?, crates: crates.collect::<Result<_>>()?, pages })
    }
}

impl Crate {
    fn load(root: &Path, package: &Value) -> Result<Self> {
        let manifest_path = Path::new(text(package, "manifest_path")?);
        let folder = manifest_path.parent().context("a manifest without a folder")?;
        let mut sources = Vec::new();
        each_file(folder, &mut |path| {
            if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(Source::new(relative(root, path), read(path)?));
            }
            Ok(())
        })?;
        Ok(Self {
            name: text(package, "name")?.to_owned(),
            folder: relative(root, folder),
            manifest: read(manifest_path)?,
            dependencies: dependencies(package)?,
            sources,
        })
    }

    /// The files that end up in what people run.
    pub(super) fn program(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(|source| source.role == Role::Program)
    }
}

impl Source {
    /// A file at `path` (from the root); the path tells its role.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let (path, text) = (path.into(), text.into());
        let rust = RustText::read(&text);
        Self { role: Role::of(&path), path, text, rust }
    }

    /// `file:line` of a place in the code.
    pub(super) fn place(&self, at: usize) -> String {
        format!("{}:{}", self.path, self.rust.line(at))
    }
}

impl Role {
    fn of(path: &str) -> Self {
        let in_test_folder = path.split('/').any(|part| matches!(part, "tests" | "benches" | "examples"));
        let is_test_file = path.ends_with("/tests.rs") || path.ends_with("_tests.rs");
        if in_test_folder || is_test_file { Self::Test } else { Self::Program }
    }
}

fn dependencies(package: &Value) -> Result<Vec<Dependency>> {
    let listed = package.get("dependencies").and_then(Value::as_array);
    listed
        .context("a package without a list of dependencies")?
        .iter()
        .map(|dependency| {
            let kind = match dependency.get("kind").and_then(Value::as_str) {
                Some("dev") => Kind::Dev,
                Some("build") => Kind::Build,
                _ => Kind::Normal,
            };
            Ok(Dependency { name: text(dependency, "name")?.to_owned(), kind })
        })
        .collect()
}

/// Calls `visit` for every file below `folder`, in the order of their names.
fn each_file(folder: &Path, visit: &mut dyn FnMut(&Path) -> Result<()>) -> Result<()> {
    let listing = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut paths = listing.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !name.starts_with('.') && !SKIPPED_FOLDERS.contains(&name.as_ref()) {
                each_file(&path, visit)?;
            }
        } else {
            visit(&path)?;
        }
    }
    Ok(())
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
