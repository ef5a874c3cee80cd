//! What a node runs a component with: the export of a WASI command, which a library does not have by itself.

#![allow(missing_docs, unreachable_pub, unsafe_op_in_unsafe_fn, reason = "generated code")]
#![allow(clippy::all, clippy::allow_attributes_without_reason, reason = "generated code")]
#![allow(clippy::undocumented_unsafe_blocks, reason = "generated code")]

wit_bindgen::generate!({
    inline: "package ww:plugin; world provider { export wasi:cli/run@0.2.6; }",
    path: "../../wit",
    world: "ww:plugin/provider",
    pub_export_macro: true,
    export_macro_name: "export_run",
});
