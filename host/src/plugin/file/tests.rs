use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ww_tests::library::{component, library, manifest};
use ww_tests::scale::scaled;

use super::*;
use crate::plugin::manifest::ManifestError;

/// The bytes of a shared library with a section `ww.manifest`, or without one.
fn built(section: Option<&str>) -> Vec<u8> {
    let place = tempfile::tempdir().expect("a temporary folder");
    let file = place.path().join("library.so");
    library(&file, section);
    fs::read(file).expect("the library")
}

fn plugin() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| built(Some(&manifest("kv"))))
}

fn parse(bytes: impl Into<Vec<u8>>) -> Result<PluginFile, Fault> {
    PluginFile::parse(Path::new("kv"), bytes.into())
}

fn sealed(bytes: &[u8]) -> Vec<u8> {
    [bytes, &seal(&parse(bytes).expect("a plugin"))].concat()
}

/// The same with other bytes from `offset` on.
fn patched(bytes: &[u8], offset: usize, with: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[offset..offset + with.len()].copy_from_slice(with);
    bytes
}

fn refused(bytes: impl Into<Vec<u8>>) -> String {
    parse(bytes).expect_err("a file that is refused").to_string()
}

#[test]
fn a_plugin_is_read_with_and_without_a_seal() {
    for bytes in [plugin().to_vec(), component(&manifest("kv"))] {
        let file = parse(&*bytes).expect("a plugin");
        assert_eq!((file.manifest().name.as_str(), file.is_sealed()), ("kv", false));
        let whole = sealed(&bytes);
        let file = parse(&*whole).expect("a sealed plugin");
        assert!(file.is_sealed() && file.bytes() == whole);
        assert_eq!(file.sha256(), Sha256::of(&whole));
    }
    assert_eq!(parse(plugin()).expect("a plugin").kind(), Kind::Native(Machine::HERE));
    assert_eq!(parse(component(&manifest("kv"))).expect("a plugin").kind(), Kind::Component);
}

#[test]
fn a_file_that_was_cut_is_refused_wherever_that_was() {
    let whole = sealed(plugin());
    let percents = (1..100).map(|percent| whole.len() * percent / 100);
    // Every byte of the seal, but for the cut that takes it away and nothing else.
    let seal = plugin().len() - 10..whole.len();
    for length in percents.chain(seal).filter(|length| *length != plugin().len()) {
        assert!(parse(&whole[..length]).is_err(), "{length} bytes of {} were taken", whole.len());
    }
    assert!(!parse(plugin()).expect("a plugin").is_sealed());
    let whole = component(&manifest("kv"));
    // What is left after the first eight bytes is a component that has nothing in it.
    for length in 0..whole.len() {
        assert!(parse(&whole[..length]).is_err(), "{length} bytes of {} were taken", whole.len());
    }
}

