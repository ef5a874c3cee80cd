//! The command line of a provider that no node has open: in this process.

use std::process::ExitCode;

use membrane::{Authority, Name, Registry, Worker};
use ww_capnp::provider_capnp::command;
use ww_cell::EngineConfig;

use super::{Error, ask};
use crate::cli::{CommandArgs, Limits, compiler};
use crate::data::Data;
use crate::plugin::component::Cells;
use crate::plugin::{Plan, Providers};

/// Opens the provider, with all that it requires, for this one command.
pub(super) async fn run(args: &CommandArgs, data: &Data) -> Result<ExitCode, Error> {
    let plan = plan(args, data)?;
    let (mut registry, worker) = (Registry::new(), Worker::new(&Authority::new(0)));
    tokio::task::spawn_local(worker.clone().run());
    let cells = Cells::new(engine_config(data)?, data.providers(), worker.clone());
    let providers = Providers::open(plan.plugins, &mut registry, &worker, &cells).await?;
    let (name, data_path) = (args.name(), data.path().display());
    tracing::info!(target: "ww::command", "{name} runs in this process: no node in {data_path} has it open");
    let outcome = match providers.role::<command::Client>(args.name(), "command").await {
        Some(Ok(command)) => ask(args, command).await,
        Some(Err(error)) => Err(error.into()),
        None => Err(Error::Unknown { name: args.name().to_owned(), data: data.path().to_owned() }),
    };
    providers.close().await;
    outcome
}

fn engine_config(data: &Data) -> Result<EngineConfig, Error> {
    let compiler = compiler(Limits::default(), false).map_err(Error::Runtime)?;
    Ok(EngineConfig { cache: Some(data.code_cache()), compiler: Some(compiler), ..EngineConfig::default() })
}

/// The plugins that the command needs, and no others.
fn plan(args: &CommandArgs, data: &Data) -> Result<Plan, Error> {
    let unknown = || Error::Unknown { name: args.name().to_owned(), data: data.path().to_owned() };
    let name: Name = args.name().parse().map_err(|_| unknown())?;
    let mut plan = args.providers.plan()?;
    if !plan.only(&name)? {
        return Err(unknown());
    }
    plan.complete(&[])?;
    Ok(plan)
}
