//! Lines for the node's log: a node copies what a component writes to its standard error.

use std::io::Write;
use std::sync::Once;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

use crate::events::{Sink, ToNode};

/// Writes a line to the node's log, whatever it holds.
pub(super) fn write(level: u32, module: &str, text: &str) {
    let text = text.replace('\n', "; ");
    let line = if module.is_empty() { format!("<{level}>{text}\n") } else { format!("<{level}>{module}: {text}\n") };
    // Whoever does not read the log does not want it.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// Sends events to the node. A plugin that has a subscriber of its own keeps it.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = tracing::subscriber::set_global_default(Registry::default().with(ToNode(StandardError)));
    });
}

/// The standard error. What the node does not want of it, it drops.
struct StandardError;

impl Sink for StandardError {
    fn enabled(&self, _level: u32) -> bool {
        true
    }

    fn write(&self, level: u32, module: &str, text: &str) {
        write(level, module, text);
    }
}
