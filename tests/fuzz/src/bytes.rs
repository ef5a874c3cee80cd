//! Taking bytes apart. They never run out: what is past the end reads as zero.

/// The input of a target, from its first byte on.
pub(crate) struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.number::<1>() as u8
    }

    /// A number of `N` bytes, the lowest first.
    pub(crate) fn number<const N: usize>(&mut self) -> u64 {
        let taken = self.take(N);
        taken.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// As many of the next `count` bytes as there are.
    pub(crate) fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// All that is left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        self.take(usize::MAX)
    }
}

/// The words that bytes are, the last one filled up with zeros.
pub(crate) fn words(bytes: &[u8]) -> Vec<u64> {
    bytes.chunks(8).map(|chunk| Bytes::new(chunk).number::<8>()).collect()
}
