//! Messages: some that a server understands, and others.

use ww_call::table::{NULL, SENDERS};

use crate::input::{Input, Known};

/// The words of a message, and its handles.
#[derive(Default)]
pub(crate) struct Parts {
    pub first: Vec<u64>,
    pub rest: Vec<Vec<u64>>,
    pub handles: Vec<u32>,
}

/// Words in the longest message here, somewhat more than are allowed.
const LONGEST: usize = 129 * 1024;

impl Parts {
    pub(crate) fn read(input: &mut Input<'_>, objects: &Known) -> Self {
        match input.below(8) {
            0 => Self::default(),
            1 | 2 => Self::capabilities(input, objects, &[]),
            3 => {
                // The parameters of `Membrane.restrict`, without methods.
                let data = [interface(input), u64::from(input.below(4))];
                Self::capabilities(input, objects, &data)
            }
            4 => Self::text(input),
            5 => Self { first: vec![0; usize::from(input.byte()) * LONGEST / 255], ..Self::default() },
            6 => Self { rest: vec![Vec::new(); usize::from(input.byte()) * 3], ..Self::raw(input, objects) },
            _ => Self::raw(input, objects),
        }
    }

    /// A structure with `data`, and capabilities behind it: one to four, and null where there are none.
    fn capabilities(input: &mut Input<'_>, objects: &Known, data: &[u64]) -> Self {
        let handles: Vec<u32> = (0..1 + input.below(4)).map(|_| handle(input, objects)).collect();
        let root = (data.len() as u64) << 32 | (handles.len() as u64) << 48;
        let pointers = (0..handles.len() as u64).map(|index| index << 32 | 3);
        let first = std::iter::once(root).chain(data.iter().copied()).chain(pointers).collect();
        Self { first, rest: Vec::new(), handles }
    }

    /// A structure with one pointer, to a list of bytes.
    fn text(input: &mut Input<'_>) -> Self {
        let count = usize::from(input.byte());
        let bytes = input.take(count);
        let list = (bytes.len() as u64) << 35 | 2 << 32 | 1;
        let words = bytes.chunks(8).map(|chunk| Input::new(chunk).number::<8>());
        Self { first: [1 << 48, list].into_iter().chain(words).collect(), ..Self::default() }
    }

    /// Any words, in up to three segments.
    fn raw(input: &mut Input<'_>, objects: &Known) -> Self {
        let mut segment = || {
            let count = input.below(9);
            (0..count).map(|_| input.number::<8>()).collect::<Vec<_>>()
        };
        let (first, rest) = (segment(), vec![segment(), segment()]);
        let rest = rest.into_iter().filter(|segment| !segment.is_empty()).collect();
        let handles = (0..input.below(4)).map(|_| handle(input, objects)).collect();
        Self { first, rest, handles }
    }
}

/// A capability of a message: none, one of the guest's own, or one of the host's.
fn handle(input: &mut Input<'_>, objects: &Known) -> u32 {
    match input.below(8) {
        0 => NULL,
        1..=3 => SENDERS | u32::from(input.byte()),
        _ => objects.pick(input),
    }
}

/// The interfaces that something here serves, and one that nothing does.
pub(crate) fn interface(input: &mut Input<'_>) -> u64 {
    const SERVED: [u64; 3] = [0x8e2d_41f7_0b63_9ac5, 0xe3a1_f5d8_6b0c_4733, 0xf6b8_3d0a_72c9_1e5c];
    match input.below(16) {
        0 => input.number::<8>(),
        1..=4 => SERVED[1],
        5 => SERVED[2],
        _ => SERVED[0],
    }
}
