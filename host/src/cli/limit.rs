//! The value of `--limit`: what a guest may use.

use std::time::Duration;

use bytesize::ByteSize;
use ww_cell::LimitKind;

use crate::quantity::{Memory, Size, Time};

/// What an operator allows a guest. What was not said has its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of linear memory.
    pub memory: Option<usize>,
    /// Processor time.
    pub cpu: Option<Duration>,
    /// Time from its start on.
    pub wall: Option<Duration>,
    /// Bytes of `/tmp` and `/var` together.
    pub disk: Option<u64>,
    /// Time that its compilation may take.
    pub compile: Option<Duration>,
    /// Bytes of memory that its compilation may take.
    pub compile_memory: Option<u64>,
}

/// What an operator can limit.
const KEYS: &str = "memory, cpu, wall, disk, compile and compile-memory";

/// Bytes that every compilation takes.
const COMPILER: u64 = 64 << 20;

pub(super) fn limits(text: &str) -> Result<Limits, String> {
    let mut limits = Limits::default();
    for part in text.split(',') {
        let (key, value) = part.split_once('=').ok_or_else(|| format!("`{part}` has not the form KEY=VALUE"))?;
        let fresh = match key {
            "memory" => limits.memory.replace(value.parse::<Memory>()?.0).is_none(),
            "cpu" => limits.cpu.replace(value.parse::<Time>()?.0).is_none(),
            "wall" => limits.wall.replace(value.parse::<Time>()?.0).is_none(),
            "disk" => limits.disk.replace(value.parse::<Size>()?.0).is_none(),
            "compile" => limits.compile.replace(value.parse::<Time>()?.0).is_none(),
            "compile-memory" => limits.compile_memory.replace(compile_memory(value)?).is_none(),
            _ => return Err(format!("there is no limit `{key}`; there are {KEYS}")),
        };
        if !fresh {
            return Err(format!("`{key}` is there twice"));
        }
    }
    Ok(limits)
}

/// The option that changes a limit, where there is one.
pub(crate) fn option_for(kind: LimitKind) -> Option<&'static str> {
    match kind {
        LimitKind::Memory => Some("--limit memory=…"),
        LimitKind::Cpu => Some("--limit cpu=…"),
        LimitKind::Wall => Some("--limit wall=…"),
        _ => None,
    }
}

fn compile_memory(text: &str) -> Result<u64, String> {
    let Size(bytes) = text.parse()?;
    if bytes < COMPILER { Err(format!("compile-memory is {} or more", ByteSize::b(COMPILER))) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_units() {
        let expected = Limits {
            memory: Some(64 << 20),
            cpu: Some(Duration::from_millis(1500)),
            wall: Some(Duration::from_secs(60)),
            disk: Some(1 << 30),
            compile: Some(Duration::from_secs(5)),
            compile_memory: Some(512 << 20),
        };
        let text = "memory=64MiB,cpu=1s 500ms,wall=1m,disk=1GiB,compile=5s,compile-memory=512MiB";
        assert_eq!(limits(text), Ok(expected));
        assert_eq!(limits("cpu=2s"), Ok(Limits { cpu: Some(Duration::from_secs(2)), ..Limits::default() }));
    }

    #[test]
    fn what_is_no_limit_is_told_what_one_is() {
        for (text, part) in [
            ("", "KEY=VALUE"),
            ("memory", "KEY=VALUE"),
            ("fuel=3", "memory, cpu, wall, disk, compile and compile-memory"),
            ("compile-memory=1MiB", "64"),
            ("memory=1MiB,memory=2MiB", "twice"),
            ("memory=1KiB", "from 64"),
            ("memory=5GiB", "from 64"),
            ("memory=lots", "64MiB"),
            ("cpu=5", "10s"),
            ("wall=0s", "over at once"),
        ] {
            let error = limits(text).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
