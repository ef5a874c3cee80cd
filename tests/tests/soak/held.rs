//! What a node has of the machine, and of its guests.

use std::alloc::System;
use std::fmt;
use std::time::{Duration, Instant};

use cap::Cap;
use tokio::runtime::Handle;
use ww_cell::limits::TICK;
use ww_tests::say::say;
use ww_tests::usage::{open_descriptors, own_memory, threads};

use crate::node::Node;

/// Counts what is allocated: a leak may find room in memory that was freed before, and then the kernel sees nothing of it.
#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

/// Bytes that tables and pools of the whole process may have grown by.
const GROWN: usize = 16 << 10;

/// Bytes that the allocator may keep of what was freed.
const KEPT: usize = 1 << 20;

/// How long what is done on other threads may take to end after the last guest.
const PATIENCE: Duration = Duration::from_secs(10);

/// At one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    /// Bytes in memory that are no file's.
    pub(crate) memory: usize,
    /// Bytes that are allocated, of that and of what was not touched yet.
    heap: usize,
    counts: [(&'static str, usize); 6],
}

impl Held {
    pub(crate) fn now(node: &Node) -> Self {
        let counts = [
            ("descriptors", open_descriptors()),
            ("threads", threads()),
            // Of the runtime. Guests are tasks of the test, which waits for the end of each.
            ("tasks", Handle::current().metrics().num_alive_tasks()),
            ("guards", node.worker.guards()),
            ("calls in flight", node.worker.in_flight()),
            ("calls held", node.counts.held.get() as usize),
        ];
        Self { memory: own_memory(), heap: HEAP.allocated(), counts }
    }

    /// What there is once nothing more of all that is counted is there than before.
    ///
    /// Checks that it comes to that, and that memory is what it was.
    pub(crate) async fn again(self, node: &Node, what: &str) {
        let start = Instant::now();
        let mut now = Self::now(node);
        while now.counts.iter().zip(self.counts).any(|(now, before)| now.1 > before.1) {
            assert!(start.elapsed() < PATIENCE, "{what}: there is {now}, and before there was {self}");
            tokio::time::sleep(TICK).await;
            now = Self::now(node);
        }
        say(&format!("{what}: there is {now}, and before there was {self}"));
        let (grown, kept) = (now.heap.saturating_sub(self.heap), now.memory.saturating_sub(self.memory));
        assert!(grown <= GROWN, "{what}: {grown} bytes are still allocated");
        assert!(kept <= KEPT, "{what}: {kept} bytes are still in memory");
    }
}

impl fmt::Display for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} KiB of memory, {} KiB allocated", self.memory >> 10, self.heap >> 10)?;
        self.counts.iter().try_for_each(|(what, count)| write!(formatter, ", {count} {what}"))
    }
}
