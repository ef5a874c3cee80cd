//! What stands above all that is generated.

/// What generated code is allowed, wherever it is included: its shape is its generator's.
pub(crate) const ALLOWED: &str = r#"#![allow(missing_docs, unreachable_pub, dead_code, unused_qualifications, reason = "generated code")]
#![allow(clippy::all, clippy::pedantic, clippy::allow_attributes_without_reason, reason = "generated code")]
#![allow(clippy::unimplemented, clippy::unwrap_used, reason = "generated code")]
"#;
