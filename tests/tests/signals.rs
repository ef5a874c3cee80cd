//! Signals end a node, in order at first and at once on the second one, whatever its guest does.

use std::io::Read;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use ww_tests::node::{node, plain, probe, start};
use ww_tests::process::{Place, Running};
use ww_tests::program::program;

const SIGNALS: &[(&str, i32)] = &[("INT", 130), ("TERM", 143)];

/// How long a guest has to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// What "at once" is on a busy machine; less than the grace.
const SOON: Duration = Duration::from_secs(4);

#[test]
fn a_guest_is_told_and_its_last_words_arrive() {
    let place = Place::new();
    let image = probe(&place);
    for (signal, status) in SIGNALS {
        let mut running = start(&place, &image, &["stay"]);
        running.stdout_line(|line| (line == "ready").then_some(()));
        let begin = Instant::now();
        running.signal(signal);
        // Its standard input is open at this end: the node ends it for the guest.
        let stdin = running.stdin.take();
        let ended = running.end().exits(*status);
        drop(stdin);
        assert_eq!(ended.stdout, "ready\ntold: the node is stopping\nbye\n", "{ended}");
        assert_eq!(ended.stderr, "");
        assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    }
}

#[test]
fn a_program_that_reads_sees_the_end_of_its_input() {
    let place = Place::new();
    let mut running = start(&place, &plain(&place), &["cat"]);
    std::io::Write::write_all(running.stdin.as_mut().expect("its input"), b"hello\n").expect("it reads");
    running.stdout_line(|line| (line == "hello").then_some(()));
    running.signal("TERM");
    let stdin = running.stdin.take();
    assert_eq!(running.end().exits(143).stderr, "end after 6 bytes\n");
    drop(stdin);
}

#[test]
fn a_guest_that_does_not_listen_is_ended_after_a_while() {
    let place = Place::new();
    let (plain, probe) = (plain(&place), probe(&place));
    let mut nodes = [start(&place, &plain, &["spin"]), start(&place, &probe, &["ignore"])];
    nodes[0].stdout_line(|line| (line == "spinning").then_some(()));
    nodes[1].stdout_line(|line| (line == "ready").then_some(()));
    let begin = Instant::now();
    nodes.iter().for_each(|node| node.signal("TERM"));
    for node in nodes {
        node.end().exits(143);
        let time = begin.elapsed();
        assert!(time >= GRACE && time < GRACE + SOON, "{time:?}");
    }
}

#[test]
fn a_second_signal_does_not_wait() {
    let place = Place::new();
    let (plain, probe) = (plain(&place), probe(&place));
    for (image, what, first, second, status) in [
        (&plain, "spin", "INT", "INT", 130),
        (&plain, "spin", "TERM", "INT", 143),
        (&probe, "ignore", "TERM", "TERM", 143),
    ] {
        let mut running = start(&place, image, &[what]);
        running.stdout_line(|line| ["spinning", "ready"].contains(&line).then_some(()));
        let begin = Instant::now();
        running.signal(first);
        // Two of one kind at once are one.
        std::thread::sleep(Duration::from_millis(200));
        running.signal(second);
        running.end().exits(status);
        assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    }
}

/// A node whose standard output stands still: a pipe that nobody reads.
fn stalled(place: &Place, image: &std::path::Path, what: &str) -> (Child, std::process::ChildStdout) {
    let mut command = node(place, image);
    command.env("RUST_LOG", "off").args(["--", what]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("ww");
    let stdout = child.stdout.take().expect("a pipe");
    (child, stdout)
}

fn send(child: &Child, signal: &str) {
    let status = std::process::Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
    assert!(status.expect("kill").success());
}

/// The exit status, which comes soon.
fn ends(mut child: Child, soon: Duration) -> Option<i32> {
    let begin = Instant::now();
    while begin.elapsed() < soon {
        if let Some(status) = child.try_wait().expect("its status") {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("it runs");
    panic!("has not ended after {soon:?}");
}

#[test]
fn a_reader_that_stands_still_holds_nobody() {
    let place = Place::new();
    let image = plain(&place);
    // The guest waits for room; it is told of nothing, so that only the second signal, or time, ends it.
    let (mut child, stdout) = stalled(&place, &image, "flood");
    child.stderr.take().expect("a pipe").read_exact(&mut [0; "flooding\n".len()]).expect("it says so");
    std::thread::sleep(Duration::from_millis(200));
    send(&child, "TERM");
    std::thread::sleep(Duration::from_millis(200));
    send(&child, "TERM");
    assert_eq!(ends(child, SOON), Some(143));
    drop(stdout);
    // The guest has ended; what it wrote last is still to be read.
    for (signal, status) in SIGNALS {
        let (mut child, stdout) = stalled(&place, &image, "cat");
        let mut stdin = child.stdin.take().expect("a pipe");
        let mut stderr = child.stderr.take().expect("a pipe");
        // More than the pipe to the reader holds, less than that and the node's own.
        let writer = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, &[b'x'; 100 << 10]));
        stderr.read_exact(&mut [0; "end after".len()]).expect("it says so");
        writer.join().expect("no panic").expect("it reads");
        assert_eq!(child.try_wait().expect("its status"), None, "it waits for its reader");
        send(&child, signal);
        assert_eq!(ends(child, SOON), Some(*status));
        drop(stdout);
    }
}

/// Compiling takes seconds, in which there is no guest that could be asked to stop.
#[test]
fn a_node_that_compiles_is_ended_at_once() {
    let place = Place::new();
    let image = place.image("rg", &program("rg"));
    for (signal, status) in SIGNALS {
        let mut command = node(&place, &image);
        let mut running = Running::start(command.env("RUST_LOG", "ww=debug").args(["--", "--version"]));
        running.stderr_line(|line| line.contains("ww::swarm: listening").then_some(()));
        running.signal(signal);
        assert_eq!(running.end().exits(*status).stdout, "");
    }
}
