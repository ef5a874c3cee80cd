//! Random layers against the plainest model there is: each is unpacked over what the ones before it left, and what a
//! union shows must be what lies there then.

use super::super::{Entries, Entry, FsError, FsResult, Kind, NamedKind, Opened, TreePath, Walk};
use super::*;
use async_trait::async_trait;
use std::collections::BTreeMap;

/// How many random images are tried.
const IMAGES: u64 = 150;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    File(String),
    Link(String),
    Directory(Folder),
}

type Folder = BTreeMap<String, Node>;

/// A source of numbers that is the same every time: a failure names its seed.
struct Chance(u64);

impl Chance {
    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        // A step of a linear congruence; its upper bits are good enough to choose by.
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    /// A folder of a layer, with removals and marks in it. Few names, so that layers meet.
    fn folder(&mut self, levels: usize) -> Folder {
        let mut folder = Folder::new();
        for name in ["a", "b", "c"] {
            match self.below(10) {
                0 | 1 => drop(folder.insert(name.to_owned(), Node::File(format!("{name}{}", self.below(1000))))),
                2 => drop(folder.insert(name.to_owned(), Node::Link(["b", "/a/b", "../c"][self.below(3)].to_owned()))),
                3..=6 if levels > 0 => {
                    drop(folder.insert(name.to_owned(), Node::Directory(self.folder(levels - 1))));
                }
                _ => {}
            }
            if self.below(6) == 0 {
                folder.insert(format!(".wh.{name}"), Node::File(String::new()));
            }
        }
        if self.below(12) == 0 {
            folder.insert(".wh..wh..opq".to_owned(), Node::File(String::new()));
        }
        folder
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
        match node {
            Node::Directory(folder) => {
                if !matches!(below.get(name), Some(Node::Directory(_))) {
                    below.insert(name.clone(), Node::Directory(Folder::new()));
                }
                let Some(Node::Directory(into)) = below.get_mut(name) else { unreachable!() };
                unpack(into, folder);
            }
            other => drop(below.insert(name.clone(), other.clone())),
        }
    }
}

fn store(place: &Path, folder: &Folder) {
    std::fs::create_dir(place).unwrap();
    for (name, node) in folder {
        match node {
            Node::File(text) => std::fs::write(place.join(name), text).unwrap(),
            Node::Link(target) => host_link(target, place.join(name)),
            Node::Directory(folder) => store(&place.join(name), folder),
        }
    }
}

/// A tree that does not say that it is a directory of this machine.
struct Far(LocalTree);

#[async_trait]
impl Tree for Far {
    async fn lookup(&self, path: &TreePath) -> FsResult<Walk<Entry>> {
        self.0.lookup(path).await
    }

    async fn open(&self, path: &TreePath) -> FsResult<Walk<Opened>> {
        self.0.open(path).await
    }

    async fn list(&self, path: &TreePath) -> FsResult<Walk<Box<dyn Entries>>> {
        self.0.list(path).await
    }
}

/// What a call on `path` says of the model.
fn walk<'a>(root: &'a Node, path: &TreePath) -> FsResult<Walk<&'a Node>> {
    let mut at = root;
    for (depth, name) in path.names().enumerate() {
        at = match at {
            Node::Directory(folder) => folder.get(name).ok_or(FsError::NotFound)?,
            Node::Link(target) => return Ok(Walk::Link { depth, target: target.clone() }),
            Node::File(_) => return Err(FsError::NotDirectory),
        };
    }
    Ok(Walk::Done(at))
}

/// Like [`walk`], for calls that give back a link at the end of the path.
fn walk_through<'a>(root: &'a Node, path: &TreePath) -> FsResult<Walk<&'a Node>> {
    Ok(match walk(root, path)? {
        Walk::Done(Node::Link(target)) => Walk::Link { depth: path.depth(), target: target.clone() },
        other => other,
    })
}

async fn look(union: &Union, path: &TreePath) -> String {
    let kind = union.lookup(path).await.map(|walk| walk.map(|entry| entry.kind));
    match kind {
        Ok(Walk::Done(Kind::File { .. })) => "file".to_owned(),
        other => format!("{other:?}"),
    }
}

