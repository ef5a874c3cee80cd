//! The functions of `wasi:filesystem`, one after the other, as the guest calls them.

use super::area::{Change, Follow, Position};
use super::bindings::preopens;
use super::bindings::types::{
    Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, ErrorCode, Filesize, Host, HostDescriptor,
    HostDirectoryEntryStream, MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use super::convert;
use super::ctx::FsCtxView;
use super::descriptor::{Content, Descriptor, OpenDirectory, OpenFile};
use super::entries::EntryStream;
use super::error::{FsError, HostError, HostResult};
use super::input::{FileInput, read_once};
use super::limits::MAX_READ;
use super::namespace::{Open, ROOT};
use super::offload;
use super::output::FileOutput;
use super::path::TreePath;
use super::tree::Kind;
use std::sync::Arc;
use wasmtime::component::Resource;
use wasmtime_wasi_io::streams::{DynInputStream, DynOutputStream};

impl FsCtxView<'_> {
    fn get(&self, fd: &Resource<Descriptor>) -> HostResult<&Descriptor> {
        self.table.get(fd).map_err(HostError::trap)
    }

    fn directory(&self, fd: &Resource<Descriptor>) -> HostResult<TreePath> {
        Ok(self.get(fd)?.directory()?.path.clone())
    }

    fn file(&self, fd: &Resource<Descriptor>) -> HostResult<Arc<OpenFile>> {
        Ok(self.get(fd)?.file().map_err(|_| FsError::BadDescriptor)?.clone())
    }

    fn output(&mut self, fd: &Resource<Descriptor>, position: Position) -> HostResult<Resource<DynOutputStream>> {
        let open = self.file(fd)?;
        let (file, slot) = (open.writable()?, self.ctx.streams.take()?);
        let stream: DynOutputStream = Box::new(FileOutput::new(open, file, position, slot));
        self.table.push(stream).map_err(HostError::trap)
    }

    /// Waits until the content, or `all`, is on the disk. Nothing is to be done for what nobody can have written to.
    async fn sync(&mut self, fd: &Resource<Descriptor>, all: bool) -> HostResult<()> {
        let Descriptor::File(open) = self.get(fd)? else { return Ok(()) };
        let Ok(file) = open.writable() else { return Ok(()) };
        Ok(offload::run(move || file.sync(all)).await?)
    }

    async fn change(&mut self, fd: &Resource<Descriptor>, path: &str, change: Change) -> HostResult<()> {
        let base = self.directory(fd)?;
        Ok(self.ctx.namespace.change_at(&base, path, change).await?)
    }
}

impl preopens::Host for FsCtxView<'_> {
    /// One directory: all the rest is below it, and a guest's library tells paths apart by the names in them.
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        let root = OpenDirectory { path: TreePath::root(), id: ROOT, _slot: None };
        Ok(vec![(self.table.push(Descriptor::Directory(root))?, "/".to_owned())])
    }
}

impl Host for FsCtxView<'_> {
    fn convert_error_code(&mut self, error: HostError) -> wasmtime::Result<ErrorCode> {
        error.downcast()
    }

    fn filesystem_error_code(&mut self, error: Resource<wasmtime::Error>) -> wasmtime::Result<Option<ErrorCode>> {
        Ok(self.table.get(&error)?.downcast_ref::<FsError>().map(ErrorCode::from))
    }
}

