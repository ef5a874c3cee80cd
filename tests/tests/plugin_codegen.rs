//! Bindings of a plugin's schema: made without the schema compiler when the project is, and renewed with it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use ww_tests::image::contents;
use ww_tests::machine::{Machine, kept};
use ww_tests::process::{Ended, finish};

fn codegen(machine: &Machine, project: &str) -> Ended {
    finish(machine.command("ww", "").args(["plugin", "codegen", project]), b"")
}

/// Replaces a part of a file.
fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).expect("a file to edit");
    assert!(text.contains(from), "{from:?} is not in {}", file.display());
    fs::write(file, text.replacen(from, to, 1)).expect("the edited file");
}

/// The end of the interface in the schema of a new project.
const END: &str = "  # Errors: `failed` where it would be 2^64 or more; it stays what it was.\n}";

#[test]
fn new_bindings_are_those_that_the_schema_compiler_gives() {
    let machine = Machine::new();
    for name in ["tally", "my-kv-2", "a"] {
        machine.ww("", &["plugin", "new", name]);
        let before = contents(&machine.path().join(name));
        let said = codegen(&machine, name).exits(0);
        let file = format!("{name}-api/src/{}_capnp.rs", name.replace('-', "_"));
        assert_eq!(said.stderr, format!("{file} is as it was\n"), "{said}");
        assert!(contents(&machine.path().join(name)) == before, "codegen changed something");
    }
}

#[test]
fn a_changed_schema_gives_new_bindings_which_compile() {
    let machine = Machine::new();
    machine.ww("", &["plugin", "new", "tally"]);
    let project = machine.path().join("tally");
    symlink(kept("plugin"), project.join("target")).expect("a link");
    let schema = project.join("tally-api/tally.capnp");
    let more = "\n\n  reset @1 (host :import \"/system.capnp\".Host) -> (before :UInt64);\n  feed @2 (number :UInt64) -> stream;\n}";
    edit(&schema, END, &(END.trim_end_matches("\n}").to_owned() + more));
    let before = contents(&project.join("tally-api"));
    let part = "the schemas of package `tally-api` import those of ww, whose bindings it has from nowhere; add to [dependencies]";
    codegen(&machine, "tally").fails_in_one_line(125, &[part, "ww-capnp = { path = \"../.ww/sdk/capnp\" }"]);
    assert!(contents(&project.join("tally-api")) == before, "something was written");

    let manifest = project.join("tally-api/Cargo.toml");
    edit(&manifest, "[dependencies]\n", "[dependencies]\nww-capnp = { path = \"../.ww/sdk/capnp\" }\n");
    assert_eq!(codegen(&machine, "tally/tally").exits(0).stderr, "wrote tally-api/src/tally_capnp.rs\n");
    let bindings = fs::read_to_string(project.join("tally-api/src/tally_capnp.rs")).expect("the bindings");
    assert!(bindings.contains("ww_capnp::system_capnp::host::Client"), "Host is another one than the SDK's");
    assert!(bindings.starts_with(concat!("#!", "[allow(missing_docs")));

    let provider = project.join("tally/src/lib.rs");
    let reset = "    async fn reset(self: Rc<Self>, params: tally::ResetParams, mut results: tally::ResetResults) -> Result<(), Error> {\n        \
        let _: ww_plugin::system_capnp::host::Client = params.get()?.get_host()?;\n        \
        results.get().set_before(self.0.replace(0));\n        Ok(())\n    }\n\n    async fn add(";
    edit(&provider, "    async fn add(", reset);
    let tested = finish(machine.command("cargo", "tally").arg("test"), b"").exits(0);
    assert!(tested.stdout.contains("test tests::it_adds_up ... ok"), "{tested}");
    assert!(!tested.stderr.contains("warning"), "{tested}");
}

#[test]
fn a_second_schema_is_told_how_it_becomes_known() {
    let machine = Machine::new();
    machine.ww("", &["plugin", "new", "tally"]);
    let api = machine.path().join("tally/tally-api");
    fs::write(api.join("more.capnp"), "@0xd2b6d0cbb7b3b6b5;\nstruct More { number @0 :UInt64; }\n").expect("a schema");
    let said = codegen(&machine, "tally").exits(0).stderr;
    let line = "wrote tally-api/src/more_capnp.rs; declare it in the crate: `pub mod more_capnp;`\n";
    assert!(said.starts_with(line) && said.ends_with("tally_capnp.rs is as it was\n"), "{said}");
}

#[test]
fn without_the_schema_compiler_one_line_says_where_it_is() {
    let machine = Machine::new();
    machine.ww("", &["plugin", "new", "tally"]);
    let before = contents(&machine.path());
    let tools = PathBuf::from(std::env::var_os("CARGO").expect("cargo runs the tests"));
    let path = [machine.path().join("bin"), tools.parent().expect("a folder").to_owned()];
    let mut command = machine.command("ww", "tally");
    command.args(["plugin", "codegen"]).env("PATH", std::env::join_paths(path).expect("a search path"));
    let parts = ["the schema compiler `capnp` was not found; ", "capnproto and libcapnp-dev (Debian, Ubuntu)"];
    finish(&mut command, b"").fails_in_one_line(125, &parts);
    assert!(contents(&machine.path()) == before, "something was written");
}

#[test]
fn what_is_wrong_with_a_schema_is_the_compilers_to_say() {
    let machine = Machine::new();
    machine.ww("", &["plugin", "new", "tally"]);
    edit(&machine.path().join("tally/tally-api/tally.capnp"), "UInt64", "Unknown");
    let before = contents(&machine.path());
    let said = codegen(&machine, "tally").exits(125).stderr;
    assert!(said.starts_with("tally.capnp:7:"), "{said}");
    let last = "error: the schemas of package `tally-api` do not compile; the messages of `capnp` are above\n";
    assert!(said.contains("Unknown") && said.ends_with(last), "{said}");
    assert!(contents(&machine.path()) == before, "something was written");

    machine.ww("", &["init", "hello"]);
    codegen(&machine, "hello").fails_in_one_line(125, &["no schema in hello; `ww plugin codegen` looks for *.capnp"]);
    codegen(&machine, "absent").fails_in_one_line(125, &["no such directory: absent"]);
}
