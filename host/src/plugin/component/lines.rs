//! What a component writes, in the node's log.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::Instant;
use ww_abi::Level;
use ww_cell::pipe::PipeReader;

use crate::plugin::log::Log;

/// Bytes that are read at once.
const READ: usize = 16 << 10;

/// Bytes of a line. What is longer, is several.
const LINE: usize = 16 << 10;

/// Bytes of lines that are copied in [`PERIOD`]. More would fill the operator's disk and hide what others say.
const MOST: usize = 64 << 10;
/// See [`MOST`].
const PERIOD: Duration = Duration::from_secs(1);

/// What one instance of a component writes. What is too much for the log is counted, not copied, and never holds up the
/// component.
#[derive(Clone)]
pub(super) struct Written(Rc<RefCell<Lines>>);

impl Written {
    /// What comes out of a pipe.
    pub(super) fn new(from: PipeReader, log: Log) -> Self {
        let (rest, last_error, copied, dropped) = Default::default();
        let lines = Lines { from, log, rest, last_error, period: Instant::now(), copied, dropped };
        Self(Rc::new(RefCell::new(lines)))
    }

    /// Copies lines to the log until there are no more.
    pub(super) async fn copy(self) {
        let from = self.0.borrow().from.clone();
        while !from.at_end() {
            from.readable().await;
            self.0.borrow_mut().read();
        }
        self.0.borrow_mut().finish();
    }

    /// What it has complained of last.
    pub(super) fn last_error(&self) -> Option<String> {
        let mut lines = self.0.borrow_mut();
        lines.read();
        lines.last_error.take()
    }
}

struct Lines {
    from: PipeReader,
    log: Log,
    /// A line whose end has not come.
    rest: Vec<u8>,
    last_error: Option<String>,
    period: Instant,
    copied: usize,
    dropped: usize,
}

impl Lines {
    /// Reads what is there.
    fn read(&mut self) {
        let mut bytes = [0; READ];
        loop {
            match self.from.try_read(&mut bytes) {
                0 => return,
                count => self.add(&bytes[..count]),
            }
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            for part in part.chunks(LINE) {
                self.rest.extend_from_slice(part);
                if self.rest.ends_with(b"\n") || self.rest.len() >= LINE {
                    let line = std::mem::take(&mut self.rest);
                    self.line(&line);
                }
            }
        }
    }

    fn finish(&mut self) {
        let line = std::mem::take(&mut self.rest);
        self.line(&line);
        self.tell_dropped();
    }

    fn line(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        let (level, text) = level_of(line.trim_end());
        if level == Level::ERROR {
            self.last_error = Some(shown(text));
        }
        if text.is_empty() || !self.log.enabled(level) {
            return;
        }
        if self.period.elapsed() >= PERIOD {
            self.tell_dropped();
            (self.period, self.copied) = (Instant::now(), 0);
        }
        self.copied += text.len();
        if self.copied > MOST {
            self.dropped += 1;
            return;
        }
        self.log.write(level, "", &shown(text));
    }

    fn tell_dropped(&mut self) {
        let dropped = std::mem::take(&mut self.dropped);
        if dropped > 0 {
            self.log.write(Level::WARN, "", &format!("{dropped} lines more than the log takes of it were dropped"));
        }
    }
}

/// The level that a line begins with, see [`Level`], and what follows.
fn level_of(line: &str) -> (u32, &str) {
    let level = line.strip_prefix('<').and_then(|rest| rest.split_once('>'));
    match level.and_then(|(level, text)| Some((level.parse().ok()?, text))) {
        Some((level @ Level::ERROR..=Level::TRACE, text)) => (level, text),
        _ => (Level::INFO, line),
    }
}

/// A line without what would do something to a terminal.
fn shown(line: &str) -> String {
    line.chars().map(|it| if it.is_control() { char::REPLACEMENT_CHARACTER } else { it }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_begins_with_its_level() {
        for (line, expected) in [
            ("<1>broken", (Level::ERROR, "broken")),
            ("<5>all", (Level::TRACE, "all")),
            ("<6>none", (Level::INFO, "<6>none")),
            ("<0>none", (Level::INFO, "<0>none")),
            ("<x>", (Level::INFO, "<x>")),
            ("plain", (Level::INFO, "plain")),
            ("<4>", (Level::DEBUG, "")),
        ] {
            assert_eq!(level_of(line), expected, "{line}");
        }
        assert_eq!(shown("a\u{1b}[2Jb"), "a\u{fffd}[2Jb");
    }
}
