//! The function that a guest imports.

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi_io::streams::{DynInputStream, DynOutputStream};

use crate::state::CellState;

/// The interface, as components import it. Its version is that of `wit/wetware.wit`.
const INTERFACE: &str = "wetware:cell/connection@0.1.0";

type Streams = (Resource<DynInputStream>, Resource<DynOutputStream>);

/// Binds the interface to the connection in a cell's state.
pub(crate) fn add_to_linker(linker: &mut Linker<CellState>) -> wasmtime::Result<()> {
    let mut interface = linker.instance(INTERFACE)?;
    interface.func_wrap("connect", |mut store: StoreContextMut<'_, CellState>, ()| {
        let (reader, writer) = store.data().calls().connect()?;
        let table = store.data_mut().table();
        let input: DynInputStream = Box::new(reader);
        let output: DynOutputStream = Box::new(writer);
        let streams: Streams = (table.push(input)?, table.push(output)?);
        Ok((streams,))
    })
}
