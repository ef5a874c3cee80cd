//! `cargo xtask install`: an installation under one prefix, as a user keeps it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cargo::{cargo, executable};

/// Builds `ww` with optimizations and puts it under `prefix`: `bin/ww`, and `lib/ww/plugins/` where a node looks for
/// standard plugins.
pub(crate) fn install(root: &Path, prefix: &Path) -> Result<()> {
    let prefix = std::path::absolute(prefix).with_context(|| format!("the prefix {}", prefix.display()))?;
    let bin = folder(&prefix.join("bin"))?;
    let plugins = folder(&prefix.join("lib/ww/plugins"))?;
    eprintln!("==> building ww with optimizations: the first time takes about ten minutes on two cores");
    let built =
        executable(cargo(root).args(["build", "--release", "--locked", "--package", "ww", "--bin", "ww"]), "ww")?;
    let ww = bin.join("ww").with_extension(std::env::consts::EXE_EXTENSION);
    replace(&built, &ww)?;
    println!("installed {}, plugins go to {}", ww.display(), plugins.display());
    if !in_path(&bin) {
        println!("{0} is not in PATH: export PATH=\"{0}:$PATH\"", bin.display());
    }
    Ok(())
}

/// Makes a folder where there is none: before the build, so that one that cannot be written is known at once.
fn folder(path: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(path).with_context(|| format!("make {}", path.display()))?;
    tempfile::tempfile_in(path).with_context(|| format!("write to {}", path.display()))?;
    Ok(path.to_path_buf())
}

/// Puts a copy of `from` in the place of `to` at one moment: who starts `to` meanwhile gets the old program or the new
/// one, and a program that is running is not touched.
fn replace(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().context("a program lies in a folder")?;
    let fresh = tempfile::Builder::new().prefix(".ww-").tempfile_in(folder)?.into_temp_path();
    // Copies the permissions too, so the copy can be executed.
    std::fs::copy(from, &fresh).with_context(|| format!("copy {} to {}", from.display(), folder.display()))?;
    fresh.persist(to).with_context(|| format!("put {} in its place", to.display()))
}

fn in_path(folder: &Path) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|it| it == folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_a_program_and_leaves_nothing_else() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let (from, to) = (folder.path().join("built"), folder.path().join("bin"));
        std::fs::create_dir(&to)?;
        std::fs::write(&from, "new")?;
        std::fs::write(to.join("ww"), "old")?;
        replace(&from, &to.join("ww"))?;
        assert_eq!(std::fs::read(to.join("ww"))?, b"new");
        assert_eq!(std::fs::read_dir(&to)?.count(), 1);
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn what_is_installed_can_be_executed() -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir()?;
        let (from, to) = (folder.path().join("built"), folder.path().join("ww"));
        std::fs::write(&from, "")?;
        std::fs::set_permissions(&from, std::fs::Permissions::from_mode(0o755))?;
        replace(&from, &to)?;
        assert_eq!(std::fs::metadata(&to)?.permissions().mode() & 0o777, 0o755);
        Ok(())
    }

    #[test]
    fn a_failed_copy_leaves_the_old_program() -> Result<()> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("ww"), "old")?;
        assert!(replace(&folder.path().join("absent"), &folder.path().join("ww")).is_err());
        assert_eq!(std::fs::read(folder.path().join("ww"))?, b"old");
        assert_eq!(std::fs::read_dir(folder.path())?.count(), 1);
        Ok(())
    }
}
