//! What a node asks a provider, each within its time.

use std::time::Duration;

use capnp::Error;
use capnp::capability::FromClientHook;
use capnp::private::capability::ClientHook;
use membrane::{Caller, Granted};
use serde_json::{Map, Value};
use ww_capnp::provider_capnp::{provider, service};

/// How long a provider may take for each of `open`, `attach`, `role` and `close`. Calls of a capability have no limit.
pub const DEADLINE: Duration = Duration::from_secs(5);

/// Opens it.
///
/// # Errors
/// What it says, and where it does not answer in time.
pub async fn open(
    provider: &provider::Client,
    config: &Map<String, Value>,
    grants: Granted,
) -> Result<service::Client, Error> {
    let mut request = provider.open_request();
    let mut params = request.get();
    // A map of JSON values is JSON.
    params.set_config(serde_json::to_string(config).unwrap_or_default());
    let mut exports = params.init_grants(u32::try_from(grants.len()).unwrap_or(u32::MAX));
    for (index, (name, hook)) in (0..).zip(grants) {
        let mut export = exports.reborrow().get(index);
        export.set_name(name.as_str());
        export.init_cap().set_as_capability(hook);
    }
    in_time(async {
        let answer = request.send().promise.await?;
        let answer = answer.get()?;
        given(answer.has_service())?;
        answer.get_service()
    })
    .await
}

/// The capability for a caller.
///
/// # Errors
/// What it says, and where it does not answer in time.
pub async fn attach(service: &service::Client, caller: &Caller) -> Result<Box<dyn ClientHook>, Error> {
    let mut request = service.attach_request();
    let mut to = request.get().init_caller();
    to.set_name(&caller.name);
    to.init_epoch().set_number(caller.epoch);
    let attached = async {
        let answer = request.send().promise.await?;
        let answer = answer.get()?;
        given(answer.has_cap())?;
        answer.get_cap().get_as_capability::<capnp::capability::Client>()
    };
    Ok(in_time(attached).await?.hook)
}

/// What the node itself asks it for.
///
/// # Errors
/// Where it has no such role, and where it does not answer in time.
pub async fn role<C: FromClientHook>(service: &service::Client, role: &str) -> Result<C, Error> {
    let mut request = service.role_request();
    request.get().set_name(role);
    in_time(async {
        let answer = request.send().promise.await?;
        let answer = answer.get()?;
        given(answer.has_cap())?;
        answer.get_cap().get_as_capability()
    })
    .await
}

/// Flushes and stops it.
///
/// # Errors
/// Where it says that something could not be saved, and where it does not answer in time.
pub async fn close(provider: &provider::Client) -> Result<(), Error> {
    in_time(async { provider.close_request().send().promise.await.map(drop) }).await
}

/// Whether an answer holds what was asked for.
fn given(is_there: bool) -> Result<(), Error> {
    if is_there { Ok(()) } else { Err(Error::failed("it answers without what it was asked for".into())) }
}

/// An answer, or that there is none in time.
async fn in_time<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let late = |_| Error::failed(format!("no answer within {} s", DEADLINE.as_secs()));
    tokio::time::timeout(DEADLINE, answer).await.map_err(late)?
}
