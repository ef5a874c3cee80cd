//! Images of several layers, run as a user runs them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ww_tests::binary::guest;
use ww_tests::node::plain;
use ww_tests::process::{Ended, Place, Running, finish};

/// A node that is told its image later, with its data and temporary files in folders of the place.
fn node(place: &Place) -> Command {
    let mut command = place.ww(["run", "--listen", "/ip4/127.0.0.1/tcp/0", "--ephemeral", "--data", "data"]);
    command.env("TMPDIR", place.path().join("tmp"));
    command
}

/// Runs the image that `layers` are together, the node's log left out.
fn run(place: &Place, layers: &[&str], arguments: &[&str]) -> Ended {
    finish(node(place).env("RUST_LOG", "off").args(layers).arg("--").args(arguments), b"")
}

/// Writes files; a path that ends in `/` is a folder.
fn write(folder: &Path, files: &[(&str, &str)]) {
    fs::create_dir_all(folder).expect("a folder");
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a file's folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
}

/// `base` with a guest that does nothing of use, `app` with the one that does, `site` without any.
fn image(place: &Place) -> [&'static str; 3] {
    let idle = guest("examples/hello").into_values().next().expect("the example guest");
    place.image("base", &idle);
    fs::rename(plain(place), place.path().join("app")).expect("name it");
    write(&place.path().join("tmp"), &[]);
    write(
        &place.path().join("base"),
        &[
            ("etc/name", "base"),
            ("etc/only-base", "base"),
            ("etc/gone", "base"),
            ("usr/lib/a", "base"),
            ("var/b", "no"),
        ],
    );
    write(
        &place.path().join("app"),
        &[("etc/name", "app"), ("etc/.wh.gone", ""), ("usr/.wh.lib", ""), ("usr/lib/b", "app")],
    );
    write(&place.path().join("site"), &[("etc/only-site", "site"), (".wh.srv", "")]);
    ["base", "app", "site"]
}

/// Every file and folder below `folder`, with the text of files.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut todo, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let bytes = if path.is_dir() { Vec::new() } else { fs::read(&path).expect("a file") };
            if path.is_dir() {
                todo.push(path.clone());
            }
            found.push((path, bytes));
        }
    }
    found.sort();
    found
}

#[test]
fn layers_merge_file_by_file_and_nothing_is_copied() {
    let place = Place::new();
    let layers = image(&place);
    let before: Vec<_> = layers.iter().map(|layer| contents(&place.path().join(layer))).collect();
    let questions = [
        "files",
        "list:/",
        "list:/etc",
        "list:/usr/lib",
        "read:/etc/name",
        "read:/etc/only-base",
        "read:/etc/only-site",
        "read:/etc/gone",
        "read:/etc/.wh.gone",
        "read:/usr/lib/a",
        "read:/usr/lib/b",
        "list:/var",
        "write:/etc/name",
        "write:/etc/.wh.name",
    ];
    let said = run(&place, &layers, &questions).exits(0).stdout;
    let expected = "\
list:/: boot etc tmp usr var
list:/etc: name only-base only-site
list:/usr/lib: b
read:/etc/name: app
read:/etc/only-base: base
read:/etc/only-site: site
read:/etc/gone: error NotFound
read:/etc/.wh.gone: error NotFound
read:/usr/lib/a: error NotFound
read:/usr/lib/b: app
list:/var: 
write:/etc/name: error ReadOnlyFilesystem
write:/etc/.wh.name: error NotFound
";
    assert_eq!(said, expected);

    // Neither beside the layers nor into them, and what the guest kept is nothing.
    let after: Vec<_> = layers.iter().map(|layer| contents(&place.path().join(layer))).collect();
    assert!(before == after, "a layer has changed: {after:#?}");
    assert_eq!(contents(&place.path().join("tmp")), []);
    assert!(!place.path().join("data/state").exists(), "nothing was written to /var");
}

