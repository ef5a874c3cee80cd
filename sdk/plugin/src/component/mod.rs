//! A provider as a component: a guest whose bootstrap is the provider.

pub mod bindings;
mod logging;
mod panics;

use std::future::Future;
use std::process::ExitCode;

use ww_capnp::provider_capnp::provider;

use crate::Provider;
use crate::serve::Instance;

pub use bindings::export_run;
pub use bindings::exports::wasi::cli::run::Guest;

/// Exports what a node runs a component with. Once a component.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_entry {
    ($provider:ty) => {
        const _: () = {
            struct Entry;
            impl $crate::exported::Guest for Entry {
                fn run() -> Result<(), ()> {
                    $crate::exported::run::<$provider>(env!("CARGO_PKG_VERSION"))
                }
            }
    $crate::exported::export_run!(Entry with_types_in $crate::exported::bindings);
        };
    };
}

/// Serves a provider until the node ends its connection. For [`export!`](crate::export).
pub fn run<P: Provider>(version: &'static str) -> Result<(), ()> {
    logging::install();
    panics::install();
    let provider: provider::Client = ww_call::new_client(Instance::<P>::new(version));
    let ended = ww_guest::run(ww_guest::serve(provider));
    if ended == ExitCode::SUCCESS { Ok(()) } else { Err(()) }
}

/// Goes on with `future`, until it ends or the provider is closed.
pub fn spawn_local(future: impl Future<Output = ()> + 'static) {
    ww_guest::spawn(future);
}

/// Runs what blocks: a component has one thread, which has nothing else to do then.
///
/// # Errors
/// None here: where it panics, the component ends.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> capnp::Result<T> {
    Ok(work())
}
