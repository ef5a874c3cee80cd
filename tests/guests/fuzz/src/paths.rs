//! Paths, as a guest asks for them: with the raw functions of `wasi:filesystem`, since the standard library takes paths
//! apart before the host sees them.

use std::io::Write;

use crate::bindings::wasi::filesystem::preopens::get_directories;
use crate::bindings::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags,
};
use crate::input::Input;

/// Bytes of a file that are read.
const PART: u64 = 4096;

/// Does each step of the input, and writes for each whether it failed, a byte, and what it found or the error's name, with
/// the length, four bytes, before it.
pub(crate) fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let (root, _) = get_directories().remove(0);
    let mut output = Vec::new();
    while !input.is_empty() {
        let (step, flags) = (input.byte(), input.byte());
        let path = text(&mut input);
        let second = text(&mut input);
        let (failed, found) = match take(&root, step, flags, &path, &second) {
            Ok(found) => (0, found),
            Err(error) => (1, error.name().as_bytes().to_vec()),
        };
        output.push(failed);
        output.extend((found.len() as u32).to_le_bytes());
        output.extend(found);
    }
    std::io::stdout().write_all(&output).expect("its output");
}

fn text(input: &mut Input<'_>) -> String {
    let length = input.number::<2>() as usize;
    String::from_utf8_lossy(input.take(length)).into_owned()
}

fn take(root: &Descriptor, step: u8, flags: u8, path: &str, second: &str) -> Result<Vec<u8>, ErrorCode> {
    let follow = if flags & 1 == 0 { PathFlags::SYMLINK_FOLLOW } else { PathFlags::empty() };
    match step {
        0 => read(root, follow, path),
        1 => list(root, follow, path),
        2 => root.readlink_at(path).map(String::into_bytes),
        3 => root.stat_at(follow, path).map(|stat| vec![kind(stat.type_)]),
        4 => root.symlink_at(second, path).map(|()| Vec::new()),
        5 => write(root, follow, path, second),
        6 => root.create_directory_at(path).map(|()| Vec::new()),
        7 => root.unlink_file_at(path).map(|()| Vec::new()),
        8 => root.remove_directory_at(path).map(|()| Vec::new()),
        9 => root.rename_at(path, root, second).map(|()| Vec::new()),
        10 => root.link_at(follow, path, root, second).map(|()| Vec::new()),
        11 => within(root, follow, path, second),
        other => panic!("no such step: {other}"),
    }
}

fn read(root: &Descriptor, follow: PathFlags, path: &str) -> Result<Vec<u8>, ErrorCode> {
    let file = root.open_at(follow, path, OpenFlags::empty(), DescriptorFlags::READ)?;
    Ok(file.read(PART, 0)?.0)
}

/// The names, one a line, with their kinds.
fn list(root: &Descriptor, follow: PathFlags, path: &str) -> Result<Vec<u8>, ErrorCode> {
    let directory = root.open_at(follow, path, OpenFlags::DIRECTORY, DescriptorFlags::READ)?;
    let entries = directory.read_directory()?;
    let mut names = Vec::new();
    while let Some(entry) = entries.read_directory_entry()? {
        names.extend(entry.name.into_bytes());
        names.extend([b'\n', kind(entry.type_)]);
    }
    Ok(names)
}

fn write(root: &Descriptor, follow: PathFlags, path: &str, text: &str) -> Result<Vec<u8>, ErrorCode> {
    let flags = OpenFlags::CREATE | OpenFlags::TRUNCATE;
    let file = root.open_at(follow, path, flags, DescriptorFlags::WRITE)?;
    file.write(text.as_bytes(), 0).map(|_| Vec::new())
}

/// Reads from a directory that is open.
fn within(root: &Descriptor, follow: PathFlags, path: &str, second: &str) -> Result<Vec<u8>, ErrorCode> {
    let directory = root.open_at(follow, path, OpenFlags::DIRECTORY, DescriptorFlags::READ)?;
    read(&directory, PathFlags::SYMLINK_FOLLOW, second)
}

fn kind(kind: DescriptorType) -> u8 {
    match kind {
        DescriptorType::Directory => b'd',
        DescriptorType::RegularFile => b'f',
        DescriptorType::SymbolicLink => b'l',
        _ => b'?',
    }
}
