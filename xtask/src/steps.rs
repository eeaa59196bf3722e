//! The steps of a task: each with a heading, its seconds, and a line in the summary at the end.

use std::io::{self, Write};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What was done so far.
#[derive(Debug, Default)]
pub(crate) struct Steps(Vec<Step>);

#[derive(Debug)]
struct Step {
    name: String,
    took: Duration,
    outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Fine,
    Failed,
    LeftOut,
}

impl Steps {
    /// Does one step and returns what it made; a failure is printed and kept for the summary, so that the
    /// steps after it can still tell their part.
    pub(crate) fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        self.try_step(name, work).map_err(|error| eprintln!("error: {error:#}")).ok()
    }

    /// Does one step without which the others make no sense.
    pub(crate) fn try_step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("\n══ {name}");
        let _ = io::stdout().flush();
        let start = Instant::now();
        let result = work();
        let (took, outcome) = (start.elapsed(), if result.is_ok() { Outcome::Fine } else { Outcome::Failed });
        println!("── {name}: {} in {}", outcome.word(), seconds(took));
        self.0.push(Step { name: name.to_owned(), took, outcome });
        result
    }

    /// Says that a step is not done, and why.
    pub(crate) fn leave_out(&mut self, name: &str, reason: &str) {
        println!("\n══ {name}: left out, {reason}");
        self.0.push(Step { name: name.to_owned(), took: Duration::ZERO, outcome: Outcome::LeftOut });
    }

    /// Prints the summary; success only if no step failed.
    pub(crate) fn finish(self) -> ExitCode {
        println!("\n══ summary");
        for step in &self.0 {
            println!("{:>8}  {:>8}  {}", step.outcome.word(), seconds(step.took), step.name);
        }
        let failed = self.0.iter().any(|step| step.outcome == Outcome::Failed);
        if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Failed => "FAILED",
            Self::LeftOut => "left out",
        }
    }
}

/// Runs a command with our own output; a failure names the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    println!("$ {line}");
    let _ = io::stdout().flush();
    let status = command.status().with_context(|| format!("`{line}` did not start"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// The command as one would type it: the program by its name alone.
fn line(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = [program].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}
