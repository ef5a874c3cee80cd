//! A plugin that says what it hears: to guests as `Executor.echo`, with the greeting of its configuration, and to its
//! operator as a command line, which copies its standard input too.

use std::rc::Rc;

use capnp::Error;
use schemars::JsonSchema;
use serde::Deserialize;
use ww_plugin::provider_capnp::command;
use ww_plugin::system_capnp::executor;
use ww_plugin::{Caller, CommandLine, Grants, Provider, Result};

#[derive(Clone)]
struct Echo {
    greeting: String,
    caller: String,
}

/// What it says.
#[derive(Deserialize, JsonSchema)]
struct Config {
    /// What it puts before all that it says.
    #[serde(default)]
    greeting: String,
}

impl Provider for Echo {
    const NAME: &str = "echo";
    const DESCRIPTION: &str = "Says what it hears";
    const ROLES: &[&str] = &["command"];
    type Config = Config;
    type Client = executor::Client;

    async fn open(config: Config, _grants: Grants) -> Result<Self> {
        Ok(Self { greeting: config.greeting, caller: "nobody".to_owned() })
    }

    async fn attach(self: Rc<Self>, caller: Caller) -> Result<executor::Client> {
        Ok(ww_plugin::new_client(Self { caller: caller.name().to_owned(), ..(*self).clone() }))
    }

    fn command(self: Rc<Self>) -> Option<command::Client> {
        Some(ww_plugin::new_client(Command))
    }
}

impl executor::Server for Echo {
    async fn echo(
        self: Rc<Self>,
        params: executor::EchoParams,
        mut results: executor::EchoResults,
    ) -> Result<(), Error> {
        let message = params.get()?.get_message()?.to_str()?;
        results.get().set_response(format!("{}{message} ({})", self.greeting, self.caller));
        Ok(())
    }
}

struct Command;

impl command::Server for Command {
    async fn run(self: Rc<Self>, params: command::RunParams, mut results: command::RunResults) -> Result<(), Error> {
        let line = CommandLine::read(&params)?;
        if let [verb, status] = line.args.as_slice()
            && verb == "fail"
        {
            line.stderr.write_all(b"as you like\n").await?;
            results.get().set_status(status.parse().unwrap_or(1));
            return Ok(());
        }
        let said = format!("{} (terminal: {})\n", line.args.join(" "), line.terminal);
        line.stdout.write_all(said.as_bytes()).await?;
        line.stdin.copy_to(&line.stdout).await
    }
}

ww_plugin::export!(Echo);
