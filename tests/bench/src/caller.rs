//! Calls of each kind, as the harness and its guest both make them: the code around a call is the same on both sides, so
//! that a difference between two figures is one between two carriers.

use capnp::Error;
use capnp::capability::FromClientHook;

use crate::bench_capnp::{Task, echo};

/// Bytes of the small payload.
pub(crate) const SMALL: usize = 16;

/// Does `task` until `calls` calls of `target` have been answered; `size` is what the schema says of it.
pub(crate) async fn run(target: &echo::Client, task: Task, calls: u32, size: u32) -> capnp::Result<()> {
    match task {
        Task::Echo => {
            let data = vec![7; size as usize];
            for _ in 0..calls {
                call(target, &data).await?;
            }
        }
        Task::Later => {
            let data = vec![7; size as usize];
            for _ in 0..calls {
                call_later(target, &data).await?;
            }
        }
        Task::Together => {
            for _ in 0..calls / size.max(1) {
                call_together(target, size).await?;
            }
        }
        Task::Caps | Task::Fresh => {
            for _ in 0..calls {
                call_caps(target, size as u16, task == Task::Fresh).await?;
            }
        }
    }
    Ok(())
}

async fn call(target: &echo::Client, data: &[u8]) -> capnp::Result<()> {
    let mut request = target.echo_request();
    request.get().set_data(data);
    let response = request.send().promise.await?;
    compare(response.get()?.get_data()?, data)
}

async fn call_later(target: &echo::Client, data: &[u8]) -> capnp::Result<()> {
    let mut request = target.later_request();
    request.get().set_data(data);
    let response = request.send().promise.await?;
    compare(response.get()?.get_data()?, data)
}

/// Makes all calls before the first answer is looked at.
async fn call_together(target: &echo::Client, calls: u32) -> capnp::Result<()> {
    let promises = (0..calls).map(|_| {
        let mut request = target.echo_request();
        request.get().set_data(&[7; SMALL]);
        request.send().promise
    });
    for response in futures::future::join_all(promises).await {
        compare(response?.get()?.get_data()?, &[7; SMALL])?;
    }
    Ok(())
}

/// Takes every capability out of the answer.
async fn call_caps(target: &echo::Client, count: u16, fresh: bool) -> capnp::Result<()> {
    let mut request = target.caps_request();
    request.get().set_count(count);
    request.get().set_fresh(fresh);
    let response = request.send().promise.await?;
    let mut received = 0;
    for cap in response.get()?.get_caps()? {
        std::hint::black_box(cap?.as_client_hook());
        received += 1;
    }
    if received == count { Ok(()) } else { Err(Error::failed(format!("{received} of {count} capabilities"))) }
}

fn compare(received: &[u8], sent: &[u8]) -> capnp::Result<()> {
    if received.len() == sent.len() && received.last() == sent.last() {
        return Ok(());
    }
    Err(Error::failed("what came back is not what was sent".into()))
}
