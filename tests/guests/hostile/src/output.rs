//! Writing more than anybody wants to read.

use std::io::Write;

/// Bytes, as many as anybody takes.
pub(crate) fn flood() {
    let part = [b'x'; 64 << 10];
    while std::io::stdout().write_all(&part).is_ok() {}
}
