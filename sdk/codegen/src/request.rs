//! What the schema compiler says of schemas, and the bindings that are made of it.

use std::fs;
use std::path::Path;

use capnp::message::ReaderOptions;
use capnp::schema_capnp::code_generator_request;
use capnp::serialize;
use capnpc::codegen::CodeGenerationCommand;

use crate::Error;
use crate::head::ALLOWED;

/// What the schema compiler says of schemas: a message of the type `CodeGeneratorRequest`.
pub struct Request(Vec<u8>);

/// A file of bindings.
#[derive(Debug, PartialEq, Eq)]
pub struct Bindings {
    /// Its name: `stem_capnp.rs` for `stem.capnp`.
    pub name: String,
    /// What is in it.
    pub text: String,
}

impl From<Vec<u8>> for Request {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Request {
    /// The message.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether one of its schemas imports one of ww's own.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn imports_system(&self) -> Result<bool, Error> {
        let imports = || {
            let message = serialize::read_message(self.0.as_slice(), ReaderOptions::new())?;
            let request: code_generator_request::Reader<'_> = message.get_root()?;
            for file in request.get_requested_files()? {
                if file.get_imports()?.iter().any(|import| crate::SYSTEM_IDS.contains(&import.get_id())) {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        imports().map_err(|error: capnp::Error| Error::Generate(error.to_string()))
    }

    /// The bindings of all its schemas, by their names. Those of ww's own are taken from the crate `system`, if any.
    ///
    /// # Errors
    /// Where the generator does not take it.
    pub fn bindings(&self, system: Option<&str>) -> Result<Vec<Bindings>, Error> {
        // The generator writes to files alone.
        let folder = tempfile::tempdir().map_err(Error::Write)?;
        let provided = system.into_iter().flat_map(|name| crate::SYSTEM_IDS.iter().map(|id| (*id, name.to_owned())));
        let mut generator = CodeGenerationCommand::new();
        generator.output_directory(folder.path()).crates_provide_map(provided.collect());
        generator.run(self.0.as_slice()).map_err(|error| Error::Generate(error.to_string()))?;
        let mut bindings = read(folder.path()).map_err(Error::Write)?;
        bindings.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(bindings)
    }
}

fn read(folder: &Path) -> std::io::Result<Vec<Bindings>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let generated = fs::read_to_string(entry.path())?;
        let name = entry.file_name().to_string_lossy().into_owned();
        found.push(Bindings { name, text: format!("{ALLOWED}{generated}") });
    }
    Ok(found)
}
