//! The generated half of `wasi:filesystem`.

mod generated {
    wasmtime::component::bindgen!({
        inline: "
            package wetware:files;
            world files {
                import wasi:filesystem/types@0.2.6;
                import wasi:filesystem/preopens@0.2.6;
            }
        ",
        path: ["../../wit/deps/io", "../../wit/deps/clocks", "../../wit/deps/filesystem"],
        world: "wetware:files/files",
        imports: {
            "wasi:filesystem/types.filesystem-error-code": trappable,
            "wasi:filesystem/types.[method]descriptor.read-via-stream": trappable,
            "wasi:filesystem/types.[method]descriptor.write-via-stream": trappable,
            "wasi:filesystem/types.[method]descriptor.append-via-stream": trappable,
            "wasi:filesystem/types.[method]descriptor.advise": trappable,
            "wasi:filesystem/types.[method]descriptor.get-flags": trappable,
            "wasi:filesystem/types.[method]descriptor.get-type": trappable,
            "wasi:filesystem/types.[method]descriptor.is-same-object": trappable,
            "wasi:filesystem/types.[method]descriptor.metadata-hash": trappable,
            "wasi:filesystem/types.[drop]descriptor": trappable,
            "wasi:filesystem/types.[drop]directory-entry-stream": trappable,
            "wasi:filesystem/preopens": trappable,
            default: async | trappable,
        },
        trappable_error_type: {
            "wasi:filesystem/types.error-code" => super::super::error::HostError,
        },
        with: {
            "wasi:io": wasmtime_wasi_io::bindings::wasi::io,
            "wasi:clocks": wasmtime_wasi::p2::bindings::clocks,
            "wasi:filesystem/types.descriptor": super::super::descriptor::Descriptor,
            "wasi:filesystem/types.directory-entry-stream": super::super::entries::EntryStream,
        },
    });
}

pub(crate) use generated::wasi::filesystem::{preopens, types};
