//! Watches over plugins that block the node's thread.
//!
//! Whoever never answers is timed out. Whoever blocks the thread that timers run on is not: a thread of its own sees that.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use ww_abi::bridge::{Activity, Doing};
use ww_capnp::provider_capnp::{provider, service};

use super::provider::{DEADLINE, Label};
use crate::cli::FAILURE;
use crate::report;

/// How often it looks.
const INTERVAL: Duration = Duration::from_millis(250);

/// Plugins that are watched, from the first one on.
static WATCHED: Mutex<Vec<Watched>> = Mutex::new(Vec::new());

/// What the watchdog knows of one plugin.
struct Watched {
    label: Label,
    activity: Weak<Activity>,
    starting: Weak<()>,
    /// What it was found at, and since when.
    since: Option<(u64, Instant)>,
    /// How often it has blocked.
    count: u32,
    told: bool,
}

/// While this lives, a plugin is starting: blocking then ends the process.
pub struct Starting(#[expect(dead_code, reason = "only counted")] Arc<()>);

/// Watches over a plugin for as long as its activity lives. Blocking the thread is the end of the process until the result
/// is dropped, and after that is told and counted.
pub fn watch(label: Label, activity: &Arc<Activity>) -> Starting {
    static THREAD: OnceLock<()> = OnceLock::new();
    let starting = Arc::new(());
    let watched = Watched {
        label,
        activity: Arc::downgrade(activity),
        starting: Arc::downgrade(&starting),
        since: None,
        count: 0,
        told: false,
    };
    WATCHED.lock().unwrap_or_else(PoisonError::into_inner).push(watched);
    THREAD.get_or_init(|| {
        // Without threads a node does not come this far.
        let _ = std::thread::Builder::new().name("ww-watchdog".to_owned()).spawn(look_for_ever);
    });
    Starting(starting)
}

fn look_for_ever() {
    loop {
        std::thread::sleep(INTERVAL);
        let mut watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain_mut(Watched::look);
    }
}

impl Watched {
    /// Looks once. Whether there is still something to look at.
    fn look(&mut self) -> bool {
        let Some(activity) = self.activity.upgrade() else { return false };
        self.see(activity.doing());
        true
    }

    fn see(&mut self, seen: Option<(u64, Doing)>) {
        match (seen, self.since) {
            (None, _) => self.since = None,
            (Some((beat, doing)), Some((known, since))) if known == beat => {
                if since.elapsed() >= DEADLINE && !self.told {
                    self.told = true;
                    self.bark(doing);
                }
            }
            (Some((beat, _)), _) => {
                self.since = Some((beat, Instant::now()));
                self.told = false;
            }
        }
    }

    fn bark(&mut self, doing: Doing) {
        self.count += 1;
        let Label { name, file } = &self.label;
        let (file, seconds, doing) = (file.display(), DEADLINE.as_secs(), named(doing));
        let text = format!("provider '{name}' ({file}): {doing}: it has blocked the node's thread for {seconds} s");
        if self.starting.strong_count() > 0 {
            report::say(&format!("error: {text}"));
            // The thread that would end the node is the one that is blocked.
            std::process::exit(i32::from(FAILURE));
        }
        tracing::error!(target: "ww::plugin", "{text} (time {} of this provider)", self.count);
    }
}

/// What a plugin does, in the words of its contract where it is part of that.
fn named(doing: Doing) -> String {
    use capnp::traits::HasTypeId;
    const PROVIDER: u64 = provider::Client::TYPE_ID;
    const SERVICE: u64 = service::Client::TYPE_ID;
    match doing {
        Doing::Starting => "start".to_owned(),
        Doing::Polling => "a pending call".to_owned(),
        Doing::Dropping => "drop".to_owned(),
        Doing::Calling { interface: PROVIDER, method: 0 } => "manifest".to_owned(),
        Doing::Calling { interface: PROVIDER, method: 1 } => "open".to_owned(),
        Doing::Calling { interface: PROVIDER, method: 2 } => "close".to_owned(),
        Doing::Calling { interface: SERVICE, method: 0 } => "attach".to_owned(),
        Doing::Calling { interface: SERVICE, method: 1 } => "role".to_owned(),
        Doing::Calling { interface, method } => format!("method {method} of interface {interface:#x}"),
    }
}
