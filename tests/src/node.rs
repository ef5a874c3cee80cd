//! Runs guests on nodes, as `ww run` does.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::binary::guest;
use crate::process::{Ended, Place, Running, finish};

/// A node that takes any port of this machine and nothing of the network, with an identity for one run: `ww run` with
/// the options that every test gives. A backtrace of the node's own would be a mistake, and would be seen.
pub fn node(place: &Place, image: &Path) -> Command {
    let mut command = place.ww(["run", "--listen", "/ip4/127.0.0.1/tcp/0", "--ephemeral"]);
    command.arg(image).env("RUST_BACKTRACE", "1");
    command
}

/// Runs the guest of `image` with `arguments` and `input` to its end, the node's log left out.
///
/// # Panics
/// Where it does not end in time.
pub fn run(place: &Place, image: &Path, arguments: &[&str], input: &[u8]) -> Ended {
    finish(node(place, image).env("RUST_LOG", "off").arg("--").args(arguments), input)
}

/// Starts the guest of `image` with `arguments`, the node's log left out.
pub fn start<A: AsRef<OsStr>>(place: &Place, image: &Path, arguments: &[A]) -> Running {
    Running::start(node(place, image).env("RUST_LOG", "off").arg("--").args(arguments))
}

/// The program that knows nothing of `ww`, of `tests/guests/plain`, as an image.
pub fn plain(place: &Place) -> PathBuf {
    place.image("plain", &guest("tests/guests/plain")["plain"])
}

/// The guest that does what it is told, of `tests/guests/probe`, as an image.
pub fn probe(place: &Place) -> PathBuf {
    place.image("probe", &guest("tests/guests/probe")["probe"])
}

/// The guest that attacks its node, of `tests/guests/hostile`, as an image.
pub fn hostile(place: &Place) -> PathBuf {
    place.image("hostile", &guest("tests/guests/hostile")["hostile"])
}
