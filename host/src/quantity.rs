//! Sizes and times, as operators write them.

use std::str::FromStr;
use std::time::Duration;

use bytesize::ByteSize;
use ww_cell::limits::MOST_MEMORY;

/// Bytes of a page of memory: a guest with less could not have any.
const PAGE: usize = 64 << 10;

/// Bytes: `64MiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let size: ByteSize = text.parse().map_err(|_| format!("`{text}` is no size; one looks like 64MiB"))?;
        Ok(Self(size.as_u64()))
    }
}

/// Bytes of linear memory that a guest can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory(pub(crate) usize);

impl FromStr for Memory {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Size(bytes) = text.parse()?;
        let fits = usize::try_from(bytes).ok().filter(|bytes| (PAGE..=MOST_MEMORY).contains(bytes));
        let wrong = || format!("memory is from {} to {}", ByteSize::kib(64), ByteSize::b(MOST_MEMORY as u64));
        fits.map(Self).ok_or_else(wrong)
    }
}

/// A time that is more than none: `500ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) Duration);

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let time =
            humantime::parse_duration(text).map_err(|_| format!("`{text}` is no time; one looks like 10s or 500ms"))?;
        if time.is_zero() { Err("a time of 0 is over at once".to_owned()) } else { Ok(Self(time)) }
    }
}
