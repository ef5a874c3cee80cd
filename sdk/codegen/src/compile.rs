//! Running the schema compiler.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Error, Request};

/// Compiles the schemas of these names in `folder`. What they import by an absolute path is looked for in `imports`, too.
///
/// # Errors
/// Where there is no schema compiler, or it takes one of them for wrong.
pub fn compile(folder: &Path, schemas: &[OsString], imports: &[PathBuf]) -> Result<Request, Error> {
    let mut command = Command::new("capnp");
    // It warns where PWD is not what the system says.
    command.current_dir(folder).env_remove("PWD").stdin(Stdio::null());
    command.args(["compile", "-o-"]).args(imports.iter().map(|import| {
        let mut option = OsString::from("--import-path=");
        option.push(import);
        option
    }));
    command.arg("--").args(schemas);
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
