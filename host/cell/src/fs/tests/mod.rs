//! Tests through the host functions, as a guest calls them, but without a guest: a guest's library would hide the flags
//! and the error codes.

mod image;
mod limits;
mod links;
#[cfg(unix)]
mod model;
mod swaps;
#[cfg(unix)]
mod union;
mod writable;

use super::bindings::types::{
    DescriptorFlags, DescriptorStat, DescriptorType, ErrorCode, HostDescriptor, HostDirectoryEntryStream, OpenFlags,
    PathFlags,
};
use super::descriptor::Descriptor;
use super::error::HostError;
use super::{FsConfig, FsCtx, FsCtxView, FsLimits, Home, LocalTree, Tree, Union};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use wasmtime::component::{Resource, ResourceTable};

type Fd = Resource<Descriptor>;

const READ: DescriptorFlags = DescriptorFlags::READ;
const WRITE: DescriptorFlags = DescriptorFlags::WRITE;
const FOLLOW: PathFlags = PathFlags::SYMLINK_FOLLOW;

/// A file tree with its directories on the host.
struct World {
    /// Holds `image`, `state` (made when written to) and `tmp`.
    host: TempDir,
    ctx: FsCtx,
    table: ResourceTable,
}

impl World {
    fn new() -> Self {
        Self::with(FsLimits::default())
    }

    fn with(limits: FsLimits) -> Self {
        let host = TempDir::new().unwrap();
        let image = host.path().join("image");
        std::fs::create_dir_all(image.join("etc/app")).unwrap();
        std::fs::create_dir(image.join("var")).unwrap();
        std::fs::write(image.join("etc/name"), "image\n").unwrap();
        std::fs::write(image.join("etc/app/config"), "key = 1\n").unwrap();
        std::fs::write(image.join("var/hidden"), "no").unwrap();
        let image = Arc::new(LocalTree::open(&image).unwrap());
        let ctx = FsCtx::new(FsConfig {
            var: Home::Kept(host.path().join("state")),
            tmp: Home::Private(host.path().join("tmp")),
            limits,
            ..FsConfig::new(image)
        });
        Self { host, ctx, table: ResourceTable::new() }
    }

    /// A world whose image is made of layers, the lowest first. They lie in `host`, as `0`, `1` and so on.
    #[cfg(unix)]
    fn layered(layers: &[&[&str]]) -> Self {
        let host = TempDir::new().unwrap();
        let trees = layers.iter().enumerate().map(|(index, entries)| {
            let root = host.path().join(index.to_string());
            std::fs::create_dir(&root).unwrap();
            entries.iter().for_each(|entry| make(&root, entry));
            Arc::new(LocalTree::open(&root).unwrap()) as Arc<dyn Tree>
        });
        let image = Arc::new(Union::new(trees.collect()).unwrap());
        let ctx = FsCtx::new(FsConfig { tmp: Home::Private(host.path().join("tmp")), ..FsConfig::new(image) });
        Self { host, ctx, table: ResourceTable::new() }
    }

    fn image(&self) -> std::path::PathBuf {
        self.host.path().join("image")
    }

