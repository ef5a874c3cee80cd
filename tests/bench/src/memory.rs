//! What memory this process occupies, as the kernel counts it.

use anyhow::{Context, Result};

/// Bytes at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// In memory and mapped here. What cells share counts for each of them.
    pub(crate) resident: f64,
    /// Of that, what is no file's: nothing else has it.
    pub(crate) own: f64,
    /// What the kernel keeps beyond that, to know where all of it is.
    pub(crate) page_tables: f64,
}

impl Memory {
    pub(crate) fn now() -> Result<Self> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let bytes = |field| bytes(&status, field).with_context(|| format!("/proc/self/status has no {field}"));
        Ok(Self { resident: bytes("VmRSS:")?, own: bytes("RssAnon:")?, page_tables: bytes("VmPTE:")? })
    }
}

fn bytes(status: &str, field: &str) -> Option<f64> {
    let value = status.lines().find_map(|line| line.strip_prefix(field))?;
    Some(value.split_whitespace().next()?.parse::<f64>().ok()? * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_says_so() -> Result<()> {
        let memory = Memory::now()?;
        assert!(
            memory.resident > memory.own && memory.own > memory.page_tables && memory.page_tables > 0.0,
            "{memory:?}"
        );
        Ok(())
    }
}
