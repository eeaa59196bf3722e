//! Crash points: places where a test can kill the process, as a power cut would.
//!
//! They sit inside [`WriteTx::commit`](crate::WriteTx::commit) and around every call to an outside
//! party, so that none can be forgotten. In a release build they are nothing. In a debug build:
//! `LOKET_CRASH_LOG=FILE` appends the name of every point that is passed, and
//! `LOKET_CRASH_AT="before commit order.place #1"` kills the process at that point.

/// On which side of the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The step has not begun.
    Before,
    /// The step is done.
    After,
}

/// Passes one point. `kind` is `commit` or `call`, `name` says what is committed or called.
#[cfg(not(debug_assertions))]
pub fn point(_when: When, _kind: &'static str, _name: &'static str) {}

/// Passes one point. `kind` is `commit` or `call`, `name` says what is committed or called.
#[cfg(debug_assertions)]
pub fn point(when: When, kind: &'static str, name: &'static str) {
    debug::point(when, kind, name);
}

#[cfg(debug_assertions)]
mod debug {
    use super::When;
    use std::{
        collections::HashMap,
        io::Write,
        sync::{LazyLock, Mutex, PoisonError},
    };

    static LOG: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("LOKET_CRASH_LOG").ok());
    static AT: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("LOKET_CRASH_AT").ok());
    static PASSED: LazyLock<Mutex<HashMap<String, u32>>> = LazyLock::new(Mutex::default);

    pub(super) fn point(when: When, kind: &str, name: &str) {
        if LOG.is_none() && AT.is_none() {
            return;
        }
        let side = match when {
            When::Before => "before",
            When::After => "after",
        };
        let place = format!("{side} {kind} {name}");
        let place = {
            let mut passed = PASSED.lock().unwrap_or_else(PoisonError::into_inner);
            let count = passed.entry(place.clone()).or_insert(0);
            *count = count.saturating_add(1);
            format!("{place} #{count}")
        };
        if let Some(path) = LOG.as_ref() {
            let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
            if let Ok(mut file) = file {
                // In one piece: another thread may pass a point at the same moment.
                let _ = file.write_all(format!("{place}\n").as_bytes());
            }
        }
        if AT.as_ref() == Some(&place) {
            std::process::abort();
        }
    }
}
