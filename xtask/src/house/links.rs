//! Links between the Markdown files lead somewhere.

use std::path::{Component, Path, PathBuf};

use super::{House, Page, Violation};

/// Every relative link of a page names a file or folder for which `exists` holds (a path from the root).
pub fn links(house: &House, exists: &dyn Fn(&Path) -> bool) -> Vec<Violation> {
    let mut violations = Vec::new();
    for page in &house.pages {
        for (line, target) in targets(page) {
            let place = format!("{}:{line}", page.path);
            match resolve(&page.path, &target) {
                Some(path) if exists(&path) => {}
                Some(path) => {
                    let message = format!("links to {target}, but there is no {}", path.display());
                    violations.push(Violation::new(place, message));
                }
                None => violations.push(Violation::new(place, format!("links out of the project: {target}"))),
            }
        }
    }
    violations
}

/// The relative targets of `[text](target)`, `[text]: target` and `src="target"` on a page, with their lines;
/// code is not prose.
fn targets(page: &Page) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in page.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        // Every second part of a line split at backticks is code.
        let prose = line.split('`').step_by(2).collect::<Vec<_>>().join("code");
        let inline = prose.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
        let reference = prose.starts_with('[').then(|| prose.split_once("]: ")).flatten();
        let pictures = prose.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let all = inline.chain(pictures).chain(reference.map(|(_, target)| target.trim()));
        found.extend(all.filter(|target| is_relative(target)).map(|target| (index + 1, target.to_owned())));
    }
    found
}

fn is_relative(target: &str) -> bool {
    let elsewhere = target.contains("://") || target.starts_with("mailto:") || target.starts_with('#');
    !elsewhere && !target.is_empty()
}

/// The path from the root that `target` means on `page`; `None` if it leads out of the project.
fn resolve(page: &str, target: &str) -> Option<PathBuf> {
    let file = target.split(['#', '?']).next().unwrap_or(target).trim_matches(['<', '>']);
    let start = if file.starts_with('/') { Path::new("") } else { Path::new(page).parent()? };
    let mut path = start.to_owned();
    for part in Path::new(file).components() {
        match part {
            Component::ParentDir if !path.pop() => return None,
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    Some(path)
}
