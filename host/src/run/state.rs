//! What the image's own guest keeps.

use std::fs::{File, TryLockError};
use std::io;
use std::path::PathBuf;

use super::error::Error;
use super::image::Image;
use crate::data::{Data, lock_file};

/// The `/var` of an image's own guest: one node at a time writes to it.
pub(super) struct State {
    place: Result<PathBuf, String>,
    _lock: Option<File>,
}

impl State {
    /// The state of the guest of `image`. Of an image that is one directory it is there, in its `var`; of one that is
    /// merged of several it is in the node's data, by the guest's name. Where another node has it, the guest gets a `/var`
    /// of its own that is gone with it, and [`notice`](Self::notice) says so.
    pub(super) fn of(image: &Image, data: &Data) -> Result<Self, Error> {
        let (var, lock) = match image.layers.as_slice() {
            // Its directory is there already: running an image changes nothing in it.
            [root] => (root.join("var"), File::open(root)),
            _ => (data.state(&image.name), lock_file(&data.state_lock(&image.name))),
        };
        // A link would lead what the guest writes to where its image says.
        if var.symlink_metadata().is_ok_and(|it| !it.is_dir()) {
            let cause = io::Error::other("this must be a directory: it is the /var that the guest writes to");
            return Err(Error::Image { path: var, cause });
        }
        let why = match lock.map(|lock| lock.try_lock().map(|()| lock)) {
            Ok(Ok(lock)) => return Ok(Self { place: Ok(var), _lock: Some(lock) }),
            Ok(Err(TryLockError::WouldBlock)) => "is in use by another node".to_owned(),
            Ok(Err(TryLockError::Error(error))) | Err(error) => format!("cannot be locked: {error}"),
        };
        let notice = format!("{} {why}; /var of this guest starts empty and is lost at its end", var.display());
        Ok(Self { place: Err(notice), _lock: None })
    }

    /// Where it is; nowhere where it is private.
    pub(super) fn path(&self) -> Option<PathBuf> {
        self.place.as_ref().ok().cloned()
    }

    /// What the user has to know of it, on one line.
    pub(super) fn notice(&self) -> Option<&str> {
        self.place.as_ref().err().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use ww_cell::fs::Union;

    use super::*;

    fn image(layers: &[&Path], name: &str) -> Image {
        let tree = Arc::new(Union::new(Vec::new()).unwrap_or_else(|error| panic!("{error}")));
        let layers = layers.iter().map(|path| (*path).to_owned()).collect();
        Image { layers, name: name.to_owned(), tree, boot: PathBuf::new(), bytes: Vec::new() }
    }

    #[test]
    fn one_directory_keeps_its_state_and_of_several_the_node_does() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let [one, two, data] = ["one", "two", "data"].map(|name| place.path().join(name));
        std::fs::create_dir(&one)?;
        let data = Data::locate(Some(&data)).expect("a place");
        let cases = [(image(&[&one], "name"), one.join("var")), (image(&[&one, &two], "name"), data.state("name"))];
        for (image, expected) in cases {
            let first = State::of(&image, &data).expect("a state");
            assert_eq!((first.path(), first.notice()), (Some(expected.clone()), None));
            let second = State::of(&image, &data).expect("a state");
            assert_eq!(second.path(), None);
            assert!(second.notice().is_some_and(|text| text.contains("is in use by another node")));
            assert!(!expected.exists(), "it is made when it is written to");
            drop(first);
            assert_eq!(State::of(&image, &data).expect("a state").path(), Some(expected));
        }
        Ok(())
    }

    #[test]
    fn guests_of_other_names_have_other_state() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let data = Data::locate(Some(place.path())).expect("a place");
        let names = ["a", "a.lock", "locks", "state"];
        let states = names.map(|name| State::of(&image(&[], name), &data).expect("a state"));
        assert_eq!(states.each_ref().map(State::path), names.map(|name| Some(place.path().join("state").join(name))));
        Ok(())
    }
}
