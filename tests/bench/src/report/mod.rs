//! What came of a run: figures, and what they are judged by.

mod figure;
mod table;
mod verdict;

use std::fmt;

use anyhow::Result;
use serde::Serialize;

pub(crate) use figure::{Figure, Unit};
pub(crate) use verdict::{Bar, Verdict};

use crate::load::Load;

/// All figures of a run.
#[derive(Serialize)]
pub(crate) struct Report {
    figures: Vec<Figure>,
    verdicts: Vec<Verdict>,
    /// There at the end.
    load: Option<Load>,
    #[serde(skip)]
    group: &'static str,
    #[serde(skip)]
    only: Option<String>,
    /// Rounds that the measurements of calls take.
    #[serde(skip)]
    pub(crate) rounds: u32,
}

impl Report {
    pub(crate) fn new(rounds: u32, only: Option<String>) -> Self {
        Self { figures: Vec::new(), verdicts: Vec::new(), load: None, group: "", only, rounds: rounds.max(1) }
    }

    /// What is added from now on belongs to this group.
    pub(crate) fn begin(&mut self, group: &'static str) {
        self.group = group;
    }

    /// Whether the user wants a series of this name.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|part| name.contains(part.as_str()))
    }

    /// Adds a figure.
    pub(crate) fn add(&mut self, name: impl Into<String>, unit: Unit, samples: Vec<f64>) {
        self.figures.push(Figure::new(self.group, name.into(), unit, samples));
    }

    /// A figure of this group; none where the user did not want it.
    pub(crate) fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.group == self.group && figure.name == name)
    }

    /// Adds a figure that is computed from others, round by round.
    pub(crate) fn derive(&mut self, name: &str, unit: Unit, from: &[&str], compute: impl Fn(&[f64]) -> f64) {
        let Some(figures) = from.iter().map(|name| self.figure(name)).collect::<Option<Vec<_>>>() else { return };
        let rounds = figures.iter().map(|it| it.samples().len()).min().unwrap_or(0);
        let round = |index: usize| figures.iter().map(|figure| figure.samples()[index]).collect::<Vec<_>>();
        let samples = (0..rounds).map(|index| compute(&round(index))).collect();
        self.add(name, unit, samples);
    }

    /// Judges one figure by another: their medians' ratio.
    pub(crate) fn compare(&mut self, numerator: &str, denominator: &str, bar: Bar) {
        if let (Some(numerator), Some(denominator)) = (self.figure(numerator), self.figure(denominator)) {
            let verdict = Verdict::ratio(numerator, denominator, bar);
            self.verdicts.push(verdict);
        }
    }

    /// Judges a figure by a fixed number of its unit: each sample counts, so it is the largest one.
    pub(crate) fn bound(&mut self, name: &str, limit: f64) {
        self.judge(name, |figure| Verdict::bound(figure, limit));
    }

    /// The same, but one sample in a hundred may be larger.
    pub(crate) fn bound_most(&mut self, name: &str, limit: f64) {
        self.judge(name, |figure| Verdict::bound_most(figure, limit));
    }

    /// The same of its median: what it usually takes, whatever else the machine does.
    pub(crate) fn bound_usual(&mut self, name: &str, limit: f64) {
        self.judge(name, |figure| Verdict::bound_usual(figure, limit));
    }

    fn judge(&mut self, name: &str, verdict: impl FnOnce(&Figure) -> Verdict) {
        let verdict = self.figure(name).map(verdict);
        self.verdicts.extend(verdict);
    }

    pub(crate) fn finish(&mut self, load: Load) {
        self.load = Some(load);
    }

    pub(crate) fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}\n", table::figures(&self.figures))?;
        writeln!(formatter, "{}\n", table::verdicts(&self.verdicts))?;
        if let Some(load) = &self.load {
            writeln!(formatter, "{load}")?;
        }
        write!(formatter, "{}", verdict::closing(&self.verdicts))
    }
}
