//! What is wrong with what `ww run` is given: one clear line each, the status that says whose mistake it is, and never a
//! stack trace.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use ww_tests::binary::guest;
use ww_tests::node::{node, plain, run};
use ww_tests::process::{Ended, Place, Running, finish};

/// Runs `ww run` with a backtrace asked for: one of the node's own would be a second line.
fn ww<'a>(place: &Place, arguments: impl IntoIterator<Item = &'a str>) -> Ended {
    finish(place.ww(["run", "--listen", "/ip4/127.0.0.1/tcp/0"]).args(arguments).env("RUST_BACKTRACE", "1"), b"")
}

fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
    fs::write(path, bytes).expect("the file");
}

/// A place with an image `image` whose `boot/main.wasm` is these bytes.
fn with_boot(bytes: impl AsRef<[u8]>) -> Place {
    let place = Place::new();
    write(&place.path().join("image/boot/main.wasm"), bytes);
    place
}

fn program() -> Vec<u8> {
    fs::read(&guest("tests/guests/plain")["plain"]).expect("the guest")
}

#[test]
fn a_path_without_an_image() {
    let place = Place::new();
    write(&place.path().join("file"), "");
    fs::create_dir(place.path().join("empty")).expect("a folder");
    write(&place.path().join("project/Cargo.toml"), "[package]\n");
    for (path, parts) in [
        ("absent", &["error: image absent: ", "No such file"][..]),
        ("file", &["error: image file: ", "not a directory"]),
        ("file/below", &["error: image file/below: ", "Not a directory"]),
        ("empty", &["error: image empty: there is no boot/main.wasm; ", "`ww init`"]),
        ("project", &["error: image project: there is no boot/main.wasm; run `ww build project` first"]),
    ] {
        ww(&place, [path]).fails_in_one_line(125, parts);
    }
    let mut here = place.ww(["run"]);
    finish(here.current_dir(place.path().join("project")), b"").fails_in_one_line(125, &["run `ww build` first"]);
}

#[test]
fn an_image_that_may_not_be_read() {
    let place = Place::new();
    let image = place.path().join("image");
    symlink("image", &image).expect("a link to itself");
    ww(&place, ["image"]).fails_in_one_line(125, &["error: image image: ", "symbolic links"]);
}

#[test]
fn a_boot_file_that_is_no_file() {
    for (make, part) in [
        ("mkdir -p", "boot/main.wasm: is a directory"),
        // An image has files, directories and links, and nothing that a reader would wait for.
        ("mkfifo", "there is no boot/main.wasm"),
        ("ln -s main.wasm", "boot/main.wasm: too many symbolic links"),
        ("ln -s nothing", "there is no boot/main.wasm"),
    ] {
        let place = Place::new();
        fs::create_dir_all(place.path().join("image/boot")).expect("a folder");
        finish(place.command("sh").args(["-c", &format!("{make} image/boot/main.wasm")]), b"").exits(0);
        ww(&place, ["image"]).fails_in_one_line(125, &["error: image image: ", part]);
    }
}

#[test]
fn a_boot_file_that_is_no_component() {
    let too_long = {
        let place = with_boot("");
        let file = fs::File::options().write(true).open(place.path().join("image/boot/main.wasm")).expect("the file");
        file.set_len((64 << 20) + 1).expect("a long file");
        place
    };
    for (place, part) in [
        (with_boot(""), "the file is empty"),
        (with_boot("#!/bin/sh\n"), "this is no WebAssembly file"),
        (with_boot(b"\0asm"), "the file is cut off"),
        (with_boot(b"\0asm\x01\0\0\0"), "this is a core WebAssembly module; a guest is a component"),
        (with_boot(b"\0asm\x0d\0\x01\0"), "no main function"),
        (with_boot(b"\0asm\x63\0\x01\0"), "this version of WebAssembly is not known"),
        (with_boot(vec![0; 1 << 16]), "this is no WebAssembly file"),
        (too_long, "the limit is 67108864"),
    ] {
        ww(&place, ["image"]).fails_in_one_line(125, &["error: ", "/image/boot/main.wasm: component: ", part]);
    }
}

