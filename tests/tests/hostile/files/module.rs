//! Core modules, part by part.

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, InstructionSink, MemorySection, MemoryType, Module,
    RefType, StartSection, TableSection, TableType, TypeSection, ValType,
};

/// The type of a function that begins a program: it gives 0 where all is well.
const RUN: u32 = 0;

/// The type of a function of nothing.
const PLAIN: u32 = 1;

/// The type of a function that makes one number of another.
const NUMBER: u32 = 2;

/// A core module. Its export `run` begins a program.
#[derive(Default)]
pub(super) struct Core {
    imports: ImportSection,
    functions: FunctionSection,
    tables: TableSection,
    memories: MemorySection,
    globals: GlobalSection,
    exports: ExportSection,
    start: Option<u32>,
    elements: ElementSection,
    code: CodeSection,
}

impl Core {
    /// A module that has nothing and does nothing.
    pub(super) fn idle() -> Self {
        Self::running(|_| {})
    }

    /// A module whose `run` does this, and then gives 0.
    pub(super) fn running(write: impl FnOnce(&mut InstructionSink<'_>)) -> Self {
        Self::default().and_run(0, write)
    }

    /// The same, with so many variables of its own.
    pub(super) fn with_locals(locals: u32, write: impl FnOnce(&mut InstructionSink<'_>)) -> Self {
        Self::default().and_run(locals, write)
    }

    /// The same, with the function `NAME` of `host` to call: its number is 0.
    pub(super) fn calling(name: &str, write: impl FnOnce(&mut InstructionSink<'_>)) -> Self {
        let mut core = Self::default();
        core.imports.import("host", name, EntityType::Function(NUMBER));
        core.and_run(0, write)
    }

    fn and_run(mut self, locals: u32, write: impl FnOnce(&mut InstructionSink<'_>)) -> Self {
        let number = self.imports.len();
        let mut body = Function::new([(locals, ValType::I64)]);
        let mut code = body.instructions();
        write(&mut code);
        code.i32_const(0).end();
        self.functions.function(RUN);
        self.code.function(&body);
        self.exports.export("run", ExportKind::Func, number);
        self
    }

    /// One more function, of nothing. The first one that is added has the number 1.
    pub(super) fn function(mut self, write: impl FnOnce(&mut InstructionSink<'_>)) -> Self {
        let mut body = Function::new([]);
        let mut code = body.instructions();
        write(&mut code);
        code.end();
        self.functions.function(PLAIN);
        self.code.function(&body);
        self
    }

    /// Functions that do nothing.
    pub(super) fn functions(self, count: usize) -> Self {
        (0..count).fold(self, |core, _| core.function(|_| {}))
    }

    /// Has the last function called before anything else.
    pub(super) fn starting(mut self) -> Self {
        self.start = Some(self.functions.len() - 1);
        self
    }

    /// Tables of so many elements each.
    pub(super) fn tables(mut self, count: usize, minimum: u64) -> Self {
        let ty = TableType { element_type: RefType::FUNCREF, table64: false, minimum, maximum: None, shared: false };
        for _ in 0..count {
            self.tables.table(ty);
        }
        self
    }

    /// Puts its first function into a table of its own, at this place.
    pub(super) fn element(mut self, place: i32) -> Self {
        self.elements.active(None, &ConstExpr::i32_const(place), Elements::Functions([0].as_slice().into()));
        self
    }

    /// Memories of so many pages each.
    pub(super) fn memories(mut self, count: usize, minimum: u64) -> Self {
        let ty = MemoryType { minimum, maximum: None, memory64: false, shared: false, page_size_log2: None };
        for _ in 0..count {
            self.memories.memory(ty);
        }
        self
    }

    /// A memory of more than 32 bits can count.
    pub(super) fn memory_of_64_bits(mut self, minimum: u64) -> Self {
        let ty = MemoryType { minimum, maximum: None, memory64: true, shared: false, page_size_log2: None };
        self.memories.memory(ty);
        self
    }

    /// Variables of the module.
    pub(super) fn globals(mut self, count: usize) -> Self {
        let ty = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
        for _ in 0..count {
            self.globals.global(ty, &ConstExpr::i64_const(0));
        }
        self
    }

    /// Its first function under more names.
    pub(super) fn exports(mut self, count: usize) -> Self {
        for number in 0..count {
            self.exports.export(&format!("run{number}"), ExportKind::Func, 0);
        }
        self
    }

    /// All of it, in the order that the format demands.
    pub(super) fn finish(self) -> Module {
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I32]);
        types.ty().function([], []);
        types.ty().function([ValType::I32], [ValType::I32]);
        let mut module = Module::new();
        module.section(&types).section(&self.imports).section(&self.functions).section(&self.tables);
        module.section(&self.memories).section(&self.globals).section(&self.exports);
        if let Some(function_index) = self.start {
            module.section(&StartSection { function_index });
        }
        module.section(&self.elements).section(&self.code);
        module
    }
}

/// Does this for ever.
pub(super) fn for_ever(code: &mut InstructionSink<'_>, write: impl FnOnce(&mut InstructionSink<'_>)) {
    code.loop_(BlockType::Empty);
    write(code);
    code.br(0).end();
}

/// Blocks in each other, with nothing in the innermost.
pub(super) fn blocks(code: &mut InstructionSink<'_>, depth: usize) {
    for _ in 0..depth {
        code.block(BlockType::Empty);
    }
    end(code, depth);
}

/// The same with loops, none of which is ever repeated.
pub(super) fn loops(code: &mut InstructionSink<'_>, depth: usize) {
    for _ in 0..depth {
        code.loop_(BlockType::Empty);
    }
    end(code, depth);
}

fn end(code: &mut InstructionSink<'_>, depth: usize) {
    for _ in 0..depth {
        code.end();
    }
}
