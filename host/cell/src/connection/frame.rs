//! Messages in the standard framing of streams: a table of the segments, then the segments.
//!
//! What a guest announces is looked at before anything is allocated for it: eight bytes can announce 32 GiB.

use capnp::message::{Reader, ReaderOptions};
use capnp::serialize::{OwnedSegments, SegmentLengthsBuilder};
use ww_call::limits::{MAX_SEGMENTS, NESTING};

use crate::limits::{RPC_MESSAGE_WORDS, RPC_TRAVERSAL_WORDS};
use crate::pipe::PipeReader;

/// Bytes of the table's first part, and what its length is a multiple of.
const WORD: usize = 8;

/// A message, and how many words it has.
pub(super) type Frame = (Reader<OwnedSegments>, usize);

/// A guest announces more than one message may have.
#[derive(Debug, thiserror::Error)]
#[error("message refused: {is} {what}, the limit is {limit}")]
pub(super) struct Refused {
    is: usize,
    what: &'static str,
    limit: usize,
}

impl Refused {
    /// Fails where `is` is more than `limit`.
    pub(super) fn above(limit: usize, is: usize, what: &'static str) -> Result<(), Self> {
        if is > limit { Err(Self { is, what, limit }) } else { Ok(()) }
    }
}

/// Reads one message after the other, as their bytes come.
pub(super) struct Frames {
    stage: Stage,
}

enum Stage {
    /// What there is of the table.
    Table(Vec<u8>),
    /// The segments, and how many of their bytes are there.
    Segments { segments: OwnedSegments, words: usize, filled: usize },
}

impl Frames {
    pub(super) fn new() -> Self {
        Self { stage: Stage::Table(Vec::new()) }
    }

    /// Whether nothing of another message is there yet.
    pub(super) fn is_between(&self) -> bool {
        matches!(&self.stage, Stage::Table(table) if table.is_empty())
    }

    /// The next message, once all of it is there.
    ///
    /// # Errors
    /// Where the table announces more than is taken.
    pub(super) fn next(&mut self, input: &PipeReader) -> Result<Option<Frame>, Refused> {
        loop {
            match &mut self.stage {
                Stage::Table(table) => {
                    let length = table_bytes(table)?;
                    if !fill_table(table, length, input) {
                        return Ok(None);
                    }
                    // With its first word there, the table may turn out to be longer.
                    if table_bytes(table)? == table.len() {
                        self.stage = segments(table)?;
                    }
                }
                Stage::Segments { segments, filled, .. } => {
                    *filled += input.try_read(&mut segments[*filled..]);
                    if *filled < segments.len() {
                        return Ok(None);
                    }
                    return Ok(self.finish());
                }
            }
        }
    }

    fn finish(&mut self) -> Option<Frame> {
        let stage = std::mem::replace(&mut self.stage, Stage::Table(Vec::new()));
        let Stage::Segments { segments, words, .. } = stage else { return None };
        let mut options = ReaderOptions::new();
        options.traversal_limit_in_words(Some(RPC_TRAVERSAL_WORDS)).nesting_limit(NESTING);
        Some((Reader::new(segments, options), words))
    }
}

/// Reads as much of `length` bytes of a table as there is, and says whether that is all.
fn fill_table(table: &mut Vec<u8>, length: usize, input: &PipeReader) -> bool {
    let filled = table.len();
    table.resize(length, 0);
    let count = input.try_read(&mut table[filled..]);
    table.truncate(filled + count);
    table.len() == length
}

/// How many bytes the table has, as far as it tells yet.
fn table_bytes(table: &[u8]) -> Result<usize, Refused> {
    let Some(last) = numbers(table).next() else { return Ok(WORD) };
    let count = last as usize + 1;
    Refused::above(MAX_SEGMENTS, count, "segments")?;
    Ok((count / 2 + 1) * WORD)
}

/// Room for the segments that a whole table announces.
fn segments(table: &[u8]) -> Result<Stage, Refused> {
    let mut numbers = numbers(table);
    let count = numbers.next().unwrap_or_default() as usize + 1;
    let lengths: Vec<usize> = numbers.take(count).map(|length| length as usize).collect();
    // At most as many as there are segments, of 32 bits each: no overflow.
    let words = lengths.iter().sum();
    Refused::above(RPC_MESSAGE_WORDS, words, "words")?;
    let mut builder = SegmentLengthsBuilder::with_capacity(count);
    for length in lengths {
        // It fails where the sum overflows, which it does not.
        let _ = builder.try_push_segment(length);
    }
    Ok(Stage::Segments { segments: builder.into_owned_segments(), words, filled: 0 })
}

