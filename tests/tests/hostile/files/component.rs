//! Components around core modules.

use wasm_encoder::{
    Alias, ComponentBuilder, ComponentExportKind, ComponentOuterAliasKind, ComponentType, ComponentTypeRef,
    ComponentValType, ExportKind, InstanceType, ModuleArg, PrimitiveValType, TypeBounds, ValType,
};

use super::module::Core;

/// What a program exports.
const RUN: &str = "wasi:cli/run@0.2.6";

/// A program of one module.
pub(super) fn program(core: Core) -> Vec<u8> {
    beside(core, |_| {})
}

/// A program that does nothing, and has this in it besides.
pub(super) fn holding(write: impl FnOnce(&mut ComponentBuilder)) -> Vec<u8> {
    beside(Core::idle(), write)
}

fn beside(core: Core, write: impl FnOnce(&mut ComponentBuilder)) -> Vec<u8> {
    let mut component = ComponentBuilder::default();
    write(&mut component);
    let module = component.core_module(None, &core.finish());
    let instance = component.core_instantiate(None, module, []);
    export_run(&mut component, instance);
    component.finish()
}

/// A program of a module that makes resources of its own, by `new` of `host`.
pub(super) fn of_resources(core: Core) -> Vec<u8> {
    let mut component = ComponentBuilder::default();
    let resource = component.type_resource(None, ValType::I32, None);
    let new = component.resource_new(resource);
    let host = component.core_instantiate_exports(None, [("new", ExportKind::Func, new)]);
    let module = component.core_module(None, &core.finish());
    let instance = component.core_instantiate(None, module, [("host", ModuleArg::Instance(host))]);
    export_run(&mut component, instance);
    component.finish()
}

/// Exports what a core instance calls `run` as a program does.
fn export_run(component: &mut ComponentBuilder, instance: u32) {
    let run = component.core_alias_export(None, instance, "run", ExportKind::Func);
    let ty = type_of_run(component);
    let run = component.lift_func(None, run, ty, []);
    // An instance with exports comes of a component that exports what it is given.
    let mut interface = ComponentBuilder::default();
    let ty = type_of_run(&mut interface);
    let given = interface.import("given", ComponentTypeRef::Func(ty));
    interface.export("run", ComponentExportKind::Func, given, None);
    let interface = component.component(None, interface);
    let exported = component.instantiate(None, interface, [("given", ComponentExportKind::Func, run)]);
    component.export(RUN, ComponentExportKind::Instance, exported, None);
}

fn type_of_run(component: &mut ComponentBuilder) -> u32 {
    let (outcome, encoder) = component.type_defined(None);
    encoder.result(None, None);
    let (ty, mut encoder) = component.type_function(None);
    let no_parameters: [(&str, ComponentValType); 0] = [];
    encoder.async_(false).params(no_parameters).result(Some(ComponentValType::Type(outcome)));
    ty
}

/// So many instances of a module.
pub(super) fn instances(component: &mut ComponentBuilder, core: Core, count: usize) {
    let module = component.core_module(None, &core.finish());
    for _ in 0..count {
        component.core_instantiate(None, module, []);
    }
}

/// So many instances of a component inside.
fn instantiate(component: &mut ComponentBuilder, inside: u32, count: usize) {
    for _ in 0..count {
        component.instantiate(None, inside, NOTHING);
    }
}

const NOTHING: [(&str, ComponentExportKind, u32); 0] = [];

/// A component with ten instances of one inside, which has ten of one inside, and so on: 10^depth in all.
pub(super) fn tens(component: &mut ComponentBuilder, depth: usize) {
    let inside = component.component(None, ten(depth));
    instantiate(component, inside, 1);
}

fn ten(depth: usize) -> ComponentBuilder {
    let mut component = ComponentBuilder::default();
    if let Some(depth) = depth.checked_sub(1) {
        let inside = component.component(None, ten(depth));
        instantiate(&mut component, inside, 10);
    }
    component
}

/// The same, where each is beside the one that it is made of, and knows it by an alias.
pub(super) fn tens_beside(component: &mut ComponentBuilder, depth: usize) {
    let mut last = component.component(None, ComponentBuilder::default());
    for _ in 0..depth {
        let mut next = ComponentBuilder::default();
        let kind = ComponentOuterAliasKind::Component;
        let inside = next.alias(None, Alias::Outer { kind, count: 1, index: last });
        // An export is a number of its own.
        let inside = next.export("inside", ComponentExportKind::Component, inside, None);
        instantiate(&mut next, inside, 10);
        last = component.component(None, next);
    }
    instantiate(component, last, 1);
}

/// A component that instantiates what it is handed.
pub(super) fn handed(component: &mut ComponentBuilder) {
    let mut taker = ComponentBuilder::default();
    let ty = taker.type_component(None, &ComponentType::new());
    let given = taker.import("given", ComponentTypeRef::Component(ty));
    instantiate(&mut taker, given, 10);
    let taker = component.component(None, taker);
    let given = component.component(None, ComponentBuilder::default());
    component.instantiate(None, taker, [("given", ComponentExportKind::Component, given)]);
}

/// Components in each other.
pub(super) fn nested(component: &mut ComponentBuilder, depth: usize) {
    let inside = (1..depth).fold(ComponentBuilder::default(), |inside, _| {
        let mut around = ComponentBuilder::default();
        around.component(None, inside);
        around
    });
    component.component(None, inside);
}

/// An import of something of this name.
pub(super) fn import(component: &mut ComponentBuilder, name: &str) {
    let mut interface = InstanceType::new();
    interface.export("something", ComponentTypeRef::Type(TypeBounds::SubResource));
    let ty = component.type_instance(None, &interface);
    component.import(name, ComponentTypeRef::Instance(ty));
}

/// Lists of lists.
pub(super) fn lists(component: &mut ComponentBuilder, depth: usize) {
    (0..depth).fold(ComponentValType::Primitive(PrimitiveValType::U8), |inside, _| {
        let (ty, encoder) = component.type_defined(None);
        encoder.list(inside);
        ComponentValType::Type(ty)
    });
}

/// Its first module under many names.
pub(super) fn exports(component: &mut ComponentBuilder, count: usize) {
    let module = component.core_module(None, &Core::idle().finish());
    for number in 0..count {
        component.export(format!("module{number}"), ComponentExportKind::Module, module, None);
    }
}
