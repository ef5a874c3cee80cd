//! The ways in which the plugin misbehaves. Its tests include this file: a switch without a test does not compile.

/// One way to misbehave, as the configuration and the messages of guests name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Switch {
    /// Nothing is wrong.
    None,
    /// A panic while the instance is made: by its name, since there is no configuration yet.
    PanicInStart,
    /// A panic in `open`.
    PanicInOpen,
    /// `open` fails.
    FailInOpen,
    /// `open` never answers.
    HangInOpen,
    /// `open` blocks its thread.
    BlockInOpen,
    /// `open` ends the process.
    AbortInOpen,
    /// `open` writes to standard output.
    PrintInOpen,
    /// A panic in `attach`.
    PanicInAttach,
    /// A panic in a call.
    PanicInCall,
    /// A panic when a pending call goes on.
    PanicInPoll,
    /// A panic when a pending call is dropped.
    PanicInDrop,
    /// A panic in a thread of the plugin's own.
    PanicInThread,
    /// A panic in a task that the plugin gave to the worker.
    PanicInTask,
    /// A call that never ends.
    HangInCall,
    /// A call that blocks the thread for longer than the watchdog waits.
    BlockInCall,
    /// `close` never answers.
    HangInClose,
}

impl Switch {
    /// All of them.
    pub(crate) const ALL: &[Self] = &[
        Self::None,
        Self::PanicInStart,
        Self::PanicInOpen,
        Self::FailInOpen,
        Self::HangInOpen,
        Self::BlockInOpen,
        Self::AbortInOpen,
        Self::PrintInOpen,
        Self::PanicInAttach,
        Self::PanicInCall,
        Self::PanicInPoll,
        Self::PanicInDrop,
        Self::PanicInThread,
        Self::PanicInTask,
        Self::HangInCall,
        Self::BlockInCall,
        Self::HangInClose,
    ];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::PanicInStart => "panic-in-start",
            Self::PanicInOpen => "panic-in-open",
            Self::FailInOpen => "fail-in-open",
            Self::HangInOpen => "hang-in-open",
            Self::BlockInOpen => "block-in-open",
            Self::AbortInOpen => "abort-in-open",
            Self::PrintInOpen => "print-in-open",
            Self::PanicInAttach => "panic-in-attach",
            Self::PanicInCall => "panic-in-call",
            Self::PanicInPoll => "panic-in-poll",
            Self::PanicInDrop => "panic-in-drop",
            Self::PanicInThread => "panic-in-thread",
            Self::PanicInTask => "panic-in-task",
            Self::HangInCall => "hang-in-call",
            Self::BlockInCall => "block-in-call",
            Self::HangInClose => "hang-in-close",
        }
    }
}
