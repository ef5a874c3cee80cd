//! One figure: a series of samples, and what stands for it.

use serde::Serialize;

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Unit {
    #[serde(rename = "ns")]
    Nanoseconds,
    #[serde(rename = "us")]
    Microseconds,
    #[serde(rename = "ms")]
    Milliseconds,
    #[serde(rename = "MB/s")]
    MegabytesPerSecond,
    #[serde(rename = "1/s")]
    PerSecond,
    #[serde(rename = "KiB")]
    Kibibytes,
    #[serde(rename = "")]
    Count,
}

impl Unit {
    /// As it is written behind a number.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
            Self::Microseconds => "µs",
            Self::Milliseconds => "ms",
            Self::MegabytesPerSecond => "MB/s",
            Self::PerSecond => "1/s",
            Self::Kibibytes => "KiB",
            Self::Count => "",
        }
    }
}

/// What was measured under one name.
#[derive(Serialize)]
pub(crate) struct Figure {
    pub(crate) group: &'static str,
    pub(crate) name: String,
    pub(crate) unit: Unit,
    /// Samples.
    pub(crate) n: usize,
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// What one in a hundred samples exceeds; the largest one where there are fewer.
    pub(crate) p99: f64,
    /// In the order in which they were taken.
    #[serde(skip)]
    samples: Vec<f64>,
}

impl Figure {
    pub(crate) fn new(group: &'static str, name: String, unit: Unit, samples: Vec<f64>) -> Self {
        let mut sorted = samples.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |part: f64| sorted.get(((sorted.len() as f64 * part) as usize).min(sorted.len().saturating_sub(1)));
        let value = |part: f64| at(part).copied().unwrap_or(f64::NAN);
        let (median, min, max, p99) = (median(&sorted), value(0.0), value(1.0), value(0.99));
        Self { group, name, unit, n: sorted.len(), median, min, max, p99, samples }
    }

    pub(crate) fn samples(&self) -> &[f64] {
        &self.samples
    }
}

fn median(sorted: &[f64]) -> f64 {
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[odd / 2],
        even => (sorted[even / 2 - 1] + sorted[even / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(samples: &[f64]) -> Figure {
        Figure::new("g", "f".into(), Unit::Nanoseconds, samples.to_vec())
    }

    #[test]
    fn a_figure_is_its_middle_and_its_ends() {
        let figure = figure(&[9.0, 1.0, 4.0]);
        assert_eq!((figure.n, figure.median, figure.min, figure.max, figure.p99), (3, 4.0, 1.0, 9.0, 9.0));
        assert_eq!(figure.samples(), [9.0, 1.0, 4.0]);
    }

    #[test]
    fn the_middle_of_an_even_number_lies_between_two() {
        assert_eq!(figure(&[1.0, 2.0, 3.0, 10.0]).median, 2.5);
    }

    #[test]
    fn one_in_a_hundred_is_left_out() {
        let samples: Vec<f64> = (0..200).map(f64::from).collect();
        assert_eq!(figure(&samples).p99, 198.0);
    }
}
