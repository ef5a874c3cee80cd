//! The node's own log: to stderr, under `RUST_LOG`.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::report;

/// What is logged where `RUST_LOG` is unset, empty or invalid.
pub const DEFAULT_FILTER: &str = "ww=info";

/// Sets up the log. An invalid `RUST_LOG` is said in one line, and the default holds.
pub fn init() {
    let (filter, complaint) = filter(std::env::var_os("RUST_LOG"));
    if let Some(complaint) = complaint {
        report::warning(&complaint);
    }
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = std::io::stderr().is_terminal() && !plain;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colour);
    if subscriber.try_init().is_err() {
        report::warning("the log was set up before; RUST_LOG has no effect");
    }
}

/// The filter that the variable's value asks for, or the default and why.
fn filter(value: Option<std::ffi::OsString>) -> (EnvFilter, Option<String>) {
    let default = || EnvFilter::new(DEFAULT_FILTER);
    let Some(value) = value.filter(|value| !value.is_empty()) else { return (default(), None) };
    let parsed = match value.to_str() {
        Some(text) => EnvFilter::builder().parse(text).map_err(|error| error.to_string()),
        None => Err("it is not UTF-8".to_owned()),
    };
    match parsed {
        Ok(filter) => (filter, None),
        Err(why) => (default(), Some(format!("RUST_LOG is no valid filter: {why}; using `{DEFAULT_FILTER}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_filter_is_complained_about() {
        let (chosen, complaint) = filter(Some("ww=notalevel".into()));
        assert_eq!(chosen.to_string(), DEFAULT_FILTER);
        assert!(complaint.is_some_and(|text| text.contains("RUST_LOG")));
    }

    #[test]
    fn a_valid_or_missing_filter_is_not() {
        assert!(filter(Some("ww=debug,libp2p=warn".into())).1.is_none());
        assert_eq!(filter(None).0.to_string(), DEFAULT_FILTER);
        assert_eq!(filter(Some("".into())).0.to_string(), DEFAULT_FILTER);
    }
}
