//! Why a case failed.

use std::fmt;
use std::panic::Location;

/// What a case found out.
pub type Outcome<T = ()> = Result<T, Failure>;

/// What was not as it should be, and where that was noticed.
#[derive(Debug)]
pub struct Failure {
    text: String,
    place: &'static Location<'static>,
}

impl Failure {
    /// A failure that is noticed by the caller.
    #[track_caller]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), place: Location::caller() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({}:{})", self.text, self.place.file(), self.place.line())
    }
}

impl std::error::Error for Failure {}

/// A call that should have succeeded.
impl From<capnp::Error> for Failure {
    #[track_caller]
    fn from(error: capnp::Error) -> Self {
        Self::new(error.to_string())
    }
}

/// Fails the case where something does not hold.
macro_rules! ensure {
    ($holds:expr, $($text:tt)+) => {
        if !$holds {
            return Err($crate::Failure::new(format!($($text)+)));
        }
    };
}

/// Fails the case where two values differ.
macro_rules! ensure_eq {
    ($is:expr, $should:expr, $($text:tt)+) => {{
        let (is, should) = ($is, $should);
        if is != should {
            let what = format!($($text)+);
            return Err($crate::Failure::new(format!("{what}: {is:?} instead of {should:?}")));
        }
    }};
}

pub(crate) use {ensure, ensure_eq};
