//! Hostile guests as providers, and unruly ones, beside a guest that minds its own business.

use std::time::{Duration, Instant};

use futures::future::join_all;
use ww_capnp::system_capnp::executor;
use ww_cell::fs::{FsConfig, Union};
use ww_tests::attacks::Attack;
use ww_tests::guest::Guest;
use ww_tests::library::{manifest, with_section};
use ww_tests::neighbour::{Measured, Neighbour};

use crate::node::{Node, run, unruly};

static HOSTILE: Guest = Guest::new("tests/guests/hostile", "hostile");

/// How late a timer of the neighbour's may be heard, as a rule, by what this thread does.
const LATE: Duration = Duration::from_millis(50);

const LIMITS: &str = "memory = '32MiB'\npause = '200ms'\ncpu = '2s'\nanswer = '2s'\n";

async fn neighbour() -> Neighbour {
    let nothing = std::sync::Arc::new(Union::new(Vec::new()).expect("few layers"));
    Neighbour::start(&HOSTILE.program().await, FsConfig::new(nothing)).expect("make a cell")
}

/// Ends the neighbour, and checks that it was served meanwhile.
async fn was_served(neighbour: Neighbour, what: &str) {
    let Measured { calls, late_here: mut late, .. } = neighbour.finish().await;
    late.sort_unstable();
    let usual = late.get(late.len() * 99 / 100).copied().expect("the neighbour's timers were heard");
    println!("{what}: {} calls of the neighbour, 99 of 100 timers late by {usual:?} at most", calls.len());
    assert!(!calls.is_empty() && usual < LATE, "{what}: {} calls, timers late by {usual:?}", calls.len());
}

/// No attack serves a provider: whatever else it does, opening it is an error, in time. One of them answers whatever it is
/// asked, with objects that are none of what they should be; then it is the graft that fails.
#[test]
fn hostile_guests_are_no_providers_and_harm_nobody() {
    run(async |node: &Node| {
        let component = std::fs::read(HOSTILE.component()).expect("the component");
        let neighbour = neighbour().await;
        let start = Instant::now();
        // Compiled once: all are the same but for the name that they are told.
        let file = node.file("hostile.wasm", &with_section(&component, &manifest("hostile")));
        let opened = join_all(Attack::ALL.iter().map(|attack| {
            let name = attack.switch().replace('_', "-");
            let file = &file;
            async move {
                let error = match node.open(file, &name, LIMITS).await {
                    Ok(opened) => {
                        opened.graft::<executor::Client>("caller").await.map(drop).map_err(|error| error.extra)
                    }
                    Err(error) => Err(error.to_string()),
                };
                (*attack, error)
            }
        }));
        for (attack, error) in opened.await {
            let error = error.err().unwrap_or_else(|| panic!("{attack:?} serves a provider"));
            let graft = attack == Attack::ForgedCalls && error.starts_with("provider 'forged-calls'");
            let open = error.contains("hostile.wasm): open: ");
            assert!((graft || open) && error.lines().count() == 1, "{attack:?}: {error}");
        }
        println!("{} attackers were refused within {:?}", Attack::ALL.len(), start.elapsed());
        was_served(neighbour, "hostile guests").await;
    });
}

#[test]
fn one_that_misbehaves_costs_its_callers_an_error_and_its_neighbours_nothing() {
    run(async |node: &Node| {
        let neighbour = neighbour().await;
        let switches = ["trap", "loop", "recurse", "allocate", "flood", "never", "leave"];
        join_all(switches.map(|switch| async move {
            let opened = node.open(unruly(), switch, LIMITS).await.expect("open it");
            let executor: executor::Client = opened.graft("caller").await.expect("graft");
            for _ in 0..4 {
                let calls = (0..8).map(|_| {
                    let mut request = executor.echo_request();
                    request.get().set_message(switch);
                    request.send().promise
                });
                for outcome in join_all(calls).await {
                    let error = outcome.err().unwrap_or_else(|| panic!("{switch} was answered")).extra;
                    let clear = [&format!("provider '{switch}' "), "no answer within 2s, which is the limit"];
                    assert!(clear.iter().any(|clear| error.starts_with(*clear)), "{switch}: {error}");
                }
            }
            opened.providers.close().await;
        }))
        .await;
        was_served(neighbour, "unruly providers").await;
    });
}
