//! Room for short messages, used again and again.
//!
//! A message needs zeroed memory. To allocate it anew for every call costs as much as the rest of a short call, so a
//! thread keeps some, and only what was written is zeroed again.

use std::cell::RefCell;

use capnp::message::{Builder, ScratchSpaceHeapAllocator};

/// Words of one scratch, 1 KiB: enough for nearly every call.
pub(crate) const WORDS: usize = 128;

/// Scratches of one thread. Beyond as many messages at once, the others allocate. What a thread has, it keeps: the library
/// does not hand back the memory that it was given, so an end of the thread leaves up to 64 KiB behind, and threads that
/// make calls are few.
const KEPT: usize = 64;

type Scratch = ScratchSpaceHeapAllocator<'static>;

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { free: Vec::new(), made: 0 }) };
}

struct Pool {
    free: Vec<Scratch>,
    made: usize,
}

impl Pool {
    fn take(&mut self) -> Option<Scratch> {
        if let Some(scratch) = self.free.pop() {
            return Some(scratch);
        }
        if self.made == KEPT {
            return None;
        }
        self.made += 1;
        let words: &'static mut [u64] = Box::leak(Box::new([0; WORDS]));
        Some(ScratchSpaceHeapAllocator::new(bytemuck::cast_slice_mut(words)))
    }
}

/// A message that is built in a scratch, and gives it back when it is dropped. One that outgrows it goes on elsewhere.
pub(crate) struct Short(Builder<Scratch>);

impl Short {
    /// None where all scratches of this thread are in use.
    pub(crate) fn new() -> Option<Self> {
        // A thread that is ending has no pool any more.
        let scratch = POOL.try_with(|pool| pool.borrow_mut().take()).ok()??;
        Some(Self(Builder::new(scratch)))
    }

    pub(crate) fn builder(&self) -> &Builder<Scratch> {
        &self.0
    }

    pub(crate) fn builder_mut(&mut self) -> &mut Builder<Scratch> {
        &mut self.0
    }
}

impl Drop for Short {
    fn drop(&mut self) {
        let nothing = Builder::new(ScratchSpaceHeapAllocator::new(bytemuck::cast_slice_mut::<u64, u8>(&mut [])));
        let scratch = std::mem::replace(&mut self.0, nothing).into_allocator();
        let _ = POOL.try_with(|pool| pool.borrow_mut().free.push(scratch));
    }
}

#[cfg(test)]
mod tests {
    use capnp::message::ReaderSegments;

    use super::*;

    fn free() -> usize {
        POOL.with(|pool| pool.borrow().free.len())
    }

    #[test]
    fn a_scratch_is_empty_when_it_is_used_again() {
        let mut first = Short::new().unwrap();
        first.builder_mut().set_root("what the first one says").unwrap();
        drop(first);
        assert_eq!(free(), 1);
        let mut second = Short::new().unwrap();
        assert_eq!(free(), 0);
        let builder = second.builder_mut();
        let data: capnp::data::Builder<'_> = builder.initn_root(WORDS as u32 * 8 - 16);
        assert!(data.iter().all(|byte| *byte == 0));
        assert_eq!(builder.len(), 1);
    }

    #[test]
    fn a_message_that_outgrows_its_scratch_gives_it_back_as_well() {
        let mut short = Short::new().unwrap();
        let builder = short.builder_mut();
        let _: capnp::data::Builder<'_> = builder.initn_root(64 * 1024);
        assert_eq!(builder.len(), 2);
        drop(short);
        assert_eq!(free(), 1);
    }

    #[test]
    fn there_are_so_many_and_no_more() {
        let all: Vec<_> = std::iter::from_fn(Short::new).collect();
        assert_eq!(all.len(), KEPT);
        drop(all);
        assert!(Short::new().is_some());
        assert_eq!(free(), KEPT);
    }
}
