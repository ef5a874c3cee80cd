//! Published programs that the tests run as guests, from the crates registry.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{Purpose, Tool};
use crate::cargo::{cargo, check};
use crate::guests;

/// All of them. Each is built once a machine: they are kept outside the clone, by name and version.
pub(super) const PROGRAMS: Tool = Tool {
    name: "the programs in tests/programs.txt",
    help: "cargo xtask tools",
    needed_for: &[Purpose::Tests],
    find: |root| find(&cache()?, root),
    bring: |root| bring(&cache()?, root),
};

/// The list; the tests read it too.
const LIST: &str = "tests/programs.txt";

/// A line of the list.
struct Program {
    package: String,
    version: String,
    binary: String,
}

impl Program {
    /// Where it is kept.
    fn folder(&self, cache: &Path) -> PathBuf {
        cache.join(format!("{}-{}", self.package, self.version))
    }

    fn is_there(&self, cache: &Path) -> bool {
        self.folder(cache).join("bin").join(&self.binary).with_extension("wasm").is_file()
    }

    fn install(&self, cache: &Path, root: &Path) -> Result<()> {
        install(&self.folder(cache), root, &self.package, &self.version, Some(guests::TARGET))
    }
}

/// Builds a published program beside its place, and moves it there when it is whole.
pub(super) fn install(folder: &Path, root: &Path, package: &str, version: &str, target: Option<&str>) -> Result<()> {
    eprintln!("==> tools: building {package} {version}: one to three minutes, once");
    let cache = folder.parent().context("a program is kept in a cache")?;
    std::fs::create_dir_all(cache).with_context(|| format!("make {}", cache.display()))?;
    let fresh = tempfile::Builder::new().prefix(".fresh-").tempdir_in(cache)?;
    // In the repository's folder, so that its toolchain is taken.
    let mut install = cargo(root);
    install.args(["install", "--quiet", "--locked", package, "--version", &format!("={version}")]);
    install.args(target.iter().flat_map(|target| ["--target", target])).arg("--root").arg(fresh.path());
    // Names of functions are enough, and its build shares nothing with ours.
    install.env("CARGO_PROFILE_RELEASE_DEBUG", "0").env_remove("CARGO_TARGET_DIR");
    check(&mut install)?;
    match std::fs::rename(fresh.path(), folder) {
        // Somebody else brought it meanwhile.
        Err(_) if folder.is_dir() => Ok(()),
        result => result.with_context(|| format!("move it to {}", folder.display())),
    }
}

fn find(cache: &Path, root: &Path) -> Result<()> {
    let missing = missing(cache, root)?;
    if !missing.is_empty() {
        let names: Vec<_> = missing.iter().map(|it| format!("{} {}", it.package, it.version)).collect();
        bail!("no {} in {}", names.join(", "), cache.display());
    }
    Ok(())
}

fn bring(cache: &Path, root: &Path) -> Result<()> {
    missing(cache, root)?.iter().try_for_each(|program| program.install(cache, root))
}

fn missing(cache: &Path, root: &Path) -> Result<Vec<Program>> {
    let text = std::fs::read_to_string(root.join(LIST)).with_context(|| format!("read {LIST}"))?;
    let mut programs = parse(&text)?;
    programs.retain(|program| !program.is_there(cache));
    Ok(programs)
}

fn parse(text: &str) -> Result<Vec<Program>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let programs = lines.map(|line| match line.split_whitespace().collect::<Vec<_>>()[..] {
        [package, version, binary] => {
            Ok(Program { package: package.to_owned(), version: version.to_owned(), binary: binary.to_owned() })
        }
        _ => bail!("{LIST}: {line:?} is no crate, version and binary"),
    });
    programs.collect()
}

/// The cache: `ww-tools` among the user's caches. The tests look there too.
pub(super) fn cache() -> Result<PathBuf> {
    let caches = match std::env::var_os("XDG_CACHE_HOME") {
        Some(folder) if Path::new(&folder).is_absolute() => PathBuf::from(folder),
        _ => std::env::home_dir().context("this user has no home directory")?.join(".cache"),
    };
    Ok(caches.join("ww-tools"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_there_is_not_missing() -> Result<()> {
        let (cache, root) = (tempfile::tempdir()?, tempfile::tempdir()?);
        std::fs::create_dir(root.path().join("tests"))?;
        std::fs::write(root.path().join(LIST), "# three\none 1.0.0 first\ntwo 2.0.0 second\n")?;
        let bin = cache.path().join("one-1.0.0/bin");
        std::fs::create_dir_all(&bin)?;
        std::fs::write(bin.join("first.wasm"), "")?;
        let text = find(cache.path(), root.path()).map_err(|error| error.to_string());
        assert!(text.as_ref().is_err_and(|it| it.starts_with("no two 2.0.0 in ")), "{text:?}");
        std::fs::rename(cache.path().join("one-1.0.0"), cache.path().join("one-1.0.1"))?;
        assert_eq!(missing(cache.path(), root.path())?.len(), 2);
        Ok(())
    }

    #[test]
    fn a_line_has_three_words() {
        assert!(parse("ripgrep 15.1.0\n").is_err());
        assert!(parse("a b c\n\n").is_err());
        assert_eq!(parse("# a b c\na b c\n").map(|it| it.len()).ok(), Some(1));
    }
}
