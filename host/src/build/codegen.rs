//! The verb `ww plugin codegen`: renews the bindings that are committed in a project.
//!
//! Schemas lie beside a package's manifest, their bindings beside the root of its source. This alone needs the schema
//! compiler. Imports of ww's own schemas are those in this binary; their bindings come from a crate of the SDK.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::Package;
use tempfile::TempDir;
use ww_codegen::{Bindings, Request};

use super::Error;
use super::install::{Contents, Fresh, install};
use super::project::Project;
use crate::cli::CodegenArgs;
use crate::init::sdk;
use crate::report;

/// The crates of the SDK that have the bindings of ww's schemas: that with nothing else in it is the first choice.
const PROVIDERS: &[&str] = &["ww-capnp", "ww-plugin", "ww-guest"];

/// Where ww's own schemas are in the repository.
const SYSTEM: &str = "capnp/";

/// Renews all bindings of the project in `args.path`, and says which have changed.
///
/// # Errors
/// Where there is no schema, or no schema compiler, or it does not take a schema; then nothing is written.
pub fn codegen(args: &CodegenArgs) -> Result<(), Error> {
    let project = Project::read(&args.path)?;
    let system = system_schemas()?;
    let mut fresh = Vec::new();
    for package in &project.metadata.packages {
        let folder = package.manifest_path.parent().map_or(Path::new(""), |folder| folder.as_std_path());
        let schemas = schemas(folder)?;
        if !schemas.is_empty() {
            let request = compile(package, folder, &schemas, system.path())?;
            fresh.extend(bindings(package, &request)?);
        }
    }
    if fresh.is_empty() {
        return Err(Error::NoSchema(args.path.clone()));
    }
    write(project.metadata.workspace_root.as_std_path(), fresh)
}

/// Writes what has changed.
fn write(root: &Path, fresh: Vec<(PathBuf, Bindings)>) -> Result<(), Error> {
    for (source, Bindings { name, text }) in fresh {
        let path = source.join(&name);
        let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        let known = fs::read(&path).ok();
        if known.as_deref() == Some(text.as_bytes()) {
            report::say(&format!("{shown} is as it was"));
            continue;
        }
        install(&source, &[Fresh { destination: name.clone().into(), contents: Contents::Bytes(text.into_bytes()) }])?;
        let module = name.trim_end_matches(".rs");
        let new =
            if known.is_some() { String::new() } else { format!("; declare it in the crate: `pub mod {module};`") };
        report::say(&format!("wrote {shown}{new}"));
    }
    Ok(())
}

/// The names of the schemas in a folder, sorted.
fn schemas(folder: &Path) -> Result<Vec<OsString>, Error> {
    let failed = |source| Error::Read { path: folder.to_owned(), source };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if Path::new(&name).extension().is_some_and(|extension| extension == "capnp") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// This binary's schemas, where the schema compiler finds them.
fn system_schemas() -> Result<TempDir, Error> {
    let failed = |path: &Path, source| Error::Write { path: path.to_owned(), source };
    let folder = tempfile::tempdir().map_err(|source| failed(&std::env::temp_dir(), source))?;
    for (path, bytes) in sdk::SDK {
        if let Some(name) = path.strip_prefix(SYSTEM).filter(|name| name.ends_with(".capnp")) {
            let file = folder.path().join(name);
            fs::write(&file, bytes).map_err(|source| failed(&file, source))?;
        }
    }
    Ok(folder)
}

/// What the schema compiler says of the package's schemas. What it complains about is said as it is.
fn compile(package: &Package, folder: &Path, schemas: &[OsString], system: &Path) -> Result<Request, Error> {
    ww_codegen::compile(folder, schemas, &[system.to_owned()]).map_err(|error| match error {
        ww_codegen::Error::Refused(message) => {
            report::say(&message);
            let lacks_stream = message.contains("/capnp/stream.capnp");
            Error::Schema { package: package.name.to_string(), lacks_stream }
        }
        error => failed(error),
    })
}

fn failed(error: ww_codegen::Error) -> Error {
    Error::Codegen { error }
}

/// The package's bindings, with the folder that they go to.
fn bindings(package: &Package, request: &Request) -> Result<Vec<(PathBuf, Bindings)>, Error> {
    let provider = PROVIDERS.iter().find(|name| package.dependencies.iter().any(|it| it.name == **name));
    if provider.is_none() && request.imports_system().map_err(failed)? {
        return Err(Error::NoProvider(package.name.to_string()));
    }
    let krate = provider.map(|name| name.replace('-', "_"));
    let source = package.targets.iter().find(|target| target.is_lib() || target.is_bin());
    let source = source.and_then(|target| target.src_path.parent()).unwrap_or(&package.manifest_path);
    let bindings = request.bindings(krate.as_deref()).map_err(failed)?;
    Ok(bindings.into_iter().map(|bindings| (source.as_std_path().to_owned(), bindings)).collect())
}
