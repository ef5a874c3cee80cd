//! Events of `tracing`, on their way to the node's log.

use std::fmt::{Debug, Write};
use std::sync::{Mutex, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;
use ww_abi::bridge::Services;

use super::entry::current;

/// The services of the instance that began last: whom threads of the plugin's own speak for, which belong to no instance.
static LAST: Mutex<Option<Services>> = Mutex::new(None);

/// An instance begins.
pub(super) fn begin(services: Services) {
    *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(services);
}

fn services() -> Option<Services> {
    let here = current().and_then(|instance| instance.services());
    here.or_else(|| *LAST.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Writes a line to the node's log.
pub(super) fn write(level: u32, module: &str, text: &str) {
    if let Some(services) = services() {
        services.log(level, module, text);
    }
}

/// Sends events to the node, once a library. A plugin that has a subscriber of its own keeps it.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = tracing::subscriber::set_global_default(Registry::default().with(ToNode));
    });
}

struct ToNode;

impl<S: Subscriber> Layer<S> for ToNode {
    fn enabled(&self, metadata: &Metadata<'_>, _context: Context<'_, S>) -> bool {
        services().is_some_and(|services| services.enabled(level_of(metadata)))
    }

    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut line = Line::default();
        event.record(&mut line);
        let metadata = event.metadata();
        write(level_of(metadata), metadata.target(), &line.text());
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
