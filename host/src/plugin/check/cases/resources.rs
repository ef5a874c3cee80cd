//! What instances leave behind.

use std::fs;
use std::time::{Duration, Instant};

use super::super::outcome::{Found, Outcome, failed};
use super::super::subject::Subject;

/// Before anything is counted, all is there that stays.
const WARM_UP: usize = 3;
const ROUNDS: usize = 20;

/// What may be there by chance, such as a thread of the pool for what blocks.
const CHANCE: usize = ROUNDS / 2;

/// What is given back in a thread of its own takes a moment.
const PATIENCE: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_millis(20);

/// Opening and closing does not use up threads or descriptors.
pub(in crate::plugin::check) async fn leaks(subject: &Subject) -> Found<()> {
    rounds(subject, WARM_UP).await?;
    let before = counts()?;
    rounds(subject, ROUNDS).await?;
    let start = Instant::now();
    let grown = loop {
        let grown = counts()?.into_iter().zip(before).find(|((_, now), (_, then))| *now >= then + CHANCE);
        if grown.is_none() || start.elapsed() > PATIENCE {
            break grown;
        }
        tokio::time::sleep(TICK).await;
    };
    match grown {
        None => Ok(()),
        Some(((what, now), (_, then))) => failed(format!(
            "after {ROUNDS} rounds of opening and closing there are {now} {what}; before there were {then}"
        )),
    }
}

async fn rounds(subject: &Subject, count: usize) -> Found<()> {
    for _ in 0..count {
        let opened = subject.open().await?;
        opened.attach(0).await?;
        opened.finish().await?;
    }
    Ok(())
}

/// What this process has.
fn counts() -> Found<[(&'static str, usize); 2]> {
    let entries = |folder: &str| {
        let why = |error| Outcome::NotApplicable(format!("{folder} cannot be read: {error}"));
        fs::read_dir(folder).map(Iterator::count).map_err(why)
    };
    Ok([("threads", entries("/proc/self/task")?), ("descriptors", entries("/proc/self/fd")?)])
}
