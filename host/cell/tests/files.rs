//! A guest that was written for the standard library only, on the cell's file tree.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::sync::{Arc, LazyLock};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use ww_cell::fs::{FsConfig, FsLimits, Home, LocalTree};
use ww_cell::pipe::{PipeReader, pipe};
use ww_cell::stdio::{Input, Output, Stdio};
use ww_cell::{Cell, CellConfig, CellLimits, Engine, EngineConfig, Exit, Program};

/// The guest, built and compiled once.
async fn guest() -> Program {
    static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(&EngineConfig::default()).unwrap());
    static GUEST: OnceCell<Program> = OnceCell::const_new();
    let program = GUEST.get_or_init(|| async { ENGINE.program(&std::fs::read(build()).unwrap()).await.unwrap() });
    program.await.clone()
}

fn build() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/guests/files/Cargo.toml");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest-files");
    let output = Process::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--target", "wasm32-wasip2", "--manifest-path"])
        .arg(&manifest)
        .arg("--target-dir")
        .arg(&target)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .unwrap();
    assert!(output.status.success(), "the guest does not build:\n{}", String::from_utf8_lossy(&output.stderr));
    target.join("wasm32-wasip2/debug/files.wasm")
}

/// An image, and where the cell keeps what it writes.
fn host() -> TempDir {
    let host = TempDir::new().unwrap();
    let etc = host.path().join("image/etc");
    std::fs::create_dir_all(etc.join("app")).unwrap();
    std::fs::write(etc.join("name"), "image\n").unwrap();
    std::fs::write(etc.join(".wh.name"), "").unwrap();
    let big: Vec<u8> = (0..1_000_003_u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(host.path().join("image/big"), big).unwrap();
    std::fs::write(host.path().join("secret"), "host").unwrap();
    assert!(Process::new("mkfifo").arg(etc.join("fifo")).status().unwrap().success());
    for (target, link) in [("/etc/name", "alias"), ("../../secret", "out"), ("/tmp/data", "data")] {
        std::os::unix::fs::symlink(target, etc.join(link)).unwrap();
    }
    host
}

/// Runs a check of the guest's, and gives back what it printed.
async fn run(host: &TempDir, limits: FsLimits, arguments: &[&str]) -> String {
    let (stdout, said) = pipe(1 << 16);
    let (stderr, complained) = pipe(1 << 16);
    let error = capnp::Error::failed("this guest has no Membrane".to_owned());
    let files = FsConfig {
        var: Home::Kept(host.path().join("var")),
        tmp: Home::Private(host.path().join("tmp")),
        limits,
        ..FsConfig::new(Arc::new(LocalTree::open(&host.path().join("image")).unwrap()))
    };
    let config = CellConfig {
        name: "files".to_owned(),
        args: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        env: Vec::new(),
        stdio: Stdio { stdin: Input::empty(), stdout: Output::pipe(stdout), stderr: Output::pipe(stderr) },
        files,
        membrane: ww_call::broken_client::<capnp::capability::Client>(error).hook,
        limits: CellLimits::default(),
        afterwards: None,
    };
    let program = guest().await;
    let cell = async { Cell::new(&program, config).unwrap().run().await };
    let (exit, said, complained) = tokio::join!(cell, read(said), read(complained));
    assert!(matches!(exit, Exit::Code(0)), "{arguments:?}: {exit:?}\n{said}\n{complained}");
    said
}

async fn read(pipe: PipeReader) -> String {
    let mut text = Vec::new();
    loop {
        match pipe.read(4096).await {
            part if part.is_empty() => return String::from_utf8_lossy(&text).into_owned(),
            part => text.extend(part),
        }
    }
}

async fn check(name: &str) {
    let said = run(&host(), FsLimits::default(), &[name]).await;
    assert!(said.contains(&format!("{name}: ok")), "{said}");
}

#[tokio::test]
async fn reads_the_image() {
    check("image").await;
}

#[tokio::test]
async fn cannot_change_the_image() {
    check("read-only").await;
}

#[tokio::test]
async fn writes_to_tmp_and_var() {
    let host = host();
    run(&host, FsLimits::default(), &["writable"]).await;
    let mut kept: Vec<_> =
        std::fs::read_dir(host.path().join("var")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    kept.sort();
    assert_eq!(kept, ["file", "linked", "other"]);
    let next = run(&host, FsLimits::default(), &["list", "/var"]).await;
    assert_eq!(next, "file\nlinked\nother\nlist: ok\n");
    assert_eq!(run(&host, FsLimits::default(), &["list", "/tmp"]).await, "list: ok\n", "every cell has its own");
}

#[tokio::test]
async fn makes_lists_and_removes_directories() {
    check("directories").await;
}

#[tokio::test]
async fn follows_links_within_its_tree() {
    check("links").await;
}

#[tokio::test]
async fn meets_the_bounds_of_paths() {
    check("paths").await;
}

#[tokio::test]
async fn meets_the_bound_of_descriptors() {
    let said = run(&host(), FsLimits::default(), &["descriptors"]).await;
    assert!(said.contains("held 128 files"), "{said}");
}

#[tokio::test]
async fn meets_the_bound_of_the_disk() {
    let limits = FsLimits { disk: 64 * 1024, ..FsLimits::default() };
    run(&host(), limits, &["disk"]).await;
}

#[tokio::test]
async fn sees_no_environment_and_no_socket() {
    check("bare").await;
}

#[tokio::test]
async fn leaves_the_host_as_it_was() {
    let host = host();
    run(&host, FsLimits::default(), &["image"]).await;
    let mut there: Vec<_> = std::fs::read_dir(host.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    there.sort();
    assert_eq!(there, ["image", "secret"]);
}
