//! The table of promises in the README: each number is that of the code, and what is to show it is there.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use ww_tests::repository::root;

/// A number of the code's, as the table writes it.
enum Number {
    Count(u64),
    Bytes(u64),
    Milliseconds(u128),
}

impl Number {
    fn text(&self) -> String {
        match self {
            Self::Count(count) => thousands(*count),
            Self::Bytes(bytes) if bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
            Self::Bytes(bytes) => format!("{} KiB", bytes >> 10),
            Self::Milliseconds(time) => format!("{time} ms"),
        }
    }
}

fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The limits that are promised, by the constants that hold them.
fn limits() -> BTreeMap<&'static str, Number> {
    use Number::{Bytes, Count, Milliseconds};
    use ww::host_capability::MAX_WATCHES;
    use ww::swarm::limits as swarm;
    use ww_call::limits as calls;
    use ww_cell::fs::limits as files;
    use ww_cell::limits as cells;

    BTreeMap::from([
        ("Memory of a guest", Bytes(cells::MEMORY as u64)),
        ("Call stack of a guest", Bytes(cells::WASM_STACK as u64)),
        ("Time that a guest computes before others get their turn", Milliseconds(cells::TICK.as_millis())),
        ("Message of a call", Bytes(calls::MAX_MESSAGE_WORDS as u64 * 8)),
        ("Capabilities in a message", Count(calls::MAX_CAPS as u64)),
        ("Calls of a guest outstanding", Count(cells::CALLS as u64)),
        ("Objects of the host that a guest holds", Count(cells::OBJECTS as u64)),
        ("Parameters of calls outstanding", Bytes(cells::HELD_BYTES as u64)),
        ("Results that a guest leaves unread", Bytes(cells::QUEUED_BYTES as u64)),
        ("Calls that hang on each other", Count(calls::MAX_PIPELINE_DEPTH.into())),
        ("Watches of peers on a node", Count(MAX_WATCHES as u64)),
        ("Bytes in `/tmp` and `/var`", Bytes(files::MAX_DISK)),
        ("Names in `/tmp` and `/var`", Count(files::MAX_ENTRIES)),
        ("Files that a guest has open", Count(files::MAX_DESCRIPTORS as u64)),
        ("Length of a path", Bytes(files::MAX_PATH as u64)),
        ("Layers of an image", Count(files::MAX_LAYERS as u64)),
        ("Connections from peers", Count(swarm::MAX_INBOUND as u64)),
        ("Connections from one IP address", Count(swarm::MAX_INBOUND_PER_IP as u64)),
    ])
}

/// The figures that are promised, by what the harness of measurements says of each: `{}` stands for the number.
const BARS: &[(&str, &str)] = &[
    ("Call of the host by a guest, answered at once", "report.compare(GUEST, LOCAL, Bar::AtMost({}))"),
    ("Call of the host by a guest, answered later", "report.compare(GUEST_LATER, LOCAL_LATER, Bar::AtMost({}))"),
    ("Call of a guest by the host", "report.compare(INTO, LOCAL, Bar::AtMost({}))"),
    ("64 KiB there and back, from a guest", "report.compare(GUEST_WHOLE, RPC_WHOLE, Bar::AtLeast({}))"),
    ("Call of the host over RPC, by a guest with a library of its own", "report.compare(GUEST, PIPE, Bar::AtMost({}))"),
    ("What a guard adds to a call", "(READY.added(place, report), {})"),
    ("Advance of the epoch until all calls have failed", "const CUT_MS: f64 = {}.0;"),
    ("Call of a plugin's object by its node, answered at once", "bars: [{}, 1.3]"),
    ("Loading of a native plugin, usually", "const LOAD_LIMIT: f64 = {}.0;"),
    ("Call of a component provider by its node", "report.compare(COMPONENT, LOCAL, Bar::AtMost({}))"),
    ("Call of a component provider by a guest", "report.compare(GUEST, LOCAL, Bar::AtMost({}))"),
    ("Loading of a component provider from the code cache, usually", "const LOAD_LIMIT: f64 = {}.0;"),
    ("Restart of a component provider to its first good call, usually", "const RESTART_LIMIT: f64 = {}.0;"),
    ("Spawn of a cell until `main`", "report.compare(MAIN, BARE_MAIN, Bar::AtMost({}))"),
    ("Call beside 8 guests that compute on the same thread, 99 of 100", "const BAR_MS: f64 = {}.0;"),
    ("Memory of an idle cell", "const BAR_KIB: f64 = {}.0;"),
    ("Start of `ww run` until the first line, beyond bare wasmtime", "const BAR_MS: f64 = {}.0;"),
    ("File operation of a guest", "const BAR: f64 = {};"),
];

