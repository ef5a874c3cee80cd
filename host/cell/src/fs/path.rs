//! Paths: the validated form that trees take, and the text that guests send.

use super::error::{FsError, FsResult};
use super::limits::{MAX_DEPTH, MAX_NAME, MAX_PATH};
use std::collections::VecDeque;
use std::fmt;

/// Prefix of the names that mark a removal in a layer of an image. They are not part of what a guest sees.
const WHITEOUT: &str = ".wh.";

/// What a directory of a layer holds that shows nothing of the same directory in the layers below.
pub(crate) const OPAQUE: &str = ".wh..wh..opq";

/// Whether a guest may see something of this name.
pub(crate) fn visible(name: &str) -> bool {
    !name.starts_with(WHITEOUT)
}

/// The name that removes `name`; none where that would be longer than a name can be, so that nobody has it.
pub(crate) fn whiteout_of(name: &str) -> Option<String> {
    (WHITEOUT.len() + name.len() <= MAX_NAME).then(|| format!("{WHITEOUT}{name}"))
}

/// What `name` removes, if it is the name of a removal and not of a mark such as [`OPAQUE`].
pub(crate) fn removed_by(name: &str) -> Option<&str> {
    name.strip_prefix(WHITEOUT).filter(|removed| !removed.is_empty() && visible(removed))
}

/// A path relative to the root of a tree: names with `/` between them, none of them empty, `.`, `..`, or with a NUL in
/// it. The empty path is the root. At most [`MAX_PATH`] bytes, [`MAX_DEPTH`] names and [`MAX_NAME`] bytes a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TreePath(String);

impl TreePath {
    /// The root.
    pub fn root() -> Self {
        Self::default()
    }

    /// Checks a path.
    pub fn parse(text: &str) -> FsResult<Self> {
        let mut path = Self::root();
        for name in text.split('/').filter(|_| !text.is_empty()) {
            path.push(name)?;
        }
        Ok(path)
    }

    /// The names, from the root.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|name| !name.is_empty())
    }

    /// How many names it has.
    pub fn depth(&self) -> usize {
        self.names().count()
    }

    /// Whether it is the empty path.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a name.
    pub fn push(&mut self, name: &str) -> FsResult<()> {
        check(name)?;
        if self.0.len() + 1 + name.len() > MAX_PATH || self.depth() >= MAX_DEPTH {
            return Err(FsError::NameTooLong);
        }
        if !self.is_root() {
            self.0.push('/');
        }
        self.0.push_str(name);
        Ok(())
    }

    /// Takes the last name off; false at the root.
    pub fn pop(&mut self) -> bool {
        match self.0.rfind('/') {
            Some(slash) => self.0.truncate(slash),
            None if self.is_root() => return false,
            None => self.0.clear(),
        }
        true
    }

    /// The directory that it lies in, and its last name; `None` at the root.
    pub fn split_last(&self) -> Option<(TreePath, &str)> {
        match self.0.rsplit_once('/') {
            Some((parent, name)) => Some((Self(parent.to_owned()), name)),
            None if self.is_root() => None,
            None => Some((Self::root(), &self.0)),
        }
    }

    /// The first name, and the path below it; `None` at the root.
    pub fn split_first(&self) -> Option<(&str, TreePath)> {
        match self.0.split_once('/') {
            Some((name, rest)) => Some((name, Self(rest.to_owned()))),
            None if self.is_root() => None,
            None => Some((&self.0, Self::root())),
        }
    }

    /// The text, without a leading `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check(name: &str) -> FsResult<()> {
    match name {
        "" | "." | ".." => Err(FsError::Invalid),
        _ if name.contains(['/', '\0']) => Err(FsError::Invalid),
        _ if name.len() > MAX_NAME => Err(FsError::NameTooLong),
        _ => Ok(()),
    }
}

/// One step of a path that a guest or a symbolic link gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into what has this name.
    Down(String),
    /// To the directory above, as the guest asked for.
    Up,
    /// To the directory above, as a symbolic link asks for.
    LinkUp,
}

/// The text of a path, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    /// The steps, in order.
    pub(crate) steps: VecDeque<Step>,
    /// Whether it starts at the root.
    pub(crate) absolute: bool,
    /// Whether it can only mean a directory: it ends in `/`, `.` or `..`.
    pub(crate) directory: bool,
}

