//! A component that fails again and again, under load.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use capnp::{Error, ErrorKind};
use futures::future::join_all;
use ww::plugin::component::Restarts;
use ww_capnp::system_capnp::{executor, process};
use ww_tests::scale::scaled;

use crate::node::{Node, run, unruly};

/// How often it fails.
const FAILURES: u32 = 1000;

/// Who calls it meanwhile.
const CALLERS: usize = 16;

/// No call may take longer: one that does, hangs.
const PATIENCE: Duration = Duration::from_secs(20);

const RESTARTED: &str = "provider 'unruly' was restarted";

/// Fails as often as it likes, and is started again at once.
const FOR_EVER: Restarts = Restarts { failures: u32::MAX, healthy: Duration::from_secs(60), pause: Duration::ZERO };

async fn echo(executor: &executor::Client, message: &str) -> Result<String, Error> {
    let mut request = executor.echo_request();
    request.get().set_message(message);
    let answer = tokio::time::timeout(PATIENCE, request.send().promise).await.expect("a call that ends")?;
    Ok(answer.get()?.get_response()?.to_string()?)
}

async fn object(executor: &executor::Client) -> Result<process::Client, Error> {
    executor.run_bytes_request().send().promise.await?.get()?.get_process()
}

/// Whether an error is the one that all are told whose instance has failed.
fn assert_restarted(error: &Error) {
    assert_eq!((error.kind, error.extra.as_str()), (ErrorKind::Disconnected, RESTARTED));
}

/// How many calls of one caller were answered, and how many failed as they should.
#[derive(Default)]
struct Counted {
    answered: Cell<u64>,
    failed: Cell<u64>,
}

impl Counted {
    fn count(&self, outcome: &Result<String, Error>) {
        match outcome {
            Ok(_) => self.answered.set(self.answered.get() + 1),
            Err(error) => {
                assert_restarted(error);
                self.failed.set(self.failed.get() + 1);
            }
        }
    }
}

#[test]
fn every_call_ends_and_references_heal() {
    run(async |node: &Node| {
        let opened = node.open_on(&node.with(FOR_EVER), unruly(), "unruly", "").await.expect("open it");
        let (counted, over) = (Rc::new(Counted::default()), Rc::new(Cell::new(false)));
        let mut callers = Vec::new();
        for number in 0..CALLERS {
            let executor: executor::Client = opened.graft(&format!("caller{number}")).await.expect("graft");
            let (counted, over) = (counted.clone(), over.clone());
            callers.push(tokio::task::spawn_local(async move {
                while !over.get() {
                    counted.count(&echo(&executor, "load").await);
                    tokio::task::yield_now().await;
                }
                executor
            }));
        }
        let trapper: executor::Client = opened.graft("trapper").await.expect("graft");
        let failures = scaled(FAILURES);
        for _ in 0..failures {
            let held = object(&trapper).await.expect("an object");
            held.kill_request().send().promise.await.expect("it answers");
            let waiting = tokio::task::spawn_local(held.wait_request().send().promise);
            assert_restarted(&echo(&trapper, "trap").await.expect_err("it traps"));
            assert_restarted(&waiting.await.expect("a task").err().expect("what waits fails"));
            // The same reference works on, what was reached through the old instance does not.
            let answer = echo(&trapper, "again").await.expect("it heals");
            assert!(answer.starts_with("again "), "{answer}");
            assert_restarted(&held.kill_request().send().promise.await.err().expect("it stays dead"));
        }
        over.set(true);
        for executor in join_all(callers).await {
            echo(&executor.expect("a caller"), "at last").await.expect("every reference has healed");
        }
        let (answered, failed) = (counted.answered.get(), counted.failed.get());
        println!("{failures} failures: {answered} calls of {CALLERS} callers were answered, {failed} failed");
        assert!(answered > u64::from(failures), "the load goes on: {answered} calls");
        opened.providers.close().await;
        let error = echo(&trapper, "after all").await.expect_err("it is closed");
        assert_eq!(error.extra, "the provider is closed");
    });
}

#[test]
fn calls_that_come_while_it_is_started_again_wait_and_keep_their_order() {
    run(async |node: &Node| {
        let patient = Restarts { pause: Duration::from_millis(200), ..FOR_EVER };
        let opened = node.open_on(&node.with(patient), unruly(), "unruly", "").await.expect("open it");
        let executor: executor::Client = opened.graft("caller").await.expect("graft");
        for _ in 0..2 {
            assert_restarted(&echo(&executor, "trap").await.expect_err("it traps"));
        }
        // There is no instance now.
        let calls = (0..100).map(|number| {
            let executor = executor.clone();
            let message = number.to_string();
            async move { echo(&executor, &message).await.expect("an answer") }
        });
        let answers = join_all(calls).await;
        let expected: Vec<_> = (0..100).map(|number| format!("{number} {number}")).collect();
        assert_eq!(answers, expected);
        opened.providers.close().await;
    });
}

#[test]
fn who_gives_up_while_it_is_started_again_spoils_nothing_for_others() {
    run(async |node: &Node| {
        let patient = Restarts { pause: Duration::from_millis(100), ..FOR_EVER };
        let opened = node.open_on(&node.with(patient), unruly(), "unruly", "").await.expect("open it");
        let executor: executor::Client = opened.graft("caller").await.expect("graft");
        for _ in 0..2 {
            assert_restarted(&echo(&executor, "trap").await.expect_err("it traps"));
        }
        let first = tokio::time::timeout(Duration::from_millis(5), echo(&executor, "given up")).await;
        assert!(first.is_err(), "there is no instance yet");
        assert!(echo(&executor, "a").await.expect("an answer").starts_with("a "));
        opened.providers.close().await;
    });
}
