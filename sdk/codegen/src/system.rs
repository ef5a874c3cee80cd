//! ww's own schemas, which others may import.

/// The ids of their files. The crate that has their bindings takes the place of bindings of one's own.
pub const SYSTEM_IDS: &[u64] = &[0x9f4e2b7a61c8d302, 0xc1a5b6f0e7d20911, 0xe1d7b3a45c08f926, 0xf3b0c96d27e81a54];
