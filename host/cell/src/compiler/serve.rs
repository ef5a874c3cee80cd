//! The side that compiles.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use super::refused::refused;
use crate::engine::compiling_engine;
use crate::error::CellError;
use crate::limits::COMPONENT_BYTES;

/// What its last words begin with, where the component is at fault.
pub(super) const DAMAGED: &str = "damaged: ";
/// See [`DAMAGED`].
pub(super) const REFUSED: &str = "refused: ";

/// Compiles one component for the process that started this one: reads it from the standard input, and writes the code to
/// the standard output. `memory` is how many bytes of it this process may have, where the system can bound that.
///
/// This is all that the process does. It ends when its input does, since then nobody waits for it.
pub fn serve(debug: bool, memory: u64) -> ExitCode {
    let code = bound(memory).and_then(|()| read()).map_err(|error| CellError::Refused(error.to_string()));
    let code = code.and_then(|component| {
        std::thread::spawn(end_with_input);
        let engine = compiling_engine(debug).map_err(CellError::Engine)?;
        engine.precompile_component(&component).map_err(|error| refused(&error))
    });
    let (said, status) = match code {
        Ok(code) => (code, ExitCode::SUCCESS),
        Err(CellError::Malformed(found)) => (format!("{DAMAGED}{found}").into_bytes(), ExitCode::FAILURE),
        Err(CellError::Refused(found)) => (format!("{REFUSED}{found}").into_bytes(), ExitCode::FAILURE),
        Err(error) => (format!("{REFUSED}{error}").into_bytes(), ExitCode::FAILURE),
    };
    let mut stdout = io::stdout().lock();
    // Half of the code is none.
    if stdout.write_all(&said).and_then(|()| stdout.flush()).is_ok() { status } else { ExitCode::FAILURE }
}

/// A component, after its length.
fn read() -> io::Result<Vec<u8>> {
    let mut input = io::stdin().lock();
    let mut length = [0; 8];
    input.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length).min(COMPONENT_BYTES);
    let mut component = Vec::new();
    input.take(length).read_to_end(&mut component)?;
    Ok(component)
}

fn end_with_input() {
    // Nothing more comes.
    let _ = io::stdin().read(&mut [0]);
    std::process::exit(1);
}

/// Bounds what this process may have, and leaves no image of it behind when it runs into that.
#[cfg(target_os = "linux")]
fn bound(memory: u64) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    for (resource, most) in [(Resource::Data, memory), (Resource::Core, 0)] {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

/// Elsewhere the time alone is bounded.
#[cfg(not(target_os = "linux"))]
fn bound(_memory: u64) -> io::Result<()> {
    Ok(())
}
