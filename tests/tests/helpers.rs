//! The helpers of the tests themselves: a helper that looks away makes every test that uses it worthless.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ww_tests::binary::guest_at;
use ww_tests::process::{Place, Running, finish};

/// What a check that must fail says.
fn failure(check: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(check)).expect_err("the check must fail");
    panic.downcast_ref::<String>().cloned().expect("a message with its reasons")
}

fn shell(place: &Place, script: &str) -> std::process::Command {
    let mut command = place.command("sh");
    command.args(["-c", script]);
    command
}

#[test]
fn a_program_gets_its_input_and_gives_status_and_output() {
    let place = Place::new();
    // More than a pipe holds, in both directions.
    let input = vec![b'x'; 1 << 20];
    let ended = finish(&mut shell(&place, "cat; echo oh >&2; exit 7"), &input).exits(7);
    assert_eq!((ended.stdout.len(), ended.stderr.as_str()), (1 << 20, "oh\n"));
    // One that does not read is no failure.
    finish(&mut shell(&place, "exit 0"), &input).exits(0);
}

#[test]
fn a_program_sees_a_home_of_its_own_and_nothing_of_the_tests() {
    let place = Place::new();
    let script = "pwd -P; echo $HOME; echo ${CARGO_TARGET_DIR-none} ${RUST_LOG-none} ${CARGO_MANIFEST_DIR-none}";
    let ended = finish(&mut shell(&place, script), b"").exits(0);
    let here = place.path().canonicalize().expect("the place");
    let expected = format!("{}\n{}\nnone none none\n", here.display(), place.path().join("home").display());
    assert_eq!(ended.stdout, expected);
}

#[test]
fn a_wrong_status_is_shown_with_command_and_output() {
    let place = Place::new();
    let said = failure(|| drop(finish(&mut shell(&place, "echo out; echo err >&2; exit 3"), b"").exits(0)));
    for part in ["sh -c", "out", "err", "exit status: 3"] {
        assert!(said.contains(part), "{part:?} is missing in {said}");
    }
}

#[test]
fn one_line_is_one_line() {
    let place = Place::new();
    finish(&mut shell(&place, "echo error: no such path >&2; exit 125"), b"").fails_in_one_line(125, &["no such path"]);
    failure(|| {
        drop(finish(&mut shell(&place, "echo a >&2; echo b >&2; exit 125"), b"").fails_in_one_line(125, &["a"]))
    });
    failure(|| drop(finish(&mut shell(&place, "exit 125"), b"").fails_in_one_line(125, &[])));
    failure(|| drop(finish(&mut shell(&place, "echo a >&2; exit 125"), b"").fails_in_one_line(125, &["b"])));
}

#[test]
fn a_running_program_is_read_line_by_line_and_takes_signals() {
    let place = Place::new();
    let script = "trap 'echo bye; exit 5' TERM; echo ready 42; echo warn >&2; while :; do sleep 0.01; done";
    let mut running = Running::start(&mut shell(&place, script));
    let number = running.stdout_line(|line| line.strip_prefix("ready ").map(str::to_owned));
    assert_eq!(number, "42");
    running.stderr_line(|line| (line == "warn").then_some(()));
    running.signal("TERM");
    assert!(running.end().exits(5).stdout.ends_with("bye\n"));
}

#[test]
fn a_line_that_never_comes_is_a_failure() {
    let place = Place::new();
    let said =
        failure(|| Running::start(&mut shell(&place, "echo other")).stdout_line(|line| (line == "this").then_some(())));
    assert!(said.contains("other"), "{said}");
}

#[test]
fn a_guest_is_built_by_its_folder_and_a_missing_one_is_a_failure() {
    let place = Place::new();
    let folder = place.path().join("guest");
    std::fs::create_dir_all(folder.join("src")).expect("a folder");
    let manifest = "[package]\nname = \"tiny-test-guest\"\nedition = \"2024\"\n[workspace]\n";
    std::fs::write(folder.join("Cargo.toml"), manifest).expect("a manifest");
    std::fs::write(folder.join("src/main.rs"), "fn main() { println!(\"hi\") }").expect("a source");
    let built = guest_at(&folder);
    let bytes = std::fs::read(&built["tiny-test-guest"]).expect("the component");
    // A component, and no core module: the layer is in the upper half of the version.
    assert_eq!(bytes[..8], *b"\0asm\x0d\0\x01\0");
    let image = place.image("image", &built["tiny-test-guest"]);
    assert_eq!(std::fs::read(image.join("boot/main.wasm")).expect("the image's guest"), bytes);
    assert!(failure(|| drop(guest_at(&place.path().join("absent")))).contains("no guest crate"));
}
