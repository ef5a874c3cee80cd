//! Calls that a provider does not know, and what it was asked for.

use capnp::ErrorKind;
use capnp::capability::Client;

use super::super::instance::{NO_INTERFACE, unknown};
use super::super::outcome::{Found, Outcome, failed};
use super::super::subject::Subject;
use crate::plugin::provider::requests;

/// A method that no interface has.
const NO_METHOD: u16 = 60_000;

/// A role that no provider has.
const NO_ROLE: &str = "no-such-role";

/// What is not known fails as `unimplemented`.
pub(in crate::plugin::check) async fn unknown_methods(subject: &Subject) -> Found<()> {
    let opened = subject.open().await?;
    let cap = opened.attach(0).await?;
    let interface = subject.manifest.interface;
    unknown("a call of an interface that nobody has", &*cap.hook, NO_INTERFACE, 0).await?;
    if interface != 0 {
        unknown("a call of method 60000 of its own interface", &*cap.hook, interface, NO_METHOD).await?;
    }
    unknown("such a call of its service", &*opened.service.client.hook, NO_INTERFACE, 0).await?;
    unknown("such a call of the provider", &*opened.fresh.provider.client.hook, NO_INTERFACE, 0).await?;
    opened.finish().await
}

/// It has the roles that its manifest names, and no other.
pub(in crate::plugin::check) async fn roles(subject: &Subject) -> Found<()> {
    let opened = subject.open().await?;
    for role in &subject.manifest.roles {
        let text = role.to_string();
        // What follows is what it does for whom.
        let name = text.split(':').next().unwrap_or_default();
        let answer = requests::role::<Client>(&opened.service, name).await;
        answer.map_err(|error| Outcome::fails(&format!("role '{name}'"), &error))?;
    }
    match requests::role::<Client>(&opened.service, NO_ROLE).await {
        Err(error) if error.kind == ErrorKind::Unimplemented => opened.finish().await,
        Err(error) => failed(format!("a role that it does not have fails as {:?}: {}", error.kind, error.extra)),
        Ok(_) => failed("a role that it does not have is answered"),
    }
}

/// A capability outlives what it came from.
pub(in crate::plugin::check) async fn results_survive(subject: &Subject) -> Found<()> {
    let opened = subject.open().await?;
    let cap = opened.attach(0).await?;
    let (fresh, service) = (opened.fresh, opened.service);
    drop(service);
    tokio::task::yield_now().await;
    unknown("a call after its service was dropped", &*cap.hook, NO_INTERFACE, 0).await?;
    super::super::instance::close(subject, &fresh).await;
    super::super::instance::well(subject, &fresh)
}
