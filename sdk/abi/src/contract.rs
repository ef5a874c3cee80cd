//! The number of the contract.

/// The number of this contract, apart from any version of the product's. It changes when something in this crate, or in
/// `provider.capnp`, changes so that plugins have to be built again; a node loads plugins of its own number only.
pub const CONTRACT: u32 = 1;
