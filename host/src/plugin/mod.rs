//! Capability providers: the files that they ship as, what the operator configured for them, and how they run.
//!
//! A [`PluginFile`] is a file that was read once, whole, and checked; its [`Manifest`] says what it provides, as plain
//! data. A [`Library`] is a native one that lies where the dynamic loader can open it. Up to there nothing of a plugin is
//! executed. A [`provider::Started`] runs, and a [`Provider`] is open.
//!
//! - [`manifest`]: what a plugin says of itself;
//! - [`mod@file`]: reading, checking and sealing files of both kinds;
//! - [`library`]: the last checks of a native one, and the place that it is loaded from;
//! - [`settings`]: what the operator says of plugins, in a file and with `--set`;
//! - [`standard`] and [`search`]: the plugins that are looked for without being asked for, and where;
//! - [`plan`]: all of it together: what a node would load; [`order`]: in which order;
//! - [`root`] and [`native`]: loading a native one, and an instance of it;
//! - [`component`]: a component in its cell, which is started again when it fails;
//! - [`provider`]: an instance from its start to its end, whatever kind it is of;
//! - [`open`]: all that a node has open;
//! - [`watchdog`]: sees plugins that block the node's thread;
//! - [`log`]: what plugins say, in the node's log;
//! - [`check`]: whether a plugin keeps the contract, by what it does in a process of its own;
//! - [`verbs`]: what `ww plugin …` does.

pub mod check;
pub mod component;
pub mod file;
pub mod library;
pub mod log;
pub mod manifest;
pub mod native;
pub mod open;
pub mod order;
pub mod plan;
pub mod provider;
pub mod root;
pub mod search;
pub mod settings;
pub mod standard;
pub mod verbs;
pub mod watchdog;

pub use file::{FileError, PluginFile};
pub use library::Library;
pub use manifest::Manifest;
pub use open::{OpenError, Providers};
pub use plan::{Plan, PlanError, Planned};
pub use provider::{Provider, ProviderError};
