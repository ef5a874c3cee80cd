//! Panics of a plugin's code.

use std::sync::Once;

use super::entry::current;
use super::logging;
use crate::events::panicked;

/// Tells the node of panics, once a library. A panic in the provider's own code marks it as failed; one in a thread of the
/// plugin's own is only told.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let text = panicked(panic);
            match current().and_then(|instance| instance.services()) {
                Some(services) => services.fail(&text),
                None => logging::write(ww_abi::Level::ERROR, "", &format!("a thread of the plugin {text}")),
            }
        }));
    });
}
