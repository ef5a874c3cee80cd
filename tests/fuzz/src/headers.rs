//! Files and messages that a parser of ours reads first. The first byte says which one.

use std::fmt::{self, Write};
use std::path::Path;

use capnp::message::ReaderSegments;
use capnp::schema_capnp::node;
use membrane::Name;
use ww::identity::Identity;
use ww::init::{SDK_DIR, sdk};
use ww::swarm::parse_multiaddr;
use ww_call::limits::{MAX_MESSAGE_WORDS, TRAVERSAL_WORDS};
use ww_call::wire::{Content, Event, EventReader, EventWriter, OutcomeHead, Words};
use ww_call::{Message, Segments, ops_of};
use ww_capnp::stem_capnp::{membrane as membrane_capnp, session};

use crate::bytes::{Bytes, words};
use crate::place::place;
use crate::worker;

/// Bytes of an error's text: one line that a terminal can show.
const ERROR_TEXT: usize = 1024;

/// Bytes that a message is printed with at most.
const PRINTED: usize = 64 << 10;

/// Bytes of a directory's name that a project is made in.
const DIRECTORY_NAME: usize = 200;

/// Runs one input.
pub fn target(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    match bytes.byte() % 7 {
        0 => component(bytes.rest()),
        1 => identity(bytes.rest()),
        2 => events(&mut bytes),
        3 => message(&mut bytes),
        4 => unpacked_sdk(bytes.rest()),
        5 => project(bytes.rest()),
        _ => texts(bytes.rest()),
    }
}

/// What goes to a person is one line, of a length that can be read, and does nothing to a terminal.
fn is_one_line(error: &impl fmt::Display) {
    let text = error.to_string();
    assert!(!text.is_empty() && text.len() <= ERROR_TEXT, "{} bytes: {text:?}", text.len());
    assert!(!text.contains(char::is_control), "an error that is not one line: {text:?}");
}

/// The first bytes of a guest.
fn component(bytes: &[u8]) {
    let program = worker::run(async |worker| worker.engine.program(bytes).await);
    if let Err(error) = program {
        is_one_line(&error);
    }
}

/// The file of a node's key. What is read is what is there, and reading changes nothing.
fn identity(bytes: &[u8]) {
    let folder = place();
    let path = folder.path().join("identity");
    std::fs::write(&path, bytes).and_then(|()| private(&path)).expect("a file");
    match Identity::load_or_create(&path) {
        Ok(identity) => {
            let again = folder.path().join("again");
            let key = identity.keypair().to_protobuf_encoding().expect("a key that was just read");
            std::fs::write(&again, key).and_then(|()| private(&again)).expect("a file");
            let read = Identity::load_or_create(&again).expect("a key that was just written");
            assert_eq!(read.peer_id(), identity.peer_id());
        }
        Err(error) => is_one_line(&error),
    }
    assert_eq!(std::fs::read(&path).expect("the file"), bytes);
}

fn private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

/// Events, and the heads of outcomes: what is read is written again, and reads as the same.
fn events(bytes: &mut Bytes<'_>) {
    let long = (0..bytes.byte() % 4).map(|_| words(bytes.take(64))).collect();
    let words = words(bytes.take(4096));
    if let Some(head) = words.first().and_then(|word| OutcomeHead::decode(*word)) {
        assert_eq!(OutcomeHead::decode(head.encode()), Some(head));
    }
    let count = words.len();
    let events: Vec<Event> = EventReader::new(words, long).collect();
    assert!(events.len() <= count, "{} events of {count} words", events.len());
    let mut writer = EventWriter::new();
    events.iter().for_each(|event| write_event(&mut writer, event));
    let (words, long) = writer.finish();
    let again: Vec<Event> = EventReader::new(words, long).collect();
    assert_eq!(format!("{again:?}"), format!("{events:?}"));
}

fn write_event(writer: &mut EventWriter, event: &Event) {
    match event {
        Event::Completed { call, results } => with_content(results, |results| writer.completed(*call, results)),
        Event::Failed { call, error } => writer.failed(*call, error),
        Event::Cancelled { call } => writer.cancelled(*call),
        Event::Released { number, count } => writer.released(*number, *count),
        Event::Incoming { call, number, interface, method, streaming, params } => {
            with_content(params, |params| writer.incoming(*call, *number, *interface, *method, *streaming, params));
        }
        Event::Closed { error } => writer.closed(error),
    }
}

