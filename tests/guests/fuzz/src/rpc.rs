//! Any bytes, over `wetware:cell/connection`.

use crate::bindings::wasi::io::poll::poll;
use crate::bindings::wasi::io::streams::{InputStream, OutputStream, StreamError};
use crate::bindings::wetware::cell::connection;

/// Bytes that are read at once.
const PART: u64 = 64 << 10;

/// The lowest bits of the first byte: whether the guest reads at all, whether it closes its output once it has written,
/// and whether it waits for the host to end what it reads.
const READS: u8 = 1;
const CLOSES: u8 = 2;
const WAITS: u8 = 4;

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
