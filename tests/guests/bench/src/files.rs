//! File operations, timed. The tree is the harness's: `/small` of 4 KiB, `/many` with 1,000 names, `/large` of 64 MiB.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::time::Instant;

use crate::Outcome;

/// Bytes of one read of the large file.
const CHUNK: usize = 64 * 1024;

/// Opens and closes a file; for one time.
pub(crate) fn open(times: &str) -> Outcome {
    per_time(times, || File::open("/small").map(drop))
}

/// Reads 4 KiB of an open file; for one time.
pub(crate) fn read(times: &str) -> Outcome {
    let mut file = File::open("/small")?;
    let mut buffer = vec![0; 4096];
    per_time(times, || {
        file.seek(SeekFrom::Start(0))?;
        file.read_exact(&mut buffer)
    })
}

/// Lists a directory of 1,000 names; for one time.
pub(crate) fn list(times: &str) -> Outcome {
    per_time(times, || {
        let mut names = 0;
        for entry in std::fs::read_dir("/many")? {
            names += usize::from(!entry?.file_name().is_empty());
        }
        if names == 1000 { Ok(()) } else { Err(std::io::Error::other(format!("{names} names"))) }
    })
}

/// Reads 64 MiB from the start to the end of a file.
pub(crate) fn stream() -> Outcome {
    let mut buffer = vec![0; CHUNK];
    let start = Instant::now();
    let mut file = File::open("/large")?;
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            count => bytes += count,
        }
    }
    let elapsed = start.elapsed().as_nanos();
    if bytes == 64 << 20 { Ok(elapsed) } else { Err(format!("{bytes} bytes").into()) }
}

fn per_time(times: &str, mut run: impl FnMut() -> std::io::Result<()>) -> Outcome {
    let times: u32 = times.parse()?;
    let start = Instant::now();
    for _ in 0..times {
        run()?;
    }
    Ok(start.elapsed().as_nanos() / u128::from(times.max(1)))
}
