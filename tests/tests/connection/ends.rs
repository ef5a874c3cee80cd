//! What becomes of calls into a guest whose connection ends, in whichever way: they fail, at once, as `disconnected`.

use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use capnp::capability::{FromClientHook, Promise, Response};
use capnp::{Error, ErrorKind};
use futures::future::join_all;
use tokio::runtime::Builder;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::timeout;
use ww_cell::Cell;
use ww_conformance::conformance_capnp::counter::add_results;
use ww_conformance::conformance_capnp::peer;

use crate::guest::{self, CLOSES, DEAF, LATE, READS, TRAPS, WAITS};
use crate::method;
use crate::says::{Says, capability, with_capabilities};

/// Longer than anything here takes, and far shorter than for ever.
const PATIENCE: Duration = Duration::from_secs(20);

/// What somebody else does to the guest once calls are pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Nothing,
    Kill,
    Close,
}

type Sum = Promise<Response<add_results::Owned>, Error>;

/// Calls what it is lent at once, and keeps the answers that it waits for.
#[derive(Clone, Default)]
struct Holder(Rc<RefCell<Vec<Sum>>>);

impl peer::Server for Holder {
    async fn hold(self: Rc<Self>, params: peer::HoldParams, _: peer::HoldResults) -> Result<(), Error> {
        let counter = params.get()?.get_counter()?;
        self.0.replace((0..10).map(|_| counter.add_request().send().promise).collect());
        Ok(())
    }
}

/// A guest that has lent an object to its host.
fn lends() -> Says {
    let mut says = Says::hello();
    says.call(0, method::HOLD, |mut params| {
        params.reborrow().init_cap_table(1).get(0).set_sender_hosted(0);
        with_capabilities(params, |content| {
            let mut params: peer::hold_params::Builder<'_> = content.init_as();
            params.set_counter(capability());
        });
    });
    says
}

/// Calls what the guest serves and what it has lent, lets its connection end, and says how the calls ended: first those
/// that were pending, then one that was made later.
fn end(says: &Says, flags: u8, then: Then) -> Vec<Error> {
    let runtime = Builder::new_current_thread().enable_all().build().expect("start a runtime");
    LocalSet::new().block_on(&runtime, async {
        let holder = Holder::default();
        let cell = guest::cell([&[flags], &says.0[..]].concat(), ww_call::new_client(holder.clone())).await;
        let served: peer::Client = FromClientHook::new(cell.bootstrap());
        let calls = spawn_local(calls(&served));
        tokio::task::yield_now().await;
        let run = spawn_local(run(cell, then, holder.clone()));
        let mut errors = timeout(PATIENCE, calls).await.expect("what it serves answers").expect("no panic");
        assert!(!holder.0.borrow().is_empty(), "it has lent nothing");
        let lent = join_all(holder.0.take());
        errors.extend(timeout(PATIENCE, lent).await.expect("what it lent answers").into_iter().map(failed));
        let later = served.echo_request().send().promise;
        errors.push(failed(timeout(PATIENCE, later).await.expect("a later call is answered")));
        run.abort();
        errors
    })
}

fn failed<T>(answer: Result<T, Error>) -> Error {
    answer.err().expect("nobody answers")
}

/// Runs the guest. Once it has been heard, whatever is to happen to it does.
async fn run(cell: Cell, then: Then, holder: Holder) {
    let closer = cell.closer();
    let moment = async {
        while holder.0.borrow().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        match then {
            Then::Nothing => pending().await,
            Then::Kill => (),
            Then::Close => {
                closer.close(Error::failed("that is enough".into()));
                pending().await
            }
        }
    };
    tokio::select! {
        _ = cell.run() => (),
        () = moment => (),
    }
}

/// Calls to what the guest serves, and to what it will return. None has an object of the host's: the guest takes the
/// first of these for the root.
fn calls(served: &peer::Client) -> impl Future<Output = Vec<Error>> + use<> {
    let call = served.counter_request().send();
    let pipelined = call.pipeline.get_counter().add_request().send();
    let other = served.same_request().send();
    async { vec![failed(call.promise.await), failed(pipelined.promise.await), failed(other.promise.await)] }
}

#[track_caller]
fn disconnects(says: &Says, flags: u8, then: Then) {
    let errors = end(says, flags, then);
    assert_eq!(errors.len(), 14);
    for (index, error) in errors.iter().enumerate() {
        assert_eq!(error.kind, ErrorKind::Disconnected, "call {index}: {error}");
    }
}

#[test]
fn a_guest_that_ends() {
    disconnects(&lends(), READS | LATE, Then::Nothing);
}

#[test]
fn a_guest_that_traps() {
    disconnects(&lends(), READS | LATE | TRAPS, Then::Nothing);
}

#[test]
fn a_guest_that_is_killed() {
    disconnects(&lends(), READS | WAITS, Then::Kill);
}

#[test]
fn a_connection_that_the_host_closes() {
    disconnects(&lends(), READS | WAITS, Then::Close);
}

#[test]
fn a_guest_that_closes_what_it_writes() {
    disconnects(&lends(), READS | CLOSES | WAITS, Then::Nothing);
}

#[test]
fn a_guest_that_closes_what_it_reads() {
    disconnects(&lends(), READS | DEAF, Then::Nothing);
}

#[test]
fn a_guest_that_sends_an_abort() {
    let mut says = lends();
    says.message(|message| message.init_abort().set_reason("enough"));
    disconnects(&says, READS | WAITS, Then::Nothing);
}

#[test]
fn a_guest_that_ends_in_the_middle_of_a_message() {
    let mut says = lends();
    says.0.extend([0; 5]);
    disconnects(&says, READS | CLOSES | WAITS, Then::Nothing);
}

#[test]
fn a_guest_that_calls_what_it_was_never_lent() {
    let mut says = lends();
    says.message(|message| {
        let mut call = message.init_call();
        call.set_question_id(7);
        call.init_target().set_imported_cap(1234);
    });
    // Here it is the library that ends the connection, and its word for what the guest did wrong.
    for error in end(&says, READS | WAITS, Then::Nothing) {
        let wrong = error.kind == ErrorKind::Failed && error.extra.contains("not a current export");
        assert!(wrong || error.kind == ErrorKind::Disconnected, "{error:?}");
    }
}

#[test]
fn a_guest_that_says_what_is_no_message() {
    let mut says = lends();
    says.0.extend([0, 0, 0, 0, 1, 0, 0, 0]);
    says.0.extend([0xff; 8]);
    disconnects(&says, READS | WAITS, Then::Nothing);
}

#[test]
fn a_guest_that_is_ended_by_a_limit() {
    let mut says = lends();
    says.0.extend([0, 0, 0, 0, 0, 0, 0, 1]);
    disconnects(&says, READS | WAITS, Then::Nothing);
}
