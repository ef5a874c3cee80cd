//! A guest that knows nothing of `ww` and checks its file tree through the standard library. Its first argument names the
//! check; a check that fails panics.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

fn main() {
    let check = std::env::args().nth(1).expect("the name of a check");
    match check.as_str() {
        "image" => image(),
        "read-only" => read_only(),
        "writable" => writable(),
        "directories" => directories(),
        "links" => links(),
        "paths" => paths(),
        "descriptors" => descriptors(),
        "disk" => disk(),
        "bare" => bare(),
        "list" => list(&std::env::args().nth(2).expect("a directory")),
        other => panic!("no such check: {other}"),
    }
    println!("{check}: ok");
}

#[track_caller]
fn kind<T>(result: io::Result<T>) -> ErrorKind {
    match result {
        Ok(_) => panic!("this must not work"),
        Err(error) => error.kind(),
    }
}

#[track_caller]
/// The system's words for an error: the standard library has no kind for all of them here.
fn says<T>(result: io::Result<T>, words: &str) {
    match result {
        Ok(_) => panic!("this must fail as {words:?}"),
        Err(error) => assert!(error.to_string().contains(words), "{error} is not {words:?}"),
    }
}

fn names(path: impl AsRef<Path>) -> Vec<String> {
    let entries = fs::read_dir(path).expect("a directory");
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn image() {
    assert_eq!(names("/"), ["big", "etc", "tmp", "var"]);
    assert_eq!(fs::read_to_string("/etc/name").unwrap(), "image\n");
    assert_eq!(fs::read_to_string("etc/name").unwrap(), "image\n", "the working directory is the root");
    let metadata = fs::metadata("/etc/name").unwrap();
    assert!(metadata.is_file() && metadata.len() == 6 && metadata.modified().is_ok());
    assert!(fs::metadata("/etc").unwrap().is_dir());
    assert_eq!(kind(fs::read("/etc/none")), ErrorKind::NotFound);
    assert_eq!(kind(fs::read("/etc/name/x")), ErrorKind::NotADirectory);

    // Larger than what is read at once or ahead, by different ways.
    let expected: Vec<u8> = (0..1_000_003_u32).map(|n| (n % 251) as u8).collect();
    assert!(fs::read("/big").unwrap() == expected);
    let mut file = File::open("/big").unwrap();
    let mut buffer = vec![0; 1000];
    for offset in [999_003, 0, 65_000, 500_000] {
        file.seek(SeekFrom::Start(offset as u64)).unwrap();
        for part in 0..3 {
            let at = offset + part * 300;
            file.read_exact(&mut buffer[..300]).unwrap();
            assert!(buffer[..300] == expected[at..at + 300]);
        }
    }
    assert_eq!(file.seek(SeekFrom::End(0)).unwrap(), 1_000_003);
    assert_eq!(file.read(&mut buffer).unwrap(), 0);

    // What is no file, directory or link on the host is not there.
    assert_eq!(names("/etc"), ["alias", "app", "data", "name", "out"]);
    assert_eq!(kind(File::open("/etc/fifo")), ErrorKind::NotFound);
    assert_eq!(kind(File::open("/etc/.wh.name")), ErrorKind::NotFound);
}

fn read_only() {
    let read_only = ErrorKind::ReadOnlyFilesystem;
    assert_eq!(kind(fs::write("/etc/name", "x")), read_only);
    assert_eq!(kind(fs::write("/etc/new", "x")), read_only);
    assert_eq!(kind(OpenOptions::new().append(true).open("/etc/name")), read_only);
    assert_eq!(kind(fs::remove_file("/etc/name")), read_only);
    assert_eq!(kind(fs::remove_dir("/etc/app")), read_only);
    assert_eq!(kind(fs::remove_dir_all("/etc")), read_only);
    assert_eq!(kind(fs::create_dir("/etc/new")), read_only);
    assert_eq!(kind(fs::create_dir_all("/new/below")), read_only);
    assert_eq!(kind(fs::rename("/etc/name", "/etc/other")), read_only);
    assert_eq!(kind(fs::hard_link("/etc/name", "/etc/other")), read_only);
    assert_eq!(kind(symlink("name", "/etc/link")), read_only);
    assert_eq!(fs::read_to_string("/etc/name").unwrap(), "image\n");
}

fn writable() {
    for base in ["/tmp", "/var"] {
        let path = format!("{base}/file");
        assert_eq!(kind(File::open(&path)), ErrorKind::NotFound);
        fs::write(&path, "one").unwrap();
        assert_eq!(kind(File::create_new(&path)), ErrorKind::AlreadyExists);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b" two").unwrap();
        fs::write(format!("{base}/other"), "other").unwrap();
        file.write_all(b" three").unwrap();
        file.sync_all().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one two three");

        let mut file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(4)).unwrap();
        file.write_all(b"TWO").unwrap();
        file.set_len(7).unwrap();
        file.rewind().unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "one TWO");
        file.set_len(9).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 9);

        let renamed = format!("{base}/renamed");
        fs::rename(&path, &renamed).unwrap();
        assert_eq!(kind(fs::metadata(&path)), ErrorKind::NotFound);
        assert_eq!(fs::copy(&renamed, &path).unwrap(), 9);
        fs::hard_link(&path, format!("{base}/linked")).unwrap();
        fs::remove_file(&renamed).unwrap();
        assert_eq!(names(base), ["file", "linked", "other"]);

        let large: Vec<u8> = (0..300_000_u32).map(|n| (n % 253) as u8).collect();
        fs::write(&path, &large).unwrap();
        assert!(fs::read(&path).unwrap() == large);
    }
    assert_eq!(kind(fs::rename("/tmp/other", "/var/elsewhere")), ErrorKind::CrossesDevices);
}

