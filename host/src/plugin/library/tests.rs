use std::fs;

use ww_tests::library::{component, library, manifest};

use super::*;

/// What becomes of a file with these bytes.
fn prepared(bytes: &[u8]) -> Result<(Library, Vec<u8>), String> {
    let place = tempfile::tempdir().expect("a temporary folder");
    let path = place.path().join("libkv.so");
    fs::write(&path, bytes).expect("a file");
    let file = PluginFile::read(&path).expect("a plugin");
    Library::prepare(file).map(|library| (library, bytes.to_vec())).map_err(|error| error.to_string())
}

fn built(section: &str) -> Vec<u8> {
    let place = tempfile::tempdir().expect("a temporary folder");
    let path = place.path().join("libkv.so");
    library(&path, Some(section));
    fs::read(path).expect("the library")
}

#[test]
fn the_checked_bytes_are_loaded() {
    let (library, bytes) = prepared(&built(&manifest("kv"))).expect("a library");
    assert!(library.place().starts_with("/proc/self/fd"));
    assert_eq!(fs::read(library.place()).expect("its bytes"), bytes);
    assert!(!library.path().exists(), "its own file is not needed any more");
    assert_eq!((library.manifest().name.as_str(), library.is_sealed()), ("kv", false));
}

#[test]
fn what_this_process_cannot_load_is_refused() {
    let native = built(&manifest("kv"));
    let mut foreign = native.clone();
    foreign[18..20].copy_from_slice(&183_u16.to_le_bytes());
    let aborting = built(&manifest("kv").replace("unwind", "abort"));
    for (bytes, part) in [
        (foreign, "was built for aarch64, and this machine is x86_64"),
        (aborting, "was built with panic = \"abort\""),
        (component(&manifest("kv")), "is a WebAssembly component, and no shared library"),
    ] {
        let error = prepared(&bytes).expect_err("a file that is refused");
        assert!(error.contains("/libkv.so: ") && error.contains(part), "{error}");
    }
}
