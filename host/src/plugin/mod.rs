//! Plugins: the files that capability providers ship as, and what the operator configured for them.
//!
//! Nothing here executes a plugin. [`PluginFile`] is a file that was read once, whole, and checked; its [`Manifest`] says
//! what it provides, as plain data. A [`Library`] is a native one that lies where the dynamic loader can open it.
//!
//! - [`manifest`]: what a plugin says of itself;
//! - [`file`]: reading, checking and sealing files of both kinds;
//! - [`library`]: the last checks of a native one, and the place that it is loaded from;
//! - [`settings`]: what the operator says of plugins, in a file and with `--set`;
//! - [`standard`] and [`search`]: the plugins that are looked for without being asked for, and where;
//! - [`plan`]: all of it together: what a node would load; [`order`]: in which order;
//! - [`verbs`]: what `ww plugin …` does.

pub mod file;
pub mod library;
pub mod manifest;
pub mod order;
pub mod plan;
pub mod search;
pub mod settings;
pub mod standard;
pub mod verbs;

pub use file::{FileError, PluginFile};
pub use library::Library;
pub use manifest::Manifest;
pub use plan::{Plan, PlanError, Planned};
