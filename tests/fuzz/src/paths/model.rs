//! What a guest should find in an image: each layer unpacked over what the ones before it left, and a path walked name by
//! name.

use std::collections::VecDeque;

use super::image::{Folder, Node};

/// What is found, or the name of the error in `wasi:filesystem`.
pub(super) type Found<T = Vec<u8>> = Result<T, &'static str>;

/// As the node's limits have it.
const MAX_PATH: usize = 4096;
const MAX_NAME: usize = 255;
const MAX_HOPS: usize = 8;
const MAX_DEPTH: usize = 64;

/// The directories that are laid over every image, empty as long as nobody writes.
const MOUNTS: [&str; 2] = ["tmp", "var"];

/// What the layers are together.
pub(super) struct Model(Node);

impl Model {
    pub(super) fn of(layers: &[Folder]) -> Self {
        let mut root = Folder::new();
        layers.iter().for_each(|layer| unpack(&mut root, layer));
        for mount in MOUNTS {
            root.insert(mount.to_owned(), Node::Directory(Folder::new()));
        }
        Self(Node::Directory(root))
    }

    /// The text of a file. A directory can be opened, and not read.
    pub(super) fn read(&self, base: &str, path: &str, follow: bool) -> Found {
        match self.open(base, path, follow)?.1 {
            Node::File(text) => Ok(text.clone().into_bytes()),
            Node::Directory(_) => Err("bad-descriptor"),
            Node::Link(_) => Err("loop"),
        }
    }

    /// The same, from a directory that was opened before.
    pub(super) fn read_within(&self, directory: &str, follow: bool, path: &str) -> Found {
        match self.open("", directory, follow)? {
            (base, Node::Directory(_)) => self.read(&base, path, true),
            (_, Node::File(_)) => Err("not-directory"),
            (_, Node::Link(_)) => Err("loop"),
        }
    }

    /// The names in a directory, with their kinds.
    pub(super) fn list(&self, path: &str, follow: bool) -> Found {
        match self.open("", path, follow)?.1 {
            Node::Directory(folder) => Ok(folder.iter().flat_map(|(name, node)| listed(name, node)).collect()),
            Node::File(_) => Err("not-directory"),
            Node::Link(_) => Err("loop"),
        }
    }

    /// What a link says.
    pub(super) fn readlink(&self, path: &str) -> Found {
        match self.open("", path, false)?.1 {
            Node::Link(target) => Ok(target.clone().into_bytes()),
            _ => Err("invalid"),
        }
    }

    /// What is there.
    pub(super) fn kind(&self, path: &str, follow: bool) -> Found {
        Ok(vec![kind(self.open("", path, follow)?.1)])
    }

    /// What a path leads to, and where that is.
    fn open<'a>(&'a self, base: &'a str, path: &str, follow: bool) -> Found<(String, &'a Node)> {
        if path.starts_with('/') {
            parts(path)?;
            return Err("not-permitted");
        }
        let walk = Walk { root: &self.0, base, at: names(base), left: VecDeque::new(), hops: 0, directory: false };
        walk.run(path, follow)
    }
}

/// A path that is being walked.
struct Walk<'a> {
    root: &'a Node,
    base: &'a str,
    /// The names that lead to where it is.
    at: Vec<String>,
    left: VecDeque<Part>,
    hops: usize,
    /// Only a directory will do.
    directory: bool,
}

enum Part {
    Name(String),
    Up { by_guest: bool },
}

impl<'a> Walk<'a> {
    fn run(mut self, path: &str, follow: bool) -> Found<(String, &'a Node)> {
        self.directory = ends_in_directory(path);
        self.left = parts(path)?.into_iter().map(|part| part_of(part, true)).collect();
        loop {
            if self.stretch() > MAX_DEPTH {
                return Err("name-too-long");
            }
            let here = self.here()?;
            let last = self.left.is_empty();
            match here {
                Node::Link(target) if !last || follow || self.directory => self.follow(target, last)?,
                Node::Directory(_) if last => return Ok((self.at.join("/"), here)),
                Node::File(_) if !last || self.directory => return Err("not-directory"),
                Node::File(_) | Node::Link(_) => return Ok((self.at.join("/"), here)),
                Node::Directory(_) => match self.left.pop_front() {
                    Some(Part::Up { by_guest }) => self.up(by_guest)?,
                    Some(Part::Name(name)) => self.at.push(name),
                    None => {}
                },
            }
        }
    }

    /// How many names lead to where it next turns: that is asked for at once.
    fn stretch(&self) -> usize {
        self.at.len() + self.left.iter().take_while(|part| matches!(part, Part::Name(_))).count()
    }

    fn here(&self) -> Found<&'a Node> {
        let mut node = self.root;
        for name in &self.at {
            node = match node {
                Node::Directory(folder) => folder.get(name).ok_or("no-entry")?,
                _ => return Err("not-directory"),
            };
        }
        Ok(node)
    }

    fn up(&mut self, by_guest: bool) -> Found<()> {
        let leaves = by_guest && self.at == names(self.base);
        if leaves || self.at.pop().is_none() { Err("not-permitted") } else { Ok(()) }
    }

    fn follow(&mut self, target: &str, last: bool) -> Found<()> {
        self.hops += 1;
        if self.hops > MAX_HOPS {
            return Err("loop");
        }
        self.directory |= last && ends_in_directory(target);
        for part in parts(target)?.into_iter().rev() {
            self.left.push_front(part_of(part, false));
        }
        self.at.pop();
        if target.starts_with('/') {
            self.at.clear();
        }
        Ok(())
    }
}

/// Unpacks a layer over what is there.
fn unpack(below: &mut Folder, layer: &Folder) {
    if layer.contains_key(".wh..wh..opq") {
        below.clear();
    }
    for removed in layer.keys().filter_map(|name| name.strip_prefix(".wh.")) {
        below.remove(removed);
    }
    for (name, node) in layer.iter().filter(|(name, _)| !name.starts_with(".wh.")) {
        let Node::Directory(folder) = node else {
            below.insert(name.clone(), node.clone());
            continue;
        };
        if !matches!(below.get(name), Some(Node::Directory(_))) {
            below.insert(name.clone(), Node::Directory(Folder::new()));
        }
        if let Some(Node::Directory(into)) = below.get_mut(name) {
            unpack(into, folder);
        }
    }
}

/// The parts of a path that mean something. All of them are looked at before the first one is walked.
fn parts(path: &str) -> Found<Vec<&str>> {
    if path.is_empty() {
        return Err("no-entry");
    }
    if path.len() > MAX_PATH {
        return Err("name-too-long");
    }
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    for part in &parts {
        if part.contains('\0') {
            return Err("invalid");
        }
        if part.len() > MAX_NAME {
            return Err("name-too-long");
        }
        if part.starts_with(".wh.") {
            return Err("no-entry");
        }
    }
    Ok(parts)
}

fn part_of(part: &str, by_guest: bool) -> Part {
    if part == ".." { Part::Up { by_guest } } else { Part::Name(part.to_owned()) }
}

fn ends_in_directory(path: &str) -> bool {
    matches!(path.rsplit('/').next(), Some("" | "." | ".."))
}

fn names(path: &str) -> Vec<String> {
    path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn listed(name: &str, node: &Node) -> Vec<u8> {
    [name.as_bytes(), b"\n", &[kind(node)]].concat()
}

fn kind(node: &Node) -> u8 {
    match node {
        Node::Directory(_) => b'd',
        Node::File(_) => b'f',
        Node::Link(_) => b'l',
    }
}
