//! What figures are judged by.

use std::fmt;

use serde::Serialize;

use super::figure::{Figure, Unit};

/// How large a ratio may be, or must be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bar {
    AtMost(f64),
    AtLeast(f64),
    /// It is only told.
    None,
}

impl Bar {
    fn met(self, value: f64) -> Option<bool> {
        match self {
            Self::AtMost(bar) => Some(value <= bar),
            Self::AtLeast(bar) => Some(value >= bar),
            Self::None => None,
        }
    }
}

/// A number with its name.
#[derive(Serialize)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: Unit,
}

/// A figure, judged.
#[derive(Serialize)]
pub(crate) struct Verdict {
    pub(crate) group: &'static str,
    pub(crate) numerator: Named,
    /// None where the bar is a number of the figure's own unit.
    pub(crate) denominator: Option<Named>,
    pub(crate) value: f64,
    pub(crate) bar: Bar,
    /// None where there is no bar.
    pub(crate) met: Option<bool>,
}

impl Verdict {
    pub(crate) fn ratio(numerator: &Figure, denominator: &Figure, bar: Bar) -> Self {
        let value = numerator.median / denominator.median;
        let (group, met) = (numerator.group, bar.met(value));
        Self { group, numerator: median(numerator), denominator: Some(median(denominator)), value, bar, met }
    }

    /// Each sample counts, so it is the largest one.
    pub(crate) fn bound(figure: &Figure, limit: f64) -> Self {
        Self::bound_one(figure, figure.name.clone(), figure.max, limit)
    }

    /// One in a hundred may be larger.
    pub(crate) fn bound_most(figure: &Figure, limit: f64) -> Self {
        Self::bound_one(figure, format!("{}, p99", figure.name), figure.p99, limit)
    }

    /// Half of the samples may be larger.
    pub(crate) fn bound_usual(figure: &Figure, limit: f64) -> Self {
        Self::bound_one(figure, format!("{}, median", figure.name), figure.median, limit)
    }

    fn bound_one(figure: &Figure, name: String, value: f64, limit: f64) -> Self {
        let bar = Bar::AtMost(limit);
        let numerator = Named { name, value, unit: figure.unit };
        Self { group: figure.group, numerator, denominator: None, value, bar, met: bar.met(value) }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.group, self.numerator.name)?;
        match &self.denominator {
            Some(it) => write!(formatter, " of {}", it.name),
            None => Ok(()),
        }
    }
}

/// How many bars were met and missed, and which: what a run comes to, on one line.
pub(crate) fn closing(verdicts: &[Verdict]) -> String {
    let met = verdicts.iter().filter(|it| it.met == Some(true)).count();
    let missed: Vec<_> = verdicts.iter().filter(|it| it.met == Some(false)).map(ToString::to_string).collect();
    let names = if missed.is_empty() { String::new() } else { format!(": {}", missed.join("; ")) };
    format!("bars: {met} met, {} missed{names}", missed.len())
}

fn median(figure: &Figure) -> Named {
    Named { name: figure.name.clone(), value: figure.median, unit: figure.unit }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(name: &str, samples: &[f64]) -> Figure {
        Figure::new("g", name.into(), Unit::Nanoseconds, samples.to_vec())
    }

    #[test]
    fn a_ratio_is_met_up_to_its_bar() {
        let verdict = |bar| Verdict::ratio(&figure("a", &[3.0]), &figure("b", &[2.0]), bar);
        assert_eq!(verdict(Bar::AtMost(1.5)).met, Some(true));
        assert_eq!(verdict(Bar::AtMost(1.4)).met, Some(false));
        assert_eq!(verdict(Bar::AtLeast(1.6)).met, Some(false));
        assert_eq!(verdict(Bar::None).met, None);
    }

    #[test]
    fn the_closing_line_names_what_was_missed() {
        let ratio = |bar| Verdict::ratio(&figure("a", &[3.0]), &figure("b", &[2.0]), bar);
        let mut verdicts = vec![ratio(Bar::AtMost(1.5)), ratio(Bar::None)];
        assert_eq!(closing(&verdicts), "bars: 1 met, 0 missed");
        verdicts.extend([ratio(Bar::AtMost(1.0)), Verdict::bound(&figure("c", &[2.0]), 1.0)]);
        assert_eq!(closing(&verdicts), "bars: 1 met, 2 missed: g: a of b; g: c");
    }

    #[test]
    fn a_bound_counts_the_worst_sample() {
        assert_eq!(Verdict::bound(&figure("a", &[1.0, 9.0, 2.0]), 5.0).met, Some(false));
    }

    #[test]
    fn a_bound_of_most_leaves_one_in_a_hundred_out() {
        let mut samples = vec![1.0; 200];
        samples[0] = 9.0;
        let verdict = Verdict::bound_most(&figure("a", &samples), 5.0);
        assert_eq!((verdict.met, verdict.numerator.name.as_str()), (Some(true), "a, p99"));
        samples[1..4].fill(9.0);
        assert_eq!(Verdict::bound_most(&figure("a", &samples), 5.0).met, Some(false));
    }
}
