//! The input stream over an open file.

use super::descriptor::OpenFile;
use super::error::{FsError, FsResult};
use super::limits::{MAX_READ, READ_AHEAD};
use super::offload;
use super::slots::Slot;
use super::tree::ReadAt;
use async_trait::async_trait;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::Arc;
use wasmtime_wasi_io::bytes::Bytes;
use wasmtime_wasi_io::poll::Pollable;
use wasmtime_wasi_io::streams::{InputStream, StreamError, StreamResult};

/// What a guest that waits before it reads gets first: it has not said how much it wants.
const FIRST_READ: usize = 4 * 1024;

/// Reads a file from an offset on. Over a file that does not change it keeps one part ahead of a guest that reads it
/// part by part, so that the guest and the disk work at the same time.
pub(crate) struct FileInput {
    file: Arc<dyn ReadAt>,
    /// Where the part behind `ready` starts.
    position: u64,
    ready: Bytes,
    next: Next,
    /// Whether the guest has read a part before, so that it is likely to read on.
    sequential: bool,
    _open: Arc<OpenFile>,
    _slot: Slot,
}

/// The part behind what is ready.
enum Next {
    /// Nobody has asked for it.
    Idle,
    Reading(BoxFuture<'static, FsResult<Bytes>>),
    Failed(FsError),
    /// There is none now. Asked again, the file is looked at again.
    End,
    Closed,
}

impl FileInput {
    pub(crate) fn new(open: Arc<OpenFile>, file: Arc<dyn ReadAt>, position: u64, slot: Slot) -> Self {
        Self { file, position, ready: Bytes::new(), next: Next::Idle, sequential: false, _open: open, _slot: slot }
    }

    /// Starts to read the next part, of at least one byte.
    fn start(&mut self, size: usize) {
        let size = if self.file.is_stable() && self.sequential { READ_AHEAD } else { size.clamp(1, MAX_READ) };
        let (file, position) = (self.file.clone(), self.position);
        let job = offload::start(move || read(&*file, position, size));
        let part = async move { job.await.map_err(|error| FsError::Io(error.to_string()))? };
        self.next = Next::Reading(part.boxed());
    }

    fn arrived(&mut self, part: FsResult<Bytes>) {
        self.next = match part {
            Err(error) => Next::Failed(error),
            Ok(part) if part.is_empty() => Next::End,
            Ok(part) => {
                self.position += part.len() as u64;
                self.ready = part;
                Next::Idle
            }
        };
    }

    /// Waits for what is being read.
    async fn settle(&mut self) {
        if let Next::Reading(part) = &mut self.next {
            let part = part.await;
            self.arrived(part);
        }
    }

    /// Takes up to `size` bytes of what is ready, and sees to what comes after.
    fn hand_over(&mut self, size: usize) -> Bytes {
        let part = self.ready.split_to(size.min(self.ready.len()));
        if self.ready.is_empty() && self.file.is_stable() && self.sequential && matches!(self.next, Next::Idle) {
            self.start(READ_AHEAD);
        }
        self.sequential = true;
        part
    }
}

/// Reads one part. Blocks.
fn read(file: &dyn ReadAt, position: u64, size: usize) -> FsResult<Bytes> {
    let mut buffer = vec![0; size];
    let length = read_once(file, &mut buffer, position)?;
    buffer.truncate(length);
    Ok(buffer.into())
}

/// Reads once, again where the host was interrupted. Blocks.
pub(crate) fn read_once(file: &dyn ReadAt, buffer: &mut [u8], position: u64) -> FsResult<usize> {
    loop {
        match file.read_at(buffer, position) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            result => return Ok(result?),
        }
    }
}

#[async_trait]
impl InputStream for FileInput {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if size == 0 {
            return Ok(Bytes::new());
        }
        if self.ready.is_empty()
            && let Next::Reading(part) = &mut self.next
            && let Some(part) = part.now_or_never()
        {
            self.arrived(part);
        }
        if !self.ready.is_empty() {
            return Ok(self.hand_over(size));
        }
        match std::mem::replace(&mut self.next, Next::Closed) {
            Next::Idle => {
                self.start(size);
                Ok(Bytes::new())
            }
            Next::Reading(part) => {
                self.next = Next::Reading(part);
                Ok(Bytes::new())
            }
            Next::Failed(error) => Err(StreamError::LastOperationFailed(error.into())),
            Next::End => {
                self.next = Next::Idle;
                Err(StreamError::Closed)
            }
            Next::Closed => Err(StreamError::Closed),
        }
    }

    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        if size > 0 && self.ready.is_empty() && matches!(self.next, Next::Idle) {
            self.start(size);
        }
        self.settle_if_empty().await;
        self.read(size)
    }

    async fn cancel(&mut self) {
        self.settle().await;
        self.next = Next::Closed;
    }
}

impl FileInput {
    async fn settle_if_empty(&mut self) {
        if self.ready.is_empty() {
            self.settle().await;
        }
    }
}

#[async_trait]
impl Pollable for FileInput {
    async fn ready(&mut self) {
        if self.ready.is_empty() && matches!(self.next, Next::Idle) {
            self.start(FIRST_READ);
        }
        self.settle_if_empty().await;
    }
}
