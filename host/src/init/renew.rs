//! Replaces the unpacked SDK of a project.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Error, SDK_DIR, sdk, write};

/// Puts this binary's SDK in the place of the one that is unpacked in the project, if any, or in the one that it is a part
/// of; says where that is.
///
/// The new one is complete before the old one goes; where it cannot take its place, the old one comes back.
pub(super) fn renew(project: &Path) -> Result<PathBuf, Error> {
    if !project.join("Cargo.toml").is_file() {
        return Err(Error::NoProject(project.to_owned()));
    }
    let project = sdk::home(project).unwrap_or_else(|| project.to_owned());
    let place = project.join(SDK_DIR);
    let failed = |source| Error::Write { path: place.clone(), source };
    let above = place.parent().unwrap_or(&project);
    fs::create_dir_all(above).map_err(failed)?;
    let staging = tempfile::Builder::new().prefix(".sdk-").tempdir_in(above).map_err(failed)?;
    let (fresh, old) = (staging.path().join("new"), staging.path().join("old"));
    write::all(&fresh, &sdk::files()?)?;

    let had_one = match fs::rename(&place, &old) {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(failed(error)),
    };
    fs::rename(&fresh, &place).map_err(|error| {
        // What made the renaming fail may do so again: then the old one stays where it is, and is not deleted.
        if had_one && fs::rename(&old, &place).is_err() {
            let _ = staging.keep();
        }
        failed(error)
    })?;
    Ok(sdk::tidy(&place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sdk_is_replaced_as_a_whole() -> Result<(), Box<dyn std::error::Error>> {
        let project = tempfile::tempdir()?;
        assert!(matches!(renew(project.path()), Err(Error::NoProject(_))));
        fs::write(project.path().join("Cargo.toml"), "")?;
        renew(project.path())?;
        assert_eq!(sdk::state(project.path())?, sdk::State::Current);

        let stale = project.path().join(".ww/sdk/stale");
        fs::write(&stale, "")?;
        fs::write(project.path().join(".ww/sdk/VERSION"), "rubbish")?;
        renew(project.path())?;
        assert_eq!(sdk::state(project.path())?, sdk::State::Current);
        assert!(!stale.exists());
        assert_eq!(fs::read_dir(project.path().join(".ww"))?.count(), 1, "the staging directory is gone");
        Ok(())
    }
}
