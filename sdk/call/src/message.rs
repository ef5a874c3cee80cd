//! The message of a call or an answer: its words, and the capabilities that it carries.

use capnp::message::{Allocator, Builder, HeapAllocator, Reader, ReaderOptions, ReaderSegments};
use capnp::private::capability::{ClientHook, PipelineOp};
use capnp::traits::{Imbue, ImbueMut};
use capnp::{Error, any_pointer};

use crate::limits::{MAX_CAPS, MAX_MESSAGE_WORDS, MAX_SEGMENTS, NESTING, TRAVERSAL_WORDS};
use crate::scratch::{self, Short};

/// The capability table of a message. Pointers in the message are indexes into it.
pub type Caps = Vec<Option<Box<dyn ClientHook>>>;

/// The words of a message that came over a border.
///
/// The first segment is apart from the others because nearly every message has just one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segments {
    first: Vec<u64>,
    rest: Vec<Vec<u64>>,
}

impl Segments {
    /// Takes over words that were copied from elsewhere.
    pub fn new(first: Vec<u64>, rest: Vec<Vec<u64>>) -> Self {
        Self { first, rest }
    }

    /// The first segment.
    pub fn into_first(self) -> Vec<u64> {
        self.first
    }

    /// Checks the table of segments, before anything is copied.
    ///
    /// # Errors
    /// `failed`, naming the limit, where there are too many segments, words or capabilities.
    pub fn check(words: usize, segments: usize, caps: usize) -> capnp::Result<()> {
        let over = |what: &str, is: usize, limit: usize| {
            Err(Error::failed(format!("message refused: {is} {what}, the limit is {limit}")))
        };
        if words > MAX_MESSAGE_WORDS {
            return over("words", words, MAX_MESSAGE_WORDS);
        }
        if segments > MAX_SEGMENTS {
            return over("segments", segments, MAX_SEGMENTS);
        }
        if caps > MAX_CAPS {
            return over("capabilities", caps, MAX_CAPS);
        }
        Ok(())
    }
}

impl ReaderSegments for Segments {
    fn get_segment(&self, index: u32) -> Option<&[u8]> {
        let words = match index {
            0 => &self.first,
            _ => self.rest.get(index as usize - 1)?,
        };
        Some(bytemuck::cast_slice(words))
    }

    fn len(&self) -> usize {
        1 + self.rest.len()
    }
}

/// The words of a message that lie elsewhere and stay there for as long as this lives, such as on the other side of a
/// border.
pub trait Kept: 'static {
    /// How many segments there are: one or more.
    fn count(&self) -> usize;

    /// A segment, where there is one of this index. It is the same one each time.
    fn segment(&self, index: usize) -> Option<&[u64]>;
}

/// What reads words that are kept elsewhere.
struct Lent(Box<dyn Kept>);

impl ReaderSegments for Lent {
    fn get_segment(&self, index: u32) -> Option<&[u8]> {
        self.0.segment(index as usize).map(bytemuck::cast_slice)
    }

    fn len(&self) -> usize {
        self.0.count()
    }
}

enum Body {
    Short(Short),
    Built(Builder<HeapAllocator>),
    Words(Reader<Segments>),
    Lent(Reader<Lent>),
}

/// A Cap'n Proto message with the capabilities that it carries.
///
/// The capabilities are a plain vector, so whoever passes a message on can replace them without touching a word.
pub struct Message {
    body: Body,
    caps: Caps,
}

impl Default for Message {
    fn default() -> Self {
        Self::new()
    }
}

impl Message {
    /// An empty message, to be filled through [`Message::builder`].
    pub fn new() -> Self {
        Self::with_first_segment(scratch::WORDS as u32)
    }

    /// An empty message whose first segment has room for `words`.
    pub fn with_first_segment(words: u32) -> Self {
        let short = if words as usize <= scratch::WORDS { Short::new() } else { None };
        let body = short.map_or_else(|| Body::Built(on_heap(words)), Body::Short);
        Self { body, caps: Vec::new() }
    }

