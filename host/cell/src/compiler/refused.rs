//! Why a component is not compiled.

use wasmparser::BinaryReaderError;

use crate::error::CellError;
use crate::limits::INSTANCE_BYTES;

/// Why the compiler does not take a component, without its quotation of the file.
pub(crate) fn refused(error: &wasmtime::Error) -> CellError {
    if let Some(error) = error.downcast_ref::<BinaryReaderError>() {
        return CellError::damaged(error.message());
    }
    // There are no types to tell these by.
    let text = error.root_cause().to_string();
    let text = text.lines().next().unwrap_or_default();
    let invalid = text.strip_prefix("Invalid input WebAssembly code at offset ").and_then(|text| text.split_once(": "));
    if let Some((_, found)) = invalid {
        return CellError::damaged(found);
    }
    let size = text.strip_prefix("instance allocation for this ").and_then(|text| text.split_once(" requires "));
    match size.and_then(|(_, size)| size.split_once(" bytes")?.0.parse().ok()) {
        Some(count) => {
            let what = "bytes of variables, functions and imports";
            CellError::TooMuch { count, what, limit: INSTANCE_BYTES as u64 }
        }
        None => CellError::refused(text),
    }
}
