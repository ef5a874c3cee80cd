//! The resource `descriptor`.

use super::area::AreaFile;
use super::bindings::types::{DescriptorFlags, DescriptorType};
use super::error::{FsError, FsResult};
use super::path::TreePath;
use super::slots::Slot;
use super::tree::{Entry, Kind, ObjectId, ReadAt};
use std::sync::Arc;

/// What a guest has open.
#[allow(unreachable_pub, reason = "the generated bindings name it")]
pub enum Descriptor {
    /// A file.
    File(Arc<OpenFile>),
    /// A directory.
    Directory(OpenDirectory),
}

/// An open file, shared by its descriptor and the streams over it.
pub(crate) struct OpenFile {
    pub(crate) content: Content,
    pub(crate) id: ObjectId,
    pub(crate) flags: DescriptorFlags,
    _slot: Slot,
}

/// Where an open file lies.
pub(crate) enum Content {
    /// In the image, with what was known of it when it was opened: it does not change.
    Image(Entry, Arc<dyn ReadAt>),
    /// In a writable directory.
    Area(Arc<AreaFile>),
}

/// An open directory. It is a path, and nothing is held open for it: where the directory is renamed, the descriptor names
/// whatever has the path then. So every walk starts at the root, and nothing a guest does nests deeper than its paths.
pub(crate) struct OpenDirectory {
    pub(crate) path: TreePath,
    pub(crate) id: ObjectId,
    /// The descriptor that a guest starts with takes no slot.
    pub(crate) _slot: Option<Slot>,
}

impl Descriptor {
    pub(crate) fn of_file(id: ObjectId, content: Content, flags: DescriptorFlags, slot: Slot) -> Self {
        Descriptor::File(Arc::new(OpenFile { content, id, flags, _slot: slot }))
    }

    pub(crate) fn file(&self) -> FsResult<&Arc<OpenFile>> {
        match self {
            Descriptor::File(file) => Ok(file),
            Descriptor::Directory(_) => Err(FsError::IsDirectory),
        }
    }

    pub(crate) fn directory(&self) -> FsResult<&OpenDirectory> {
        match self {
            Descriptor::Directory(directory) => Ok(directory),
            Descriptor::File(_) => Err(FsError::NotDirectory),
        }
    }

    pub(crate) fn id(&self) -> ObjectId {
        match self {
            Descriptor::File(file) => file.id,
            Descriptor::Directory(directory) => directory.id,
        }
    }

    pub(crate) fn flags(&self) -> DescriptorFlags {
        match self {
            Descriptor::File(file) => file.flags,
            // A directory of the image can hold a link to one that is written to, so the place decides, not the flag.
            Descriptor::Directory(_) => DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY,
        }
    }

    pub(crate) fn kind(&self) -> DescriptorType {
        match self {
            Descriptor::File(_) => DescriptorType::RegularFile,
            Descriptor::Directory(_) => DescriptorType::Directory,
        }
    }
}

impl OpenFile {
    /// For reading, if it was opened for that.
    pub(crate) fn readable(&self) -> FsResult<Arc<dyn ReadAt>> {
        if !self.flags.contains(DescriptorFlags::READ) {
            return Err(FsError::BadDescriptor);
        }
        Ok(match &self.content {
            Content::Image(_, file) => file.clone(),
            Content::Area(file) => file.clone(),
        })
    }

    /// For writing, if it was opened for that.
    pub(crate) fn writable(&self) -> FsResult<Arc<AreaFile>> {
        match &self.content {
            Content::Image(..) => Err(FsError::ReadOnly),
            Content::Area(_) if !self.flags.contains(DescriptorFlags::WRITE) => Err(FsError::BadDescriptor),
            Content::Area(file) => Ok(file.clone()),
        }
    }
}

impl From<&Kind> for DescriptorType {
    fn from(kind: &Kind) -> Self {
        match kind {
            Kind::Directory => Self::Directory,
            Kind::File { .. } => Self::RegularFile,
            Kind::Link { .. } => Self::SymbolicLink,
        }
    }
}
