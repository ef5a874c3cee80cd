//! Events of `tracing`, on their way to the node's log.

use std::sync::{Mutex, Once, PoisonError};

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;
use ww_abi::bridge::Services;

use super::entry::current;
use crate::events::{Sink, ToNode};

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
        let _ = tracing::subscriber::set_global_default(Registry::default().with(ToNode(Node)));
    });
}

/// The node, whichever instance speaks.
struct Node;

impl Sink for Node {
    fn enabled(&self, level: u32) -> bool {
        services().is_some_and(|services| services.enabled(level))
    }

    fn write(&self, level: u32, module: &str, text: &str) {
        write(level, module, text);
    }
}
