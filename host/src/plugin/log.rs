//! What plugins say, in the node's log: under the target `ww::plugin::NAME`.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use tracing::callsite::{Callsite, Identifier};
use tracing::field::{FieldSet, Value};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata};

/// Plugins whose lines get a target of their own. Targets live as long as the process, and names are the operator's.
const TARGETS: usize = 1024;

/// Text that one line of a plugin may have, in bytes; the rest is cut off.
const LINE: usize = 16 * 1024;

/// Where the lines of a plugin go.
#[derive(Debug, Clone, Copy)]
pub struct Log([&'static Metadata<'static>; 5]);

impl Log {
    /// The log of the plugin of this name.
    pub fn of(name: &str) -> Self {
        static LOGS: OnceLock<Mutex<HashMap<String, Log>>> = OnceLock::new();
        let mut logs = LOGS.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = logs.get(name) {
            return *known;
        }
        let target = if logs.len() < TARGETS { format!("ww::plugin::{name}") } else { "ww::plugin".to_owned() };
        let log = Self::new(target.leak());
        logs.insert(name.to_owned(), log);
        log
    }

    fn new(target: &'static str) -> Self {
        const LEVELS: [Level; 5] = [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE];
        Self(LEVELS.map(|level| Site::metadata(target, level)))
    }

    /// Whether lines of this level, a [`ww_abi::Level`], are written.
    pub fn enabled(&self, level: u32) -> bool {
        let metadata = self.metadata(level);
        *metadata.level() <= LevelFilter::current()
            && tracing::dispatcher::get_default(|dispatch| dispatch.enabled(metadata))
    }

    /// Writes a line.
    pub fn write(&self, level: u32, module: &str, text: &str) {
        if !self.enabled(level) {
            return;
        }
        let text = cut(text);
        let line = if module.is_empty() { text.to_owned() } else { format!("{module}: {text}") };
        let metadata = self.metadata(level);
        let fields = metadata.fields();
        if let Some(message) = fields.field("message") {
            let message: [(_, Option<&dyn Value>); 1] = [(&message, Some(&line as &dyn Value))];
            Event::dispatch(metadata, &fields.value_set(&message));
        }
    }

    fn metadata(&self, level: u32) -> &'static Metadata<'static> {
        self.0[(level.clamp(1, 5) - 1) as usize]
    }
}

fn cut(text: &str) -> &str {
    let end = (0..=text.len().min(LINE)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}

/// A place that events come from, made while the program runs: tracing knows only places that live for ever.
struct Site(OnceLock<Metadata<'static>>);

impl Site {
    fn metadata(target: &'static str, level: Level) -> &'static Metadata<'static> {
        let site: &'static Self = Box::leak(Box::new(Self(OnceLock::new())));
        site.0.get_or_init(|| {
            let fields = FieldSet::new(&["message"], Identifier(site));
            Metadata::new("plugin", target, level, None, None, None, fields, tracing::metadata::Kind::EVENT)
        })
    }
}

impl Callsite for Site {
    /// Interest is asked for at every line: plugins do not write many.
    fn set_interest(&self, _interest: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        // Set before anybody can hold this place.
        self.0.wait()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_of_a_plugin_have_its_target_and_obey_the_filter() {
        let buffer = Buffer::default();
        let written = buffer.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter("warn,ww::plugin::loud=debug")
            .with_ansi(false)
            .with_writer(move || written.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            let (loud, quiet) = (Log::of("loud"), Log::of("quiet"));
            loud.write(ww_abi::Level::DEBUG, "its::module", "one");
            loud.write(ww_abi::Level::TRACE, "", "two");
            quiet.write(ww_abi::Level::INFO, "", "three");
            quiet.write(ww_abi::Level::ERROR, "", "four");
            assert!(loud.enabled(ww_abi::Level::DEBUG) && !quiet.enabled(ww_abi::Level::DEBUG));
        });
        let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        assert!(text.contains("DEBUG ww::plugin::loud: its::module: one"), "{text}");
        assert!(text.contains("ERROR ww::plugin::quiet: four"), "{text}");
        assert!(!text.contains("two") && !text.contains("three"), "{text}");
    }

    #[test]
    fn a_line_is_cut_at_a_character() {
        let text = "ö".repeat(LINE);
        assert_eq!(cut(&text).len(), LINE);
        assert_eq!(cut(&format!("x{text}")).len(), LINE - 1);
        assert_eq!(cut("short"), "short");
    }
}
