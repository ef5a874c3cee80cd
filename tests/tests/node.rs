//! A node beside its guest: identity, log, data.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ww_tests::node::probe;
use ww_tests::process::{Ended, Place, Running, finish};

/// `ww run` of the guest that does what a console is told, with the node's log.
fn command(place: &Place, options: &[&str]) -> std::process::Command {
    let mut command = place.ww(["run", "probe", "--listen", "/ip4/127.0.0.1/tcp/0"]);
    command.args(options).args(["--", "console"]);
    command
}

/// Runs it to its end; gives the peer id that its guest was told.
fn id(place: &Place, options: &[&str]) -> (String, Ended) {
    let ended = finish(&mut command(place, options), b"id id\n").exits(0);
    (id_in(&ended.stdout), ended)
}

fn id_in(stdout: &str) -> String {
    let id = stdout.lines().find_map(|line| line.strip_prefix("id: ")).unwrap_or_else(|| panic!("no id in {stdout}"));
    assert!(id.starts_with("12D3KooW"), "{id}");
    id.to_owned()
}

/// A node that runs until its input ends, and its peer id.
fn running(place: &Place, options: &[&str]) -> (String, Running) {
    let mut running = Running::start(&mut command(place, options));
    std::io::Write::write_all(running.stdin.as_mut().expect("its input"), b"id id\n").expect("it reads");
    let id = running.stdout_line(|line| line.strip_prefix("id: ").map(str::to_owned));
    (id, running)
}

fn default_data(place: &Place) -> PathBuf {
    place.path().join("home/.local/share/ww")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o7777
}

fn files(folder: &Path) -> Vec<PathBuf> {
    if folder.exists() { ww_tests::repository::files(folder) } else { Vec::new() }
}

#[test]
fn an_identity_is_made_once_and_kept() {
    let place = Place::new();
    probe(&place);
    let (first, _) = id(&place, &[]);
    let file = default_data(&place).join("identity");
    assert_eq!((mode(&file), mode(&default_data(&place))), (0o600, 0o700));
    let bytes = fs::read(&file).expect("the key");
    assert_eq!(id(&place, &[]).0, first);
    assert_eq!(fs::read(&file).expect("the key"), bytes);
    // The same in a file of one's own, and with data elsewhere.
    let (second, _) = id(&place, &["--identity", "keys/mine"]);
    assert_ne!(second, first);
    assert_eq!(mode(&place.path().join("keys/mine")), 0o600);
    assert_eq!(id(&place, &["--identity", "keys/mine"]).0, second);
    let (third, _) = id(&place, &["--data", "data"]);
    assert!(third != first && third != second);
    assert_eq!(mode(&place.path().join("data/identity")), 0o600);
    let mut elsewhere = command(&place, &[]);
    assert_eq!(id_in(&finish(elsewhere.env("WW_DATA", "data"), b"id id\n").exits(0).stdout), third);
}

#[test]
fn an_ephemeral_identity_leaves_no_file() {
    let place = Place::new();
    probe(&place);
    let (first, _) = id(&place, &["--ephemeral"]);
    assert_ne!(id(&place, &["--ephemeral"]).0, first);
    let kept = files(&place.path().join("home"));
    assert!(!kept.is_empty() && kept.iter().all(|file| file.extension().is_some_and(|it| it == "cwasm")), "{kept:?}");
}

#[test]
fn a_second_node_gets_an_identity_of_its_own() {
    let place = Place::new();
    probe(&place);
    let (first, mut one) = running(&place, &[]);
    let (second, ended) = id(&place, &[]);
    assert_ne!(second, first);
    let said: Vec<_> = ended.stderr.lines().filter(|line| line.contains("identity")).collect();
    assert_eq!(said.len(), 1, "{ended}");
    assert!(said[0].contains("WARN ww::run: ") && said[0].contains("is in use by another node"), "{ended}");
    assert!(said[0].contains("ephemeral identity"), "{ended}");
    // Two things are to be said of it, the image being in use too; yet two lines are all that come.
    assert_eq!(ended.stderr.lines().count(), 2, "{ended}");
    // Who asks for this very identity is refused.
    let file = default_data(&place).join("identity").display().to_string();
    finish(&mut command(&place, &["--identity", &file]), b"")
        .fails_in_one_line(125, &["error: identity ", "in use by another node"]);
    // A node that has ended is in nobody's way, also one that was killed.
    one.signal("KILL");
    drop(one.stdin.take());
    assert_eq!(one.end().status.code(), None);
    assert_eq!(id(&place, &[]).0, first);
}

#[test]
fn the_log_is_short_and_names_the_node() {
    let place = Place::new();
    probe(&place);
    let (id, ended) = id(&place, &[]);
    assert_eq!(ended.stdout, format!("ready\nid: {id}\n"), "nothing but the guest's");
    assert!((1..=2).contains(&ended.stderr.lines().count()), "{ended}");
    assert!(ended.stderr.contains(&format!("node {id} runs ")), "{ended}");
    assert!(ended.stderr.contains("listening on /ip4/127.0.0.1/tcp/"), "{ended}");
    assert!(!ended.stderr.contains('\x1b'), "{ended}");
}

#[test]
fn the_filter_decides_what_is_logged() {
    let place = Place::new();
    probe(&place);
    let log = |filter: &str| {
        let ended = finish(command(&place, &["--ephemeral"]).env("RUST_LOG", filter), b"id id\n").exits(0);
        assert!(ended.stdout.starts_with("ready\nid: 12D3KooW"), "{ended}");
        ended.stderr
    };
    assert_eq!(log("off"), "");
    assert_eq!(log("ww=error"), "");
    let (info, debug) = (log("ww=info"), log("ww=debug"));
    assert!(debug.lines().count() > info.lines().count(), "{info}{debug}");
    assert!(debug.contains("DEBUG ww::"), "{debug}");
    assert!(debug.lines().all(|line| line.contains(" ww::")), "only ours: {debug}");
    assert_eq!(log("").lines().count(), info.lines().count());
}

#[test]
fn compiled_code_is_kept_private_and_used_again() {
    let place = Place::new();
    probe(&place);
    id(&place, &["--ephemeral"]);
    let cache = default_data(&place).join("cache/code");
    assert_eq!(mode(&cache), 0o700);
    let code = files(&cache);
    assert_eq!(code.len(), 1);
    let written = || fs::metadata(&code[0]).and_then(|it| Ok((it.created()?, it.len()))).expect("the code");
    let before = written();
    id(&place, &["--ephemeral"]);
    assert_eq!(written(), before);
    // What is no code is thrown away, and no reason to fail.
    fs::write(&code[0], "garbage").expect("the code");
    id(&place, &["--ephemeral"]);
    assert_eq!(files(&cache), code);
    assert!(fs::metadata(&code[0]).is_ok_and(|it| it.len() == before.1));
}