/// A row of the table.
struct Row {
    promise: String,
    number: String,
    /// What shows it, and the file that it is in.
    shown: String,
    file: String,
}

fn rows() -> Vec<Row> {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    let (_, table) = readme.split_once("| promise | number | shown by |\n| --- | --- | --- |\n").expect("the table");
    table.lines().take_while(|line| line.starts_with('|')).map(row).collect()
}

fn row(line: &str) -> Row {
    let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
    let [promise, number, shown] = cells[..] else { panic!("three cells in {line}") };
    let (shown, file) = shown
        .strip_prefix("[`")
        .and_then(|link| link.strip_suffix(')')?.split_once("`]("))
        .unwrap_or_else(|| panic!("a link in {line}"));
    let text = str::to_owned;
    Row { promise: text(promise), number: text(number), shown: text(shown), file: text(file) }
}

#[test]
fn every_number_is_that_of_the_code() {
    let (limits, mut wrong) = (limits(), String::new());
    let rows = rows();
    for Row { promise, number, file, .. } in &rows {
        let bar = BARS.iter().find(|(name, _)| name == promise);
        let right = match (limits.get(promise.as_str()), bar) {
            (Some(limit), None) => *number == limit.text(),
            (None, Some((_, line))) => has_bar(file, line, number),
            _ => false,
        };
        if !right {
            let code = limits.get(promise.as_str()).map(Number::text);
            writeln!(wrong, "{promise}: {number}, in the code {code:?}, in {file}").expect("room for text");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(rows.len(), limits.len() + BARS.len(), "every promise has one row");
}

/// Whether the harness judges by the number that the table has: `at most 1.0 × local` is 1.0.
fn has_bar(file: &str, line: &str, number: &str) -> bool {
    let source = fs::read_to_string(root().join(file)).unwrap_or_default();
    let value = number.split(' ').find(|word| word.parse::<f64>().is_ok()).unwrap_or("no number");
    source.contains(&line.replace("{}", value))
}

#[test]
fn what_shows_a_promise_is_there() {
    for Row { promise, shown, file, .. } in rows() {
        let source = fs::read_to_string(root().join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let there = match shown.strip_prefix("bench ") {
            // The group is one of the command line's.
            Some(group) => {
                let groups = root().join("tests/bench/src/groups/mod.rs");
                fs::read_to_string(groups).expect("the groups").contains(&format!("=> \"{group}\""))
            }
            None => [format!("fn {shown}("), format!("Attack::{shown} "), format!("report.bound({shown},")]
                .iter()
                .any(|it| source.contains(it)),
        };
        assert!(there, "{promise}: {file} has no {shown}");
    }
}

#[test]
fn numbers_are_written_as_people_read_them() {
    assert_eq!([4, 64, 8192, 16_384, 1_000_000].map(thousands), ["4", "64", "8,192", "16,384", "1,000,000"]);
    assert_eq!(Number::Bytes(512 << 10).text(), "512 KiB");
    assert_eq!(Number::Bytes(256 << 20).text(), "256 MiB");
}
