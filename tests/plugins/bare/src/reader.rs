//! Parameters, read by hand.

use std::slice;

use ww_abi::RawMessage;

/// The parameters of one call. Dropping them lets go of all that they carry.
pub(crate) struct Params<'a>(&'a RawMessage);

impl<'a> Params<'a> {
    /// Takes them over.
    ///
    /// # Safety
    /// The message is a whole one of the other side's, and handed over.
    pub(crate) unsafe fn take(message: &'a RawMessage) -> Self {
        Self(message)
    }

    /// The bytes of the text that a pointer of the root is; none where it is something else, or nothing.
    pub(crate) fn text(&self, pointer: usize) -> Option<Vec<u8>> {
        let (segment, root, word) = self.follow(0, 0)?;
        let data = (word >> 32) as u16;
        let (segment, list, word) = self.follow(segment, root.checked_add(usize::from(data))?.checked_add(pointer)?)?;
        // A list of bytes, the last of which is a zero.
        let is_text = word & 3 == 1 && word >> 32 & 7 == 2;
        let length = is_text.then_some((word >> 35) as usize)?.checked_sub(1)?;
        let words = self.segment(segment)?.get(list..list.checked_add(length.div_ceil(8))?)?;
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.truncate(length);
        Some(bytes)
    }

    /// Where the content of the pointer at `index` begins, and the pointer that describes it: past a far pointer, where
    /// there is one.
    fn follow(&self, segment: usize, index: usize) -> Option<(usize, usize, u64)> {
        let word = *self.segment(segment)?.get(index)?;
        let (segment, index, word) = match word & 7 {
            2 => {
                let (segment, index) = ((word >> 32) as usize, (word as u32 >> 3) as usize);
                (segment, index, *self.segment(segment)?.get(index)?)
            }
            _ => (segment, index, word),
        };
        let offset = (word as u32 as i32) >> 2;
        Some((segment, (index + 1).checked_add_signed(offset as isize)?, word))
    }

    fn segment(&self, number: usize) -> Option<&[u64]> {
        if number >= self.0.segment_count {
            return None;
        }
        // SAFETY: a message has as many segments as it says, each of as many words, until its owner is freed.
        unsafe {
            let segment = &*self.0.segments.add(number);
            Some(slice::from_raw_parts(segment.words, segment.length))
        }
    }
}

impl Drop for Params<'_> {
    fn drop(&mut self) {
        for number in 0..self.0.cap_count {
            // SAFETY: a message has as many capabilities as it says, and its receiver owns a reference to each.
            unsafe {
                let cap = *self.0.caps.add(number);
                if !cap.is_null() {
                    ((*cap.vtable).release)(cap.object);
                }
            }
        }
        if let Some(free) = self.0.free {
            // SAFETY: the owner is freed once, after everything that lies with it.
            unsafe { free(self.0.owner) };
        }
    }
}
