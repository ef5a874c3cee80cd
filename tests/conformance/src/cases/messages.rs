//! What a message may look like.

use capnp::ErrorKind;
use capnp::message::{AllocationStrategy, Builder, HeapAllocator};
use ww_call::limits::{MAX_MESSAGE_WORDS, MAX_SEGMENTS, NESTING};
use ww_call::{Message, Segments};

use crate::calls::{echo, echo_after, echo_when, method, open, raw, raw_of};
use crate::conformance_capnp::peer;
use crate::failure::{Failure, Outcome, ensure, ensure_eq};
use crate::setting::Setting;

/// Bytes in which no part looks like another.
pub(super) fn pattern(bytes: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..bytes).map(next).collect()
}

pub(crate) async fn from_16_bytes_to_1_mib(setting: &Setting<'_>) -> Outcome {
    // The longest leaves room for the pointers around it.
    for bytes in [16, 17, 64, 500, 512, 4 << 10, 64 << 10, 256 << 10, MAX_MESSAGE_WORDS * 8 - 64] {
        let data = pattern(bytes);
        ensure!(echo(&setting.far, &data).await? == data, "{bytes} bytes came back changed");
    }
    Ok(())
}

pub(crate) async fn of_no_length(setting: &Setting<'_>) -> Outcome {
    ensure_eq!(echo(&setting.far, &[]).await?, Vec::<u8>::new(), "no bytes at all");
    // Not even a root: the parameters are what the schema says where nothing is said.
    let results = raw(&setting.far, method::LENGTH, Message::new()).await?;
    let results: peer::length_results::Reader<'_> = results.root()?.get_as()?;
    ensure_eq!(results.get_bytes(), 0, "the length of nothing");
    Ok(())
}

pub(crate) async fn answered_later(setting: &Setting<'_>) -> Outcome {
    for bytes in [0, 16, 64 << 10, MAX_MESSAGE_WORDS * 8 - 64] {
        let data = pattern(bytes);
        ensure!(echo_after(&setting.far, &data, 3).await? == data, "{bytes} bytes came back changed");
        let gate = 1 + bytes as u32;
        let answer = echo_when(&setting.far, &data, gate);
        open(&setting.far, gate).await?;
        ensure!(answer.await? == data, "{bytes} bytes came back changed, when they were allowed to");
    }
    Ok(())
}

pub(crate) async fn with_content_of_any_kind(setting: &Setting<'_>) -> Outcome {
    let mut request = setting.far.echo_any_request();
    request.get().get_content().set_as("a text")?;
    let response = request.send().promise.await?;
    let text: capnp::text::Reader<'_> = response.get()?.get_content().get_as()?;
    ensure!(text == "a text", "a text came back as {text:?}");
    Ok(())
}

/// Parameters of `echoAny` with as many lists of 15 numbers, each list of which fills a segment of 16 words.
fn lists(count: u32) -> capnp::Result<Message> {
    let allocator = HeapAllocator::new().first_segment_words(16).allocation_strategy(AllocationStrategy::FixedSize);
    let mut builder = Builder::new(allocator);
    let params = builder.init_root::<peer::echo_any_params::Builder<'_>>();
    let mut lists: capnp::list_list::Builder<'_, capnp::primitive_list::Owned<u64>> =
        params.get_content().initn_as(count);
    for index in 0..count {
        let mut list = lists.reborrow().init(index, 14);
        (0..14).for_each(|place| list.set(place, number(index, place)));
    }
    let segments: Vec<Vec<u64>> = builder
        .get_segments_for_output()
        .iter()
        .map(|segment| segment.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default())))
        .map(Iterator::collect)
        .collect();
    let (first, rest) = segments.split_first().ok_or_else(|| capnp::Error::failed("no segment".into()))?;
    Ok(Message::from_words(Segments::new(first.clone(), rest.to_vec()), Vec::new()))
}

fn number(list: u32, place: u32) -> u64 {
    u64::from(list) << 32 | u64::from(place)
}

