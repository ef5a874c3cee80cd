//! Panics of a plugin's code.

use std::sync::Once;

use super::entry::current;
use super::logging;

/// Tells the node of panics, once a library. A panic in the provider's own code marks it as failed; one in a thread of the
/// plugin's own is only told.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let payload = panic.payload();
            let said = payload.downcast_ref::<&str>().copied();
            let said = said.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
            let place = panic.location().map(|place| format!(" at {place}")).unwrap_or_default();
            let text = format!("panicked{place}: {said}");
            match current().and_then(|instance| instance.services()) {
                Some(services) => services.fail(&text),
                None => logging::write(ww_abi::Level::ERROR, "", &format!("a thread of the plugin {text}")),
            }
        }));
    });
}
