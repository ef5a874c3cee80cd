//! Lists the files that travel inside the binary: the SDK that `ww init` unpacks, and its templates.
//!
//! Writes `embedded.rs` to `OUT_DIR`: sorted tables of (path, bytes). What the SDK consists of is said once, in `SDK`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Files and directories of the repository that a project needs, of a guest or of a plugin, without tests and benches: those have
/// dependencies that the project does not need. The workspace's manifest is the source of the SDK's slim one.
const SDK: &[&str] = &[
    "Cargo.toml",
    "capnp/Cargo.toml",
    "capnp/control.capnp",
    "capnp/provider.capnp",
    "capnp/src",
    "capnp/stem.capnp",
    "capnp/system.capnp",
    "sdk/abi/Cargo.toml",
    "sdk/abi/src",
    "sdk/call/Cargo.toml",
    "sdk/call/src",
    "sdk/guest/Cargo.toml",
    "sdk/guest/src",
    "sdk/plugin/Cargo.toml",
    "sdk/plugin/src",
    "wit",
];

/// The directory with one directory a template.
const TEMPLATES: &str = "sdk/templates";

/// What the files of the SDK end in. Build products and an editor's leftovers do not travel.
const SOURCES: &[&str] = &["LICENSE", ".capnp", ".md", ".rs", ".toml", ".wit"];

fn main() -> io::Result<()> {
    let variable = |name: &str| env::var_os(name).ok_or_else(|| io::Error::other(format!("cargo sets {name}")));
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("..").canonicalize()?;
    let mut sdk = Vec::new();
    for path in SDK {
        watch(&root.join(path));
        collect(&root, path, &|name| SOURCES.iter().any(|end| name.ends_with(end)), &mut sdk)?;
    }
    let mut templates = Vec::new();
    watch(&root.join(TEMPLATES));
    collect(&root, TEMPLATES, &|name| !name.ends_with('~') && !name.ends_with(".swp"), &mut templates)?;

    let mut output = fs::File::create(PathBuf::from(variable("OUT_DIR")?).join("embedded.rs"))?;
    write_table(&mut output, &root, "SDK", "", &sdk)?;
    write_table(&mut output, &root, "TEMPLATES", "sdk/templates/", &templates)
}

/// Runs this script again when the path changes; in a directory, also when a file comes or goes.
fn watch(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}

/// Adds the files at `path` (relative to `root`, with `/`) whose names are `wanted`.
fn collect(root: &Path, path: &str, wanted: &dyn Fn(&str) -> bool, files: &mut Vec<String>) -> io::Result<()> {
    let place = root.join(path);
    if !place.is_dir() {
        if place.exists() {
            files.push(path.to_owned());
        } else {
            println!("cargo::warning={path} is missing: projects of this ww's `ww init` will not build");
        }
        return Ok(());
    }
    for entry in fs::read_dir(&place)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|name| io::Error::other(format!("{name:?} is no text")))?;
        let is_directory = entry.file_type()?.is_dir();
        if (is_directory && name != "target") || (!is_directory && wanted(&name)) {
            collect(root, &format!("{path}/{name}"), wanted, files)?;
        }
    }
    Ok(())
}

/// Writes a table of the files, sorted by path so that equal sources give equal binaries.
fn write_table(output: &mut fs::File, root: &Path, name: &str, prefix: &str, files: &[String]) -> io::Result<()> {
    let mut files = files.to_vec();
    files.sort();
    writeln!(output, "pub(crate) static {name}: &[(&str, &[u8])] = &[")?;
    for file in &files {
        let bytes = root.join(file);
        writeln!(output, "    ({:?}, include_bytes!({bytes:?})),", file.trim_start_matches(prefix))?;
    }
    writeln!(output, "];")
}
