//! What the test runners said, added up.

use std::fmt;

/// The counts in the closing lines of all runners, and whether `cargo test` itself succeeded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    passed: u64,
    failed: u64,
    skipped: u64,
    succeeded: bool,
}

impl Summary {
    /// Adds a line of a runner's output; one that is no closing line changes nothing.
    pub(crate) fn read(&mut self, line: &str) {
        // `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s`
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|it| it.split_once(". ")) else { return };
        for count in counts.split("; ") {
            match count.split_once(' ').map(|(number, what)| (number.parse::<u64>(), what)) {
                Some((Ok(number), "passed")) => self.passed += number,
                Some((Ok(number), "failed")) => self.failed += number,
                Some((Ok(number), "ignored")) => self.skipped += number,
                _ => {}
            }
        }
    }

    /// Says how `cargo test` ended: it also fails where a test does not compile, or dies without a closing line.
    pub(crate) fn end(&mut self, succeeded: bool) {
        self.succeeded = succeeded;
    }

    /// How many tests ran.
    pub(crate) fn ran(&self) -> u64 {
        self.passed + self.failed
    }

    /// Whether tests ran and all of them passed; a skipped one is one that nobody ran.
    pub(crate) fn passed(&self) -> bool {
        self.succeeded && self.passed > 0 && self.failed == 0 && self.skipped == 0
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.succeeded && self.failed == 0 {
            writeln!(f, "cargo test failed without a failed test: see above")?;
        } else if self.ran() == 0 {
            writeln!(f, "no test ran")?;
        }
        writeln!(f, "tests: {} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(lines: &[&str], succeeded: bool) -> Summary {
        let mut summary = Summary::default();
        for line in lines {
            summary.read(line);
        }
        summary.end(succeeded);
        summary
    }

    #[test]
    fn adds_up_the_closing_lines() {
        let lines = [
            "running 3 tests",
            "test a::b ... ok",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 1 passed; 2 failed; 1 ignored; 0 measured; 7 filtered out; finished in 1.00s",
        ];
        let summary = summary(&lines, false);
        assert_eq!(summary.to_string(), "tests: 4 passed, 2 failed, 1 skipped\n");
        assert!(!summary.passed());
    }

    #[test]
    fn passes_only_where_tests_ran_and_none_failed_or_was_skipped() {
        let closing = |passed, failed, ignored| {
            format!("test result: ok. {passed} passed; {failed} failed; {ignored} ignored; 0 measured; 0 filtered out")
        };
        assert!(summary(&[&closing(1, 0, 0)], true).passed());
        assert!(!summary(&[&closing(0, 0, 0)], true).passed());
        assert!(!summary(&[&closing(1, 1, 0)], true).passed());
        assert!(!summary(&[&closing(1, 0, 1)], true).passed());
        assert!(!summary(&[&closing(1, 0, 0)], false).passed());
    }

    #[test]
    fn a_test_that_prints_such_words_is_not_counted() {
        assert_eq!(summary(&["5 passed; 1 failed", "test result: none of this"], true).passed, 0);
    }
}
