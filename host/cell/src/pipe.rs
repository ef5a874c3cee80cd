//! A pipe of bytes in memory, one way, with bounded room.
//!
//! The two ends are independent of each other and of any other pipe: nothing locks across an await, so a pending read
//! never blocks a write. Bytes that were written before the end are delivered before the end.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use wasmtime_wasi_io::bytes::Bytes;
use wasmtime_wasi_io::poll::Pollable;
use wasmtime_wasi_io::streams::{InputStream, OutputStream, StreamError, StreamResult};

/// A pipe with room for `room` bytes.
pub fn pipe(room: usize) -> (PipeWriter, PipeReader) {
    let shared = Arc::new(Shared { state: Mutex::default(), changed: Notify::new(), room });
    (PipeWriter(Arc::new(WriteEnd(shared.clone()))), PipeReader(Arc::new(ReadEnd(shared))))
}

struct Shared {
    state: Mutex<State>,
    changed: Notify,
    room: usize,
}

#[derive(Default)]
struct State {
    bytes: VecDeque<u8>,
    /// Nobody writes any more.
    ended: bool,
    /// Nobody reads any more.
    abandoned: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `ready` says so.
    async fn until(&self, ready: impl Fn(&State) -> bool) {
        loop {
            let changed = self.changed.notified();
            let mut changed = std::pin::pin!(changed);
            // Registered before the look, so that no change falls between the two.
            changed.as_mut().enable();
            if ready(&self.state()) {
                return;
            }
            changed.await;
        }
    }
}

/// The writing end. Clones write to the same pipe; it ends when the last one is dropped.
#[derive(Clone)]
pub struct PipeWriter(Arc<WriteEnd>);

struct WriteEnd(Arc<Shared>);

impl Drop for WriteEnd {
    fn drop(&mut self) {
        self.0.state().ended = true;
        self.0.changed.notify_waiters();
    }
}

/// The reading end. Clones read from the same pipe; writes fail when the last one is dropped.
#[derive(Clone)]
pub struct PipeReader(Arc<ReadEnd>);

struct ReadEnd(Arc<Shared>);

impl Drop for ReadEnd {
    fn drop(&mut self) {
        self.0.state().abandoned = true;
        self.0.changed.notify_waiters();
    }
}

/// The other end of a pipe is gone.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads this pipe any more")]
pub struct Abandoned;

impl PipeWriter {
    /// Writes all of `bytes`, waiting for room.
    ///
    /// # Errors
    /// [`Abandoned`] where nobody reads any more.
    pub async fn write_all(&self, mut bytes: &[u8]) -> Result<(), Abandoned> {
        while !bytes.is_empty() {
            self.wait().await;
            let room = self.room()?;
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.push(now);
            bytes = later;
        }
        Ok(())
    }

    /// Writes what there is room for now, and says how much that was.
    ///
    /// # Errors
    /// [`Abandoned`] where nobody reads any more.
    pub fn try_write(&self, bytes: &[u8]) -> Result<usize, Abandoned> {
        self.try_write_parts(&[bytes])
    }

    /// Writes what there is room for now of all `parts`, one after the other, and says how much that was.
    ///
    /// # Errors
    /// [`Abandoned`] where nobody reads any more.
    pub(crate) fn try_write_parts(&self, parts: &[&[u8]]) -> Result<usize, Abandoned> {
        let shared = &self.0.0;
        let mut count = 0;
        {
            let mut state = shared.state();
            if state.abandoned {
                return Err(Abandoned);
            }
            let mut room = shared.room - state.bytes.len();
            for part in parts {
                let now = room.min(part.len());
                state.bytes.extend(&part[..now]);
                room -= now;
                count += now;
            }
        }
        if count > 0 {
            shared.changed.notify_waiters();
        }
        Ok(count)
    }

    /// Waits for room, or until nobody reads any more.
    pub async fn writable(&self) {
        self.wait().await;
    }

    /// Waits until nobody reads any more.
    pub(crate) async fn abandoned(&self) {
        self.0.0.until(|state| state.abandoned).await;
    }

