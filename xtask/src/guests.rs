//! Where the repository's guests are: crates that are built for another target than the host.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The target that guests are built for.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// The folders of guest crates. `/*` at the end stands for each folder that holds a `Cargo.toml`; most are workspaces
/// of their own. `sdk/templates` is not among them: what they hold is a project only after `ww init`.
const GUESTS: &[&str] = &["sdk/guest", "examples/*", "tests/guests/*"];

/// The manifests of all guest crates under `root`, in a fixed order.
pub(crate) fn manifests(root: &Path) -> Result<Vec<PathBuf>> {
    let mut manifests = Vec::new();
    for guest in GUESTS {
        match guest.strip_suffix("/*") {
            None => manifests.push(root.join(guest).join("Cargo.toml")),
            Some(parent) => manifests.extend(children(&root.join(parent))?),
        }
    }
    manifests.retain(|manifest| manifest.is_file());
    Ok(manifests)
}

fn children(parent: &Path) -> Result<Vec<PathBuf>> {
    if !parent.is_dir() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(parent).with_context(|| format!("list {}", parent.display()))?;
    let mut manifests =
        entries.map(|entry| Ok(entry?.path().join("Cargo.toml"))).collect::<std::io::Result<Vec<_>>>()?;
    manifests.sort();
    Ok(manifests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_named_and_nested_guests_and_nothing_else() -> Result<()> {
        let root = tempfile::tempdir()?;
        for folder in ["sdk/guest", "sdk/templates/rust", "examples/hello", "examples/notes", "tests/guests/cat"] {
            std::fs::create_dir_all(root.path().join(folder))?;
        }
        for folder in ["sdk/guest", "sdk/templates/rust", "examples/hello", "tests/guests/cat"] {
            std::fs::write(root.path().join(folder).join("Cargo.toml"), "")?;
        }
        let expected = ["sdk/guest", "examples/hello", "tests/guests/cat"];
        assert_eq!(manifests(root.path())?, expected.map(|it| root.path().join(it).join("Cargo.toml")));
        Ok(())
    }

    #[test]
    fn a_repository_without_guests_has_none() -> Result<()> {
        assert!(manifests(tempfile::tempdir()?.path())?.is_empty());
        Ok(())
    }
}
