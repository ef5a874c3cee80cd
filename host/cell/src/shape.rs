//! What a component is made of, counted before it is compiled.
//!
//! The compiler keeps something for each level of what lies in each other, and writes out every instance of every
//! component inside. So a file of a few hundred bytes can come to more than any machine holds, and a compiler that has
//! begun cannot be stopped.

use wasmparser::{
    BinaryReaderError, ComponentAlias, ComponentExport, ComponentExternalKind, ComponentImport, ComponentInstance,
    ComponentOuterAliasKind, Encoding, Instance, MemoryType, Parser, Payload, SectionLimited, Table,
};

use crate::error::CellError;
use crate::limits::{COMPONENT_INSTANCES, INSTANCES, MEMORIES, MOST_MEMORY, NESTING, TABLE_ELEMENTS, TABLES};

/// Pages of memory have so many bits, where nothing else is said.
const PAGE_LOG2: u32 = 16;

/// Checks that a component can be compiled at all, and that cells may have as much as it begins with.
///
/// # Errors
/// [`CellError::TooMuch`] where that is beyond a limit; as [`CellError::damaged`] where it cannot be read.
pub(crate) fn check(bytes: &[u8]) -> Result<(), CellError> {
    let mut shape = Shape::default();
    for payload in Parser::new(0).parse_all(bytes) {
        shape.read(payload.map_err(damaged)?)?;
    }
    Ok(())
}

fn damaged(error: BinaryReaderError) -> CellError {
    CellError::damaged(error.message())
}

fn at_most(limit: usize, count: u64, what: &'static str) -> Result<(), CellError> {
    if count <= limit as u64 { Ok(()) } else { Err(CellError::TooMuch { count, what, limit: limit as u64 }) }
}

/// What lies in each other where the reader is: components, and at last a module.
#[derive(Default)]
struct Shape(Vec<Level>);

/// A component, or a module, which has none of either inside.
struct Level {
    encoding: Encoding,
    /// What one instance of it comes to.
    weight: Weight,
    modules: Parts,
    components: Parts,
}

/// Modules or components, in the order of their numbers. What is handed to a component is not known.
type Parts = Vec<Option<Weight>>;

/// What one instance comes to, with all that it instantiates in turn.
#[derive(Clone, Copy, Default)]
struct Weight {
    components: u64,
    instances: u64,
    tables: u64,
    memories: u64,
}

impl Weight {
    fn add(&mut self, other: Self) {
        self.components = self.components.saturating_add(other.components);
        self.instances = self.instances.saturating_add(other.instances);
        self.tables = self.tables.saturating_add(other.tables);
        self.memories = self.memories.saturating_add(other.memories);
    }

    fn check(self) -> Result<(), CellError> {
        at_most(COMPONENT_INSTANCES, self.components, "instances of components inside")?;
        at_most(INSTANCES, self.instances, "instances of core modules")?;
        at_most(TABLES, self.tables, "tables")?;
        at_most(MEMORIES, self.memories, "memories")
    }
}

impl Shape {
    fn read(&mut self, payload: Payload<'_>) -> Result<(), CellError> {
        match payload {
            Payload::Version { encoding, .. } => {
                self.0.push(Level::new(encoding));
                return at_most(NESTING, self.0.len() as u64, "levels of components in each other");
            }
            Payload::End(_) => return self.end(),
            _ => {}
        }
        let Some((level, outer)) = self.0.split_last_mut() else { return Ok(()) };
        match payload {
            Payload::TableSection(tables) => level.tables(tables),
            Payload::MemorySection(memories) => level.memories(memories),
            Payload::InstanceSection(instances) => level.instances(instances),
            Payload::ComponentInstanceSection(instances) => level.component_instances(instances),
            Payload::ComponentAliasSection(aliases) => level.aliases(aliases, outer),
            Payload::ComponentImportSection(imports) => level.imports(imports),
            Payload::ComponentExportSection(exports) => level.exports(exports),
            _ => Ok(()),
        }
    }

    fn end(&mut self) -> Result<(), CellError> {
        let Some(Level { encoding, weight, .. }) = self.0.pop() else { return Ok(()) };
        match (self.0.last_mut(), encoding) {
            (None, _) => return weight.check(),
            (Some(around), Encoding::Module) => around.modules.push(Some(weight)),
            (Some(around), Encoding::Component) => around.components.push(Some(weight)),
        }
        Ok(())
    }
}

