//! A side that goes away, at any moment: whoever waits for it gets `disconnected`, what it held is dropped, and nothing
//! hangs.

use capnp::{Error, ErrorKind};
use futures::future::{LocalBoxFuture, join_all};

use crate::calls::{
    Reply, add, call_back, child, counter, counter_when, echo, echo_when, end, hold, leave, never, open, play_to,
    pour_into, record, recorder_when, sink, write_when,
};
use crate::failure::{Failure, Outcome, ensure, ensure_eq};
use crate::setting::Setting;
use crate::site::Census;
use crate::transport::Side;
use crate::turns::turns;

/// Checks that a call failed as it should, and how.
fn disconnected<T>(answer: capnp::Result<T>, what: &str) -> Outcome {
    let error = answer.err().ok_or_else(|| Failure::new(format!("{what} succeeded with nobody there")))?;
    ensure_eq!(error.kind, ErrorKind::Disconnected, "the kind of the error of {what}: {error}");
    Ok(())
}

/// All that can be tried on somebody who is not there fails.
async fn is_gone(setting: &Setting<'_>) -> Outcome {
    disconnected(echo(&setting.far, b"anybody?").await, "an echo")?;
    disconnected(counter(&setting.far).await, "a call for an object")?;
    disconnected(add(&counter_when(&setting.far, 0).pipeline.get_counter(), 1).await, "a pipelined call")?;
    disconnected(hold(&setting.far, &setting.near.counter()).await, "a call with an object")?;
    setting.near_is_empty().await
}

async fn when_nothing_happens(setting: &Setting<'_>, side: Side) -> Outcome {
    let theirs = counter(&setting.far).await?;
    setting.close(side);
    // It may take a moment until this side has noticed.
    setting.eventually("a failing call", async || Ok(echo(&setting.far, b"anybody?").await.is_err())).await?;
    disconnected(add(&theirs, 1).await, "a call on an object")?;
    is_gone(setting).await
}

async fn while_a_call_is_pending(setting: &Setting<'_>, side: Side) -> Outcome {
    let calls: Vec<Reply<()>> = (0..10).map(|_| never(&setting.far, Some(setting.near.counter()))).collect();
    setting.far_comes_to(Census { calls: 10, ..Census::default() }).await?;
    setting.close(side);
    for answer in join_all(calls).await {
        disconnected(answer, "a pending call")?;
    }
    is_gone(setting).await
}

async fn while_calls_are_held_back(setting: &Setting<'_>, side: Side) -> Outcome {
    let call = recorder_when(&setting.far, 1);
    let promise = call.pipeline.get_recorder();
    let held: Vec<_> = (0..10).map(|number| record(&promise, number)).collect();
    let grandchild = add(&child(&counter_when(&setting.far, 1).pipeline.get_counter()).pipeline.get_counter(), 1);
    setting.far_comes_to(Census { calls: 2, ..Census::default() }).await?;
    setting.close(side);
    disconnected(call.promise.await, "a pending call")?;
    for answer in join_all(held).await {
        disconnected(answer, "a call that was held back")?;
    }
    disconnected(grandchild.await, "a call on a call that was held back")?;
    disconnected(record(&promise, 10).await, "a call on a promise that was not kept")?;
    is_gone(setting).await
}

async fn while_it_is_called_back(setting: &Setting<'_>, side: Side) -> Outcome {
    let call = call_back(&setting.far, &setting.near.counter(), 1, 1);
    setting.near_comes_to(Census { objects: 1, calls: 1, abandoned: 0 }).await?;
    setting.close(side);
    disconnected(call.await, "a call that was calling back")?;
    setting.near_comes_to(Census { objects: 0, calls: 0, abandoned: 1 }).await?;
    is_gone(setting).await
}

async fn while_a_stream_is_not_acknowledged(setting: &Setting<'_>, side: Side) -> Outcome {
    let sink = sink(&setting.far).await?;
    let writes = vec![write_when(&sink, 1, 1), write_when(&sink, 2, 2)];
    let rest = end(&sink);
    setting.far_comes_to(Census { objects: 1, calls: 1, abandoned: 0 }).await?;
    setting.close(side);
    for answer in join_all(writes).await {
        if answer.is_err() || setting.streams_are_answered() {
            disconnected(answer, "a write")?;
        }
    }
    disconnected(rest.await, "a call behind a stream")?;
    is_gone(setting).await
}

async fn while_objects_are_held(setting: &Setting<'_>, side: Side) -> Outcome {
    for _ in 0..10 {
        hold(&setting.far, &setting.near.counter()).await?;
    }
    ensure_eq!(setting.near.census().objects, 10, "while the far side holds them");
    setting.close(side);
    setting.near_comes_to(Census::default()).await?;
    is_gone(setting).await
}

