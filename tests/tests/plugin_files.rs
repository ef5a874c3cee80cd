//! What `ww plugin inspect` and `ww plugin seal` do with files of any kind: nothing of them is executed, and what is wrong
//! with one is said in one line.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use ww_tests::library::{component, library, manifest};
use ww_tests::process::{Ended, Place, finish};

/// Runs `ww plugin …` with a backtrace asked for: one of its own would be a second line.
fn plugin(place: &Place, arguments: &[&str]) -> Ended {
    finish(place.ww(["plugin"]).args(arguments).env("RUST_BACKTRACE", "1"), b"")
}

/// A place with a native plugin, a component, and a library that is no plugin.
fn place() -> Place {
    let place = Place::new();
    library(&place.path().join("libkv.so"), Some(&manifest("kv")));
    library(&place.path().join("plain.so"), None);
    fs::write(place.path().join("kv.wasm"), component(&manifest("kv"))).expect("a component");
    place
}

#[test]
fn a_plugin_is_shown_as_lines_and_as_json() {
    let place = place();
    let native = plugin(&place, &["inspect", "libkv.so"]).exits(0).stdout;
    for line in [
        "file         libkv.so\n",
        "kind         native, for ",
        "name         kv\n",
        "version      0.1.0\n",
        "description  Keys and values.\n",
        "contract     1\n",
        "interface    0x9f1c0e0d5b7a2c11\n",
        "roles        command, content:/kv/\n",
        "requires     none\n",
        "panic        unwind\n",
        "sealed       no; `ww plugin seal` does it\n",
        "sha256       ",
        "loads        yes\n",
    ] {
        assert!(native.contains(line), "{line:?} is missing in:\n{native}");
    }
    let json = plugin(&place, &["inspect", "--json", "kv.wasm"]).exits(0).stdout;
    for part in [
        r#""kind": "component""#,
        r#""machine": null"#,
        r#""name": "kv""#,
        r#""interface": "0x9f1c0e0d5b7a2c11""#,
        r#""sealed": false"#,
        r#""refused": null"#,
    ] {
        assert!(json.contains(part), "{part} is missing in:\n{json}");
    }
}

#[test]
fn a_file_that_is_no_plugin_is_told_in_one_line() {
    let place = place();
    let write = |name: &str, bytes: &[u8]| fs::write(place.path().join(name), bytes).expect("a file");
    let whole = fs::read(place.path().join("libkv.so")).expect("the library");
    write("empty", b"");
    write("text.so", b"This is a text.\n");
    write("cut.so", &whole[..whole.len() / 2]);
    write("behind.so", &[&*whole, b"more"].concat());
    write("later.wasm", &component(&manifest("kv").replace("\"contract\":1", "\"contract\":2")));
    write("nameless.wasm", &component(&manifest("kv").replace("\"name\"", "\"nom\"")));
    fs::create_dir(place.path().join("folder")).expect("a folder");
    for (name, part) in [
        ("absent", "cannot be read: No such file"),
        ("folder", "is a directory, no file"),
        ("empty", "the file is empty"),
        ("text.so", "is a text; a plugin is a shared library or a WebAssembly component"),
        ("cut.so", "the file is cut off or damaged: "),
        ("behind.so", "has 4 bytes behind its end that are no whole seal; build or install it again"),
        ("plain.so", "is a shared library, but no plugin: it has no section ww.manifest"),
        ("later.wasm", "it was built for contract 2, and this ww has contract 1: update ww, or "),
        ("nameless.wasm", "section ww.manifest: 'name' is missing"),
    ] {
        for verb in ["inspect", "seal"] {
            let parts = [&format!("error: plugin {name}: "), part];
            plugin(&place, &[verb, name]).fails_in_one_line(125, &parts);
        }
    }
    assert_eq!(
        fs::read(place.path().join("behind.so")).expect("the file").len(),
        whole.len() + 4,
        "it is left as it was"
    );
}

#[test]
fn a_library_for_another_machine_is_shown_and_would_not_be_loaded() {
    let place = place();
    let mut bytes = fs::read(place.path().join("libkv.so")).expect("the library");
    // The machine in an ELF header: aarch64, or if this is one, x86_64.
    let other: u16 = if cfg!(target_arch = "aarch64") { 62 } else { 183 };
    bytes[18..20].copy_from_slice(&other.to_le_bytes());
    fs::write(place.path().join("libkv.so"), bytes).expect("the library");
    let shown = plugin(&place, &["inspect", "libkv.so"]).exits(0).stdout;
    assert!(
        shown.contains("loads        no: it was built for ") && shown.contains(", and this machine is "),
        "{shown}"
    );
}

#[test]
fn a_seal_is_put_on_once() {
    let place = place();
    for name in ["libkv.so", "kv.wasm"] {
        let path = place.path().join(name);
        let before = fs::read(&path).expect("the plugin");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("its mode");
        let said = plugin(&place, &["seal", name]).exits(0).stdout;
        assert_eq!(said, format!("sealed {name}\n"));
        let sealed = fs::read(&path).expect("the plugin");
        assert!(sealed.starts_with(&before) && sealed.len() > before.len());
        let about = fs::metadata(&path).expect("the plugin");
        assert_eq!(about.mode() & 0o777, 0o640);
        let said = plugin(&place, &["seal", name]).exits(0).stdout;
        assert_eq!(said, format!("{name} is sealed already\n"));
        assert_eq!(fs::metadata(&path).expect("the plugin").ino(), about.ino(), "it is not written again");
        let shown = plugin(&place, &["inspect", name]).exits(0).stdout;
        assert!(shown.contains("sealed       yes\n"), "{shown}");
        let mut damaged = sealed.clone();
        damaged[before.len() / 2] ^= 0x10;
        fs::write(&path, damaged).expect("the plugin");
        for verb in ["inspect", "seal"] {
            let parts = [&format!("error: plugin {name}: does not match its seal: "), "; build or install it again"];
            plugin(&place, &[verb, name]).fails_in_one_line(125, &parts);
        }
    }
    let left: Vec<_> =
        fs::read_dir(place.path()).expect("the place").map(|it| it.expect("a name").file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("seal")), "{left:?}");
}

#[test]
fn a_link_to_a_plugin_stays_a_link() {
    let place = place();
    fs::create_dir(place.path().join("links")).expect("a folder");
    symlink("../libkv.so", place.path().join("links/kv")).expect("a link");
    plugin(&place, &["seal", "links/kv"]).exits(0);
    assert!(fs::symlink_metadata(place.path().join("links/kv")).expect("the link").is_symlink());
    let shown = plugin(&place, &["inspect", "libkv.so"]).exits(0).stdout;
    assert!(shown.contains("sealed       yes\n"), "{shown}");
}

#[test]
fn a_command_line_that_is_none() {
    let place = Place::new();
    for arguments in [&["inspect"][..], &["seal"], &["seal", "--json", "x"], &["open", "x"], &[]] {
        let ended = plugin(&place, arguments).exits(2);
        assert!(ended.stdout.is_empty() && !ended.stderr.contains("panicked"), "{ended}");
    }
}