#[test]
fn a_component_that_was_cut() {
    let whole = program();
    let place = with_boot("");
    for percent in [1, 5, 10, 25, 50, 75, 90, 99] {
        write(&place.path().join("image/boot/main.wasm"), &whole[..whole.len() * percent / 100]);
        ww(&place, ["image"]).fails_in_one_line(125, &["/image/boot/main.wasm: component: the file is cut off: "]);
    }
    write(&place.path().join("image/boot/main.wasm"), &whole[..whole.len() - 1]);
    ww(&place, ["image"]).fails_in_one_line(125, &["/image/boot/main.wasm: component: the file is cut off: "]);
    // Somewhere in its code.
    let mut damaged = whole.clone();
    damaged[whole.len() / 2..whole.len() / 2 + 512].fill(0xff);
    write(&place.path().join("image/boot/main.wasm"), &damaged);
    ww(&place, ["image"]).fails_in_one_line(125, &["/image/boot/main.wasm: component: the file is damaged"]);
}

/// A component that imports an instance of this name, with one function `size: func() -> u32`.
fn importing(name: &str) -> Vec<u8> {
    let text = |text: &str| [&[0, u8::try_from(text.len()).expect("a short name")], text.as_bytes()].concat();
    let section = |id: u8, body: &[u8]| [&[id, u8::try_from(body.len()).expect("a short one")], body].concat();
    // One type: an instance whose type 0 is the function, which it exports.
    let instance = [&[1, 0x42, 2, 0x01, 0x40, 0, 0, 0x79, 0x04][..], &text("size"), &[0x01, 0]].concat();
    let import = [&[1][..], &text(name), &[0x05, 0]].concat();
    [b"\0asm\x0d\0\x01\0".to_vec(), section(7, &instance), section(10, &import)].concat()
}

#[test]
fn a_component_that_imports_what_nobody_provides() {
    for name in ["acme:store/kv@1.2.0", "wasi:http/outgoing-handler@0.2.0", "wasi:cli/environment@0.2.0"] {
        let place = with_boot(importing(name));
        ww(&place, ["image"]).fails_in_one_line(125, &["/image/boot/main.wasm: component: ", name]);
    }
    let place = with_boot(importing("acme:store/kv@1.2.0"));
    ww(&place, ["image"]).fails_in_one_line(125, &["it imports 'acme:store/kv@1.2.0', which nobody provides here"]);
}

#[test]
fn an_address_that_cannot_be_listened_on() {
    let place = Place::new();
    let image = plain(&place);
    let taken = std::net::TcpListener::bind(("0.0.0.0", 0)).expect("a port");
    let port = taken.local_addr().expect("its address").port().to_string();
    let used = format!("error: port {port} is in use by another node; use --port 0");
    let run = |arguments: &[&str]| {
        let mut command = place.ww(["run", "--ephemeral"]);
        finish(command.arg(&image).args(arguments).env("RUST_BACKTRACE", "1"), b"")
    };
    run(&["--port", &port]).fails_in_one_line(125, &[&used]);
    run(&["--listen", &format!("/ip4/127.0.0.1/tcp/{port}")]).fails_in_one_line(125, &[&used]);
    // QUIC is on the same port, over UDP.
    let taken = std::net::UdpSocket::bind(("0.0.0.0", 0)).expect("a port");
    let port = taken.local_addr().expect("its address").port().to_string();
    let used = format!("error: port {port} is in use by another node; use --port 0");
    run(&["--port", &port]).fails_in_one_line(125, &[&used]);
    // An address of documentation, which no machine has.
    run(&["--listen", "/ip4/203.0.113.1/tcp/0"]).fails_in_one_line(125, &["error: swarm: cannot listen on ", "203.0"]);
    run(&["--listen", "/dns4/localhost/tcp/0"]).fails_in_one_line(125, &["cannot listen on", "/dns is not supported"]);
}

#[test]
fn an_identity_that_cannot_be_used() {
    let place = Place::new();
    plain(&place);
    let file = |name: &str, bytes: &[u8], mode| {
        write(&place.path().join(name), bytes);
        fs::set_permissions(place.path().join(name), fs::Permissions::from_mode(mode)).expect("its mode");
    };
    file("garbage", b"no key at all", 0o600);
    file("nothing", b"", 0o600);
    file("long", &[8; 20_000], 0o600);
    file("exposed", b"no key at all", 0o644);
    symlink("nowhere", place.path().join("dangling")).expect("a link");
    for (path, part) in [
        ("garbage", "holds no private key"),
        ("nothing", "holds no private key"),
        ("long", "is larger than 16384 bytes"),
        ("exposed", "others have access to it (mode 0644); chmod 600 exposed"),
        ("dangling", "it is a symbolic link to nothing"),
        (".", "is no regular file"),
        ("garbage/below", "cannot be read: Not a directory"),
        // Nobody may make a file there, not even a superuser.
        ("/proc/ww-test/identity", "cannot be created: "),
    ] {
        let parts = [&format!("error: identity {path}: "), part];
        ww(&place, ["plain", "--identity", path]).fails_in_one_line(125, &parts);
    }
    assert_eq!(fs::read(place.path().join("garbage")).expect("the file"), b"no key at all", "it is left as it was");
}