fn look_at_model(root: &Node, path: &TreePath) -> String {
    let kind = walk(root, path).map(|walk| {
        walk.map(|node| match node {
            Node::File(_) => None,
            Node::Link(target) => Some(Kind::Link { target: target.clone() }),
            Node::Directory(_) => Some(Kind::Directory),
        })
    });
    match kind {
        Ok(Walk::Done(None)) => "file".to_owned(),
        other => format!("{:?}", other.map(|walk| walk.map(Option::unwrap))),
    }
}

/// A file's text; a directory's names.
async fn content(union: &Union, path: &TreePath) -> FsResult<Walk<String>> {
    match union.open(path).await? {
        Walk::Link { depth, target } => Ok(Walk::Link { depth, target }),
        Walk::Done(Opened::File(entry, file)) => {
            let mut text = vec![0; 100];
            let length = file.read_at(&mut text, 0).unwrap();
            assert_eq!(length as u64, entry.size);
            assert_eq!(union.list(path).await.err(), Some(FsError::NotDirectory));
            Ok(Walk::Done(String::from_utf8_lossy(&text[..length]).into_owned()))
        }
        Walk::Done(Opened::Directory(_)) => {
            let Walk::Done(mut entries) = union.list(path).await? else { panic!("a link at {path}") };
            let mut all = Vec::new();
            loop {
                let names = entries.next().await?;
                if names.is_empty() {
                    break;
                }
                all.extend(names.into_iter().map(|named| (named.name, named.kind)));
            }
            Ok(Walk::Done(format!("{all:?}")))
        }
    }
}

fn content_of_model(root: &Node, path: &TreePath) -> FsResult<Walk<String>> {
    let kind = |node: &Node| match node {
        Node::File(_) => NamedKind::File,
        Node::Link(_) => NamedKind::Link,
        Node::Directory(_) => NamedKind::Directory,
    };
    Ok(walk_through(root, path)?.map(|node| match node {
        Node::Directory(folder) => {
            format!("{:?}", folder.iter().map(|(name, node)| (name, kind(node))).collect::<Vec<_>>())
        }
        Node::File(text) | Node::Link(text) => text.clone(),
    }))
}

/// Every path of up to three of the names that there are.
fn paths() -> Vec<TreePath> {
    let mut paths = vec![TreePath::root()];
    let mut longest = paths.clone();
    for _ in 0..3 {
        longest = longest
            .iter()
            .flat_map(|path| ["a", "b", "c"].map(|name| (path, name)))
            .map(|(path, name)| {
                let mut path = path.clone();
                path.push(name).unwrap();
                path
            })
            .collect();
        paths.extend(longest.iter().cloned());
    }
    paths
}

#[tokio::test]
async fn a_union_shows_what_unpacking_leaves() {
    let paths = paths();
    let mut shown = 0;
    for seed in 0..IMAGES {
        let (host, mut chance) = (TempDir::new().unwrap(), Chance(seed));
        let (mut trees, mut merged): (Vec<Arc<dyn Tree>>, _) = (Vec::new(), Folder::new());
        for index in 0..1 + chance.below(4) {
            let (place, folder) = (host.path().join(index.to_string()), chance.folder(2));
            store(&place, &folder);
            unpack(&mut merged, &folder);
            let tree = LocalTree::open(&place).unwrap();
            trees.push(if chance.below(3) == 0 { Arc::new(Far(tree)) } else { Arc::new(tree) });
        }
        let (union, model) = (Union::new(trees).unwrap(), Node::Directory(merged));
        for path in &paths {
            assert_eq!(look(&union, path).await, look_at_model(&model, path), "seed {seed}: {path}");
            let (found, expected) = (content(&union, path).await, content_of_model(&model, path));
            assert_eq!(format!("{found:?}"), format!("{expected:?}"), "seed {seed}: {path}");
            shown += usize::from(matches!(expected, Ok(Walk::Done(_))));
        }
    }
    assert!(shown > 1000, "the images are too empty: {shown}");
}
