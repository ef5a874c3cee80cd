//! The committed corpus, and random inputs, through every target: what the pinned toolchain can do without a fuzzer.

#[path = "replay/generator.rs"]
mod generator;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use ww_fuzz::{TARGETS, Target};
use ww_tests::scale::scaled;

use crate::generator::Generator;

/// Random inputs of one target in full; a tenth of them in a plain run.
const INPUTS: u32 = 100_000;

/// How long one input may take, on a busy machine too. Most take a millisecond.
const PATIENCE: Duration = Duration::from_secs(60);

/// What every panic of this process says, wherever it is caught: also one that the node goes on after is a finding.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A panic belongs to the target that runs, so they run one after the other.
static RUNNING: Mutex<()> = Mutex::new(());

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen_for_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            locked(&PANICS).push(panic.to_string());
            print(panic);
        }));
    });
}

/// The files of a target's corpus, in order, with what they hold.
fn corpus(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("list {}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "there is no corpus in {}", folder.display());
    files.into_iter().map(|file| (file.clone(), std::fs::read(file).expect("read the corpus"))).collect()
}

/// Runs a target in a thread of its own, and looks on.
fn check(name: &str) {
    let _alone = locked(&RUNNING);
    listen_for_panics();
    locked(&PANICS).clear();
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of that name");
    let seeds: Vec<Vec<u8>> = corpus(target).into_iter().map(|(_, bytes)| bytes).collect();
    let random = Generator::new(&seeds).take(scaled(INPUTS) as usize);
    let inputs: Vec<Vec<u8>> = seeds.iter().cloned().chain(random).collect();
    // Before the first input that counts: what all of them need is built once, and a guest's build takes its time.
    (target.run)(&[]);
    let (inputs, at) = (Arc::new(inputs), Arc::new(AtomicU32::new(0)));
    let ended = start(*target, inputs.clone(), at.clone());
    let mut last = None;
    loop {
        let now = match ended.recv_timeout(PATIENCE) {
            Ok(None) => return,
            Ok(Some(said)) => found(name, &inputs[at.load(Ordering::SeqCst) as usize], &said),
            Err(mpsc::RecvTimeoutError::Timeout) => at.load(Ordering::SeqCst),
            Err(mpsc::RecvTimeoutError::Disconnected) => panic!("the thread of {name} is gone"),
        };
        if last.replace(now) == Some(now) {
            found(name, &inputs[now as usize], &format!("it has not ended after {PATIENCE:?}"));
        }
    }
}

/// Runs the inputs; what the first one that fails says, if one does.
fn start(target: Target, inputs: Arc<Vec<Vec<u8>>>, at: Arc<AtomicU32>) -> mpsc::Receiver<Option<String>> {
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || {
        let said = (0..).zip(inputs.iter()).find_map(|(index, input)| {
            at.store(index, Ordering::SeqCst);
            let caught = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
            let said = std::mem::take(&mut *locked(&PANICS));
            (caught.is_err() || !said.is_empty()).then(|| said.join("\n"))
        });
        // Who waits may have given up.
        drop(sender.send(said));
    });
    ended
}

/// Keeps an input that fails where a person finds it.
fn found(name: &str, input: &[u8], said: &str) -> ! {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", input.len()));
    std::fs::write(&file, input).expect("keep the input");
    panic!("{said}\nthe input is in {}; a copy of it in tests/fuzz/corpus/{name} runs it first", file.display())
}

/// A test for each target.
macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            check(stringify!($name));
        })*

        #[test]
        fn every_target_is_here() {
            let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

targets! { calls headers paths rpc }
