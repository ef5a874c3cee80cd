//! A compiler that goes on for hours, and a node that does not.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use ww_tests::node::node;
use ww_tests::process::{DEADLINE, Place, Running};

use super::component::program;
use super::image;
use super::module::{Core, loops};
use crate::quiet;

/// How often a wait looks again.
const TICK: Duration = Duration::from_millis(5);

#[test]
fn no_compiler_outlives_its_node() {
    let _others = quiet::shared();
    for signal in ["KILL", "TERM"] {
        let place = Place::new();
        let image = image(&place, &program(Core::running(|code| loops(code, 100_000))));
        let node = Running::start(node(&place, &image).env("RUST_LOG", "off"));
        let compiler = until(|| children(node.id()).first().copied());
        node.signal(signal);
        node.end();
        until(|| stat(compiler).is_none_or(|(state, _)| state == 'Z').then_some(()));
    }
}

/// The processes that a process has started.
fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").expect("the processes of this machine");
    let numbers = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    numbers.filter(|number| stat(*number).is_some_and(|(_, its_parent)| its_parent == parent)).collect()
}

/// The state and the parent of a process, where there is one of this number.
fn stat(number: u32) -> Option<(char, u32)> {
    let text = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    // The name of its program comes before, in brackets, and may hold anything.
    let mut fields = text.rsplit_once(") ")?.1.split(' ');
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        match look() {
            Some(found) => return found,
            None => assert!(start.elapsed() < DEADLINE, "it never was so"),
        }
        thread::sleep(TICK);
    }
}
