//! What an attack comes to.

use std::path::Path;
use std::time::Duration;

use ww_cell::fs::FsLimits;
use ww_cell::{CellLimits, Exit};

/// What one attack comes to.
pub(crate) struct Outcome {
    pub(crate) allowed: Allowed,
    pub(crate) reader: Reader,
    /// What the guest itself finds out: all of its standard output.
    pub(crate) said: &'static str,
    pub(crate) end: End,
}

/// Who reads the guest's standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Somebody does.
    There,
    /// Somebody does, once the guest is over.
    Asleep,
    /// Nobody can.
    Gone,
}

/// What the operator allows the guest.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Allowed {
    /// What is allowed anyway.
    Default,
    /// So many milliseconds of the processor.
    Cpu(u64),
    /// So many milliseconds.
    Wall(u64),
    /// So many mebibytes of memory.
    Memory(usize),
    /// So many mebibytes of files.
    Disk(u64),
    /// So many milliseconds to compile it.
    Compile(u64),
    /// So many mebibytes of memory to compile it.
    CompileMemory(u64),
}

/// How the guest ends.
pub(crate) enum End {
    /// Before it begins: its file is not taken, in the operator's words.
    Refused(&'static str),
    /// By itself, with the status of success.
    Itself,
    /// By a limit, in the operator's words; the option that changes it among them, where there is one.
    Limit(&'static str),
    /// By a trap, in the operator's words, with the limit that led to it.
    Trap(&'static str),
}

impl Allowed {
    /// As an operator says it.
    pub(crate) fn arguments(self) -> Vec<String> {
        let value = match self {
            Self::Default => return Vec::new(),
            Self::Cpu(milliseconds) => format!("cpu={milliseconds}ms"),
            Self::Wall(milliseconds) => format!("wall={milliseconds}ms"),
            Self::Memory(mebibytes) => format!("memory={mebibytes}MiB"),
            Self::Disk(mebibytes) => format!("disk={mebibytes}MiB"),
            Self::Compile(milliseconds) => format!("compile={milliseconds}ms"),
            Self::CompileMemory(mebibytes) => format!("compile-memory={mebibytes}MiB"),
        };
        vec!["--limit".to_owned(), value]
    }

    /// As a cell is told.
    pub(crate) fn limits(self) -> CellLimits {
        let limits = CellLimits::default();
        match self {
            Self::Cpu(milliseconds) => CellLimits { cpu: Some(Duration::from_millis(milliseconds)), ..limits },
            Self::Wall(milliseconds) => CellLimits { wall: Some(Duration::from_millis(milliseconds)), ..limits },
            Self::Memory(mebibytes) => CellLimits { memory: mebibytes << 20, ..limits },
            Self::Default | Self::Disk(_) | Self::Compile(_) | Self::CompileMemory(_) => limits,
        }
    }

    /// As its file tree is told.
    pub(crate) fn of_files(self) -> FsLimits {
        let limits = FsLimits::default();
        if let Self::Disk(mebibytes) = self { FsLimits { disk: mebibytes << 20, ..limits } } else { limits }
    }
}

impl Outcome {
    /// The guest goes on, and says this.
    pub(crate) fn harmless(said: &'static str) -> Self {
        Self::ending(said, End::Itself)
    }

    /// The guest never begins.
    pub(crate) fn refused(text: &'static str) -> Self {
        Self::ending("", End::Refused(text))
    }

    /// The guest is ended by a limit.
    pub(crate) fn limit(text: &'static str) -> Self {
        Self::ending("", End::Limit(text))
    }

    /// The guest traps.
    pub(crate) fn trap(text: &'static str) -> Self {
        Self::ending("", End::Trap(text))
    }

    fn ending(said: &'static str, end: End) -> Self {
        Self { allowed: Allowed::Default, reader: Reader::There, said, end }
    }

    pub(crate) fn allowing(self, allowed: Allowed) -> Self {
        Self { allowed, ..self }
    }

    pub(crate) fn after(self, said: &'static str) -> Self {
        Self { said, ..self }
    }

    pub(crate) fn read_by(self, reader: Reader) -> Self {
        Self { reader, ..self }
    }

    /// Whether that is what the guest was to say. The start stands for as much of it as anybody took.
    pub(crate) fn is_said(&self, text: &str) -> bool {
        match self.said.strip_suffix('…') {
            Some(start) => text.len() > start.len() && text.trim_start_matches(start).is_empty(),
            None => text == self.said,
        }
    }
}

impl End {
    /// The exit status that the operator sees, and the line, where there is one. The guest is that of `hostile`, an image.
    pub(crate) fn told(&self, image: &Path) -> (i32, String) {
        match self {
            Self::Itself => (0, String::new()),
            Self::Refused(text) => {
                let image = image.canonicalize().expect("the image's path");
                (125, format!("error: {}: {text}", image.join("boot/main.wasm").display()))
            }
            Self::Limit(text) => (126, format!("error: guest 'hostile' was ended by a limit: {text}")),
            Self::Trap(text) => {
                (126, format!("error: guest 'hostile' trapped: {text}; with --wasm-debug, ww run shows where"))
            }
        }
    }

    /// Whether a cell ended like that: the operator's words begin with those of the cell.
    pub(crate) fn is(&self, exit: &Exit) -> bool {
        match (self, exit) {
            (Self::Itself, Exit::Code(0)) => true,
            (Self::Limit(text), Exit::Limit(limit)) => text.starts_with(&limit.to_string()),
            (Self::Trap(text), Exit::Trap { reason, refused, .. }) => {
                let because = refused.as_ref().map(ToString::to_string).unwrap_or_default();
                text.starts_with(reason) && text.contains(&because)
            }
            _ => false,
        }
    }
}
