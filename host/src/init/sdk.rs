//! The SDK that travels inside the binary, and its state when unpacked.

use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use cargo_metadata::semver::Version;
use serde::{Deserialize, Serialize};

use super::{Error, File, SDK_DIR, manifest};
use crate::version;

// The tables `SDK` and `TEMPLATES`: (path, bytes), sorted by path; see `build.rs`.
include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The file of an unpacked SDK that says which one it is.
const VERSION_FILE: &str = "VERSION";

/// The directory that `ww` has in a project.
const OWN_DIR: &str = ".ww";

/// The most that is read of one: far more than any has.
const MAX_VERSION_FILE: u64 = 4096;

/// Which SDK was unpacked.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    /// The version of the `ww` that it came out of.
    version: Version,
    /// Its contract with the node.
    contract: u32,
    /// The digest of its files as they were in the binary.
    digest: String,
}

/// How an unpacked SDK relates to the one of this binary.
#[derive(Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is unpacked: the project gets its SDK some other way.
    Absent,
    /// It is this binary's.
    Current,
    /// It is another one, of the same contract: this is its version.
    Other(Version),
    /// What it was built for is not what this binary runs: this is its version and its contract.
    OtherContract(Version, u32),
    /// Nothing says which one it is.
    Unknown,
}

impl Stamp {
    fn of_this_binary() -> Result<Self, Error> {
        let version = Version::parse(version::PRODUCT).map_err(|error| Error::Damaged(error.to_string()))?;
        Ok(Self { version, contract: version::CONTRACT, digest: digest(|_| true) })
    }
}

/// The text of a file of the SDK, by its path in the repository; empty where there is none.
pub(crate) fn file(path: &str) -> &'static str {
    let bytes = SDK.iter().find(|(name, _)| *name == path).map_or(&[] as &[u8], |(_, bytes)| bytes);
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// The first eight bytes, in hex, of the BLAKE3 hash of the chosen files with their paths.
pub(crate) fn digest(wanted: impl Fn(&str) -> bool) -> String {
    let mut hasher = blake3::Hasher::new();
    for (path, bytes) in SDK.iter().filter(|(path, _)| wanted(path)) {
        hasher.update(path.as_bytes()).update(&[0]).update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    }
    hasher.finalize().to_hex().chars().take(16).collect()
}

/// All files of the SDK as they are unpacked: a workspace of its own that needs nothing of the repository.
pub(super) fn files() -> Result<Vec<File>, Error> {
    let mut files = manifest::slim(SDK)?;
    let stamp = toml::to_string(&Stamp::of_this_binary()?).map_err(|error| Error::Damaged(error.to_string()))?;
    files.push(File { path: VERSION_FILE.to_owned(), bytes: stamp.into_bytes() });
    Ok(files)
}

/// The directory that the project's manifest expects the SDK to be unpacked in, if any: the project's own, or that of the
/// project that it is a part of. What is wrong with a manifest is cargo's to say.
pub fn home(project: &Path) -> Option<PathBuf> {
    let manifest: toml::Table = std::fs::read_to_string(project.join("Cargo.toml")).ok()?.parse().ok()?;
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    let mut paths = dependencies.into_iter().flatten().filter_map(|(_, value)| value.get("path")?.as_str());
    let above = paths.find_map(|path| path.split_once(SDK_DIR).map(|(above, _)| above.to_owned()));
    let excluded = || manifest.get("workspace")?.get("exclude")?.as_array()?.iter().find_map(|it| it.as_str());
    let above = above.or_else(|| excluded().filter(|it| *it == OWN_DIR).map(|_| String::new()));
    above.map(|above| tidy(&project.join(above)))
}

/// The path without the parts that lead nowhere: `guest/..` is `.`.
pub(super) fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(tidy.components().next_back(), Some(Component::Normal(_))) => {
                tidy.pop();
            }
            _ => tidy.push(part),
        }
    }
    if tidy.as_os_str().is_empty() { PathBuf::from(".") } else { tidy }
}

/// Looks at the SDK that is unpacked in a project.
pub fn state(project: &Path) -> Result<State, Error> {
    let directory = project.join(SDK_DIR);
    if !directory.is_dir() {
        return Ok(State::Absent);
    }
    let mut text = String::new();
    let read = std::fs::File::open(directory.join(VERSION_FILE))
        .and_then(|file| file.take(MAX_VERSION_FILE).read_to_string(&mut text));
    let stamp = read.ok().and_then(|_| toml::from_str::<Stamp>(&text).ok());
    let ours = Stamp::of_this_binary()?;
    Ok(match stamp {
        None => State::Unknown,
        Some(stamp) if stamp == ours => State::Current,
        Some(stamp) if stamp.contract != ours.contract => State::OtherContract(stamp.version, stamp.contract),
        Some(stamp) => State::Other(stamp.version),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(SDK.is_sorted_by_key(|(path, _)| *path));
        assert!(TEMPLATES.is_sorted_by_key(|(path, _)| *path));
    }

    #[test]
    fn no_build_product_travels() {
        for (path, _) in SDK.iter().chain(TEMPLATES) {
            assert!(!path.split('/').any(|name| name == "target"), "{path}");
        }
    }

    #[test]
    fn a_manifest_says_where_its_sdk_is() -> Result<(), Box<dyn std::error::Error>> {
        let place = tempfile::tempdir()?;
        for (manifest, expected) in [
            ("[dependencies]\nww-guest = { path = '.ww/sdk/sdk/guest' }", Some("")),
            ("[dependencies]\nserde = '1'\nww-guest = { path = '../.ww/sdk/sdk/guest' }", Some("..")),
            ("[workspace]\nexclude = ['.ww']", Some("")),
            ("[workspace]\nexclude = ['other']\n[dependencies]\nx = { path = '../x' }", None),
            ("[", None),
        ] {
            std::fs::write(place.path().join("Cargo.toml"), manifest)?;
            let expected = expected.map(|above| tidy(&place.path().join(above)));
            assert_eq!(home(place.path()), expected, "{manifest}");
        }
        assert_eq!(home(&place.path().join("absent")), None);
        Ok(())
    }

    #[test]
    fn paths_are_tidied() {
        for (path, expected) in
            [("guest/..", "."), ("./..", ".."), ("../..", "../.."), ("a/./b/../c", "a/c"), ("", ".")]
        {
            assert_eq!(tidy(Path::new(path)), Path::new(expected));
        }
    }

    #[test]
    fn an_unpacked_sdk_is_recognised() -> Result<(), Box<dyn std::error::Error>> {
        let project = tempfile::tempdir()?;
        assert_eq!(state(project.path())?, State::Absent);
        let directory = project.path().join(SDK_DIR);
        std::fs::create_dir_all(&directory)?;
        assert_eq!(state(project.path())?, State::Unknown);

        let mut stamp = Stamp::of_this_binary()?;
        let write = |stamp: &Stamp| -> Result<State, Box<dyn std::error::Error>> {
            std::fs::write(directory.join(VERSION_FILE), toml::to_string(stamp)?)?;
            Ok(state(project.path())?)
        };
        assert_eq!(write(&stamp)?, State::Current);
        stamp.version = Version::new(0, 0, 1);
        assert_eq!(write(&stamp)?, State::Other(Version::new(0, 0, 1)));
        stamp.contract += 1;
        assert_eq!(write(&stamp)?, State::OtherContract(Version::new(0, 0, 1), stamp.contract));
        Ok(())
    }
}
