//! `cargo xtask tools`: brings what building guests and running the tests needs.
//!
//! A tool is taken from the machine where its version fits, otherwise installed from a package registry. What cannot be
//! brought is named, all of it in one line, before anything is compiled: a missing tool is a failure, never a skip.

mod capnp;
pub(crate) mod fuzzer;
mod programs;
mod rust;

use std::path::Path;

use anyhow::{Result, bail};

/// Something that must be on the machine.
struct Tool {
    /// What it is, as it is named to people.
    name: &'static str,
    /// The command that brings it, as a person types it.
    help: &'static str,
    /// What it is needed for.
    needed_for: &'static [Purpose],
    /// Looks for it, in milliseconds; says why what is there does not do.
    find: fn(&Path) -> Result<()>,
    /// Installs it, where that can be done without asking.
    bring: fn(&Path) -> Result<()>,
}

const TOOLS: &[Tool] = &[
    rust::TARGET,
    rust::COMPONENTS,
    rust::OTHER,
    capnp::COMPILER,
    programs::PROGRAMS,
    fuzzer::TOOLCHAIN,
    fuzzer::PROGRAM,
];

/// What the tools are needed for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Building guests.
    Guests,
    /// Building and testing all.
    Tests,
    /// Fuzzing, on another toolchain.
    Fuzzing,
}

/// Brings what `purpose` needs and is not there. Does nothing, quickly, where all is there.
///
/// # Errors
/// Names everything that is still missing, with the commands that help.
pub(crate) fn bring(root: &Path, purpose: Purpose) -> Result<()> {
    let mut missing = Vec::new();
    for tool in TOOLS.iter().filter(|tool| tool.needed_for.contains(&purpose)) {
        if let Err(reason) = bring_one(root, tool) {
            missing.push(format!("{} ({reason:#}): `{}`", tool.name, tool.help));
        }
    }
    if !missing.is_empty() {
        bail!("missing {}", missing.join("; "));
    }
    Ok(())
}

fn bring_one(root: &Path, tool: &Tool) -> Result<()> {
    let Err(reason) = (tool.find)(root) else { return Ok(()) };
    eprintln!("==> tools: {} is missing ({reason:#}); bringing it", tool.name);
    (tool.bring)(root)?;
    (tool.find)(root)
}
