//! Events of `tracing` and panics as lines, which both kinds of plugin send to the node's log.

use std::fmt::{Debug, Write};
use std::panic::PanicHookInfo;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

/// Where lines go.
pub(crate) trait Sink: 'static {
    /// Whether lines of a level are wanted.
    fn enabled(&self, level: u32) -> bool;

    /// Writes a line: its level, the module that says it, the text.
    fn write(&self, level: u32, module: &str, text: &str);
}

/// Sends events to the node.
pub(crate) struct ToNode<T>(pub(crate) T);

impl<T: Sink, S: Subscriber> Layer<S> for ToNode<T> {
    fn enabled(&self, metadata: &Metadata<'_>, _context: Context<'_, S>) -> bool {
        self.0.enabled(level_of(metadata))
    }

    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut line = Line::default();
        event.record(&mut line);
        let metadata = event.metadata();
        self.0.write(level_of(metadata), metadata.target(), &line.text());
    }
}

fn level_of(metadata: &Metadata<'_>) -> u32 {
    match *metadata.level() {
        Level::ERROR => ww_abi::Level::ERROR,
        Level::WARN => ww_abi::Level::WARN,
        Level::INFO => ww_abi::Level::INFO,
        Level::DEBUG => ww_abi::Level::DEBUG,
        Level::TRACE => ww_abi::Level::TRACE,
    }
}

/// An event as a line: its message, then its other fields.
#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Line {
    fn text(self) -> String {
        if self.message.is_empty() { self.fields.trim_start().to_owned() } else { self.message + &self.fields }
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing to a text cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

/// What a panic says, and where it was.
pub(crate) fn panicked(panic: &PanicHookInfo<'_>) -> String {
    let payload = panic.payload();
    let said = payload.downcast_ref::<&str>().copied();
    let said = said.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    let place = panic.location().map(|place| format!(" at {place}")).unwrap_or_default();
    format!("panicked{place}: {said}")
}
