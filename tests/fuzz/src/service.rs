//! What a guest finds at the host: objects of which each does what the number of the method says, whatever the interface
//! and the message.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::pending;
use std::ops::Deref;
use std::rc::Rc;

use capnp::any_pointer;
use capnp::capability::{Client, DispatchCallResult, FromClientHook, FromServer, Params, Promise, Results, Server};
use capnp::private::capability::{ClientHook, PipelineOp};
use capnp::{Error, ErrorKind};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use membrane::{Caller, Grants, Membrane, Registry, Source, Worker};
use ww_call::{Deferred, new_client};
use ww_capnp::stem_capnp::membrane::restrict_results;
use ww_cell::Closer;

/// Capabilities that are kept for later at most.
const KEPT: usize = 8;

/// Calls of the service's own that may be on the stack at once, and in all: what it does with a guest's objects must end
/// where those are its own.
const DEPTH: usize = 4;
const CALLS: usize = 512;

/// The interface of the calls that the service makes.
const INTERFACE: u64 = 0x8e2d_41f7_0b63_9ac5;

/// What the objects of one input share. Two clones are one service.
#[derive(Clone)]
pub(crate) struct Service(Rc<Shared>);

struct Shared {
    worker: Rc<Worker>,
    /// Objects that are alive.
    objects: Cell<usize>,
    /// Calls that are being worked on.
    running: Cell<usize>,
    kept: RefCell<VecDeque<Box<dyn ClientHook>>>,
    closer: RefCell<Option<Closer>>,
    depth: Cell<usize>,
    calls: Cell<usize>,
}

impl Service {
    /// A service whose guards are `worker`'s.
    pub(crate) fn new(worker: Rc<Worker>) -> Self {
        Self(Rc::new(Shared {
            worker,
            objects: Cell::default(),
            running: Cell::default(),
            kept: RefCell::default(),
            closer: RefCell::default(),
            depth: Cell::default(),
            calls: Cell::default(),
        }))
    }

    /// A Membrane with two names of this service's.
    pub(crate) fn membrane(&self) -> Box<dyn ClientHook> {
        let mut registry = Registry::new();
        for (name, waits) in [("now", 0), ("later", 1)] {
            let provider = Provider { service: self.clone(), waits };
            registry.register(name.parse().expect("a name"), provider).expect("each name once");
        }
        let worker = self.0.worker.clone();
        Membrane::client(Rc::new(registry), Grants::all(), worker, "fuzz".into()).into_client_hook()
    }

    /// Ends the connection of the guest when it asks for that.
    pub(crate) fn closes(&self, closer: Closer) {
        self.0.closer.replace(Some(closer));
    }

    /// Keeps a capability of the guest's for later.
    pub(crate) fn keep(&self, hook: Box<dyn ClientHook>) {
        let mut kept = self.0.kept.borrow_mut();
        kept.push_back(hook);
        let gone = if kept.len() > KEPT { kept.pop_front() } else { None };
        drop(kept);
        drop(gone);
    }

    /// Lets go of all that is kept, and checks that nothing is left of an input: no object, no call, no guard.
    pub(crate) fn finish(self) {
        let kept = self.0.kept.take();
        drop(kept);
        self.0.closer.take();
        let (objects, running) = (self.0.objects.get(), self.0.running.get());
        let (guards, flights) = (self.0.worker.guards(), self.0.worker.in_flight());
        let left = (objects, running, guards, flights);
        assert_eq!(left, (0, 0, 0, 0), "objects, calls, guards and calls in flight that are left");
    }

    fn object(&self) -> Client {
        self.0.objects.set(self.0.objects.get() + 1);
        new_client::<AnyClient, _>(Object(self.clone())).0
    }

    fn kept(&self, index: usize) -> Result<Box<dyn ClientHook>, Error> {
        let kept = self.0.kept.borrow();
        let hook = kept.get(index % kept.len().max(1)).ok_or_else(|| Error::failed("nothing is kept".into()))?;
        Ok(hook.add_ref())
    }

    /// Calls what is kept, with the parameters of the call that is being served.
    fn call_kept(&self, argument: usize, params: &Params<any_pointer::Owned>) -> Result<Sent, Error> {
        let shared = &self.0;
        if shared.depth.get() >= DEPTH || shared.calls.get() >= CALLS {
            return Err(Error::overloaded("the service has made calls enough".into()));
        }
        shared.calls.set(shared.calls.get() + 1);
        let mut request = self.kept(argument)?.new_call(INTERFACE, (argument >> 3) as u16, None);
        request.get().set_as(params.get()?)?;
        shared.depth.set(shared.depth.get() + 1);
        let sent = request.send();
        shared.depth.set(shared.depth.get() - 1);
        Ok(sent)
    }
}

type Sent = capnp::capability::RemotePromise<any_pointer::Owned>;

/// Gives every caller a new object, some turns after it was asked.
struct Provider {
    service: Service,
    waits: usize,
}

impl Source for Provider {
    fn attach(&self, _caller: Caller) -> LocalBoxFuture<'static, Result<Box<dyn ClientHook>, Error>> {
        let (object, waits) = (self.service.object(), self.waits);
        async move {
            turns(waits).await;
            Ok(object.hook)
        }
        .boxed_local()
    }
}

/// An object.
struct Object(Service);

impl Drop for Object {
    fn drop(&mut self) {
        self.0.0.objects.set(self.0.0.objects.get() - 1);
    }
}

/// Counts as running until it is dropped.
struct Running(Service);

