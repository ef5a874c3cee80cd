//! Which crate may depend on which, from `cargo metadata`. ARCHITECTURE.md says why; here it is checked.

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, Package};
use ww_tests::repository::{crates, folder, relative, root, texts};

/// The crates of ours that a crate may depend on, by their folders; `*` is one name, and every crate may depend on
/// `capnp`, the bindings. A crate that is missing here fails the test: its place is decided before it is written.
const EDGES: &[(&str, &[&str])] = &[
    ("capnp", &[]),
    ("sdk/call", &[]),
    ("sdk/codegen", &[]),
    ("sdk/abi", &["sdk/call"]),
    ("sdk/plugin", &["sdk/abi", "sdk/call", "sdk/guest"]),
    ("sdk/guest", &["sdk/call"]),
    ("host/membrane", &["sdk/call"]),
    ("host/cell", &["sdk/call"]),
    ("host", &["host/membrane", "host/cell", "sdk/call", "sdk/abi", "sdk/codegen"]),
    ("examples/*", &["sdk/guest"]),
    ("examples/clock/clock-api", &[]),
    ("examples/clock/clock", &["sdk/plugin", "examples/clock/clock-api"]),
    ("examples/clock/guest", &["sdk/guest", "examples/clock/clock-api"]),
    ("examples/kv/kv-api", &[]),
    ("examples/kv/kv", &["sdk/plugin", "examples/kv/kv-api"]),
    ("examples/kv/guest", &["sdk/guest", "examples/kv/kv-api"]),
    ("tests/plugins/*", &["sdk/abi", "sdk/call", "sdk/plugin", "tests/conformance"]),
    ("tests/guests/*", &["sdk/guest", "sdk/call", "examples/kv/kv-api", "tests/conformance", "tests/player"]),
];

/// The crates that may depend on anything, and that nothing else may depend on, but for the tests of a crate.
const FREE: &[&str] =
    &["tests", "tests/conformance", "tests/bench", "tests/fuzz", "tests/fuzz/libfuzzer", "tests/player", "xtask"];

/// Dependencies that are kept to few crates, by how their names begin: each is one reason why a crate exists.
const OWNED: &[(&str, &[&str])] = &[("wasmtime", &["host/cell"]), ("libp2p", &["host"])];

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(parent) => name.strip_prefix(parent).is_some_and(|rest| !rest.contains('/')),
        None => pattern == name,
    }
}

fn is_free(name: &str) -> bool {
    FREE.contains(&name)
}

/// The folders of the crates of ours that a crate depends on; its tests' dependencies are told apart.
fn ours(package: &Package) -> Vec<(String, DependencyKind)> {
    let paths = package.dependencies.iter().filter_map(|it| it.path.as_ref().map(|path| (path, it.kind)));
    paths.map(|(path, kind)| (relative(path.as_std_path()), kind)).collect()
}

#[test]
fn every_edge_between_our_crates_is_an_allowed_one() {
    let mut wrong = Vec::new();
    for package in crates() {
        let from = folder(&package);
        if is_free(&from) {
            continue;
        }
        let Some((_, allowed)) = EDGES.iter().find(|(pattern, _)| matches(pattern, &from)) else {
            wrong.push(format!("{from} has no row in EDGES"));
            continue;
        };
        for (to, kind) in ours(&package) {
            let for_tests = kind == DependencyKind::Development && is_free(&to);
            if to != "capnp" && !for_tests && !allowed.iter().any(|pattern| matches(pattern, &to)) {
                wrong.push(format!("{from} -> {to}"));
            }
        }
    }
    assert!(wrong.is_empty(), "edges that are not allowed: {wrong:#?}");
}

/// The host finds providers at run time: it must build, and be understood, without any.
#[test]
fn the_host_names_no_plugin() {
    let in_host = crates().into_iter().filter(|it| folder(it).split('/').next() == Some("host"));
    for package in in_host {
        for (to, _) in ours(&package) {
            assert!(!to.starts_with("plugins"), "{} depends on {to}", folder(&package));
        }
        let manifest = std::fs::read_to_string(&package.manifest_path).expect("a manifest");
        assert!(!manifest.contains("plugins/"), "{} names a plugin", relative(package.manifest_path.as_std_path()));
    }
}

#[test]
fn what_one_crate_is_there_for_is_used_by_no_other() {
    for package in crates() {
        let from = folder(&package);
        for dependency in package.dependencies.iter().filter(|_| !is_free(&from)) {
            for (prefix, owners) in OWNED.iter().filter(|(prefix, _)| dependency.name.starts_with(prefix)) {
                assert!(owners.contains(&from.as_str()), "{from} uses {}: {prefix} is for {owners:?}", dependency.name);
            }
        }
    }
}

/// Guests included, which are workspaces of their own and have no table to take versions from.
#[test]
fn every_dependency_has_one_version_everywhere() {
    let mut versions: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for package in crates() {
        for dependency in package.dependencies.iter().filter(|it| it.path.is_none()) {
            let users = versions.entry(dependency.name.clone()).or_default().entry(dependency.req.to_string());
            users.or_default().push(folder(&package));
        }
    }
    versions.retain(|_, requirements| requirements.len() > 1);
    assert!(versions.is_empty(), "more than one version: {versions:#?}");
}

#[test]
fn every_crate_is_on_the_map() {
    let (_, map) =
        texts(&["ARCHITECTURE.md"]).into_iter().find(|(name, _)| name == "ARCHITECTURE.md").expect("the map");
    for package in crates().iter().filter(|it| !it.manifest_path.starts_with(root().join("examples"))) {
        let folder = folder(package);
        if !folder.starts_with("tests/guests/") && !folder.starts_with("tests/plugins/") {
            assert!(map.contains(&format!("`{folder}/`")), "ARCHITECTURE.md says nothing of `{folder}/`");
        }
    }
}

#[test]
fn patterns_stand_for_one_name() {
    assert!(matches("examples/*", "examples/hello"));
    assert!(!matches("examples/*", "examples/hello/deep"));
    assert!(!matches("examples/*", "examples"));
    assert!(matches("host", "host") && !matches("host", "host/cell"));
}
