//! How fast a clock runs.

use ww_plugin::schemars::{self, JsonSchema};
use ww_plugin::serde::{self, Deserialize};

/// Seconds of the clock that pass in a second: a number above 0, and finite.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(crate = "self::serde", try_from = "f64")]
#[schemars(crate = "self::schemars")]
pub(crate) struct Rate(f64);

impl Rate {
    pub(crate) fn get(self) -> f64 {
        self.0
    }
}

impl Default for Rate {
    fn default() -> Self {
        Self(1.0)
    }
}

impl TryFrom<f64> for Rate {
    type Error = String;

    fn try_from(rate: f64) -> Result<Self, String> {
        if rate > 0.0 && rate.is_finite() {
            return Ok(Self(rate));
        }
        Err(format!("a clock runs at a rate above 0, such as 10.0, and not at {rate}"))
    }
}
