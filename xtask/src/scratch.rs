//! Where tests keep their files: in memory, where there is enough of it. A disk that writes down what a build has made
//! can hold a commit of SQLite up for longer than a transaction may take, and that says nothing of the shop.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Memory that is a folder, on Linux.
const MEMORY: &str = "/dev/shm";
/// So much has to be free there, in KiB.
const LEAST_KIB: u64 = 4 * 1024 * 1024;

/// A folder in memory, gone when it is dropped.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// None where there is no such memory, too little of it, or none that programs of a test can be started from:
    /// then the system's own folder has to do.
    pub(crate) fn in_memory() -> Option<Scratch> {
        let told = Command::new("df").args(["-P", "-k", MEMORY]).output().ok()?;
        let free = free_kib(&String::from_utf8_lossy(&told.stdout))?;
        if free < LEAST_KIB { None } else { Scratch::below(Path::new(MEMORY)) }
    }

    fn below(parent: &Path) -> Option<Scratch> {
        let path = parent.join(format!("loket-tests-{}", std::process::id()));
        fs::create_dir(&path).ok()?;
        let scratch = Scratch(path);
        scratch.runs_programs().then_some(scratch)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Whether a program can be started from here, which a mount can forbid.
    fn runs_programs(&self) -> bool {
        let copy = self.0.join("true");
        let copied = ["/bin/true", "/usr/bin/true"].iter().any(|from| fs::copy(from, &copy).is_ok());
        let ran = copied && Command::new(&copy).status().is_ok_and(|status| status.success());
        let _ = fs::remove_file(&copy);
        ran
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The fourth word of the second line of what `df -P -k` says.
fn free_kib(told: &str) -> Option<u64> {
    told.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_is_read_from_the_words_of_df() {
        let told = "Filesystem     1024-blocks   Used Available Capacity Mounted on\n\
                    tmpfs             24646040  96256  24549784       1% /dev/shm\n";
        assert_eq!(free_kib(told), Some(24_549_784));
        for other in ["", "df: /dev/shm: No such file or directory\n", "a b c\nd e f\n"] {
            assert_eq!(free_kib(other), None, "{other}");
        }
    }

    #[test]
    fn a_folder_is_one_that_programs_are_started_from_and_is_gone_when_it_is_let_go_of() {
        let scratch = Scratch::below(&std::env::temp_dir()).unwrap();
        let path = scratch.path().to_owned();
        assert!(path.is_dir() && fs::read_dir(&path).unwrap().next().is_none());
        drop(scratch);
        assert!(!path.exists());
        assert!(Scratch::below(Path::new("/nowhere")).is_none());
    }
}
