//! A plugin's file changes while a node has it loaded: the node goes on with what it has checked.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use ww_tests::binary::plugin;
use ww_tests::node::{node, probe};
use ww_tests::process::{Place, Running, finish};

/// What may happen to a file, and its name.
type Change = (&'static str, fn(&Path));

const CHANGES: &[Change] = &[
    ("truncated", |file| File::options().write(true).open(file).and_then(|file| file.set_len(0)).expect("truncate it")),
    ("overwritten", |file| {
        let length = fs::metadata(file).expect("its length").len() as usize;
        File::options()
            .write(true)
            .open(file)
            .and_then(|mut file| file.write_all(&vec![0xcc; length]))
            .expect("write it")
    }),
    ("replaced", |file| {
        fs::remove_file(file).and_then(|()| fs::write(file, "something else")).expect("put another one there");
    }),
    ("removed", |file| fs::remove_file(file).expect("remove it")),
];

/// Says something to the plugin, and waits for its answer.
fn echo(node: &mut Running, number: usize) {
    let stdin = node.stdin.as_mut().expect("a standard input");
    writeln!(stdin, "{number} echo echo word{number}").expect("the guest reads");
    let expected = format!("{number}: word{number} (probe)");
    node.stdout_line(|line| (line == expected).then_some(()));
}

#[test]
fn a_file_that_changes_does_no_harm_to_a_node_that_has_loaded_it() {
    for (what, change) in CHANGES {
        let place = Place::new();
        let file = place.path().join("libecho.so");
        fs::copy(plugin("tests/plugins/echo"), &file).expect("copy the plugin");
        let data = place.path().join("data");
        let image = probe(&place);
        let mut command = node(&place, &image);
        command.args(["--plugin", "./libecho.so"]).env("WW_DATA", &data).env("RUST_LOG", "off");
        let mut node = Running::start(command.args(["--", "console"]));
        echo(&mut node, 0);
        change(&file);
        (1..100).for_each(|number| echo(&mut node, number));
        // Code that nothing has used before: the command line, in the node.
        let mut asked = place.ww(["echo", "from", "outside"]);
        let ended = finish(asked.env("WW_DATA", &data).env("RUST_LOG", "off"), b"and inside").exits(0);
        assert_eq!(ended.stdout, "from outside (terminal: false)\nand inside", "{what}: {ended}");
        drop(node.stdin.take());
        assert_eq!(node.end().exits(0).stderr, "", "{what}");
        // A new node sees what is there now.
        let ended = finish(command.env("RUST_BACKTRACE", "0"), b"");
        ended.fails_in_one_line(125, &["libecho.so"]);
    }
}
