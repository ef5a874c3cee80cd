//! Why `ww build`, `ww plugin build` and `ww plugin codegen` fail.

use std::io;
use std::path::PathBuf;

use cargo_metadata::semver::Version;

use super::TARGET;
use crate::version;

/// Why a project was not compiled. Each is one line with the remedy, where there is one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The project's directory is not there.
    #[error("no such directory: {}", .0.display())]
    NoDirectory(PathBuf),

    /// The directory is no project.
    #[error("no Cargo.toml in {}; create a project with `ww init`, or with `ww plugin new`", .0.display())]
    NoManifest(PathBuf),

    /// Neither cargo nor rustc is of any use when it is not there.
    #[error("{0} was not found; install Rust with rustup, see https://rustup.rs")]
    NoProgram(&'static str),

    /// The compiler has no standard library for the target.
    #[error("the project's toolchain has no target {TARGET}; run `rustup target add {TARGET}{}`",
        toolchain.as_ref().map(|name| format!(" --toolchain {name}")).unwrap_or_default())]
    NoTarget {
        /// The toolchain's name, where rustup knows it.
        toolchain: Option<String>,
    },

    /// Cargo or rustc refused to say something; the message is its own.
    #[error("{what}: {message}")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// The answer.
        message: String,
    },

    /// The manifest describes several packages, and none of its own.
    #[error("{} is a workspace without a package of its own; build a member: {}", directory.display(),
        members.iter().map(|member| format!("`ww build {member}`")).collect::<Vec<_>>().join(", "))]
    Workspace {
        /// Where the manifest is.
        directory: PathBuf,
        /// The members' directories.
        members: Vec<String>,
    },

    /// There is nothing to boot.
    #[error("package `{0}` has no binary; a guest starts in src/main.rs")]
    NoBinary(String),

    /// Nothing says which binary to boot, or what says it is wrong.
    #[error("package `{package}` has no binary `{boot}` to boot; choose one of {} in Cargo.toml: \
        [package.metadata.ww] boot = \"NAME\"", binaries.join(", "))]
    NoBoot {
        /// The package.
        package: String,
        /// What was looked for.
        boot: String,
        /// The binaries that it has.
        binaries: Vec<String>,
    },

    /// `boot` is something else than a name.
    #[error("in Cargo.toml of package `{0}`: [package.metadata.ww] boot is the name of a binary, in quotes")]
    BadBoot(String),

    /// The manifest names an SDK that is not there.
    #[error("the SDK is not unpacked in {}; run `{renew}`", directory.display())]
    NoSdk {
        /// The project.
        directory: PathBuf,
        /// The command that unpacks it.
        renew: String,
    },

    /// The unpacked SDK makes guests that this `ww` does not run.
    #[error(
        "the SDK in .ww/sdk is of ww {theirs} with contract {contract}, and this is ww {} with contract {}; run \
        `{renew}`",
        version::PRODUCT,
        version::CONTRACT
    )]
    OtherContract {
        /// The version of the SDK.
        theirs: Version,
        /// Its contract.
        contract: u32,
        /// The command that renews it.
        renew: String,
    },

    /// The unpacked SDK could not be looked at.
    #[error("look at the unpacked SDK")]
    Sdk(#[source] crate::init::Error),

    /// Cargo failed, and has said why.
    #[error("cargo build failed ({0}); its messages are above")]
    Compile(std::process::ExitStatus),

    /// The same for a component.
    #[error(
        "cargo build failed for {TARGET} ({0}); its messages are above. A component has no threads and no sockets: \
        docs/plugins.md says what to do instead, and `ww plugin build --native` builds the library alone"
    )]
    CompileComponent(std::process::ExitStatus),

    /// No package of the project is a plugin.
    #[error("no plugin in {}: no package there depends on `ww-plugin`; start one with `ww plugin new NAME`", .0.display())]
    NoPlugin(PathBuf),

    /// Which of several is meant, nothing says.
    #[error("{} has several plugins; choose one of them: {}", directory.display(),
        packages.iter().map(|package| format!("`--package {package}`")).collect::<Vec<_>>().join(", "))]
    SeveralPlugins {
        /// The project.
        directory: PathBuf,
        /// The plugins.
        packages: Vec<String>,
    },

    /// The package that was named is not there.
    #[error("{} has no package `{name}`; it has {}", directory.display(), packages.join(", "))]
    NoPackage {
        /// The project.
        directory: PathBuf,
        /// What was looked for.
        name: String,
        /// The packages that it has.
        packages: Vec<String>,
    },

    /// The package is compiled to nothing that a node could load.
    #[error(
        "package `{0}` is no plugin: it gives no shared library; say so in its Cargo.toml: \
        [lib] crate-type = [\"cdylib\", \"rlib\"]"
    )]
    NoLibrary(String),

    /// What was compiled does not say that it is a plugin.
    #[error(
        "package `{0}` is no plugin: it exports no provider; its src/lib.rs has to say `ww_plugin::export!(TYPE);`"
    )]
    NoExport(String),

    /// What was compiled is a plugin that no node would load.
    #[error(transparent)]
    Plugin(#[from] crate::plugin::file::FileError),

    /// No package of the project has a schema.
    #[error("no schema in {}; `ww plugin codegen` looks for *.capnp beside the Cargo.toml of each package", .0.display())]
    NoSchema(PathBuf),

    /// The schema compiler does not take a schema, and has said why.
    #[error("the schemas of package `{package}` do not compile; the messages of `capnp` are above{}",
        if *lacks_stream { "; `/capnp/stream.capnp` is in the package libcapnp-dev (Debian) or capnproto-devel (Fedora)" }
        else { "" })]
    Schema {
        /// The package.
        package: String,
        /// Whether it is the compiler that is not complete.
        lacks_stream: bool,
    },

    /// Nothing would have the bindings of ww's schemas.
    #[error(
        "the schemas of package `{0}` import those of ww, whose bindings it has from nowhere; add to [dependencies] \
        in its Cargo.toml: ww-capnp = {{ path = \"../.ww/sdk/capnp\" }}"
    )]
    NoProvider(String),

    /// There are no bindings.
    #[error("{error}{}", remedy(error))]
    Codegen {
        /// Why.
        #[source]
        error: ww_codegen::Error,
    },

    /// Cargo succeeded without making what it should.
    #[error("cargo built no binary `{0}`; where it has `required-features`, make them default ones")]
    NotBuilt(String),

    /// A program could not be run, or spoken with.
    #[error("run {program}")]
    Run {
        /// The program.
        program: &'static str,
        /// Why.
        source: io::Error,
    },

    /// A folder of the project could not be looked at.
    #[error("look for schemas in {}", path.display())]
    Read {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },

    /// A file of the image could not be written.
    #[error("write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What to do where there is no schema compiler.
fn remedy(error: &ww_codegen::Error) -> &'static str {
    match error {
        ww_codegen::Error::NoCompiler => {
            "; it is in the packages capnproto and libcapnp-dev (Debian, Ubuntu), capnproto and capnproto-devel (Fedora), \
            capnproto (Arch), capnp (Homebrew)"
        }
        _ => "",
    }
}
