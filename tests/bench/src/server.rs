//! The object that is called.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use capnp::Error;
use capnp::capability::FromClientHook;

use crate::bench_capnp::echo;

/// Capabilities that are the same in every answer.
const KEPT: usize = 8;

/// Makes a client of a server: the library's way, or ours.
type MakeClient = fn(Echo) -> echo::Client;

/// Answers with what it was sent.
pub(crate) struct Echo {
    kept: Vec<echo::Client>,
    make: MakeClient,
}

/// A client of a new object.
pub(crate) fn client(make: MakeClient) -> echo::Client {
    let kept = (0..KEPT).map(|_| make(Echo { kept: Vec::new(), make })).collect();
    make(Echo { kept, make })
}

impl Echo {
    fn cap(&self, index: usize, fresh: bool) -> Result<echo::Client, Error> {
        if fresh {
            return Ok((self.make)(Self { kept: Vec::new(), make: self.make }));
        }
        self.kept.get(index).cloned().ok_or_else(|| Error::failed(format!("there are only {KEPT} capabilities")))
    }
}

impl echo::Server for Echo {
    async fn echo(self: Rc<Self>, params: echo::EchoParams, mut results: echo::EchoResults) -> Result<(), Error> {
        results.get().set_data(params.get()?.get_data()?);
        Ok(())
    }

    async fn later(self: Rc<Self>, params: echo::LaterParams, mut results: echo::LaterResults) -> Result<(), Error> {
        yield_once().await;
        results.get().set_data(params.get()?.get_data()?);
        Ok(())
    }

    async fn never(self: Rc<Self>, _: echo::NeverParams, _: echo::NeverResults) -> Result<(), Error> {
        std::future::pending().await
    }

    async fn caps(self: Rc<Self>, params: echo::CapsParams, mut results: echo::CapsResults) -> Result<(), Error> {
        let params = params.get()?;
        let mut caps = results.get().init_caps(params.get_count().into());
        for index in 0..params.get_count() {
            let cap = self.cap(index.into(), params.get_fresh())?;
            caps.reborrow().set(index.into(), cap.into_client_hook());
        }
        Ok(())
    }
}

/// Is ready at its second poll.
async fn yield_once() {
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