impl Steps {
    /// Takes a path apart that a guest gave.
    pub(crate) fn of_guest(text: &str) -> FsResult<Self> {
        Self::parse(text, &Step::Up)
    }

    /// Takes the target of a symbolic link apart.
    pub(crate) fn of_link(target: &str) -> FsResult<Self> {
        Self::parse(target, &Step::LinkUp)
    }

    fn parse(text: &str, up: &Step) -> FsResult<Self> {
        if text.is_empty() {
            return Err(FsError::NotFound);
        }
        if text.len() > MAX_PATH {
            return Err(FsError::NameTooLong);
        }
        let mut found = Self { absolute: text.starts_with('/'), ..Self::default() };
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => found.steps.push_back(up.clone()),
                name => found.steps.push_back(down(name)?),
            }
            found.directory = matches!(part, "" | "." | "..");
        }
        Ok(found)
    }
}

fn down(name: &str) -> FsResult<Step> {
    check(name)?;
    if visible(name) { Ok(Step::Down(name.to_owned())) } else { Err(FsError::NotFound) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_path_has_no_special_names() {
        for bad in ["/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "a\0b"] {
            assert_eq!(TreePath::parse(bad), Err(FsError::Invalid), "{bad:?}");
        }
        let path = TreePath::parse("a/b c/d").unwrap();
        assert_eq!(path.names().collect::<Vec<_>>(), ["a", "b c", "d"]);
        assert_eq!(path.split_last().unwrap().1, "d");
        assert_eq!(path.split_first().unwrap().1.as_str(), "b c/d");
        assert!(TreePath::parse("").unwrap().is_root());
    }

    #[test]
    fn names_paths_and_nesting_are_bounded() {
        let name = "n".repeat(MAX_NAME);
        assert!(TreePath::parse(&name).is_ok());
        assert_eq!(TreePath::parse(&format!("{name}n")), Err(FsError::NameTooLong));

        let deep = vec!["d"; MAX_DEPTH].join("/");
        assert!(TreePath::parse(&deep).is_ok());
        assert_eq!(TreePath::parse(&format!("{deep}/d")), Err(FsError::NameTooLong));

        let long = vec![name.as_str(); MAX_PATH / (MAX_NAME + 1)].join("/");
        assert!(TreePath::parse(&long).is_ok());
        assert_eq!(TreePath::parse(&format!("{long}/n")), Err(FsError::NameTooLong));
        assert_eq!(Steps::of_guest(&"./".repeat(MAX_PATH)).unwrap_err(), FsError::NameTooLong);
    }

    #[test]
    fn names_of_removals_are_told_from_marks() {
        assert_eq!(whiteout_of("a").as_deref(), Some(".wh.a"));
        assert_eq!(removed_by(".wh.a"), Some("a"));
        assert_eq!(removed_by(".wh..hidden"), Some(".hidden"));
        for none in ["a", ".wh", ".wh.", OPAQUE, ".wh..wh.plnk"] {
            assert_eq!(removed_by(none), None, "{none}");
        }
        assert!(whiteout_of(&"n".repeat(MAX_NAME - 4)).is_some());
        assert_eq!(whiteout_of(&"n".repeat(MAX_NAME - 3)), None);
    }

    #[test]
    fn popping_ends_at_the_root() {
        let mut path = TreePath::parse("a/b").unwrap();
        assert!(path.pop());
        assert_eq!(path.as_str(), "a");
        assert!(path.pop());
        assert!(path.is_root());
        assert!(!path.pop());
    }

    #[test]
    fn steps_keep_what_matters() {
        let steps = Steps::of_guest("a/./b//../c/").unwrap();
        let down = |name: &str| Step::Down(name.to_owned());
        assert_eq!(Vec::from(steps.steps), [down("a"), down("b"), Step::Up, down("c")]);
        assert!(steps.directory && !steps.absolute);
        assert!(Steps::of_link("/x").unwrap().absolute);
        assert!(!Steps::of_guest("a/b").unwrap().directory);
        assert_eq!(Steps::of_guest("").unwrap_err(), FsError::NotFound);
        assert_eq!(Steps::of_guest("a\0").unwrap_err(), FsError::Invalid);
        assert_eq!(Steps::of_guest("a/.wh.b").unwrap_err(), FsError::NotFound);
    }
}
