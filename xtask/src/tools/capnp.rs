//! The schema compiler, with the schemas that it brings along.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{Purpose, Tool};
use crate::cargo;

/// Generates the bindings. Debian's `capnproto` lacks `/capnp/stream.capnp`, which `-> stream` methods need;
/// `libcapnp-dev` has it.
pub(super) const COMPILER: Tool = Tool {
    name: "the schema compiler capnp, 0.9 or newer, with /capnp/stream.capnp",
    help: "apt-get install capnproto libcapnp-dev",
    needed_for: &[Purpose::Tests],
    find,
    bring,
};

/// The oldest compiler that gives the bindings that are committed.
const OLDEST: (u32, u32) = (0, 9);

/// A schema that only a complete compiler accepts.
const PROBE: &str = "@0xb5d1c9f2a7e04386;\ninterface Probe { write @0 (data :Data) -> stream; }\n";

fn find(_root: &Path) -> Result<()> {
    let Ok(output) = Command::new("capnp").arg("--version").output() else { bail!("no `capnp` in PATH") };
    let text = String::from_utf8_lossy(&output.stdout);
    let found = version(&text).with_context(|| format!("`capnp --version` says {:?}", text.trim()))?;
    if found < OLDEST {
        bail!("the `capnp` in PATH is {}.{}", found.0, found.1);
    }
    let folder = tempfile::tempdir()?;
    let probe = folder.path().join("probe.capnp");
    std::fs::write(&probe, PROBE)?;
    let output = Command::new("capnp").args(["compile", "-o-"]).arg(&probe).output()?;
    if !output.status.success() {
        bail!("`capnp` cannot compile a streaming method");
    }
    Ok(())
}

/// The version in a line such as `Cap'n Proto version 0.9.2`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split_whitespace().last()?.split(['.', '-']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn bring(_root: &Path) -> Result<()> {
    let sudo = as_root()?;
    let apt = |arguments: &[&str]| {
        let words: Vec<_> = sudo.iter().chain(&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]).copied().collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args(["-qq", "-o", "DPkg::Lock::Timeout=120"]).args(arguments);
        cargo::check(command.stdin(Stdio::null()))
    };
    // Without it a fresh machine finds no package. It also fails where one of several sources is down; the packages may
    // be there all the same.
    if let Err(error) = apt(&["update"]) {
        eprintln!("==> tools: going on after: {error:#}");
    }
    apt(&["install", "--yes", "--no-install-recommends", "capnproto", "libcapnp-dev"])
}

/// The words before a command that let it install packages without asking anybody.
fn as_root() -> Result<&'static [&'static str]> {
    if !succeeds(Command::new("apt-get").arg("--version")) {
        bail!("this machine has no apt-get to install it with");
    }
    let user = Command::new("id").arg("-u").output().context("ask who runs this")?;
    if user.stdout.trim_ascii() == b"0" {
        return Ok(&[]);
    }
    if succeeds(Command::new("sudo").args(["-n", "true"])) {
        return Ok(&["sudo", "-n"]);
    }
    bail!("installing it takes root, or sudo without a password")
}

fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|it| it.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions_in_every_form() {
        assert_eq!(version("Cap'n Proto version 0.9.2\n"), Some((0, 9)));
        assert_eq!(version("Cap'n Proto version 1.0.1"), Some((1, 0)));
        assert_eq!(version("Cap'n Proto version 1.10-dev"), Some((1, 10)));
        assert_eq!(version(""), None);
        assert_eq!(version("capnp: not found"), None);
    }
}
