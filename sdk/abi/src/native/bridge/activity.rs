//! What a plugin is doing right now, for whoever watches over it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// What a plugin's code is doing on the worker right now. Read from any thread; written in a few instructions by the worker,
/// without a look at a clock.
#[derive(Debug, Default)]
pub struct Activity {
    /// Odd while the plugin's code runs; one higher at each change.
    beat: AtomicU64,
    interface: AtomicU64,
    /// The method, or one of the numbers below.
    what: AtomicU32,
}

/// No method: the instance is started.
const START: u32 = 1 << 16;

/// No method: something pending goes on.
const POLL: u32 = 2 << 16;

/// No method: something of the plugin's is dropped.
const DROP: u32 = 3 << 16;

/// What a plugin is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// The instance is started.
    Starting,
    /// A method of an interface is called.
    Calling {
        /// The interface.
        interface: u64,
        /// The method's number in it.
        method: u16,
    },
    /// Something pending goes on.
    Polling,
    /// Something of the plugin's is dropped.
    Dropping,
}

impl Activity {
    /// What is being done, if anything. The number is another one for everything that is begun.
    pub fn doing(&self) -> Option<(u64, Doing)> {
        let beat = self.beat.load(Ordering::Acquire);
        if beat.is_multiple_of(2) {
            return None;
        }
        let interface = self.interface.load(Ordering::Relaxed);
        let doing = match self.what.load(Ordering::Relaxed) {
            START => Doing::Starting,
            POLL => Doing::Polling,
            DROP => Doing::Dropping,
            method => Doing::Calling { interface, method: method as u16 },
        };
        Some((beat, doing))
    }

    pub(super) fn starting(&self) -> Busy<'_> {
        self.begin(0, START)
    }

    pub(super) fn calling(&self, interface: u64, method: u16) -> Busy<'_> {
        self.begin(interface, u32::from(method))
    }

    pub(super) fn polling(&self) -> Busy<'_> {
        self.begin(0, POLL)
    }

    pub(super) fn dropping(&self) -> Busy<'_> {
        self.begin(0, DROP)
    }

    /// Something begins. What begins within something else is part of it.
    fn begin(&self, interface: u64, what: u32) -> Busy<'_> {
        let beat = self.beat.load(Ordering::Relaxed);
        if !beat.is_multiple_of(2) {
            return Busy(None);
        }
        self.interface.store(interface, Ordering::Relaxed);
        self.what.store(what, Ordering::Relaxed);
        self.beat.store(beat + 1, Ordering::Release);
        Busy(Some(self))
    }
}

/// Until this is dropped, the plugin is busy.
pub(super) struct Busy<'a>(Option<&'a Activity>);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        if let Some(activity) = self.0 {
            let beat = activity.beat.load(Ordering::Relaxed);
            activity.beat.store(beat + 1, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_begun_within_something_is_part_of_it() {
        let activity = Activity::default();
        assert_eq!(activity.doing(), None);
        let call = activity.calling(7, 3);
        let (first, doing) = activity.doing().unwrap();
        assert_eq!(doing, Doing::Calling { interface: 7, method: 3 });
        drop(activity.dropping());
        assert_eq!(activity.doing(), Some((first, doing)));
        drop(call);
        assert_eq!(activity.doing(), None);
        let _poll = activity.polling();
        assert!(activity.doing().is_some_and(|(beat, doing)| beat != first && doing == Doing::Polling));
    }
}