impl HostDescriptor for FsCtxView<'_> {
    fn read_via_stream(&mut self, fd: Resource<Descriptor>, offset: Filesize) -> HostResult<Resource<DynInputStream>> {
        let open = self.file(&fd)?;
        let (file, slot) = (open.readable()?, self.ctx.streams.take()?);
        let stream: DynInputStream = Box::new(FileInput::new(open, file, offset, slot));
        self.table.push(stream).map_err(HostError::trap)
    }

    fn write_via_stream(
        &mut self,
        fd: Resource<Descriptor>,
        offset: Filesize,
    ) -> HostResult<Resource<DynOutputStream>> {
        self.output(&fd, Position::At(offset))
    }

    fn append_via_stream(&mut self, fd: Resource<Descriptor>) -> HostResult<Resource<DynOutputStream>> {
        self.output(&fd, Position::End)
    }

    /// Advice is taken and not followed: what a guest is likely to read next is seen from how it reads.
    fn advise(&mut self, fd: Resource<Descriptor>, _: Filesize, _: Filesize, _: Advice) -> HostResult<()> {
        self.file(&fd).map(drop)
    }

    async fn sync_data(&mut self, fd: Resource<Descriptor>) -> HostResult<()> {
        self.sync(&fd, false).await
    }

    async fn sync(&mut self, fd: Resource<Descriptor>) -> HostResult<()> {
        FsCtxView::sync(self, &fd, true).await
    }

    fn get_flags(&mut self, fd: Resource<Descriptor>) -> HostResult<DescriptorFlags> {
        Ok(self.get(&fd)?.flags())
    }

    fn get_type(&mut self, fd: Resource<Descriptor>) -> HostResult<DescriptorType> {
        Ok(self.get(&fd)?.kind())
    }

    async fn set_size(&mut self, fd: Resource<Descriptor>, size: Filesize) -> HostResult<()> {
        let file = self.file(&fd)?.writable()?;
        Ok(offload::run(move || file.set_len(size)).await?)
    }

    async fn set_times(&mut self, fd: Resource<Descriptor>, read: NewTimestamp, write: NewTimestamp) -> HostResult<()> {
        let change = convert::times(read, write)?;
        match self.get(&fd)? {
            Descriptor::Directory(_) => self.change(&fd, ".", Change::SetTimes(change, Follow::No)).await,
            Descriptor::File(open) => match &open.content {
                Content::Image(..) => Err(FsError::ReadOnly.into()),
                // The owner of a file may set its times however it was opened.
                Content::Area(file) => {
                    let file = file.clone();
                    Ok(offload::run(move || file.set_times(change)).await?)
                }
            },
        }
    }

    async fn read(&mut self, fd: Resource<Descriptor>, length: Filesize, at: Filesize) -> HostResult<(Vec<u8>, bool)> {
        let file = self.file(&fd)?.readable()?;
        let length = usize::try_from(length).unwrap_or(MAX_READ).min(MAX_READ);
        let part = offload::run(move || {
            let mut part = vec![0; length];
            let length = read_once(&*file, &mut part, at)?;
            part.truncate(length);
            Ok(part)
        });
        let part = part.await?;
        let end = part.is_empty() && length > 0;
        Ok((part, end))
    }

    async fn write(&mut self, fd: Resource<Descriptor>, data: Vec<u8>, offset: Filesize) -> HostResult<Filesize> {
        let file = self.file(&fd)?.writable()?;
        let written = offload::run(move || file.write(&data, Position::At(offset))).await?;
        Ok(written as Filesize)
    }

    async fn read_directory(&mut self, fd: Resource<Descriptor>) -> HostResult<Resource<EntryStream>> {
        let base = self.directory(&fd)?;
        let slot = self.ctx.descriptors.take()?;
        let listing = self.ctx.namespace.list_at(&base).await?;
        self.table.push(EntryStream::new(listing, slot)).map_err(HostError::trap)
    }

    async fn create_directory_at(&mut self, fd: Resource<Descriptor>, path: String) -> HostResult<()> {
        self.change(&fd, &path, Change::MakeDir).await
    }

    async fn stat(&mut self, fd: Resource<Descriptor>) -> HostResult<DescriptorStat> {
        let entry = match self.get(&fd)? {
            Descriptor::Directory(directory) => {
                let base = directory.path.clone();
                self.ctx.namespace.lookup_at(&base, ".", true).await?
            }
            Descriptor::File(open) => match &open.content {
                Content::Image(entry, _) => entry.clone(),
                Content::Area(file) => {
                    let file = file.clone();
                    offload::run(move || file.describe()).await?
                }
            },
        };
        Ok(convert::stat(&entry))
    }

    async fn stat_at(
        &mut self,
        fd: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
    ) -> HostResult<DescriptorStat> {
        let base = self.directory(&fd)?;
        let entry = self.ctx.namespace.lookup_at(&base, &path, convert::follows(flags)).await?;
        Ok(convert::stat(&entry))
    }

    async fn set_times_at(
        &mut self,
        fd: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
        read: NewTimestamp,
        write: NewTimestamp,
    ) -> HostResult<()> {
        let follow = if convert::follows(flags) { Follow::Yes } else { Follow::No };
        self.change(&fd, &path, Change::SetTimes(convert::times(read, write)?, follow)).await
    }

    async fn link_at(
        &mut self,
        fd: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
        new_fd: Resource<Descriptor>,
        new_path: String,
    ) -> HostResult<()> {
        let (base, new_base) = (self.directory(&fd)?, self.directory(&new_fd)?);
        let follow = convert::follows(flags);
        Ok(self.ctx.namespace.link_at(&base, &path, follow, &new_base, &new_path).await?)
    }

    async fn open_at(
        &mut self,
        fd: Resource<Descriptor>,
        path_flags: PathFlags,
        path: String,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> HostResult<Resource<Descriptor>> {
        let base = self.directory(&fd)?;
        let how = convert::open_how(path_flags, open_flags, flags)?;
        let slot = self.ctx.descriptors.take()?;
        let (path, open) = self.ctx.namespace.open_at(&base, &path, how).await?;
        let flags = flags & (DescriptorFlags::READ | DescriptorFlags::WRITE);
        let descriptor = match open {
            Open::Image(entry, file) => Descriptor::of_file(entry.id, Content::Image(entry, file), flags, slot),
            Open::Area(entry, file) => Descriptor::of_file(entry.id, Content::Area(file), flags, slot),
            Open::Directory(entry) => Descriptor::Directory(OpenDirectory { path, id: entry.id, _slot: Some(slot) }),
        };
        self.table.push(descriptor).map_err(HostError::trap)
    }

    /// A target that starts with `/` is one from the guest's own root, which is the only root there is, so it is given out
    /// and taken in as it stands.
    async fn readlink_at(&mut self, fd: Resource<Descriptor>, path: String) -> HostResult<String> {
        let base = self.directory(&fd)?;
        match self.ctx.namespace.lookup_at(&base, &path, false).await?.kind {
            Kind::Link { target } => Ok(target),
            Kind::Directory | Kind::File { .. } => Err(FsError::Invalid.into()),
        }
    }

    async fn remove_directory_at(&mut self, fd: Resource<Descriptor>, path: String) -> HostResult<()> {
        self.change(&fd, &path, Change::RemoveDir).await
    }

    async fn rename_at(
        &mut self,
        fd: Resource<Descriptor>,
        path: String,
        new_fd: Resource<Descriptor>,
        new_path: String,
    ) -> HostResult<()> {
        let (base, new_base) = (self.directory(&fd)?, self.directory(&new_fd)?);
        Ok(self.ctx.namespace.rename_at(&base, &path, &new_base, &new_path).await?)
    }

    async fn symlink_at(&mut self, fd: Resource<Descriptor>, target: String, path: String) -> HostResult<()> {
        let target = convert::link_target(target)?;
        self.change(&fd, &path, Change::MakeLink(target)).await
    }

    async fn unlink_file_at(&mut self, fd: Resource<Descriptor>, path: String) -> HostResult<()> {
        self.change(&fd, &path, Change::Unlink).await
    }

    fn is_same_object(&mut self, fd: Resource<Descriptor>, other: Resource<Descriptor>) -> wasmtime::Result<bool> {
        Ok(self.table.get(&fd)?.id() == self.table.get(&other)?.id())
    }

    fn metadata_hash(&mut self, fd: Resource<Descriptor>) -> HostResult<MetadataHashValue> {
        Ok(convert::hash(self.get(&fd)?.id()))
    }

    async fn metadata_hash_at(
        &mut self,
        fd: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
    ) -> HostResult<MetadataHashValue> {
        let base = self.directory(&fd)?;
        let entry = self.ctx.namespace.lookup_at(&base, &path, convert::follows(flags)).await?;
        Ok(convert::hash(entry.id))
    }

    fn drop(&mut self, fd: Resource<Descriptor>) -> wasmtime::Result<()> {
        self.table.delete(fd)?;
        Ok(())
    }
}

impl HostDirectoryEntryStream for FsCtxView<'_> {
    async fn read_directory_entry(&mut self, stream: Resource<EntryStream>) -> HostResult<Option<DirectoryEntry>> {
        let stream = self.table.get_mut(&stream).map_err(HostError::trap)?;
        Ok(stream.next().await?)
    }

    fn drop(&mut self, stream: Resource<EntryStream>) -> wasmtime::Result<()> {
        self.table.delete(stream)?;
        Ok(())
    }
}
