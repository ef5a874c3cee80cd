//! Random graphs of parties that pass capabilities around, against a small model of who may call what.
//!
//! The parties are in this process, or some of them or all are guests in cells of their own. A failure names its seed and
//! tells what was done, made as short as it gets.

mod cells;
mod graph;
mod model;
mod parties;
mod random;
mod remote;
mod step;
mod trial;

use membrane::rules::{Rule, without};
use ww_tests::say::say;
use ww_tests::scale::scaled;

use crate::parties::Places;
use crate::trial::{Plan, first_failure};

/// How many graphs are run in full, on each carrier.
const GRAPHS: u32 = 10_000;

/// What graphs are run over.
struct Carrier {
    name: &'static str,
    /// Where the parties of the graph of a seed are.
    places: fn(u64) -> Places,
}

const IN_PROCESS: Carrier = Carrier { name: "in process", places: |_| Places::LOCAL };

const IN_CELLS: Carrier = Carrier { name: "in cells", places: Places::draw };

fn check(carrier: &Carrier) {
    let count = scaled(GRAPHS);
    if let Some((seed, story)) = first_failure(0, count, carrier.places) {
        panic!("{}, seed {seed}:\n{story}", carrier.name);
    }
    say(&format!("{count} graphs {}", carrier.name));
}

#[test]
fn no_graph_in_process_differs_from_the_model() {
    check(&IN_PROCESS);
}

#[test]
fn no_graph_in_cells_differs_from_the_model() {
    check(&IN_CELLS);
}

/// Seeds of their own, so that the graphs were not chosen with the rules in mind.
const RULES_SEED: u64 = 1 << 32;

/// Takes out one rule of the guard after the other, and looks after how many graphs that is noticed.
fn check_rules(carrier: &Carrier) {
    let mut unnoticed = Vec::new();
    let run = |seed: u64| Plan::draw(seed).run((carrier.places)(seed));
    for rule in Rule::ALL {
        let mut seeds = RULES_SEED..RULES_SEED + u64::from(scaled(GRAPHS));
        let Some(seed) = seeds.find(|seed| without(*rule, || run(*seed)).is_err()) else {
            unnoticed.push(rule);
            continue;
        };
        say(&format!("rule {rule:?}: caught {} after {} graphs", carrier.name, seed - RULES_SEED + 1));
        if let Err(story) = run(seed) {
            panic!("{}, seed {seed}, with all rules:\n{story}", carrier.name);
        }
    }
    assert!(unnoticed.is_empty(), "{}, nobody notices that these rules are missing: {unnoticed:?}", carrier.name);
}

#[test]
fn a_missing_rule_is_noticed_in_process() {
    check_rules(&IN_PROCESS);
}

#[test]
fn a_missing_rule_is_noticed_in_cells() {
    check_rules(&IN_CELLS);
}