fn with_content(message: &Words, write: impl FnOnce(Content<'_>)) {
    let crossed = &message.segments;
    let count = u32::try_from(crossed.len()).expect("as many as words were read");
    let all: Vec<Vec<u64>> = (0..count).filter_map(|index| crossed.get_segment(index)).map(words).collect();
    let segments: Vec<_> = all.iter().map(Vec::as_slice).collect();
    write(Content { segments: &segments, handles: &message.handles, keep: &|index| all[index].clone() });
}

/// A message that came over a border: whatever it points to, reading ends, within the limits.
fn message(bytes: &mut Bytes<'_>) {
    let (segments, caps) = (bytes.byte() % 4, usize::from(bytes.byte() % 4));
    let path: Vec<u16> = bytes.take(3).iter().map(|byte| u16::from(byte % 4)).collect();
    let rest: Vec<_> = (0..segments).map(|_| words(bytes.take(32))).collect();
    let first = words(bytes.rest());
    let count = rest.iter().fold(first.len(), |sum, segment| sum + segment.len());
    if Segments::check(count, 1 + rest.len(), caps).is_err() {
        return assert!(count > MAX_MESSAGE_WORDS, "refused with {count} words");
    }
    let rootless = first.is_empty();
    let cap = || ww_call::broken_client(capnp::Error::failed("never called".into()));
    let message = Message::from_words(Segments::new(first, rest), (0..caps).map(|_| Some(cap())).collect());
    // Without a first segment there is no root, and nothing that it could lead to.
    let kept = if rootless { 0 } else { count };
    message.with_segments(|segments| assert_eq!(segments.iter().map(|it| it.len()).sum::<usize>(), kept));
    drop(message.cap_at(&ops_of(&path)));
    if let Ok(copy) = message.duplicate() {
        let words = copy.with_segments(|segments| segments.iter().map(|it| it.len()).sum::<usize>());
        assert!(words <= TRAVERSAL_WORDS + 1, "{words} words are copied of {count}");
        print(&copy);
    }
    print(&message);
}

/// Reads a message as different structures, as deep as they go.
fn print(message: &Message) {
    let Ok(root) = message.root() else { return };
    let mut out = Bounded(PRINTED);
    // What cannot be read, or is too much, ends it.
    let _ = root.get_as::<session::Reader<'_>>().map(|it| write!(out, "{it:?}"));
    let _ = root.get_as::<membrane_capnp::restrict_params::Reader<'_>>().map(|it| write!(out, "{it:?}"));
    let _ = root.get_as::<node::Reader<'_>>().map(|it| write!(out, "{it:?}"));
}

/// Takes so many bytes of text, and no more.
struct Bounded(usize);

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.checked_sub(text.len()).ok_or(fmt::Error)?;
        Ok(())
    }
}

/// The file that says which SDK is unpacked in a project.
fn unpacked_sdk(bytes: &[u8]) {
    let project = place();
    let folder = project.path().join(SDK_DIR);
    std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join("VERSION"), bytes)).expect("a file");
    match sdk::state(project.path()) {
        Ok(state) => assert_ne!(state, sdk::State::Absent),
        Err(error) => is_one_line(&error),
    }
}

/// A project in a directory of any name. What is written of it, the lock file above all, is what cargo can read.
fn project(bytes: &[u8]) {
    let name = String::from_utf8_lossy(bytes).replace(['/', '\0'], "_");
    let length = (0..=DIRECTORY_NAME.min(name.len())).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
    let parent = place();
    let project = parent.path().join(&name[..length]);
    match ww::init::create(&project, "rust") {
        Ok(name) => {
            let manifest = table(&project.join("Cargo.toml"));
            assert_eq!(manifest["package"]["name"].as_str(), Some(name.as_str()));
            let lock = table(&project.join("Cargo.lock"));
            let packages = lock["package"].as_array().expect("the packages");
            let names: Vec<_> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
            assert!(names.is_sorted() && names.iter().filter(|it| **it == name).count() == 1, "{names:?}");
        }
        Err(error) => is_one_line(&error),
    }
}

fn table(path: &Path) -> toml::Table {
    let text = std::fs::read_to_string(path).expect("a file of the project");
    text.parse().unwrap_or_else(|error| panic!("{}: {error}\n{text}", path.display()))
}

/// What a person types.
fn texts(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match text.parse::<Name>() {
        Ok(name) => assert_eq!(name.as_str(), text),
        Err(error) => assert!(error.to_string().len() <= ERROR_TEXT, "{error}"),
    }
    match parse_multiaddr(&text) {
        Ok(address) => assert_eq!(parse_multiaddr(&address.to_string()).as_ref(), Ok(&address)),
        Err(error) => is_one_line(&error),
    }
}