fn directories() {
    fs::create_dir_all("/tmp/a/b/c").unwrap();
    fs::create_dir_all("/tmp/a/b/c").unwrap();
    for index in 0..2500 {
        File::create(format!("/tmp/a/b/{index}")).unwrap();
    }
    assert_eq!(names("/tmp/a/b").len(), 2501);
    says(fs::remove_dir("/tmp/a"), "Directory not empty");
    assert_eq!(kind(fs::remove_file("/tmp/a")), ErrorKind::IsADirectory);
    fs::rename("/tmp/a/b", "/tmp/b").unwrap();
    let types: Vec<_> = fs::read_dir("/tmp").unwrap().map(|entry| entry.unwrap().file_type().unwrap()).collect();
    assert!(types.len() == 2 && types.iter().all(fs::FileType::is_dir));
    fs::remove_dir_all("/tmp/b").unwrap();
    fs::remove_dir("/tmp/a").unwrap();
    assert!(names("/tmp").is_empty());
}

fn links() {
    let not_permitted = ErrorKind::PermissionDenied;
    assert_eq!(fs::read_to_string("/etc/alias").unwrap(), "image\n");
    assert_eq!(kind(fs::read("/etc/out")), not_permitted);
    assert!(fs::symlink_metadata("/etc/out").unwrap().is_symlink());
    fs::write("/etc/data", "through the image").unwrap();
    assert_eq!(fs::read_to_string("/tmp/data").unwrap(), "through the image");

    symlink("/etc/name", "/tmp/absolute").unwrap();
    symlink("../etc", "/tmp/relative").unwrap();
    symlink("/etc/passwd", "/tmp/passwd").unwrap();
    symlink("../../etc/passwd", "/tmp/up").unwrap();
    symlink("loop", "/tmp/loop").unwrap();
    assert_eq!(fs::read_to_string("/tmp/absolute").unwrap(), "image\n");
    assert_eq!(fs::read_to_string("/tmp/relative/name").unwrap(), "image\n");
    assert_eq!(fs::read_link("/tmp/relative").unwrap(), Path::new("../etc"));
    assert_eq!(kind(fs::read("/tmp/passwd")), ErrorKind::NotFound);
    assert_eq!(kind(fs::read("/tmp/up")), not_permitted);
    says(fs::read("/tmp/loop"), "ymbolic link");
    fs::remove_file("/tmp/absolute").unwrap();
    assert!(fs::metadata("/etc/name").is_ok());
    fs::remove_dir_all("/tmp/relative").unwrap();
    assert!(fs::metadata("/etc/name").is_ok());
}