pub(crate) async fn of_many_segments(setting: &Setting<'_>) -> Outcome {
    for count in [1, 10, 100, 400] {
        let params = lists(count)?;
        let segments = params.with_segments(|segments| segments.len());
        ensure!(segments > count as usize && segments <= MAX_SEGMENTS, "{count} lists took {segments} segments");
        let results = raw(&setting.far, method::ECHO_ANY, params).await?;
        let results: peer::echo_any_results::Reader<'_> = results.root()?.get_as()?;
        let lists: capnp::list_list::Reader<'_, capnp::primitive_list::Owned<u64>> = results.get_content().get_as()?;
        ensure_eq!(lists.len(), count, "how many lists came back");
        for (index, list) in (0..).zip(lists.iter()) {
            let list = list?;
            ensure!(
                list.iter().zip(0..).all(|(is, place)| is == number(index, place)) && list.len() == 14,
                "list {index} of {count} came back changed"
            );
        }
    }
    Ok(())
}

pub(crate) async fn of_one_word_a_segment(setting: &Setting<'_>) -> Outcome {
    // A root, and segments that nothing points to.
    let params = Message::from_words(Segments::new(vec![0], vec![vec![7]; MAX_SEGMENTS - 1]), Vec::new());
    raw(&setting.far, method::LENGTH, params).await?;
    Ok(())
}

/// Calls with words that are no good, and checks that only this call fails.
async fn fails_alone(setting: &Setting<'_>, words: Vec<u64>, what: &str) -> Outcome {
    let params = Message::from_words(Segments::new(words, Vec::new()), Vec::new());
    let error = match raw(&setting.far, method::ECHO_ANY, params).await {
        Ok(_) => return Err(Failure::new(format!("{what} was taken"))),
        Err(error) => error,
    };
    // The Cap'n Proto library has kinds of its own for these, which cross a border as `failed`.
    let other = [ErrorKind::Overloaded, ErrorKind::Disconnected, ErrorKind::Unimplemented];
    ensure!(!other.contains(&error.kind), "{what} has the wrong kind of error: {error}");
    ensure_eq!(echo(&setting.far, b"still here").await?, b"still here".to_vec(), "an echo after {what}");
    Ok(())
}

/// A pointer to a structure with one pointer and nothing else, which follows after `offset` words.
const fn pointer(offset: u64) -> u64 {
    offset << 2 | 1 << 48
}

pub(crate) async fn that_are_malformed_fail_their_call_only(setting: &Setting<'_>) -> Outcome {
    fails_alone(setting, vec![pointer(1000)], "a pointer past the end").await?;
    // A far pointer into the tenth segment.
    fails_alone(setting, vec![pointer(0), 2 | 9 << 32], "a pointer to a segment that is not there").await?;
    fails_alone(setting, vec![u64::MAX], "a pointer of no kind").await?;
    // A capability, where the message carries none.
    fails_alone(setting, vec![pointer(0), 3 | 5 << 32], "a capability that is not there").await
}

pub(crate) async fn that_nest_too_deep_fail_their_call_only(setting: &Setting<'_>) -> Outcome {
    let mut words = vec![pointer(0); NESTING as usize * 2];
    words.push(0);
    fails_alone(setting, words, "a structure that nests too deep").await?;
    // A structure that is its own pointer: it has no end.
    fails_alone(setting, vec![pointer(0), 0xffff_fffc | 1 << 48], "a structure that contains itself").await
}

pub(crate) async fn for_methods_that_nobody_has(setting: &Setting<'_>) -> Outcome {
    for (answer, what) in [
        (raw(&setting.far, method::NOBODYS, Message::new()).await, "a method"),
        (raw_of(0xdead_beef, &setting.far, 0, Message::new()).await, "an interface"),
    ] {
        match answer {
            Err(error) => ensure_eq!(error.kind, ErrorKind::Unimplemented, "the kind of the error"),
            Ok(_) => return Err(Failure::new(format!("{what} that nobody has answers"))),
        }
    }
    Ok(())
}
