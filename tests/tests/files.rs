//! What a guest sees of the machine: its image, its `/tmp` and `/var`, and nothing else.

use std::fs;
use std::path::Path;

use ww_tests::node::{node, plain, run, start};
use ww_tests::process::{Ended, Place, Running, finish};

fn files(place: &Place, image: &Path, commands: &[&str]) -> Ended {
    run(place, image, &[&["files"], commands].concat(), b"").exits(0)
}

/// Each answer on its line.
fn answers(ended: &Ended) -> Vec<&str> {
    ended.stdout.lines().collect()
}

#[test]
fn the_image_is_read_only_and_all_there_is() {
    let place = Place::new();
    let image = plain(&place);
    fs::create_dir_all(image.join("etc")).expect("a folder");
    fs::write(image.join("etc/motd"), "welcome").expect("a file");
    fs::write(place.path().join("beside"), "secret").expect("a file");
    let before = ww_tests::image::contents(&image);
    let ended = files(
        &place,
        &image,
        &[
            "list:/",
            "list:.",
            "read:/etc/motd",
            "read:etc/motd",
            "read:/etc/../etc/motd",
            "write:/new",
            "write:/etc/motd",
            "make:/folder",
            "remove:/etc/motd",
            "read:/etc/passwd",
            "read:../beside",
            "read:/../beside",
            "list:/proc",
            "list:/home",
            "list:/..",
            "write:/boot/main.wasm",
        ],
    );
    let expected = [
        "list:/: boot etc tmp var",
        "list:.: boot etc tmp var",
        "read:/etc/motd: welcome",
        "read:etc/motd: welcome",
        "read:/etc/../etc/motd: welcome",
        "write:/new: error ReadOnlyFilesystem",
        "write:/etc/motd: error ReadOnlyFilesystem",
        "make:/folder: error ReadOnlyFilesystem",
        "remove:/etc/motd: error ReadOnlyFilesystem",
        "read:/etc/passwd: error NotFound",
        "read:../beside: error PermissionDenied",
        "read:/../beside: error PermissionDenied",
        "list:/proc: error NotFound",
        "list:/home: error NotFound",
        "list:/..: error PermissionDenied",
        "write:/boot/main.wasm: error ReadOnlyFilesystem",
    ];
    assert_eq!(answers(&ended), expected);
    assert_eq!(ww_tests::image::contents(&image), before, "the image is as it was");
}

#[test]
fn var_is_kept_and_tmp_is_not() {
    let place = Place::new();
    let image = plain(&place);
    let before = ww_tests::image::contents(&image);
    let reading = ["list:/var", "list:/tmp", "read:/var/kept"];
    assert_eq!(
        answers(&files(&place, &image, &reading)),
        ["list:/var: ", "list:/tmp: ", "read:/var/kept: error NotFound"]
    );
    assert_eq!(ww_tests::image::contents(&image), before, "reading makes no /var");
    files(&place, &image, &["write:/tmp/gone", "read:/tmp/gone"]);
    assert_eq!(ww_tests::image::contents(&image), before, "/tmp is not the image's");
    let writing = files(&place, &image, &["write:/var/kept", "make:/var/a/b", "write:/var/a/b/c", "write:/tmp/gone"]);
    assert!(answers(&writing).iter().all(|answer| answer.ends_with(": done")), "{writing}");
    assert_eq!(fs::read_to_string(image.join("var/kept")).expect("the state"), "written by the guest");
    let later =
        files(&place, &image, &["read:/var/kept", "list:/var", "list:/var/a/b", "list:/tmp", "remove:/var/kept"]);
    let expected = [
        "read:/var/kept: written by the guest",
        "list:/var: a kept",
        "list:/var/a/b: c",
        "list:/tmp: ",
        "remove:/var/kept: done",
    ];
    assert_eq!(answers(&later), expected);
    assert!(!image.join("var/kept").exists());
}

/// The private directories in a folder.
fn private(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    names.map(|name| name.to_string_lossy().into_owned()).filter(|name| name.starts_with("ww-tmp-")).collect()
}

/// Starts a guest that makes files for ever, with `tmp` as its node's temporary folder.
fn makes_files(place: &Place, image: &Path, tmp: &Path) -> Running {
    let mut command = node(place, image);
    let mut running = Running::start(command.env("TMPDIR", tmp).env("RUST_LOG", "off").args(["--", "make-files"]));
    running.stdout_line(|line| (line == "first: done").then_some(()));
    running
}

