//! What a node does for a plugin.

use std::ffi::c_void;

use abi_stable::StableAbi;

use super::waker::RawWaker;

/// What a node does for one running instance of a plugin. It is there for the rest of the process's life.
#[repr(C)]
#[derive(Debug, Clone, Copy, StableAbi)]
pub struct RawServices {
    /// The instance, which only the node can look into.
    pub object: *const c_void,
    /// What can be asked for.
    pub vtable: *const ServicesVtable,
}

/// What can be asked of a node.
#[repr(C)]
#[derive(StableAbi)]
pub struct ServicesVtable {
    /// Writes a line to the node's log: one of [`Level`](crate::Level), the module that says it, the text. From any thread.
    pub log: unsafe extern "C" fn(
        object: *const c_void,
        level: u32,
        module: *const u8,
        module_length: usize,
        text: *const u8,
        text_length: usize,
    ),
    /// Whether lines of a level are written at all. From any thread.
    pub enabled: unsafe extern "C" fn(object: *const c_void, level: u32) -> bool,
    /// Notes that the instance has failed, and why: from now on it is marked so. From any thread.
    pub fail: unsafe extern "C" fn(object: *const c_void, text: *const u8, length: usize),
    /// Runs a task on the worker until it ends or the instance is closed. On the worker only.
    pub spawn: unsafe extern "C" fn(object: *const c_void, task: RawTask),
}

/// A task of a plugin's.
#[repr(C)]
#[derive(Debug, Clone, Copy, StableAbi)]
pub struct RawTask {
    /// The task, which only the plugin can look into.
    pub object: *const c_void,
    /// What can be done with it.
    pub vtable: *const TaskVtable,
}

/// What can be done with a task, on the worker.
#[repr(C)]
#[derive(StableAbi)]
pub struct TaskVtable {
    /// Goes on; says whether the task has ended. One that has ended is not polled again.
    pub poll: unsafe extern "C" fn(object: *const c_void, waker: *const RawWaker) -> bool,
    /// Drops the task, ended or not.
    pub drop: unsafe extern "C" fn(object: *const c_void),
}
