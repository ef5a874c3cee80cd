//! Where the repository's guests and plugins are: crates that are not of its workspace.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The target that guests are built for.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// The folders of guest crates. `/*` at the end stands for each folder that holds a `Cargo.toml`; most are workspaces
/// of their own. `sdk/templates` is not among them: what they hold is a project only after `ww init`.
const GUESTS: &[&str] = &["sdk/guest", "examples/*", "examples/clock/guest", "examples/kv/guest", "tests/guests/*"];

/// The folders of plugins, which are built for the host: workspaces of their own, too.
const PLUGINS: &[&str] = &["examples/clock", "examples/kv", "tests/plugins/*"];

/// The manifests of all guest crates under `root`, in a fixed order.
pub(crate) fn manifests(root: &Path) -> Result<Vec<PathBuf>> {
    let plugins = plugins(root)?;
    let mut manifests = found(root, GUESTS)?;
    manifests.retain(|manifest| !plugins.contains(manifest));
    Ok(manifests)
}

/// The manifests of the workspaces of all plugins under `root`, in a fixed order.
pub(crate) fn plugins(root: &Path) -> Result<Vec<PathBuf>> {
    found(root, PLUGINS)
}

fn found(root: &Path, patterns: &[&str]) -> Result<Vec<PathBuf>> {
    let mut manifests = Vec::new();
    for pattern in patterns {
        match pattern.strip_suffix("/*") {
            None => manifests.push(root.join(pattern).join("Cargo.toml")),
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
        for folder in ["examples/kv/guest", "tests/plugins/bad"] {
            std::fs::create_dir_all(root.path().join(folder))?;
        }
        let plugins = ["examples/kv", "tests/plugins/bad"];
        let guests = ["sdk/guest", "sdk/templates/rust", "examples/hello", "examples/kv/guest", "tests/guests/cat"];
        for folder in guests.into_iter().chain(plugins) {
            std::fs::write(root.path().join(folder).join("Cargo.toml"), "")?;
        }
        let manifest = |folder: &str| root.path().join(folder).join("Cargo.toml");
        let expected = ["sdk/guest", "examples/hello", "examples/kv/guest", "tests/guests/cat"];
        assert_eq!(manifests(root.path())?, expected.map(manifest));
        assert_eq!(super::plugins(root.path())?, plugins.map(manifest));
        Ok(())
    }

    #[test]
    fn a_repository_without_guests_has_none() -> Result<()> {
        assert!(manifests(tempfile::tempdir()?.path())?.is_empty());
        Ok(())
    }
}
