//! The manifests of the unpacked SDK.
//!
//! In the repository they are parts of one workspace. Unpacked they make a small one: the root's manifest keeps the
//! tables that members inherit from, and dependencies that no member names go, since theirs is a path that is not there.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::{Error, File};

const ROOT: &str = "Cargo.toml";

/// What a reader of the root's manifest should know.
const HEADER: &str =
    "# The SDK for guests of ww, as `ww init` unpacked it; `ww init --renew-sdk` replaces all of it.\n\n";

/// Tables of a member that only building its tests needs.
const TEST_TABLES: &[&str] = &["dev-dependencies", "test", "bench", "example"];

/// Tables of a member whose entries are dependencies.
const DEPENDENCY_TABLES: &[&str] = &["dependencies", "build-dependencies"];

/// The files of the SDK, with manifests that fit together without the repository.
pub(super) fn slim(files: &[(&str, &[u8])]) -> Result<Vec<File>, Error> {
    let mut slimmed = Vec::new();
    let mut workspace = Workspace::default();
    for (path, bytes) in files.iter().filter(|(path, _)| *path != ROOT) {
        let bytes = match path.strip_suffix("/Cargo.toml") {
            Some(directory) => render(&workspace.add(directory, parse(path, bytes)?))?,
            None => bytes.to_vec(),
        };
        slimmed.push(File { path: (*path).to_owned(), bytes });
    }
    let root = files.iter().find(|(path, _)| *path == ROOT).map_or(&[] as &[u8], |(_, bytes)| bytes);
    let mut bytes = HEADER.as_bytes().to_vec();
    bytes.extend(render(&workspace.manifest(parse(ROOT, root)?))?);
    slimmed.push(File { path: ROOT.to_owned(), bytes });
    Ok(slimmed)
}

/// What is known of the unpacked workspace.
#[derive(Default)]
struct Workspace {
    members: Vec<Value>,
    /// Crates that are workspaces of their own.
    excluded: Vec<Value>,
    /// Names of the dependencies that members inherit.
    inherited: BTreeSet<String>,
}

impl Workspace {
    /// Takes a crate in; gives its manifest as it is unpacked.
    fn add(&mut self, directory: &str, mut manifest: Table) -> Table {
        if manifest.contains_key("workspace") {
            self.excluded.push(directory.into());
        } else {
            self.members.push(directory.into());
        }
        slim_tables(&mut manifest);
        self.note_inherited(&manifest);
        for (_, target) in manifest.get_mut("target").and_then(Value::as_table_mut).into_iter().flatten() {
            if let Some(target) = target.as_table_mut() {
                slim_tables(target);
                self.note_inherited(target);
            }
        }
        manifest
    }

    fn note_inherited(&mut self, tables: &Table) {
        let dependencies = DEPENDENCY_TABLES.iter().filter_map(|name| tables.get(*name)?.as_table()).flatten();
        let inherited = dependencies.filter(|(_, value)| value.get("workspace").is_some());
        self.inherited.extend(inherited.map(|(name, _)| name.clone()));
    }

    /// The root's manifest, from the repository's.
    fn manifest(self, mut repository: Table) -> Table {
        let mut workspace = Table::new();
        let mut full = repository.remove("workspace").and_then(|table| table.as_table().cloned()).unwrap_or_default();
        for inherited in ["resolver", "package", "lints"] {
            workspace.extend(full.remove(inherited).map(|value| (inherited.to_owned(), value)));
        }
        if let Some(Value::Table(mut dependencies)) = full.remove("dependencies") {
            dependencies.retain(|name, _| self.inherited.contains(name));
            workspace.insert("dependencies".to_owned(), dependencies.into());
        }
        workspace.insert("members".to_owned(), self.members.into());
        workspace.insert("exclude".to_owned(), self.excluded.into());
        Table::from_iter([("workspace".to_owned(), workspace.into())])
    }
}

fn slim_tables(manifest: &mut Table) {
    manifest.retain(|name, _| !TEST_TABLES.contains(&name));
}

fn parse(path: &str, bytes: &[u8]) -> Result<Table, Error> {
    let damaged = |error: &dyn std::fmt::Display| Error::Damaged(format!("{path}: {error}"));
    let text = std::str::from_utf8(bytes).map_err(|error| damaged(&error))?;
    text.parse().map_err(|error: toml::de::Error| damaged(&error.message()))
}

fn render(manifest: &Table) -> Result<Vec<u8>, Error> {
    toml::to_string(manifest).map(String::into_bytes).map_err(|error| Error::Damaged(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPOSITORY: &[u8] = b"[workspace]\nresolver = '3'\nmembers = ['host', 'a']\n[workspace.package]\nversion = '1.2.3'\n\
        [workspace.dependencies]\none = '1'\ntwo = { path = 'far/away' }\n[workspace.lints.rust]\nmissing_docs = 'warn'\n\
        [profile.dev]\ndebug = 1\n";
    const MEMBER: &[u8] = b"[package]\nname = 'a'\nversion.workspace = true\n[dependencies]\none.workspace = true\n\
        [dev-dependencies]\ntwo.workspace = true\n[target.'cfg(unix)'.dev-dependencies]\ntwo.workspace = true\n";

    fn text<'a>(files: &'a [File], path: &str) -> &'a str {
        let file = files.iter().find(|file| file.path == path);
        file.and_then(|file| std::str::from_utf8(&file.bytes).ok()).unwrap_or_else(|| panic!("no {path}"))
    }

    #[test]
    fn the_small_workspace_has_what_its_members_inherit() -> Result<(), Error> {
        let sources: &[(&str, &[u8])] = &[
            ("Cargo.toml", REPOSITORY),
            ("a/Cargo.toml", MEMBER),
            ("b/Cargo.toml", b"[package]\nname = 'b'\n[workspace]\n"),
            ("b/src/lib.rs", b"// b"),
        ];
        let files = slim(sources)?;
        let root: Table = text(&files, "Cargo.toml").parse().map_err(|_| Error::Damaged(String::new()))?;
        let workspace = &root["workspace"];
        assert_eq!(root.len(), 1);
        assert_eq!(workspace["members"].to_string(), "[\"a\"]");
        assert_eq!(workspace["exclude"].to_string(), "[\"b\"]");
        assert_eq!(workspace["package"]["version"].as_str(), Some("1.2.3"));
        assert_eq!(workspace["dependencies"].as_table().map(Table::len), Some(1));
        assert_eq!(workspace["lints"]["rust"]["missing_docs"].as_str(), Some("warn"));
        assert!(!text(&files, "a/Cargo.toml").contains("dev-dependencies"));
        assert_eq!(text(&files, "b/src/lib.rs"), "// b");
        Ok(())
    }

    #[test]
    fn a_damaged_manifest_is_named() {
        let result = slim(&[("Cargo.toml", REPOSITORY), ("a/Cargo.toml", b"[")]);
        assert!(result.is_err_and(|error| error.to_string().contains("a/Cargo.toml")));
    }
}