    fn fs(&mut self) -> FsCtxView<'_> {
        FsCtxView { ctx: &mut self.ctx, table: &mut self.table }
    }

    fn root(&mut self) -> Fd {
        use super::bindings::preopens::Host;
        self.fs().get_directories().unwrap().remove(0).0
    }

    async fn open(&mut self, path: &str, open: OpenFlags, flags: DescriptorFlags) -> Result<Fd, ErrorCode> {
        let root = self.root();
        self.fs().open_at(root, FOLLOW, path.to_owned(), open, flags).await.map_err(code)
    }

    async fn read(&mut self, path: &str) -> Result<String, ErrorCode> {
        let fd = self.open(path, OpenFlags::empty(), READ).await?;
        let (data, _) = self.fs().read(borrow(&fd), u64::MAX, 0).await.map_err(code)?;
        self.close(fd);
        Ok(String::from_utf8(data).unwrap())
    }

    async fn write(&mut self, path: &str, data: &str) -> Result<(), ErrorCode> {
        let fd = self.open(path, OpenFlags::CREATE | OpenFlags::TRUNCATE, WRITE).await?;
        let written = self.fs().write(borrow(&fd), data.as_bytes().to_vec(), 0).await.map_err(code);
        self.close(fd);
        written.map(drop)
    }

    fn close(&mut self, fd: Fd) {
        HostDescriptor::drop(&mut self.fs(), fd).unwrap();
    }

    async fn stat(&mut self, path: &str) -> Result<DescriptorStat, ErrorCode> {
        let root = self.root();
        self.fs().stat_at(root, FOLLOW, path.to_owned()).await.map_err(code)
    }

    async fn kind(&mut self, path: &str) -> Result<DescriptorType, ErrorCode> {
        Ok(self.stat(path).await?.type_)
    }

    async fn list(&mut self, path: &str) -> Result<Vec<String>, ErrorCode> {
        let fd = self.open(path, OpenFlags::DIRECTORY, READ).await?;
        let stream = self.fs().read_directory(borrow(&fd)).await.map_err(code)?;
        let mut names = Vec::new();
        while let Some(entry) =
            self.fs().read_directory_entry(Resource::new_borrow(stream.rep())).await.map_err(code)?
        {
            names.push(entry.name);
        }
        HostDirectoryEntryStream::drop(&mut self.fs(), stream).unwrap();
        self.close(fd);
        names.sort();
        Ok(names)
    }

    async fn mkdir(&mut self, path: &str) -> Result<(), ErrorCode> {
        let root = self.root();
        self.fs().create_directory_at(root, path.to_owned()).await.map_err(code)
    }

    async fn rmdir(&mut self, path: &str) -> Result<(), ErrorCode> {
        let root = self.root();
        self.fs().remove_directory_at(root, path.to_owned()).await.map_err(code)
    }

    async fn unlink(&mut self, path: &str) -> Result<(), ErrorCode> {
        let root = self.root();
        self.fs().unlink_file_at(root, path.to_owned()).await.map_err(code)
    }

    async fn symlink(&mut self, target: &str, path: &str) -> Result<(), ErrorCode> {
        let root = self.root();
        self.fs().symlink_at(root, target.to_owned(), path.to_owned()).await.map_err(code)
    }

    async fn readlink(&mut self, path: &str) -> Result<String, ErrorCode> {
        let root = self.root();
        self.fs().readlink_at(root, path.to_owned()).await.map_err(code)
    }

    async fn rename(&mut self, from: &str, to: &str) -> Result<(), ErrorCode> {
        let (root, other) = (self.root(), self.root());
        self.fs().rename_at(root, from.to_owned(), other, to.to_owned()).await.map_err(code)
    }

    async fn link(&mut self, from: &str, to: &str) -> Result<(), ErrorCode> {
        let (root, other) = (self.root(), self.root());
        self.fs().link_at(root, PathFlags::empty(), from.to_owned(), other, to.to_owned()).await.map_err(code)
    }
}

fn borrow(fd: &Fd) -> Fd {
    Resource::new_borrow(fd.rep())
}

fn code(error: HostError) -> ErrorCode {
    error.downcast().unwrap()
}

/// Makes `dir/`, `file=content` or `link->target` in a directory of the host's, with the directories above it.
#[cfg(unix)]
fn make(root: &Path, entry: &str) {
    let place = |path: &str| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    };
    if let Some((link, target)) = entry.split_once("->") {
        host_link(target, place(link));
    } else if let Some((file, content)) = entry.split_once('=') {
        std::fs::write(place(file), content).unwrap();
    } else {
        std::fs::create_dir_all(root.join(entry)).unwrap();
    }
}

#[cfg(unix)]
fn host_link(target: impl AsRef<Path>, link: impl AsRef<Path>) {
    std::os::unix::fs::symlink(target, link).unwrap();
}
