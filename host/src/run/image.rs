//! The image that a node runs: one or more local directories, laid over each other.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ww_cell::fs::{FsError, LocalTree, Tree, TreePath, Union, Walk, read_file};
use ww_cell::limits::COMPONENT_BYTES;

use super::error::Error;

/// The guest of an image, in it.
const BOOT: &str = "boot/main.wasm";

/// An image that has a guest.
pub(super) struct Image {
    /// Its layers, as absolute paths; later ones win. There is at least one.
    pub(super) layers: Vec<PathBuf>,
    /// The name of its own guest: the one that was asked for, else the last name of the last path.
    pub(super) name: String,
    /// What they are together.
    pub(super) tree: Arc<dyn Tree>,
    /// The file of the guest, in the layer that it comes from.
    pub(super) boot: PathBuf,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
}

impl Image {
    /// Opens the image that is made of `paths`, and reads its guest.
    pub(super) async fn open(paths: &[PathBuf], name: Option<&str>) -> Result<Self, Error> {
        let mut layers = Vec::new();
        let mut trees: Vec<Arc<dyn Tree>> = Vec::new();
        for path in paths {
            let (root, tree) = layer(path).map_err(|cause| Error::Image { path: path.clone(), cause })?;
            layers.push(root);
            trees.push(Arc::new(tree));
        }
        let tree = Arc::new(Union::new(trees)?);
        // At most one byte more than a component may have: enough to be refused with the limit's name.
        let (boot, bytes) = match read_file(tree.clone(), BOOT, COMPONENT_BYTES + 1).await {
            Ok((path, bytes)) => (file(&tree, &layers, &path).await, bytes),
            Err(FsError::NotFound) => return Err(no_boot(paths, &layers)),
            Err(cause) => return Err(Error::BootFile { image: names(paths), cause }),
        };
        let name = name.map_or_else(|| last_name(&layers), str::to_owned);
        Ok(Self { layers, name, tree, boot, bytes })
    }

    /// Its layers, for a message.
    pub(super) fn layers(&self) -> String {
        names(&self.layers)
    }
}

fn layer(path: &Path) -> io::Result<(PathBuf, LocalTree)> {
    let root = path.canonicalize()?;
    // Opening something else may say so in other words, and opening a pipe would wait for its other end.
    if !root.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    let tree = LocalTree::open(&root)?;
    Ok((root, tree))
}

/// Where a file of the image lies on this machine.
async fn file(union: &Union, layers: &[PathBuf], path: &TreePath) -> PathBuf {
    let layer = match union.origin(path).await {
        Ok(Walk::Done(index)) => layers.get(index),
        // It was there a moment ago.
        _ => layers.last(),
    };
    layer.map_or_else(|| path.as_str().into(), |layer| layer.join(path.as_str()))
}

fn no_boot(paths: &[PathBuf], layers: &[PathBuf]) -> Error {
    let project = paths.iter().zip(layers).rev().find(|(_, root)| root.join("Cargo.toml").exists());
    let remedy = match project {
        Some((path, _)) if path == Path::new(".") => "run `ww build` first".to_owned(),
        Some((path, _)) => format!("run `ww build {}` first", path.display()),
        None => "an image is a directory with a guest in it; `ww init` makes a project for one".to_owned(),
    };
    Error::NoBoot { image: names(paths), remedy }
}

/// How an image is called in a message.
fn names(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ")
}

fn last_name(layers: &[PathBuf]) -> String {
    let name = layers.last().and_then(|root| root.file_name());
    name.map_or_else(|| "root".to_owned(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opens the image of these layers; each name is a directory below the returned one, each entry a file in it.
    async fn opened(layers: &[(&str, &[(&str, &str)])]) -> (tempfile::TempDir, Result<Image, Error>) {
        let place = tempfile::tempdir().expect("a temporary folder");
        let mut paths = Vec::new();
        for (name, files) in layers {
            let root = place.path().join(name);
            std::fs::create_dir_all(root.join("boot")).expect("a layer");
            for (file, text) in *files {
                std::fs::write(root.join(file), text).expect("a file");
            }
            paths.push(root);
        }
        let image = Image::open(&paths, None).await;
        (place, image)
    }

    #[tokio::test]
    async fn the_latest_layer_that_has_a_guest_boots() {
        let (base, app) = (("base", &[(BOOT, "base")][..]), ("app", &[(BOOT, "app")][..]));
        for (layers, text, from) in [
            (vec![base, app], "app", "app"),
            (vec![app, base], "base", "base"),
            (vec![base, ("data", &[])], "base", "base"),
        ] {
            let (place, image) = opened(&layers).await;
            let image = image.unwrap_or_else(|error| panic!("{error}"));
            let root = place.path().canonicalize().expect("the place");
            assert_eq!((image.bytes.as_slice(), image.boot), (text.as_bytes(), root.join(from).join(BOOT)));
        }
        let (_place, image) = opened(&[base, ("data", &[])]).await;
        assert_eq!(image.map(|image| image.name).ok().as_deref(), Some("data"));
    }

    #[tokio::test]
    async fn a_guest_that_a_layer_removes_is_missing() {
        let base = ("base", &[(BOOT, "base"), ("Cargo.toml", "")][..]);
        let (place, image) = opened(&[base, ("app", &[("boot/.wh.main.wasm", "")])]).await;
        let error = image.err().map(|error| error.to_string()).unwrap_or_default();
        let [base, app] = ["base", "app"].map(|name| place.path().join(name).display().to_string());
        let expected = format!("image {base} {app}: there is no boot/main.wasm; run `ww build {base}` first");
        assert_eq!(error, expected);
    }

    #[tokio::test]
    async fn a_path_that_is_no_directory_is_named() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let [fine, file, none] = ["fine", "file", "none"].map(|name| place.path().join(name));
        std::fs::create_dir(&fine).and_then(|()| std::fs::write(&file, "")).expect("a folder and a file");
        for wrong in [file, none] {
            let layers = [fine.clone(), wrong.clone(), fine.clone()];
            let error = Image::open(&layers, None).await.err().map(|error| error.to_string());
            assert!(error.is_some_and(|text| text.contains(&wrong.display().to_string())), "{}", wrong.display());
        }
    }

    #[tokio::test]
    async fn there_is_a_limit_to_the_layers() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let error = Image::open(&vec![place.path().to_owned(); 33], None).await.err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("image: 33 layers: at most 32 can be merged"));
    }
}
