//! Starting cargo, and learning what it built.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Message, MetadataCommand};

/// A cargo command that runs in `root`, as a user would start it.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    clean(&mut command);
    command
}

/// Takes out of a command's environment what `cargo run` put there for xtask itself. Build scripts that look at these
/// variables would run again, and so would all that depends on them, each time cargo is started the other way.
pub(crate) fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
}

/// Runs a command to its end; one that fails is named.
pub(crate) fn check(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("start `{}`", text(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", text(command));
    }
    Ok(())
}

/// Runs a build whose diagnostics go to the terminal, and returns the executable of the binary `name`.
pub(crate) fn executable(build: &mut Command, name: &str) -> Result<PathBuf> {
    build.arg("--message-format=json-render-diagnostics").stdout(Stdio::piped());
    let output = build.spawn().and_then(std::process::Child::wait_with_output);
    let output = output.with_context(|| format!("start `{}`", text(build)))?;
    if !output.status.success() {
        bail!("`{}` ended with {}", text(build), output.status);
    }
    for message in Message::parse_stream(output.stdout.as_slice()) {
        if let Message::CompilerArtifact(artifact) = message.context("read what cargo says of its build")?
            && artifact.target.name == name
            && let Some(executable) = artifact.executable
        {
            return Ok(executable.into_std_path_buf());
        }
    }
    bail!("`{}` built no binary `{name}`", text(build))
}

/// The folder that everything is built in: `target`, or what the caller chose.
pub(crate) fn target_dir(root: &Path) -> Result<PathBuf> {
    let mut metadata = MetadataCommand::new();
    metadata.no_deps().current_dir(root);
    Ok(metadata.exec().context("ask cargo for its target directory")?.target_directory.into_std_path_buf())
}

/// How a person would type the command.
pub(crate) fn text(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
