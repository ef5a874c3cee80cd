//! Shared libraries that are plugins as far as their files go: a manifest, and nothing to call.

use std::path::Path;
use std::process::Command;

/// A manifest that a node takes, of a plugin with this name.
pub fn manifest(name: &str) -> String {
    format!(r#"{{"contract":1,"name":"{name}","version":"0.1.0","description":"Keys and values.","#,)
        + r#""interface":"0x9f1c0e0d5b7a2c11","roles":["command","content:/kv/"],"requires":[],"panic":"unwind"}"#
}

/// Writes a shared library for this machine to `file`, with `section` as its section `ww.manifest` if there is one. It
/// has a few KiB, so that each of its bytes can be tried.
///
/// # Panics
/// Where it cannot be built.
pub fn library(file: &Path, section: Option<&str>) {
    let place = tempfile::tempdir().expect("a temporary folder");
    let source = place.path().join("library.rs");
    let mut code = "#![no_std]\n#[panic_handler]\nfn panic(_: &core::panic::PanicInfo) -> ! { loop {} }\n\
        #[unsafe(no_mangle)]\npub extern \"C\" fn answer() -> u32 { 42 }\n"
        .to_owned();
    if let Some(section) = section {
        code += &format!(
            "#[used]\n#[unsafe(link_section = \"ww.manifest\")]\nstatic MANIFEST: [u8; {}] = *b{section:?};\n",
            section.len()
        );
    }
    std::fs::write(&source, code).expect("the source");
    let mut rustc = Command::new("rustc");
    // A library without the standard library cannot unwind; nobody looks at this code.
    rustc.args(["--edition", "2024", "--crate-type", "cdylib", "-C", "panic=abort", "-C", "opt-level=1", "-o"]);
    let output = rustc.arg(file).arg(&source).output().expect("start rustc");
    assert!(output.status.success(), "build a library:\n{}", String::from_utf8_lossy(&output.stderr));
}

/// A component that holds a module with `section` as its section `ww.manifest`, as toolchains nest them.
pub fn component(section: &str) -> Vec<u8> {
    let module = [b"\0asm\x01\0\0\0".as_slice(), &wasm_section(0, &custom("ww.manifest", section.as_bytes()))].concat();
    [b"\0asm\x0d\0\x01\0".as_slice(), &wasm_section(1, &module)].concat()
}

/// A component with `section` as a section `ww.manifest` of its own.
pub fn with_section(component: &[u8], section: &str) -> Vec<u8> {
    [component, &wasm_section(0, &custom("ww.manifest", section.as_bytes()))].concat()
}

/// What a custom section of WebAssembly holds: its name and its bytes.
fn custom(name: &str, bytes: &[u8]) -> Vec<u8> {
    [&leb(name.len()), name.as_bytes(), bytes].concat()
}

fn wasm_section(id: u8, body: &[u8]) -> Vec<u8> {
    [&[id], leb(body.len()).as_slice(), body].concat()
}

/// A number as WebAssembly writes it: seven bits a byte, the lowest first.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}
