//! The result as people read it.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use super::figure::{Figure, Unit};
use super::verdict::{Bar, Verdict};

/// Every figure, a line each.
pub(crate) fn figures(figures: &[Figure]) -> Table {
    let mut table = table(&["group", "figure", "unit", "n", "median", "min", "max", "p99"], 3);
    for figure in figures {
        let mut cells = vec![figure.group.to_owned(), figure.name.clone(), figure.unit.text().to_owned()];
        cells.push(figure.n.to_string());
        cells.extend([figure.median, figure.min, figure.max, figure.p99].map(number));
        table.add_row(cells);
    }
    table
}

/// Every ratio and bound, a line each.
pub(crate) fn verdicts(verdicts: &[Verdict]) -> Table {
    let mut table = table(&["group", "what", "is", "of", "which is", "ratio", "bar", ""], 8);
    for verdict in verdicts {
        let (of, which, ratio) = match &verdict.denominator {
            Some(it) => (it.name.as_str(), with_unit(it.value, it.unit), format!("{:.2}", verdict.value)),
            None => ("", String::new(), String::new()),
        };
        let is = with_unit(verdict.numerator.value, verdict.numerator.unit);
        let unit = if verdict.denominator.is_none() { verdict.numerator.unit } else { Unit::Count };
        let bar = match verdict.bar {
            Bar::AtMost(bar) => format!("≤ {}", with_unit(bar, unit)),
            Bar::AtLeast(bar) => format!("≥ {}", with_unit(bar, unit)),
            Bar::None => String::new(),
        };
        let met = match verdict.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        table.add_row([verdict.group, &verdict.numerator.name, &is, of, &which, &ratio, &bar, met]);
    }
    table
}

/// A table whose columns from the `numbers`th on are aligned to the right.
fn table(header: &[&str], numbers: usize) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(header);
    for column in table.column_iter_mut().skip(numbers) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn with_unit(value: f64, unit: Unit) -> String {
    format!("{} {}", number(value), unit.text()).trim_end().to_owned()
}

/// Three digits that mean something, or all before the point.
fn number(value: f64) -> String {
    match value.abs() {
        it if it >= 100.0 || it == 0.0 => format!("{value:.0}"),
        it if it >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_bar_is_loud_and_names_both_numbers() {
        let figure = |name: &str, value| Figure::new("call", name.into(), Unit::Nanoseconds, vec![value]);
        let verdict = Verdict::ratio(&figure("guest", 1840.0), &figure("local", 920.0), Bar::AtMost(1.0));
        let text = verdicts(&[verdict]).to_string();
        for part in ["guest", "1840 ns", "local", "920 ns", "2.00", "≤ 1.00", "MISSED"] {
            assert!(text.contains(part), "{part} is not in:\n{text}");
        }
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([0.123, 12.34, 123.4, 12345.6, 0.0].map(number), ["0.12", "12.3", "123", "12346", "0"]);
    }
}