/// An answer that may be there already, or not come any more.
fn ended<T: 'static>(
    answer: impl Future<Output = capnp::Result<T>> + 'static,
) -> LocalBoxFuture<'static, Option<Error>> {
    Box::pin(async { answer.await.err() })
}

/// Everything at once, and the end `moment` turns later.
async fn at_moment(setting: &Setting<'_>, side: Side, moment: u32) -> Outcome {
    let far = &setting.far;
    let call = counter_when(far, 1);
    let promise = call.pipeline.get_counter();
    let (recorder, poured) = (setting.near.recorder(), setting.near.sink());
    let calls = vec![
        ended(echo(far, b"short")),
        ended(echo(far, &vec![1; 100_000])),
        ended(echo_when(far, b"later", 1)),
        ended(never(far, Some(setting.near.counter()))),
        ended(call.promise),
        ended(add(&promise, 1)),
        ended(child(&promise).promise),
        ended(call_back(far, &setting.near.counter(), 5, 0)),
        ended(call_back(far, &setting.near.counter(), 1, 1)),
        ended(play_to(far, &recorder, 5)),
        ended(pour_into(far, &poured, 5)),
        ended(hold(far, &setting.near.counter())),
        ended(open(far, 1)),
    ];
    drop((promise, recorder, poured));
    let ends = async {
        turns(moment).await;
        setting.close(side);
    };
    let (errors, ()) = futures::join!(join_all(calls), ends);
    for (index, error) in errors.into_iter().enumerate() {
        let fine = error.as_ref().is_none_or(|error| error.kind == ErrorKind::Disconnected);
        ensure!(fine, "call {index} failed in another way: {error:?}");
    }
    is_gone(setting).await
}

macro_rules! moments {
    ($side:expr; $($name:ident $moment:literal)*) => {
        $(pub(crate) async fn $name(setting: &Setting<'_>) -> Outcome {
            super::at_moment(setting, $side, $moment).await
        })*
    };
    ($side:expr) => {
        moments! {
            $side;
            at_moment_0 0
            at_moment_1 1
            at_moment_2 2
            at_moment_3 3
            at_moment_4 4
            at_moment_6 6
            at_moment_8 8
            at_moment_12 12
            at_moment_16 16
            at_moment_24 24
        }
    };
}

/// The far side goes away.
pub(crate) mod far_side {
    use super::*;

    pub(crate) async fn when_nothing_happens(setting: &Setting<'_>) -> Outcome {
        super::when_nothing_happens(setting, Side::Far).await
    }

    pub(crate) async fn while_it_serves_the_call_that_ends_it(setting: &Setting<'_>) -> Outcome {
        setting.closing();
        disconnected(leave(&setting.far).await, "the call that ends the far side")?;
        is_gone(setting).await
    }

    pub(crate) async fn while_a_call_is_pending(setting: &Setting<'_>) -> Outcome {
        super::while_a_call_is_pending(setting, Side::Far).await
    }

    pub(crate) async fn while_calls_are_held_back(setting: &Setting<'_>) -> Outcome {
        super::while_calls_are_held_back(setting, Side::Far).await
    }

    pub(crate) async fn while_it_is_called_back(setting: &Setting<'_>) -> Outcome {
        super::while_it_is_called_back(setting, Side::Far).await
    }

    pub(crate) async fn while_a_stream_is_not_acknowledged(setting: &Setting<'_>) -> Outcome {
        super::while_a_stream_is_not_acknowledged(setting, Side::Far).await
    }

    pub(crate) async fn while_it_holds_objects(setting: &Setting<'_>) -> Outcome {
        while_objects_are_held(setting, Side::Far).await
    }

    moments!(Side::Far);
}

/// The near side goes away.
pub(crate) mod near_side {
    use super::*;

    pub(crate) async fn when_nothing_happens(setting: &Setting<'_>) -> Outcome {
        super::when_nothing_happens(setting, Side::Near).await
    }

    pub(crate) async fn while_a_call_is_pending(setting: &Setting<'_>) -> Outcome {
        super::while_a_call_is_pending(setting, Side::Near).await
    }

    pub(crate) async fn while_calls_are_held_back(setting: &Setting<'_>) -> Outcome {
        super::while_calls_are_held_back(setting, Side::Near).await
    }

    pub(crate) async fn while_it_is_called_back(setting: &Setting<'_>) -> Outcome {
        super::while_it_is_called_back(setting, Side::Near).await
    }

    pub(crate) async fn while_a_stream_is_not_acknowledged(setting: &Setting<'_>) -> Outcome {
        super::while_a_stream_is_not_acknowledged(setting, Side::Near).await
    }

    pub(crate) async fn while_the_far_side_holds_objects(setting: &Setting<'_>) -> Outcome {
        while_objects_are_held(setting, Side::Near).await
    }

    moments!(Side::Near);
}
