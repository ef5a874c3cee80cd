//! Errors keep their kind, and end nothing but their call.

use capnp::{Error, ErrorKind};

use crate::calls::{add, call_back, counter, counter_fails, echo, fail, hold, let_go, panic};
use crate::conformance_capnp::Kind;
use crate::failure::{Failure, Outcome, ensure, ensure_eq};
use crate::setting::Setting;

const KINDS: [(Kind, ErrorKind); 4] = [
    (Kind::Failed, ErrorKind::Failed),
    (Kind::Overloaded, ErrorKind::Overloaded),
    (Kind::Disconnected, ErrorKind::Disconnected),
    (Kind::Unimplemented, ErrorKind::Unimplemented),
];

fn error<T>(answer: capnp::Result<T>) -> Outcome<Error> {
    answer.err().ok_or_else(|| Failure::new("a call that should have failed succeeded"))
}

pub(crate) async fn keep_their_kind_and_text(setting: &Setting<'_>) -> Outcome {
    for (asked, kind) in KINDS {
        let error = error(fail(&setting.far, asked, "no: ünmöglich", 0).await)?;
        ensure_eq!((error.kind, error.extra), (kind, setting.told("no: ünmöglich")), "the error");
    }
    Ok(())
}

pub(crate) async fn keep_their_kind_and_text_later(setting: &Setting<'_>) -> Outcome {
    for (asked, kind) in KINDS {
        let error = error(fail(&setting.far, asked, "not any more", 3).await)?;
        ensure_eq!((error.kind, error.extra), (kind, setting.told("not any more")), "the error");
    }
    Ok(())
}

pub(crate) async fn have_texts_of_any_length(setting: &Setting<'_>) -> Outcome {
    for length in [0, 1, 7, 8, 63, 64, 65, 1000, 16 << 10] {
        let text = "x".repeat(length);
        for turns in [0, 1] {
            let error = error(fail(&setting.far, Kind::Failed, &text, turns).await)?;
            ensure!(error.extra == setting.told(&text), "a text of {length} bytes came as {} bytes", error.extra.len());
        }
    }
    Ok(())
}

pub(crate) async fn pass_through_the_other_side(setting: &Setting<'_>) -> Outcome {
    // The far side calls us, and what it gets is what its own call fails with: here that somebody is no counter.
    let ours = setting.near.recorder();
    let no_counter = capnp::capability::FromClientHook::cast_to(ours);
    let error = error(call_back(&setting.far, &no_counter, 1, 0).await)?;
    ensure_eq!(error.kind, ErrorKind::Unimplemented, "the kind of an error that went both ways: {error}");
    Ok(())
}

pub(crate) async fn end_their_call_only(setting: &Setting<'_>) -> Outcome {
    let counter = counter(&setting.far).await?;
    hold(&setting.far, &counter).await?;
    for (asked, _) in KINDS {
        error(counter_fails(&counter, asked, "once").await)?;
        error(fail(&setting.far, asked, "once", 1).await)?;
    }
    ensure_eq!(add(&counter, 1).await?, 1, "a counter that has failed");
    let_go(&setting.far).await?;
    Ok(())
}

pub(crate) async fn a_panic_ends_its_call(setting: &Setting<'_>) -> Outcome {
    panics_after(setting, 0).await
}

pub(crate) async fn a_panic_later_ends_its_call(setting: &Setting<'_>) -> Outcome {
    panics_after(setting, 2).await
}

async fn panics_after(setting: &Setting<'_>, turns: u32) -> Outcome {
    if !setting.traits().panics_are_caught {
        // There, a panic is the end of everybody.
        setting.closing();
        let error = error(panic(&setting.far, "on purpose", turns).await)?;
        ensure_eq!(error.kind, ErrorKind::Disconnected, "the kind of the error: {error}");
        let error = self::error(echo(&setting.far, b"anybody?").await)?;
        ensure_eq!(error.kind, ErrorKind::Disconnected, "the kind of the error of a later call: {error}");
        return Ok(());
    }
    let error = error(panic(&setting.far, "on purpose", turns).await)?;
    ensure_eq!(error.kind, ErrorKind::Failed, "the kind of the error: {error}");
    ensure!(error.extra.contains("panicked: on purpose"), "the error does not say what happened: {error}");
    ensure_eq!(echo(&setting.far, b"still here").await?, b"still here".to_vec(), "a later echo");
    Ok(())
}
