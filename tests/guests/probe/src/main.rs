//! A guest that does what it is told, for the tests: its first argument says what.

mod console;
mod restrict;

use std::process::ExitCode;
use std::time::Duration;

use ww_guest::{Error, Result};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["console"] => ww_guest::run(console::run()),
        ["restrict"] => ww_guest::run(restrict::run()),
        ["tick"] => ww_guest::run(tick()),
        ["patience", turns] => ww_guest::run(patience(turns.parse().unwrap_or(0))),
        ["stay"] => ww_guest::run(stay()),
        ["ignore"] => ww_guest::run(ignore()),
        ["fail"] => ww_guest::run(async { Result::<()>::Err(Error::new("the milk is sour")) }),
        ["return", status] => {
            let status = status.parse().unwrap_or(99);
            ww_guest::run(async move { ExitCode::from(status) })
        }
        ["exit", status] => {
            let status = status.parse().unwrap_or(99);
            print!("no newline");
            ww_guest::run(async move { std::process::exit(status) })
        }
        other => {
            eprintln!("nobody taught me {other:?}");
            ExitCode::FAILURE
        }
    }
}

/// Counts while it waits for input, and says with each line how far it came.
async fn tick() -> Result<()> {
    let ticks = std::rc::Rc::new(std::cell::Cell::new(0));
    let counted = ticks.clone();
    ww_guest::spawn(async move {
        loop {
            ww_guest::sleep(Duration::from_millis(10)).await;
            counted.set(counted.get() + 1);
            if counted.get() == 20 {
                println!("20 ticks without input");
            }
        }
    });
    let mut stdin = ww_guest::stdin();
    while let Some(line) = stdin.read_line().await? {
        println!("{line} after {} ticks", ticks.get());
        ticks.set(0);
    }
    println!("end of input");
    Ok(())
}

/// Asks for input many times, and then waits for it.
async fn patience(turns: u32) -> Result<()> {
    let mut stdin = ww_guest::stdin();
    for _ in 0..turns {
        let answer = ww_guest::timeout(Duration::ZERO, stdin.read()).await;
        assert!(answer.is_err(), "there is no input yet");
    }
    println!("ready");
    let input = stdin.read_to_end().await?;
    println!("{} bytes", input.len());
    Ok(())
}

/// Waits for the end of its connection, then for that of its input, and says so.
async fn stay() -> Result<()> {
    println!("ready");
    let reason = ww_guest::disconnected().await;
    println!("told: {}", reason.extra);
    ww_guest::stdin().read_to_end().await?;
    ww_guest::sleep(Duration::from_millis(50)).await;
    println!("bye");
    Ok(())
}

/// Does not care who tells it what.
async fn ignore() -> Result<()> {
    println!("ready");
    loop {
        ww_guest::sleep(Duration::from_secs(1)).await;
    }
}