    fn room(&self) -> Result<usize, Abandoned> {
        let shared = &self.0.0;
        let state = shared.state();
        if state.abandoned { Err(Abandoned) } else { Ok(shared.room - state.bytes.len()) }
    }

    fn push(&self, bytes: &[u8]) {
        self.0.0.state().bytes.extend(bytes);
        self.0.0.changed.notify_waiters();
    }

    async fn wait(&self) {
        let shared = &self.0.0;
        shared.until(|state| state.abandoned || state.bytes.len() < shared.room).await;
    }
}

impl PipeReader {
    /// Reads what is there, at most `limit` bytes, waiting for the first one. Empty is the end.
    pub async fn read(&self, limit: usize) -> Vec<u8> {
        self.wait().await;
        self.take(limit)
    }

    /// Reads what is there now, and says how much that was.
    pub fn try_read(&self, buffer: &mut [u8]) -> usize {
        let shared = &self.0.0;
        let count = {
            let mut state = shared.state();
            let count = buffer.len().min(state.bytes.len());
            let (first, second) = state.bytes.as_slices();
            let from_first = count.min(first.len());
            buffer[..from_first].copy_from_slice(&first[..from_first]);
            buffer[from_first..count].copy_from_slice(&second[..count - from_first]);
            state.bytes.drain(..count);
            count
        };
        if count > 0 {
            shared.changed.notify_waiters();
        }
        count
    }

    /// Waits for bytes, or for the end.
    pub async fn readable(&self) {
        self.wait().await;
    }

    /// Whether everything was read and nothing more comes.
    pub fn at_end(&self) -> bool {
        let state = self.0.0.state();
        state.ended && state.bytes.is_empty()
    }

    /// Ends the pipe from this side: what is in it can still be read, more does not come.
    pub fn end(&self) {
        let shared = &self.0.0;
        {
            let mut state = shared.state();
            state.ended = true;
            state.abandoned = true;
        }
        shared.changed.notify_waiters();
    }

    fn take(&self, limit: usize) -> Vec<u8> {
        let shared = &self.0.0;
        let mut taken = vec![0; limit.min(shared.state().bytes.len())];
        let count = self.try_read(&mut taken);
        taken.truncate(count);
        taken
    }

    async fn wait(&self) {
        self.0.0.until(|state| state.ended || !state.bytes.is_empty()).await;
    }
}

#[wasmtime_wasi_io::async_trait]
impl Pollable for PipeWriter {
    async fn ready(&mut self) {
        self.wait().await;
    }
}

impl OutputStream for PipeWriter {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let room = self.room().map_err(|_| StreamError::Closed)?;
        if bytes.len() > room {
            return Err(StreamError::trap("more was written than there was room for"));
        }
        self.push(&bytes);
        Ok(())
    }

    /// There is nothing between the two ends to be flushed.
    fn flush(&mut self) -> StreamResult<()> {
        self.room().map(|_| ()).map_err(|_| StreamError::Closed)
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.room().map_err(|_| StreamError::Closed)
    }
}

#[wasmtime_wasi_io::async_trait]
impl Pollable for PipeReader {
    async fn ready(&mut self) {
        self.wait().await;
    }
}

impl InputStream for PipeReader {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if self.at_end() {
            return Err(StreamError::Closed);
        }
        Ok(self.take(size).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_come_out_in_order_and_then_the_end() {
        let (writer, reader) = pipe(4);
        let written = async {
            writer.write_all(b"hello world").await.unwrap();
            drop(writer);
        };
        let read = async {
            let mut all = Vec::new();
            loop {
                let some = reader.read(3).await;
                if some.is_empty() {
                    return all;
                }
                all.extend(some);
            }
        };
        let ((), all) = tokio::join!(written, read);
        assert_eq!(all, b"hello world");
    }

    #[tokio::test]
    async fn a_full_pipe_waits_and_an_abandoned_one_fails() {
        let (writer, reader) = pipe(2);
        writer.write_all(b"ab").await.unwrap();
        let blocked = tokio::time::timeout(std::time::Duration::from_millis(20), writer.write_all(b"c")).await;
        assert!(blocked.is_err());
        drop(reader);
        assert!(writer.write_all(b"c").await.is_err());
    }
}