#[test]
fn no_byte_of_a_sealed_file_can_be_another_one() {
    for whole in [sealed(plugin()), sealed(&component(&manifest("kv")))] {
        // Every byte of the seal, and some of all the others.
        let step = (whole.len() / scaled(8_000) as usize).max(1);
        let offsets = (0..whole.len()).step_by(step).chain(whole.len() - 50..whole.len());
        for (offset, bit) in offsets.zip((0..8).cycle()) {
            let flipped = patched(&whole, offset, &[whole[offset] ^ 1 << bit]);
            let error = parse(flipped).err().unwrap_or_else(|| panic!("bit {bit} of byte {offset}")).to_string();
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}

#[test]
fn a_damaged_seal_is_told_from_none() {
    for bytes in [plugin().to_vec(), component(&manifest("kv"))] {
        let whole = sealed(&bytes);
        for (damaged, part) in [
            (patched(&whole, bytes.len() / 2, &[whole[bytes.len() / 2] ^ 1]), "does not match its seal"),
            (patched(&whole, whole.len() - 1, &[!whole[whole.len() - 1]]), "does not match its seal"),
            ([&*whole, &seal(&parse(&*whole).expect("a plugin"))].concat(), ""),
        ] {
            let error = refused(damaged);
            assert!(error.contains(part), "{error}");
        }
    }
    let whole = sealed(plugin());
    let name = plugin().len();
    for behind in [patched(&whole, name, b"W"), whole[..name + 39].to_vec(), [plugin(), b"\n"].concat()] {
        let error = refused(behind);
        assert!(error.contains("behind its end that are no whole seal"), "{error}");
    }
    // Twice sealed, the inner seal is no part of the library.
    let twice = refused([&*whole, &seal(&parse(&*whole).expect("a plugin"))].concat());
    assert!(twice.contains("has 40 bytes behind its end"), "{twice}");
    let whole = sealed(&component(&manifest("kv")));
    for changed in [
        patched(&whole, whole.len() - 34, b"L"),
        [&*whole, &[0, 2, 1, b'x']].concat(),
        [&*component(&manifest("kv")), b"\0\x09\x07ww.seal\0"].concat(),
    ] {
        let error = refused(changed);
        assert!(error.contains("does not match its seal"), "{error}");
    }
}

#[test]
fn what_is_no_plugin_is_told_what_it_is() {
    let shared = built(None);
    let guest = [b"\0asm\x0d\0\x01\0".as_slice()].concat();
    for (bytes, expected) in [
        (&b""[..], "the file is empty"),
        (b"hello\n", "is a text; a plugin is a shared library or a WebAssembly component"),
        ("sch\u{f6}n".as_bytes(), "is a text; "),
        (b"#!/bin/sh\n", "is a script; "),
        (b"\0\x01\x02", "is a file of some other kind; "),
        (b"\0asm\x01\0\0\0", "is a core WebAssembly module; "),
        (b"\0asm\x63\0\x01\0", "is a core WebAssembly module; "),
        (b"\0asm", "the file is cut off or damaged: "),
        (b"MZ\x90\0", "is a library or a program for Windows; "),
        (b"\xcf\xfa\xed\xfe", "is a library or a program for macOS; "),
        (b"!<arch>\n", "is an archive of object files; "),
        (b"\x7fELF", "the file is cut off or damaged: "),
        (&shared, "is a shared library, but no plugin: it has no section ww.manifest"),
        (&guest, "is a WebAssembly component, but no plugin: it has no section ww.manifest"),
    ] {
        let error = refused(bytes);
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_program_is_no_library() {
    // This one, as compilers make them today; its type is that of a shared library.
    let program = std::env::current_exe().expect("this program");
    let error = unreadable(&program);
    assert!(error.contains(": is a program; a plugin is "), "{error}");
}

/// Where the numbers of an ELF header with 64 bits stand.
const TYPE: usize = 16;
const MACHINE: usize = 18;
const SEGMENTS: usize = 32;

#[test]
fn a_library_of_another_machine_is_read_and_told_apart() {
    let aarch64 = parse(patched(plugin(), MACHINE, &183_u16.to_le_bytes())).expect("a plugin");
    assert_eq!(aarch64.manifest().name.as_str(), "kv");
    let Kind::Native(machine) = aarch64.kind() else { panic!("it is native") };
    assert_eq!(machine.to_string(), "aarch64");
    let unknown = parse(patched(plugin(), MACHINE, &999_u16.to_le_bytes())).expect("a plugin");
    let Kind::Native(machine) = unknown.kind() else { panic!("it is native") };
    assert_eq!(machine.to_string(), "machine 999");
    for (kind, expected) in [(1_u16, "is an object file; "), (2, "is a program; "), (4, "is a core dump; ")] {
        let error = refused(patched(plugin(), TYPE, &kind.to_le_bytes()));
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn headers_that_point_out_of_the_file_are_refused() {
    let bytes = plugin();
    let first = u64::from_le_bytes(bytes[SEGMENTS..SEGMENTS + 8].try_into().expect("eight bytes"));
    let first = usize::try_from(first).expect("an offset");
    for (offset, number) in [
        // The tables of segments and of sections; the offset and the length of the first segment.
        (SEGMENTS, bytes.len() as u64),
        (SEGMENTS, u64::MAX),
        (SEGMENTS + 8, bytes.len() as u64),
        (SEGMENTS + 8, u64::MAX - 8),
        (first + 8, bytes.len() as u64),
        (first + 8, u64::MAX),
        (first + 32, bytes.len() as u64 + 1),
        (first + 32, u64::MAX),
    ] {
        let error = refused(patched(bytes, offset, &number.to_le_bytes()));
        assert!(error.starts_with("the file is cut off or damaged: "), "{offset}: {error}");
    }
}

#[test]
fn a_manifest_that_cannot_be_used_is_told_why() {
    for section in ["{", r#"{"contract":2}"#, &manifest("Kv"), &" ".repeat(300 << 10)] {
        for bytes in [built(Some(section)), component(section)] {
            let Err(Fault::Manifest(error)) = parse(bytes) else { panic!("{section} was taken") };
            assert_eq!(matches!(error, ManifestError::Contract { built: 2 }), section.ends_with("2}"), "{error}");
        }
    }
}

#[test]
fn components_in_each_other_have_a_limit() {
    let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
    for _ in 0..40 {
        let length = bytes.len();
        let length = [length as u8 & 0x7f | 0x80, (length >> 7) as u8];
        bytes = [b"\0asm\x0d\0\x01\0\x04".as_slice(), &length, &bytes].concat();
    }
    assert!(refused(bytes).contains("more than 32 components lie in each other"));
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    /// One below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// What is in a file is not ours: it may be refused or taken, and nothing else may happen.
#[test]
fn no_check_panics_whatever_a_file_holds() {
    let native = plugin();
    let component = component(&manifest("kv"));
    let (mut numbers, mut taken) = (Numbers(1), 0);
    let interesting = [0, 1, 0x7f, 0x80, 0xff, b'w', b'{', b'"'];
    for round in 0..scaled(200_000) {
        let mut bytes = if round % 2 == 0 { native.to_vec() } else { component.clone() };
        // Headers of a library are at both of its ends, and a component is nothing but headers.
        let near = bytes.len().min([64, 800, usize::MAX][numbers.below(3)]);
        for _ in 0..=numbers.below(4) {
            let offset = numbers.below(near);
            let offset = if numbers.below(2) == 0 { offset } else { bytes.len() - 1 - offset };
            bytes[offset] = interesting[numbers.below(interesting.len())];
        }
        if numbers.below(8) == 0 {
            bytes.truncate(numbers.below(bytes.len()));
        }
        taken += u32::from(parse(bytes).is_ok());
    }
    assert!(taken > 0, "the changes reach far, and not only the first check");
}

/// A file of this name in a place of its own.
fn place(name: &str) -> (tempfile::TempDir, PathBuf) {
    let place = tempfile::tempdir().expect("a temporary folder");
    let path = place.path().join(name);
    (place, path)
}

fn unreadable(path: &Path) -> String {
    PluginFile::read(path).expect_err("a file that cannot be read").to_string()
}

#[test]
fn what_cannot_be_read_is_named() {
    let (_place, path) = place("lib\u{1b}kv.so");
    let start = format!("plugin {}: ", path.display());
    let check = |part: &str| {
        let error = unreadable(&path);
        assert!(error.starts_with(&start) && error.contains(part), "{error}");
    };
    check("cannot be read: No such file");
    fs::create_dir(&path).expect("a folder");
    check("is a directory, no file");
    fs::remove_dir(&path).expect("an empty folder");
    let made = std::process::Command::new("mkfifo").arg(&path).status().expect("start mkfifo");
    assert!(made.success());
    check("is a pipe or a device, no file");
    fs::remove_file(&path).expect("a pipe");
    let file = fs::File::create(&path).expect("a file");
    check("the file is empty");
    file.set_len(MAX_BYTES + 1).expect("a long file");
    check("has 536870913 bytes, and the limit is 536870912");
}

#[test]
fn a_digest_is_demanded_of_the_whole_file() {
    let (_place, path) = place("libkv.so");
    fs::File::create(&path).and_then(|mut file| file.write_all(&sealed(plugin()))).expect("a file");
    let file = PluginFile::read(&path).expect("a plugin");
    assert_eq!(file.path(), path);
    assert!(file.require_sha256(file.sha256()).is_ok());
    let other = Sha256::of(plugin());
    let error = file.require_sha256(other).expect_err("another digest").to_string();
    for part in [path.display().to_string(), file.sha256().to_string(), format!("demands {other}")] {
        assert!(error.contains(&part), "{error}");
    }
}
