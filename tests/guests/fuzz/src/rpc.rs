//! Any bytes, over `wetware:cell/connection`.

use crate::bindings::wasi::io::poll::poll;
use crate::bindings::wasi::io::streams::{InputStream, OutputStream, StreamError};
use crate::bindings::wetware::cell::connection;

/// Bytes that are read at once.
const PART: u64 = 64 << 10;

/// The lowest bits of the first byte: whether the guest reads at all, whether it closes its output once it has written,
/// whether it waits for the host to end what it reads, whether it closes that itself and waits for the host to end what it
/// writes, whether it waits a moment before its end, and whether that is a trap.
const READS: u8 = 1;
const CLOSES: u8 = 2;
const WAITS: u8 = 4;
const DEAF: u8 = 8;
const LATE: u8 = 16;
const TRAPS: u8 = 32;

/// Writes all but the first byte of `input`, and reads what comes meanwhile.
pub(crate) fn run(input: &[u8]) {
    let (flags, mut bytes) = input.split_first().map_or((0, input), |(flags, bytes)| (*flags, bytes));
    let (reads, writes) = connection::connect();
    let mut open = flags & READS != 0;
    while !bytes.is_empty() {
        open = open && read(&reads);
        match write(&writes, bytes) {
            Ok(0) => wait(&reads, &writes, open),
            Ok(count) => bytes = &bytes[count..],
            // The host has ended the connection.
            Err(_) => break,
        }
    }
    let writes = (flags & CLOSES == 0).then_some(writes);
    if flags & WAITS != 0 {
        while read(&reads) {
            reads.subscribe().block();
        }
    }
    if flags & DEAF != 0 {
        drop(reads);
        while writes.as_ref().is_some_and(|writes| writes.check_write().is_ok()) {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }
    if flags & LATE != 0 {
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    assert!(flags & TRAPS == 0, "it was told to trap");
    drop(writes);
}

/// Reads what there is; whether more may come.
fn read(stream: &InputStream) -> bool {
    loop {
        match stream.read(PART) {
            Ok(bytes) if bytes.is_empty() => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

/// Writes what there is room for.
fn write(stream: &OutputStream, bytes: &[u8]) -> Result<usize, StreamError> {
    let room = usize::try_from(stream.check_write()?).unwrap_or(usize::MAX);
    let count = room.min(bytes.len());
    stream.write(&bytes[..count])?;
    Ok(count)
}

fn wait(reads: &InputStream, writes: &OutputStream, open: bool) {
    let (readable, writable) = (reads.subscribe(), writes.subscribe());
    if open {
        poll(&[&readable, &writable]);
    } else {
        writable.block();
    }
}
