//! Taking memory.

use std::hint::black_box;

const MIB: usize = 1 << 20;

pub(crate) fn at_once() {
    black_box(vec![1_u8; 1024 * MIB]);
}

pub(crate) fn in_steps() {
    let mut taken = Vec::new();
    loop {
        // Written to, or the kernel would not have to find any.
        taken.push(black_box(vec![1_u8; MIB]));
    }
}

pub(crate) fn refused() {
    let mut taken: Vec<u8> = Vec::new();
    println!("{}", if taken.try_reserve_exact(1024 * MIB).is_err() { "refused" } else { "given" });
    println!("{}", if taken.try_reserve_exact(16 * MIB).is_err() { "refused" } else { "given" });
}
