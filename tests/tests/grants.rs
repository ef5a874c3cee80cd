//! What the operator grants a guest with `--grant` and `--deny`, as the guest sees it.

use ww_tests::binary::guest;
use ww_tests::node::{node, probe};
use ww_tests::process::{Ended, Place, finish};

/// Runs a guest that grafts all that it may, then `host` by its name, on a node with these options.
fn run(place: &Place, options: &[&str]) -> Ended {
    let image = probe(place);
    let mut command = node(place, &image);
    finish(command.env("RUST_LOG", "off").args(options).args(["--", "console"]), b"all graft\none graft host\n")
}

/// What the guest is told for both.
fn grafts(options: &[&str]) -> [String; 2] {
    let ended = run(&Place::new(), options).exits(0);
    let answer = |start: &str| {
        let answer = ended.stdout.lines().find_map(|line| line.strip_prefix(start));
        answer.unwrap_or_else(|| panic!("no {start:?} in:\n{ended}")).to_owned()
    };
    [answer("all: "), answer("one: ")]
}

const NOTHING: &str = "error Failed: capability 'host' is not configured; configured: nothing";

#[test]
fn what_is_configured_is_granted() {
    assert_eq!(grafts(&[]), ["host", "host"]);
}

#[test]
fn what_is_named_is_granted() {
    assert_eq!(grafts(&["--grant", "host"]), ["host", "host"]);
    assert_eq!(grafts(&["--grant", "host", "--grant=host"]), ["host", "host"]);
}

#[test]
fn what_is_denied_is_not_granted() {
    assert_eq!(grafts(&["--deny", "host"]), ["", NOTHING]);
}

#[test]
fn a_denial_is_stronger_than_a_grant() {
    assert_eq!(grafts(&["--grant", "host", "--deny", "host"]), ["", NOTHING]);
    assert_eq!(grafts(&["--deny", "host", "--grant", "host"]), ["", NOTHING]);
}

#[test]
fn a_name_that_is_not_configured_is_refused_before_the_guest_starts() {
    for options in [
        &["--grant", "hots"][..],
        &["--deny", "hots"],
        &["--grant", "host", "--grant", "hots"],
        &["--grant", "host", "--deny", "hots"],
        &["--deny", "host", "--deny", "hots"],
    ] {
        let option = options[options.len() - 2];
        let expected = format!("error: {option}: capability 'hots' is not configured; configured: host");
        let ended = run(&Place::new(), options).fails_in_one_line(125, &[&expected]);
        assert_eq!(ended.stdout, "", "no guest ran");
    }
}

#[test]
fn a_word_that_is_no_name_is_refused() {
    let place = Place::new();
    let words = ["", "Host", "a b", "../host"].map(|word| (word, word));
    // Only a grant can be one to a plugin.
    let grants = [("kv:", ""), ("Kv:host", "Kv"), ("kv:host:x", "host:x")].map(|(word, name)| ("--grant", word, name));
    let denials = [("--deny", "kv:host", "kv:host")];
    let both = ["--grant", "--deny"].into_iter().flat_map(|option| words.map(|(word, name)| (option, word, name)));
    for (option, word, name) in both.chain(grants).chain(denials) {
        let ended = run(&place, &[option, word]).exits(2);
        let expected = format!("'{name}' is no name of a capability: 1 to 64 of a-z, 0-9, - and _, starting with");
        assert!(ended.stderr.contains(&expected) && ended.stderr.contains(option), "{ended}");
    }
}

/// The operator's own file, and none of an image or of the working directory.
#[test]
fn a_configuration_grants_and_denies() {
    let place = Place::new();
    let deny = "[guest]\ndeny = ['host']\n";
    let image = probe(&place);
    for folder in [place.path(), &image, &image.join("etc")] {
        std::fs::create_dir_all(folder).expect("a folder");
        for name in ["config.toml", "ww.toml", "ww/config.toml", ".config/ww/config.toml"] {
            let file = folder.join(name);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            std::fs::write(file, deny).expect("a file");
        }
    }
    let one = |options: &[&str]| {
        let ended = run(&place, options).exits(0).stdout;
        ended.lines().find_map(|line| line.strip_prefix("one: ")).map(str::to_owned)
    };
    assert_eq!(one(&[]).as_deref(), Some("host"), "nothing of the image is looked at");
    std::fs::write(place.path().join("node.toml"), deny).expect("a file");
    assert_eq!(one(&["--config", "node.toml"]).as_deref(), Some(NOTHING));
    assert_eq!(one(&["--config", "node.toml", "--grant", "host"]).as_deref(), Some(NOTHING), "a denial is stronger");
    std::fs::write(place.path().join("node.toml"), "[guest]\ngrants = []\n").expect("a file");
    assert_eq!(one(&["--config", "node.toml"]).as_deref(), Some(NOTHING), "nothing is named");
    assert_eq!(one(&["--config", "node.toml", "--grant", "host"]).as_deref(), Some("host"));
    let home = place.path().join("home/.config/ww");
    std::fs::create_dir_all(&home).expect("a folder");
    std::fs::write(home.join("config.toml"), "[guest]\ngrants = ['hots']\n").expect("a file");
    let said = format!("error: config {}: guest.grants: capability 'hots' is ", home.join("config.toml").display());
    run(&place, &[]).fails_in_one_line(125, &[&said]);
    assert_eq!(one(&["--config", "/dev/null"]).as_deref(), Some("host"));
}

#[test]
fn a_guest_that_needs_what_it_was_not_granted_says_so() {
    let place = Place::new();
    let image = place.image("hello", &guest("examples/hello")["hello"]);
    let ended = finish(node(&place, &image).env("RUST_LOG", "off").args(["--deny", "host"]), b"").exits(1);
    assert_eq!(ended.stdout, "");
    assert!(ended.stderr.contains("capability 'host' is not in this session; it has: nothing"), "{ended}");
}