    /// A message from words that came over a border, which nobody has checked yet.
    pub fn from_words(segments: Segments, caps: Caps) -> Self {
        if segments.first.is_empty() {
            return Self { caps, ..Self::new() };
        }
        Self { body: Body::Words(Reader::new(segments, untrusted())), caps }
    }

    /// A message that is read where its words lie, which nobody has checked yet.
    pub fn lent(words: Box<dyn Kept>, caps: Caps) -> Self {
        Self { body: Body::Lent(Reader::new(Lent(words), untrusted())), caps }
    }

    /// A message with a copy of what `reader` points to, its capabilities included.
    ///
    /// # Errors
    /// `failed` where the original is malformed or past a limit of its reader.
    pub fn copy_of(reader: any_pointer::Reader<'_>) -> capnp::Result<Self> {
        let words = reader.target_size()?.word_count.saturating_add(1);
        let mut message = Self::with_first_segment(u32::try_from(words).unwrap_or(u32::MAX).min(1 << 24));
        message.builder()?.set_as(reader)?;
        Ok(message)
    }

    /// The root, to write to.
    ///
    /// # Errors
    /// `failed` for a message that came over a border: those are read only.
    pub fn builder(&mut self) -> capnp::Result<any_pointer::Builder<'_>> {
        let mut root: any_pointer::Builder<'_> = match &mut self.body {
            Body::Short(short) => short.builder_mut().get_root()?,
            Body::Built(builder) => builder.get_root()?,
            Body::Words(_) | Body::Lent(_) => {
                return Err(Error::failed("a received message cannot be written".into()));
            }
        };
        root.imbue_mut(&mut self.caps);
        Ok(root)
    }

    /// The root, to read from.
    ///
    /// # Errors
    /// `failed` where the words are no message.
    pub fn root(&self) -> capnp::Result<any_pointer::Reader<'_>> {
        let mut root: any_pointer::Reader<'_> = match &self.body {
            Body::Short(short) => short.builder().get_root_as_reader()?,
            Body::Built(builder) => builder.get_root_as_reader()?,
            Body::Words(reader) => reader.get_root()?,
            Body::Lent(reader) => reader.get_root()?,
        };
        root.imbue(&self.caps);
        Ok(root)
    }

    /// The capability at a place in the message; where there is none, one that fails every call and says so.
    pub fn cap_at(&self, ops: &[PipelineOp]) -> Box<dyn ClientHook> {
        match self.root().and_then(|root| root.get_pipelined_cap(ops)) {
            Ok(hook) => hook,
            Err(error) => crate::broken_client(error),
        }
    }

    /// The capabilities that the message carries.
    pub fn caps(&self) -> &Caps {
        &self.caps
    }

    /// The capabilities, to replace them in place.
    pub fn caps_mut(&mut self) -> &mut Caps {
        &mut self.caps
    }

    /// Reads the segments where they lie.
    pub fn with_segments<R>(&self, read: impl FnOnce(&[&[u64]]) -> R) -> R {
        match &self.body {
            Body::Short(short) => with_built(short.builder(), read),
            Body::Built(builder) => with_built(builder, read),
            Body::Words(reader) => {
                let segments = reader.get_segments();
                if segments.rest.is_empty() {
                    return read(&[&segments.first]);
                }
                let mut all = vec![segments.first.as_slice()];
                all.extend(segments.rest.iter().map(Vec::as_slice));
                read(&all)
            }
            Body::Lent(reader) => {
                let kept = &reader.get_segments().0;
                match kept.count() {
                    1 => read(&[kept.segment(0).unwrap_or_default()]),
                    count => read(&(0..count).filter_map(|index| kept.segment(index)).collect::<Vec<_>>()),
                }
            }
        }
    }

    /// Checks that a border lets this message pass.
    ///
    /// # Errors
    /// As [`Segments::check`].
    pub fn check(&self) -> capnp::Result<()> {
        self.with_segments(|segments| {
            let words = segments.iter().map(|segment| segment.len()).sum();
            Segments::check(words, segments.len(), self.caps.len())
        })
    }

    /// How many bytes the segments have together.
    pub fn bytes(&self) -> usize {
        self.with_segments(|segments| segments.iter().map(|segment| segment.len()).sum::<usize>() * 8)
    }

    /// A copy that shares nothing but the capabilities.
    ///
    /// # Errors
    /// As [`Message::copy_of`].
    pub fn duplicate(&self) -> capnp::Result<Self> {
        Self::copy_of(self.root()?)
    }
}

