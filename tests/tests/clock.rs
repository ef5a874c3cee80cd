//! `examples/clock`, a provider that keeps nothing: built, loaded and used by a guest on a real node, as a native plugin and
//! as a component.

use std::fs;
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ww_tests::binary::{component, guest, plugin};
use ww_tests::node::node;
use ww_tests::of_both_kinds;
use ww_tests::process::{Ended, Place, Running, finish};

/// One of the two artifacts of the example: the option that a node loads it with.
struct Kind(&'static str);

const NATIVE: Kind = Kind("--plugin=./libclock.so");
const COMPONENT: Kind = Kind("--plugin=./clock.wasm");

of_both_kinds! {
    a_guest_is_told_of_seconds_and_rings_in_time,
    an_operator_sets_the_time_and_reads_it,
    a_configuration_that_makes_no_clock_is_one_line,
    a_mistake_of_the_operator_is_one_line,
}

/// A place in which both artifacts lie.
fn with_plugin() -> Place {
    static BUILT: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    let read = |path| fs::read(path).expect("the plugin");
    let [library, wasm] =
        BUILT.get_or_init(|| [read(plugin("examples/clock/clock")), read(component("examples/clock/clock"))]);
    let place = Place::new();
    fs::write(place.path().join("libclock.so"), library).expect("the plugin");
    fs::write(place.path().join("clock.wasm"), wasm).expect("the plugin");
    place
}

/// A node in `place` with these options that runs the guest of the example for some of the clock's seconds.
fn alarm(place: &Place, options: &[&str], seconds: &str) -> Command {
    let image = place.image("alarm", &guest("examples/clock/guest")["alarm"]);
    let mut node = node(place, &image);
    node.args(options).env("RUST_LOG", "off").args(["--", seconds]);
    node
}

/// Runs `ww clock WORDS…` in whichever process has it open.
fn ww(place: &Place, words: &[&str]) -> Ended {
    finish(place.ww(words).env("RUST_LOG", "ww::command=info"), b"")
}

/// Seconds since 1970, by the machine.
fn machine() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a machine whose clock was set");
    i64::try_from(since.as_secs()).expect("a machine whose clock was set")
}

fn after<T: std::str::FromStr>(line: &str, words: &str) -> Option<T> {
    line.strip_prefix(words).and_then(|rest| rest.parse().ok())
}

fn a_guest_is_told_of_seconds_and_rings_in_time(kind: &Kind) {
    let place = with_plugin();
    let (before, real) = (machine(), Instant::now());
    let options = [kind.0, "--set", "clock.rate=10.0", "--set", "clock.offset=1000000"];
    let ended = finish(&mut alarm(&place, &options, "5"), b"").exits(0);
    let (later, took) = (machine(), real.elapsed());
    assert!(took >= Duration::from_millis(500), "{took:?} is too short: {ended}");

    let lines: Vec<&str> = ended.stdout.lines().collect();
    let ticks: Vec<u64> = lines.iter().filter_map(|line| after(line, "tick ")).collect();
    assert!(!ticks.is_empty() && ticks.is_sorted_by(|one, next| one < next), "{ended}");
    let times: Vec<i64> = lines.iter().filter_map(|line| after(line, "it is ")).collect();
    let [set, rang] = times[..] else { panic!("two times are expected: {ended}") };
    // Ten seconds are over on it in each one that was over on the machine, all the while that there was a node.
    let most = 10 * i64::try_from(took.as_secs() + 1).expect("a short test");
    assert!((before + 1_000_000..=later + 1_000_000 + most).contains(&set), "{before} {later}: {ended}");
    assert!((4..=most).contains(&(rang - set)), "{took:?}: {ended}");
    let rings: Vec<i64> = lines.iter().filter_map(|line| after(line, "it rings, after ")).collect();
    assert!(rings.len() == 1 && (5..=most).contains(&rings[0]), "{took:?}: {ended}");
    assert_eq!(lines.len(), ticks.len() + 3, "{ended}");
}

fn an_operator_sets_the_time_and_reads_it(kind: &Kind) {
    let place = with_plugin();
    // In the year 2001, and a day is over each second: it is not the machine's time that is printed.
    let back = (1_000_000_000 - machine()).to_string();
    let options = [kind.0, "--set", &format!("clock.offset={back}"), "--set", "clock.rate=100.0"];
    let alone = ww(&place, &[&["command"], &options[..], &["clock", "now"]].concat()).exits(0);
    assert!(alone.stdout.starts_with("2001-09-09T") && alone.stdout.ends_with("Z\n"), "{alone}");
    assert!(alone.stderr.contains("clock runs in this process: no node in"), "{alone}");

    let mut node = Running::start(&mut alarm(&place, &options, "1000000"));
    node.stdout_line(|line| after::<u64>(line, "tick "));
    let inside = ww(&place, &["clock", "now"]).exits(0);
    assert!(inside.stdout.starts_with("2001-09-"), "{inside}");
    assert!(inside.stderr.contains(&format!("clock runs in the node with process id {}", node.id())), "{inside}");
}

fn a_configuration_that_makes_no_clock_is_one_line(kind: &Kind) {
    let place = with_plugin();
    for (set, why) in [
        ("clock.rate=0", "key 'rate' in its configuration: a clock runs at a rate above 0, such as 10.0, and not at 0"),
        ("clock.rate=-2", "key 'rate' in its configuration: a clock runs at a rate above 0"),
        ("clock.rate=inf", "key 'rate' in its configuration: invalid type: string \"inf\", expected f64"),
        ("clock.offset=soon", "key 'offset' in its configuration: invalid type: string \"soon\", expected i64"),
        ("clock.speed=2", "unknown key 'speed' in its configuration"),
    ] {
        let ended = finish(&mut alarm(&place, &[kind.0, "--set", set], "1"), b"");
        ended.fails_in_one_line(125, &[why]);
    }
}

fn a_mistake_of_the_operator_is_one_line(kind: &Kind) {
    let place = with_plugin();
    let mistaken = finish(place.ww(["command", kind.0, "clock", "then"]).env("RUST_LOG", "off"), b"");
    mistaken.fails_in_one_line(2, &["error: the only command is `ww clock now`; see `ww clock --help`"]);
}
