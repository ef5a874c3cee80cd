//! The node and its command line: the crate behind the `ww` binary.
//!
//! Each verb is a module with one entry, an error type of its own, and no knowledge of the command line's parser beyond
//! its arguments: [`init`] scaffolds a guest project, [`build`] compiles one to an image, [`run`] runs an image, [`command`] the command
//! line of a provider. [`cli`]
//! holds what a user can type and says which verb that is.
//!
//! Under the verbs: [`identity`] is the key that a node is known by, [`swarm`] its connections to its peers,
//! [`host_capability`] the node as a guest sees it, [`plugin`] the providers of all other capabilities, and [`control`]
//! how its operator speaks to it.

pub mod build;
pub mod cli;
pub mod command;
pub mod control;
mod data;
pub mod host_capability;
pub mod identity;
pub mod init;
pub mod logging;
pub mod plugin;
mod progress;
mod quantity;
pub mod report;
pub mod run;
pub mod swarm;
pub mod version;
