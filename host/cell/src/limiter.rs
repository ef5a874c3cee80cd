//! What a guest's memories and tables may grow to.

use bytesize::ByteSize;
use wasmtime::ResourceLimiter;

use crate::limit::{Limit, LimitKind};
use crate::limits::{INSTANCES, MEMORIES, TABLE_ELEMENTS, TABLES};

/// Bounds the memory of all of a cell's memories together, and each of its tables.
///
/// What goes beyond is refused: the guest's `memory.grow` returns -1, and it may live on. What it was refused last is
/// remembered, because a guest that crashes then does so for that reason.
pub(crate) struct Limiter {
    memory_limit: usize,
    memory: usize,
    /// What was allowed last, to be taken back where the allocator refuses it.
    growing: usize,
    refused: Option<Limit>,
}

impl Limiter {
    pub(crate) fn new(memory_limit: usize) -> Self {
        Self { memory_limit, memory: 0, growing: 0, refused: None }
    }

    /// What was refused, where the last growth was.
    pub(crate) fn refused(&self) -> Option<&Limit> {
        self.refused.as_ref()
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let growing = desired.saturating_sub(current);
        let wanted = self.memory.saturating_add(growing);
        if wanted > self.memory_limit {
            let [wanted, limit] = [wanted, self.memory_limit].map(bytes);
            self.refused =
                Some(Limit::new(LimitKind::Memory, format!("memory: it asked for {wanted}, the limit is {limit}")));
            return Ok(false);
        }
        (self.memory, self.growing, self.refused) = (wanted, growing, None);
        Ok(true)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        tracing::debug!(target: "ww::cell", "a guest's memory cannot grow: {error:#}");
        self.memory -= std::mem::take(&mut self.growing);
        Ok(())
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let fits = desired <= TABLE_ELEMENTS;
        self.refused = (!fits).then(|| {
            let text = format!("table: it asked for {desired} elements, the limit is {TABLE_ELEMENTS}");
            Limit::new(LimitKind::Table, text)
        });
        Ok(fits)
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}

/// A number of bytes, as people read it.
pub(crate) fn bytes(count: usize) -> String {
    let size = ByteSize::b(count as u64).display().iec().to_string();
    // A whole number has no need of a fraction.
    size.replacen(".0 ", " ", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_memories_count_together() {
        let mut limiter = Limiter::new(100);
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        assert!(limiter.memory_growing(0, 40, None).unwrap());
        assert!(!limiter.memory_growing(60, 61, None).unwrap());
        let refused = limiter.refused().map(ToString::to_string);
        assert_eq!(refused.as_deref(), Some("memory: it asked for 101 B, the limit is 100 B"));
    }

    #[test]
    fn what_the_allocator_refuses_is_not_held() {
        let mut limiter = Limiter::new(100);
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        limiter.memory_grow_failed(wasmtime::Error::msg("no")).unwrap();
        assert!(limiter.memory_growing(0, 100, None).unwrap());
        assert!(limiter.refused().is_none());
    }

    #[test]
    fn sizes_are_written_for_people() {
        assert_eq!([100, 256 << 20, 3 << 19].map(bytes), ["100 B", "256 MiB", "1.5 MiB"]);
    }
}
