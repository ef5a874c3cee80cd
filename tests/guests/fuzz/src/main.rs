//! A guest that does what its standard input says, with the raw functions that it imports: nothing of the SDK stands in
//! the way of a mistake. Its argument names the interface that it tries.

mod calls;
mod input;
mod message;
mod paths;
mod rpc;

use std::io::Read;

mod bindings {
    #![allow(missing_docs, reason = "generated code")]
    #![allow(clippy::all, clippy::allow_attributes_without_reason, reason = "generated code")]

    wit_bindgen::generate!({ path: "../../../wit", world: "wetware:cell/cell", generate_all });
}

fn main() {
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input).expect("its input");
    let mode = std::env::args().nth(1).expect("the name of an interface");
    match mode.as_str() {
        "calls" => calls::run(&input),
        "paths" => paths::run(&input),
        "rpc" => rpc::run(&input),
        other => panic!("no such interface: {other}"),
    }
}