fn numbers(table: &[u8]) -> impl Iterator<Item = u32> {
    table.chunks_exact(4).map(|bytes| bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

/// The table of a message with these segments.
pub(super) fn table(segments: &[&[u8]]) -> Vec<u8> {
    let mut table = Vec::with_capacity((segments.len() / 2 + 1) * WORD);
    table.extend((segments.len().saturating_sub(1) as u32).to_le_bytes());
    for segment in segments {
        table.extend(((segment.len() / WORD) as u32).to_le_bytes());
    }
    table.resize(table.len().next_multiple_of(WORD), 0);
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipe::{PipeWriter, pipe};

    fn stream() -> (PipeWriter, PipeReader, Frames) {
        let (writer, reader) = pipe(4 << 20);
        (writer, reader, Frames::new())
    }

    fn announce(lengths: &[u32]) -> Vec<u8> {
        let mut table: Vec<u8> = (lengths.len() as u32 - 1).to_le_bytes().into();
        table.extend(lengths.iter().flat_map(|length| length.to_le_bytes()));
        table.resize(table.len().next_multiple_of(WORD), 0);
        table
    }

    /// What becomes of a table, and that nothing was made room for where it is refused.
    fn refusal(table: &[u8]) -> Option<String> {
        let (writer, reader, mut frames) = stream();
        writer.try_write(table).unwrap();
        let refused = frames.next(&reader).err()?;
        let Stage::Table(read) = &frames.stage else { panic!("there is room for what was refused") };
        assert!(read.len() <= table.len());
        Some(refused.to_string())
    }

    #[test]
    fn what_is_announced_is_refused_before_there_is_room_for_it() {
        let text =
            |is: usize, what: &str, limit: usize| Some(format!("message refused: {is} {what}, the limit is {limit}"));
        // 64 MiB in eight bytes, and all that can be announced.
        assert_eq!(refusal(&announce(&[8 << 20])), text(8 << 20, "words", RPC_MESSAGE_WORDS));
        let most = u32::MAX as usize * MAX_SEGMENTS;
        assert_eq!(refusal(&announce(&[u32::MAX; MAX_SEGMENTS])), text(most, "words", RPC_MESSAGE_WORDS));
        // Of a table that is too long, no more than its first word is looked at.
        assert_eq!(refusal(&announce(&[0; MAX_SEGMENTS + 1])[..8]), text(MAX_SEGMENTS + 1, "segments", MAX_SEGMENTS));
        assert_eq!(refusal(&[0xff; 8]), text(1 << 32, "segments", MAX_SEGMENTS));

        let bound = RPC_MESSAGE_WORDS as u32;
        assert_eq!(refusal(&announce(&[bound + 1])), text(RPC_MESSAGE_WORDS + 1, "words", RPC_MESSAGE_WORDS));
        assert_eq!(refusal(&announce(&[bound - 7, 8])), text(RPC_MESSAGE_WORDS + 1, "words", RPC_MESSAGE_WORDS));
        for fits in [&[bound][..], &[bound - 8, 8], &[1; MAX_SEGMENTS]] {
            assert_eq!(refusal(&announce(fits)), None);
        }
    }

    #[test]
    fn messages_come_out_as_they_went_in_however_their_bytes_come() {
        let mut builder = capnp::message::Builder::new(
            capnp::message::HeapAllocator::new()
                .first_segment_words(4)
                .allocation_strategy(capnp::message::AllocationStrategy::FixedSize),
        );
        let mut list: capnp::text_list::Builder<'_> = builder.initn_root(40);
        (0..40).for_each(|index| list.set(index, format!("number {index}")));
        let segments = builder.get_segments_for_output();
        assert!(segments.len() > 2);
        let mut bytes = table(&segments);
        segments.iter().for_each(|segment| bytes.extend(*segment));
        assert_eq!(bytes, capnp::serialize::write_message_to_words(&builder));

        for part in [1, 3, 8, 11, bytes.len()] {
            let (writer, reader, mut frames) = stream();
            let mut read = Vec::new();
            for part in bytes.repeat(2).chunks(part) {
                assert_eq!(writer.try_write(part).unwrap(), part.len());
                while let Some((message, words)) = frames.next(&reader).unwrap() {
                    assert_eq!(words * WORD + table(&segments).len(), bytes.len());
                    let list: capnp::text_list::Reader<'_> = message.get_root().unwrap();
                    read.push(list.get(39).unwrap().to_string().unwrap());
                }
            }
            assert_eq!(read, ["number 39", "number 39"]);
            assert!(frames.is_between());
        }
    }

    #[test]
    fn the_longest_message_is_taken() {
        let (writer, reader, mut frames) = stream();
        writer.try_write(&announce(&[RPC_MESSAGE_WORDS as u32])).unwrap();
        writer.try_write(&vec![0; RPC_MESSAGE_WORDS * WORD]).unwrap();
        assert!(matches!(frames.next(&reader), Ok(Some((_, RPC_MESSAGE_WORDS)))));
    }
}
