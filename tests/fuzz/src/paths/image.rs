//! Layers of an image, made of bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::bytes::Bytes;

/// What a layer has under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    File(String),
    Link(String),
    Directory(Folder),
}

/// A directory of a layer.
pub(super) type Folder = BTreeMap<String, Node>;

/// Entries of one layer at most.
const ENTRIES: u8 = 24;

/// Names of a layer's entries: few, so that layers and paths meet. Those that are laid over an image are among them, and
/// those that mark removals.
const NAMES: [&str; 16] = [
    "a",
    "b",
    "c",
    "d",
    "e",
    "tmp",
    "var",
    "canary",
    ".wh.a",
    ".wh.b",
    ".wh.c",
    ".wh.tmp",
    ".wh..wh..opq",
    ".wh.",
    "0",
    "é",
];

/// A layer.
pub(super) fn read(bytes: &mut Bytes<'_>, outside: &str) -> Folder {
    let mut root = Folder::new();
    for _ in 0..bytes.byte() % ENTRIES {
        add(&mut root, bytes, outside);
    }
    root
}

/// Adds one entry, in a directory that is one to three names deep. What is in the way stays.
fn add(root: &mut Folder, bytes: &mut Bytes<'_>, outside: &str) {
    let what = bytes.byte();
    let mut folder = root;
    for _ in 0..what % 3 {
        let entry = folder.entry(name(bytes)).or_insert_with(|| Node::Directory(Folder::new()));
        let Node::Directory(inner) = entry else { return };
        folder = inner;
    }
    let name = name(bytes);
    let node = match what / 3 % 8 {
        0..=2 => Node::File(format!("text {what}")),
        3..=6 => Node::Link(target(bytes, outside)),
        _ => Node::Directory(Folder::new()),
    };
    folder.entry(name).or_insert(node);
}

fn name(bytes: &mut Bytes<'_>) -> String {
    NAMES[usize::from(bytes.byte()) % NAMES.len()].to_owned()
}

/// What a link says: a host takes any text that is not empty, has no NUL in it, and is shorter than the longest path.
fn target(bytes: &mut Bytes<'_>, outside: &str) -> String {
    let text: String = text_of(bytes, outside).replace('\0', "").chars().take(4000).collect();
    if text.is_empty() { ".".to_owned() } else { text }
}

/// Parts of paths: names, ways up, ways out. An empty one makes two slashes of one.
const PARTS: [&str; 16] =
    ["a", "b", "c", "d", "e", "tmp", "var", "canary", "..", "..", ".", "", ".wh.a", "0", "é", "a\0b"];

/// Parts of one path at most.
const PATH_PARTS: u8 = 8;

/// Bytes that stand for themselves in one path at most.
const PLAIN: u8 = 12;

/// A path, as a guest or a link might say it.
pub(super) fn text_of(bytes: &mut Bytes<'_>, outside: &str) -> String {
    let kind = bytes.byte();
    match kind {
        // Longer than a name, and longer than a path.
        0xfe => "n".repeat(256),
        0xff => "a/".repeat(2100),
        0xf8..=0xfb => outside.to_owned(),
        0xf0..=0xf7 => {
            let length = usize::from(bytes.byte() % PLAIN);
            String::from_utf8_lossy(bytes.take(length)).into_owned()
        }
        _ => {
            let absolute = if kind & 0x80 != 0 { "/" } else { "" };
            let parts = (0..=kind % PATH_PARTS).map(|_| PARTS[usize::from(bytes.byte()) % PARTS.len()]);
            format!("{absolute}{}", parts.collect::<Vec<_>>().join("/"))
        }
    }
}

/// Puts a directory of a layer on the disk.
pub(super) fn store(place: &Path, folder: &Folder) {
    fs::create_dir(place).expect("a folder of a layer");
    for (name, node) in folder {
        let place = place.join(name);
        match node {
            Node::File(text) => fs::write(place, text).expect("a file of a layer"),
            Node::Link(target) => std::os::unix::fs::symlink(target, place).expect("a link of a layer"),
            Node::Directory(folder) => store(&place, folder),
        }
    }
}

/// Reads a directory of a layer from the disk.
pub(super) fn load(place: &Path) -> Folder {
    let entries = fs::read_dir(place).expect("a folder of a layer").map(|entry| entry.expect("an entry"));
    let named = |entry: fs::DirEntry| {
        let kind = entry.file_type().expect("what an entry is");
        let node = if kind.is_dir() {
            Node::Directory(load(&entry.path()))
        } else if kind.is_symlink() {
            let target = fs::read_link(entry.path()).expect("a link of a layer");
            Node::Link(target.to_str().expect("a text").to_owned())
        } else {
            Node::File(fs::read_to_string(entry.path()).expect("a file of a layer"))
        };
        (entry.file_name().to_str().expect("a text").to_owned(), node)
    };
    entries.map(named).collect()
}
