//! What can be made of the file tree, with the raw functions of `wasi:filesystem`.

use crate::bindings::wasi::filesystem::preopens::get_directories;
use crate::bindings::wasi::filesystem::types::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags};

const FOLLOW: PathFlags = PathFlags::SYMLINK_FOLLOW;

fn root() -> Descriptor {
    get_directories().remove(0).0
}

fn create(root: &Descriptor, path: &str) -> Result<Descriptor, ErrorCode> {
    root.open_at(FOLLOW, path, OpenFlags::CREATE, DescriptorFlags::WRITE)
}

/// Opens files, and keeps them open.
pub(crate) fn many() {
    let root = root();
    let (mut open, mut refused) = (Vec::new(), Vec::new());
    for number in 0..10_000 {
        match create(&root, &format!("tmp/{}", number % 1000)) {
            Ok(file) => open.push(file),
            Err(error) => refused.push(error),
        }
    }
    println!("{} open, {} refused: {}", open.len(), refused.len(), refused.first().map_or("", |error| error.name()));
}

/// Writes until it may not any more; then it removes what it wrote, and may again.
pub(crate) fn full() {
    let root = root();
    let fill = || {
        let file = create(&root, "tmp/full").expect("a file");
        let part = vec![7; 64 << 10];
        let mut written = 0;
        loop {
            match file.write(&part, written) {
                Ok(count) => written += count,
                Err(error) => return format!("{} KiB, then {}", written >> 10, error.name()),
            }
        }
    };
    println!("{}", fill());
    println!("another file: {:?}", create(&root, "tmp/other").map(drop).map_err(|error| error.name().to_owned()));
    root.unlink_file_at("tmp/full").expect("its own file");
    println!("{}", fill());
}

/// Looks for a way out.
pub(crate) fn ways_out() {
    let root = root();
    for (link, target) in
        [("loop", "loop"), ("a", "b"), ("b", "a"), ("up", "../../../../etc/passwd"), ("host", "/proc/self/environ")]
    {
        root.symlink_at(target, &format!("tmp/{link}")).expect("a link of its own");
    }
    let component = "x".repeat(4096);
    let deep = "tmp/".repeat(1025);
    for path in [
        "..",
        "../etc/passwd",
        "tmp/../../etc/passwd",
        "/etc/passwd",
        "tmp/loop",
        "tmp/a",
        "tmp/up",
        "tmp/host",
        "proc/self/environ",
        "proc/self/fd/0",
        "dev/zero",
        "tmp/\0",
        "\0",
        "",
        &component,
        &deep,
    ] {
        let opened = root.open_at(FOLLOW, path, OpenFlags::empty(), DescriptorFlags::READ);
        let what = opened.map_or_else(|error| error.name().to_owned(), |_| "opened".to_owned());
        let shown =
            if path.len() > 64 { format!("{}… of {} bytes", &path[..8], path.len()) } else { format!("{path:?}") };
        println!("{shown}: {what}");
    }
}
