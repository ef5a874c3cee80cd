//! A provider's command line, run as its author tests it.

use std::rc::Rc;

use ww_plugin::capnp::{Error, ErrorKind};
use ww_plugin::provider_capnp::command;
use ww_plugin::system_capnp::executor;
use ww_plugin::{Caller, CommandLine, Grants, NoConfig, Provider, Result, testing};

/// Longer than what one write takes, and no multiple of what one read gives.
const LONG: usize = (600 << 10) + 7;

struct Copier;

impl executor::Server for Copier {}

impl Provider for Copier {
    const NAME: &str = "copier";
    const DESCRIPTION: &str = "Copies";
    const ROLES: &[&str] = &["command"];
    type Config = NoConfig;
    type Client = executor::Client;

    async fn open(_: NoConfig, _: Grants) -> Result<Self> {
        Ok(Self)
    }

    async fn attach(self: Rc<Self>, _: Caller) -> Result<executor::Client> {
        Ok(ww_plugin::new_client_from_rc(self))
    }

    fn command(self: Rc<Self>) -> Option<command::Client> {
        Some(ww_plugin::new_client_from_rc(self))
    }
}

impl command::Server for Copier {
    async fn run(
        self: Rc<Self>,
        params: command::RunParams,
        mut results: command::RunResults,
    ) -> std::result::Result<(), Error> {
        let line = CommandLine::read(&params)?;
        let said = format!("{} (terminal: {})\n", line.args.join(" "), line.terminal);
        line.stderr.write_all(said.as_bytes()).await?;
        match line.args.first().map(String::as_str) {
            Some("copy") => line.stdin.copy_to(&line.stdout).await?,
            _ => line.stdout.write_all(&line.stdin.read_to_end(LONG).await?).await?,
        }
        results.get().set_status(7);
        Ok(())
    }
}

#[test]
fn what_goes_in_comes_out_whole() {
    testing::run(async {
        let copier = testing::open::<Copier>("", Grants::default()).await.unwrap();
        let input: Vec<u8> = (0..LONG).map(|at| at as u8).collect();
        for args in [&["copy", "it"], &["read", "it"]] {
            let ran = copier.command_line(args).stdin(&input).run().await.unwrap();
            assert!(ran.stdout == input, "{} bytes came out", ran.stdout.len());
            assert_eq!((ran.status, ran.stderr), (7, format!("{} (terminal: false)\n", args.join(" ")).into_bytes()));
        }
    });
}

#[test]
fn no_more_is_read_than_was_asked_for() {
    testing::run(async {
        let copier = testing::open::<Copier>("", Grants::default()).await.unwrap();
        let error = copier.command_line(&["read"]).stdin(&[0; LONG + 1]).run().await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Failed);
        assert_eq!(error.extra, "there are more than 614407 bytes to read, which is the most");
    });
}

#[test]
fn a_terminal_is_told() {
    testing::run(async {
        let copier = testing::open::<Copier>("", Grants::default()).await.unwrap();
        let ran = copier.command_line(&[]).on_a_terminal().run().await.unwrap();
        assert_eq!(format!("{ran:?}"), "status 7\n--- stdout\n\n--- stderr\n (terminal: true)\n");
    });
}
