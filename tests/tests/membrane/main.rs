//! Random graphs of parties that pass capabilities around, against a small model of who may call what.
//!
//! A failure names its seed and tells what was done, made as short as it gets.

mod graph;
mod local;
mod message;
mod model;
mod object;
mod player;
mod random;
mod step;
mod trial;

use std::rc::Rc;

use membrane::rules::{Rule, without};
use membrane::{Authority, Grants, Membrane, Registry, Worker};
use ww_tests::scale::scaled;

use crate::graph::Parties;
use crate::local::Local;
use crate::player::Player;
use crate::trial::{Plan, first_failure};

/// How many graphs are run in full.
const GRAPHS: u32 = 10_000;

const PROVIDERS: usize = 2;
const CALLERS: usize = 2;

/// Parties that are all in this process.
fn local() -> Parties {
    let authority = Authority::new(0);
    let worker = Worker::new(&authority);
    let mut registry = Registry::new();
    let mut players: Vec<Box<dyn Player>> = Vec::new();
    for provider in 0..PROVIDERS {
        let mut player = Local::default();
        player.make(provider);
        let hook = player.site.at(0).expect("the object that was just made");
        let name = format!("provider-{provider}").parse().expect("a name");
        registry.register(name, capnp::capability::Client { hook }).expect("each name once");
        players.push(Box::new(player));
    }
    let registry = Rc::new(registry);
    for caller in 0..CALLERS {
        let membrane = Membrane::client(registry.clone(), Grants::all(), worker.clone(), format!("caller-{caller}"));
        players.push(Box::new(Local::caller(membrane)));
    }
    Parties { authority, worker, providers: PROVIDERS, players }
}

#[test]
fn no_graph_differs_from_the_model() {
    if let Some((seed, story)) = first_failure(0, scaled(GRAPHS), &local) {
        panic!("seed {seed}:\n{story}");
    }
}

/// Seeds of their own, so that the graphs were not chosen with the rules in mind.
const RULES_SEED: u64 = 1 << 32;

#[test]
fn a_missing_rule_is_noticed() {
    let mut unnoticed = Vec::new();
    for rule in Rule::ALL {
        let fails = |seed: u64| without(*rule, || Plan::draw(seed).run(&local)).is_err();
        match (0..u64::from(scaled(GRAPHS))).find(|index| fails(RULES_SEED + index)) {
            Some(index) => println!("rule {rule:?}: caught after {} graphs", index + 1),
            None => unnoticed.push(rule),
        }
    }
    assert!(unnoticed.is_empty(), "nobody notices that these rules are missing: {unnoticed:?}");
}
