//! How the binary speaks to its user: on stderr one line a message, never a stack trace; on stdout what was asked for.

use std::error::Error;
use std::io::{self, Write as _};

/// Prints `error: …` with all causes, on one line.
pub fn error(error: &dyn Error) {
    say(&format!("error: {}", chain(error)));
}

/// Prints `warning: …` on one line.
pub fn warning(text: &str) {
    say(&format!("warning: {}", one_line(text)));
}

/// Prints a text to stderr. A closed stderr is no reason to fail.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{}", lines(text));
}

/// Prints a text to stdout, and ends its last line.
///
/// # Errors
/// Where it cannot be written.
pub fn show(text: &str) -> io::Result<()> {
    write(format!("{}\n", lines(text)).as_bytes())
}

/// Writes bytes to stdout as they are. A reader that has had enough is no error.
///
/// # Errors
/// Where they cannot be written.
pub fn write(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

fn lines(text: &str) -> String {
    text.lines().map(harmless).collect::<Vec<_>>().join("\n")
}

/// An error and its causes: `what: why: why`. A cause whose text its effect already holds is left out.
pub fn chain(error: &dyn Error) -> String {
    let mut text = one_line(&error.to_string());
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = one_line(&error.to_string());
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}

/// The text on one line.
fn one_line(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(harmless).collect();
    lines.join("; ")
}

/// The line without control characters: names of files and messages of others may hold any, and a terminal obeys them.
fn harmless(line: &str) -> String {
    line.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("open the door")]
    struct Outer(#[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("it is locked\n\n  and \x1b[31mred\n")]
    struct Inner;

    #[test]
    fn causes_come_on_one_line() {
        assert_eq!(chain(&Outer(Inner)), "open the door: it is locked; and \u{fffd}[31mred");
    }

    #[test]
    fn a_cause_that_was_said_is_not_said_again() {
        #[derive(Debug, thiserror::Error)]
        #[error("no luck: {0}")]
        struct Wrapper(#[source] std::num::ParseIntError);
        let Err(inner) = "x".parse::<u8>() else { panic!("x is no number") };
        let text = chain(&Wrapper(inner.clone()));
        assert_eq!(text, format!("no luck: {inner}"));
    }
}
