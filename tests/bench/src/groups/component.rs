//! An object of a component's, called by this process and by a guest, beside the same object in process; how long it takes to
//! load one from the code cache, and to start one again that has failed.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use capnp::capability::FromClientHook;
use membrane::{Authority, Grants, Membrane, Registry, Worker};
use ww::plugin::component::{Cells, Restarts};
use ww_capnp::system_capnp::executor;
use ww_cell::limits::PROGRAMS_KEPT;
use ww_cell::{Engine, EngineConfig};
use ww_tests::guest::engine;
use ww_tests::library::with_section;

use crate::bench_capnp::Task;
use crate::caller::SMALL;
use crate::node::{NAME, Node};
use crate::object;
use crate::provider::{CRATE, open, open_on};
use crate::report::{Bar, Report, Unit};
use crate::series::{Calls, Series, alternate};

const READY: Calls = Calls { task: Task::Echo, count: 2000, size: SMALL as u32 };
const LATER: Calls = Calls { task: Task::Later, count: 2000, size: SMALL as u32 };

const LOCAL: &str = "ready: in process, beside a component";
const COMPONENT: &str = "ready: component, guarded";
const GUEST: &str = "ready: guest→component, guarded";
const LOCAL_LATER: &str = "later: in process, beside a component";
const COMPONENT_LATER: &str = "later: component, guarded";
const LOAD: &str = "load a component from the code cache";
const RESTART: &str = "restart of a component to the first good call";

/// Milliseconds that loading a component whose code is in the cache usually takes at most.
const LOAD_LIMIT: f64 = 10.0;

/// Milliseconds from the failure of a component to its first good call, usually.
const RESTART_LIMIT: f64 = 20.0;

/// The component that fails when it is told to.
const UNRULY: &str = "tests/plugins/unruly";

/// Fails as often as it is told to.
const FOR_EVER: Restarts = Restarts { failures: u32::MAX, healthy: Duration::from_secs(60), pause: Duration::ZERO };

fn file() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| ww_tests::binary::component(CRATE))
}

fn unruly() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| ww_tests::binary::component(UNRULY))
}

/// Builds the components.
pub(crate) fn prepare() {
    file();
    unruly();
}

pub(crate) async fn measure(node: &Node, report: &mut Report) -> Result<()> {
    let (registry, providers) = open(file(), NAME, &node.worker).await?;
    let registry = Rc::new(registry);
    let (local, guarded) = (object::local(), node.grafted(registry.clone()).await?);
    let guest = node.guest_with(registry)?;
    let cache = tempfile::tempdir()?;
    let engine_of_cache =
        Engine::new(&EngineConfig { cache: Some(cache.path().to_owned()), ..EngineConfig::default() })?;
    load(&engine_of_cache).await?;
    let mut cells = Cells::on(engine().clone(), PathBuf::new(), node.worker.clone());
    cells.restarts = FOR_EVER;
    let (failing, unruly) = open_on(unruly(), "unruly", &node.worker, &cells).await?;
    let failing: executor::Client = grafted(failing, &node.worker).await?;
    let series = vec![
        Series::here(LOCAL, &local, READY),
        Series::here(COMPONENT, &guarded, READY),
        Series::in_guest(GUEST, &guest.probe, None, READY),
        Series::here(LOCAL_LATER, &local, LATER),
        Series::here(COMPONENT_LATER, &guarded, LATER),
        Series::new(LOAD, Unit::Milliseconds, || Box::pin(load(&engine_of_cache))),
        Series::new(RESTART, Unit::Milliseconds, || Box::pin(restart(&failing))),
    ];
    alternate(series, report.rounds, report).await?;
    report.compare(COMPONENT, LOCAL, Bar::AtMost(2.5));
    report.compare(GUEST, LOCAL, Bar::AtMost(4.5));
    report.compare(COMPONENT_LATER, LOCAL_LATER, Bar::AtMost(2.5));
    report.bound_usual(LOAD, LOAD_LIMIT);
    report.bound_usual(RESTART, RESTART_LIMIT);
    drop((guest, guarded));
    providers.close().await;
    unruly.close().await;
    Ok(())
}

/// What a graft gives of a registry in which one capability is.
async fn grafted<C: FromClientHook>(registry: Registry, worker: &Rc<Worker>) -> Result<C> {
    let membrane = Membrane::client(Rc::new(registry), Grants::all(), worker.clone(), "bench".to_owned());
    let answer = membrane.graft_request().send().promise.await?;
    Ok(answer.get()?.get_caps()?.get(0).get_cap().get_as_capability()?)
}

/// Opens an instance on an engine that has forgotten it, but for the code cache on disk, and closes it again. Milliseconds
/// until it was open.
async fn load(engine: &Engine) -> Result<f64> {
    // It remembers so many programs, also those that turn out to be none.
    for number in 0..PROGRAMS_KEPT {
        let nothing = with_section(b"\0asm\x0d\0\x01\0", &number.to_string());
        if engine.program(&nothing).await.is_ok() {
            bail!("an empty component is no program");
        }
    }
    let worker = Worker::new(&Authority::new(0));
    let cells = Cells::on(engine.clone(), PathBuf::new(), worker.clone());
    let start = Instant::now();
    let (registry, providers) = open_on(file(), NAME, &worker, &cells).await?;
    let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
    drop(registry);
    providers.close().await;
    Ok(milliseconds)
}

/// Makes a component fail, and calls it again. Milliseconds from the failure, as its caller is told of it, to the answer.
async fn restart(executor: &executor::Client) -> Result<f64> {
    let said = |message: &'static str| {
        let mut request = executor.echo_request();
        request.get().set_message(message);
        request.send().promise
    };
    if said("trap").await.is_ok() {
        bail!("the component was told to fail, and answered");
    }
    let start = Instant::now();
    said("again").await.context("call a component that was started again")?;
    Ok(start.elapsed().as_secs_f64() * 1000.0)
}
