//! `ww kv …`: the keys and values of any caller, in the hands of the operator.

use std::rc::Rc;

use clap::builder::NonEmptyStringValueParser;
use clap::{Parser, Subcommand};
use kv_api::kv;
use ww_plugin::capnp::Error;
use ww_plugin::provider_capnp::command;
use ww_plugin::{ByteStream, CommandLine};

use crate::store::Store;

/// Whose the operator's own keys are: no caller has an empty name.
const OPERATOR: &str = "";

/// The exit statuses, as those of grep: something is not there, and the command line is wrong.
const MISSING: u8 = 1;
const USAGE: u8 = 2;

/// Keys and values that stay, for each caller its own.
///
/// A value goes to standard output as it is, but to a terminal as text. A control character in a key, or in a text for a
/// terminal, is written as an escape, such as `\n`.
#[derive(Parser)]
#[command(bin_name = "ww kv", no_binary_name = true, arg_required_else_help = false)]
struct Cli {
    /// Whose keys: the name of a guest [default: the operator's own]
    #[arg(long, value_name = "CALLER", global = true, value_parser = NonEmptyStringValueParser::new())]
    of: Option<String>,

    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Print the value of a key; the exit status is 1 where there is none
    Get { key: String },
    /// Set the value of a key, and wake who watches it
    Put {
        key: String,
        /// The value, or `-` for standard input
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
    /// Remove a key, and wake who watches it; the exit status is 1 where it is not there
    Rm { key: String },
    /// List the keys that begin with PREFIX, or all
    Ls {
        #[arg(default_value = "", hide_default_value = true)]
        prefix: String,
    },
}

/// Serves the command line.
pub(crate) struct Command(pub(crate) Rc<Store>);

impl command::Server for Command {
    async fn run(self: Rc<Self>, params: command::RunParams, mut results: command::RunResults) -> Result<(), Error> {
        let line = CommandLine::read(&params)?;
        let status = match Cli::try_parse_from(&line.args) {
            Ok(cli) => self.obey(cli, &line).await?,
            Err(help) if !help.use_stderr() => {
                line.stdout.write_all(help.render().to_string().as_bytes()).await?;
                0
            }
            Err(error) => {
                line.stderr.write_all(one_line(&error).as_bytes()).await?;
                USAGE
            }
        };
        results.get().set_status(status);
        Ok(())
    }
}

impl Command {
    /// Does what was typed; gives the exit status.
    async fn obey(&self, Cli { of, verb }: Cli, line: &CommandLine) -> Result<u8, Error> {
        let caller = of.as_deref().unwrap_or(OPERATOR);
        match verb {
            Verb::Get { key } => {
                let Some(value) = self.0.get(caller, key).await? else { return missing(line).await };
                print(&value, line).await?;
            }
            Verb::Put { key, value } => {
                let value = match value.as_str() {
                    "-" => line.stdin.read_to_end(kv::MAX_VALUE as usize).await?,
                    value => value.into(),
                };
                self.0.change(caller, key, Some(value)).await?;
            }
            Verb::Rm { key } => {
                if !self.0.change(caller, key, None).await? {
                    return missing(line).await;
                }
            }
            Verb::Ls { prefix } => self.list(caller, prefix, &line.stdout).await?,
        }
        Ok(0)
    }

    async fn list(&self, caller: &str, prefix: String, stdout: &ByteStream) -> Result<(), Error> {
        let mut last = None;
        loop {
            let page = self.0.page(caller, prefix.clone(), last, usize::MAX).await?;
            let lines: String = page.iter().map(|(key, _)| shown(key) + "\n").collect();
            stdout.write_all(lines.as_bytes()).await?;
            last = match page.into_iter().next_back() {
                Some((key, _)) => Some(key),
                None => return Ok(()),
            };
        }
    }
}

async fn missing(line: &CommandLine) -> Result<u8, Error> {
    line.stderr.write_all(b"error: there is no such key; `ww kv ls` with the same `--of` shows all\n").await?;
    Ok(MISSING)
}

async fn print(value: &[u8], line: &CommandLine) -> Result<(), Error> {
    if !line.terminal {
        return line.stdout.write_all(value).await;
    }
    let text = String::from_utf8_lossy(value);
    let lines: String = text.lines().map(|line| shown(line) + "\n").collect();
    line.stdout.write_all(lines.as_bytes()).await
}

/// A text on one line that does nothing to a terminal, whatever a guest made it of.
fn shown(text: &str) -> String {
    let harmless = |it: char| !it.is_control() || it == '\t';
    text.chars().map(|it| if harmless(it) { it.to_string() } else { it.escape_default().to_string() }).collect()
}

/// What is wrong with a command line.
fn one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let said = text.split("\n\n").next().unwrap_or_default();
    format!("{}; see `ww kv --help`\n", said.split_whitespace().collect::<Vec<_>>().join(" "))
}
