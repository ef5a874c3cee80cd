//! The memory of a cell that waits: its guest has grafted, and nobody calls it.

use anyhow::Result;

use crate::memory::Memory;
use crate::node::Node;
use crate::report::{Report, Unit};

/// Cells before the first look: the engine, the pool's own tables and the code of the guest are in memory then, and so is
/// all that other groups have left behind.
const FIRST: u32 = 100;

/// Cells that are measured, and after how many of them memory is looked at.
const CELLS: u32 = 1000;
const BATCH: u32 = 100;

/// Kibibytes that a cell may hold.
const BAR_KIB: f64 = 100.0;

const EACH: &str = "memory of an idle cell, 1,000 beyond 100";
const BATCHES: &str = "memory of an idle cell, hundred by hundred";
const OWN: &str = "of it, what it shares with no other cell";
const TABLES: &str = "page tables of an idle cell, beyond that";

pub(crate) async fn measure(node: &Node, report: &mut Report) -> Result<()> {
    let mut cells = node.guests(FIRST).await?;
    let start = Memory::now()?;
    let (mut last, mut batches) = (start, Vec::new());
    for _ in 0..CELLS / BATCH {
        cells.extend(node.guests(BATCH).await?);
        let now = Memory::now()?;
        batches.push(kibibytes(now.resident - last.resident, BATCH));
        last = now;
    }
    report.add(EACH, Unit::Kibibytes, vec![kibibytes(last.resident - start.resident, CELLS)]);
    report.add(BATCHES, Unit::Kibibytes, batches);
    report.add(OWN, Unit::Kibibytes, vec![kibibytes(last.own - start.own, CELLS)]);
    report.add(TABLES, Unit::Kibibytes, vec![kibibytes(last.page_tables - start.page_tables, CELLS)]);
    report.bound(EACH, BAR_KIB);
    Ok(())
}

fn kibibytes(bytes: f64, cells: u32) -> f64 {
    bytes / 1024.0 / f64::from(cells)
}