#[test]
fn the_guest_comes_from_the_latest_layer_that_has_one() {
    let place = Place::new();
    let [base, app, site] = image(&place);
    let hello = finish(node(&place).env("RUST_LOG", "off").args([app, site, base]), b"").exits(0);
    assert!(hello.stdout.starts_with("Hello"), "{hello}");
    let read = run(&place, &[base, app], &["files", "read:/etc/name"]).exits(0);
    assert_eq!(read.stdout, "read:/etc/name: app\n");

    write(&place.path().join("site"), &[("boot/.wh.main.wasm", "")]);
    let removed = finish(node(&place).args([base, app, site]), b"");
    removed.fails_in_one_line(125, &["image base app site", "there is no boot/main.wasm"]);
}

#[test]
fn what_a_guest_of_several_layers_keeps_is_the_nodes_by_its_name() {
    let place = Place::new();
    let [base, app, _] = image(&place);
    let write = ["files", "write:/var/kept", "list:/var"];
    let said = run(&place, &[base, app], &write).exits(0).stdout;
    assert_eq!(said, "write:/var/kept: done\nlist:/var: kept\n");
    let kept = place.path().join("data/state/app/kept");
    assert_eq!(fs::read_to_string(&kept).expect("the guest's state"), "written by the guest");

    // By the guest's name, in whatever layers it has.
    let said = run(&place, &["base", "site", app], &["files", "list:/var"]).exits(0).stdout;
    assert_eq!(said, "list:/var: kept\n");
    let said = run(&place, &["--name", "other", base, app], &["files", "list:/var"]).exits(0).stdout;
    assert_eq!(said, "list:/var: \n");
    // One layer has its own.
    let said = run(&place, &[app], &["files", "list:/var"]).exits(0).stdout;
    assert_eq!(said, "list:/var: \n");
}

#[test]
fn one_node_at_a_time_has_a_guests_state() {
    let place = Place::new();
    let [base, app, _] = image(&place);
    let mut first = Running::start(node(&place).env("RUST_LOG", "off").args([base, app, "--", "flood"]));
    first.stderr_line(|line| (line == "flooding").then_some(()));
    let second = finish(node(&place).args([base, app, "--", "files", "write:/var/lost", "list:/var"]), b"").exits(0);
    assert_eq!(second.stdout, "write:/var/lost: done\nlist:/var: lost\n");
    assert!(second.stderr.contains("state/app is in use by another node"), "{second}");
    drop(first);
    assert!(!place.path().join("data/state/app").exists(), "what the second one wrote is gone");
    let said = run(&place, &[base, app], &["files", "list:/var"]).exits(0).stdout;
    assert_eq!(said, "list:/var: \n");
}

#[test]
fn links_lead_through_all_layers_and_not_out_of_them() {
    let place = Place::new();
    let [base, app, _] = image(&place);
    write(place.path(), &[("secret", "host")]);
    for (target, link) in [
        ("/etc/only-base", "app/etc/absolute"),
        ("../etc/only-base", "app/usr/relative"),
        ("../../secret", "app/usr/out"),
        ("/usr/lib", "base/library"),
    ] {
        std::os::unix::fs::symlink(target, place.path().join(link)).expect("a link");
    }
    let said = run(
        &place,
        &[base, app],
        &["files", "read:/etc/absolute", "read:/usr/relative", "read:/usr/out", "read:/library/b"],
    );
    let expected = "\
read:/etc/absolute: base
read:/usr/relative: base
read:/usr/out: error PermissionDenied
read:/library/b: app
";
    assert_eq!(said.exits(0).stdout, expected);
}

#[test]
fn what_is_no_layer_is_named() {
    let place = Place::new();
    let [base, app, _] = image(&place);
    write(place.path(), &[("file", "")]);
    finish(node(&place).args([base, "none", app]), b"").fails_in_one_line(125, &["image none: "]);
    finish(node(&place).args([base, app, "file"]), b"").fails_in_one_line(125, &["image file: ", "not a directory"]);
    finish(node(&place).args([base; 33]), b"").fails_in_one_line(125, &["33 layers: at most 32 can be merged"]);
}

#[test]
fn the_log_names_all_layers() {
    let place = Place::new();
    let layers = image(&place);
    let ended = finish(node(&place).args(layers).args(["--", "files"]), b"").exits(0);
    let root = place.path().canonicalize().expect("the place");
    let names: Vec<_> = layers.iter().map(|layer| root.join(layer).display().to_string()).collect();
    assert!(ended.stderr.contains(&format!("runs {}, listening on", names.join(" "))), "{ended}");
}
