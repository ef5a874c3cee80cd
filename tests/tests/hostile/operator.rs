//! What an operator sees of an attack: the lines on standard error, and the exit status.

use std::path::Path;
use std::thread;
use std::time::Duration;

use ww_tests::attacks::Attack;
use ww_tests::node::{hostile, node};
use ww_tests::process::{Ended, Place, Running};

use crate::outcome::{Outcome, Reader};
use crate::quiet;
use crate::table::outcome;

/// How long a reader sleeps.
const NAP: Duration = Duration::from_secs(1);

fn check(attack: Attack) {
    let expected = outcome(attack);
    let _others = quiet::shared();
    let place = Place::new();
    let image = hostile(&place);
    let ended = run(&place, &image, &expected, &[attack.switch()]);
    // What a guest says when it panics comes before that line.
    assert_eq!(ended.stderr.lines().last().unwrap_or_default(), expected.end.told(&image).1, "{ended}");
}

/// Runs an image's guest, and checks its exit status and what it said. Whoever called looks at the lines.
pub(crate) fn run(place: &Place, image: &Path, expected: &Outcome, arguments: &[&str]) -> Ended {
    let mut command = node(place, image);
    command.env("RUST_LOG", "off").args(expected.allowed.arguments()).arg("--").args(arguments);
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let ended = match expected.reader {
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
    };
    let ended = ended.exits(expected.end.told(image).0);
    assert!(expected.reader != Reader::There || expected.is_said(&ended.stdout), "{ended}");
    ended
}

ww_tests::each_attack!(tests);
