//! What crosses a border is bounded, and what is past a bound is refused with a clear error.

use capnp::capability::{Promise, Response};
use capnp::{Error, ErrorKind};
use ww_call::limits::{MAX_CAPS, MAX_ERROR_TEXT, MAX_MESSAGE_WORDS, MAX_SEGMENTS};
use ww_call::{Message, Segments};

use crate::calls::{echo, fail, method, never, raw};
use crate::conformance_capnp::{Kind, peer};
use crate::failure::{Failure, Outcome, ensure, ensure_eq};
use crate::setting::Setting;
use crate::site::Census;

/// Parameters of `length` that take exactly as many words.
fn parameters(words: usize) -> capnp::Result<Message> {
    let mut message = Message::with_first_segment(words as u32);
    let mut params = message.builder()?.init_as::<peer::length_params::Builder<'_>>();
    params.set_data(&vec![1; data_of(words)]);
    Ok(message)
}

/// How many bytes there are in such a message: beside the root and the pointer to the data.
fn data_of(words: usize) -> usize {
    (words - 2) * 8
}

async fn refused(setting: &Setting<'_>, answer: capnp::Result<Message>, text: &str) -> Outcome {
    let error = answer.err().ok_or_else(|| Failure::new(format!("not refused: {text}")))?;
    ensure_eq!(error.kind, ErrorKind::Failed, "the kind of the error: {error}");
    ensure!(error.extra.contains(text), "the error does not say `{text}`: {error}");
    ensure_eq!(echo(&setting.far, b"next").await?, b"next".to_vec(), "the next call");
    Ok(())
}

pub(crate) async fn the_longest_parameters_cross(setting: &Setting<'_>) -> Outcome {
    let params = parameters(MAX_MESSAGE_WORDS)?;
    let words: usize = params.with_segments(|segments| segments.iter().map(|segment| segment.len()).sum());
    ensure_eq!(words, MAX_MESSAGE_WORDS, "the message's own words");
    let results = raw(&setting.far, method::LENGTH, params).await?;
    let results: peer::length_results::Reader<'_> = results.root()?.get_as()?;
    ensure_eq!(results.get_bytes(), data_of(MAX_MESSAGE_WORDS) as u64, "how long they were over there");
    Ok(())
}

pub(crate) async fn longer_parameters_are_refused_by_name(setting: &Setting<'_>) -> Outcome {
    let answer = raw(&setting.far, method::LENGTH, parameters(MAX_MESSAGE_WORDS + 1)?).await;
    refused(setting, answer, "131073 words, the limit is 131072").await?;
    let answer = raw(&setting.far, method::LENGTH, parameters(MAX_MESSAGE_WORDS * 4)?).await;
    refused(setting, answer, "524288 words, the limit is 131072").await
}

pub(crate) async fn longer_results_are_refused_by_name(setting: &Setting<'_>) -> Outcome {
    // The longest, with the pointers around it.
    let response = produce(setting, MAX_MESSAGE_WORDS * 8 - 64).await?;
    let data = response.get()?.get_data()?;
    ensure!(
        data.iter().enumerate().all(|(index, byte)| *byte == index as u8),
        "{} bytes of results came changed",
        data.len()
    );
    if !setting.traits().far_side_keeps_bounds {
        return ends_with_too_long_results(setting).await;
    }
    for bytes in [MAX_MESSAGE_WORDS * 8, MAX_MESSAGE_WORDS * 32] {
        let answer = produce(setting, bytes).await.map(|_| Message::new());
        refused(setting, answer, "words, the limit is 131072").await?;
    }
    Ok(())
}

fn produce(setting: &Setting<'_>, bytes: usize) -> Promise<Response<peer::produce_results::Owned>, Error> {
    let mut request = setting.far.produce_request();
    request.get().set_bytes(bytes as u64);
    request.send().promise
}

/// A far side that says what is too long is not there any more.
async fn ends_with_too_long_results(setting: &Setting<'_>) -> Outcome {
    setting.closing();
    for what in ["the call with results that are too long", "a later call"] {
        let error = produce(setting, MAX_MESSAGE_WORDS * 8).await.err();
        let error = error.ok_or_else(|| Failure::new(format!("{what} succeeded")))?;
        ensure_eq!(error.kind, ErrorKind::Disconnected, "the kind of the error of {what}: {error}");
    }
    Ok(())
}

pub(crate) async fn too_many_segments_are_refused_by_name(setting: &Setting<'_>) -> Outcome {
    let params = Message::from_words(Segments::new(vec![0], vec![vec![0]; MAX_SEGMENTS]), Vec::new());
    let answer = raw(&setting.far, method::LENGTH, params).await;
    refused(setting, answer, "513 segments, the limit is 512").await
}

pub(crate) async fn too_many_capabilities_are_refused_by_name(setting: &Setting<'_>) -> Outcome {
    let mut params = Message::new();
    params.caps_mut().resize_with(MAX_CAPS, || None);
    raw(&setting.far, method::LENGTH, params).await?;
    let mut params = Message::new();
    params.caps_mut().resize_with(MAX_CAPS, || None);
    params.caps_mut().push(Some(setting.near.counter().client.hook));
    let answer = raw(&setting.far, method::LENGTH, params).await;
    refused(setting, answer, "4097 capabilities, the limit is 4096").await
}

pub(crate) async fn long_error_texts_are_cut(setting: &Setting<'_>) -> Outcome {
    for turns in [0, 1] {
        let answer = fail(&setting.far, Kind::Overloaded, &"é".repeat(MAX_ERROR_TEXT), turns).await;
        let error = answer.err().ok_or_else(|| Failure::new("a call that should have failed succeeded"))?;
        ensure_eq!(error.kind, ErrorKind::Overloaded, "the kind of the error");
        let text = error.extra.strip_prefix(setting.traits().error_prefix).unwrap_or_default();
        let longest = if setting.traits().far_side_keeps_bounds { MAX_ERROR_TEXT } else { MAX_ERROR_TEXT * 2 };
        ensure!(
            !text.is_empty() && text.len() <= longest && text.chars().all(|it| it == 'é'),
            "a text of {} bytes",
            text.len()
        );
    }
    Ok(())
}

pub(crate) async fn far_too_many_calls_are_overloaded(setting: &Setting<'_>) -> Outcome {
    /// More than any carrier allows.
    const FAR_TOO_MANY: usize = 20_000;
    /// Fewer than any carrier allows.
    const MANY: usize = 8000;
    if !setting.traits().calls_are_refused {
        let calls: Vec<_> = (0..MANY).map(|_| never(&setting.far, None)).collect();
        setting.far_comes_to(Census { calls: MANY as u32, ..Census::default() }).await?;
        drop(calls);
        return setting.far_is_empty().await;
    }
    let mut calls = Vec::new();
    let error = loop {
        ensure!(calls.len() < FAR_TOO_MANY, "there is no limit");
        let mut call = never(&setting.far, None);
        match futures::poll!(&mut call) {
            std::task::Poll::Pending => calls.push(call),
            std::task::Poll::Ready(Ok(())) => return Err(Failure::new("a call that never ends has ended")),
            std::task::Poll::Ready(Err(error)) => break error,
        }
    };
    ensure_eq!(error.kind, ErrorKind::Overloaded, "the kind of the error: {error}");
    ensure!(error.extra.contains("limit"), "the error does not speak of a limit: {error}");
    // Whoever gives up some has room again.
    calls.clear();
    setting.eventually("room for a call", async || Ok(echo(&setting.far, b"room").await.is_ok())).await
}
