//! `docs/plugins.md` is true: what it tells a stranger to write and to type is written and typed, in its order, on a machine
//! with nothing but an installed `ww`.

use std::fs;
use std::iter;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ww_tests::machine::{Machine, kept};
use ww_tests::process::{Ended, finish};
use ww_tests::repository::root;
use ww_tests::say::say;

/// What an author writes, at most: lines that are neither empty nor said to a reader or a compiler, without tests.
const MOST_LINES: usize = 59;

/// Ids in a listing: those that the file has already.
const ID: &str = "@0x…";
const ID_BEGINS: &str = "@0x";

/// A fenced block of a page.
#[derive(Debug, PartialEq, Eq)]
struct Block<'a> {
    does: Does<'a>,
    text: String,
}

/// What is done with a block, by what stands behind its fence.
#[derive(Debug, PartialEq, Eq)]
enum Does<'a> {
    /// `sh`: its lines are typed.
    Typed,
    /// `text`: what the block before it has printed.
    Printed,
    /// `LANGUAGE file=PATH`: a file is written.
    File(&'a Path),
}

impl<'a> Does<'a> {
    fn of(info: &'a str) -> Option<Self> {
        match info {
            "sh" => Some(Self::Typed),
            "text" => Some(Self::Printed),
            _ => info.split_once(" file=").map(|(_, path)| Self::File(Path::new(path))),
        }
    }
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let does = Does::of(info).unwrap_or_else(|| panic!("nothing is done with a block of {info:?}"));
            let text = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
            blocks.push(Block { does, text });
        }
    }
    blocks
}

/// Somebody who follows the page.
struct Reader {
    machine: Machine,
    folder: PathBuf,
    printed: String,
    /// All that was said.
    heard: String,
}

impl Reader {
    fn new() -> Self {
        let machine = Machine::new();
        Self { folder: machine.path(), machine, printed: String::new(), heard: String::new() }
    }

    fn follow(&mut self, block: &Block<'_>) {
        match block.does {
            Does::Typed => self.typed(&block.text),
            Does::Printed => assert_eq!(self.printed, block.text, "the page shows another output"),
            Does::File(path) => self.write(path, &block.text),
        }
    }

    /// Types each line, and goes where it leads.
    fn typed(&mut self, lines: &str) {
        self.printed.clear();
        for line in lines.lines() {
            let ended = self.run(line);
            self.heard += &ended.to_string();
            self.printed += &ended.stdout;
        }
    }

    fn run(&mut self, line: &str) -> Ended {
        let place = self.machine.path().join("home/folder");
        let mut shell = self.machine.command("sh", "");
        shell.current_dir(&self.folder).args(["-e", "-c", &format!("{line}\npwd > {}", place.display())]);
        let ended = finish(&mut shell, b"").exits(0);
        self.folder = fs::read_to_string(place).expect("where it ended").trim_end().into();
        let target = self.folder.join("target");
        if self.folder.join("Cargo.toml").is_file() && !target.exists() {
            symlink(kept("plugin"), target).expect("a link");
        }
        ended
    }

    fn write(&self, path: &Path, listing: &str) {
        let path = self.folder.join(path);
        let old = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, with_ids(listing, &old)).expect("the file");
    }
}

/// A listing, with the ids of what it replaces, in their order.
fn with_ids(listing: &str, old: &str) -> String {
    let ids =
        old.split(ID_BEGINS).skip(1).map(|rest| rest.split(|it: char| !it.is_ascii_hexdigit()).next().unwrap_or(""));
    let ids = ids.map(|id| format!("{ID_BEGINS}{id}")).chain(iter::repeat(ID.to_owned()));
    let (mut parts, mut ids) = (listing.split(ID), ids);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + &ids.next().unwrap_or_default() + part)
}

/// How many lines an author has written.
fn lines_of_code(blocks: &[Block<'_>]) -> usize {
    let is_code = |path: &Path| path.extension().is_some_and(|it| it == "rs" || it == "capnp");
    let code = blocks.iter().filter(|block| matches!(block.does, Does::File(path) if is_code(path)));
    let code = code.flat_map(|block| block.text.split("#[cfg(test)]").next().unwrap_or_default().lines());
    code.map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with('#')).count()
}

#[test]
fn a_stranger_who_follows_the_guide_has_a_plugin_of_both_kinds() {
    let page = fs::read_to_string(root().join("docs/plugins.md")).expect("the guide");
    let blocks = blocks(&page);
    let (mut reader, start) = (Reader::new(), Instant::now());
    for block in &blocks {
        reader.follow(block);
    }
    let took = start.elapsed();
    reader.machine.stands_alone("tally");
    let Reader { folder, heard, .. } = reader;
    for (file, times) in [("dist/libtally.so", 1), ("dist/tally.wasm", 3)] {
        assert!(folder.join(file).is_file(), "{file} is missing");
        assert!(heard.matches(file).count() > times, "{file} was built, and not used: {heard}");
    }
    assert!(heard.contains("tests::words_are_counted_up_to_the_most ... ok"), "its test did not run: {heard}");
    assert!(!heard.contains("warning"), "{heard}");
    let lines = lines_of_code(&blocks);
    say(&format!("docs/plugins.md was followed in {} s, with {lines} lines of an author's own", took.as_secs()));
    assert!(lines <= MOST_LINES, "an author writes {lines} lines");
}

#[test]
fn a_page_is_read_as_its_reader_does() {
    let page = "Text\n```sh\nls\ncd x\n```\n```text\na\n```\n```toml file=a/b.toml\n\n[x]\n```\n";
    let expected = [
        Block { does: Does::Typed, text: "ls\ncd x\n".into() },
        Block { does: Does::Printed, text: "a\n".into() },
        Block { does: Does::File(Path::new("a/b.toml")), text: "\n[x]\n".into() },
    ];
    assert_eq!(blocks(page), expected);
    assert!(Does::of("rust").is_none() && Does::of("").is_none() && Does::of("console").is_none());
    assert_eq!(
        with_ids("@0x…;\ninterface A @0x… {}\n", "@0x1f;\ninterface B @0x2e {}\n"),
        "@0x1f;\ninterface A @0x2e {}\n"
    );
    assert_eq!(with_ids("@0x…;", ""), "@0x…;", "one that is missing is seen");
}
