//! Instances that have failed.

use super::super::instance::{NO_INTERFACE, attach, call, caller};
use super::super::outcome::{Found, Outcome, failed};
use super::super::subject::Subject;
use crate::plugin::provider::requests;

/// Where an instance has failed, others do not, and it does not answer as if nothing had happened.
///
/// Nothing makes a plugin fail whose interface is not known: only what happens by itself is seen.
pub(in crate::plugin::check) async fn panics_stay(subject: &Subject) -> Found<()> {
    let fresh = subject.start()?;
    let service = fresh.open(&subject.config, subject.grants()).await.ok();
    let mut cap = None;
    if let Some(service) = &service {
        cap = attach(service, 0).await.ok();
    }
    if fresh.failure().is_none() {
        // How it ends is looked at elsewhere.
        let _ = requests::close(&fresh.provider).await;
    }
    if fresh.failure().is_none() {
        let why =
            subject.failure.get().map_or("no instance failed", |_| "an instance failed, and not when it was opened");
        return Err(Outcome::NotApplicable(why.to_owned()));
    }
    if let Some(cap) = cap
        && call(&*cap.hook, NO_INTERFACE, 0).await.is_ok()
    {
        return failed("a call is answered after the instance has failed");
    }
    match service {
        Some(service) if requests::attach(&service, &caller(1)).await.is_ok() => {
            failed("a caller is attached after the instance has failed")
        }
        None if fresh.open(&subject.config, subject.grants()).await.is_ok() => {
            failed("it opens after it has failed to")
        }
        _ => subject.start().map(drop),
    }
}