#[test]
fn tmp_is_gone_however_the_guest_ends() {
    let place = Place::new();
    let image = plain(&place);
    let tmp = place.path().join("tmp");
    fs::create_dir(&tmp).expect("a folder");
    let run = |options: &[&str], arguments: &[&str]| {
        let mut command = node(&place, &image);
        command.env("TMPDIR", &tmp).env("RUST_LOG", "off").args(options).arg("--").args(arguments);
        finish(&mut command, b"")
    };

    run(&[], &["files", "write:/tmp/x"]).exits(0);
    assert_eq!(private(&tmp), [""; 0]);
    // In the middle of making a file, by a limit, and by signals.
    run(&["--limit", "wall=2s"], &["make-files"]).exits(126);
    assert_eq!(private(&tmp), [""; 0]);
    let running = makes_files(&place, &image, &tmp);
    assert_eq!(private(&tmp).len(), 1);
    running.signal("TERM");
    std::thread::sleep(std::time::Duration::from_millis(300));
    running.signal("TERM");
    running.end().exits(143);
    assert_eq!(private(&tmp), [""; 0]);
}

#[test]
fn what_a_node_leaves_when_it_is_killed_the_next_one_removes() {
    let place = Place::new();
    let image = plain(&place);
    let tmp = place.path().join("tmp");
    fs::create_dir(&tmp).expect("a folder");
    let living = makes_files(&place, &image, &tmp);
    let of_living = private(&tmp);
    let killed = makes_files(&place, &image, &tmp);
    killed.signal("KILL");
    killed.end();
    assert_eq!(private(&tmp).len(), 2, "one was left");

    let next = makes_files(&place, &image, &tmp);
    for _ in 0..1000 {
        if private(&tmp).len() == 2 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let names = private(&tmp);
    assert_eq!(names.len(), 2, "those of the two that live");
    assert!(names.contains(&of_living[0]));
    drop((living, next));
}

#[test]
fn one_node_at_a_time_has_the_state_of_an_image() {
    let place = Place::new();
    let image = plain(&place);
    files(&place, &image, &["write:/var/kept"]);
    let mut first = start(&place, &image, &["cat"]);
    std::io::Write::write_all(first.stdin.as_mut().expect("its input"), b"hello\n").expect("it reads");
    first.stdout_line(|line| (line == "hello").then_some(()));
    let mut second = node(&place, &image);
    let second = finish(second.args(["--", "files", "list:/var", "write:/var/mine", "read:/var/mine"]), b"").exits(0);
    assert_eq!(answers(&second), ["list:/var: ", "write:/var/mine: done", "read:/var/mine: written by the guest"]);
    let said: Vec<_> = second.stderr.lines().filter(|line| line.contains("WARN")).collect();
    assert!(said.len() == 1 && said[0].contains("plain/var is in use by another node"), "{second}");
    drop(first.stdin.take());
    first.end().exits(0);
    assert_eq!(answers(&files(&place, &image, &["list:/var"])), ["list:/var: kept"]);
}

#[test]
fn nothing_of_the_host_shows() {
    let place = Place::new();
    let image = plain(&place);
    let told = run(&place, &image, &["surroundings", "two words", "--port", ""], b"").exits(0);
    let arguments = r#"arguments: ["plain", "surroundings", "two words", "--port", ""]"#;
    assert_eq!(answers(&told), [arguments, "environment: []", r#"directory: "/""#]);
    let mut command = node(&place, &image);
    command
        .env("SECRET", "of the host")
        .args(["--env", "LANG=C", "--env", "EMPTY=", "--env", "LIST=a=b", "--name", "me"]);
    let told = finish(command.args(["--", "surroundings"]), b"").exits(0);
    let environment = r#"environment: [("LANG", "C"), ("EMPTY", ""), ("LIST", "a=b")]"#;
    assert_eq!(answers(&told)[..2], [r#"arguments: ["me", "surroundings"]"#, environment]);
}

#[test]
fn there_is_no_socket() {
    let place = Place::new();
    let image = plain(&place);
    // Somebody would answer.
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("its address").port().to_string();
    let ended = run(&place, &image, &["sockets", &port], b"").exits(0);
    let answers = answers(&ended);
    for what in ["connect", "connect in time", "listen", "send"] {
        assert!(answers.contains(&format!("{what}: error PermissionDenied").as_str()), "{ended}");
    }
    assert!(answers.iter().any(|answer| answer.starts_with("resolve: error ")), "{ended}");
    listener.set_nonblocking(true).expect("a socket's mode");
    assert!(listener.accept().is_err(), "nobody has come");
}
