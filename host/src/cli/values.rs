//! Values of options: parsed, or refused with what would be right.

use std::str::FromStr as _;

use libp2p::Multiaddr;
use membrane::{Name, NameError};

/// The longest name of a caller, in bytes: it becomes a directory's name and part of `parent/child`.
pub(super) const MAX_CALLER_NAME: usize = 64;

/// One variable of a guest's environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvVar {
    /// Its name: not empty, without `=` and NUL.
    pub key: String,
    /// Its value: without NUL.
    pub value: String,
}

pub(super) fn env_var(text: &str) -> Result<EnvVar, String> {
    let text = guest_argument(text)?;
    match text.split_once('=') {
        Some(("", _)) => Err("the name before `=` is empty".to_owned()),
        Some((key, value)) => Ok(EnvVar { key: key.to_owned(), value: value.to_owned() }),
        None => Err("it has the form KEY=VALUE".to_owned()),
    }
}

pub(super) fn guest_argument(text: &str) -> Result<String, String> {
    // What a guest gets is a C string in its own world.
    if text.contains('\0') { Err("a NUL byte cannot be passed".to_owned()) } else { Ok(text.to_owned()) }
}

pub(super) fn multiaddr(text: &str) -> Result<Multiaddr, String> {
    Multiaddr::from_str(text).map_err(|error| format!("{error}; an address looks like /ip4/127.0.0.1/tcp/2025"))
}

pub(super) fn caller_name(text: &str) -> Result<String, String> {
    let fine = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphanumeric());
    if starts_well && text.len() <= MAX_CALLER_NAME && text.chars().all(fine) {
        return Ok(text.to_owned());
    }
    Err(format!("a name is 1 to {MAX_CALLER_NAME} letters, digits, `.`, `_`, `-`, and starts with a letter or a digit"))
}

pub(super) fn capability_name(text: &str) -> Result<Name, NameError> {
    text.parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_have_a_name() {
        let variable = |key: &str, value: &str| Ok(EnvVar { key: key.to_owned(), value: value.to_owned() });
        assert_eq!(env_var("A=b=c"), variable("A", "b=c"));
        assert_eq!(env_var("A="), variable("A", ""));
        assert!(env_var("A").is_err());
        assert!(env_var("=b").is_err());
        assert!(env_var("A=\0").is_err());
    }

    #[test]
    fn names_of_callers_are_file_names() {
        assert_eq!(caller_name("hello-2.0"), Ok("hello-2.0".to_owned()));
        assert!(caller_name(&"x".repeat(MAX_CALLER_NAME)).is_ok());
        let too_long = "x".repeat(MAX_CALLER_NAME + 1);
        for bad in ["", "..", ".hidden", "a/b", "a b", "ä", &too_long] {
            assert!(caller_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_that_is_none_is_told_what_one_looks_like() {
        assert!(multiaddr("/ip4/127.0.0.1/udp/0/quic-v1").is_ok());
        assert!(multiaddr("127.0.0.1:80").is_err_and(|text| text.contains("/ip4/")));
    }
}
