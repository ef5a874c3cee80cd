//! Taking the processor, and the stack.

use std::hint::black_box;
use std::time::Duration;

pub(crate) fn endless_loop() {
    let mut number = 0_u64;
    loop {
        number = black_box(number.wrapping_add(1));
    }
}

pub(crate) fn endless_sleep() {
    loop {
        std::thread::sleep(Duration::MAX);
    }
}

pub(crate) fn endless_recursion() {
    println!("{}", deeper(1));
}

fn deeper(depth: u64) -> u64 {
    if depth == 0 { 0 } else { deeper(depth.wrapping_add(1)).wrapping_mul(3) ^ depth }
}

/// What a function has in memory lies on another stack than what it calls.
pub(crate) fn endless_recursion_with_frames() {
    println!("{}", deeper_with_frames(1));
}

fn deeper_with_frames(depth: u64) -> u64 {
    let next = black_box([depth; 64])[7].wrapping_add(1);
    if next == 0 { 0 } else { deeper_with_frames(next) + 1 }
}
