//! An open file of an area.

use super::super::beneath;
use super::super::error::{FsError, FsResult};
use super::super::offload::Elsewhere;
use super::super::tree::{Entry, ObjectId, ReadAt};
use super::change::TimeChange;
use super::ledger::Ledger;
use std::fs::{File, FileTimes};
use std::io;
use std::sync::Arc;

/// Where a write goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Position {
    /// To this offset.
    At(u64),
    /// To the end, wherever it is by then.
    End,
}

/// An open file of an area. Its methods block: they are for the blocking pool.
pub(crate) struct AreaFile(Elsewhere<Counted>);

/// A file that is in its ledger's table of open files as long as it lives.
struct Counted {
    file: File,
    id: ObjectId,
    ledger: Arc<Ledger>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let size = self.file.metadata().map_or(0, |metadata| metadata.len());
        self.ledger.lock().closed(self.id, size);
    }
}

impl AreaFile {
    /// Takes over a file that the ledger's table already has.
    pub(super) fn new(file: File, id: ObjectId, ledger: Arc<Ledger>) -> Self {
        Self(Elsewhere::new(Counted { file, id, ledger }))
    }

    /// Writes as much of `data` as the limit allows, and says how much that was; fails where it is nothing.
    pub(crate) fn write(&self, data: &[u8], position: Position) -> FsResult<usize> {
        let Counted { file, ledger, .. } = self.0.get()?;
        let mut books = ledger.lock();
        let size = file.metadata()?.len();
        let offset = match position {
            Position::At(offset) => offset,
            Position::End => size,
        };
        let end = offset.checked_add(data.len() as u64).ok_or(FsError::TooLarge)?;
        let wanted = if data.is_empty() { 0 } else { end.saturating_sub(size) };
        let granted = books.bytes.take_up_to(wanted);
        let room = data.len() - usize::try_from(wanted - granted).unwrap_or(data.len()).min(data.len());

        let result = match room {
            0 if !data.is_empty() => Err(FsError::NoSpace),
            _ => beneath::write_at(file, &data[..room], offset).map_err(FsError::from),
        };
        let grown = match &result {
            Ok(written) if *written > 0 => (offset + *written as u64).saturating_sub(size),
            _ => 0,
        };
        books.bytes.give_back(granted.saturating_sub(grown));
        result
    }

    /// Writes all of `data`, or fails with some of it written.
    pub(crate) fn write_all(&self, mut data: &[u8], mut position: Position) -> FsResult<u64> {
        let total = data.len() as u64;
        while !data.is_empty() {
            match self.write(data, position)? {
                0 => return Err(FsError::NoSpace),
                written => {
                    data = &data[written..];
                    if let Position::At(offset) = &mut position {
                        *offset += written as u64;
                    }
                }
            }
        }
        Ok(total)
    }

    /// Makes the file this long.
    pub(crate) fn set_len(&self, length: u64) -> FsResult<()> {
        let Counted { file, ledger, .. } = self.0.get()?;
        let mut books = ledger.lock();
        let size = file.metadata()?.len();
        let growth = length.saturating_sub(size);
        books.bytes.take(growth)?;
        if let Err(error) = file.set_len(length) {
            books.bytes.give_back(growth);
            return Err(error.into());
        }
        books.bytes.give_back(size.saturating_sub(length));
        Ok(())
    }

    /// Waits until its content is on the disk; with `all`, its properties too.
    pub(crate) fn sync(&self, all: bool) -> FsResult<()> {
        let file = &self.0.get()?.file;
        let synced = if all { file.sync_all() } else { file.sync_data() };
        Ok(synced?)
    }

    /// Sets its times.
    pub(crate) fn set_times(&self, change: TimeChange) -> FsResult<()> {
        let mut times = FileTimes::new();
        if let Some(accessed) = change.accessed {
            times = times.set_accessed(accessed);
        }
        if let Some(modified) = change.modified {
            times = times.set_modified(modified);
        }
        Ok(self.0.get()?.file.set_times(times)?)
    }

    /// What is known of it now.
    pub(crate) fn describe(&self) -> FsResult<Entry> {
        let metadata = self.0.get()?.file.metadata()?;
        beneath::describe(&cap_std::fs::Metadata::from_just_metadata(metadata))
    }
}

impl ReadAt for AreaFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        beneath::read_at(&self.0.get()?.file, buffer, offset)
    }

    /// The guest writes to it, and must read what it has written.
    fn is_stable(&self) -> bool {
        false
    }
}
