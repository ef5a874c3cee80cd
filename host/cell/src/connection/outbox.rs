//! Bytes for a guest that its pipe has no room for yet.

use std::collections::VecDeque;

use crate::pipe::PipeWriter;

/// Writes to a guest, and keeps what there is no room for. A guest that reads no more is written nothing more.
pub(super) struct Outbox {
    writer: Option<PipeWriter>,
    waiting: VecDeque<u8>,
}

impl Outbox {
    pub(super) fn new(writer: PipeWriter) -> Self {
        Self { writer: Some(writer), waiting: VecDeque::new() }
    }

    /// Bytes that wait for room.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The pipe, while bytes wait for room in it.
    pub(super) fn blocked(&self) -> Option<PipeWriter> {
        if self.waiting.is_empty() { None } else { self.writer.clone() }
    }

    /// The pipe, while the guest may read from it.
    pub(super) fn writer(&self) -> Option<PipeWriter> {
        self.writer.clone()
    }

    /// Writes the parts of a message, one after the other.
    pub(super) fn write(&mut self, parts: &[&[u8]]) {
        let Some(writer) = &self.writer else { return };
        let mut written = 0;
        if self.waiting.is_empty() {
            match writer.try_write_parts(parts) {
                Ok(count) => written = count,
                Err(_) => return self.close(),
            }
        }
        for part in parts {
            let done = written.min(part.len());
            self.waiting.extend(&part[done..]);
            written -= done;
        }
    }

    /// Writes as much of what waits as there is room for.
    pub(super) fn go_on(&mut self) {
        let Some(writer) = &self.writer else { return };
        let (first, second) = self.waiting.as_slices();
        match writer.try_write_parts(&[first, second]) {
            Ok(count) => drop(self.waiting.drain(..count)),
            Err(_) => self.close(),
        }
    }

    /// Writes nothing any more: the guest finds the end after what was written.
    pub(super) fn close(&mut self) {
        self.writer = None;
        self.waiting = VecDeque::new();
    }
}
