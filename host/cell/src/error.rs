//! What can go wrong before a guest runs.

use std::path::PathBuf;

/// Characters of what a parser or a compiler says that are told.
pub(crate) const FOUND: usize = 300;

/// Why a cell could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CellError {
    /// The engine cannot be set up.
    #[error("engine: {0:#}")]
    Engine(wasmtime::Error),
    /// The component has more of something than a cell may have, or than can be compiled.
    #[error("component: it has {count} {what}, the limit is {limit}")]
    TooMuch {
        /// How much it has.
        count: u64,
        /// Of what.
        what: &'static str,
        /// How much it may have.
        limit: u64,
    },
    /// The component instantiates what is not in it, so that nobody knows what that comes to.
    #[error("component: it instantiates modules or components that are handed to it, which is not supported")]
    Handed,
    /// The bytes are no WebAssembly at all, or the file was cut.
    #[error("component: {0}")]
    Malformed(String),
    /// The bytes are a component, and the compiler does not take it.
    #[error("component: it cannot be compiled: {0}")]
    Refused(String),
    /// Compiling it takes too long.
    #[error("component: it takes longer to compile than {limit}, which is the limit")]
    CompileTime {
        /// How long it may take.
        limit: humantime::FormattedDuration,
    },
    /// Compiling it takes too much memory.
    #[error("component: it takes more memory to compile than {limit}, which is the limit")]
    CompileMemory {
        /// How much it may take, in words.
        limit: String,
    },
    /// The compiler cannot be started, or came to an end of its own.
    #[error("compiler: {0}")]
    Compiler(String),
    /// The bytes are a core module.
    #[error(
        "component: this is a core WebAssembly module; a guest is a component (build for wasm32-wasip2, not wasip1)"
    )]
    CoreModule,
    /// The component imports something that nobody provides.
    #[error("component: it imports '{import}', which nobody provides here")]
    MissingImport {
        /// The import's name.
        import: String,
    },
    /// The component is no program.
    #[error("component: it has no main function (it does not export wasi:cli/run)")]
    NoMain,
    /// The component cannot be linked.
    #[error("component: {0}")]
    Link(String),
    /// The cell cannot be allocated.
    #[error("cell '{name}': {source:#}")]
    Start {
        /// The cell's name.
        name: String,
        /// What the allocator says.
        source: wasmtime::Error,
    },
    /// The code cache cannot be used.
    #[error("code cache {path}: {source}", path = path.display())]
    Cache {
        /// Where it is.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The cell's files cannot be set up.
    #[error("files: {0}")]
    Files(std::io::Error),
}

impl CellError {
    /// What a parser found in a file, and what that means to a user.
    pub(crate) fn damaged(found: &str) -> Self {
        let cut = found.starts_with("unexpected end") || found.starts_with("section range");
        let meaning = if cut { "the file is cut off" } else { "the file is damaged, or made for another runtime" };
        Self::Malformed(format!("{meaning}: {}", one_line(found)))
    }

    /// Why the compiler does not take it.
    pub(crate) fn refused(why: &str) -> Self {
        Self::Refused(one_line(why))
    }
}

/// What a parser or a compiler says, which it may lay out over several lines, quoting names of any length.
fn one_line(found: &str) -> String {
    beginning(&found.split_whitespace().collect::<Vec<_>>().join(" "), FOUND)
}

/// The beginning of a text that somebody else may have made longer than anybody reads, without what would do something to a
/// terminal.
pub(crate) fn beginning(text: &str, characters: usize) -> String {
    let (text, more) = match text.char_indices().nth(characters) {
        Some((end, _)) => (&text[..end], "…"),
        None => (text, ""),
    };
    let shown = |it: char| if it.is_control() { char::REPLACEMENT_CHARACTER } else { it };
    text.chars().map(shown).chain(more.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_parser_found_is_one_line() {
        let error = CellError::damaged("bad magic number - expected=[\n    0x0,\n] in `a\0b`").to_string();
        let found = "bad magic number - expected=[ 0x0, ] in `a\u{fffd}b`";
        assert_eq!(error, format!("component: the file is damaged, or made for another runtime: {found}"));
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(["", "äöü", "äöü…", "äöüß"].map(|text| beginning(text, 3)), ["", "äöü", "äöü…", "äöü…"]);
    }
}
