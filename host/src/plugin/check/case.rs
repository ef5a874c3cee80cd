//! The table of the cases.

use std::time::Duration;

use futures::future::LocalBoxFuture;

use super::cases::{callers, calls, configuration, failures, life, manifest, resources};
use super::outcome::Found;
use super::subject::Subject;

/// Something that a plugin has to do, or to leave.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// The case without which there is nothing to be seen here.
    pub(super) needs: Option<&'static str>,
    /// How long it may take.
    pub(super) within: Duration,
    pub(super) judge: Judge,
}

/// Who looks.
pub(super) enum Judge {
    /// The child, at instances of the plugin.
    Child(Run),
    /// The parent, at what the children wrote to their standard output.
    Output,
}

type Run = for<'a> fn(&'a Subject) -> LocalBoxFuture<'a, Found<()>>;

/// A component may have to be compiled.
const COMPILED: u64 = 120;

/// The requests of a usual case have deadlines of their own.
const USUAL: u64 = 10;

/// Cases that ask a lot.
const MANY: u64 = 60;

const fn case(name: &'static str, needs: Option<&'static str>, seconds: u64, run: Run) -> Case {
    Case { name, needs, within: Duration::from_secs(seconds), judge: Judge::Child(run) }
}

const OPENS: Option<&str> = Some("opens");

/// The cases, in the order in which they run.
pub(super) const CASES: &[Case] = &[
    case("loads", None, COMPILED, |it| Box::pin(life::loads(it))),
    case("manifest-agrees", Some("loads"), USUAL, |it| Box::pin(manifest::agrees(it))),
    case("opens", Some("loads"), USUAL, |it| Box::pin(life::opens(it))),
    case("closes", OPENS, 2 * USUAL, |it| Box::pin(life::closes(it))),
    case("reopens", OPENS, 2 * USUAL, |it| Box::pin(life::reopens(it))),
    case("opens-once", OPENS, 2 * USUAL, |it| Box::pin(life::opens_once(it))),
    case("unknown-key", OPENS, USUAL, |it| Box::pin(configuration::unknown_key(it))),
    case("wrong-type", OPENS, MANY, |it| Box::pin(configuration::wrong_type(it))),
    case("attach-100", OPENS, MANY, |it| Box::pin(callers::hundred(it))),
    case("in-flight-1000", OPENS, MANY, |it| Box::pin(callers::thousand(it))),
    case("cancellation", OPENS, 2 * USUAL, |it| Box::pin(callers::cancelled(it))),
    case("unknown-methods", OPENS, MANY, |it| Box::pin(calls::unknown_methods(it))),
    case("roles", OPENS, MANY, |it| Box::pin(calls::roles(it))),
    case("results-survive", OPENS, 2 * USUAL, |it| Box::pin(calls::results_survive(it))),
    case("drop-orders", OPENS, MANY, |it| Box::pin(life::drop_orders(it))),
    case("leaks", OPENS, MANY, |it| Box::pin(resources::leaks(it))),
    case("panics-stay", Some("loads"), 4 * USUAL, |it| Box::pin(failures::panics_stay(it))),
    Case { name: "no-stdout", needs: None, within: Duration::ZERO, judge: Judge::Output },
];

/// What the child does in the case of this name.
pub(super) fn run(name: &str) -> Option<Run> {
    CASES.iter().find(|case| case.name == name).and_then(|case| match case.judge {
        Judge::Child(run) => Some(run),
        Judge::Output => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_needs_one_before_it() {
        for (at, case) in CASES.iter().enumerate() {
            let before = &CASES[..at];
            assert!(case.needs.is_none_or(|name| before.iter().any(|it| it.name == name)), "{}", case.name);
            assert!(before.iter().all(|it| it.name != case.name), "two are called {}", case.name);
        }
    }
}
