//! What is written can be read.

use capnp::{Error, ErrorKind};

use super::event::{LONG, kind};
use super::writer::LONG_WORDS;
use super::*;
use crate::limits::MAX_ERROR_TEXT;
use crate::message::Segments;

#[test]
fn events_survive_their_crossing() {
    let mut writer = EventWriter::new();
    let long = vec![7; LONG_WORDS + 1];
    let keep = |_| long.clone();
    writer.completed(1, Content { segments: &[&[1, 2], &long], handles: &[NULL_HANDLE, 5, 6], keep: &keep });
    writer.failed(2, &Error::overloaded("full".into()));
    writer.cancelled(3);
    writer.released(4, 9);
    writer.incoming(5, 6, 0xabc, 7, true, Content { segments: &[&[]], handles: &[], keep: &keep });
    writer.closed(&Error::disconnected("gone".into()));
    let (words, segments) = writer.finish();
    let events: Vec<Event> = EventReader::new(words, segments).collect();
    assert_eq!(events.len(), 6);
    let Event::Completed { call: 1, results } = &events[0] else { panic!("{events:?}") };
    assert_eq!(*results, Words { segments: Segments::new(vec![1, 2], vec![long]), handles: vec![NULL_HANDLE, 5, 6] });
    assert!(
        matches!(&events[1], Event::Failed { call: 2, error } if error.kind == ErrorKind::Overloaded && error.extra == "full")
    );
    assert!(matches!(events[2], Event::Cancelled { call: 3 }));
    assert!(matches!(events[3], Event::Released { number: 4, count: 9 }));
    assert!(matches!(
        events[4],
        Event::Incoming { call: 5, number: 6, interface: 0xabc, method: 7, streaming: true, .. }
    ));
    assert!(matches!(&events[5], Event::Closed { error } if error.kind == ErrorKind::Disconnected));
}

const NULL_HANDLE: u32 = u32::MAX;

#[test]
fn garbage_ends_the_events() {
    for words in
        [vec![0xff], vec![kind::COMPLETED, u64::MAX], vec![kind::FAILED, u64::MAX], vec![kind::COMPLETED, 1, LONG | 3]]
    {
        assert_eq!(EventReader::new(words.clone(), Vec::new()).count(), 0, "{words:x?}");
    }
}

#[test]
fn outcome_heads_survive_their_crossing() {
    for head in
        [OutcomeHead::done(8), OutcomeHead::failed(ErrorKind::Unimplemented, 64), OutcomeHead::pending(u32::MAX)]
    {
        assert_eq!(OutcomeHead::decode(head.encode()), Some(head));
    }
    assert_eq!(OutcomeHead::decode(3), None);
}

#[test]
fn a_long_error_is_cut_at_a_character() {
    let error = Error::failed("é".repeat(MAX_ERROR_TEXT));
    let text = error_text(&error);
    assert!(text.len() <= MAX_ERROR_TEXT && text.ends_with('é'));
    assert_eq!(error_from_words(ErrorKind::Failed, &text_words(&text), text.len()).extra, text);
}
