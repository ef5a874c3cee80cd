//! An image of any layers, and a guest that looks for anything in it. The input is the layers and what the guest does;
//! `tests/guests/fuzz` does it with the raw functions of `wasi:filesystem`.
//!
//! Beside the layers lies a file that nobody may find. As long as the guest has changed nothing, what it finds is what a
//! `model` of the plainest kind says.

mod image;
mod model;

use std::path::Path;
use std::sync::Arc;

use capnp::Error;
use tempfile::TempDir;
use ww_call::broken_client;
use ww_cell::Exit;
use ww_cell::fs::{FsConfig, Home, LocalTree, Tree, Union};

use self::image::{Folder, text_of};
use self::model::Model;
use crate::bytes::Bytes;
use crate::place::place;
use crate::worker::{self, Guest};

/// Steps in one input at most.
const STEPS: usize = 48;

/// The name of the file that nobody may find, and what it says.
const CANARY: &str = "canary";
const SONG: &[u8] = b"found by a guest";

/// The first steps that change something; those before them, and the last one, only look.
const CHANGES: std::ops::Range<u8> = 4..11;

/// One thing that a guest does.
struct Step {
    /// Which: see `tests/guests/fuzz`.
    kind: u8,
    flags: u8,
    path: String,
    second: String,
}

impl Step {
    fn read(bytes: &mut Bytes<'_>, outside: &str) -> Self {
        let (kind, flags) = (bytes.byte() % 12, bytes.byte());
        let path = text_of(bytes, outside);
        let second = if kind < 4 { String::new() } else { text_of(bytes, outside) };
        Self { kind, flags, path, second }
    }

    fn write(&self, input: &mut Vec<u8>) {
        input.extend([self.kind, self.flags]);
        for text in [&self.path, &self.second] {
            input.extend(u16::try_from(text.len()).expect("a short text").to_le_bytes());
            input.extend(text.as_bytes());
        }
    }
}

/// Runs one input.
pub fn target(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let host = place();
    let outside = host.path().join(CANARY).to_str().expect("a path of plain letters").to_owned();
    std::fs::write(&outside, SONG).expect("a file");
    let keeps_var = bytes.byte() & 1 != 0;
    let layers: Vec<Folder> = (0..1 + bytes.byte() % 3).map(|_| image::read(&mut bytes, &outside)).collect();
    let mut steps = Vec::new();
    while !bytes.is_empty() && steps.len() < STEPS {
        steps.push(Step::read(&mut bytes, &outside));
    }
    let answers = run(&host, &layers, keeps_var, &steps);
    check(&steps, &answers, &Model::of(&layers));
    unharmed(host.path(), &layers);
}

/// What the guest is told at each step: what it finds, or the error's name.
type Answer = Result<Vec<u8>, Vec<u8>>;

fn run(host: &TempDir, layers: &[Folder], keeps_var: bool, steps: &[Step]) -> Vec<Answer> {
    let mut trees: Vec<Arc<dyn Tree>> = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        let root = host.path().join(index.to_string());
        image::store(&root, layer);
        trees.push(Arc::new(LocalTree::open(&root).expect("open a layer")));
    }
    let mut files = FsConfig::new(Arc::new(Union::new(trees).expect("few layers")));
    files.tmp = Home::Private(host.path().join("tmp"));
    files.var = if keeps_var { Home::Kept(host.path().join("var")) } else { files.tmp.clone() };
    let mut input = Vec::new();
    steps.iter().for_each(|step| step.write(&mut input));
    worker::run(async |worker| {
        let membrane = broken_client(Error::failed("this guest has no Membrane".into()));
        let (cell, printed) = worker.cell(Guest { mode: "paths", input: &input, membrane, files }).await;
        let exit = worker::end(cell).await;
        let printed = printed.read(usize::MAX).await;
        assert!(exit == Some(Exit::Code(0)), "{exit:?}: {}", String::from_utf8_lossy(&printed));
        let mut printed = Bytes::new(&printed);
        steps.iter().map(|_| answer(&mut printed)).collect()
    })
}

fn answer(printed: &mut Bytes<'_>) -> Answer {
    let (failed, length) = (printed.byte() != 0, printed.number::<4>() as usize);
    let found = printed.take(length).to_vec();
    if failed { Err(found) } else { Ok(found) }
}

fn check(steps: &[Step], answers: &[Answer], model: &Model) {
    let mut changed = false;
    for (step, answer) in steps.iter().zip(answers) {
        let told = || format!("step {} {} {:?} {:?} gave {answer:?}", step.kind, step.flags, step.path, step.second);
        if let Ok(found) = answer {
            assert!(!contains(found, SONG), "the file outside was read: {}", told());
            assert!(step.kind != 1 || !contains(found, b".wh."), "a removal shows: {}", told());
        }
        let changes = CHANGES.contains(&step.kind);
        changed |= changes && answer.is_ok();
        if changed || changes {
            continue;
        }
        let follow = step.flags & 1 == 0;
        let expected = match step.kind {
            0 => model.read("", &step.path, follow),
            1 => model.list(&step.path, follow),
            2 => model.readlink(&step.path),
            3 => model.kind(&step.path, follow),
            _ => model.read_within(&step.path, follow, &step.second),
        };
        let expected = expected.map_err(|error| error.as_bytes().to_vec());
        assert!(*answer == expected, "{}, and the model says {expected:?}", told());
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// The layers are what they were, and so is what lies beside them.
fn unharmed(host: &Path, layers: &[Folder]) {
    assert_eq!(std::fs::read(host.join(CANARY)).expect("the file outside"), SONG);
    for (index, layer) in layers.iter().enumerate() {
        let root = host.join(index.to_string());
        assert!(image::load(&root) == *layer, "layer {index} was {layer:?}");
    }
    let beside = std::fs::read_dir(host).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let known = |name: &str| name == CANARY || name == "tmp" || name == "var" || name.parse::<usize>().is_ok();
    beside.for_each(|name| assert!(name.to_str().is_some_and(known), "{} was made by a guest", name.display()));
}