fn paths() {
    fs::create_dir("/tmp/d").unwrap();
    assert_eq!(fs::read_to_string("/tmp/d/../../etc/./name").unwrap(), "image\n");
    assert_eq!(fs::read_to_string("/tmp//..//etc/name").unwrap(), "image\n");
    assert_eq!(kind(fs::read("/tmp/../../etc/name")), ErrorKind::PermissionDenied);
    assert_eq!(kind(fs::read("/../etc/passwd")), ErrorKind::PermissionDenied);
    assert_eq!(kind(fs::read("/etc/na\0me")), ErrorKind::InvalidInput);
    let long = "n".repeat(4096);
    for path in [long.clone(), format!("/tmp/{long}"), format!("/tmp/{}", "n/".repeat(3000)), "d/".repeat(65)] {
        assert_eq!(kind(fs::read(&path)), ErrorKind::InvalidFilename);
        assert_eq!(kind(fs::write(&path, "")), ErrorKind::InvalidFilename);
    }
}

fn descriptors() {
    let mut held = Vec::new();
    let error = loop {
        match File::open("/etc/name") {
            Ok(file) => held.push(file),
            Err(error) => break error,
        }
        assert!(held.len() < 1000, "nobody stops this");
    };
    println!("held {} files", held.len());
    assert_eq!(error.kind(), ErrorKind::QuotaExceeded);
    assert_eq!(kind(fs::read_dir("/etc").map(drop)), ErrorKind::QuotaExceeded);
    for file in &mut held {
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "image\n");
    }
    held.clear();
    assert_eq!(fs::read_to_string("/etc/name").unwrap(), "image\n");
}

fn disk() {
    const FULL: &str = "No space left on device";
    fs::write("/tmp/a", vec![1; 40_000]).unwrap();
    let mut file = File::create("/var/b").unwrap();
    file.write_all(&[2; 10_000]).unwrap();
    // The libc of this target does not ask a stream why it failed; what needs no stream says it.
    says(file.write_all(&[2; 20_000]), "I/O error");
    says(file.set_len(1_000_000), FULL);
    says(fs::write("/tmp/c", vec![0; 20_000]), "I/O error");
    assert_eq!(fs::metadata("/var/b").unwrap().len() + 40_000, 64 * 1024, "filled to the last byte");
    drop(file);
    fs::remove_file("/var/b").unwrap();
    fs::remove_file("/tmp/c").unwrap();
    fs::write("/tmp/c", vec![0; 20_000]).unwrap();
}

/// Nothing of the host's is here but the file tree.
fn bare() {
    assert_eq!(std::env::vars().count(), 0);
    assert_eq!(kind(std::net::TcpStream::connect("127.0.0.1:9")), ErrorKind::PermissionDenied);
    assert_eq!(kind(std::net::TcpListener::bind("127.0.0.1:0")), ErrorKind::PermissionDenied);
    assert_eq!(kind(std::net::UdpSocket::bind("127.0.0.1:0")), ErrorKind::PermissionDenied);
}

fn list(path: &str) {
    for name in names(path) {
        println!("{name}");
    }
}

fn symlink(target: &str, link: &str) -> io::Result<()> {
    use std::ffi::{CString, c_char, c_int};
    unsafe extern "C" {
        fn symlink(target: *const c_char, link: *const c_char) -> c_int;
    }
    let (target, link) = (CString::new(target)?, CString::new(link)?);
    // SAFETY: libc's own function, given two strings that end in a zero and outlive the call. The standard library has
    // it for this target only on nightly.
    match unsafe { symlink(target.as_ptr(), link.as_ptr()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
