//! The host as the far side.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use ww_capnp::stem_capnp::membrane;
use ww_conformance::{Acknowledged, Connection, Failure, Grafted, Maker, Outcome, Traits, Transport};

use crate::bindings::wasi::clocks::monotonic_clock::subscribe_duration;
use crate::library::Library;
use crate::streams::wake_when;

/// Calls the host, of which it has the Membrane.
pub(crate) struct Host(pub(crate) membrane::Client);

impl Transport for Host {
    fn traits(&self) -> Traits {
        Traits {
            calls_are_refused: false,
            answers_in_place: false,
            answers_follow_pipelines: false,
            nothing_can_be_pipelined_on: false,
            acknowledged: Acknowledged::ByWindow,
            error_prefix: "remote exception: ",
            ..Traits::OURS
        }
    }

    fn connect(&self) -> LocalBoxFuture<'_, Outcome<Rc<dyn Connection>>> {
        async {
            // Every graft attaches a new far side.
            let mut request = self.0.graft_request();
            request.get().init_names(1).set(0, "peer");
            let session = request.send().promise.await?;
            let exports = session.get()?.get_caps()?;
            let export = exports.iter().next().ok_or_else(|| Failure::new("the session has nothing"))?;
            let peer = export.get_cap().get_as_capability()?;
            Ok(Rc::new(Grafted(peer)) as Rc<dyn Connection>)
        }
        .boxed_local()
    }

    fn sleep(&self, time: Duration) -> LocalBoxFuture<'static, ()> {
        let over = Rc::new(subscribe_duration(time.as_nanos() as u64));
        poll_fn(move |context| {
            if over.ready() {
                return Poll::Ready(());
            }
            wake_when(&over, context.waker());
            Poll::Pending
        })
        .boxed_local()
    }

    fn maker(&self) -> Rc<dyn Maker> {
        Rc::new(Library)
    }
}
