//! What a component may use.

use std::time::Duration;

use ww_cell::fs::FsLimits;
use ww_cell::limits::CALLS;
use ww_cell::{CellLimits, LimitKind};

/// Processor time without a pause, unless the operator says otherwise: who asks it for something waits meanwhile, and a
/// native provider that blocks its thread as long is told of.
const PAUSE: Duration = Duration::from_secs(5);

/// What an operator allows a component. What was not said has its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ComponentLimits {
    /// Bytes of linear memory.
    pub memory: Option<usize>,
    /// Processor time, from one start to the next.
    pub cpu: Option<Duration>,
    /// Processor time without a pause.
    pub pause: Option<Duration>,
    /// Calls outstanding at once.
    pub calls: Option<usize>,
    /// Time that a call may take.
    pub answer: Option<Duration>,
    /// Bytes of `/var`.
    pub disk: Option<u64>,
}

impl ComponentLimits {
    pub(super) fn of_cell(self) -> CellLimits {
        let usual = CellLimits::default();
        CellLimits {
            memory: self.memory.unwrap_or(usual.memory),
            cpu: self.cpu,
            pause: Some(self.pause.unwrap_or(PAUSE)),
            calls: self.calls.unwrap_or(CALLS),
            answer: self.answer,
            ..usual
        }
    }

    pub(super) fn of_files(self) -> FsLimits {
        let usual = FsLimits::default();
        FsLimits { disk: self.disk.unwrap_or(usual.disk), ..usual }
    }

    /// Whether anything was said.
    pub fn is_said(self) -> bool {
        self != Self::default()
    }
}

/// The key of the configuration that changes a limit, where there is one.
pub(super) fn key_for(kind: LimitKind) -> Option<&'static str> {
    match kind {
        LimitKind::Memory => Some("memory"),
        LimitKind::Cpu => Some("cpu"),
        LimitKind::Pause => Some("pause"),
        _ => None,
    }
}
