//! The two streams of `wetware:cell/connection`, and what is said over them.

use crate::bindings::wasi::io::poll::poll;
use crate::bindings::wasi::io::streams::{InputStream, OutputStream};
use crate::bindings::wetware::cell::connection;

/// Bytes that are read at once.
const PART: u64 = 64 << 10;

/// Both streams. The host has ended the one that is not there any more.
pub(crate) struct Streams {
    reads: InputStream,
    writes: Option<OutputStream>,
}

impl Streams {
    pub(crate) fn connect() -> Self {
        let (reads, writes) = connection::connect();
        Self { reads, writes: Some(writes) }
    }

    /// Says it, and hears what comes meanwhile, as a good guest does. How much that was.
    pub(crate) fn say(&mut self, bytes: &[u8]) -> usize {
        let (mut said, mut heard) = (0, 0);
        while said < bytes.len() {
            heard += self.hear();
            match self.write(&bytes[said..]) {
                0 if self.writes.is_none() => break,
                0 => self.wait(),
                count => said += count,
            }
        }
        heard
    }

    /// Says it, with its fingers in its ears.
    pub(crate) fn say_deaf(&mut self, bytes: &[u8]) {
        let mut said = 0;
        while let (true, Some(writes)) = (said < bytes.len(), &self.writes) {
            writes.subscribe().block();
            said += self.write(&bytes[said..]);
        }
    }

    /// Waits for the host to end the connection. How many bytes came before that.
    pub(crate) fn hear_all(&mut self) -> usize {
        let mut heard = 0;
        while let Ok(bytes) = self.reads.blocking_read(PART) {
            heard += bytes.len();
        }
        heard
    }

    /// Says no more.
    pub(crate) fn hang_up(&mut self) {
        self.writes = None;
    }

    fn hear(&self) -> usize {
        let mut heard = 0;
        loop {
            match self.reads.read(PART) {
                Ok(bytes) if !bytes.is_empty() => heard += bytes.len(),
                _ => return heard,
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> usize {
        let Some(writes) = &self.writes else { return 0 };
        let written = writes.check_write().and_then(|room| {
            let count = bytes.len().min(room as usize);
            writes.write(&bytes[..count]).map(|()| count)
        });
        written.unwrap_or_else(|_| {
            self.writes = None;
            0
        })
    }

    fn wait(&self) {
        let Some(writes) = &self.writes else { return };
        let (readable, writable) = (self.reads.subscribe(), writes.subscribe());
        poll(&[&readable, &writable]);
    }
}
