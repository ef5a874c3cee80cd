//! `cargo xtask soak`: the tests whose counts scale, at their full counts.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, bail};

use crate::suite;
use crate::tools::{self, Purpose};

/// The part of their full counts that they run here: all of it.
const SCALE: &str = "1";

/// The heavy tests of a file, by the names that their program knows them by.
struct Heavy {
    file: &'static str,
    program: Program,
    tests: &'static [&'static str],
}

/// Where tests are compiled to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Program {
    /// The tests of a library.
    Library,
    /// A program of that name.
    Named(&'static str),
}

/// All of them. A test of the repository finds a file that asks for a part of its counts and is missing here.
const HEAVY: &[Heavy] = &[
    Heavy {
        file: "host/src/plugin/file/tests.rs",
        program: Program::Library,
        tests: &[
            "plugin::file::tests::no_byte_of_a_sealed_file_can_be_another_one",
            "plugin::file::tests::no_check_panics_whatever_a_file_holds",
        ],
    },
    Heavy {
        file: "tests/tests/components/restarts.rs",
        program: Program::Named("components"),
        tests: &["restarts::every_call_ends_and_references_heal"],
    },
    Heavy {
        file: "tests/tests/plugin_list.rs",
        program: Program::Named("plugin_list"),
        tests: &["a_plugin_that_was_cut_or_damaged_never_gets_to_the_loader"],
    },
    Heavy {
        file: "tests/tests/soak/advances.rs",
        program: Program::Named("soak"),
        tests: &["advances::advances_leave_nothing"],
    },
    Heavy {
        file: "tests/tests/soak/borders.rs",
        program: Program::Named("soak"),
        tests: &["borders::capabilities_of_a_plugin_leave_nothing"],
    },
    Heavy {
        file: "tests/tests/soak/crowd.rs",
        program: Program::Named("soak"),
        tests: &["crowd::a_crowd_of_guests_leaves_nothing"],
    },
    Heavy {
        file: "tests/tests/soak/spawns.rs",
        program: Program::Named("soak"),
        tests: &["spawns::guests_that_have_ended_leave_nothing"],
    },
    Heavy {
        file: "tests/tests/membrane/main.rs",
        program: Program::Named("membrane"),
        tests: &[
            "a_missing_rule_is_noticed_in_cells",
            "a_missing_rule_is_noticed_in_process",
            "no_graph_in_cells_differs_from_the_model",
            "no_graph_in_process_differs_from_the_model",
        ],
    },
    Heavy {
        file: "tests/fuzz/tests/replay.rs",
        program: Program::Named("replay"),
        tests: &["calls", "headers", "paths", "rpc"],
    },
];

/// Brings the tools, runs the heavy tests whose name contains `filter`, and says at the end what came of them.
///
/// # Errors
/// Where one fails, or does not run because it has another name by now.
pub(crate) fn soak(root: &Path, filter: Option<&str>) -> Result<()> {
    let chosen = choose(filter);
    if chosen.is_empty() {
        let names: Vec<_> = choose(None).iter().map(|it| it.name).collect();
        bail!("no heavy test has such a name; there are {}", names.join(", "));
    }
    tools::bring(root, Purpose::Tests)?;
    let scale = suite::scale(SCALE);
    eprintln!("==> {} heavy tests at {} of their full counts", chosen.len(), scale.display());
    for test in &chosen {
        eprintln!("    {} ({})", test.name, test.file);
    }
    let summary = suite::run(root, &scale, arguments(&chosen))?;
    print!("{summary}");
    if !summary.passed() {
        bail!("failed: tests");
    }
    if summary.ran() != chosen.len() as u64 {
        bail!("{} tests ran, and not {}: one of them has another name by now", summary.ran(), chosen.len());
    }
    Ok(())
}

/// One heavy test.
struct Test {
    name: &'static str,
    file: &'static str,
    program: Program,
}

fn choose(filter: Option<&str>) -> Vec<Test> {
    let all = HEAVY
        .iter()
        .flat_map(|Heavy { file, program, tests }| tests.iter().map(|name| Test { name, file, program: *program }));
    all.filter(|test| filter.is_none_or(|part| test.name.contains(part))).collect()
}

/// What has `cargo test` run these and no others.
fn arguments(tests: &[Test]) -> Vec<&'static str> {
    let programs: BTreeSet<_> = tests.iter().map(|test| test.program).collect();
    let mut arguments = Vec::new();
    for program in programs {
        match program {
            Program::Library => arguments.push("--lib"),
            Program::Named(name) => arguments.extend(["--test", name]),
        }
    }
    arguments.extend(["--", "--exact"]);
    arguments.extend(tests.iter().map(|test| test.name));
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_command_runs_what_was_chosen() {
        assert_eq!(
            arguments(&choose(Some("advances"))),
            ["--test", "soak", "--", "--exact", "advances::advances_leave_nothing"]
        );
        let all = arguments(&choose(None));
        assert_eq!(all.iter().filter(|it| **it == "--test").count(), 5, "each program once: {all:?}");
        assert!(choose(Some("nothing of the kind")).is_empty());
    }

    #[test]
    fn every_test_is_in_its_file() {
        for test in choose(None) {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(test.file);
            let text = std::fs::read_to_string(file).unwrap();
            let name = test.name.rsplit(':').next().unwrap();
            assert!(text.contains(name), "{} is not in {}", test.name, test.file);
        }
    }
}
