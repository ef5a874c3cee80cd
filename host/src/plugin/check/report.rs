//! What is told of a check.

use std::path::PathBuf;
use std::time::Duration;

use membrane::Name;
use serde_json::{Value, json};

use super::outcome::Outcome;
use crate::plugin::Planned;
use crate::plugin::file::Kind;

/// What came of all cases.
pub struct Report {
    file: PathBuf,
    name: Name,
    kind: Kind,
    /// The capabilities that stand-ins were granted for.
    pub(super) stand_ins: Vec<Name>,
    pub(super) finished: Vec<Finished>,
}

/// What came of one case.
pub struct Finished {
    pub(super) name: &'static str,
    pub(super) outcome: Outcome,
    pub(super) time: Duration,
}

/// How wide the names of cases are.
const WIDTH: usize = 16;

impl Finished {
    /// As a line.
    pub fn line(&self) -> String {
        let name = self.name;
        match &self.outcome {
            Outcome::Ok => format!("{name:WIDTH$}  ok"),
            Outcome::Failed(why) => format!("{name:WIDTH$}  FAILED  {}", one_line(why)),
            Outcome::NotApplicable(why) => format!("{name:WIDTH$}  -  {}", one_line(why)),
        }
    }

    fn object(&self) -> Value {
        let (outcome, why) = match &self.outcome {
            Outcome::Ok => ("ok", None),
            Outcome::Failed(why) => ("failed", Some(why)),
            Outcome::NotApplicable(why) => ("notApplicable", Some(why)),
        };
        let milliseconds = u64::try_from(self.time.as_millis()).unwrap_or(u64::MAX);
        json!({"case": self.name, "outcome": outcome, "why": why, "milliseconds": milliseconds})
    }
}

impl Report {
    pub(super) fn of(plugin: &Planned, stand_ins: Vec<Name>) -> Self {
        let (file, name, kind) = (plugin.file.path().to_owned(), plugin.name.clone(), plugin.file.kind());
        Self { file, name, kind, stand_ins, finished: Vec::new() }
    }

    /// Whether a case went well.
    pub(super) fn passed(&self, name: &str) -> bool {
        self.finished.iter().any(|case| case.name == name && case.outcome == Outcome::Ok)
    }

    fn failed(&self) -> usize {
        self.finished.iter().filter(|case| matches!(case.outcome, Outcome::Failed(_))).count()
    }

    /// Whether no case failed.
    pub fn conforms(&self) -> bool {
        self.failed() == 0
    }

    /// The last lines: what the plugin was granted, and the verdict.
    pub fn verdict(&self) -> String {
        let cases = self.finished.len();
        let verdict = match self.failed() {
            0 => format!("conforms: {cases} cases"),
            1 => format!("does not conform: 1 of {cases} cases failed"),
            failed => format!("does not conform: {failed} of {cases} cases failed"),
        };
        if self.stand_ins.is_empty() {
            return verdict;
        }
        let names: Vec<_> = self.stand_ins.iter().map(Name::as_str).collect();
        format!("granted as stand-ins, which answer every call as unimplemented: {}\n{verdict}", names.join(", "))
    }

    /// All of it.
    pub fn object(&self) -> Value {
        json!({
            "file": self.file.to_string_lossy(),
            "name": self.name.as_str(),
            "kind": match self.kind {
                Kind::Native(_) => "native",
                Kind::Component => "component",
            },
            "standIns": self.stand_ins.iter().map(Name::as_str).collect::<Vec<_>>(),
            "cases": self.finished.iter().map(Finished::object).collect::<Vec<_>>(),
            "failed": self.failed(),
            "conforms": self.conforms(),
        })
    }
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join("; ")
}