/// How words are read that came over a border.
fn untrusted() -> ReaderOptions {
    let mut options = ReaderOptions::new();
    options.traversal_limit_in_words(Some(TRAVERSAL_WORDS)).nesting_limit(NESTING);
    options
}

fn on_heap(words: u32) -> Builder<HeapAllocator> {
    Builder::new(HeapAllocator::new().first_segment_words(words.max(1)))
}

fn with_built<R>(builder: &Builder<impl Allocator>, read: impl FnOnce(&[&[u64]]) -> R) -> R {
    match &*builder.get_segments_for_output() {
        [] => read(&[&[]]),
        [one] => read(&[words(one)]),
        many => read(&many.iter().map(|segment| words(segment)).collect::<Vec<_>>()),
    }
}

/// A builder's segments are allocated in words, so they are always aligned; a misaligned one would read as empty.
fn words(bytes: &[u8]) -> &[u64] {
    bytemuck::try_cast_slice(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_can_be_read_back_from_its_words() {
        let mut message = Message::new();
        message.builder().unwrap().set_as("hello").unwrap();
        let words = message.with_segments(|segments| segments.iter().map(|s| s.to_vec()).collect::<Vec<_>>());
        let copy = Message::from_words(Segments::new(words[0].clone(), words[1..].to_vec()), Vec::new());
        let text: capnp::text::Reader<'_> = copy.root().unwrap().get_as().unwrap();
        assert_eq!(text, "hello");
    }

    /// Words of a message, each segment by itself.
    struct Elsewhere(Vec<Vec<u64>>);

    impl Kept for Elsewhere {
        fn count(&self) -> usize {
            self.0.len()
        }

        fn segment(&self, index: usize) -> Option<&[u64]> {
            self.0.get(index).map(Vec::as_slice)
        }
    }

    #[test]
    fn a_message_that_lies_elsewhere_reads_the_same_and_passes_on() {
        let said = "more than one segment ".repeat(100);
        let mut message = Message::new();
        message.builder().unwrap().set_as(said.as_str()).unwrap();
        let words = message.with_segments(|segments| segments.iter().map(|s| s.to_vec()).collect::<Vec<_>>());
        assert!(words.len() > 1);
        let mut lent = Message::lent(Box::new(Elsewhere(words.clone())), Vec::new());
        assert!(lent.builder().is_err());
        let text: capnp::text::Reader<'_> = lent.root().unwrap().get_as().unwrap();
        assert_eq!(text, said.as_str());
        assert_eq!(lent.with_segments(|segments| segments.iter().map(|s| s.to_vec()).collect::<Vec<_>>()), words);
    }

    #[test]
    fn an_empty_message_reads_as_null() {
        assert!(Message::new().root().unwrap().is_null());
        assert!(Message::from_words(Segments::default(), Vec::new()).root().unwrap().is_null());
    }

    #[test]
    fn a_message_over_a_limit_is_refused_by_name() {
        let error = Segments::check(MAX_MESSAGE_WORDS + 1, 1, 0).unwrap_err();
        assert!(error.extra.contains("131073 words, the limit is 131072"), "{error}");
        assert!(Segments::check(MAX_MESSAGE_WORDS, MAX_SEGMENTS, MAX_CAPS).is_ok());
        assert!(Segments::check(1, MAX_SEGMENTS + 1, 0).unwrap_err().extra.contains("segments"));
        assert!(Segments::check(1, 1, MAX_CAPS + 1).unwrap_err().extra.contains("capabilities"));
    }
}
