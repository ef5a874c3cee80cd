//! What this process has, as the kernel counts it.

/// How many descriptors are open.
///
/// # Panics
/// Where the kernel does not say.
pub fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("the descriptors of this process").count()
}

/// How many threads there are.
///
/// # Panics
/// Where the kernel does not say.
pub fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").expect("the threads of this process").count()
}

/// Bytes in memory that are no file's. By the count that takes long: the quick one, `RssAnon`, leaves out what each
/// processor has not told yet.
///
/// # Panics
/// Where the kernel does not say.
pub fn own_memory() -> usize {
    let maps = std::fs::read_to_string("/proc/self/smaps_rollup").expect("the memory of this process");
    let line = maps.lines().find_map(|line| line.strip_prefix("Anonymous:")).expect("what is no file's");
    let kibibytes: usize = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes << 10
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::sync::mpsc;
    use std::thread::{self, JoinHandle};

    use super::*;

    type Waited = Result<(), mpsc::RecvError>;

    /// How many of each: so many that what other tests do meanwhile does not matter.
    const MANY: usize = 64;

    #[test]
    fn what_is_added_is_counted() {
        let (descriptors, memory, before) = (open_descriptors(), own_memory(), threads());
        let files: Vec<File> = (0..MANY).map(|_| File::open("/dev/null").expect("a file")).collect();
        assert!(open_descriptors() >= descriptors + files.len() / 2);
        let bytes = vec![1_u8; MANY << 20];
        assert!(own_memory() >= memory + bytes.len() / 2);
        let started: Vec<_> = (0..MANY).map(|_| mpsc::channel::<()>()).map(wait).collect();
        assert!(threads() >= before + started.len() / 2);
        for (end, thread) in started {
            drop(end);
            assert!(thread.join().expect("it only waits").is_err());
        }
    }

    /// A thread that waits until the sender is dropped.
    fn wait((end, waits): (mpsc::Sender<()>, mpsc::Receiver<()>)) -> (mpsc::Sender<()>, JoinHandle<Waited>) {
        (end, thread::spawn(move || waits.recv()))
    }
}
