//! `ww NAME ARGS…`: the command line of a provider, in the node that has it open, or in a process of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use ww_tests::binary::plugin;
use ww_tests::node::{node, probe};
use ww_tests::process::{Place, Running, finish};

fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| plugin("tests/plugins/echo"))
}

/// `ww` with these words, beside nodes that keep their data in `place`.
fn ww(place: &Place, words: &[&str]) -> Command {
    let mut command = place.ww(words);
    command.env("WW_DATA", data(place)).env("RUST_LOG", "ww::command=info");
    command
}

fn data(place: &Place) -> PathBuf {
    place.path().join("data")
}

/// A node that has `echo` open under this name.
fn open(place: &Place, name: &str) -> Running {
    let image = probe(place);
    let mut command = node(place, &image);
    command.env("WW_DATA", data(place)).env("RUST_LOG", "off");
    command.arg("--plugin").arg(format!("{name}={}", library().display())).args(["--", "console"]);
    let mut running = Running::start(&mut command);
    running.stdout_line(|line| (line == "ready").then_some(()));
    running
}

#[test]
fn it_runs_in_the_node_that_has_the_provider_open() {
    let place = Place::new();
    let node = open(&place, "echo");
    let ended = finish(&mut ww(&place, &["echo", "one", "--two"]), b"and this").exits(0);
    assert_eq!(ended.stdout, "one --two (terminal: false)\nand this");
    let where_it_ran = format!("echo runs in the node with process id {}", node.id());
    assert!(ended.stderr.contains(&where_it_ran), "{ended}");
    let ended = finish(&mut ww(&place, &["echo", "fail", "7"]), b"").exits(7);
    assert!(ended.stderr.ends_with("as you like\n"), "{ended}");
}

#[test]
fn it_runs_in_a_process_of_its_own_where_no_node_has_the_provider_open() {
    let place = Place::new();
    let _other = open(&place, "other");
    let file = library().display().to_string();
    let words = ["command", "--plugin", &file, "echo", "hello", "--plugin"];
    let ended = finish(&mut ww(&place, &words), b"").exits(0);
    assert_eq!(ended.stdout, "hello --plugin (terminal: false)\n");
    assert!(ended.stderr.contains("echo runs in this process: no node in"), "{ended}");
}

#[test]
fn a_reader_that_has_had_enough_ends_it_without_an_error() {
    let place = Place::new();
    let _node = open(&place, "echo");
    let mut shell = place.command("sh");
    shell.args(["-c", "(\"$0\" echo x </dev/zero; echo status $? >&2) | head -c 1"]).arg(ww_tests::binary::ww());
    shell.env("WW_DATA", data(&place)).env("RUST_LOG", "off");
    let ended = finish(&mut shell, b"").exits(0);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("x", "status 0\n"));
}

#[test]
fn a_node_that_was_killed_is_nobody() {
    let place = Place::new();
    drop(open(&place, "echo"));
    let left = std::fs::read_dir(data(&place).join("control")).expect("the folder of sockets").count();
    assert_eq!(left, 1, "a node that is killed leaves its socket");
    let ended = finish(&mut ww(&place, &["echo", "x"]), b"");
    ended.fails_in_one_line(2, &["error: 'echo' is no verb of ww", "no provider that a node in", "`ww plugin list`"]);
    let left = std::fs::read_dir(data(&place).join("control")).expect("the folder of sockets").count();
    assert_eq!(left, 0, "whoever finds it removes it");
}

#[test]
fn several_nodes_that_could_be_meant_are_told() {
    let place = Place::new();
    let nodes = [open(&place, "echo"), open(&place, "echo")];
    let pids = nodes.each_ref().map(|node| node.id().to_string());
    let ended = finish(&mut ww(&place, &["echo", "x"]), b"");
    ended.fails_in_one_line(125, &["several nodes in", "have 'echo' open", &pids[0], &pids[1], "--data"]);
}

#[test]
fn a_provider_without_a_command_line_says_so() {
    let place = Place::new();
    let file = plugin("tests/plugins/broken").display().to_string();
    let ended = finish(ww(&place, &["command", "--plugin", &file, "broken"]).env("RUST_LOG", "off"), b"");
    ended.fails_in_one_line(125, &["provider 'broken'", "role: provider 'broken' has no role 'command'"]);
}

#[test]
#[cfg(unix)]
fn only_its_user_can_open_the_socket() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let _node = open(&place, "echo");
    let folder = data(&place).join("control");
    let mode = |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for entry in std::fs::read_dir(&folder).expect("the folder of sockets") {
        assert_eq!(mode(&entry.expect("an entry").path()), 0o600);
    }
}

/// Two of one library, each with a name and a configuration of its own, in one node.
#[test]
fn copies_under_other_names_answer_as_themselves() {
    let place = Place::new();
    let image = probe(&place);
    let file = library().display().to_string();
    let mut command = node(&place, &image);
    command.env("RUST_LOG", "off").args(["--plugin", &file, "--plugin", &format!("second={file}")]);
    command.args(["--set", "echo.greeting=one ", "--set", "second.greeting=two ", "--", "console"]);
    let ended = finish(&mut command, b"a echo echo hi\nb echo second hi\nc graft\n").exits(0);
    assert_eq!(ended.stdout, "ready\na: one hi (probe)\nb: two hi (probe)\nc: echo host second\n");
}