#[test]
fn a_data_directory_that_cannot_be_used() {
    let place = Place::new();
    plain(&place);
    write(&place.path().join("file"), "");
    for path in ["file", "file/below", "/proc/ww-test"] {
        let parts = [&format!("error: data directory {path}: "), "; name another one with --data DIR"];
        ww(&place, ["plain", "--data", path]).fails_in_one_line(125, &parts);
    }
    let mut homeless = place.ww(["run", "plain"]);
    finish(homeless.env("WW_DATA", "file"), b"").fails_in_one_line(125, &["error: data directory file: "]);
}

#[test]
fn a_command_line_that_is_none() {
    let place = Place::new();
    plain(&place);
    for arguments in [
        &["plain", "--no-such-option"][..],
        &["plain", "--port", "70000"],
        &["plain", "--peer", "garbage"],
        &["plain", "--listen", "127.0.0.1:80"],
        &["plain", "--env", "NOVALUE"],
        &["plain", "--identity", "key", "--ephemeral"],
        &["plain", "--name", "../up"],
    ] {
        let ended = ww(&place, arguments.iter().copied()).exits(2);
        assert!(ended.stderr.starts_with("error: ") && ended.stdout.is_empty(), "{ended}");
        assert!(!ended.stderr.contains("panicked"), "{ended}");
    }
}

/// What the guest writes must not go where its image says.
#[test]
fn a_state_that_is_no_directory() {
    for make in ["mkdir out && ln -s ../out plain/var", "ln -s nowhere plain/var", "touch plain/var"] {
        let place = Place::new();
        plain(&place);
        finish(place.command("sh").args(["-c", make]), b"").exits(0);
        ww(&place, ["plain"]).fails_in_one_line(125, &["error: image ", "/plain/var: this must be a directory"]);
    }
}

/// The node starts: what is wrong is the guest's to see.
#[test]
fn a_link_that_points_out_of_the_image() {
    let place = Place::new();
    let image = plain(&place);
    write(&place.path().join("secret"), "not for guests");
    write(&image.join("inside"), "for guests");
    let outside = place.path().join("secret");
    for (name, target) in [
        ("up", "../secret"),
        ("far", "../../../../../../../../etc/passwd"),
        ("deep", "boot/../../secret"),
        ("in", "inside"),
    ] {
        symlink(target, image.join(name)).expect("a link");
    }
    // An absolute one starts at the image's root, where there is no such file.
    symlink(&outside, image.join("absolute")).expect("a link");
    symlink("/inside", image.join("rooted")).expect("a link");
    let reads = ["read:/up", "read:/far", "read:/deep", "list:/up", "read:/absolute", "read:/in", "read:/rooted"];
    let ended = run(&place, &image, &[&["files"][..], &reads].concat(), b"").exits(0);
    let expected = [
        "read:/up: error PermissionDenied",
        "read:/far: error PermissionDenied",
        "read:/deep: error PermissionDenied",
        "list:/up: error PermissionDenied",
        "read:/absolute: error NotFound",
        "read:/in: for guests",
        "read:/rooted: for guests",
        "",
    ];
    assert_eq!(ended.stdout, expected.join("\n"));
}

/// The boot file is the image's, too: what is outside of it is not run.
#[test]
fn a_boot_file_that_lies_outside_of_the_image() {
    let place = Place::new();
    write(&place.path().join("outside.wasm"), program());
    fs::create_dir_all(place.path().join("image/boot")).expect("a folder");
    symlink("../../outside.wasm", place.path().join("image/boot/main.wasm")).expect("a link");
    ww(&place, ["image"]).fails_in_one_line(125, &["error: image image: boot/main.wasm: ", "leads out of the tree"]);
}

#[test]
fn a_log_filter_that_is_none_is_told_of_in_one_line() {
    let place = Place::new();
    let image = plain(&place);
    let mut command = node(&place, &image);
    let mut running = Running::start(command.env("RUST_LOG", "ww=loud").args(["--", "exit", "0"]));
    drop(running.stdin.take());
    let ended = running.end().exits(0);
    let lines: Vec<_> = ended.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{ended}");
    assert!(lines[0].starts_with("warning: RUST_LOG is no valid filter: ") && lines[0].ends_with("using `ww=info`"));
}
