//! Rules that every file of the repository keeps.

use cargo_metadata::Package;
use ww_tests::repository::{folder, metadata, root, texts};

/// The crates of the workspace. Guests are left out: they are what a user's own projects are.
fn members() -> Vec<Package> {
    metadata(&root()).packages
}

/// A mistake with its place, as an editor opens it.
fn place(name: &str, text: &str, offset: usize) -> String {
    format!("{name}:{}", text[..offset].matches('\n').count() + 1)
}

fn none(what: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{what}: {found:#?}");
}

#[test]
fn every_crate_says_what_it_is() {
    for package in members() {
        for target in &package.targets {
            let text = std::fs::read_to_string(&target.src_path).expect("a source file");
            assert!(text.starts_with("//!"), "{} does not start with its documentation", target.src_path);
        }
    }
}

#[test]
fn every_crate_carries_the_licence() {
    for file in ["LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(root().join(file).is_file(), "{file} is missing");
    }
    for package in members() {
        assert_eq!(package.license.as_deref(), Some("MIT OR Apache-2.0"), "{}", folder(&package));
    }
}

#[test]
fn every_member_keeps_the_shared_lints() {
    for package in members() {
        let manifest = std::fs::read_to_string(&package.manifest_path).expect("a manifest");
        assert!(manifest.contains("[lints]\nworkspace = true"), "{} has lints of its own", folder(&package));
    }
}

/// The compiler says so too, but not where lints are off, as in a guest's own workspace.
#[test]
fn every_allowance_has_its_reason() {
    let mut found = Vec::new();
    for (name, text) in texts(&[".rs"]) {
        for keyword in ["allow", "expect"] {
            for start in ["#[", "#!["] {
                let attribute = format!("{start}{keyword}(");
                for (offset, _) in text.match_indices(&attribute) {
                    let end = text[offset..].find(")]").map_or(text.len(), |it| offset + it);
                    if !text[offset..end].contains("reason = ") {
                        found.push(place(&name, &text, offset));
                    }
                }
            }
        }
    }
    none("allowances without a reason", found);
}

#[test]
fn no_test_is_skipped() {
    let attribute = concat!("#[", "ignore");
    let mut found = Vec::new();
    for (name, text) in texts(&[".rs"]) {
        found.extend(text.match_indices(attribute).map(|(offset, _)| place(&name, &text, offset)));
    }
    none("skipped tests", found);
}

/// `cargo xtask soak` runs at its full counts what a plain run does a part of.
#[test]
fn every_test_that_scales_is_soaked() {
    let sources = texts(&[".rs"]);
    let (_, soak) = sources.iter().find(|(name, _)| name == "xtask/src/soak.rs").expect("the list");
    let asks = concat!("scale::", "scaled;");
    let heavy = sources.iter().filter(|(_, text)| text.contains(asks)).map(|(name, _)| name.clone());
    none("heavy tests that are not on the list", heavy.filter(|name| !soak.contains(&format!("\"{name}\""))).collect());
}

/// Paths of one person's machine: they work there and nowhere else, and tell who wrote them.
#[test]
fn no_file_names_a_path_of_some_machine() {
    let paths = [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/Us", "ers/")];
    let mut found = Vec::new();
    for (name, text) in texts(&[".rs", ".toml", ".md", ".capnp", ".wit", ".sh", ".ci/run", ".lock"]) {
        for path in paths {
            for (offset, _) in text.match_indices(path) {
                let before = text[..offset].chars().next_back();
                // `target/work/` is a path from here, and no other machine's.
                if !before.is_some_and(|it| it.is_alphanumeric() || "._-/}*".contains(it)) {
                    found.push(place(&name, &text, offset));
                }
            }
        }
    }
    none("absolute paths", found);
}

/// `RUST_LOG=ww=debug` is to show what every crate of ours says: its events are under `ww::`, whatever the crate's name.
#[test]
fn every_event_is_under_ww() {
    let mut found = Vec::new();
    let libraries = ["host/cell/", "host/membrane/", "sdk/call/"];
    for (name, text) in texts(&[".rs"]).into_iter().filter(|(name, _)| libraries.iter().any(|it| name.starts_with(it)))
    {
        for level in
            ["trace!(", "debug!(", "info!(", "warn!(", "error!(", "trace_span!(", "debug_span!(", "info_span!("]
        {
            for (offset, _) in text.match_indices(level) {
                let whole_word = text[..offset].chars().next_back().is_none_or(|it| !it.is_alphanumeric() && it != '_');
                if whole_word && !text[offset + level.len()..].trim_start().starts_with("target:") {
                    found.push(place(&name, &text, offset));
                }
            }
        }
    }
    none("events without a target", found);
}

/// Ids that are derived from names change when something is renamed, and every guest that was built breaks.
#[test]
fn every_schema_and_interface_has_an_explicit_id() {
    for (name, text) in texts(&[".capnp"]) {
        let first = text.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty());
        assert!(first.is_some_and(|it| it.starts_with("@0x")), "{name} does not start with its id");
        for (number, line) in text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("interface ")) {
            assert!(line.contains(" @0x"), "{name}:{}: an interface without an id", number + 1);
        }
    }
}

/// The host works with any provider; the names of the standard ones are data, and in one place.
#[test]
fn one_file_of_the_host_knows_the_standard_plugins() {
    let mut found = Vec::new();
    let host = texts(&[".rs"]).into_iter().filter(|(name, _)| name.starts_with("host/"));
    for (name, text) in host.filter(|(name, _)| name != "host/src/plugin/standard.rs") {
        for plugin in ["ipfs", "executor", "epoch"] {
            found.extend(text.match_indices(&format!("\"{plugin}\"")).map(|(offset, _)| place(&name, &text, offset)));
        }
    }
    none("names of standard plugins", found);
}
