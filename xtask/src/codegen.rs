//! `cargo xtask codegen`: the Cap'n Proto bindings that are committed, so that users need no schema compiler.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use ww_codegen::Request;

/// How the files of bindings end: `stem.capnp` becomes `stem_capnp.rs`.
const SUFFIX: &str = "_capnp.rs";

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
    Bindings {
        schemas: "examples/clock/clock-api",
        output: "examples/clock/clock-api/src",
        system: None,
        without: &[],
    },
    Bindings { schemas: "examples/kv/kv-api", output: "examples/kv/kv-api/src", system: None, without: &[] },
    Bindings { schemas: "tests/bench", output: "tests/bench/src", system: None, without: &[] },
    Bindings { schemas: "tests/conformance", output: "tests/conformance/src", system: None, without: &[] },
];

/// The schema that projects of `ww plugin new` start with. Its names are placeholders.
const TEMPLATE: &str = "sdk/templates/plugin/{{name}}-api/{{name}}.capnp";

/// What the schema compiler says of it, so that whoever starts a project needs none.
const REQUEST: &str = "host/src/init/plugin/schema.request";

/// What stands for the placeholders there: others take their place when a project is made.
const SAMPLE: [(&str, &str); 2] = [("{{name}}", "sample"), ("{{Name}}", "Sample")];

/// Generates all bindings under `root`, in place.
pub(crate) fn write(root: &Path) -> Result<()> {
    for bindings in BINDINGS {
        generate(root, bindings, &root.join(bindings.output))?;
    }
    fs::write(root.join(REQUEST), request(root)?.bytes()).with_context(|| format!("write {REQUEST}"))
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
            let (old, new) = (fs::read(committed.join(&name)).ok(), fs::read(fresh.path().join(&name)).ok());
            if old != new {
                stale.push(Path::new(bindings.output).join(&name).display().to_string());
            }
        }
    }
    if fs::read(root.join(REQUEST)).ok().as_deref() != Some(request(root)?.bytes()) {
        stale.push(REQUEST.to_owned());
    }
    if !stale.is_empty() {
        bail!("bindings are not what the schemas give: {}; run `cargo xtask codegen`", stale.join(", "));
    }
    Ok(())
}

fn generate(root: &Path, bindings: &Bindings, output: &Path) -> Result<()> {
    let schemas = root.join(bindings.schemas);
    let mut files = schema_files(&schemas)?;
    files.retain(|file| bindings.without.iter().all(|name| file != name));
    if files.is_empty() {
        return Ok(());
    }
    let imports: &[PathBuf] = if bindings.system.is_some() { &[root.join(SYSTEM)] } else { &[] };
    let request = ww_codegen::compile(&schemas, &files, imports)
        .with_context(|| format!("compile the schemas in {}", schemas.display()))?;
    let mut written = Vec::new();
    for fresh in request.bindings(bindings.system)? {
        let file = output.join(fresh.name);
        fs::write(&file, fresh.text).with_context(|| format!("write {}", file.display()))?;
        written.push(file);
    }
    format(root, &written)
}

fn request(root: &Path) -> Result<Request> {
    let template = fs::read_to_string(root.join(TEMPLATE)).with_context(|| format!("read {TEMPLATE}"))?;
    let folder = tempfile::tempdir()?;
    let fill = |text: &str| SAMPLE.iter().fold(text.to_owned(), |text, (name, sample)| text.replace(name, sample));
    let schema = fill("{{name}}.capnp");
    fs::write(folder.path().join(&schema), fill(&template))?;
    ww_codegen::compile(folder.path(), &[schema.into()], &[]).with_context(|| format!("compile {TEMPLATE}"))
}

/// The names of the schemas in `folder`, in a fixed order; none where there is no such folder.
fn schema_files(folder: &Path) -> Result<Vec<OsString>> {
    let mut names = names_in(folder)?;
    names.retain(|name| Path::new(name).extension().is_some_and(|it| it == "capnp"));
    Ok(names.into_iter().collect())
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
    let entries = fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))?;
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
