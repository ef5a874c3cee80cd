//! The output stream over an open file of a writable directory.

use super::area::{AreaFile, Position};
use super::descriptor::OpenFile;
use super::error::{FsError, FsResult};
use super::limits::MAX_WRITE;
use super::offload;
use super::slots::Slot;
use async_trait::async_trait;
use futures::FutureExt;
use std::sync::Arc;
use tokio::task::JoinHandle;
use wasmtime_wasi_io::bytes::Bytes;
use wasmtime_wasi_io::poll::Pollable;
use wasmtime_wasi_io::streams::{OutputStream, StreamError, StreamResult};

/// Writes a file from an offset on, or at its end. One write is under way at a time; until it is done, the stream takes
/// nothing more. What was taken is written even if the stream is dropped.
pub(crate) struct FileOutput {
    file: Arc<AreaFile>,
    position: Position,
    state: State,
    _open: Arc<OpenFile>,
    _slot: Slot,
}

enum State {
    Ready,
    Writing(JoinHandle<FsResult<u64>>),
    Failed(FsError),
    Closed,
}

impl FileOutput {
    pub(crate) fn new(open: Arc<OpenFile>, file: Arc<AreaFile>, position: Position, slot: Slot) -> Self {
        Self { file, position, state: State::Ready, _open: open, _slot: slot }
    }

    fn done(&mut self, result: Result<FsResult<u64>, tokio::task::JoinError>) {
        self.state = match result.unwrap_or_else(|error| Err(FsError::Io(error.to_string()))) {
            Err(error) => State::Failed(error),
            Ok(written) => {
                if let Position::At(offset) = &mut self.position {
                    *offset = offset.saturating_add(written);
                }
                State::Ready
            }
        };
    }

    /// Takes note of a write that has ended, and gives its error out once.
    fn check(&mut self) -> StreamResult<()> {
        if let State::Writing(job) = &mut self.state
            && let Some(result) = job.now_or_never()
        {
            self.done(result);
        }
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Failed(error) => Err(StreamError::LastOperationFailed(error.into())),
            State::Closed => Err(StreamError::Closed),
            state => {
                self.state = state;
                Ok(())
            }
        }
    }
}

#[async_trait]
impl OutputStream for FileOutput {
    fn write(&mut self, data: Bytes) -> StreamResult<()> {
        self.check()?;
        if !matches!(self.state, State::Ready) || data.len() > MAX_WRITE {
            return Err(StreamError::trap("a file stream was given more than check-write allows"));
        }
        let (file, position) = (self.file.clone(), self.position);
        self.state = State::Writing(offload::start(move || file.write_all(&data, position)));
        Ok(())
    }

    /// Nothing is held back, so there is nothing to do but to wait.
    fn flush(&mut self) -> StreamResult<()> {
        self.check()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.check()?;
        Ok(if matches!(self.state, State::Ready) { MAX_WRITE } else { 0 })
    }

    async fn cancel(&mut self) {
        self.ready().await;
        self.state = State::Closed;
    }
}

#[async_trait]
impl Pollable for FileOutput {
    async fn ready(&mut self) {
        if let State::Writing(job) = &mut self.state {
            let result = job.await;
            self.done(result);
        }
    }
}
