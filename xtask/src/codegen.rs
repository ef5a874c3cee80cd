//! `cargo xtask codegen`: the Cap'n Proto bindings that are committed, so that users need no schema compiler.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// How the files of bindings end: `stem.capnp` becomes `stem_capnp.rs`.
const SUFFIX: &str = "_capnp.rs";

/// What generated code is allowed, wherever it is included: its shape is its generator's.
const ALLOWED: &str = r#"#![allow(missing_docs, unreachable_pub, dead_code, unused_qualifications, reason = "generated code")]
#![allow(clippy::all, clippy::pedantic, clippy::allow_attributes_without_reason, reason = "generated code")]
#![allow(clippy::unimplemented, clippy::unwrap_used, reason = "generated code")]
"#;

/// A crate whose bindings are generated: where its schemas lie, where their bindings go, and the crate, if any, that it
/// has the bindings of ww's own schemas from.
struct Bindings {
    schemas: &'static str,
    output: &'static str,
    system: Option<&'static str>,
    /// Schemas in the folder that the crate has no use for.
    without: &'static [&'static str],
}

/// Where ww's own schemas lie.
const SYSTEM: &str = "capnp";

/// The ids of their files.
const SYSTEM_IDS: &[u64] = &[0x9f4e2b7a61c8d302, 0xc1a5b6f0e7d20911, 0xe1d7b3a45c08f926, 0xf3b0c96d27e81a54];

/// Every crate with committed bindings. A folder that holds no schema is passed over.
const BINDINGS: &[Bindings] = &[
    Bindings { schemas: SYSTEM, output: "capnp/src", system: None, without: &[] },
    Bindings {
        schemas: SYSTEM,
        output: "examples/rpc/src",
        system: None,
        without: &["control.capnp", "provider.capnp"],
    },
    Bindings {
        schemas: "examples/attenuate",
        output: "examples/attenuate/src",
        system: Some("ww_guest"),
        without: &[],
    },
    Bindings { schemas: "examples/kv/kv-api", output: "examples/kv/kv-api/src", system: None, without: &[] },
    Bindings { schemas: "tests/bench", output: "tests/bench/src", system: None, without: &[] },
    Bindings { schemas: "tests/conformance", output: "tests/conformance/src", system: None, without: &[] },
];

/// Generates all bindings under `root`, in place.
pub(crate) fn write(root: &Path) -> Result<()> {
    for bindings in BINDINGS {
        generate(root, bindings, &root.join(bindings.output))?;
    }
    Ok(())
}

/// Fails, naming the files, where the committed bindings are not what the schemas give.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut stale = Vec::new();
    for bindings in BINDINGS {
        let fresh = tempfile::tempdir()?;
        generate(root, bindings, fresh.path())?;
        let committed = root.join(bindings.output);
        let mut names = bindings_in(&committed)?;
        names.extend(bindings_in(fresh.path())?);
        for name in names {
            let (old, new) = (std::fs::read(committed.join(&name)).ok(), std::fs::read(fresh.path().join(&name)).ok());
            if old != new {
                stale.push(Path::new(bindings.output).join(&name).display().to_string());
            }
        }
    }
    if !stale.is_empty() {
        bail!("bindings are not what the schemas give: {}; run `cargo xtask codegen`", stale.join(", "));
    }
    Ok(())
}

fn generate(root: &Path, bindings: &Bindings, output: &Path) -> Result<()> {
    let schemas = root.join(bindings.schemas);
    let mut files = schema_files(&schemas)?;
    files.retain(|file| bindings.without.iter().all(|name| !file.ends_with(name)));
    if files.is_empty() {
        return Ok(());
    }
    let mut command = capnpc::CompilerCommand::new();
    command.src_prefix(&schemas).output_path(output);
    if let Some(provider) = bindings.system {
        command.import_path(root.join(SYSTEM)).crate_provides(provider, SYSTEM_IDS.iter().copied());
    }
    for file in &files {
        command.file(file);
    }
    command.run().with_context(|| format!("compile the schemas in {}", schemas.display()))?;
    let fresh: Vec<_> = bindings_in(output)?.into_iter().map(|name| output.join(name)).collect();
    fresh.iter().try_for_each(|file| allow(file))?;
    format(root, &fresh)
}

/// Puts what it is allowed into a generated file.
fn allow(file: &Path) -> Result<()> {
    let generated = std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    std::fs::write(file, format!("{ALLOWED}{generated}")).with_context(|| format!("write {}", file.display()))
}

/// The schemas in `folder`, in a fixed order; none where there is no such folder.
fn schema_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let names = names_in(folder)?.into_iter();
    Ok(names.map(|name| folder.join(name)).filter(|path| path.extension().is_some_and(|it| it == "capnp")).collect())
}

/// The names of the generated files in `folder`.
fn bindings_in(folder: &Path) -> Result<BTreeSet<OsString>> {
    let names = names_in(folder)?.into_iter();
    Ok(names.filter(|name| name.to_string_lossy().ends_with(SUFFIX)).collect())
}

fn names_in(folder: &Path) -> Result<BTreeSet<OsString>> {
    if !folder.is_dir() {
        return Ok(BTreeSet::new());
    }
    let entries = std::fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))?;
    entries.map(|entry| Ok(entry?.file_name())).collect()
}

/// Formats with the repository's settings, wherever `files` lie: they are looked for beside the file otherwise.
fn format(root: &Path, files: &[PathBuf]) -> Result<()> {
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--edition", "2024", "--config-path"]).arg(root.join("rustfmt.toml")).args(files);
    let status = rustfmt.status().context("start rustfmt")?;
    if !status.success() {
        bail!("rustfmt failed on the generated bindings");
    }
    Ok(())
}
