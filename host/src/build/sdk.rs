//! Compares the SDK that is unpacked in a project with the one of this `ww`.

use std::cmp::Ordering;
use std::path::Path;

use super::Error;
use crate::init::{SDK_DIR, sdk};
use crate::{report, version};

/// Refuses an SDK of another contract, and one that is missing though `manifest` names it. One of another version may
/// do: that is a warning.
pub(super) fn check(project: &Path, manifest: &Path) -> Result<(), Error> {
    let renew = match project == Path::new(".") {
        true => "ww init --renew-sdk".to_owned(),
        false => format!("ww init --renew-sdk {}", project.display()),
    };
    if !project.join(SDK_DIR).is_dir() && names_sdk(manifest) {
        return Err(Error::NoSdk { directory: project.to_owned(), renew });
    }
    match sdk::state(project).map_err(Error::Sdk)? {
        sdk::State::Absent | sdk::State::Current => {}
        sdk::State::OtherContract(theirs, contract) => return Err(Error::OtherContract { theirs, contract, renew }),
        sdk::State::Unknown => {
            report::warning(&format!("{SDK_DIR} does not say which ww it is of; run `{renew}`"));
        }
        sdk::State::Other(theirs) => report::warning(&other(&theirs.to_string(), &renew, age(&theirs))),
    }
    Ok(())
}

/// Whether a dependency's path leads into the unpacked SDK. What is wrong with a manifest is cargo's to say.
fn names_sdk(manifest: &Path) -> bool {
    let manifest = std::fs::read_to_string(manifest).ok().and_then(|text| text.parse::<toml::Table>().ok());
    let dependencies = manifest.as_ref().and_then(|manifest| manifest.get("dependencies")?.as_table());
    let mut paths = dependencies.into_iter().flatten().filter_map(|(_, value)| value.get("path")?.as_str());
    paths.any(|path| Path::new(path).starts_with(SDK_DIR))
}

/// How the version of an SDK compares with this `ww`'s.
fn age(theirs: &cargo_metadata::semver::Version) -> Ordering {
    let ours = cargo_metadata::semver::Version::parse(version::PRODUCT);
    ours.map_or(Ordering::Equal, |ours| theirs.cmp(&ours))
}

fn other(theirs: &str, renew: &str, age: Ordering) -> String {
    let ours = version::PRODUCT;
    match age {
        Ordering::Less => format!("the SDK in {SDK_DIR} is of ww {theirs}, older than this ww {ours}; run `{renew}`"),
        Ordering::Equal => format!("the SDK in {SDK_DIR} is of another build of ww {ours}; run `{renew}`"),
        Ordering::Greater => {
            format!("the SDK in {SDK_DIR} is of ww {theirs}, newer than this ww {ours}; update ww, or run `{renew}`")
        }
    }
}
