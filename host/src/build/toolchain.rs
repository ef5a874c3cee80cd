//! Finds out, before a page of compiler errors does, whether the project's toolchain can compile guests.

use std::path::Path;

use super::{Error, TARGET, cargo};

/// Fails where the toolchain that is in force in `directory` has no standard library for the target.
pub(super) fn check(directory: &Path) -> Result<(), Error> {
    let mut command = cargo::rustc(directory);
    command.args(["--print", "sysroot", "--print", "target-libdir", "--target", TARGET]);
    let answer = cargo::ask("rustc", "ask the project's rustc for its targets", &mut command)?;
    let mut lines = answer.lines();
    let (sysroot, libraries) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    if Path::new(libraries).is_dir() {
        return Ok(());
    }
    Err(Error::NoTarget { toolchain: toolchain(Path::new(sysroot)) })
}

/// The name of a toolchain of rustup's, from where it lies.
fn toolchain(sysroot: &Path) -> Option<String> {
    let is_rustups = sysroot.parent()?.file_name()? == "toolchains";
    let name = sysroot.file_name()?.to_str()?;
    is_rustups.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toolchains_of_rustups_have_names() {
        let name = toolchain(Path::new("/home/u/.rustup/toolchains/1.95.0-x86_64-unknown-linux-gnu"));
        assert_eq!(name.as_deref(), Some("1.95.0-x86_64-unknown-linux-gnu"));
        assert_eq!(toolchain(Path::new("/usr")), None);
        assert_eq!(toolchain(Path::new("")), None);
    }
}
