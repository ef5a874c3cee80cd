//! Running the schema compiler.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Error, Request};

/// Compiles schemas, which lie in `folder`. What they import by an absolute path is looked for in `imports`, too.
///
/// # Errors
/// Where there is no schema compiler, or it takes one of them for wrong.
pub fn compile(folder: &Path, schemas: &[PathBuf], imports: &[PathBuf]) -> Result<Request, Error> {
    let mut command = Command::new("capnp");
    // It warns where this is not what the system says.
    command.env_remove("PWD").stdin(Stdio::null());
    command.args(["compile", "-o-"]).arg(option("--src-prefix=", folder));
    command.args(imports.iter().map(|import| option("--import-path=", import))).args(schemas);
    let output = command.output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::NoCompiler,
        _ => Error::Run(error),
    })?;
    if output.status.success() {
        return Ok(Request::from(output.stdout));
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::Refused(if said.is_empty() { format!("`capnp` ended with {}", output.status) } else { said }))
}

fn option(name: &str, path: &Path) -> std::ffi::OsString {
    let mut option = std::ffi::OsString::from(name);
    option.push(path);
    option
}
