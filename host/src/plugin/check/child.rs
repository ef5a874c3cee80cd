//! The child: it does the cases that it is asked for.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::LocalSet;

use super::case;
use super::outcome::Outcome;
use super::subject::{Subject, Task};
use crate::cli::FAILURE;

/// How long it may take to end when nobody asks any more.
const END: Duration = Duration::from_secs(5);

/// Does the cases that the parent asks for: its standard input is a socket, on which it first hears of its task and then the
/// name of each case, a line each, and answers each with a line.
pub fn serve() -> ExitCode {
    let served = Line::of_stdin().and_then(|streams| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let served = runtime.block_on(LocalSet::new().run_until(answer(streams)));
        runtime.shutdown_background();
        served
    });
    if served.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(FAILURE) }
}

struct Line {
    lines: UnboundedReceiver<String>,
    answers: UnixStream,
}

impl Line {
    fn of_stdin() -> io::Result<Self> {
        let answers = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        let asked = answers.try_clone()?;
        let (said, lines) = unbounded_channel();
        std::thread::Builder::new().name("ww-check".to_owned()).spawn(move || {
            for line in BufReader::new(asked).lines().map_while(Result::ok) {
                // Nobody listens any more where this process ends.
                let _ = said.send(line);
            }
            drop(said);
            // Whoever blocks the other thread must not stay when the parent is gone.
            std::thread::sleep(END);
            std::process::exit(i32::from(FAILURE));
        })?;
        Ok(Self { lines, answers })
    }
}

async fn answer(mut streams: Line) -> io::Result<()> {
    let Some(task) = streams.lines.recv().await else { return Ok(()) };
    let task: Task = serde_json::from_str(&task)?;
    let subject = Subject::load(task).await;
    while let Some(name) = streams.lines.recv().await {
        let outcome = match (&subject, case::run(&name)) {
            (Ok(subject), Some(run)) => run(subject).await.err().unwrap_or(Outcome::Ok),
            (Err(why), _) => Outcome::Failed(why.clone()),
            (Ok(_), None) => Outcome::Failed(format!("there is no case {name}")),
        };
        writeln!(streams.answers, "{}", serde_json::to_string(&outcome)?)?;
    }
    Ok(())
}
