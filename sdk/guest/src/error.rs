//! What a guest's `main` fails with.

use std::fmt;

/// Any error, with its causes. It converts from every other one, so that `?` works throughout a guest.
pub struct Error(Box<dyn std::error::Error>);

/// What most functions of a guest return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }
}

impl<E: std::error::Error + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

/// The error and its causes, on one line.
impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(formatter, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// The same: this is what a `main` that fails prints.
impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_on_the_line() {
        let error = Error::from(capnp::Error::failed("no".into()));
        assert!(error.to_string().ends_with("no"), "{error}");
        assert_eq!(format!("{:?}", Error::new("one thing")), "one thing");
    }
}
