//! The suite, as the parent runs it.

use std::collections::BTreeSet;
use std::io;
use std::time::Instant;

use membrane::Name;

use super::case::{CASES, Case, Judge};
use super::outcome::Outcome;
use super::process::Process;
use super::report::{Finished, Report};
use super::subject::Task;
use crate::plugin::component::STATE;
use crate::plugin::file::Kind;
use crate::plugin::{PlanError, Planned};

/// Why a plugin cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// It is configured as no node would take it.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// It cannot be run.
    #[error("start a process to check the plugin in: {0}")]
    Start(#[source] io::Error),
}

/// Runs all cases. What comes of each is handed to `each` as soon as it is known.
///
/// # Errors
/// Where there is no process that could run them.
pub fn run(plugin: &Planned, mut each: impl FnMut(&Finished)) -> Result<Report, CheckError> {
    plugin.state_fits()?;
    let scratch = tempfile::Builder::new().prefix("ww-check-").tempdir().map_err(CheckError::Start)?;
    let mut report = Report::of(plugin, stand_ins(plugin));
    let task = Task {
        name: plugin.name.to_string(),
        file: plugin.file.path().to_owned(),
        sha256: plugin.file.sha256().to_string(),
        config: plugin.config.clone(),
        stand_ins: report.stand_ins.iter().map(Name::to_string).collect(),
        state: plugin.grants.iter().any(|name| name.as_str() == STATE),
        limits: plugin.limits,
        scratch: scratch.path().to_owned(),
    };
    let task = serde_json::to_string(&task).map_err(|error| CheckError::Start(error.into()))?;
    let mut children = Children { task, child: None, written: Vec::new() };
    for case in CASES {
        let start = Instant::now();
        let outcome = match case.needs.filter(|name| !report.passed(name)) {
            Some(name) => Outcome::NotApplicable(format!("the case {name} failed")),
            None => children.judge(case)?,
        };
        let finished = Finished { name: case.name, outcome, time: start.elapsed() };
        each(&finished);
        report.finished.push(finished);
    }
    Ok(report)
}

/// What there are stand-ins for: what it requires, and what it is granted.
fn stand_ins(plugin: &Planned) -> Vec<Name> {
    let names: BTreeSet<&Name> = plugin.file.manifest().requires.iter().chain(&plugin.grants).collect();
    let component = plugin.file.kind() == Kind::Component;
    names.into_iter().filter(|name| !component || name.as_str() != STATE).cloned().collect()
}

/// The children, one at a time.
struct Children {
    task: String,
    child: Option<Process>,
    /// What all of them wrote to their standard output.
    written: Vec<u8>,
}

impl Children {
    fn judge(&mut self, case: &Case) -> Result<Outcome, CheckError> {
        if let Judge::Output = case.judge {
            self.written.extend(self.child.take().map(Process::finish).unwrap_or_default());
            return Ok(silent(&self.written));
        }
        let mut child = match self.child.take() {
            Some(child) => child,
            None => Process::start(&self.task).map_err(CheckError::Start)?,
        };
        Ok(match child.ask(case.name, case.within) {
            Ok(outcome) => {
                self.child = Some(child);
                outcome
            }
            Err(why) => {
                self.written.extend(child.kill());
                Outcome::Failed(why)
            }
        })
    }
}

/// Standard output is the guest's.
fn silent(written: &[u8]) -> Outcome {
    /// Bytes that are shown.
    const SHOWN: usize = 40;
    if written.is_empty() {
        return Outcome::Ok;
    }
    let text = String::from_utf8_lossy(&written[..written.len().min(SHOWN)]).into_owned();
    Outcome::Failed(format!("it writes to standard output, which is the guest's: {text:?}"))
}
