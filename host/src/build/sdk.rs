//! Compares the SDK that is unpacked in a project with the one of this `ww`.

use std::cmp::Ordering;
use std::path::Path;

use super::Error;
use crate::init::{SDK_DIR, sdk};
use crate::{report, version};

/// Refuses an SDK of another contract, and one that is missing though the project's manifest names it. One of another
/// version may do: that is a warning.
pub(super) fn check(project: &Path) -> Result<(), Error> {
    let named = sdk::home(project);
    let home = named.as_deref().unwrap_or(project);
    let renew = match home == Path::new(".") {
        true => "ww init --renew-sdk".to_owned(),
        false => format!("ww init --renew-sdk {}", home.display()),
    };
    if named.is_some() && !home.join(SDK_DIR).is_dir() {
        return Err(Error::NoSdk { directory: home.to_owned(), renew });
    }
    match sdk::state(home).map_err(Error::Sdk)? {
        sdk::State::Absent | sdk::State::Current => {}
        sdk::State::OtherContract(theirs, contract) => return Err(Error::OtherContract { theirs, contract, renew }),
        sdk::State::Unknown => {
            report::warning(&format!("{SDK_DIR} does not say which ww it is of; run `{renew}`"));
        }
        sdk::State::Other(theirs) => report::warning(&other(&theirs.to_string(), &renew, age(&theirs))),
    }
    Ok(())
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
