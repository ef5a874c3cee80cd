//! The repository's own commands: `cargo xtask …`.

mod codegen;

fn main() {
    let root = std::env::current_dir().expect("a working directory");
    codegen::write(&root).expect("generate");
}