impl Running {
    fn new(service: &Service) -> Self {
        service.0.running.set(service.0.running.get() + 1);
        Self(service.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.0.running.set(self.0.0.running.get() - 1);
    }
}

type AnyParams = Params<any_pointer::Owned>;
type AnyResults = Results<any_pointer::Owned>;

/// The method whose calls are acknowledged one after the other.
const STREAM: u16 = 9;

impl Object {
    async fn serve(self: Rc<Self>, method: u16, params: AnyParams, mut results: AnyResults) -> Result<(), Error> {
        let service = &self.0;
        let _running = Running::new(service);
        let argument = usize::from(method >> 4);
        match method & 15 {
            0 => results.get().set_as(params.get()?),
            1 => {
                turns(argument).await;
                results.get().set_as(params.get()?)
            }
            2 => pending().await,
            3 => give(&mut results, [service.object().hook, service.object().hook]),
            4 => {
                capabilities(&params)?.for_each(|hook| service.keep(hook));
                Ok(())
            }
            5 => give(&mut results, [service.kept(argument)?, service.object().hook]),
            6 => results.get().set_as(service.call_kept(argument, &params)?.promise.await?.get()?),
            7 => {
                drop(service.call_kept(argument, &params)?);
                Ok(())
            }
            8 => Err(fails(argument)),
            STREAM => {
                turns(argument).await;
                if argument & 8 != 0 { Err(fails(argument)) } else { Ok(()) }
            }
            10 => {
                give(&mut results, [service.object().hook, service.object().hook])?;
                results.set_pipeline()?;
                turns(argument).await;
                Ok(())
            }
            11 => {
                let gone = service.0.kept.borrow_mut().pop_front();
                drop(gone);
                Ok(())
            }
            12 => {
                service.close();
                turns(argument).await;
                Ok(())
            }
            13 => {
                service.advance(argument);
                turns(argument >> 1).await;
                Ok(())
            }
            14 => give_early(service.call_kept(argument, &params)?, &mut results),
            _ => give(&mut results, [service.promise(argument), service.promise(argument + 1)]),
        }
    }
}

impl Service {
    fn close(&self) {
        if let Some(closer) = &*self.0.closer.borrow() {
            closer.close(Error::disconnected("the host has gone away".into()));
        }
    }

    fn advance(&self, argument: usize) {
        self.0.worker.authority().advance();
        if argument & 1 != 0 {
            self.0.worker.sweep();
        }
    }

    /// A promise of what is kept, some turns later: also of itself.
    fn promise(&self, argument: usize) -> Box<dyn ClientHook> {
        let service = self.clone();
        let promise = Deferred::client_of(async move {
            turns(argument).await;
            service.kept(argument >> 2)
        });
        if argument & 1 != 0 {
            self.keep(promise.add_ref());
        }
        promise
    }
}

async fn turns(count: usize) {
    for _ in 0..count % 4 {
        tokio::task::yield_now().await;
    }
}

fn fails(argument: usize) -> Error {
    let kinds = [ErrorKind::Failed, ErrorKind::Overloaded, ErrorKind::Disconnected, ErrorKind::Unimplemented];
    Error { kind: kinds[argument % 4], extra: "x".repeat(argument * 8) }
}

fn give(results: &mut AnyResults, hooks: [Box<dyn ClientHook>; 2]) -> Result<(), Error> {
    let [one, two] = hooks;
    let mut results: restrict_results::Builder<'_> = results.get().init_as();
    results.reborrow().init_cap().set_as_capability(one);
    results.set_revoker(FromClientHook::new(two));
    Ok(())
}

/// Gives what a call will return, without waiting for it.
fn give_early(sent: Sent, results: &mut AnyResults) -> Result<(), Error> {
    let at = |index| sent.pipeline.hook.get_pipelined_cap(&[PipelineOp::GetPointerField(index)]);
    give(results, [at(0), at(1)])
}

/// The capabilities that the first pointers of a structure are.
fn capabilities(params: &AnyParams) -> Result<impl Iterator<Item = Box<dyn ClientHook>>, Error> {
    let params = params.get()?;
    let at = move |index| params.get_pipelined_cap(&[PipelineOp::GetPointerField(index)]).ok();
    Ok((0..4).filter_map(at).collect::<Vec<_>>().into_iter())
}

/// A client of any interface.
struct AnyClient(Client);

impl FromClientHook for AnyClient {
    fn new(hook: Box<dyn ClientHook>) -> Self {
        Self(Client { hook })
    }

    fn into_client_hook(self) -> Box<dyn ClientHook> {
        self.0.hook
    }

    fn as_client_hook(&self) -> &dyn ClientHook {
        &*self.0.hook
    }
}

impl FromServer<Object> for AnyClient {
    type Dispatch = Dispatch;

    fn from_server(server: Rc<Object>) -> Dispatch {
        Dispatch(server)
    }
}

#[derive(Clone)]
struct Dispatch(Rc<Object>);

impl Deref for Dispatch {
    type Target = Object;

    fn deref(&self) -> &Object {
        &self.0
    }
}

impl Server for Dispatch {
    fn dispatch_call(self, _: u64, method: u16, params: AnyParams, results: AnyResults) -> DispatchCallResult {
        let served = Promise::from_future(self.0.serve(method, params, results));
        DispatchCallResult::new(served, method & 15 == STREAM)
    }

    fn as_ptr(&self) -> usize {
        Rc::as_ptr(&self.0).cast::<()>() as usize
    }
}
