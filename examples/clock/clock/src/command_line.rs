//! `ww clock now`: the time of the clock, as its operator reads it.

use std::rc::Rc;
use std::time::{Duration, UNIX_EPOCH};

use humantime::format_rfc3339_nanos;
use ww_plugin::CommandLine;
use ww_plugin::capnp::Error;
use ww_plugin::provider_capnp::command;

use crate::time::{Time, Wall};

const USAGE: &str = "Usage: ww clock now

Prints the wall time of the clock in UTC, as RFC 3339 writes it.
";

/// The exit status of a command line that is wrong.
const WRONG: u8 = 2;

/// 10000-01-01T00:00:00Z in seconds since 1970: a year has four digits.
const END: u64 = 253_402_300_800;

/// Serves the command line.
pub(crate) struct Command(pub(crate) Rc<Time>);

impl command::Server for Command {
    async fn run(self: Rc<Self>, params: command::RunParams, mut results: command::RunResults) -> Result<(), Error> {
        let line = CommandLine::read(&params)?;
        let words: Vec<&str> = line.args.iter().map(String::as_str).collect();
        match words[..] {
            ["now"] => line.stdout.write_all(written(self.0.wall())?.as_bytes()).await?,
            ["--help" | "-h" | "help"] => line.stdout.write_all(USAGE.as_bytes()).await?,
            _ => {
                line.stderr.write_all(b"error: the only command is `ww clock now`; see `ww clock --help`\n").await?;
                results.get().set_status(WRONG);
            }
        }
        Ok(())
    }
}

fn written(Wall { seconds, nanoseconds }: Wall) -> Result<String, Error> {
    match u64::try_from(seconds) {
        Ok(seconds) if seconds < END => {
            Ok(format!("{}\n", format_rfc3339_nanos(UNIX_EPOCH + Duration::new(seconds, nanoseconds))))
        }
        _ => Err(Error::failed(format!(
            "{seconds} seconds since 1970 are outside the years 1970 to 9999; the clock's `offset` or `rate` is too much"
        ))),
    }
}
