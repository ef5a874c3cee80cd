//! The table: a row for each file, with what it comes to.

use wasm_encoder::{BlockType, HeapType};

use super::check;
use super::component::{
    exports, handed, holding, import, instances, lists, nested, of_resources, program, tens, tens_beside,
};
use super::module::{Core, blocks, for_ever, loops};
use crate::outcome::{Allowed, Outcome};

/// A test for each row.
macro_rules! rows {
    ($($(#[$doc:meta])+ $name:ident: $file:expr => $outcome:expr,)+) => {
        $(
            $(#[$doc])+
            #[test]
            fn $name() {
                check(&$file, &$outcome);
            }
        )+
    };
}

rows! {
    /// What is not hostile at all: each of the others adds one thing.
    nothing: program(Core::idle()) => Outcome::harmless(""),

    /// A table that begins with more than all elements there can be.
    table_from_the_start: program(Core::idle().tables(1, u64::from(u32::MAX))) =>
        Outcome::refused("component: it has 4294967295 elements in one table, the limit is 100000"),
    /// All that is allowed of tables, from the start.
    tables_allowed: program(Core::idle().tables(64, 100_000)) => Outcome::harmless(""),
    /// A table that grows beyond all limits, of a guest that goes on without that.
    table_at_once: program(Core::running(|code| {
        code.ref_null(HeapType::FUNC).i32_const(i32::MAX).table_grow(0);
        code.i32_const(-1).i32_ne().if_(BlockType::Empty).unreachable().end();
    }).tables(1, 0)) => Outcome::harmless(""),
    /// A table that grows for ever, element by element.
    table_in_steps: program(Core::running(|code| for_ever(code, |code| {
        code.ref_null(HeapType::FUNC).i32_const(1).table_grow(0);
        code.i32_const(-1).i32_eq().if_(BlockType::Empty).unreachable().end();
    })).tables(1, 0)) => Outcome::trap(
        "wasm `unreachable` instruction executed, after a limit was reached: table: it asked for 100001 elements, the limit \
         is 100000",
    ),
    /// An element where its table has none.
    table_written_outside: program(Core::idle().tables(1, 1).element(1)) =>
        Outcome::trap("undefined element: out of bounds table access"),
    /// Tables of one module.
    tables_of_a_module: program(Core::idle().tables(65, 0)) =>
        Outcome::refused("component: it has 65 tables, the limit is 64"),
    /// Tables of many instances.
    tables_of_instances: holding(|component| instances(component, Core::idle().tables(2, 0), 33)) =>
        Outcome::refused("component: it has 66 tables, the limit is 64"),

    /// A memory that begins with all that can be addressed.
    memory_from_the_start: program(Core::idle().memories(1, 65_536)) =>
        Outcome::limit("memory: it asked for 4 GiB, the limit is 256 MiB; --limit memory=… changes it"),
    /// Memories that begin with more than is allowed, all together.
    memories_from_the_start: program(Core::idle().memories(16, 17 * 16)) =>
        Outcome::limit("memory: it asked for 272 MiB, the limit is 256 MiB; --limit memory=… changes it"),
    /// A memory that nobody can allow.
    memory_of_64_bits: program(Core::idle().memory_of_64_bits(1 << 40)) =>
        Outcome::refused("component: it has 72057594037927936 bytes in one memory, the limit is 4294967296"),
    /// Memories of one module.
    memories_of_a_module: program(Core::idle().memories(17, 0)) =>
        Outcome::refused("component: it has 17 memories, the limit is 16"),
    /// Memories of many instances.
    memories_of_instances: holding(|component| instances(component, Core::idle().memories(1, 0), 17)) =>
        Outcome::refused("component: it has 17 memories, the limit is 16"),
    /// A memory that is overwritten as a whole, again and again.
    memory_filled: program(Core::running(|code| for_ever(code, |code| {
        code.i32_const(0).i32_const(1).i32_const(64 << 20).memory_fill(0);
    })).memories(1, 1024)) =>
        Outcome::limit("processor time: the limit is 300ms; --limit cpu=… changes it").allowing(Allowed::Cpu(300)),

    /// As many instances as are allowed.
    instances_allowed: holding(|component| instances(component, Core::idle(), 63)) => Outcome::harmless(""),
    /// One more.
    instances_of_a_module: holding(|component| instances(component, Core::idle(), 64)) =>
        Outcome::refused("component: it has 65 instances of core modules, the limit is 64"),
    /// Thousands.
    instances_by_the_thousand: holding(|component| instances(component, Core::idle(), 10_000)) =>
        Outcome::refused("component: it has 10001 instances of core modules, the limit is 64"),
    /// A million instances of a component, in a few hundred bytes.
    components_in_tens: holding(|component| tens(component, 6)) =>
        Outcome::refused("component: it has 1111113 instances of components inside, the limit is 1000"),
    /// The same by another way.
    components_in_tens_by_alias: holding(|component| tens_beside(component, 6)) =>
        Outcome::refused("component: it has 1111113 instances of components inside, the limit is 1000"),
    /// More than any number tells.
    components_without_number: holding(|component| tens_beside(component, 30)) =>
        Outcome::refused("component: it has 18446744073709551615 instances of components inside, the limit is 1000"),
    /// A component that is handed to another one, which instantiates it.
    components_handed_on: holding(handed) => Outcome::refused(
        "component: it instantiates modules or components that are handed to it, which is not supported",
    ),
    /// Components in each other.
    components_nested: holding(|component| nested(component, 1_000)) =>
        Outcome::refused("component: it has 33 levels of components in each other, the limit is 32"),

    /// Exports of a module.
    exports_of_a_module: program(Core::idle().exports(100_000)) => Outcome::harmless(""),
    /// Exports of a component, more than a parser takes.
    exports_of_a_component: holding(|component| exports(component, 10_000)) => Outcome::refused(
        "component: the file is damaged, or made for another runtime: modules count exceeds limit of 1000",
    ),
    /// Variables of a module.
    globals: program(Core::idle().globals(100_000)) => Outcome::refused(
        "component: it has 1600208 bytes of variables, functions and imports, the limit is 1048576",
    ),
    /// An import with a name that fills screens.
    import_of_a_long_name: holding(|component| import(component, &"a".repeat(10_000))) =>
        Outcome::refused("component: it imports 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…', which nobody provides here"),
    /// Types in each other.
    types_nested: holding(|component| lists(component, 1_000)) => Outcome::refused(
        "component: the file is damaged, or made for another runtime: type nesting is too deep",
    ),

    /// Functions by the thousand.
    functions: program(Core::idle().functions(10_000)) => Outcome::harmless(""),
    /// A function of seven megabytes.
    function_as_long_as_can_be: program(Core::with_locals(2, |code| {
        for _ in 0..1_000_000 {
            code.local_get(0).local_get(1).i64_mul().local_set(0);
        }
    })) => Outcome::harmless(""),
    /// A function that is too long.
    function_too_long: program(Core::running(|code| {
        for _ in 0..8_000_000 {
            code.nop();
        }
    })) => Outcome::refused(
        "component: the file is damaged, or made for another runtime: function body size count exceeds limit of 7654321",
    ),
    /// A function with a frame that the stack has no room for.
    function_of_many_variables: program(Core::with_locals(50_000, |code| {
        for number in 0..50_000 {
            code.local_get((number + 1) % 50_000).i64_const(1).i64_add().local_set(number);
        }
        code.call(0).drop();
    })) => Outcome::trap("call stack exhausted, the limit is 512 KiB"),
    /// Blocks in each other.
    blocks_nested: program(Core::running(|code| blocks(code, 10_000))) => Outcome::harmless(""),
    /// Loops in each other, which take a compiler hours.
    loops_nested: program(Core::running(|code| loops(code, 100_000))) => Outcome::refused(
        "component: it takes longer to compile than 500ms, which is the limit; --limit compile=… changes it",
    ).allowing(Allowed::Compile(500)),
    /// A function of nothing but calls, which takes a compiler a thousand times its length.
    function_of_calls: program(Core::running(|code| {
        for _ in 0..1_000_000 {
            code.call(1);
        }
    }).functions(1)) => Outcome::refused(
        "component: it takes more memory to compile than 128 MiB, which is the limit; --limit compile-memory=… changes it",
    ).allowing(Allowed::CompileMemory(128)),
    /// A jump to more places than a compiler takes.
    jump_to_many_places: program(Core::running(|code| {
        code.block(BlockType::Empty).i32_const(0).br_table((0..100_000).map(|_| 0), 0).end();
    })) => Outcome::refused(
        "component: it cannot be compiled: Unsupported feature: `br_table` has 100000 targets, which exceeds the \
         implementation limit of 65520",
    ),
    /// What no compiler would make: a function that leaves nothing where a number is due.
    function_that_is_none: program(Core::running(|code| {
        code.drop();
    })) => Outcome::refused(
        "component: the file is damaged, or made for another runtime: type mismatch: expected a type but nothing on stack",
    ),

    /// A loop before the program begins.
    start_for_ever: program(Core::idle().function(|code| for_ever(code, |_| {})).starting()) =>
        Outcome::limit("processor time: the limit is 300ms; --limit cpu=… changes it").allowing(Allowed::Cpu(300)),
    /// The same, where only the time on the wall is limited.
    start_for_ever_on_the_clock: program(Core::idle().function(|code| for_ever(code, |_| {})).starting()) =>
        Outcome::limit("wall-clock time: the limit is 300ms; --limit wall=… changes it").allowing(Allowed::Wall(300)),
    /// A function that goes on with itself, without a loop and without a stack.
    tail_calls: program(Core::running(|code| {
        code.call(1);
    }).function(|code| {
        code.return_call(1);
    })) =>
        Outcome::limit("processor time: the limit is 300ms; --limit cpu=… changes it").allowing(Allowed::Cpu(300)),

    /// Resources of its own, for ever.
    resources: of_resources(Core::calling("new", |code| for_ever(code, |code| {
        code.i32_const(7).call(0).drop();
    }))) => Outcome::limit("resources: the limit is 10000 at once"),
}
