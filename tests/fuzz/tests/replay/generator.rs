//! Inputs from a seed: the same ones on every machine.

/// Bytes of an input that is made of nothing.
const LENGTH: usize = 256;

/// Changes of one input that is made of another.
const CHANGES: usize = 8;

/// Bytes that are worth more than others: ends of ranges, and small numbers, which choose and count.
const VALUES: [u8; 12] = [0, 1, 2, 3, 4, 7, 8, 16, 0x7f, 0x80, 0xfe, 0xff];

/// Makes inputs without end: some of nothing, most of the corpus.
pub(crate) struct Generator<'a> {
    corpus: &'a [Vec<u8>],
    state: u64,
}

impl<'a> Generator<'a> {
    pub(crate) fn new(corpus: &'a [Vec<u8>]) -> Self {
        Self { corpus, state: 1 }
    }

    /// A number below `end`: SplitMix64.
    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end.max(1) as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        if self.below(3) == 0 { VALUES[self.below(VALUES.len())] } else { self.below(256) as u8 }
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        match self.below(6) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 | 2 if at < input.len() => input[at] = self.byte(),
            3 => input.insert(at, self.byte()),
            4 => {
                let end = (at + 1 + self.below(8)).min(input.len());
                drop(input.drain(at.min(end)..end));
            }
            _ => {
                // A part of another input.
                let other = &self.corpus[self.below(self.corpus.len())];
                let start = self.below(other.len());
                let part: Vec<u8> = other[start..].iter().take(1 + self.below(32)).copied().collect();
                drop(input.splice(at..at, part));
            }
        }
    }
}

impl Iterator for Generator<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.below(4) == 0 {
            return Some((0..self.below(LENGTH)).map(|_| self.byte()).collect());
        }
        let mut input = self.corpus[self.below(self.corpus.len())].clone();
        for _ in 0..=self.below(CHANGES) {
            self.change(&mut input);
        }
        Some(input)
    }
}