impl Level {
    fn new(encoding: Encoding) -> Self {
        let weight = match encoding {
            Encoding::Module => Weight { instances: 1, ..Weight::default() },
            Encoding::Component => Weight { components: 1, ..Weight::default() },
        };
        Self { encoding, weight, modules: Parts::new(), components: Parts::new() }
    }

    fn tables(&mut self, tables: SectionLimited<'_, Table<'_>>) -> Result<(), CellError> {
        self.weight.tables += u64::from(tables.count());
        for table in tables {
            at_most(TABLE_ELEMENTS, table.map_err(damaged)?.ty.initial, "elements in one table")?;
        }
        Ok(())
    }

    fn memories(&mut self, memories: SectionLimited<'_, MemoryType>) -> Result<(), CellError> {
        self.weight.memories += u64::from(memories.count());
        for memory in memories {
            let MemoryType { initial, page_size_log2, .. } = memory.map_err(damaged)?;
            let page = 1_u64.checked_shl(page_size_log2.unwrap_or(PAGE_LOG2)).unwrap_or(u64::MAX);
            at_most(MOST_MEMORY, initial.saturating_mul(page), "bytes in one memory")?;
        }
        Ok(())
    }

    fn instances(&mut self, instances: SectionLimited<'_, Instance<'_>>) -> Result<(), CellError> {
        for instance in instances {
            if let Instance::Instantiate { module_index, .. } = instance.map_err(damaged)? {
                self.weight.add(known(&self.modules, module_index)?);
            }
        }
        Ok(())
    }

    fn component_instances(&mut self, instances: SectionLimited<'_, ComponentInstance<'_>>) -> Result<(), CellError> {
        for instance in instances {
            if let ComponentInstance::Instantiate { component_index, .. } = instance.map_err(damaged)? {
                self.weight.add(known(&self.components, component_index)?);
            }
        }
        Ok(())
    }

    fn aliases(&mut self, aliases: SectionLimited<'_, ComponentAlias<'_>>, outer: &[Self]) -> Result<(), CellError> {
        for alias in aliases {
            match alias.map_err(damaged)? {
                ComponentAlias::InstanceExport { kind, .. } => self.part(kind, |_| None),
                ComponentAlias::Outer { kind, count, index } => {
                    let kind = match kind {
                        ComponentOuterAliasKind::CoreModule => ComponentExternalKind::Module,
                        ComponentOuterAliasKind::Component => ComponentExternalKind::Component,
                        ComponentOuterAliasKind::CoreType | ComponentOuterAliasKind::Type => continue,
                    };
                    let around = count.checked_sub(1).map(|count| outer.iter().rev().nth(count as usize));
                    self.part(kind, |own| numbered(around.map_or(Some(own), |it| it?.parts(kind)), index));
                }
                ComponentAlias::CoreInstanceExport { .. } => {}
            }
        }
        Ok(())
    }

    fn imports(&mut self, imports: SectionLimited<'_, ComponentImport<'_>>) -> Result<(), CellError> {
        for import in imports {
            self.part(import.map_err(damaged)?.ty.kind(), |_| None);
        }
        Ok(())
    }

    /// What is exported has one number more from then on.
    fn exports(&mut self, exports: SectionLimited<'_, ComponentExport<'_>>) -> Result<(), CellError> {
        for export in exports {
            let ComponentExport { kind, index, .. } = export.map_err(damaged)?;
            self.part(kind, |own| numbered(Some(own), index));
        }
        Ok(())
    }

    fn parts(&self, kind: ComponentExternalKind) -> Option<&Parts> {
        match kind {
            ComponentExternalKind::Module => Some(&self.modules),
            ComponentExternalKind::Component => Some(&self.components),
            _ => None,
        }
    }

    /// One part more, where it is of a kind that counts.
    fn part(&mut self, kind: ComponentExternalKind, weight: impl FnOnce(&Parts) -> Option<Weight>) {
        let parts = match kind {
            ComponentExternalKind::Module => &mut self.modules,
            ComponentExternalKind::Component => &mut self.components,
            _ => return,
        };
        let weight = weight(parts);
        parts.push(weight);
    }
}

fn numbered(parts: Option<&Parts>, index: u32) -> Option<Weight> {
    parts?.get(index as usize).copied().flatten()
}

/// What an instance of a part comes to. A number that means nothing comes to nothing: the compiler refuses it.
fn known(parts: &Parts, index: u32) -> Result<Weight, CellError> {
    match parts.get(index as usize) {
        Some(None) => Err(CellError::Handed),
        Some(Some(weight)) => Ok(*weight),
        None => Ok(Weight::default()),
    }
}
