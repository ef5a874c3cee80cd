//! Taking the input apart. It never runs out: what is past its end reads as zero.

/// What is left of the input.
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.number::<1>() as u8
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u8) -> u8 {
        self.byte() % end
    }

    /// A number of `N` bytes, the lowest first.
    pub(crate) fn number<const N: usize>(&mut self) -> u64 {
        self.take(N).iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// As many of the next `count` bytes as there are.
    pub(crate) fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

/// The numbers that the guest has come across: of objects, of calls.
#[derive(Default)]
pub(crate) struct Known(Vec<u32>);

/// From this value on, a byte stands for a number that the guest makes up.
const FORGED: u8 = 0xc0;

/// From this value on, the made-up number takes four bytes of its own.
const FORGED_WIDE: u8 = 0xf0;

impl Known {
    pub(crate) fn learn(&mut self, number: u32) {
        self.0.push(number);
    }

    /// One that was come across, the latest first, or one that is made up. It is still known then: a second use of a
    /// number that is used up is worth trying.
    pub(crate) fn pick(&self, input: &mut Input<'_>) -> u32 {
        match input.byte() {
            FORGED_WIDE.. => input.number::<4>() as u32,
            byte @ FORGED.. => u32::from(byte - FORGED),
            byte => match self.0.len() {
                0 => u32::from(byte),
                count => self.0[count - 1 - usize::from(byte) % count],
            },
        }
    }
}
