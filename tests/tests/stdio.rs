//! A guest's standard streams and its exit status.

use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use ww_tests::node::{node, plain, probe, run, start};
use ww_tests::process::{Place, finish};
use ww_tests::repository::root;

#[test]
fn input_goes_through_to_its_end() {
    let place = Place::new();
    let plain = plain(&place);
    // More than all buffers on the way hold.
    let megabyte: Vec<u8> = (0..1 << 20).map(|at| b"0123456789abcde\n"[at % 16]).collect();
    for input in [&b""[..], b"no end of line", b"one\ntwo\n", &megabyte] {
        let ended = run(&place, &plain, &["cat"], input).exits(0);
        assert!(ended.stdout.as_bytes() == input, "{} of {} bytes came out", ended.stdout.len(), input.len());
        assert_eq!(ended.stderr, format!("end after {} bytes\n", input.len()));
    }
}

#[test]
fn input_that_cannot_be_read_is_at_its_end() {
    let place = Place::new();
    let plain = plain(&place);
    for redirect in ["<&-", "</dev/null", "</"] {
        let mut command = node(&place, &plain);
        let words: Vec<_> = command.env("RUST_LOG", "off").args(["--", "cat"]).get_args().map(Into::into).collect();
        let mut shell: Command = place.command("sh");
        shell.arg("-c").arg(format!("RUST_LOG=off exec \"$0\" \"$@\" {redirect}")).arg(command.get_program());
        let ended = finish(shell.args::<_, std::ffi::OsString>(words), b"").exits(0);
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", "end after 0 bytes\n"), "{redirect}");
    }
}

#[test]
fn waiting_for_input_stops_nothing_else() {
    let place = Place::new();
    let mut running = start(&place, &probe(&place), &["tick"]);
    running.stdout_line(|line| (line == "20 ticks without input").then_some(()));
    let mut stdin = running.stdin.take().expect("its standard input");
    stdin.write_all(b"hello\n").expect("it reads");
    let ticks = running.stdout_line(|line| line.strip_prefix("hello after ")?.strip_suffix(" ticks")?.parse().ok());
    assert!((20..).contains(&ticks), "{ticks} ticks");
    stdin.write_all(b"no end of line").expect("it reads");
    drop(stdin);
    let ended = running.end().exits(0);
    assert!(ended.stdout.contains("\nno end of line after "), "{ended}");
    assert!(ended.stdout.ends_with("\nend of input\n"), "{ended}");
}

#[test]
fn asking_for_input_again_costs_nothing() {
    let place = Place::new();
    let mut running = start(&place, &probe(&place), &["patience", "20000"]);
    running.stdout_line(|line| (line == "ready").then_some(()));
    let mut stdin = running.stdin.take().expect("its standard input");
    stdin.write_all(b"12345").expect("it reads");
    drop(stdin);
    assert!(running.end().exits(0).stdout.ends_with("5 bytes\n"));
}

#[test]
fn a_guest_ends_while_its_input_is_open() {
    let place = Place::new();
    let mut running = start(&place, &probe(&place), &["console"]);
    running.stdout_line(|line| (line == "ready").then_some(()));
    let mut stdin = running.stdin.take().expect("its standard input");
    stdin.write_all(b"quit\n").expect("it reads");
    // Still open: nothing ends it but the guest itself.
    running.end().exits(0);
    drop(stdin);
}

#[test]
fn the_exit_status_is_the_guests() {
    let place = Place::new();
    let probe = probe(&place);
    for (how, status) in [("return", 0), ("return", 1), ("return", 7), ("exit", 0), ("exit", 1), ("exit", 7)] {
        let ended = run(&place, &probe, &[how, &status.to_string()], b"").exits(status);
        assert_eq!(ended.stderr, "");
        assert_eq!(ended.stdout, if how == "exit" { "no newline" } else { "" });
    }
    run(&place, &probe, &["exit", "255"], b"").exits(255);
    run(&place, &probe, &["fail"], b"").fails_in_one_line(1, &["the milk is sour"]);
}

/// The standard library ends a program through an interface that knows success and failure, and nothing else.
#[test]
fn a_program_without_the_sdk_succeeds_or_fails() {
    let place = Place::new();
    let plain = plain(&place);
    run(&place, &plain, &["exit", "0"], b"").exits(0);
    run(&place, &plain, &["exit", "7"], b"").exits(1);
    run(&place, &plain, &["fail"], b"").fails_in_one_line(1, &["the milk is sour"]);
}

#[test]
fn a_crash_is_told_apart_from_a_failure() {
    let place = Place::new();
    let plain = plain(&place);
    let panicked = run(&place, &plain, &["panic"], b"").exits(126);
    assert!(panicked.stderr.contains("\nthe kettle is dry\n"), "{panicked}");
    let last = panicked.stderr.lines().last().unwrap_or_default();
    assert!(last.starts_with("error: guest 'plain' trapped: wasm `unreachable` instruction executed"), "{panicked}");
    assert!(last.contains("--wasm-debug"), "{panicked}");
    // All that there is, is one line.
    run(&place, &plain, &["recurse"], b"").fails_in_one_line(126, &["error: guest 'plain' trapped: "]);
}

#[test]
fn a_backtrace_names_file_and_line() {
    let place = Place::new();
    let source = root().join("tests/guests/plain");
    let project = place.path().join("plain");
    std::fs::create_dir_all(project.join("src")).expect("a folder");
    for file in ["Cargo.toml", "Cargo.lock", "src/main.rs"] {
        std::fs::copy(source.join(file), project.join(file)).expect("copy the guest");
    }
    finish(&mut place.ww(["build", "--debug", "plain"]), b"").exits(0);
    let mut command = node(&place, &project);
    let ended = finish(command.args(["--wasm-debug", "--", "panic"]), b"").exits(126);
    let text = std::fs::read_to_string(project.join("src/main.rs")).expect("the source");
    let line = 1 + text.lines().position(|line| line.contains("the kettle is dry")).expect("the panic");
    let error = ended.stderr.find("error: guest 'plain' trapped: ").unwrap_or_else(|| panic!("{ended}"));
    assert!(ended.stderr[error..].contains(&format!("src/main.rs:{line}:")), "{ended}");
    assert!(ended.stderr[error..].contains("boil"), "{ended}");
}

#[test]
fn output_that_nobody_reads_is_an_error_to_the_guest() {
    let place = Place::new();
    let mut shell = place.command("sh");
    let mut command = node(&place, &plain(&place));
    let words: Vec<std::ffi::OsString> = command.args(["--", "flood"]).get_args().map(Into::into).collect();
    shell.args(["-c", "RUST_LOG=off \"$0\" \"$@\" | head -c 10"]).arg(command.get_program()).args(words);
    let start = Instant::now();
    let ended = finish(&mut shell, b"").exits(0);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("xxxxxxxxxx", "flooding\nnobody reads\n"));
    assert!(start.elapsed() < Duration::from_secs(60));
}
