//! A provider as a native plugin.

mod entry;
mod logging;
mod panics;
mod runtime;

use std::future::Future;

use capnp::capability::FromClientHook;
use ww_abi::bridge::{self, Started};
use ww_abi::{RawAnswer, RawCap, RawStart};
use ww_capnp::provider_capnp::provider;

use self::entry::{Entered, current};
use crate::Provider;
use crate::serve::Instance;

/// Exports what a node starts an instance with. Once a library.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_entry {
    ($provider:ty) => {
        const _: () = {
            unsafe extern "C" fn start(
                start: *const $crate::exported::ww_abi::RawStart,
                root: *mut $crate::exported::ww_abi::RawCap,
                answer: *mut $crate::exported::ww_abi::RawAnswer,
            ) {
                // SAFETY: the node calls this function by the rules of the contract.
                unsafe {
                    $crate::exported::start::<$provider>(start, root, answer, env!("CARGO_PKG_VERSION"));
                }
            }
            $crate::exported::ww_abi::export_root!(start);
        };
    };
}

/// Starts an instance. For [`export!`](crate::export).
///
/// # Safety
/// The pointers are those that the root's `start` was called with.
pub unsafe fn start<P: Provider>(
    raw: *const RawStart,
    root: *mut RawCap,
    answer: *mut RawAnswer,
    version: &'static str,
) {
    let entry = Entered::default();
    let shared = entry.shared();
    let make = |started: Started| {
        logging::install();
        panics::install();
        shared.begin(&started);
        let provider: provider::Client = ww_call::new_client(Instance::<P>::new(version));
        Ok(provider.into_client_hook())
    };
    // SAFETY: as above.
    unsafe { bridge::start(raw, root, answer, entry, make) };
}

/// Goes on with `future` on the worker, until it ends or the provider is closed. It need not be `Send`.
///
/// # Panics
/// Off the provider's worker, where a task is spawned with [`tokio::spawn`].
pub fn spawn_local(future: impl Future<Output = ()> + 'static) {
    match current() {
        Some(instance) => instance.spawn(future),
        // Without a node, as in a test, the worker is whoever runs the provider.
        None => drop(tokio::task::spawn_local(future)),
    }
}

/// Runs what blocks, away from the worker.
///
/// # Errors
/// Where it panics.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> capnp::Result<T> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.map_err(|error| capnp::Error::failed(error.to_string()))
}
