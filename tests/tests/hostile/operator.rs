//! What an operator sees of an attack: the lines on standard error, and the exit status.

use std::thread;
use std::time::Duration;

use ww_tests::attacks::Attack;
use ww_tests::node::{hostile, node};
use ww_tests::process::{Ended, Place, Running};

use crate::outcome::{End, Outcome, Reader};
use crate::quiet;
use crate::table::outcome;

/// How long a reader sleeps.
const NAP: Duration = Duration::from_secs(1);

fn check(attack: Attack) {
    let expected = outcome(attack);
    let _others = quiet::shared();
    let ended = run(attack, &expected);
    let (status, line) = match expected.end {
        End::Itself => (0, String::new()),
        End::Limit(text) => (126, format!("error: guest 'hostile' was ended by a limit: {text}")),
        End::Trap(text) => {
            (126, format!("error: guest 'hostile' trapped: {text}; with --wasm-debug, ww run shows where"))
        }
    };
    let ended = ended.exits(status);
    assert!(expected.reader != Reader::There || expected.is_said(&ended.stdout), "{ended}");
    // What a guest says when it panics comes before that line.
    assert_eq!(ended.stderr.lines().last().unwrap_or_default(), line, "{ended}");
}

fn run(attack: Attack, expected: &Outcome) -> Ended {
    let place = Place::new();
    let mut command = node(&place, &hostile(&place));
    command.env("RUST_LOG", "off").args(expected.allowed.arguments()).args(["--", attack.switch()]);
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    match expected.reader {
        Reader::There => Running::start(&mut command).end(),
        Reader::Asleep => {
            let running = Running::start_into(&mut command, writer.into());
            // The guest is over when it wakes up, and what it has written is not lost.
            thread::sleep(NAP);
            std::io::copy(&mut reader, &mut std::io::sink()).expect("read it");
            running.end()
        }
        Reader::Gone => {
            drop(reader);
            Running::start_into(&mut command, writer.into()).end()
        }
    }
}

ww_tests::each_attack!(tests);
