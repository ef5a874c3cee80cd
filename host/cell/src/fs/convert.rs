//! Between WASI's types and ours.

use super::area::TimeChange;
use super::bindings::types::{DescriptorFlags, DescriptorStat, MetadataHashValue, NewTimestamp, OpenFlags, PathFlags};
use super::error::{FsError, FsResult};
use super::limits::MAX_PATH;
use super::namespace::OpenHow;
use super::tree::{Entry, ObjectId};
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;

pub(super) fn follows(flags: PathFlags) -> bool {
    flags.contains(PathFlags::SYMLINK_FOLLOW)
}

pub(super) fn open_how(path: PathFlags, open: OpenFlags, flags: DescriptorFlags) -> FsResult<OpenHow> {
    let how = OpenHow {
        write: flags.contains(DescriptorFlags::WRITE),
        create: open.contains(OpenFlags::CREATE),
        exclusive: open.contains(OpenFlags::EXCLUSIVE),
        truncate: open.contains(OpenFlags::TRUNCATE),
        directory: open.contains(OpenFlags::DIRECTORY),
        follow: follows(path) && !open.contains(OpenFlags::CREATE | OpenFlags::EXCLUSIVE),
    };
    let makes_file = how.create || how.exclusive || how.truncate;
    if how.directory && makes_file { Err(FsError::Invalid) } else { Ok(how) }
}

/// A link says at most as much as a path may.
pub(super) fn link_target(target: String) -> FsResult<String> {
    match target.len() {
        0 => Err(FsError::NotFound),
        _ if target.contains('\0') => Err(FsError::Invalid),
        length if length >= MAX_PATH => Err(FsError::NameTooLong),
        _ => Ok(target),
    }
}

pub(super) fn stat(entry: &Entry) -> DescriptorStat {
    DescriptorStat {
        type_: (&entry.kind).into(),
        link_count: entry.links,
        size: entry.size,
        data_access_timestamp: entry.times.accessed.and_then(datetime),
        data_modification_timestamp: entry.times.modified.and_then(datetime),
        status_change_timestamp: entry.times.created.and_then(datetime),
    }
}

/// Times before 1970 have no form in WASI; they are left out.
fn datetime(time: SystemTime) -> Option<Datetime> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Some(Datetime { seconds: since.as_secs(), nanoseconds: since.subsec_nanos() })
}

pub(super) fn times(accessed: NewTimestamp, modified: NewTimestamp) -> FsResult<TimeChange> {
    Ok(TimeChange { accessed: time(accessed)?, modified: time(modified)? })
}

fn time(new: NewTimestamp) -> FsResult<Option<SystemTime>> {
    match new {
        NewTimestamp::NoChange => Ok(None),
        NewTimestamp::Now => Ok(Some(SystemTime::now())),
        NewTimestamp::Timestamp(Datetime { seconds, nanoseconds }) => Duration::from_secs(seconds)
            .checked_add(Duration::from_nanos(nanoseconds.into()))
            .and_then(|since| UNIX_EPOCH.checked_add(since))
            .map(Some)
            .ok_or(FsError::Overflow),
    }
}

/// A number for an object, which guests' libraries show as its inode. It says which object it is and not what state it is
/// in, since programs take a file with another inode for another file. The key keeps the host's numbers to the host.
pub(super) fn hash(id: ObjectId) -> MetadataHashValue {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    MetadataHashValue { lower: KEY.hash_one((id, 0)), upper: KEY.hash_one((id, 1)) }
}
