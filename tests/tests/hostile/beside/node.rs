//! A node without a network, and attackers on it.

use std::rc::Rc;
use std::sync::Arc;

use capnp::capability::FromClientHook;
use futures::future::join_all;
use membrane::{Authority, Grants, Membrane, Registry, Worker};
use tempfile::TempDir;
use ww_cell::fs::{FsConfig, LocalTree};
use ww_cell::pipe::{PipeReader, pipe};
use ww_cell::stdio::{Input, Output, Stdio};
use ww_cell::{Cell, CellConfig, Program};
use ww_tests::attacks::Attack;
use ww_tests::guest::Guest;

use crate::outcome::{Outcome, Reader};
use crate::table::outcome;

/// Attackers that run at once.
const ATTACKERS: usize = 4;

/// Bytes of a standard stream that wait for their reader.
const PIPE: usize = 64 << 10;

/// Bytes that all guests of a test complain with.
const COMPLAINTS: usize = 1 << 20;

/// What the cells of one test share.
pub(super) struct Node {
    pub(super) program: Program,
    pub(super) worker: Rc<Worker>,
    image: TempDir,
    /// Where guests complain; nobody reads it, but it is there.
    stderr: Output,
    _complaints: PipeReader,
}

static GUEST: Guest = Guest::new("tests/guests/hostile", "hostile");

impl Node {
    pub(super) async fn start() -> Self {
        let worker = Worker::new(&Authority::new(0));
        tokio::task::spawn_local(worker.clone().run());
        let (stderr, complaints) = pipe(COMPLAINTS);
        Self {
            program: GUEST.program().await,
            worker,
            image: tempfile::tempdir().expect("a temporary folder"),
            stderr: Output::pipe(stderr),
            _complaints: complaints,
        }
    }

    /// The files of a cell.
    pub(super) fn files(&self) -> FsConfig {
        FsConfig::new(Arc::new(LocalTree::open(self.image.path()).expect("open an image")))
    }

    /// Runs attackers at once, each to the end that it comes to.
    pub(super) async fn attack(&self, attack: Attack) {
        let expected = outcome(attack);
        let attackers = (0..ATTACKERS).map(|_| {
            let (cell, stdout) = self.attacker(attack, &expected);
            let said = tokio::task::spawn_local(heard(stdout, expected.reader));
            let run = tokio::task::spawn_local(cell.run());
            async move {
                let exit = run.await.expect("the guest's task");
                let said = if expected.reader == Reader::There {
                    said.await.expect("the reader's task")
                } else {
                    said.abort();
                    None
                };
                (exit, said)
            }
        });
        for (exit, said) in join_all(attackers).await {
            let fits = expected.end.is(&exit) && said.as_ref().is_none_or(|said| expected.is_said(said));
            assert!(fits, "{exit:?}, after it said:\n{}", said.unwrap_or_default());
        }
    }

    /// An attacker, and what it prints.
    fn attacker(&self, attack: Attack, expected: &Outcome) -> (Cell, PipeReader) {
        let (stdout, said) = pipe(PIPE);
        let registry = Rc::new(Registry::new());
        let membrane = Membrane::client(registry, Grants::all(), self.worker.clone(), "hostile".into());
        let files = FsConfig { limits: expected.allowed.of_files(), ..self.files() };
        let config = CellConfig {
            name: "hostile".into(),
            args: vec![attack.switch().to_owned()],
            // A crowd of them, again and again: each need not try so often.
            env: vec![("MANY".into(), "10000".into())],
            stdio: Stdio { stdin: Input::empty(), stdout: Output::pipe(stdout), stderr: self.stderr.clone() },
            files,
            membrane: membrane.into_client_hook(),
            limits: expected.allowed.limits(),
            afterwards: None,
        };
        (Cell::new(&self.program, config).expect("make a cell"), said)
    }
}

/// All that a guest says, where anybody reads it.
async fn heard(stdout: PipeReader, reader: Reader) -> Option<String> {
    match reader {
        Reader::There => {}
        Reader::Asleep => std::future::pending().await,
        Reader::Gone => return None,
    }
    let mut text = Vec::new();
    loop {
        match stdout.read(PIPE).await {
            some if some.is_empty() => return Some(String::from_utf8_lossy(&text).into_owned()),
            // A flood is the same further down, and this thread has better things to do.
            some => text.extend(&some[..some.len().min(PIPE.saturating_sub(text.len()))]),
        }
    }
}
