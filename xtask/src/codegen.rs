//! Generates the Cap'n Proto bindings that are committed, so that users need no schema compiler.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// A crate whose bindings are generated: where its schemas lie, and where their bindings go.
struct Bindings {
    schemas: &'static str,
    output: &'static str,
}

/// Every crate with committed bindings.
const BINDINGS: &[Bindings] = &[
    Bindings { schemas: "capnp", output: "capnp/src" },
    Bindings { schemas: "tests/conformance", output: "tests/conformance/src" },
];

/// Generates all bindings under `root`, in place.
pub fn write(root: &Path) -> Result<()> {
    for bindings in BINDINGS {
        generate(&root.join(bindings.schemas), &root.join(bindings.output))?;
    }
    Ok(())
}

/// Fails, naming the files, where the committed bindings are not what the schemas give.
pub fn check(root: &Path) -> Result<()> {
    let mut stale = Vec::new();
    for bindings in BINDINGS {
        let fresh = tempfile::tempdir()?;
        generate(&root.join(bindings.schemas), fresh.path())?;
        for file in std::fs::read_dir(fresh.path())? {
            let file = file?;
            let committed = root.join(bindings.output).join(file.file_name());
            if std::fs::read(&committed).ok() != Some(std::fs::read(file.path())?) {
                stale.push(committed.display().to_string());
            }
        }
    }
    if !stale.is_empty() {
        bail!("bindings are not what the schemas give: {}; run `cargo xtask codegen`", stale.join(", "));
    }
    Ok(())
}

fn generate(schemas: &Path, output: &Path) -> Result<()> {
    let mut files = schema_files(schemas)?;
    files.sort();
    let mut command = capnpc::CompilerCommand::new();
    command.src_prefix(schemas).output_path(output);
    for file in &files {
        command.file(file);
    }
    command.run().with_context(|| format!("compile the schemas in {}", schemas.display()))?;
    for file in &files {
        let name = file.file_stem().context("a schema has a name")?.to_string_lossy();
        format(&output.join(format!("{name}_capnp.rs")))?;
    }
    Ok(())
}

fn schema_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "capnp") {
            files.push(path);
        }
    }
    Ok(files)
}

fn format(file: &Path) -> Result<()> {
    let status = std::process::Command::new("rustfmt").args(["--edition", "2024"]).arg(file).status()?;
    if !status.success() {
        bail!("rustfmt failed on {}", file.display());
    }
    Ok(())
}
