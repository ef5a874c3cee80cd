//! A segment of a message, on its way into a guest.

use std::mem::MaybeUninit;
use std::rc::Rc;

use send_wrapper::SendWrapper;
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LowerContext};
use wasmtime::component::{ComponentType, Lower};
use ww_call::Message;

/// One segment of a message that is kept until the guest has it: copied once, from where it lies into the guest's memory.
pub(super) struct Segment {
    /// A cell never leaves its thread, but its host functions must not say so.
    message: SendWrapper<Rc<Message>>,
    index: usize,
}

impl Segment {
    pub(super) fn new(message: Rc<Message>, index: usize) -> Self {
        Self { message: SendWrapper::new(message), index }
    }

    /// All segments of a message.
    pub(super) fn all(message: Message) -> Vec<Self> {
        let message = Rc::new(message);
        let count = message.with_segments(|segments| segments.len());
        (0..count).map(|index| Self::new(message.clone(), index)).collect()
    }

    fn with_words<R>(&self, read: impl FnOnce(&[u64]) -> R) -> R {
        self.message.with_segments(|segments| read(segments.get(self.index).copied().unwrap_or_default()))
    }
}

// SAFETY: everything that says how this type looks in a component is what `[u64]` says, so it is a `list<u64>`.
unsafe impl ComponentType for Segment {
    type Lower = <[u64] as ComponentType>::Lower;

    const ABI: CanonicalAbiInfo = <[u64] as ComponentType>::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> wasmtime::Result<()> {
        <[u64] as ComponentType>::typecheck(ty, types)
    }
}

// SAFETY: it is lowered by `[u64]`, to which its type and its layout were checked against.
unsafe impl Lower for Segment {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> wasmtime::Result<()> {
        self.with_words(|words| words.linear_lower_to_flat(cx, ty, dst))
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        offset: usize,
    ) -> wasmtime::Result<()> {
        self.with_words(|words| words.linear_lower_to_memory(cx, ty, offset))
    }
}
