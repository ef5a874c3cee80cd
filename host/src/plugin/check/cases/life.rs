//! An instance from its start to its end.

use std::time::Duration;

use capnp::capability::Client;
use ww_capnp::provider_capnp::service;

use super::super::instance::{self, Fresh, NO_INTERFACE, call, caller, well, within};
use super::super::outcome::{Found, Outcome, failed};
use super::super::subject::Subject;
use super::{manifest, schema};
use crate::plugin::provider::requests;

/// What is over fails at once; this is what a busy machine may take for that.
const SOON: Duration = Duration::from_secs(2);

/// An instance can be made.
pub(in crate::plugin::check) async fn loads(subject: &Subject) -> Found<()> {
    subject.start().map(drop)
}

/// It opens as the operator configured it.
pub(in crate::plugin::check) async fn opens(subject: &Subject) -> Found<()> {
    let error = match subject.open().await {
        Ok(opened) => return opened.finish().await,
        Err(Outcome::Failed(error)) => error,
        Err(other) => return Err(other),
    };
    // The error is what matters; what there is to say of the schema is said elsewhere.
    let schema = match subject.start() {
        Ok(fresh) => manifest::schema(&fresh).await.ok().flatten(),
        Err(_) => None,
    };
    let missing = schema.map(|schema| schema::missing(&schema, &subject.config)).unwrap_or_default();
    if missing.is_empty() {
        return failed(error);
    }
    let name = &subject.label.name;
    let options: Vec<_> = missing.iter().map(|key| format!("`--set {name}.{key}=VALUE`")).collect();
    failed(format!("{error}; its configuration has to be said, by {}", options.join(" ")))
}

/// It closes in time, and then all that is left of it fails.
pub(in crate::plugin::check) async fn closes(subject: &Subject) -> Found<()> {
    let opened = subject.open().await?;
    let cap = opened.attach(0).await?;
    if let Err(error) = requests::close(&opened.fresh.provider).await {
        subject.closes_badly.set(true);
        return Err(Outcome::fails("close", &error));
    }
    well(subject, &opened.fresh)?;
    opened.fresh.end();
    if within(SOON, call(&*cap.hook, NO_INTERFACE, 0)).await.is_ok() {
        return failed("a call is answered after the end");
    }
    if within(SOON, async { requests::attach(&opened.service, &caller(1)).await }).await.is_ok() {
        return failed("a caller is attached after the end");
    }
    Ok(())
}

/// After one instance is closed, another one opens.
pub(in crate::plugin::check) async fn reopens(subject: &Subject) -> Found<()> {
    for _ in 0..2 {
        let opened = subject.open().await?;
        opened.attach(0).await?;
        opened.finish().await?;
    }
    Ok(())
}

/// An instance that is open cannot be opened again, and goes on.
pub(in crate::plugin::check) async fn opens_once(subject: &Subject) -> Found<()> {
    let opened = subject.open().await?;
    if opened.fresh.open(&subject.config, subject.grants()).await.is_ok() {
        return failed("an instance that is open is opened again");
    }
    opened.attach(0).await?;
    opened.finish().await
}

/// What is dropped.
enum Part {
    Capability,
    Service,
    Provider,
}

const ORDERS: [[Part; 3]; 6] = [
    [Part::Capability, Part::Service, Part::Provider],
    [Part::Capability, Part::Provider, Part::Service],
    [Part::Service, Part::Capability, Part::Provider],
    [Part::Service, Part::Provider, Part::Capability],
    [Part::Provider, Part::Capability, Part::Service],
    [Part::Provider, Part::Service, Part::Capability],
];

/// Whatever is dropped first, nothing breaks. The provider is closed before it is dropped.
pub(in crate::plugin::check) async fn drop_orders(subject: &Subject) -> Found<()> {
    for order in &ORDERS {
        let opened = subject.open().await?;
        let cap = opened.attach(0).await?;
        let (fresh, service) = (opened.fresh, opened.service);
        drop_in(order, subject, fresh, service, cap).await?;
    }
    subject.open().await?.finish().await
}

async fn drop_in(order: &[Part], subject: &Subject, fresh: Fresh, service: service::Client, cap: Client) -> Found<()> {
    let (mut fresh, mut service, mut cap) = (Some(fresh), Some(service), Some(cap));
    for part in order {
        match part {
            Part::Capability => drop(cap.take()),
            Part::Service => drop(service.take()),
            Part::Provider => {
                if let Some(fresh) = fresh.take() {
                    instance::close(subject, &fresh).await;
                    well(subject, &fresh)?;
                }
            }
        }
        // What is dropped is told to the other side in another turn.
        tokio::task::yield_now().await;
        if let Some(fresh) = &fresh {
            well(subject, fresh)?;
        }
    }
    Ok(())
}
